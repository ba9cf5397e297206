"""How the materials of a case are given, or why nobody has to give them: what the city holds is not asked for again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from chassis.errors import BodyTooLarge, Invalid
from chassis.working_days import WorkingDays
from contracts.api.application import GivenMaterial
from contracts.api.catalogue import Definition, Material
from contracts.api.identity.credit import CreditStanding
from contracts.problems import application as problems
from contracts.values import CertificateId, CertificateIdentifier, CertificateTypeCode, FileId


class Way(StrEnum):
    FILE = "file"
    CERTIFICATE = "certificate"
    COMMITMENT = "commitment"
    DEFERRED = "deferred"
    DATA_CHECK = "data_check"
    AGENCY_HELP = "agency_help"


WAIVERS: Final = (Way.CERTIFICATE, Way.DATA_CHECK, Way.COMMITMENT, Way.AGENCY_HELP)
"""免交四方式."""
GOT_BY_THE_CITY: Final = {"data_check": Way.DATA_CHECK, "agency_help": Way.AGENCY_HELP}
CERTIFICATES: Final = "certificate"
"""The source that all certificates come from."""


class MaterialIsHeld(Invalid):
    """`materials` were uploaded although the city holds them, and no reason was given."""

    problem = problems.MATERIAL_IS_HELD


class SourceIsNotDown(Invalid):
    """`materials` were uploaded because their source is down, and it is not."""

    problem = problems.SOURCE_NOT_DOWN


class CommitmentBarred(Invalid):
    problem = problems.COMMITMENT_BARRED


def is_promised(given: Iterable[GivenMaterial]) -> bool:
    """Whether the applicant's word is to stand for a proof."""
    return any(each.commitment for each in given)


def check_promises(given: Iterable[GivenMaterial], credit: CreditStanding) -> None:
    """Raises CommitmentBarred."""
    if credit.is_barred and (promised := [each.code for each in given if each.commitment]):
        raise CommitmentBarred(materials=promised)


class MaterialNotOwed(Invalid):
    """`materials` names them."""

    problem = problems.MATERIAL_NOT_OWED


class FormatNotAsked(Invalid):
    """`materials` names them, with the `formats` that each may have."""

    problem = problems.FILE_FORMAT_NOT_ASKED


class FilesTooLarge(BodyTooLarge):
    problem = problems.FILES_TOO_LARGE


@dataclass(frozen=True, slots=True)
class CertificateCopy:
    """The annotated copy 加注件 of a used certificate, as it was given; `valid_until` is its last day."""

    certificate_id: CertificateId
    identifier: CertificateIdentifier
    content: Mapping[str, Any]
    annotation: str
    grade: str
    valid_until: str | None = None


@dataclass(frozen=True, slots=True)
class CaseMaterial:
    """A material of a case: a file, the copy of a certificate, or neither. `issued_by` is the catalogue's word for who issues it.

    `reason` and `evidence` are why it was uploaded although the city holds it; a deferred one is owed until the end of `due_on`.
    """

    code: str
    name: str
    file_id: FileId | None = None
    copy: CertificateCopy | None = None
    way: Way = Way.FILE
    is_required: bool = True
    issued_by: str = "other"
    reason: str | None = None
    evidence: str | None = None
    due_on: date | None = None
    supplied_at: datetime | None = None

    @property
    def is_owed(self) -> bool:
        return self.way is Way.DEFERRED


