"""Certificates as rules: what may be issued, who holds it, when and for what it may be used."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.working_days import local_day
from contracts.api.certificate import CertificateType
from contracts.problems import certificate as problems
from contracts.problems import common
from contracts.values import (
    CaseNumber,
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    OrganisationId,
    PersonId,
    PersonName,
    ResidentId,
)

VALID: Final = "valid"
FROM_THE_ISSUER: Final = "A"

_LIFE_OF_A_COPY: Final = timedelta(days=180)
_LARGEST_EXACT_INTEGER: Final = 2**53 - 1


class NoSuchCertificate(NotFound):
    problem = problems.CERTIFICATE_NOT_FOUND


class NoSuchType(Invalid):
    problem = problems.TYPE_NOT_FOUND


class ContentIsNotValid(Invalid):
    problem = problems.CONTENT_NOT_VALID


class TypesRefused(Invalid):
    """`errors` names row, column and rule of everything that is wrong."""

    problem = problems.TYPES_REFUSED


class CertificateIsNotUsable(Conflict):
    problem = problems.CERTIFICATE_NOT_USABLE


class NotTheHolder(NotFound):
    problem = problems.NOT_THE_HOLDER


class NotTheIssuer(Forbidden):
    problem = problems.NOT_THE_ISSUER


class NotByMandate(Forbidden):
    problem = common.NOT_BY_MANDATE


class HolderIsNotOfType(Invalid):
    problem = problems.HOLDER_NOT_OF_TYPE


class NotAMaterial(Forbidden):
    problem = problems.NOT_A_MATERIAL


class NoSuchPresentation(NotFound):
    problem = problems.PRESENTATION_UNKNOWN


class PresentationWasUsed(Conflict):
    problem = problems.PRESENTATION_USED


class PresentationHasExpired(NotFound):
    problem = problems.PRESENTATION_EXPIRED


class AlreadyThere(Conflict):
    problem = problems.ALREADY_DEPOSITED


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a certificate names: a person by resident id, or an organisation by credit code."""

    name: str
    number: ResidentId | CreditCode

    @property
    def is_organisation(self) -> bool:
        return isinstance(self.number, CreditCode)

    def masked(self) -> "Masked":
        """As strangers may see it. What names an organisation is public in the registry."""
        if isinstance(self.number, CreditCode):
            return Masked(self.name, self.number)
        return Masked(PersonName(self.name).masked(), self.number.masked())


@dataclass(frozen=True, slots=True)
class Masked:
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose certificates; whoever acts for it sees what its cases of these `matters` earned (basic codes; none: everything)."""

    id: PersonId | OrganisationId
    matters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Earned:
    """What the grant of a case gives to its applicant."""

    type: CertificateTypeCode
    holder: Holder
    content: Mapping[str, Any]
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Certificate:
    """证照. `grade` is the trust grade A to D of 国办函〔2016〕108号; `signature` a compact JWS over `signed_facts`."""

    id: CertificateId
    identifier: CertificateIdentifier
    type: CertificateTypeCode
    number: str
    issuer: CreditCode
    state: str
    grade: str
    holder: Holder
    content: Mapping[str, Any]
    issued_on: date
    valid_until: date | None
    created_at: datetime
    salt: str
    case_number: CaseNumber | None = None
    signature: str = ""

    def state_on(self, day: date) -> str:
        """Its state as a verifier sees it: a valid one that has run out is expired."""
        return "expired" if self.state == VALID and self.valid_until is not None and day > self.valid_until else self.state

    def usable_on(self, day: date) -> "Certificate":
        """Itself. Raises CertificateIsNotUsable."""
        if (state := self.state_on(day)) != VALID:
            raise CertificateIsNotUsable(f"the certificate is {state}")
        return self

    def wanted_among(self, materials: Collection[CertificateTypeCode]) -> "Certificate":
        """Itself. Raises NotAMaterial when the matter lists no certificate of its type."""
        if self.type not in materials:
            raise NotAMaterial
        return self

    def signed_facts(self) -> bytes:
        """What the signature is over: nothing that tells a stranger who the holder is (see contracts.api.certificate)."""
        return _canonical(
            {
                "identifier": self.identifier,
                "type": self.type,
                "number": self.number,
                "issuer": self.issuer,
                "issued_on": self.issued_on.isoformat(),
                "valid_until": self.valid_until.isoformat() if self.valid_until else None,
                "holder": _digest([self.salt, self.holder.name, self.holder.number]),
                "content": _digest([self.salt, dict(self.content)]),
            }
        )


def _digest(facts: list[Any]) -> str:
    return urlsafe_b64encode(hashlib.sha256(_canonical(facts)).digest()).rstrip(b"=").decode()


def _canonical(facts: Any) -> bytes:
    # That of RFC 8785 for what `fitted` lets into a content: text, whole numbers, truth values.
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def errors_in(kinds: Sequence[CertificateType]) -> list[dict[str, str]]:
    """Every broken rule of an import: each code once, and a schema of the content that needs nothing from outside."""
    codes = [kind.code for kind in kinds]
    found = [_error(row, "code", "a code is given once") for row, code in enumerate(codes) if code in codes[:row]]
    for row, kind in enumerate(kinds):
        try:
            Draft202012Validator.check_schema(kind.fields)
        except SchemaError:
            found.append(_error(row, "fields", "fields are a JSON Schema"))
            continue
        if kind.fields.get("type") != "object" or not kind.fields.get("properties"):
            found.append(_error(row, "fields", "the schema is of an object and names its properties"))
        if any(name in {"$ref", "$dynamicRef"} for name in _names(kind.fields)):
            found.append(_error(row, "fields", "the schema refers to no other"))
    return found


def _error(row: int, column: str, rule: str) -> dict[str, str]:
    return {"table": "types", "row": str(row + 1), "column": column, "rule": rule}


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names(each)


def known_to(schema: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `content` that the type knows."""
    return {name: value for name, value in content.items() if name in schema.get("properties", {})}


