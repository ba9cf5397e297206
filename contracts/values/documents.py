"""Documents by which natural persons are known 证件. Source: facts of standards, section 1.2."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Self

from contracts.values.checks import permit_check
from contracts.values.people import ResidentId

RESIDENT_FAMILY: Final = "RIC"
_COUNTRY: Final = re.compile(r"[A-Z]{3}")
_ISSUES: Final = re.compile(r"[0-9]{2}")


class DocumentType(StrEnum):
    """Our codes; what partners call them is data (`services/identity/seed/document_types.json`)."""

    RIC = "RIC"
    TMP_RIC = "TMP_RIC"
    HUKOU = "HUKOU"
    HMT_RES_HK = "HMT_RES_HK"
    HMT_RES_MO = "HMT_RES_MO"
    HMT_RES_TW = "HMT_RES_TW"
    HM_PERMIT = "HM_PERMIT"
    TW_PERMIT = "TW_PERMIT"
    FPR_2023 = "FPR_2023"
    FPR_2017 = "FPR_2017"
    PASSPORT_CN = "PASSPORT_CN"
    PASSPORT_FOREIGN = "PASSPORT_FOREIGN"
    OFFICER = "OFFICER"


_RESIDENCE: Final[Mapping[DocumentType, str]] = {
    DocumentType.HMT_RES_HK: "810000",
    DocumentType.HMT_RES_MO: "820000",
    DocumentType.HMT_RES_TW: "830000",
}
_NUMBERED_AS_RESIDENTS: Final = frozenset({DocumentType.RIC, DocumentType.TMP_RIC, DocumentType.HUKOU, *_RESIDENCE})
_PATTERNS: Final[Mapping[DocumentType, re.Pattern[str]]] = {
    DocumentType.HM_PERMIT: re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?"),
    DocumentType.TW_PERMIT: re.compile(r"[0-9]{8}|[0-9]{10}[A-Z]?"),
    DocumentType.FPR_2023: re.compile(r"9[0-9]{16}[0-9X]"),
    DocumentType.FPR_2017: re.compile(r"[A-Z]{3}[0-9]{12}"),
    DocumentType.PASSPORT_CN: re.compile(r"E[0-9A-HJ-NP-Z][0-9]{7}|G[0-9]{8}"),
    DocumentType.PASSPORT_FOREIGN: re.compile(r"[A-Z0-9]{5,17}"),
    DocumentType.OFFICER: re.compile(r"\w[\w（）()·. -]{1,19}"),
}
_HM_PERSON: Final = 9
"""The letter and eight digits that stay with a person; the last two digits count the issues of the card."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document in its canonical form. `country` (ISO 3166 alpha-3) is that of a foreign passport, and only of one.

    The check digit of the card of 2023 is published nowhere we could read, so its last digit is not checked.

    Raises: ValueError.
    """

    type: DocumentType
    number: str
    country: str | None = None

    def __post_init__(self) -> None:
        number = unicodedata.normalize("NFKC", self.number).strip().upper()
        object.__setattr__(self, "number", number)
        if (self.type is DocumentType.PASSPORT_FOREIGN) != (self.country is not None):
            raise ValueError("a foreign passport names its country, and no other document does")
        if self.country is not None and (not _COUNTRY.fullmatch(self.country) or self.country == "CHN"):
            raise ValueError("not the code of a foreign country")
        if self.type in _NUMBERED_AS_RESIDENTS:
            ResidentId(number)
            if not number.startswith(_RESIDENCE.get(self.type, "")):
                raise ValueError("not a number of this kind of residence permit")
        elif not _PATTERNS[self.type].fullmatch(number) or not _CHECKS.get(self.type, _anything)(number):
            raise ValueError(f"not a number of a {self.type}")

    @classmethod
    def compared_as(cls, type_: DocumentType, compared: str, *, country: str | None, issues: str | None) -> Self:
        """The document whose `compared` and `issues` these are."""
        return cls(type_, compared.removeprefix(country or "") + (issues or ""), country)

    @property
    def family(self) -> str:
        """Documents of one family share their numbers: an identity card, a temporary one and a household register carry the same."""
        return RESIDENT_FAMILY if self.type in _NUMBERED_AS_RESIDENTS else self.type.value

    @property
    def compared(self) -> str:
        """What two documents of one family have in common when they are one person's."""
        if self.type is DocumentType.HM_PERMIT:
            return self.number[:_HM_PERSON]
        return f"{self.country or ''}{self.number}"

    @property
    def issues(self) -> str | None:
        """How often the card was issued, where it says so."""
        return self.number[_HM_PERSON:] or None if self.type is DocumentType.HM_PERMIT else None

    @property
    def resident_id(self) -> ResidentId | None:
        return ResidentId(self.number) if self.type in _NUMBERED_AS_RESIDENTS else None

    @property
    def birth_date(self) -> date | None:
        """Where the number tells it."""
        if self.type is DocumentType.FPR_2023:
            return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))
        return self.resident_id.birth_date if self.resident_id else None

    def masked(self) -> str:
        """At most the first and last third, never more than seven characters in all."""
        if self.resident_id:
            return self.resident_id.masked()
        shown = min(len(self.number) // 3, 3)
        return f"{self.number[:shown]}{'*' * (len(self.number) - 2 * shown)}{self.number[-shown:] if shown else ''}"


def typed_as(username: str) -> tuple[str, ...]:
    """What a document may be compared as whose number somebody typed; a foreign passport's comes after its country's code."""
    typed = unicodedata.normalize("NFKC", username).strip().upper()
    is_permit = _PATTERNS[DocumentType.HM_PERMIT].fullmatch(typed) and _ISSUES.fullmatch(typed[_HM_PERSON:])
    return (typed, typed[:_HM_PERSON]) if is_permit else (typed,)


def _anything(_: str) -> bool:
    return True


def _is_born(number: str) -> bool:
    date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return True


def _is_permit(number: str) -> bool:
    return permit_check(number[:14]) == number[14]


_CHECKS: Final[Mapping[DocumentType, Callable[[str], bool]]] = {DocumentType.FPR_2023: _is_born, DocumentType.FPR_2017: _is_permit}
