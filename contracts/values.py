"""Identifiers and value types on the wire. Each is a `str` that cannot exist in an invalid form.

Constructing one from bad text raises `ValueError`; pydantic reports it like any other invalid field.
"""

import re
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from contracts.uuid7 import uuid7

_BASE36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE31: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Value(str):
    """Text with one canonical form, checked on construction."""

    __slots__ = ()
    PATTERN: ClassVar[re.Pattern[str]]
    TITLE: ClassVar[str]

    def __new__(cls, text: str) -> Self:
        canonical = cls.canonical(text)
        if not cls.PATTERN.fullmatch(canonical):
            msg = f"not a {cls.TITLE}"
            raise ValueError(msg)
        cls.check(canonical)
        return super().__new__(cls, canonical)

    @classmethod
    def canonical(cls, text: str) -> str:
        return text

    @classmethod
    def check(cls, text: str) -> None:
        """Raise `ValueError` where the pattern alone cannot tell, such as a check character."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(strict=True, max_length=128), serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{cls.PATTERN.pattern}$", "title": cls.TITLE}


class Id(Value):
    """A UUID in its canonical lower-case text; new ones are version 7, so they sort by time."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
    TITLE = "UUID in lower case"

    @classmethod
    def canonical(cls, text: str | UUID) -> str:
        return str(text)

    @classmethod
    def new(cls) -> Self:
        return cls(str(uuid7()))


class PersonId(Id):
    __slots__ = ()


class PartyId(Id):
    __slots__ = ()


class CaseId(Id):
    __slots__ = ()


class EventId(Id):
    __slots__ = ()


class CertificateId(Id):
    __slots__ = ()


class RatingId(Id):
    __slots__ = ()


class TicketId(Id):
    __slots__ = ()


class FileId(Id):
    __slots__ = ()


class ConsentId(Id):
    __slots__ = ()


class PresentationId(Id):
    __slots__ = ()


class ImportId(Id):
    __slots__ = ()


class SessionId(Id):
    __slots__ = ()


class Assurance(IntEnum):
    """How sure the city is of a person. Source: facts of 统一身份认证, levels L1-L4."""

    PHONE = 1
    REAL_NAME = 2
    REAL_PERSON = 3
    CERTIFIED = 4


class Grade(IntEnum):
    """How sensitive data is. Source: 数据安全法 Art. 21 and the city's grading in four steps."""

    PUBLIC = 1
    INTERNAL = 2
    PERSONAL = 3
    SENSITIVE = 4


class MatterType(StrEnum):
    """事项类型. Source: GB/T 39046-2020 A.1."""

    LICENCE = "01"
    PENALTY = "02"
    COMPULSION = "03"
    LEVY = "04"
    BENEFIT = "05"
    INSPECTION = "06"
    CONFIRMATION = "07"
    REWARD = "08"
    ADJUDICATION = "09"
    OTHER = "10"
    PUBLIC_SERVICE = "20"


def resident_check(first17: str) -> str:
    """Check character of a resident identity number. Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    return "10X98765432"[sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(first17)) % 11]


def organisation_check(first8: str) -> str:
    """Check character of an organisation code. Source: GB 11714-1997."""
    remainder = 11 - sum(_BASE36.index(c) * w for c, w in zip(first8, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


def credit_check(first17: str) -> str:
    """Check character of a unified social credit code. Source: GB 32100-2015."""
    return _BASE31[(31 - sum(_BASE31.index(c) * pow(3, i, 31) for i, c in enumerate(first17)) % 31) % 31]


def mod37_36(text: str) -> str:
    """Check character of an alphanumeric string. Source: ISO 7064 MOD 37,36 (GB/T 17710)."""
    product = 36
    for character in text:
        product = ((product + _BASE36.index(character)) % 36 or 36) * 2 % 37
    return _BASE36[(37 - product) % 36]


_PROVINCES: Final = frozenset(
    f"{n}"
    for block in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66), (71, 81, 82, 83))
    for n in block
)


class ResidentId(Value):
    """公民身份号码. Only the first two digits of the division are known for life: abolished divisions stay valid.

    Source: GB 11643-1999.
    """

    __slots__ = ()
    PATTERN = re.compile(r"[0-9]{17}[0-9X]")
    TITLE = "resident identity number"

    @classmethod
    def canonical(cls, text: str) -> str:
        return text[:-1] + "X" if text.endswith("x") else text

    @classmethod
    def check(cls, text: str) -> None:
        if text[:2] not in _PROVINCES or resident_check(text[:17]) != text[17]:
            msg = "not a resident identity number"
            raise ValueError(msg)
        if date(int(text[6:10]), int(text[10:12]), int(text[12:14])) > _latest_today():
            msg = "born in the future"
            raise ValueError(msg)

    @property
    def birth_date(self) -> date:
        return date(int(self[6:10]), int(self[10:12]), int(self[12:14]))

    @property
    def sex(self) -> str:
        return "male" if int(self[16]) % 2 else "female"

    def masked(self) -> str:
        return f"{self[:3]}{'*' * 11}{self[14:]}"


def _latest_today() -> date:
    """The latest calendar day anywhere on Earth, so that no newborn is refused near midnight."""
    return date.fromtimestamp(datetime.now(UTC).timestamp() + 14 * 3600)  # noqa: DTZ012 (a bound, not an instant)


class CreditCode(Value):
    """统一社会信用代码. Source: GB 32100-2015."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9ABCDEFGHJKLMNPQRTUWXY]{18}")
    TITLE = "unified social credit code"

    @classmethod
    def check(cls, text: str) -> None:
        if credit_check(text[:17]) != text[17] or organisation_check(text[8:16]) != text[16]:
            msg = "wrong check character in the unified social credit code"
            raise ValueError(msg)

    @property
    def division(self) -> "DivisionCode":
        return DivisionCode(self[2:8])


