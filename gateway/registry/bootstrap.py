"""Registers at the gateway what it cannot work without: resources, policies, channels, and the parties that register others.

Every run brings the registry to the state of the committed files; parties that were registered since stay.
"""

import asyncio
import hashlib
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.clock import SystemClock
from chassis.database import Database, WriteSession
from chassis.messaging import publish
from contracts.events.gateway import PolicyChanged
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId
from gateway.registry import api_document
from gateway.registry.commands import parties as commands
from gateway.registry.domain.keys import PRODUCTION, Key, key_of
from gateway.registry.domain.parties import Party
from gateway.registry.repository import WritableParties
from gateway.registry.tables import channels, policies, policy_versions, resources

_SEED = Path(__file__).parent / "seed"


def bootstrap(file: Path, database_url: str) -> None:
    """Read `{"parties": [{id, name, kind, agency, division, officers, duties, jwk}]}` and register it with everything else."""
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
    finally:
        await database.close()


async def load_resources(session: WriteSession) -> None:
    """Resources are what the services' committed documents declare; states that operators set are kept."""
    declared = [
        {
            "method": method,
            "path": path,
            "service": service,
            "permission": operation["x-tongban"]["permission"],
            "audience": operation["x-tongban"]["audience"],
            "assurance": operation["x-tongban"]["assurance"],
            "max_age_s": operation["x-tongban"]["max_age_s"],
            "grade": operation["x-tongban"]["grade"],
            "state": "active",
        }
        for service, document in api_document.documents().items()
        for method, path, operation in api_document.operations(document)
    ]
    kept = {(row.method, row.path): row.state for row in await session.execute(select(resources))}
    await session.execute(delete(resources))
    await session.execute(insert(resources), [row | {"state": kept.get((row["method"], row["path"]), "active")} for row in declared])


async def load_policies(session: WriteSession, at: datetime) -> None:
    """Policies and channels of the seed; a changed text is a new version."""
    text = (_SEED / "policies.json").read_bytes()
    digest = hashlib.sha256(text).hexdigest()
    newest = (await session.execute(select(policy_versions).order_by(policy_versions.c.version.desc()).limit(1))).one_or_none()
    if newest is None or newest.digest != digest:
        version = newest.version + 1 if newest else 1
        await session.execute(delete(policies))
        await session.execute(insert(policies), [row for policy in json.loads(text) for row in rows_of(policy)])
        await session.execute(insert(policy_versions).values(version=version, digest=digest, loaded_at=at))
        await publish(session, PolicyChanged(version=version), at=at)
    for channel in json.loads((_SEED / "channels.json").read_text()):
        await session.execute(upsert(channels).values(channel).on_conflict_do_nothing())


def rows_of(policy: dict[str, Any]) -> list[dict[str, str]]:
    """One row for each permission that a policy grants to its kind of party."""
    return [
        {"kind": policy["kind"], "permission": permission, "zh": policy["zh"], "en": policy["en"]} for permission in policy["permissions"]
    ]


async def _register(session: WriteSession, said: dict[str, Any], at: datetime) -> None:
    """In production from the start: nobody is there yet who could approve them."""
    key = key_of(said["jwk"], PRODUCTION, at=at)
    known = await WritableParties(session).find(PartyId(said["id"]))
    duties = {officer: tuple(each) for officer, each in said["duties"].items()}
    if known is None:
        party = Party(
            id=PartyId(said["id"]),
            name=said["name"],
            kind=said["kind"],
            status="active",
            changed_at=at,
            keys=(key,),
            agency=CreditCode(said["agency"]) if said["agency"] else None,
            division=DivisionCode(said["division"]) if said["division"] else None,
            production_at=at,
        )
    else:
        party = known if any(each.thumbprint == key.thumbprint for each in known.keys) else _with_key_alone(known, key, at)
    party = replace(party, officers=tuple(OfficerId(each) for each in said["officers"]), duties=duties)
    if party.kind == "operator" and party.status != "active":
        # Whoever suspended the console of the operators locked everybody out who could take that back.
        party = replace(party, status="active", status_before=None, suspended_by=None, suspended_for=None)
    if party != known:
        party = replace(party, changed_at=at)
        await WritableParties(session).put(party)
        await publish(session, commands.changed(party), at=at)


def _with_key_alone(party: Party, key: Key, at: datetime) -> Party:
    """Another key in the file stands for those before it."""
    for each in party.keys:
        party = party.without_key(each.kid, by=None, at=at)
    return party.with_key(key, at=at)
