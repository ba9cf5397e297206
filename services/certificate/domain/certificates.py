"""Certificates as rules: what may be issued, who holds it, when and for what it may be used."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.working_days import local_day
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
SUPERSEDED: Final = "superseded"
State = Literal["revoked", "cancelled"]
ENDED: Final[Mapping[str, State]] = {"revocation": "revoked", "withdrawal": "cancelled", "cancellation": "cancelled"}
"""By what became of the permit: 撤销 says that it should not have been granted, and 注销 follows what is over, a 撤回 too.

Source: 行政许可法 Art. 69, 70(4).
"""
FROM_THE_ISSUER: Final = "A"

_LIFE_OF_A_COPY: Final = timedelta(days=180)


class NoSuchCertificate(NotFound):
    problem = problems.CERTIFICATE_NOT_FOUND


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
    """证照. `grade` is the trust grade A to D of 国办函〔2016〕108号; `signature` a compact JWS over `signed_facts`.

    It has its `state` since `state_at`; none: since it was issued. It says what its case says since `case_revision`.
    """

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
    state_at: datetime | None = None
    case_revision: int = 0

    def ended(self, state: str, *, at: datetime) -> "Certificate":
        """From `at` on it may not be shown or used."""
        return replace(self, state=state, state_at=at)

    def changed(self, content: Mapping[str, Any], *, revision: int, salt: str, at: datetime) -> "Certificate":
        """Its next version, not signed yet, after the case's `revision` changed what it says. It ends on the same day."""
        return replace(self._next(salt, at), content=content, case_revision=revision, issued_on=local_day(at))

    def renewed(self, years: int | None, *, since: date, salt: str, at: datetime) -> "Certificate | None":
        """Its next version, not signed yet, which holds from `since` for so many years after the last day of this one, or for as long again
        where its type has no term of its own.

        None of one that was ended, has no last day, or holds that day anyway. Source: 行政许可法 Art. 50.
        """
        if self.state != VALID or self.valid_until is None or self.valid_until >= since:
            return None
        until = last_day(self.valid_until, years) if years else self.valid_until + (self.valid_until - self.issued_on)
        return replace(self._next(salt, at), issued_on=since, valid_until=until)

    def _next(self, salt: str, at: datetime) -> "Certificate":
        identifier = self.identifier.next_version()
        return replace(self, id=CertificateId.new(), identifier=identifier, salt=salt, signature="", created_at=at)

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
