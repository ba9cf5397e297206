"""Which types there are, and who is known by which number."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api import certificate as api
from contracts.events.certificate import (
    CertificateTypeRegistered,
)
from contracts.values import (
    CreditCode,
    OrganisationId,
    PersonId,
    ResidentId,
)
from services.certificate.domain import (
    TypesRefused,
    errors_in,
)
from services.certificate.repository import Certificates, Presentations, Types


async def import_types(session: WriteSession, document: api.ImportTypes, *, at: datetime) -> api.TypesImported:
    """All or nothing. Raises TypesRefused naming row, column and rule."""
    if errors := errors_in(document.types):
        raise TypesRefused(f"{len(errors)} rules are broken", errors=errors[:100])
    known = await Types(session).all()
    changed = [kind for kind in document.types if known.get(kind.code) != kind]
    for kind in changed:
        await Types(session).put(kind)
        await publish(session, _registered(kind, at), at=at)
    created = sum(kind.code not in known for kind in changed)
    return api.TypesImported(created=created, changed=len(changed) - created, unchanged=len(document.types) - len(changed))


def _registered(kind: api.CertificateType, at: datetime) -> CertificateTypeRegistered:
    return CertificateTypeRegistered(
        code=kind.code,
        name=kind.name,
        en=kind.en,
        issuer_function=kind.issuer_function,
        holder=kind.holder,
        provenance=kind.provenance,
        registered_at=at,
    )


async def link(session: WriteSession, subject: PersonId | OrganisationId, number: ResidentId | CreditCode, sealer: Sealer) -> None:
    """Whatever was or will be issued under the number is the subject's from now on."""
    await Certificates(session, sealer).link(subject, number)


async def move(session: WriteSession, person_id: PersonId, into: PersonId, sealer: Sealer) -> None:
    """An account became part of another: what its person holds is the other's. Uses of the past say what they said."""
    await Certificates(session, sealer).move(person_id, into)
    await Presentations(session).move(person_id, into)
