"""The elements of a guide 办事指南, each with where it comes from. Source: GB/T 39554.2-2020; the national exchange's columns."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.strict import Day, Line, Model, Paragraph
from contracts.values import CertificateTypeCode

Provenance = Literal["official", "recalled", "illustrative"]
Exemption = Literal["certificate", "data_check", "commitment", "agency_help"]
"""免交四方式: a certificate is fetched, data are checked, the applicant commits, another agency helps."""
Channel = Literal["window", "pc", "mobile", "kiosk", "post"]
Served = Literal["person", "enterprise", "institution", "organisation"]
FileFormat = Literal["png", "jpeg", "pdf", "ofd"]
Reach = Literal["nation", "province", "city", "county"]
"""通办范围."""
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]


class Element(Model):
    """One statement of a guide with where it comes from; `source` is the document for `official` ones."""

    text: Paragraph
    provenance: Provenance
    source: Line | None = None


class Fee(Element):
    """收费: `text` is what it is for, `standard` how much; `may_be_reduced` says that it can be reduced or waived, and when."""

    standard: Line | None = None
    may_be_reduced: Paragraph | None = None


class Contact(Element):
    """联系方式: `text` is the number, address or link; `kind` whether questions or complaints go there."""

    kind: Literal["consult", "supervise"]


class Remedy(Element):
    """行政复议 and 行政诉讼: `text` says where and how."""

    kind: Literal["review", "litigation"]


class Question(Model):
    """常见问题."""

    question: Line
    answer: Paragraph
    provenance: Provenance


class SpecialProcedure(Element):
    """特别程序 that stops or runs beside the clock: hearing, expert review, inspection. Its own published limit, if it has one."""

    name: Line
    is_extension: bool = False
    working_days: Annotated[int, Field(ge=0, le=730)] | None = None


class Material(Model):
    """材料. A material from the government names what replaces it and how.

    `data_item` is the registered item of a data check; `deferrable_days` (容缺后补) within how many working days it may follow;
    `accept` the points by which it is reviewed; `basis` what asks for it; `formats` which kinds of files it may be (none named: any).
    """

    code: Code
    name: Line
    source: Literal["applicant", "government", "other"]
    is_required: bool
    exemption: Exemption | None = None
    certificate_type: CertificateTypeCode | None = None
    data_item: Code | None = None
    deferrable_days: Annotated[int, Field(ge=1, le=90)] | None = None
    form: Literal["paper", "electronic", "either"] = "either"
    originals: Annotated[int, Field(ge=0, le=10)] = 1
    copies: Annotated[int, Field(ge=0, le=10)] = 0
    accept: list[Line] = []
    formats: list[FileFormat] = []
    basis: Element | None = None
    blank_form: Line | None = None
    sample: Line | None = None
    note: Line | None = None
    provenance: Provenance


class Step(Model):
    """办理环节: who does it, and within how many working days."""

    name: Line
    by: Line | None = None
    working_days: Annotated[int, Field(ge=0, le=365)]
    provenance: Provenance


class Limit(Model):
    """时限, in working days."""

    working_days: Annotated[int, Field(ge=0, le=365)]
    provenance: Provenance
    source: Line | None = None


class Result(Model):
    """审批结果."""

    name: Line
    kind: Literal["certificate", "approval", "other"] = "certificate"
    certificate_type: CertificateTypeCode | None = None
    sample: Line | None = None
    provenance: Provenance


class Commitment(Element):
    """告知承诺: `text` is what the applicant commits to; `check` how and when it is checked afterwards."""

    check: Paragraph


class Delivery(Model):
    """What can be done from afar, or at the applicant's home 上门办, and whether an appointment is needed."""

    express: bool = False
    materials_by_mail: bool = False
    results_by_mail: bool = False
    online_payment: bool = False
    at_home: bool = False
    appointment: Paragraph | None = None


class Delegation(Model):
    """委托: from these days on, and until, an agency or street accepts or decides in the implementing agency's name."""

    what: Literal["acceptance", "decision"]
    to: Line
    area: Annotated[str, Field(pattern=r"^(?:[0-9]{9}|[0-9]{12})$")]
    from_on: Day
    until_on: Day | None = None
    basis: Element