@dataclass(frozen=True, slots=True)
class Held:
    """What the city was found to hold of the applicant: certificates by type, unless their source `is_away`; `until` is their last day."""

    certificates: Mapping[CertificateId, CertificateTypeCode]
    is_away: bool = False
    until: Mapping[CertificateId, date] = field(default_factory=dict)

    def holds(self, kind: CertificateTypeCode | None) -> bool:
        return kind in self.certificates.values()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a file without opening it."""

    media_type: str
    size_bytes: int


def source_of(material: Material) -> str:
    """Who would be asked for the material, as outages name it."""
    if material.certificate_type:
        return CERTIFICATES
    return f"data_item.{material.data_item}" if material.data_item else f"material.{material.code}"


def is_held(material: Material, held: Held) -> bool:
    return material.exemption in GOT_BY_THE_CITY or held.holds(material.certificate_type)


def claimed_down(definition: Definition, given: Sequence[GivenMaterial]) -> set[str]:
    """The sources that are said to be down."""
    known = {material.code: material for material in definition.materials}
    return {source_of(known[each.code]) for each in given if each.because == "source_down" and each.code in known}


def reasons(
    definition: Definition, given: Sequence[GivenMaterial], held: Held, outages: Mapping[str, str]
) -> dict[str, tuple[str, str | None]]:
    """Material → why it is uploaded although the city holds it, and the evidence; `outages` are sources seen down, with theirs.

    Raises: MaterialIsHeld, SourceIsNotDown.
    """
    known = {material.code: material for material in definition.materials}
    seen = {CERTIFICATES: "intake asked and got no answer", **outages} if held.is_away else outages
    found: dict[str, tuple[str, str | None]] = {}
    unreasoned: list[str] = []
    not_down: list[str] = []
    for each in given:
        material = known[each.code]
        is_unknown = held.is_away and material.certificate_type is not None
        if each.file_id is None or not (material.certificate_type or material.exemption in GOT_BY_THE_CITY):
            continue
        if each.because == "holder_prefers":
            found[each.code] = ("holder_prefers", None)
        elif is_unknown or (each.because and is_held(material, held) and source_of(material) in seen):
            found[each.code] = ("source_down", seen[source_of(material)])
        elif is_held(material, held):
            (not_down if each.because else unreasoned).append(each.code)
    if unreasoned:
        raise MaterialIsHeld(materials=unreasoned)
    if not_down:
        raise SourceIsNotDown(materials=not_down)
    return found


def kept(
    definition: Definition,
    given: Sequence[GivenMaterial],
    copies: Sequence[CaseMaterial],
    why: Mapping[str, tuple[str, str | None]],
    *,
    day: date,
    calendar: WorkingDays,
) -> list[CaseMaterial]:
    """Every material as it is given on `day`."""
    known = {material.code: material for material in definition.materials}
    by_code = {each.code: each for each in copies}
    found = []
    for each in given:
        material = known[each.code]
        if each.certificate:
            found.append(by_code[each.code])
        elif each.deferred and material.deferrable_days:
            due = calendar.after(day, material.deferrable_days)
            found.append(replace(described(material, Way.DEFERRED), due_on=due.on))
        elif each.commitment:
            found.append(described(material, Way.COMMITMENT))
        else:
            reason, evidence = why.get(each.code, (None, None))
            found.append(replace(described(material, Way.FILE), file_id=each.file_id, reason=reason, evidence=evidence))
    return found


def described(material: Material, way: Way) -> CaseMaterial:
    return CaseMaterial(material.code, material.name, way=way, is_required=material.is_required, issued_by=material.source)


def got_by_the_city(definition: Definition, given: Sequence[GivenMaterial]) -> list[CaseMaterial]:
    """What nobody brings because data are checked or another agency helps."""
    codes = {each.code for each in given}
    return [
        described(material, way) for material in definition.materials if material.code not in codes and (way := _got(material)) is not None
    ]


def _got(material: Material) -> Way | None:
    return GOT_BY_THE_CITY.get(material.exemption or "")


def check_files(definition: Definition, given: Sequence[GivenMaterial], files: Mapping[FileId, StoredFile], *, limit_bytes: int) -> None:
    """Raises FilesTooLarge, and FormatNotAsked where a material may not be such a file."""
    if sum(each.size_bytes for each in files.values()) > limit_bytes:
        raise FilesTooLarge
    known = {material.code: material for material in definition.materials}
    wrong = [
        {"material": each.code, "formats": known[each.code].formats}
        for each in given
        if each.file_id and known[each.code].formats and files[each.file_id].media_type not in _media_types(known[each.code].formats)
    ]
    if wrong:
        raise FormatNotAsked(materials=wrong)


def check_owed(owed: Collection[CaseMaterial], given: Sequence[GivenMaterial]) -> None:
    """Raises MaterialNotOwed."""
    codes = [each.code for each in given]
    mine = {each.code for each in owed if each.is_owed}
    if wrong := sorted({code for code in codes if code not in mine or codes.count(code) > 1}):
        raise MaterialNotOwed(materials=wrong)


MEDIA_TYPES: Final = {"png": "image/png", "jpeg": "image/jpeg", "pdf": "application/pdf", "ofd": "application/ofd"}


def _media_types(formats: Collection[str]) -> set[str]:
    return {MEDIA_TYPES[each] for each in formats}
