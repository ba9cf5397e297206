"""What the clock needs of the published version and of the submission, kept as it was then."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from contracts.api.catalogue import Definition
from contracts.values import CertificateIdentifier
from services.application.domain.materials import CaseMaterial


@dataclass(frozen=True, slots=True)
class StepLimit:
    """环节 with its published limit."""

    name: str
    working_days: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The published statutory term, if there is one, and the limits of the steps."""

    statutory_working_days: int | None = None
    steps: tuple[StepLimit, ...] = ()


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Renewal:
    """延续: the certificate that the case renews, and its last day. It counts as renewed from `renewed_at` on, if nobody decided in time.
    Source: 行政许可法 Art. 50."""

    certificate: CertificateIdentifier
    expires_on: date
    renewed_at: datetime | None = None


def renewal_of(definition: Definition, copies: Sequence[CaseMaterial], words: Collection[str]) -> Renewal | None:
    """What a case renews: the certificate that was used in it, if it is what the matter gives and the matter, or its situation, is a
    renewal. Where neither says it, the matter's name does by one of the `words`."""
    says_so = definition.is_renewal if definition.is_renewal is not None else any(word in definition.name for word in words)
    if not says_so:
        return None
    types = {material.code: material.certificate_type for material in definition.materials}
    for each in copies:
        if each.copy and each.copy.valid_until and types.get(each.code) == definition.result_certificate_type:
            return Renewal(each.copy.identifier, date.fromisoformat(each.copy.valid_until))
    return None


def limits_of(definition: Definition) -> Limits:
    steps = tuple(StepLimit(step.name, step.working_days) for step in definition.steps if step.working_days)
    return Limits(definition.statutory_working_days or None, steps)
