"""Certificates as rules: what may be issued, who holds it, when it may be used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from jsonschema import Draft202012Validator

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import certificate as problems
from contracts.values import CaseNumber, CertificateId, CertificateIdentifier, CertificateTypeCode, CreditCode, PersonName, ResidentId

VALID: Final = "valid"


class NoSuchCertificate(NotFound):
    problem = problems.CERTIFICATE_NOT_FOUND


class NoSuchType(Invalid):
    problem = problems.TYPE_NOT_FOUND


class ContentIsNotValid(Invalid):
    problem = problems.CONTENT_NOT_VALID


class TypesRefused(Invalid):
    problem = problems.TYPES_REFUSED


class CertificateIsNotUsable(Conflict):
    problem = problems.CERTIFICATE_NOT_USABLE


class NotTheHolder(NotFound):
    problem = problems.NOT_THE_HOLDER


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
    name: PersonName
    resident_id: ResidentId


@dataclass(frozen=True, slots=True)
class Certificate:
    """证照. `grade` is the trust grade A to D of 国办函〔2016〕108号; `signature` a compact JWS over the canonical facts."""

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
    case_number: CaseNumber | None = None
    signature: str = ""

    def state_on(self, day: date) -> str:
        """Its state as a verifier sees it: a valid one that has run out is expired."""
        return "expired" if self.state == VALID and self.valid_until is not None and day > self.valid_until else self.state

    def usable_on(self, day: date) -> "Certificate":
        """Itself, or CertificateIsNotUsable."""
        if (state := self.state_on(day)) != VALID:
            raise CertificateIsNotUsable(f"the certificate is {state}")
        return self

    def canonical(self) -> bytes:
        """The signed facts in one canonical form. Source: RFC 8785 (our content holds no fractions)."""
        facts = {
            "identifier": self.identifier,
            "number": self.number,
            "issuer": self.issuer,
            "holder_name": self.holder.name,
            "holder_code": self.holder.resident_id,
            "holder_code_type": "111",
            "content": dict(self.content),
            "issued_on": self.issued_on.isoformat(),
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
        }
        return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def fitted(content: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `content` that the type knows. Raises ContentIsNotValid when one is missing or wrong."""
    known = {name: value for name, value in content.items() if name in schema.get("properties", {})}
    wrong = [
        {"field": ".".join(str(part) for part in error.path) or "content", "rule": str(error.validator)}
        for error in Draft202012Validator(dict(schema)).iter_errors(known)
    ]
    if wrong:
        raise ContentIsNotValid(errors=wrong)
    return known


def last_day(issued_on: date, valid_years: int | None) -> date | None:
    """The last day of a validity in whole years; none for one without end."""
    if valid_years is None:
        return None
    try:
        return issued_on.replace(year=issued_on.year + valid_years)
    except ValueError:
        # Issued on 29 February: it ends on the 28th.
        return issued_on.replace(year=issued_on.year + valid_years, day=28)


def masked_number(number: str) -> str:
    return f"{number[:2]}{'*' * max(0, len(number) - 4)}{number[-2:]}" if len(number) > 4 else "****"