def faults(content: Mapping[str, Any], schema: Mapping[str, Any]) -> list[dict[str, str]]:
    """What keeps `content` from making a certificate of the type, by field and rule; members unknown to the type do not count."""
    known = known_to(schema, content)
    found = [
        {"field": ".".join(where) or "content", "rule": str(error.validator)}
        for error in Draft202012Validator(dict(schema)).iter_errors(known)
        for where in _places(error)
    ]
    found += [{"field": name, "rule": "exact"} for name, value in known.items() if _is_inexact(value)]
    return list({(each["field"], each["rule"]): each for each in found}.values())


def _places(error: ValidationError) -> list[list[str]]:
    """The path of what is wrong; a missing member has none of its own, so it is named here."""
    path = [str(part) for part in error.path]
    if error.validator != "required":
        return [path]
    return [[*path, name] for name in error.validator_value if name not in error.instance]


def _is_inexact(value: Any) -> bool:
    """Whether a number in it has no single form in JSON, and so no digest that everybody computes."""
    if isinstance(value, dict | list):
        return any(_is_inexact(each) for each in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) or (isinstance(value, int) and abs(value) > _LARGEST_EXACT_INTEGER)


def fitted(content: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `content` that the type knows. Raises ContentIsNotValid when one is missing or wrong."""
    if wrong := faults(content, schema):
        raise ContentIsNotValid(errors=wrong)
    return known_to(schema, content)


def out_by(issued_on: date, day: date) -> date:
    """The day of issue of a certificate that is out by `day`. Raises ContentIsNotValid for one of the future."""
    if issued_on > day:
        raise ContentIsNotValid(errors=[{"field": "issued_on", "rule": "not in the future"}])
    return issued_on


def last_day(issued_on: date, valid_years: int | None) -> date | None:
    """The last day of a validity in whole years; none for one without end."""
    if valid_years is None:
        return None
    try:
        return issued_on.replace(year=issued_on.year + valid_years)
    except ValueError:
        # Issued on 29 February: it ends on the 28th.
        return issued_on.replace(year=issued_on.year + valid_years, day=28)


def number_from(case_number: CaseNumber) -> str:
    """The number printed on what a case earned: all of the case's number but its agency, so no two cases of an issuer share one."""
    return case_number.removeprefix(case_number.task_code.agency)


def last_day_of_copy(made_at: datetime) -> date:
    return local_day(made_at) + _LIFE_OF_A_COPY


def annotation(certificate: Certificate, case_number: CaseNumber, until: date) -> str:
    """The text on an annotated copy 加注件. Source: 国办函〔2016〕108号."""
    return f"此件由颁发机构 {certificate.issuer} 提供，仅供办理 {case_number} 时使用，有效期至 {until.isoformat()}"


def masked_number(number: str) -> str:
    return f"{number[:2]}{'*' * max(0, len(number) - 4)}{number[-2:]}" if len(number) > 4 else "****"
