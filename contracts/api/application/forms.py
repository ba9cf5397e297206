"""Forms, the materials asked for, and what is submitted."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from contracts.api.catalogue.elements import FileFormat
from contracts.api.catalogue.matters import Place
from contracts.personal import DocumentText, ValueText
from contracts.strict import Agreed, Answer, Document, Instant, Line, Model
from contracts.values import (
    CertificateId,
    DivisionCode,
    DraftId,
    FileId,
    JudgementId,
    TaskCode,
)

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
    It was vouched for `age_days` ago and may be used until `valid_until`, where the dictionary of fields sets an age; beyond that it
    `is_stale`: shown for comparison, and the applicant says it anew.
    """

    name: str
    title: str
    value: ValueText | None = None
    is_masked: bool = False
    source: str | None = None
    at: Instant | None = None
    is_obtained: bool = False
    age_days: int | None = None
    valid_until: Instant | None = None
    is_stale: bool = False


class WantedMaterial(Answer):
    """A material and how this person may give it; `certificate_id` is what the city holds.

    With `deferrable_days` it may be owed for so many working days 容缺; `formats` are the kinds of files it may be (none named: any).
    """

    code: str
    name: str
    is_required: bool
    how: Literal["held", "upload", "commitment", "waived", "unknown"]
    certificate_id: CertificateId | None = None
    certificate_name: str | None = None
    number_masked: DocumentText | None = None
    note: str | None = None
    deferrable_days: int | None = None
    formats: list[FileFormat] = []


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
    """One material: an uploaded file, a held certificate, a commitment 告知承诺, or what is owed 容缺. Exactly one of the four.

    A file in the place of what the city holds says `because` of what: its source is down, or the holder prefers to upload.
    """

    code: MaterialCode
    file_id: FileId | None = None
    certificate: CertificateUse | None = None
    commitment: Agreed | None = None
    deferred: Agreed | None = None
    because: Literal["source_down", "holder_prefers"] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "GivenMaterial":
        if sum(way is not None for way in (self.file_id, self.certificate, self.commitment, self.deferred)) != 1:
            msg = "a material is given in exactly one way"
            raise ValueError(msg)
        if self.because and self.file_id is None:
            msg = "only a file has a reason"
            raise ValueError(msg)
        return self


class Submit(Model):
    """`values` may leave out what the city vouches for; `version` is that of the form that was filled in, in the `situation` if
    the matter has some and one was chosen. The draft `draft_id` is gone once the case is there; `judgement_id` is what was told
    before about whether the applicant may apply, which never stands in the way. `collect_in` is the district at one of whose
    windows the result is fetched; nothing: where it is decided. With a `place`, where the applicant lives, is registered or chooses to apply, the agency that is
    competent there at the matter's level of exercise decides, whichever agency the task code names."""

    task_code: TaskCode
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    values: Values
    materials: Annotated[list[GivenMaterial], Field(max_length=50)] = Field(default_factory=list)
    situation: SituationCode | None = None
    draft_id: DraftId | None = None
    judgement_id: JudgementId | None = None
    collect_in: DivisionCode | None = None
    place: Place | None = None


class Correct(Model):
    """补正: what the notice asked for, and nothing else."""

    values: Values = Field(default_factory=dict)
    materials: Annotated[list[GivenMaterial], Field(max_length=50)] = Field(default_factory=list)
