"""Claims about a person: which scope carries which, and what a request asks for by name. Source: OpenID Connect Core 5."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

CLAIMS_OF_SCOPE: Final[Mapping[str, tuple[str, ...]]] = {
    "profile": (
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}
SCOPE_OF_CLAIM: Final[Mapping[str, str]] = {claim: scope for scope, claims in CLAIMS_OF_SCOPE.items() for claim in claims}
_MAX_CHARACTERS: Final = 8192


@dataclass(frozen=True, slots=True)
class RequestedClaims:
    """The `claims` parameter. `acr` are the values of which one is essential, None where none is; `subject` is who it must be."""

    userinfo: frozenset[str] = frozenset()
    id_token: frozenset[str] = frozenset()
    acr: tuple[str, ...] | None = None
    subject: str | None = None

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that carry these claims: who may not have the scope may not have its claims one by one."""
        return frozenset(SCOPE_OF_CLAIM[name] for name in self.userinfo | self.id_token)


def requested(text: str) -> RequestedClaims:
    """Raises ValueError for what is no claims request. Claims that nobody here knows are left out."""
    if not text:
        return RequestedClaims()
    if len(text) > _MAX_CHARACTERS:
        raise ValueError("too long")
    try:
        said = json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(said, dict):
        raise ValueError("not an object")  # noqa: TRY004 (whoever reads it expects one kind of error)
    places = {place: {} if said.get(place) is None else said[place] for place in ("userinfo", "id_token")}
    if not all(isinstance(each, dict) for each in places.values()):
        raise ValueError("not an object of claims")
    named = {place: frozenset(members) & SCOPE_OF_CLAIM.keys() for place, members in places.items()}
    subjects = [value for members in places.values() for value in _values(members.get("sub"))]
    acr = places["id_token"].get("acr")
    is_essential = isinstance(acr, dict) and acr.get("essential") is True
    return RequestedClaims(
        named["userinfo"], named["id_token"], tuple(_values(acr)) if is_essential else None, subjects[0] if subjects else None
    )


def _values(wanted: Any) -> list[str]:
    if not isinstance(wanted, dict):
        return []
    many = wanted.get("values")
    values = many if isinstance(many, list) else [wanted.get("value")]
    return [each for each in values if isinstance(each, str)]
