from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chassis.database import WriteSession
from chassis.messaging import publish
from contracts.api import gateway as api
from contracts.events.gateway import PartyChanged
from contracts.values import OfficerId, PartyId
from gateway.registry.commands.conformance import demand_pass
from gateway.registry.domain.conformance import Rules
from gateway.registry.domain.keys import PRODUCTION, SANDBOX, Key, certificate_of, key_of
from gateway.registry.domain.parties import APPLIED, Party, check_redirects
from gateway.registry.domain.parties_terms import Terms, networks_of
from gateway.registry.repository import WritableParties
from gateway.registry.repository.channels import Channels


async def apply(session: WriteSession, wanted: api.ApplyParty, *, by: OfficerId, at: datetime) -> Party:
    check_redirects(tuple(wanted.redirect_uris))
    await check_channels(session, wanted.channels)
    party = Party(
        id=PartyId.new(),
        name=wanted.name,
        kind=wanted.kind,
        status=APPLIED,
        changed_at=at,
        agency=wanted.agency,
        division=wanted.division,
        redirect_uris=tuple(wanted.redirect_uris),
        officers=tuple(wanted.officers),
        applied_by=by,
        terms=_terms(wanted),
        channels=tuple(wanted.channels),
        application=wanted.model_dump(mode="json", include={"contact", "reason", "permissions", "matters"}, exclude_defaults=True),
    )
    for key in _keys(wanted, by, at):
        party = party.with_key(key, at=at)
    await WritableParties(session).add(party)
    return party


def _keys(wanted: api.ApplyParty, by: OfficerId, at: datetime) -> list[Key]:
    return [
        *(key_of(jwk, SANDBOX, at=at, by=by) for jwk in wanted.jwks),
        *(key_of(jwk, PRODUCTION, at=at, by=by) for jwk in wanted.production_jwks),
        *(certificate_of(pem, PRODUCTION, at=at, by=by) for pem in wanted.certificates),
    ]


def _terms(wanted: api.ApplyParty) -> Terms:
    return Terms(wanted.per_second, wanted.burst, wanted.per_day, dict(wanted.purposes), networks_of(wanted.networks), wanted.expires_at)


async def check_channels(session: WriteSession, codes: list[str]) -> None:
    """Raises NoSuchChannel for a code that no channel has."""
    for code in codes:
        await Channels(session).locked(code)


async def approve(session: WriteSession, party_id: PartyId, *, by: OfficerId, at: datetime) -> Party:
    """Its credentials of the sandbox work from now on."""
    known = await WritableParties(session).locked(party_id)
    return await keep(session, known, known.approve(by=by, at=at))


async def open_production(session: WriteSession, party_id: PartyId, rules: Rules, *, by: OfficerId, at: datetime) -> Party:
    """Raises NotConformant, or why the party is not ready for it."""
    known = await WritableParties(session).locked(party_id)
    opened = known.open_production(by=by, at=at)
    if opened is not known:
        await demand_pass(session, party_id, rules, at=at)
    return await keep(session, known, opened)


async def suspend(session: WriteSession, party_id: PartyId, reason: str, *, by: OfficerId, at: datetime) -> Party:
    known = await WritableParties(session).locked(party_id)
    return await keep(session, known, known.suspend(reason, by=by, at=at))


async def withdraw(session: WriteSession, party_id: PartyId, reason: str, *, by: OfficerId, at: datetime) -> Party:
    known = await WritableParties(session).locked(party_id)
    return await keep(session, known, known.withdraw(reason, by=by, at=at))


async def restrict(session: WriteSession, party_id: PartyId, wanted: api.Restrict, *, at: datetime) -> Party:
    """Raises WidensAccess."""
    known = await WritableParties(session).locked(party_id)
    said: dict[str, Any] = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    if wanted.networks is not None:
        said["networks"] = networks_of(wanted.networks)
    terms = replace(known.terms, **{name: value for name, value in said.items() if value is not None})
    return await keep(session, known, known.restrict(terms, at=at))


async def end_what_ran_out(session: WriteSession, *, at: datetime) -> list[Party]:
    """Parties whose day has come and keys that have ended are so in the registry too, and everybody hears of it."""
    parties = WritableParties(session)
    ended = []
    for party_id in await parties.ran_out(at):
        known = await parties.locked(party_id)
        ended.append(await keep(session, known, _without_what_ran_out(known, at)))
    return ended


def _without_what_ran_out(known: Party, at: datetime) -> Party:
    party = known
    for key in known.keys:
        if key.revoked_at is None and not key.holds(at):
            party = party.without_key(key.kid, by=None, at=at)
    if known.is_over(at):
        party = party.lapse(at=at)
    return party


async def keep(session: WriteSession, before: Party, after: Party) -> Party:
    """Save what has changed and tell of it; of what has not, nothing is said.

    Whoever waited for the party's row read the clock before the one it waited for: the later state has the later time.
    """
    if after is before:
        return after
    after = replace(after, changed_at=max(after.changed_at, before.changed_at + timedelta(microseconds=1)))
    await WritableParties(session).save(after)
    await publish(session, changed(after), at=after.changed_at)
    return after


def changed(party: Party) -> PartyChanged:
    """What the mesh is told: of the keys only those that are good where the party now is.

    Nobody signs on at a system that is still being tested, so it has nowhere to send them back to.
    """
    return PartyChanged(
        party_id=party.id,
        name=party.name,
        kind=party.kind,
        status=party.status,
        agency=party.agency,
        jwks=tuple(dict(key.jwk) for key in party.keys_of(party.environment, party.changed_at) if key.jwk is not None),
        redirect_uris=party.redirect_uris if party.environment == PRODUCTION else (),
        changed_at=party.changed_at,
    )
