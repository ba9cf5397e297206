"""Parties of before there was a sandbox keep their keys: those in use have been in production all the time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc.jwk import ECKey
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Database, migrate
from contracts.values import PartyId
from gateway.registry.repository import Parties
from gateway.registry.snapshots import parties as snapshots
from tests.support.postgres import _execute, apart, url_of
from tests.unit.gateway.keys import pem, public

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
STATES = ("applied", "active", "suspended")
_texts = ("id", "name", "kind", "status", "applied_by", "approved_by", "suspended_by")
_before = sa.table(
    "parties",
    *(sa.column(each) for each in (*_texts, "per_second", "burst", "changed_at")),
    sa.column("jwks", JSONB),
    sa.column("redirect_uris", ARRAY(sa.Text)),
    sa.column("officers", ARRAY(sa.Text)),
)


@pytest.fixture
def before(worker_id: str) -> Iterator[str]:
    """The address of a database as it was before the life of parties."""
    name = f"gateway_before_{worker_id}"
    apart(_execute("postgres", f'CREATE DATABASE "{name}"'))
    _upgrade(url_of(name), "0002")
    yield url_of(name)
    apart(_execute("postgres", f'DROP DATABASE "{name}" WITH (FORCE)'))


def _upgrade(url: str, revision: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(migrate.upgrade, "gateway.registry", url, revision).result()


def row(status: str) -> dict[str, Any]:
    bare = ECKey.import_key(pem("b")).as_dict(private=False)
    said = {"id": PartyId.new(), "name": status, "kind": "district", "status": status, "applied_by": "op-001", "approved_by": "op-002"}
    keys = [public("a"), bare, bare]
    return {**said, "jwks": keys, "redirect_uris": [], "officers": [], "per_second": 200.0, "burst": 400, "changed_at": NOW}


async def test_parties_of_before_keep_their_keys_and_their_state(before: str) -> None:
    rows = {status: row(status) for status in STATES}
    database = Database(before)
    async with database.transaction() as session:
        await session.execute(sa.insert(_before), list(rows.values()))
    await database.close()
    _upgrade(before, "head")
    database = Database(before)
    async with database.reading() as session:
        found = {status: await Parties(session).find(each["id"]) for status, each in rows.items()}
        decided_by = snapshots.build(await snapshots.rows(session))
    await database.close()
    kids = {public("a")["kid"], public("b")["kid"]}
    for status, party in found.items():
        assert party is not None
        environment = "sandbox" if status == "applied" else "production"
        assert (party.status, party.environment, {key.kid for key in party.keys}) == (status, environment, kids)
        assert {key.environment for key in party.keys} == {environment}
    suspended = found["suspended"]
    assert suspended is not None
    assert suspended.resume(at=NOW).status == "active"
    assert {each.status: set(each.keys) for each in decided_by.values()} == {"active": kids, "suspended": kids}
