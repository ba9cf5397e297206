"""Work forms 二次录入, what the reconciliation found of them, and permits told to who supervises them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.api.application.forms import Values
from contracts.api.application.handling import FormNumber, OfficerAct
from contracts.strict import Answer, Day, Instant, Model, Paragraph
from contracts.values import CaseNumber, CreditCode, Id, OfficerId, TaskCode


class WorkForm(Answer):
    """A printed form for the handling of one case outside: the number of the `form` is entered once, with its check code."""

    form: FormNumber
    case_number: CaseNumber
    revision: int
    check_code: str
    issued_by: OfficerId
    issued_at: Instant
    returned_by: OfficerId | None = None
    returned_at: Instant | None = None


class Finding(Answer):
    """What is wrong with a form: its result has not come back, its case moved otherwise, or it was copied or altered."""

    finding_id: Id
    form: FormNumber
    case_number: CaseNumber
    kind: Literal["unreturned", "overtaken", "copied", "altered"]
    found_at: Instant
    times: int
    settled_at: Instant | None = None
    settled_by: str | None = None
    note: str | None = None


class Reconciliation(Answer):
    """Of one day in the city: numbers given out and results that came back, and all that is open."""

    day: Day
    issued: int
    returned: int
    outstanding: list[WorkForm]
    findings: list[Finding]


class SettleFinding(Model):
    note: Paragraph


class AmendPermit(OfficerAct):
    """What was granted is changed 变更, revoked 撤销, withdrawn 撤回 or cancelled 注销, with reasons.

    `content` is what the certificate says otherwise after a change. Source: 行政许可法 Art. 8, 49, 69, 70.
    """

    kind: Literal["change", "revocation", "withdrawal", "cancellation"]
    reason: Paragraph
    content: Values = Field(default_factory=dict)

    @model_validator(mode="after")
    def _ends_say_nothing_new(self) -> "AmendPermit":
        if self.content and self.kind != "change":
            msg = "only a change says something else"
            raise ValueError(msg)
        return self


class PermitNotice(Answer):
    """A grant, change or revocation in the field of an agency that supervises; received once somebody there says so."""

    notice_id: Id
    supervisor: CreditCode
    kind: Literal["grant", "change", "revocation"]
    number: CaseNumber
    revision: int
    task_code: TaskCode
    matter_name: str
    agency: CreditCode
    agency_name: str
    at: Instant
    received_at: Instant | None = None
    received_by: OfficerId | None = None


class SetSupervisor(Model):
    agency: CreditCode


SupervisedMatter = Annotated[str, Field(pattern=r"^([0-9]{12}|\*)$")]
"""A basic code, or `*` for all that have none of their own."""


class Supervisor(Answer):
    matter: SupervisedMatter
    agency: CreditCode


class SupervisorOfMatter(Model):
    """`provenance` says how sure it is."""

    matter: SupervisedMatter
    agency: CreditCode
    provenance: Literal["official", "recalled", "illustrative"]


class SetSupervisors(Model):
    supervisors: Annotated[list[SupervisorOfMatter], Field(min_length=1, max_length=2000)]
