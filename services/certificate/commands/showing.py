"""What holders do with what they hold."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from chassis.working_days import local_day
from contracts.api import certificate as api
from contracts.events.certificate import (
    CertificatePresented,
)
from contracts.values import (
    CertificateId,
    CertificateTypeCode,
    OrganisationId,
    PartyId,
    PersonId,
)
from services.certificate.domain import (
    Certificate,
    NoSuchPresentation,
    PresentationHasExpired,
    PresentationWasUsed,
    Subject,
)
from services.certificate.repository import Certificates, Presentations, Uses


async def present(
    session: WriteSession,
    certificate_id: CertificateId,
    subject: Subject,
    purpose: str,
    sealer: Sealer,
    *,
    life: timedelta,
    at: datetime,
) -> tuple[str, datetime]:
    """A fresh code for a valid certificate of the subject, and its end. Raises NotTheHolder, CertificateIsNotUsable."""
    certificate = await Certificates(session, sealer).held(certificate_id, subject)
    certificate.usable_on(local_day(at))
    code = secrets.token_urlsafe(32)
    await Presentations(session).add(_digest(code), certificate_id, subject.id, purpose, at=at, expires_at=at + life)
    return code, at + life


async def verify(
    session: WriteSession, code: str, sealer: Sealer, *, verifier: PartyId, at: datetime
) -> tuple[Certificate, PersonId | OrganisationId]:
    """What a code presents, once, and whose it is. Raises NoSuchPresentation, PresentationWasUsed, PresentationHasExpired."""
    used = await Presentations(session).use(_digest(code), verifier, at)
    if used is None:
        known = await Presentations(session).get(_digest(code))
        if known is None:
            raise NoSuchPresentation
        raise PresentationWasUsed if known.used_at else PresentationHasExpired
    certificate = await Certificates(session, sealer).get(CertificateId(used.certificate_id))
    await publish(session, CertificatePresented(certificate_id=certificate.id, verifier=verifier, presented_at=at), at=at)
    return certificate, PersonId(used.person_id) if used.person_id else OrganisationId(used.organisation_id)


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


async def use(
    session: WriteSession,
    certificate_id: CertificateId,
    wanted: api.UseCertificate,
    sealer: Sealer,
    *,
    materials: Collection[CertificateTypeCode],
    at: datetime,
) -> None:
    """Record the use in a case whose matter lists `materials`. Raises NotTheHolder, NotAMaterial, CertificateIsNotUsable."""
    certificate = await Certificates(session, sealer).held(certificate_id, Subject(wanted.person_id))
    certificate.wanted_among(materials).usable_on(local_day(at))
    await Uses(session).record(certificate_id, wanted, at)
