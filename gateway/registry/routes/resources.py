from chassis.http import Audience, Database, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from gateway.registry.queries import resources as queries

router = Router()


@router.get("/resources", **guard(Permission.RESOURCE_READ, audience=Audience.OPERATOR))
async def resources(database: Database) -> list[api.Resource]:
    async with database.reading() as session:
        return await queries.all_resources(session)
