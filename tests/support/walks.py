"""Every act of the machine with something to do, for tests that walk through it at random."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from chassis import working_days
from contracts.values import CaseId, CaseNumber, CertificateIdentifier, OfficerId, PersonId
from services.application.domain.applicant import Applicant
from services.application.domain.case import (
    AskedFee,
    Case,
    Chair,
    Citation,
    Delivery,
    Extension,
    Inside,
    IntakeRefusal,
    Notice,
    Procedure,
    ReviewStep,
    Special,
    Suspension,
    check_role,
)
from services.application.domain.lifecycle import Act, Actor, Role
from tests.support import cases
from tests.support.clock import TODAY

IDENTIFIER: Final = CertificateIdentifier.of(cases.LICENCE, cases.AGENCY, "0000000001", 1)
SECOND: Final = OfficerId("hp-090")
CHAIR: Final = Chair(OfficerId("hp-099"), "示例·听证主持人")
OTHER_PERSON: Final = PersonId.new()
RUNNING: Final = Suspension(Special.EXPERT_REVIEW, "技术复杂", TODAY, 10)
ELEVEN_DAYS: Final = timedelta(days=11)
CITED: Final = Citation("procedure:1", "现场勘验")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries an act at an instant. `number` is of the step meant, `field` what it depends on or what is changed."""

    act: Act
    role: Role
    officer: OfficerId
    at: datetime
    number: int = 1
    field: str = "address"


def submitted(**changes: Any) -> Case:
    said: dict[str, Any] = {
        "id": CaseId.new(),
        "number": CaseNumber.of(cases.TASK, TODAY.date(), 1),
        "applicant": Applicant(cases.PERSON),
        "task_code": cases.TASK,
        "version": 1,
        "matter_name": "犬类准养证核发",
        "agency": cases.AGENCY,
        "agency_name": "示例·黄浦区公安分局",
        "division": cases.HUANGPU,
        "promised_working_days": 9,
        "is_illustrative": True,
        "submitted_at": TODAY,
        "certificate_type": cases.LICENCE,
    }
    return Case(**said | changes)


def tried(case: Case, attempt: Attempt) -> Case:
    """The case after the attempt. Raises what refuses it."""
    check_role(attempt.act, Actor(attempt.role, "示例", attempt.officer))
    return STEPS[attempt.act](case, attempt)


def _notice(attempt: Attempt, step: int | None = None) -> Notice:
    return Notice("照片不清晰", (), (attempt.field,), attempt.at, (), step)


def _step(attempt: Attempt) -> ReviewStep:
    return ReviewStep(attempt.number, "审查", "符合", (attempt.field,), (), attempt.officer, attempt.at)


def _officer(attempt: Attempt) -> OfficerId | None:
    return None if attempt.role is Role.SYSTEM else attempt.officer


_CALENDAR: Final = working_days.known()
STEPS: Final[dict[Act, Callable[[Case, Attempt], Case]]] = {
    Act.BEGIN_PREREVIEW: lambda case, _: case.begin_prereview(),
    Act.REQUEST_CORRECTION: lambda case, tried: case.request_correction(_notice(tried)),
    Act.CORRECT: lambda case, tried: case.correct(fields=frozenset({tried.field})),
    Act.ACCEPT: lambda case, tried: case.accept(by=_officer(tried), at=tried.at, calendar=_CALENDAR),
    Act.DEEM_ACCEPTED: lambda case, tried: case.deem_accepted(received_at=tried.at, calendar=_CALENDAR),
    Act.REFUSE_INTAKE: lambda case, tried: case.refuse_intake(IntakeRefusal("not_needed"), reason="无需许可", at=tried.at),
    Act.BEGIN_REVIEW: lambda case, tried: case.begin_review(by=tried.officer if tried.role is Role.REVIEWER else None),
    Act.CONCLUDE_STEP: lambda case, tried: case.conclude_step(_step(tried)),
    Act.RETURN: lambda case, tried: case.return_for_correction(_notice(tried, tried.number)),
    Act.BEGIN_PROCEDURE: lambda case, tried: case.begin_procedure(Procedure(Inside.SURVEY, CITED, "核实", tried.at, 5)),
    Act.END_PROCEDURE: lambda case, tried: case.end_procedure("survey", at=tried.at, outcome="符合", officers=(tried.officer, SECOND)),
    Act.SUSPEND: lambda case, tried: case.suspend(Suspension(Special.EXPERT_REVIEW, "技术复杂", tried.at, 10)),
    Act.RESUME: lambda case, tried: case.resume(at=tried.at, outcome="通过"),
    Act.OFFER_HEARING: lambda case, tried: case.offer_hearing(at=tried.at, calendar=_CALENDAR),
    Act.REQUEST_HEARING: lambda case, tried: case.request_hearing(at=tried.at, calendar=_CALENDAR),
    Act.ANNOUNCE_HEARING: lambda case, tried: case.announce_hearing(
        opens_at=tried.at + ELEVEN_DAYS, place="示例厅", chair=CHAIR, at=tried.at, calendar=_CALENDAR
    ),
    Act.HOLD_HEARING: lambda case, tried: case.hold_hearing(at=tried.at, outcome="已举行"),
    Act.EXTEND: lambda case, tried: case.extend(Extension(10, "情况复杂", tried.officer, tried.at), calendar=_CALENDAR),
    Act.GRANT: lambda case, tried: case.grant(by=_officer(tried), at=tried.at, reason=None),
    Act.REFUSE: lambda case, tried: case.refuse(by=tried.officer, at=tried.at, reason="不符合条件"),
    Act.ASK_FEE: lambda case, tried: case.ask_fee(AskedFee(f"工本费 {tried.number}", None, 1000, tried.at)),
    Act.EXTEND_SUPPLY: lambda case, tried: case.extend_supply(tried.at.date()),
    Act.DEEM_RENEWED: lambda case, tried: case.deem_renewed(at=tried.at),
    Act.PRODUCE: lambda case, _: case.produce(),
    Act.ISSUE: lambda case, _: case.issue(IDENTIFIER),
    Act.DELIVER: lambda case, tried: case.deliver(Delivery("window", tried.at)),
    Act.CLOSE: lambda case, tried: case.close(at=tried.at, certificate=IDENTIFIER if tried.role is Role.SYSTEM else None),
    Act.ARCHIVE: lambda case, tried: case.archive("10", at=tried.at),
    Act.WITHDRAW: lambda case, tried: case.withdraw(at=tried.at),
    Act.TERMINATE: lambda case, tried: case.terminate("duplicate", reason="重复申请", at=tried.at),
    Act.RECOUNT: lambda case, _: case.recounted(),
    Act.CHANGE_PERMIT: lambda case, _: case.permit_amended(Act.CHANGE_PERMIT),
    Act.REVOKE_PERMIT: lambda case, _: case.permit_amended(Act.REVOKE_PERMIT),
    Act.WITHDRAW_PERMIT: lambda case, _: case.permit_amended(Act.WITHDRAW_PERMIT),
    Act.CANCEL_PERMIT: lambda case, _: case.permit_amended(Act.CANCEL_PERMIT),
    Act.CHANGE_OWNER: lambda case, _: case.owned_by(OTHER_PERSON),
}
