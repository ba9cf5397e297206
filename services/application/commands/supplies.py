"""容缺后补: what a case was taken in without follows later."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.values import CaseNumber
from services.application.commands.ending import said_by
from services.application.commands.intake import record_consents
from services.application.commands.moving import note_act
from services.application.domain.applicant import Applicant
from services.application.domain.case import ActNotPossible, Case
from services.application.domain.lifecycle import OPEN, Act
from services.application.domain.materials import CaseMaterial, check_owed
from services.application.repository import Cases


def check_open(case: Case) -> None:
    """Raises ActNotPossible once the case is decided."""
    if case.status not in OPEN:
        raise ActNotPossible(f"the case is {case.status}", status=case.status.value)


async def supply(
    session: WriteSession,
    number: CaseNumber,
    applicant: Applicant,
    given: Sequence[api.GivenMaterial],
    materials: Sequence[CaseMaterial],
    sealer: Sealer,
    *,
    at: datetime,
) -> tuple[Case, list[CaseMaterial]]:
    """The case, and its materials as they are now. Raises NoSuchCase, ActNotPossible, MaterialNotOwed."""
    cases = Cases(session, sealer)
    case = await cases.of_applicant(number, applicant, lock=True)
    check_open(case)
    owed = {each.code: each for each in await cases.materials(case)}
    check_owed(owed.values(), given)
    supplied = [replace(each, due_on=owed[each.code].due_on, supplied_at=at) for each in materials]
    await cases.put_materials(case, supplied)
    await record_consents(session, case, given, at)
    names = "、".join(each.name for each in supplied)
    await note_act(session, case, Act.SUPPLY, by=said_by(applicant), at=at, note=names)
    return case, list((owed | {each.code: each for each in supplied}).values())
