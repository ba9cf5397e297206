"""Registers at the gateway what it cannot work without: resources, policies, channels, and the parties that register others.

Every run brings the registry to the state of the committed files; parties that were registered since stay.
"""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.clock import SystemClock
from chassis.database import Database, WriteSession
from chassis.messaging import publish
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId
from gateway.registry import api_document
from gateway.registry.commands import data_items
from gateway.registry.commands import parties as commands
from gateway.registry.commands import policies as policy_commands
from gateway.registry.domain.parties import Party, check_keys
from gateway.registry.repository import WritableParties
from gateway.registry.tables import channels, parties, resources

_SEED = Path(__file__).parent / "seed"
_LIFE = ("deprecated_at", "sunset_at", "successor", "reason", "changed_by")


def bootstrap(file: Path, database_url: str) -> None:
    """Read `{"parties": [{id, name, kind, agency, division, officers, jwk}], "data_items": [{...}]}` and register it with
    everything else. An item is `owner`, `owner_name` and what `PublishItem` asks for; it is in use without a review."""
    asyncio.run(_bootstrap(json.loads(file.read_text()), database_url))


async def _bootstrap(said: dict[str, Any], database_url: str) -> None:
    database = Database(database_url, name="bootstrap")
    at = SystemClock().now()
    try:
        async with database.transaction() as session:
            await load_resources(session)
            await load_policies(session, at)
            for party in said["parties"]:
                await _register(session, party, at)
            for item in said.get("data_items", ()):
                await data_items.put(session, item, at=at)
    finally:
        await database.close()


async def load_resources(session: WriteSession) -> None:
    """Resources are what the services' committed documents declare; what operators decided about them is kept."""
    classes = json.loads((_SEED / "resources.json").read_text())
    declared = [
        {
            "method": method,
            "path": path,
            "service": service,
            **{name: operation["x-tongban"][name] for name in ("permission", "audience", "assurance", "max_age_s", "grade")},
            "owner": classes["owner"],
            "sharing": classes["sharing"][operation["x-tongban"]["audience"]],
            "version": document["info"]["version"],
        }
        for service, document in api_document.documents().items()
        for method, path, operation in api_document.operations(document)
    ]
    known = {(row.method, row.path): row._asdict() for row in await session.execute(select(resources))}
    await session.execute(delete(resources))
    await session.execute(insert(resources), [row | _kept(known.get((row["method"], row["path"]))) for row in declared])


def _kept(known: dict[str, Any] | None) -> dict[str, Any]:
    """Of a route that was known before, what operators decided."""
    if known is None:
        return {"state": "active", **dict.fromkeys((*_LIFE, "classified_by"))}
    is_classified = known["classified_by"] is not None
    classified = {name: known[name] for name in ("grade", "sharing")} if is_classified else {}
    return {name: known[name] for name in ("state", *_LIFE, "classified_by")} | classified


async def load_policies(session: WriteSession, at: datetime) -> None:
    """Policies and channels of the seed; a changed text is a new version."""
    await policy_commands.release(session, policy_files(), at=at)
    for channel in json.loads((_SEED / "channels.json").read_text()):
        await session.execute(upsert(channels).values(channel).on_conflict_do_nothing())


def policy_files() -> dict[str, str]:
    """The text of the seed: its policies, what they may speak of, and the cases that they are tried out by."""
    return {file.name: file.read_text() for file in [*sorted((_SEED / "policies").iterdir()), _SEED / "policy_cases.json"]}


async def _register(session: WriteSession, said: dict[str, Any], at: datetime) -> None:
    check_keys((said["jwk"],))
    known = (await session.execute(select(parties.c.jwks, parties.c.officers).where(parties.c.id == said["id"]))).one_or_none()
    if known and known.jwks == [said["jwk"]] and known.officers == said["officers"]:
        return
    party = Party(
        id=PartyId(said["id"]),
        name=said["name"],
        kind=said["kind"],
        status="active",
        changed_at=at,
        jwks=(said["jwk"],),
        agency=CreditCode(said["agency"]) if said["agency"] else None,
        division=DivisionCode(said["division"]) if said["division"] else None,
        officers=tuple(OfficerId(each) for each in said["officers"]),
    )
    await WritableParties(session).put(party)
    await publish(session, commands.changed(party), at=at)
