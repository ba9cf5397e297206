from datetime import datetime

from sqlalchemy import func, insert, select, update

from chassis.database import WriteSession
from contracts.api.gateway import resources as api
from contracts.events.certificate import CertificateTypeRegistered
from contracts.values import CertificateTypeCode, Grade, OfficerId
from gateway.registry.domain.resources import NoSuchResource, Registered, ResourceIsRetired
from gateway.registry.repository.resources import Resources
from gateway.registry.tables import certificate_types


async def deprecate(session: WriteSession, said: api.DeprecateResource, *, by: OfficerId, at: datetime) -> Registered:
    """Raises NoSuchResource, ResourceIsRetired, ResourceIsNeeded, NeedsSecondOfficer."""
    known = await Resources(session).locked(said.method, said.path)
    return await _saved(session, known.deprecate(said.deprecated_at or at, said.sunset_at, said.successor, said.reason, by=by))


async def retire(session: WriteSession, said: api.RetireResource, *, by: OfficerId) -> Registered:
    """Raises NoSuchResource, ResourceIsRetired, ResourceIsNeeded."""
    known = await Resources(session).locked(said.method, said.path)
    return await _saved(session, known.retire(said.reason, by=by))


async def classify(session: WriteSession, said: api.ClassifyResource, *, by: OfficerId) -> Registered:
    """Raises NoSuchResource, NeedsSecondOfficer."""
    known = await Resources(session).locked(said.method, said.path)
    return await _saved(session, known.classify(said.grade, said.sharing, said.reason, by=by))


async def apply_change(
    session: WriteSession, content: api.ReactivateResource | api.WidenResource, *, by: OfficerId, at: datetime
) -> Registered:
    """What one officer proposed and another approved. `by` is who approved. Raises NoSuchResource, ResourceIsActive."""
    known = await Resources(session).locked(content.method, content.path)
    if isinstance(content, api.ReactivateResource):
        return await _saved(session, known.reactivate(content.reason, by=by))
    until = content.sunset_at if content.sunset_at is None or content.sunset_at > at else at
    return await _saved(session, known.widen(content.grade, content.sharing, until, content.reason, by=by))


async def register_type(session: WriteSession, event: CertificateTypeRegistered) -> None:
    """A certificate type as the certificate service has it now; what operators decided about it stays."""
    said = {"name": event.name, "en": event.en, "issuer_function": event.issuer_function, "holder": event.holder}
    said |= {"provenance": event.provenance}
    known = (await session.execute(select(certificate_types).where(certificate_types.c.code == event.code).with_for_update())).one_or_none()
    if known is None:
        first = {"grade": Grade.PERSONAL, "sharing": "conditional", "version": 1, "state": "active"}
        row = {"code": event.code, **said, **first, "registered_at": event.registered_at}
        await session.execute(insert(certificate_types).values(row))
    elif event.registered_at > known.registered_at:
        again = {**said, "version": known.version + 1, "registered_at": event.registered_at}
        await session.execute(update(certificate_types).where(certificate_types.c.code == event.code).values(again))


async def leave_type(
    session: WriteSession, code: CertificateTypeCode, said: api.LeavingCertificateType, *, by: OfficerId, at: datetime
) -> None:
    """Raises NoSuchResource, ResourceIsRetired."""
    this = certificate_types.c.code == code
    known = (await session.execute(select(certificate_types.c.state).where(this).with_for_update())).one_or_none()
    if known is None:
        raise NoSuchResource
    if known.state == "retired":
        raise ResourceIsRetired
    wanted = {"state": said.state, "sunset_at": said.sunset_at, "successor": said.successor, "reason": said.reason, "changed_by": by}
    since = func.coalesce(certificate_types.c.deprecated_at, at)
    await session.execute(update(certificate_types).where(this).values(wanted | {"deprecated_at": since}))


async def _saved(session: WriteSession, resource: Registered) -> Registered:
    await Resources(session).save(resource)
    return resource
