"""Registers at the gateway what it cannot work without: resources, policies, channels, and the parties that register others.

Every run brings the registry to the state of the committed files; parties that were registered since stay.
"""

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from chassis.clock import SystemClock
from chassis.database import Database, WriteSession
from chassis.messaging import publish
from contracts.api.gateway import ChannelPolicy
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId
from gateway.registry import api_document
from gateway.registry.commands import data_items
from gateway.registry.commands import parties as commands
from gateway.registry.commands import policies as policy_commands
from gateway.registry.commands.channels import policy_of
from gateway.registry.domain.channels import Channel
from gateway.registry.domain.keys import PRODUCTION, Key, key_of
from gateway.registry.domain.parties import Party
from gateway.registry.masking import load_masking
from gateway.registry.personal_fields import personal_fields
from gateway.registry.repository import WritableParties
from gateway.registry.repository.channels import Channels
from gateway.registry.tables import resources

_SEED = Path(__file__).parent / "seed"
_LIFE = ("deprecated_at", "sunset_at", "successor", "reason", "changed_by")


def bootstrap(file: Path, database_url: str) -> None:
    """Read `{"parties": [{id, name, kind, agency, division, officers, duties, jwk}], "data_items": [{...}]}` and register it
    with everything else. An item is `owner`, `owner_name` and what `PublishItem` asks for; it is in use without a review."""
    asyncio.run(_bootstrap(json.loads(file.read_text()), database_url))


async def _bootstrap(said: dict[str, Any], database_url: str) -> None:
    database = Database(database_url, name="bootstrap")
    at = SystemClock().now()
    try:
        async with database.transaction() as session:
            await load_resources(session)
            await load_policies(session, at)
            await load_masking(session)
            for party in said["parties"]:
                await _register(session, party, at)
            for item in said.get("data_items", ()):
                await data_items.put(session, item, at=at)
    finally:
        await database.close()


async def load_resources(session: WriteSession) -> None:
    """Resources are what the services' committed documents declare; what operators decided about them is kept."""
    known = {(row.method, row.path): row._asdict() for row in await session.execute(select(resources))}
    await session.execute(delete(resources))
    await session.execute(insert(resources), [row | _kept(known.get((row["method"], row["path"]))) for row in _declared()])


@cache
def _declared() -> tuple[dict[str, Any], ...]:
    """Committed with the code, so the same as long as a process lives; to look through every answer takes 200 ms."""
    classes = json.loads((_SEED / "resources.json").read_text())
    return tuple(
        {
            "method": method,
            "path": path,
            "service": service,
            **{name: operation["x-tongban"][name] for name in ("permission", "audience", "assurance", "max_age_s", "grade")},
            "personal": personal_fields(document, operation),
            "owner": classes["owner"],
            "sharing": classes["sharing"][operation["x-tongban"]["audience"]],
            "version": document["info"]["version"],
        }
        for service, document in api_document.documents().items()
        for method, path, operation in api_document.operations(document)
    )


def _kept(known: dict[str, Any] | None) -> dict[str, Any]:
    """Of a route that was known before, what operators decided."""
    if known is None:
        return {"state": "active", **dict.fromkeys((*_LIFE, "classified_by"))}
    is_classified = known["classified_by"] is not None
    classified = {name: known[name] for name in ("grade", "sharing")} if is_classified else {}
    return {name: known[name] for name in ("state", *_LIFE, "classified_by")} | classified


async def load_policies(session: WriteSession, at: datetime) -> None:
    """Policies and channels of the seed; a changed text is a new version. What an officer has set up stays."""
    await policy_commands.release(session, policy_files(), at=at)
    for channel in json.loads((_SEED / "channels.json").read_text()):
        await Channels(session).seed(_channel(channel, at))


def _channel(said: dict[str, Any], at: datetime) -> Channel:
    names = ("kinds", "audiences", "grade", "assurance", "may_write", "origins", "hours")
    policy = policy_of(ChannelPolicy.model_validate({name: said[name] for name in names}))
    policy.check()
    return Channel(said["code"], said["zh"], said["en"], policy, is_open=True, changed_at=at, usual_for=frozenset(said["usual_for"]))


def policy_files() -> dict[str, str]:
    """The text of the seed: its policies, what they may speak of, and the cases that they are tried out by."""
    return {file.name: file.read_text() for file in [*sorted((_SEED / "policies").iterdir()), _SEED / "policy_cases.json"]}


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