class DivisionCode(Value):
    """行政区划代码, six digits. Source: GB/T 2260."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9]{6}")
    TITLE = "division code"


class Phone(Value):
    __slots__ = ()
    PATTERN = re.compile(r"1[3-9][0-9]{9}")
    TITLE = "mobile number"

    def masked(self) -> str:
        return f"{self[:3]}****{self[7:]}"


class PersonName(Value):
    __slots__ = ()
    PATTERN = re.compile(r"[^\W\d_](?:[ ·.'’-]?[^\W\d_]){0,49}")
    TITLE = "person's name"

    def masked(self) -> str:
        if len(self) <= 2:
            return f"{self[:-1]}*"
        return f"{self[0]}{'*' * (len(self) - 2)}{self[-1]}"


class OfficerId(Value):
    """The work number of an officer inside an agency."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Za-z-]{2,40}")
    TITLE = "officer number"


class BasicCode(Value):
    """基本编码: 2 region, 2 matter type, 2 department, 3 main item, 3 sub item. Source: GB/T 39554.1-2020."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9]{2}(?:0[1-9]|[12][0-9])[0-9]{8}")
    TITLE = "basic catalogue code"

    @property
    def matter_type(self) -> str:
        """Two digits: a `MatterType`, or a local extension (11-19, 21-29) that it does not name."""
        return self[2:4]


class TaskCode(Value):
    """实施编码: credit code of the agency, exercise level, basic code. Source: GB/T 39554.1-2020."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Z]{18}[1-7][0-9]{12}")
    TITLE = "implementation code"

    @classmethod
    def check(cls, text: str) -> None:
        CreditCode(text[:18])
        BasicCode(text[19:])

    @classmethod
    def of(cls, agency: CreditCode, level: int, basic: BasicCode) -> Self:
        return cls(f"{agency}{level}{basic}")

    @property
    def agency(self) -> CreditCode:
        return CreditCode(self[:18])

    @property
    def level(self) -> int:
        return int(self[18])

    @property
    def basic(self) -> BasicCode:
        return BasicCode(self[19:])


class TaskItemCode(Value):
    """业务办理项编码: implementation code and two digits. Source: GB/T 39554.1-2020."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Z]{18}[1-7][0-9]{14}")
    TITLE = "business item code"

    @classmethod
    def check(cls, text: str) -> None:
        TaskCode(text[:31])


class CaseNumber(Value):
    """办件编号: implementation code, day, serial of that matter and day; 45 characters of the national 50."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Z]{18}[1-7][0-9]{12}[0-9]{14}")
    TITLE = "case number"

    @classmethod
    def check(cls, text: str) -> None:
        TaskCode(text[:31])
        date(int(text[31:35]), int(text[35:37]), int(text[37:39]))

    @classmethod
    def of(cls, task_code: TaskCode, day: date, serial: int) -> Self:
        return cls(f"{task_code}{day:%Y%m%d}{serial:06d}")

    @property
    def task_code(self) -> TaskCode:
        return TaskCode(self[:31])


class CertificateTypeCode(Value):
    """证照类型代码: credit code of the defining authority and three digits. Source: GB/T 36904-2018."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
    TITLE = "certificate type code"

    @classmethod
    def check(cls, text: str) -> None:
        CreditCode(text[:18])


class CertificateIdentifier(Value):
    """电子证照标识. Source: GB/T 36904-2018."""

    __slots__ = ()
    PATTERN = re.compile(r"1\.2\.156\.3005\.2\.[0-9A-Z]{21}\.[0-9A-Z]{18}\.[0-9A-Z]{1,32}\.[0-9]{3}\.[0-9A-Z]")
    TITLE = "certificate identifier"
    ROOT: ClassVar[str] = "1.2.156.3005.2"

    @classmethod
    def check(cls, text: str) -> None:
        type_code, issuer, serial, version, check = text.removeprefix(f"{cls.ROOT}.").split(".")
        CertificateTypeCode(type_code)
        CreditCode(issuer)
        if mod37_36(type_code + issuer + serial + version) != check:
            msg = "wrong check character in the certificate identifier"
            raise ValueError(msg)

    @classmethod
    def of(cls, type_code: CertificateTypeCode, issuer: CreditCode, serial: str, version: int) -> Self:
        body = f"{type_code}{issuer}{serial}{version:03d}"
        return cls(f"{cls.ROOT}.{type_code}.{issuer}.{serial}.{version:03d}.{mod37_36(body)}")

    @property
    def issuer(self) -> CreditCode:
        return CreditCode(self.split(".")[6])
