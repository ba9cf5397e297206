"""A person's own token for one that acts for another. Source: RFC 8693; ADR-0024."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.values import MandateId, OrganisationId, PersonId
from services.identity.commands import mandates
from services.identity.commands.grants import Issuing, Tokens
from services.identity.domain.clients import EXCHANGE
from services.identity.domain.mandates import Mandate, NoSuchMandate, State
from services.identity.domain.organisations import NoSuchOrganisation
from services.identity.domain.sign_on import ACCESS_TOKEN_LIFE, ProtocolError
from services.identity.repository import Grants, Mandates, Persons, Represented, Sessions, mandate_rules
from services.identity.tokens.signer import TokenSigner, acr_of

GRANT_TYPE: Final = EXCHANGE
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 (the name of a kind of token)
MANDATE: Final = "urn:tongban:params:oauth:token-type:mandate"
ORGANISATION: Final = "urn:tongban:params:oauth:token-type:organisation"

_KEPT: Final = ("sid", "grant", "auth_time", "amr", "cnf")
_OF_THE_ACTOR: Final = frozenset({"openid", "offline_access"})
"""Who signed on and for how long is the actor's own affair: these scopes never pass to another subject."""


@dataclass(frozen=True, slots=True)
class Acting:
    """What an exchange comes to: `claims` are those of the actor's token, `level` what the sign-on is worth now."""

    mandate: Mandate
    claims: Mapping[str, Any]
    scope: str
    level: int


def check_target(form: Mapping[str, str], *, issuer: str) -> None:
    """Raises ProtocolError invalid_target, invalid_request."""
    if any(form.get(name, issuer) != issuer for name in ("resource", "audience")):
        raise ProtocolError("invalid_target", "tokens are for this issuer's own resources")
    if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise ProtocolError("invalid_request", "requested_token_type is an access token")
    if form.get("actor_token_type") != ACCESS_TOKEN or form.get("subject_token_type") not in {MANDATE, ORGANISATION}:
        raise ProtocolError("invalid_request", "actor_token is an access token, subject_token a mandate or an organisation")


async def acting(session: WriteSession, issuing: Issuing, form: Mapping[str, str], *, at: datetime) -> Acting:
    """Raises ProtocolError: what is missing, foreign, over or not yet looks alike."""
    sealer, claims = issuing.sealer, _own_token(issuing, form.get("actor_token", ""), at)
    actor, level = await _level(session, claims, at)
    scope = _narrowed(str(claims["scope"]), form.get("scope"))
    try:
        mandate = await _mandate(session, form, actor, sealer, at)
    except (NoSuchMandate, NoSuchOrganisation):
        raise _unusable() from None
    await _check(session, mandate, actor, sealer, level, at)
    return Acting(mandate, claims, scope, level)


def token(signer: TokenSigner, found: Acting, *, at: datetime) -> Tokens:
    """The token for the mandate's principal, under the actor's sign-on, grant and key, never longer than the mandate."""
    mandate, claims, issued = found.mandate, found.claims, int(at.timestamp())
    expires = issued + int(ACCESS_TOKEN_LIFE.total_seconds())
    until = int(mandate.ends_at.timestamp()) if mandate.ends_at else expires
    access = signer.access_token(
        subject=mandate.principal,
        subject_type="person" if isinstance(mandate.principal, PersonId) else "organisation",
        client_id=claims["client_id"],
        scope=found.scope,
        at=at,
        exp=min(expires, until),
        act={"sub": claims["sub"]},
        mandate={"id": mandate.id, "until": until, "matters": list(mandate.matters)},
        assurance=found.level,
        acr=acr_of(found.level),
        **{name: claims[name] for name in _KEPT if name in claims},
    )
    more = {"issued_token_type": ACCESS_TOKEN, "expires_in": min(expires, until) - issued}
    return Tokens(access, found.scope, token_type="DPoP" if "cnf" in claims else "Bearer", more=more)


def _own_token(issuing: Issuing, token: str, at: datetime) -> dict[str, Any]:
    """The claims of a person's own token: one that acts for another is not exchanged again.

    A token that is bound to a key is exchanged by whoever proves that key.
    """
    claims = issuing.signer.read_access_token(token, at)
    if claims is not None and claims.get("cnf", {}).get("jkt") not in {None, issuing.key}:
        raise ProtocolError("invalid_dpop_proof", "the actor token is bound to another key")
    if (
        claims is None
        or claims["client_id"] != issuing.client.id
        or claims["subject_type"] != "person"
        or "act" in claims
        or "mandate" in claims
    ):
        raise ProtocolError("invalid_request", "the actor token is not this client's token of a person who acts for themself")
    return claims


async def _level(session: WriteSession, claims: Mapping[str, Any], at: datetime) -> tuple[PersonId, int]:
    sign_on, grant = await Sessions(session).get(claims["sid"]), await Grants(session).get(claims["grant"])
    if sign_on is None or not sign_on.is_live(at) or grant is None or grant.revoked_at is not None:
        raise ProtocolError("invalid_grant", "the sign-on has ended")
    return PersonId(claims["sub"]), min(claims["assurance"], sign_on.level(at))


def _narrowed(held: str, asked: str | None) -> str:
    """Raises ProtocolError invalid_scope for more than the actor's token has."""
    may = [each for each in held.split() if each not in _OF_THE_ACTOR]
    if asked is None:
        return " ".join(may)
    if not set(asked.split()) <= set(may):
        raise ProtocolError("invalid_scope", "a token that acts for another has no more scope than its actor's")
    return " ".join(dict.fromkeys(asked.split()))


async def _mandate(session: WriteSession, form: Mapping[str, str], actor: PersonId, sealer: Sealer, at: datetime) -> Mandate:
    said = form.get("subject_token", "")
    if form["subject_token_type"] == ORGANISATION:
        if (organisation := OrganisationId.read(said)) is None:
            raise NoSuchOrganisation
        return await mandates.representative_of(session, organisation, actor, sealer, at=at)
    if (mandate_id := MandateId.read(said)) is None:
        raise NoSuchMandate
    return await Mandates(session, sealer).get(mandate_id)


async def _check(session: WriteSession, mandate: Mandate, actor: PersonId, sealer: Sealer, level: int, at: datetime) -> None:
    """Dates, both levels, and that the principal is still who may be acted for."""
    if mandate.agent != actor or mandate.state(at) is not State.ACTIVE:
        raise _unusable()
    rule = mandate_rules().kinds[mandate.kind]
    if level < rule.agent_assurance:
        raise ProtocolError("invalid_request", f"this mandate takes {acr_of(rule.agent_assurance)}, the sign-on has {acr_of(level)}")
    if isinstance(mandate.principal, PersonId):
        principal_level = (await Persons(session, sealer).get(mandate.principal)).assurance
    else:
        organisation = await Represented(session).get(mandate.principal)
        principal_level = organisation.assurance
        if organisation.status != "active":
            raise _unusable()
    if principal_level < rule.principal_assurance:
        raise _unusable()


def _unusable() -> ProtocolError:
    return ProtocolError("invalid_request", "the subject token is no mandate that this actor can use now")
