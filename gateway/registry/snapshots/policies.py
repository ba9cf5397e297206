from typing import Any

import structlog
from sqlalchemy import select

from chassis.database import ReadSession
from chassis.errors import Unavailable
from gateway.policies import NO_POLICIES, Policies
from gateway.registry.tables import policy_versions

log = structlog.get_logger()


async def rows(session: ReadSession) -> list[dict[str, Any]]:
    """The version in force, or none."""
    wanted = select(policy_versions.c.version, policy_versions.c.files).where(policy_versions.c.state == "in-force")
    return [row._asdict() for row in await session.execute(wanted)]


def build(rows: list[dict[str, Any]]) -> Policies:
    """Raises Unavailable for a text that cannot be read: what was decided by before goes on being decided by."""
    if not rows:
        return NO_POLICIES
    try:
        return Policies(rows[0]["version"], rows[0]["files"])
    except ValueError as error:
        log.error("policies_not_readable", version=rows[0]["version"], reason=str(error))  # noqa: TRY400 (the reason tells all there is)
        raise Unavailable("the policies cannot be read") from error
