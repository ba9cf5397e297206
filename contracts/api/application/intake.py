"""Before a submission: drafts, the library of files, what is told about applying; and submissions at a window or by post."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.api.application.forms import GivenMaterial, SituationCode, Submit, Values
from contracts.api.catalogue.guidance import AskEligibility, Ground, MissingInput
from contracts.api.catalogue.guiding import Verdict
from contracts.api.identity.persons import GivenDocument
from contracts.personal import Content, ValueText
from contracts.strict import Answer, Instant, Line, Model
from contracts.values import CaseNumber, CreditCode, DraftId, FileId, JudgementId, PersonName, TaskCode

Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class StartDraft(Model):
    """暂存: what is filled in so far, of the form of `version`. Nothing has to be complete or right yet."""

    task_code: TaskCode
    version: Version
    values: Values = Field(default_factory=dict)
    materials: Annotated[list[GivenMaterial], Field(max_length=50)] = Field(default_factory=list)
    situation: SituationCode | None = None


class SaveDraft(Model):
    """All of the draft anew. `revision` is that of the draft that was edited: whoever saved in between is not overwritten."""

    revision: Version
    version: Version
    values: Values = Field(default_factory=dict)
    materials: Annotated[list[GivenMaterial], Field(max_length=50)] = Field(default_factory=list)
    situation: SituationCode | None = None


class DraftSummary(Answer):
    """Kept until `kept_until`, which moves with every edit."""

    draft_id: DraftId
    task_code: TaskCode
    matter_name: str
    revision: int
    began_at: Instant
    edited_at: Instant
    kept_until: Instant


class FormChange(Answer):
    """What is different about a form since an earlier version, by the names of fields and the codes of materials."""

    version: int
    fields_added: list[str] = []
    fields_removed: list[str] = []
    fields_changed: list[str] = []
    materials_added: list[str] = []
    materials_removed: list[str] = []
    materials_changed: list[str] = []


class Draft(DraftSummary):
    """`changed` tells what a newer version of the matter asks otherwise; None: nothing, or the catalogue does not say now."""

    version: int
    values: Content
    materials: list[GivenMaterial]
    situation: str | None = None
    changed: FormChange | None = None


class FileUse(Answer):
    """A case that uses a file, as which material."""

    number: CaseNumber
    material: str
    name: str
    is_open: bool


class OwnFile(Answer):
    """材料库: a file that was uploaded once and can be given again. `name` is what its owner calls it."""

    file_id: FileId
    name: ValueText | None
    media_type: str
    size_bytes: int
    sha256: str
    stored_at: Instant
    uses: list[FileUse]


class AskJudgement(AskEligibility):
    """预判, with what the applicant says of themself where the city does not know it."""

    task_code: TaskCode


class Judgement(Answer):
    """Whether the applicant may apply, with the reasons. `may_submit` is always so: the law gives the right to apply, and to a
    decision with reasons (行政许可法 Art. 29, 38)."""

    judgement_id: JudgementId
    task_code: TaskCode
    version: int
    answer: Verdict
    zh: str
    en: str
    grounds: list[Ground]
    missing: list[MissingInput]
    judged_at: Instant
    may_submit: Literal[True] = True


class CaseJudgement(Answer):
    """What was told before the submission; the case was submitted all the same."""

    answer: Verdict
    zh: str
    en: str
    judged_at: Instant


class Supply(Model):
    """补交: materials that are owed."""

    materials: Annotated[list[GivenMaterial], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _are_there(self) -> "Supply":
        if any(each.deferred for each in self.materials):
            msg = "what is owed is not deferred again"
            raise ValueError(msg)
        return self


class WindowApplicant(Model):
    """Who applies, as the document says that the officer has in hand, or as the letter says."""

    name: PersonName
    document: GivenDocument


class WindowPrincipal(Model):
    """Who applies through the one at the window: an organisation by its `credit_code`, or another person by name and document."""

    credit_code: CreditCode | None = None
    person: WindowApplicant | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "WindowPrincipal":
        if (self.credit_code is None) == (self.person is None):
            msg = "an organisation or a person"
            raise ValueError(msg)
        return self


class WindowSubmit(Submit):
    """A submission that an officer takes in. `window`: the applicant is there, and an officer of the agency has checked them.
    `post`: it came by letter. Who acts for an organisation or another person by a mandate says so in `acting_for`."""

    applicant: WindowApplicant
    acting_for: WindowPrincipal | None = None
    channel: Literal["window", "post"] = "window"


class ReportOutage(Model):
    """A source of materials that does not answer: `certificate`, `data_item.<code>` or `material.<code>`; and what shows it."""

    source: Annotated[str, Field(pattern=r"^(certificate|data_item\.[a-z][a-z0-9-]{1,40}|material\.[a-z][a-z0-9-]{1,40})$")]
    evidence: Line


class Outage(Answer):
    source: str
    evidence: str
    seen_by: str
    seen_at: Instant
