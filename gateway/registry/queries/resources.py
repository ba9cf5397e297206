from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import gateway as api
from gateway.registry.tables import resources


async def all_resources(session: ReadSession) -> list[api.Resource]:
    rows = await session.execute(select(resources).order_by(resources.c.service, resources.c.path, resources.c.method))
    return [api.Resource.model_validate(row._asdict()) for row in rows]
