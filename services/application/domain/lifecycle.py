"""What may follow what in the life of a case 办件: a table that a lawyer can read.

Source: 行政许可法 Art. 32 (intake), 42 and 45 (clock), 44 (result); the chain 申请→受理→流转→审批→发证→归档. ADR-0045.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.values import OfficerId


class Status(StrEnum):
    SUBMITTED = "submitted"
    PREREVIEW = "prereview"
    CORRECTION = "correction"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    REVIEWING = "reviewing"
    SUSPENDED = "suspended"
    GRANTED = "granted"
    REFUSED = "refused"
    PRODUCING = "producing"
    DELIVERING = "delivering"
    CLOSED = "closed"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"

    @property
    def zh(self) -> str:
        return _STATUS_TEXTS[self][0]

    @property
    def en(self) -> str:
        return _STATUS_TEXTS[self][1]


_STATUS_TEXTS: Final = {
    Status.SUBMITTED: ("申报", "Submitted"),
    Status.PREREVIEW: ("预审", "Pre-review"),
    Status.CORRECTION: ("补正", "Correction"),
    Status.ACCEPTED: ("受理", "Accepted"),
    Status.NOT_ACCEPTED: ("不予受理", "Not accepted"),
    Status.REVIEWING: ("审查", "Review"),
    Status.SUSPENDED: ("特别程序", "Special procedure"),
    Status.GRANTED: ("准予", "Granted"),
    Status.REFUSED: ("不予", "Refused"),
    Status.PRODUCING: ("制证", "Result being made"),
    Status.DELIVERING: ("送达", "Delivery"),
    Status.CLOSED: ("办结", "Closed"),
    Status.ARCHIVED: ("归档", "Archived"),
    Status.WITHDRAWN: ("撤回", "Withdrawn"),
    Status.TERMINATED: ("终止", "Terminated"),
}

INTAKE: Final = frozenset({Status.SUBMITTED, Status.PREREVIEW})
"""One phase: it ends in acceptance, a refusal to accept, or the one notice."""
OPEN: Final = INTAKE | {Status.CORRECTION, Status.ACCEPTED, Status.REVIEWING, Status.SUSPENDED}
"""The statuses of a case that nobody has decided."""
FINAL: Final = frozenset({Status.NOT_ACCEPTED, Status.CLOSED, Status.WITHDRAWN, Status.TERMINATED})
"""Nothing follows but the archive."""


class Act(StrEnum):
    """What happens to a case. Its value is the `event` of the record that it leaves in the history."""

    SUBMIT = "submitted"
    BEGIN_PREREVIEW = "prereview_begun"
    REQUEST_CORRECTION = "correction_requested"
    CORRECT = "corrected"
    ACCEPT = "accepted"
    DEEM_ACCEPTED = "deemed_accepted"
    REFUSE_INTAKE = "not_accepted"
    BEGIN_REVIEW = "review_begun"
    CONCLUDE_STEP = "step_concluded"
    RETURN = "returned"
    BEGIN_PROCEDURE = "procedure_begun"
    END_PROCEDURE = "procedure_ended"
    OFFER_HEARING = "hearing_offered"
    REQUEST_HEARING = "hearing_requested"
    ANNOUNCE_HEARING = "hearing_announced"
    HOLD_HEARING = "hearing_held"
    SUSPEND = "suspended"
    RESUME = "resumed"
    EXTEND = "extended"
    GRANT = "granted"
    REFUSE = "refused"
    PRODUCE = "production_begun"
    ISSUE = "result_issued"
    DELIVER = "delivery_begun"
    CLOSE = "closed"
    ARCHIVE = "archived"
    WITHDRAW = "withdrawn"
    TERMINATE = "terminated"
    WITHDRAW_CONSENT = "consent_withdrawn"
    ASK_FOR_OFFICER = "officer_asked_for"
    SUPPLY = "supplied"
    EXTEND_SUPPLY = "supply_extended"
    ASK_FEE = "fee_asked"
    DEEM_RENEWED = "renewal_deemed"
    RECOUNT = "recounted"
    CHANGE_OWNER = "owner_changed"
    CHANGE_PERMIT = "permit_changed"
    REVOKE_PERMIT = "permit_revoked"
    WITHDRAW_PERMIT = "permit_withdrawn"
    CANCEL_PERMIT = "permit_cancelled"

    @property
    def zh(self) -> str:
        return _ACT_TEXTS[self][0]

    @property
    def en(self) -> str:
        return _ACT_TEXTS[self][1]


_ACT_TEXTS: Final = {
    Act.SUBMIT: ("已申报", "Submitted"),
    Act.BEGIN_PREREVIEW: ("开始预审", "Pre-review begun"),
    Act.REQUEST_CORRECTION: ("一次性告知补正", "Correction requested, once and completely"),
    Act.CORRECT: ("已补正", "Corrected"),
    Act.ACCEPT: ("已受理", "Accepted"),
    Act.DEEM_ACCEPTED: ("逾期未告知，视为受理", "Deemed accepted: no notice came in time"),
    Act.REFUSE_INTAKE: ("不予受理", "Not accepted"),
    Act.BEGIN_REVIEW: ("开始审查", "Review begun"),
    Act.CONCLUDE_STEP: ("审查环节已出具意见", "A step of the review has its opinion"),
    Act.RETURN: ("审查环节退回补正", "Returned by a step of the review"),
    Act.BEGIN_PROCEDURE: ("开始期限内的程序", "A procedure inside the term begun"),
    Act.END_PROCEDURE: ("期限内的程序结束", "A procedure inside the term ended"),
    Act.OFFER_HEARING: ("告知听证权利", "Told of the right to a hearing"),
    Act.REQUEST_HEARING: ("申请听证", "A hearing was asked for"),
    Act.ANNOUNCE_HEARING: ("已通知听证时间和地点", "The hearing was announced: when and where"),
    Act.HOLD_HEARING: ("已举行听证", "The hearing was held"),
    Act.SUSPEND: ("进入特别程序，期限暂停计算", "Special procedure begun: the clock stands"),
    Act.RESUME: ("特别程序结束，期限继续计算", "Special procedure ended: the clock goes on"),
    Act.EXTEND: ("延长办理期限", "The term is extended"),
    Act.GRANT: ("准予", "Granted"),
    Act.REFUSE: ("不予", "Refused"),
    Act.PRODUCE: ("开始制证", "The result is being made"),
    Act.ISSUE: ("结果证照已制发", "The certificate was issued"),
    Act.DELIVER: ("开始送达", "The result is on its way"),
    Act.CLOSE: ("已办结", "Closed"),
    Act.ARCHIVE: ("已归档", "Archived"),
    Act.WITHDRAW: ("申请人撤回", "Withdrawn by the applicant"),
    Act.TERMINATE: ("办理终止", "Terminated"),
    Act.SUPPLY: ("已补交容缺材料", "What was owed is supplied"),
    Act.EXTEND_SUPPLY: ("容缺补交期限延长", "What is owed may follow until later"),
    Act.ASK_FEE: ("告知缴费", "A published fee was asked"),
    Act.WITHDRAW_CONSENT: ("已撤回用证同意", "Consent to the use of a certificate withdrawn"),
    Act.ASK_FOR_OFFICER: ("申请人请求人工复核", "The applicant asked that an officer look at it"),
    Act.DEEM_RENEWED: ("逾期未作决定，视为准予延续", "No decision by the day of expiry: deemed renewed"),
    Act.RECOUNT: ("日历变更，期限重新计算", "The calendar changed: terms counted again"),
    Act.CHANGE_OWNER: ("账号合并，办件归属变更", "Accounts were merged: the case is the other account's"),
    Act.CHANGE_PERMIT: ("许可已变更", "The permit was changed"),
    Act.REVOKE_PERMIT: ("许可已撤销", "The permit was revoked"),
    Act.WITHDRAW_PERMIT: ("许可已撤回", "The permit was withdrawn"),
    Act.CANCEL_PERMIT: ("许可已注销", "The permit was cancelled"),
}


class Role(StrEnum):
    """Who acts on a case. Receiving and deciding are apart: a clerk takes it in, reviewers examine it, a decider decides."""

    APPLICANT = "applicant"
    AGENT = "agent"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    DECIDER = "decider"
    HEAD = "head"
    WINDOW = "window"
    SYSTEM = "system"

    @property
    def zh(self) -> str:
        return _ROLE_TEXTS[self][0]

    @property
    def en(self) -> str:
        return _ROLE_TEXTS[self][1]


_ROLE_TEXTS: Final = {
    Role.APPLICANT: ("申请人", "the applicant"),
    Role.AGENT: ("代办人", "who acts for the applicant"),
    Role.CLERK: ("受理人员", "a clerk of the intake"),
    Role.REVIEWER: ("审查人员", "a reviewer"),
    Role.DECIDER: ("决定人员", "a decider"),
    Role.HEAD: ("行政机关负责人", "the head of the agency"),
    Role.WINDOW: ("出证窗口", "who hands results out"),
    Role.SYSTEM: ("系统", "the system"),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: `name` is said to the applicant; the `officer` is for handlers only."""

    role: Role
    name: str
    officer: OfficerId | None = None


