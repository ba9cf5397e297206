"""Automatic approval 秒批: a table is asked at the submission; it grants at once or leaves the case to an officer.

Whatever it says is kept with the facts it was said about, in shadow as in live mode. Source: ADR-0050.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, update

from chassis import working_days
from chassis.database import WriteSession, written
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.api.catalogue import Definition
from contracts.events.application import CaseAccepted
from contracts.values import BasicCode, CaseNumber, OfficerId
from services.application.commands import handling, outcome
from services.application.commands.ending import said_by
from services.application.commands.moving import move, note_act
from services.application.domain.applicant import Applicant
from services.application.domain.approval import ACCEPTS, DECIDES, Mode, NothingToRecheck, Said, Switch, is_sampled, said_of
from services.application.domain.case import Case, Scope
from services.application.domain.intake import FieldValue
from services.application.domain.lifecycle import MESH, Act
from services.application.domain.materials import CaseMaterial, Way
from services.application.repository import Cases
from services.application.repository.approval import Approvals, Unit
from services.application.tables import approval_switches, automatic_decisions

_LOOKED_AT: Final = frozenset({Way.FILE, Way.DEFERRED, Way.AGENCY_HELP})
"""Somebody has to look at these, so no table grants a case that holds them."""
SAMPLE, ASKED_FOR = "sample", "applicant"


def content_of(values: Sequence[FieldValue]) -> dict[str, Any]:
    """What the certificate of an automatic grant says: the form, and nothing that only an officer knows."""
    return {each.name: each.value for each in values}


async def consider(
    session: WriteSession,
    case: Case,
    definition: Definition,
    values: Sequence[FieldValue],
    materials: Sequence[CaseMaterial],
    sealer: Sealer,
    *,
    is_ready: bool,
    at: datetime,
) -> Case:
    """The case after its table was asked: granted, or as it was. `is_ready` says that its result can be made without an officer."""
    if definition.approval is None:
        return case
    switch = await Approvals(session, sealer).switch(case)
    if switch.mode is Mode.OFF:
        return case
    types = {each.code: each.certificate_type for each in definition.materials}
    used = {kind for each in materials if each.way is Way.CERTIFICATE and (kind := types.get(each.code))}
    said = said_of(definition.approval, values, used)
    await written(session)
    grants = said.grants and is_ready and not any(each.way in _LOOKED_AT for each in materials)
    is_live = grants and switch.mode is Mode.LIVE
    await _keep(
        session, case, said, switch, sealer, grants=grants, is_sampled=is_live and is_sampled(case.number, switch.sample_percent), at=at
    )
    return await _grant(session, case, said, content_of(values), sealer, at=at) if is_live else case


async def switch_to(
    session: WriteSession, scope: Scope, basic_code: BasicCode, wanted: api.SwitchApproval, sealer: Sealer, *, by: OfficerId, at: datetime
) -> None:
    """Which mode a table is in from now on. Raises NotYetLive."""
    approvals, mode = Approvals(session, sealer), Mode(wanted.mode)
    current = await approvals.own_switch(scope.unit, basic_code)
    current.check(mode, by=by, compared=await approvals.compared(scope, basic_code))
    await _say(session, scope.unit, basic_code, mode, wanted.reason, by=by, at=at, sample_percent=wanted.sample_percent)


async def stop(session: WriteSession, unit: Unit | None, wanted: api.StopApprovals, *, by: OfficerId, at: datetime) -> None:
    """Stop every table of the unit, or of the city, at once; or end the stop, so that each is in its own mode again."""
    await _say(session, unit, None, Mode.OFF if wanted.stop else Mode.LIVE, wanted.reason, by=by, at=at)


async def _say(
    session: WriteSession,
    unit: Unit | None,
    basic_code: BasicCode | None,
    mode: Mode,
    reason: str,
    *,
    by: OfficerId,
    at: datetime,
    sample_percent: int = 0,
) -> None:
    row = {"unit": unit, "basic_code": basic_code, "mode": mode.value, "sample_percent": sample_percent, "reason": reason}
    await session.execute(insert(approval_switches).values(row | {"by": by, "at": at}))


async def ask_for_officer(session: WriteSession, number: CaseNumber, applicant: Applicant, sealer: Sealer, *, at: datetime) -> Case:
    """The applicant wants a person to look at what a table granted. Raises NoSuchCase, NoApproval, NothingToRecheck."""
    case = await Cases(session, sealer).of_applicant(number, applicant, lock=True)
    kept = await Approvals(session, sealer).of_case(case)
    if kept.recheck_for is not None or not kept.is_granted:
        raise NothingToRecheck
    await session.execute(update(automatic_decisions).where(automatic_decisions.c.case_id == case.id).values(recheck_for=ASKED_FOR))
    await note_act(session, case, Act.ASK_FOR_OFFICER, by=said_by(applicant), at=at)
    return case


async def recheck(
    session: WriteSession, number: CaseNumber, scope: Scope, wanted: api.Recheck, sealer: Sealer, *, by: OfficerId, at: datetime
) -> None:
    """An officer looks at an automatic grant again and says whether they agree. Raises NoSuchCase, NoApproval, NothingToRecheck."""
    case = await Cases(session, sealer).within(number, scope, act=Act.GRANT, lock=True)
    kept = await Approvals(session, sealer).of_case(case)
    if kept.recheck_for is None or kept.rechecked_by is not None:
        raise NothingToRecheck
    looked = {"rechecked_by": by, "rechecked_at": at, "agrees": wanted.agrees, "recheck_reason": wanted.reason}
    await session.execute(update(automatic_decisions).where(automatic_decisions.c.case_id == case.id).values(looked))


async def _keep(
    session: WriteSession, case: Case, said: Said, switch: Switch, sealer: Sealer, *, grants: bool, is_sampled: bool, at: datetime
) -> None:
    row = {
        "case_id": case.id,
        "agency": case.agency,
        "division": case.division,
        "basic_code": case.task_code.basic,
        "version": case.version,
        "mode": switch.mode.value,
        "table_code": said.table,
        "row_id": said.row,
        "is_grant": grants,
        "said": Approvals.sealed(said, sealer),
        "at": at,
        "recheck_for": SAMPLE if is_sampled else None,
    }
    await session.execute(insert(automatic_decisions).values(row))


async def _grant(session: WriteSession, case: Case, said: Said, content: dict[str, Any], sealer: Sealer, *, at: datetime) -> Case:
    accepted = case.accept(by=ACCEPTS, at=at, calendar=working_days.known())
    accepted = await move(session, case, accepted, Act.ACCEPT, sealer, by=MESH, at=at)
    reviewed = await move(session, accepted, accepted.begin_review(), Act.BEGIN_REVIEW, sealer, by=MESH, at=at)
    await publish(session, CaseAccepted(number=case.number, accepted_by=ACCEPTS, accepted_at=at), at=at, trace=case.trace)
    reason = f"{said.zh} {said.en}"
    granted = await handling.granted(session, reviewed, content, sealer, decided_by=DECIDES, by=MESH, at=at, reason=reason)
    return granted if granted.awaits_certificate else await outcome.close(session, granted, sealer, at=at)
