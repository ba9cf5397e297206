import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from chassis.database import ReadSession, WriteSession
from contracts.api import gateway as api
from contracts.values import Id, PartyId
from gateway.registry.domain.conformance import NotConformant, Rules, Run, TooManyRuns, TranscriptIsNotGenuine, Trial, judge
from gateway.registry.domain.keys import SIGNATURE
from gateway.registry.domain.parties import Party
from gateway.registry.repository import WritableParties
from gateway.registry.repository import conformance as repository
from gateway.snapshot import public_keys

_CLOCKS_APART = timedelta(minutes=2)


async def begin(session: WriteSession, party_id: PartyId, kind: str, rules: Rules, *, at: datetime) -> Run:
    """Raises TooManyRuns."""
    if await repository.begun_since(session, party_id, at - timedelta(days=1)) >= rules.runs_a_day:
        raise TooManyRuns
    run = Run(Id.new(), party_id, kind, secrets.token_urlsafe(16), "open", at)
    await repository.add(session, run)
    return run


async def end(session: WriteSession, run_id: Id, party_id: PartyId, report: api.Report, rules: Rules, *, at: datetime) -> Run:
    """Judge the report and keep it. What the kit makes of the checks is kept too, and decides nothing.

    Raises NoSuchRun, RunHasEnded, RunHasExpired, TranscriptIsNotGenuine.
    """
    run = await repository.locked(session, run_id, party_id)
    run.check_open(rules, at=at)
    if (report.seed, report.kind) != (run.seed, run.kind):
        raise TranscriptIsNotGenuine("the report is of another run")
    party = await WritableParties(session).locked(party_id)
    trial = Trial(
        kind=run.kind,
        seed=run.seed,
        party=party_id,
        keys=_signature_keys(party, at),
        exchanges=tuple(report.exchanges),
        began_ms=_ms(run.started_at - _CLOCKS_APART),
        until_ms=_ms(at + _CLOCKS_APART),
    )
    # Hundreds of signatures: the door's other requests do not wait for them.
    found = await asyncio.to_thread(judge, trial)
    ended = run.end(found, at=at)
    await repository.save(session, ended, report)
    return ended


async def demand_pass(session: ReadSession, party_id: PartyId, rules: Rules, *, at: datetime) -> None:
    """Production opens only after a recent pass. Raises NotConformant with what the newest run failed."""
    if not rules.are_demanded:
        return
    passed_at = await repository.latest_pass(session, party_id)
    if passed_at is not None and at - passed_at <= rules.pass_lasts:
        return
    newest = await repository.newest_ended(session, party_id)
    failing = [name for name, _ in newest.found] if newest else []
    detail = "no run has passed" if passed_at is None else f"the last pass is older than {rules.pass_lasts.days} days"
    raise NotConformant(detail, failing=failing)


def _signature_keys(party: Party, at: datetime) -> Mapping[str, ec.EllipticCurvePublicKey]:
    """Of either environment: a system may well be tested with the key that it will use."""
    usable = [key for key in party.keys if key.use == SIGNATURE and key.jwk is not None and key.holds(at)]
    return public_keys([{**(key.jwk or {}), "kid": key.kid} for key in usable])


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
