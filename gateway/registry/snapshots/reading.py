"""Everything that is decided by, in one reading. Rows are plain JSON, so that they can be kept and read again without the database."""

from typing import Any

from chassis.database import ReadSession
from gateway.registry.snapshots import channels, parties, policies, resources
from gateway.snapshot import Snapshot

_AREAS = {"parties": parties, "resources": resources, "policies": policies, "channels": channels}

Rows = dict[str, list[dict[str, Any]]]
"""Area → its rows, each a JSON object."""


async def rows(session: ReadSession) -> Rows:
    return {name: await area.rows(session) for name, area in _AREAS.items()}


def snapshot(said: Rows) -> Snapshot:
    return Snapshot(
        parties.build(said["parties"]),
        resources.build(said["resources"]),
        policies.build(said["policies"]),
        channels.build(said["channels"]),
    )
