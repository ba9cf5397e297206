"""What an applicant ends or asks for, and how results reach them."""

from datetime import datetime
from typing import Final

from chassis import working_days
from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.values import CaseNumber, CreditCode, OfficerId
from services.application.commands import outcome
from services.application.commands.moving import move
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case, NobodyActsInIt, Scope
from services.application.domain.lifecycle import AGENT, APPLICANT, Act, Actor, Role
from services.application.repository import Cases

_HANDED_TO: Final = {"applicant": "交申请人 handed to the applicant", "agent": "交代办人 handed to who acts for the applicant"}


async def withdraw(
    session: WriteSession, number: CaseNumber, applicant: Applicant, sealer: Sealer, *, at: datetime, reason: str | None
) -> Case:
    """撤回, before a decision. Raises NoSuchCase, ActNotPossible."""
    case = await Cases(session, sealer).of_applicant(number, applicant, lock=True)
    return await move(session, case, case.withdraw(at=at), Act.WITHDRAW, sealer, by=said_by(applicant), at=at, note=reason)


async def request_hearing(
    session: WriteSession, number: CaseNumber, applicant: Applicant, sealer: Sealer, *, at: datetime, reason: str | None
) -> Case:
    """Raises NoSuchCase, ActNotPossible, NoHearingToAskFor, HearingAskedTooLate."""
    case = await Cases(session, sealer).of_applicant(number, applicant, lock=True)
    asked = case.request_hearing(at=at, calendar=working_days.known())
    return await move(session, case, asked, Act.REQUEST_HEARING, sealer, by=said_by(applicant), at=at, note=reason)


async def hand_over(
    session: WriteSession,
    number: CaseNumber,
    scope: Scope,
    wanted: api.HandOver,
    sealer: Sealer,
    *,
    by: OfficerId,
    unit: CreditCode | None,
    at: datetime,
) -> Case:
    """The result has arrived, handed out by an officer of this `unit`: nothing more will happen.

    Raises NoSuchCase, NotTheUnit, CaseHasChanged, NobodyActsInIt, CaseNotGranted, ResultIsAwaited.
    """
    case = await Cases(session, sealer).within(number, scope, act=Act.CLOSE, lock=True)
    case.check_revision(wanted.revision)
    if wanted.to == "agent" and case.applicant.actor is None:
        raise NobodyActsInIt
    note = _HANDED_TO[wanted.to] if wanted.to else None
    return await outcome.close(session, case, sealer, at=at, by=Actor(Role.WINDOW, case.agency_name, by), unit=unit, note=note)


def said_by(applicant: Applicant) -> Actor:
    return AGENT if applicant.actor else APPLICANT