UNATTENDED: Final = OfficerId("system")
"""In events, where no officer acted: a case deemed accepted, or granted by a table."""
MESH: Final = Actor(Role.SYSTEM, "系统 system")
APPLICANT: Final = Actor(Role.APPLICANT, "申请人 applicant")
AGENT: Final = Actor(Role.AGENT, "代办人 by mandate")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: from which statuses an act leads to which one, and who may do it. `to` None: the status stays."""

    sources: frozenset[Status]
    to: Status | None
    roles: frozenset[Role]


_REVIEWED: Final = frozenset({Status.REVIEWING})
_UNDECIDED: Final = frozenset({Status.ACCEPTED, Status.REVIEWING, Status.SUSPENDED})
_IN_REVIEW: Final = frozenset({Status.REVIEWING, Status.SUSPENDED})
_APPLICANT: Final = frozenset({Role.APPLICANT, Role.AGENT})
_CLERK: Final = frozenset({Role.CLERK})
_REVIEWER: Final = frozenset({Role.REVIEWER})
_SYSTEM: Final = frozenset({Role.SYSTEM})
_WINDOW: Final = frozenset({Role.WINDOW, Role.SYSTEM})

_PAYABLE: Final = _UNDECIDED | {Status.GRANTED, Status.PRODUCING, Status.DELIVERING}
_HANDED_OUT: Final = frozenset({Status.DELIVERING, Status.CLOSED, Status.ARCHIVED})
_PERMITTED: Final = frozenset({Status.GRANTED, Status.PRODUCING}) | _HANDED_OUT

RULES: Final[dict[Act, Rule]] = {
    Act.BEGIN_PREREVIEW: Rule(frozenset({Status.SUBMITTED}), Status.PREREVIEW, _CLERK | _SYSTEM),
    Act.REQUEST_CORRECTION: Rule(INTAKE, Status.CORRECTION, _CLERK),
    # Back to the status that asked: see `Case.correct`.
    Act.CORRECT: Rule(frozenset({Status.CORRECTION}), Status.SUBMITTED, _APPLICANT),
    Act.ACCEPT: Rule(INTAKE, Status.ACCEPTED, _CLERK | _SYSTEM),
    Act.DEEM_ACCEPTED: Rule(INTAKE, Status.ACCEPTED, _SYSTEM),
    Act.REFUSE_INTAKE: Rule(INTAKE, Status.NOT_ACCEPTED, _CLERK),
    Act.BEGIN_REVIEW: Rule(frozenset({Status.ACCEPTED}), Status.REVIEWING, frozenset({Role.REVIEWER, Role.DECIDER, Role.SYSTEM})),
    Act.CONCLUDE_STEP: Rule(_REVIEWED, None, _REVIEWER),
    Act.RETURN: Rule(_REVIEWED, Status.CORRECTION, _REVIEWER),
    Act.BEGIN_PROCEDURE: Rule(_REVIEWED, None, _REVIEWER),
    Act.END_PROCEDURE: Rule(_IN_REVIEW, None, _REVIEWER),
    Act.SUSPEND: Rule(_REVIEWED, Status.SUSPENDED, _REVIEWER),
    Act.RESUME: Rule(frozenset({Status.SUSPENDED}), Status.REVIEWING, _REVIEWER),
    Act.OFFER_HEARING: Rule(_REVIEWED, None, _REVIEWER),
    Act.REQUEST_HEARING: Rule(_IN_REVIEW, None, _APPLICANT),
    Act.ANNOUNCE_HEARING: Rule(_IN_REVIEW, None, _REVIEWER),
    Act.HOLD_HEARING: Rule(_IN_REVIEW, None, _REVIEWER),
    Act.EXTEND: Rule(_UNDECIDED, None, frozenset({Role.HEAD})),
    Act.GRANT: Rule(_REVIEWED, Status.GRANTED, frozenset({Role.DECIDER, Role.SYSTEM})),
    # Never the system: a table may grant and not refuse.
    Act.REFUSE: Rule(_REVIEWED, Status.REFUSED, frozenset({Role.DECIDER})),
    Act.ASK_FEE: Rule(_PAYABLE, None, _CLERK),
    Act.EXTEND_SUPPLY: Rule(OPEN, None, _CLERK),
    Act.DEEM_RENEWED: Rule(OPEN, None, _SYSTEM),
    Act.PRODUCE: Rule(frozenset({Status.GRANTED}), Status.PRODUCING, _WINDOW),
    # Also later: a change of what was granted makes another version.
    Act.ISSUE: Rule(_HANDED_OUT | {Status.PRODUCING}, None, _SYSTEM),
    Act.DELIVER: Rule(frozenset({Status.GRANTED, Status.PRODUCING, Status.REFUSED}), Status.DELIVERING, _WINDOW),
    Act.CLOSE: Rule(frozenset({Status.GRANTED, Status.REFUSED, Status.PRODUCING, Status.DELIVERING}), Status.CLOSED, _WINDOW),
    Act.ARCHIVE: Rule(FINAL, Status.ARCHIVED, _WINDOW),
    Act.WITHDRAW: Rule(OPEN, Status.WITHDRAWN, _APPLICANT),
    Act.RECOUNT: Rule(frozenset(Status), None, _SYSTEM),
    Act.TERMINATE: Rule(OPEN, Status.TERMINATED, frozenset({Role.CLERK, Role.DECIDER, Role.SYSTEM})),
    Act.CHANGE_OWNER: Rule(frozenset(Status), None, _SYSTEM),
    Act.CHANGE_PERMIT: Rule(_PERMITTED, None, frozenset({Role.DECIDER})),
    Act.REVOKE_PERMIT: Rule(_PERMITTED, None, frozenset({Role.DECIDER})),
    Act.WITHDRAW_PERMIT: Rule(_PERMITTED, None, frozenset({Role.DECIDER})),
    Act.CANCEL_PERMIT: Rule(_PERMITTED, None, frozenset({Role.DECIDER})),
}
"""Every act that moves a case. An act that is not here leaves a record and changes nothing."""
