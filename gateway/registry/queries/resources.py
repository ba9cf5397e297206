from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from chassis.database import ReadSession
from contracts.api import gateway as api
from contracts.values import CertificateTypeCode
from gateway.registry.domain.resources import NoSuchResource
from gateway.registry.priorities import priority_of
from gateway.registry.tables import certificate_types, resources


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which routes are asked for; all of them where nothing is said."""

    service: str | None = None
    state: str | None = None
    owner: str | None = None
    sharing: str | None = None
    grade: int | None = None
    audience: str | None = None


async def all_resources(session: ReadSession, wanted: Wanted = Wanted()) -> list[api.Resource]:
    query = select(resources).order_by(resources.c.service, resources.c.path, resources.c.method)
    for name in Wanted.__dataclass_fields__:
        if (value := getattr(wanted, name)) is not None:
            query = query.where(resources.c[name] == value)
    return [_presented(row) for row in await session.execute(query)]


async def resource(session: ReadSession, method: str, path: str) -> api.Resource:
    """Raises NoSuchResource."""
    query = select(resources).where(resources.c.method == method, resources.c.path == path)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NoSuchResource
    return _presented(row)


async def types(session: ReadSession, code: CertificateTypeCode | None = None) -> list[api.CertificateTypeResource]:
    query = select(certificate_types).order_by(certificate_types.c.code)
    if code is not None:
        query = query.where(certificate_types.c.code == code)
    return [api.CertificateTypeResource.model_validate(row._asdict()) for row in await session.execute(query)]


def _presented(row: Row[Any]) -> api.Resource:
    return api.Resource.model_validate({**row._asdict(), "priority": priority_of(row.permission)})
