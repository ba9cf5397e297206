"""What a client may learn of a person: what the city has verified, and what the person declared themself."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.identity.domain.claims import CLAIMS_OF_SCOPE, SCOPE_OF_CLAIM
from services.identity.domain.persons import Person

_DECLARED: Final[Mapping[str, Any]] = {}
_ALWAYS: Final[Mapping[str, Any]] = {"locale": "zh-CN", "zoneinfo": "Asia/Shanghai"}


def claims_of(person: Person, declared: Mapping[str, Any] = _DECLARED) -> dict[str, Any]:
    """All claims about a person by their standard names.

    `declared` are self-declared ones under the same names. What the city has verified is never taken from there.
    """
    verified = {
        "name": person.name,
        "gender": person.resident_id.sex,
        "birthdate": person.resident_id.birth_date.isoformat(),
        "phone_number": f"+86{person.phone}",
        "phone_number_verified": True,
    }
    said = {name: value for name, value in declared.items() if name in SCOPE_OF_CLAIM and value is not None}
    registered = {"updated_at": int(person.registered_at.timestamp())}
    unproven = {"email_verified": False} if "email" in said else {}
    return {**_ALWAYS, **registered, **said, **unproven, **verified}


def released(claims: Mapping[str, Any], scope: str, named: Iterable[str] = ()) -> dict[str, Any]:
    """Those of the claims that a scope carries or that were asked for by name."""
    carried = {name for each in scope.split() for name in CLAIMS_OF_SCOPE.get(each, ())}
    return {name: value for name, value in claims.items() if name in carried.union(named)}
