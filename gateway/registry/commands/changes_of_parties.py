"""How changes of parties come into force."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.database import WriteSession
from contracts.api import gateway as api
from contracts.values import OfficerId
from gateway.registry.commands.parties import keep
from gateway.registry.domain.keys import KeyIsNotAcceptable, certificate_of, key_of
from gateway.registry.domain.parties_terms import networks_of
from gateway.registry.repository import WritableParties


async def resume(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    said = api.ResumeParty.model_validate(content)
    known = await WritableParties(session).locked(said.party)
    await keep(session, known, known.resume(at=at))


async def renew(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    said = api.RenewParty.model_validate(content)
    known = await WritableParties(session).locked(said.party)
    await keep(session, known, known.renew(said.expires_at, at=at))


async def limit(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    said = api.PartyLimits.model_validate(content)
    known = await WritableParties(session).locked(said.party)
    wanted = {name: getattr(said, name) for name in ("per_second", "burst", "purposes") if getattr(said, name) is not None}
    if "per_day" in said.model_fields_set:
        wanted["per_day"] = said.per_day
    await keep(session, known, known.under(replace(known.terms, **wanted), at=at))


async def place(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    said = api.PartyNetworks.model_validate(content)
    known = await WritableParties(session).locked(said.party)
    await keep(session, known, known.under(replace(known.terms, networks=networks_of(said.networks)), at=at))


async def add_key(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises KeyIsNotAcceptable, KeyIsKnown."""
    said = api.PartyKeyAdded.model_validate(content)
    if (said.use == "tls") != (said.certificate is not None) or (said.use == "tls") == (said.jwk is not None):
        raise KeyIsNotAcceptable("a jwk for signatures and assertions, a certificate for tls")
    if said.jwk is not None:
        key = key_of(said.jwk, said.environment, at=at, by=by, use=said.use, until=said.not_after)
    else:
        key = certificate_of(said.certificate or "", said.environment, at=at, by=by, until=said.not_after)
    known = await WritableParties(session).locked(said.party)
    await keep(session, known, known.with_key(key, at=at))


async def staff(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises DutiesAreNotApart."""
    said = api.PartyOfficers.model_validate(content)
    known = await WritableParties(session).locked(said.party)
    await keep(session, known, known.with_officers(tuple(said.officers), said.duties, at=at))


async def redirect(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises RedirectIsNotAcceptable."""
    said = api.PartyRedirects.model_validate(content)
    known = await WritableParties(session).locked(said.party)
    await keep(session, known, known.with_redirects(tuple(said.redirect_uris), at=at))
