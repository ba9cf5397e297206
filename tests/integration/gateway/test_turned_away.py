"""Whom the door itself turns away leaves a record too, if it was a request at all."""

import asyncio
from collections import Counter
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from gateway.door import DoorProtocol
from gateway.registry.tables import decisions
from tests.integration.gateway.door import Behind, Door, exchange
from tests.support.eventually import eventually

HOST = b"\r\nhost: x\r\n"
LONG = b"content-length: 5\r\n\r\nab"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DoorProtocol, "header_deadline_s", 0.5)
    monkeypatch.setattr(DoorProtocol, "body_deadline_s", 0.5)


async def recorded(door: Door) -> list[dict[str, Any]]:
    async with door.database.reading() as session:
        rows = [orjson.loads(each) for each in await session.scalars(sa.select(decisions.c.body).order_by(decisions.c.id))]
    return [each for each in rows if each.get("path", each["route"].partition(" ")[2]).startswith(("/turned/", "/token"))]


async def the_record(door: Door) -> dict[str, Any]:
    [only] = await eventually(lambda: recorded(door), within=5)
    return only


@pytest.mark.parametrize(
    ("request_", "rule", "status"),
    [
        (b"GET /turned/away?a=b HTTP/1.1" + HOST + b"a : b\r\n\r\n", "framing", 400),
        (b"GET /turned/away HTTP/1.1\r\n\r\n", "framing", 400),
        (b"GET /turned/away HTTP/1.1" + HOST + b"transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n", "framing", 400),
        (b"GET /turned/away HTTP/1.1" + HOST + b"connection: upgrade\r\nupgrade: h2c\r\n\r\n", "upgrade", 400),
        (b"GET /turned/away HTTP/1.1" + HOST + b"a: b\r\n" * 65 + b"\r\n", "header-limit", 431),
        (b"GET /turned/away HTTP/1.1" + HOST, "header-deadline", 408),
        (b"POST /token HTTP/1.1" + HOST + LONG, "body-deadline", 408),
        (b"POST /token HTTP/1.1" + HOST + b"transfer-encoding: chunked\r\n\r\n3\r\nabcx", "framing", 400),
    ],
)
async def test_a_request_that_the_door_refuses_leaves_a_record(door: Door, behind: Behind, request_: bytes, rule: str, status: int) -> None:
    said = await exchange(door.settings.listen_port, request_)
    assert said.startswith(b"HTTP/1.1 %d" % status)
    assert b'"rule": "%b"' % rule.encode() in said
    row = await the_record(door)
    assert (row["refused_by"], row["rule"], row["status"]) == ("protection", rule, status)
    assert row["code"] in said.decode()
    assert row["rooms"]["protection"] == f"refused: {rule}"
    assert row.get("path", "/token") == request_.split(b"?")[0].split()[1].decode()
    assert behind.asked == []


@pytest.mark.parametrize("said", [b"", b"\r\n\r\n", b"nonsense\r\n\r\n", b"GET", b"\x16\x03\x01\x02"])
async def test_what_was_no_request_leaves_none(door: Door, said: bytes) -> None:
    assert (await exchange(door.settings.listen_port, said)).startswith(b"HTTP/1.1 4")
    await exchange(door.settings.listen_port, b"GET /turned/away HTTP/1.1" + HOST + b"connection: close\r\n\r\n")
    assert (await the_record(door))["status"] == 401


async def test_each_of_those_sent_at_once_leaves_one_also_when_their_client_goes_away(door: Door, behind: Behind) -> None:
    behind.hold = asyncio.Event()
    _, writer = await asyncio.open_connection("127.0.0.1", door.settings.listen_port)
    first = b"POST /token HTTP/1.1" + HOST + b"content-length: 0\r\n\r\n"
    writer.write(first + b"".join(b"GET /turned/%d HTTP/1.1%b\r\n" % (number, HOST) for number in range(3)))
    await eventually(lambda: behind.asked)
    writer.transport.abort()

    async def have_all() -> list[dict[str, Any]] | None:
        rows = await recorded(door)
        return rows if len(rows) >= 4 else None

    rows = await eventually(have_all, within=5)
    assert Counter((each["status"], each["rule"]) for each in rows) == {(499, "hung-up"): 4}
    behind.hold.set()


async def test_a_refusal_after_a_good_request_is_recorded_beside_it(door: Door) -> None:
    good = b"GET /turned/one HTTP/1.1" + HOST + b"\r\n"
    said = await exchange(door.settings.listen_port, good + b"GET /turned/two HTTP/1.1\r\n\r\n")
    assert [each[:3] for each in said.split(b"HTTP/1.1 ")[1:]] == [b"401", b"400"]

    async def both() -> bool:
        return [(each["path"], each["status"]) for each in sorted(await recorded(door), key=lambda row: row["path"])] == [
            ("/turned/one", 401),
            ("/turned/two", 400),
        ]

    await eventually(both, within=5)
