"""Forms, files, cases 办件 and their handling by districts and departments."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from contracts.personal import AnyValue, Content, DocumentText, NameText, ValueText
from contracts.strict import Agreed, Answer, Day, Document, Instant, Line, Model, Paragraph
from contracts.values import (
    CaseNumber,
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    ConsentId,
    CreditCode,
    DivisionCode,
    FileId,
    MandateId,
    OfficerId,
    OrganisationId,
    PersonId,
    PersonName,
    ResidentId,
    TaskCode,
)

Status = Literal["submitted", "correction", "accepted", "granted", "refused", "closed"]
MaterialCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
SituationCode = MaterialCode


def _bounded(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 4000:
        msg = "a text has at most 4000 characters"
        raise ValueError(msg)
    if isinstance(value, dict | list):
        if len(value) > 100:
            msg = "a list or an object has at most 100 members"
            raise ValueError(msg)
        for each in value.values() if isinstance(value, dict) else value:
            _bounded(each)
    return value


Values = Annotated[Document, Field(max_length=100), AfterValidator(_bounded)]


class Stored(Answer):
    """An uploaded file. `sha256` in hexadecimal."""

    file_id: FileId
    media_type: str
    size_bytes: int
    sha256: str


class Prefilled(Answer):
    """A field of the form. A held `value` names who vouches for it and since when; the applicant cannot change it.

    A masked one may be left out of a submission, or repeated as it is shown: the case gets the whole of it. What `is_obtained` is
    not typed either: the case gets it from a used certificate, from a registered data item, or has it by itself.
    """

    name: str
    title: str
    value: ValueText | None = None
    is_masked: bool = False
    source: str | None = None
    at: Instant | None = None
    is_obtained: bool = False


class WantedMaterial(Answer):
    """A material and how this person may give it; `certificate_id` is what the city holds."""

    code: str
    name: str
    is_required: bool
    how: Literal["held", "upload", "commitment", "waived", "unknown"]
    certificate_id: CertificateId | None = None
    certificate_name: str | None = None
    number_masked: DocumentText | None = None
    note: str | None = None


class Form(Answer):
    """The application form of one matter for one person. `form_schema` is the JSON Schema of `values` at submission."""

    task_code: TaskCode
    version: int
    name: str
    form_schema: dict[str, Any]
    fields: list[Prefilled]
    materials: list[WantedMaterial]
    illustrative: bool
    situation: str | None = None


class CertificateUse(Model):
    """Use a certificate the city holds instead of an upload. The person agrees to exactly this purpose."""

    certificate_id: CertificateId
    purpose: Line
    consent: Agreed


class GivenMaterial(Model):
    """One material: an uploaded file, a held certificate, or a commitment 告知承诺. Exactly one of the three."""

    code: MaterialCode
    file_id: FileId | None = None
    certificate: CertificateUse | None = None
    commitment: Agreed | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "GivenMaterial":
        if sum(way is not None for way in (self.file_id, self.certificate, self.commitment)) != 1:
            msg = "a material is given in exactly one way"
            raise ValueError(msg)
        return self


class Submit(Model):
    """`values` may leave out what the city vouches for; `version` is that of the form that was filled in, in the `situation` if
    the matter has some and one was chosen."""

    task_code: TaskCode
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    values: Values
    materials: Annotated[list[GivenMaterial], Field(max_length=50)] = Field(default_factory=list)
    situation: SituationCode | None = None


class Correct(Model):
    """补正: what the notice asked for, and nothing else."""

    values: Values = Field(default_factory=dict)
    materials: Annotated[list[GivenMaterial], Field(max_length=50)] = Field(default_factory=list)


class Notice(Answer):
    """一次性告知: everything that is to be supplied, told once. Source: 行政许可法 Art. 32(4)."""

    text: str
    materials: list[str]
    fields: list[str]
    requested_at: Instant


class Step(Answer):
    """One step of a case's history. Citizens see no officer's number."""

    at: Instant
    event: str
    zh: str
    en: str
    by: str
    note: str | None = None


class Case(Answer):
    """A case as its applicant sees it. `due_on` is the last day of the promise; provisional beyond the known calendar.

    With `mandate_id`, `submitted_by` submitted it for the applicant, who is a person where there is no `organisation_id`.
    """

    number: CaseNumber
    task_code: TaskCode
    matter_name: str
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    status: Status
    submitted_at: Instant
    due_on: Day | None = None
    is_due_provisional: bool = False
    notice: Notice | None = None
    reason: str | None = None
    certificate: CertificateIdentifier | None = None
    illustrative: bool
    steps: list[Step] = Field(default_factory=list)
    organisation_id: OrganisationId | None = None
    submitted_by: PersonId | None = None
    mandate_id: MandateId | None = None


class CaseSummary(Answer):
    number: CaseNumber
    matter_name: str
    agency_name: str
    status: Status
    submitted_at: Instant
    due_on: Day | None = None


class Dispatch(Answer):
    """派件: a case waits for its agency. `cursor` is what the next reading of the feed comes `after`."""

    cursor: str
    number: CaseNumber
    reason: Literal["submitted", "corrected"]
    agency: CreditCode
    division: DivisionCode
    at: Instant


class DossierMaterial(Answer):
    """A material as its handler sees it: a file to fetch, the annotated copy of a certificate, or a commitment.

    `is_withdrawn`: its holder no longer agrees that the certificate is used, so its content is not shown.
    """

    code: str
    name: str
    how: Literal["file", "certificate", "commitment"]
    file: Stored | None = None
    certificate: CertificateIdentifier | None = None
    content: Content | None = None
    annotation: str | None = None
    grade: str | None = None
    is_withdrawn: bool = False


class SourcedValue(Answer):
    """A field with where it comes from: `applicant`, or whoever vouches for it."""

    name: str
    title: str
    value: AnyValue
    source: str
    at: Instant


class DossierApplicant(Answer):
    """Who applies, by resident id or credit code; with `agent_name`, that person submitted under the mandate."""

    kind: Literal["person", "organisation"]
    name: NameText
    number: DocumentText
    agent_name: NameText | None = None
    mandate_id: MandateId | None = None


class Dossier(Answer):
    """A case in full, for the agency that handles it."""

    number: CaseNumber
    task_code: TaskCode
    matter_name: str
    agency: CreditCode
    division: DivisionCode
    status: Status
    submitted_at: Instant
    due_on: Day | None = None
    is_due_provisional: bool = False
    values: list[SourcedValue]
    materials: list[DossierMaterial]
    notice: Notice | None = None
    accepted_by: OfficerId | None = None
    steps: list[Step]
    applicant: DossierApplicant


class RequestCorrection(Model):
    """The one notice of what is missing or wrong. Source: 行政许可法 Art. 32(4)."""

    text: Paragraph
    materials: Annotated[list[MaterialCode], Field(max_length=50)] = Field(default_factory=list)
    fields: Annotated[list[Line], Field(max_length=100)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_something(self) -> "RequestCorrection":
        if not self.materials and not self.fields:
            msg = "a notice names at least one material or field"
            raise ValueError(msg)
        return self


class Decide(Model):
    """准予 or 不予, by another officer than the one who accepted. A refusal states its reason (行政许可法 Art. 38).

    `content` adds to the form what the certificate needs and only the agency knows.
    """

    outcome: Literal["grant", "refuse"]
    reason: Paragraph | None = None
    content: Values = Field(default_factory=dict)

    @model_validator(mode="after")
    def _refusals_have_reasons(self) -> "Decide":
        if self.outcome == "refuse" and not self.reason:
            msg = "a refusal states its reason"
            raise ValueError(msg)
        return self


class CaseResult(Answer):
    """What a granted case earned, for the certificate service."""

    number: CaseNumber
    person_id: PersonId
    holder_name: PersonName
    holder_id: ResidentId
    agency: CreditCode
    certificate_type: CertificateTypeCode | None
    content: dict[str, Any]
    decided_at: Instant


class OrganisationResult(Answer):
    """The same of a case of an organisation, which holds what the case earned."""

    number: CaseNumber
    organisation_id: OrganisationId
    holder_name: str
    credit_code: CreditCode
    agency: CreditCode
    certificate_type: CertificateTypeCode | None
    content: dict[str, Any]
    decided_at: Instant


class CaseStanding(Answer):
    """What the gateway asks before data is called for a case: whose it is, who handles it, and whether it `is_alive`.

    A case is alive until it is decided.
    """

    is_alive: bool
    agency: CreditCode
    division: DivisionCode
    person_id: PersonId | None = None
    organisation_id: OrganisationId | None = None
    submitted_by: PersonId | None = None


class Consent(Answer):
    """A person's consent to one use of one certificate.

    It `is_served` once the case is decided. While it is not, withdrawing it takes the certificate out of the handler's sight.
    """

    consent_id: ConsentId
    certificate_id: CertificateId
    case_number: CaseNumber
    purpose: str
    agency_name: str = ""
    given_at: Instant
    withdrawn_at: Instant | None = None
    is_served: bool = False


class ConsentWithdrawn(Answer):
    consent_id: ConsentId
    withdrawn_at: Instant
