"""What was passed once, and who was let in once, at several gateways and after a restart of each."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.database import Database
from tests.integration.gateway.door import Behind, Door, exchange, gateway, register
from tests.support.eventually import eventually


def asked(headers: dict[str, str], host: str) -> bytes:
    lines = ["GET /matters HTTP/1.1", f"host: {host}", "connection: close", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


async def status(door: Door, headers: dict[str, str], host: str) -> int:
    return int((await exchange(door.settings.listen_port, asked(headers, host)))[9:12])


async def test_a_signature_passes_once_at_two_gateways_and_not_after_a_restart(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, behind: Behind
) -> None:
    database = database_of("gateway.registry")
    parties = await register(database)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with gateway(database, tmp_path / "b", upstream, parties=parties) as second:
        async with gateway(database, tmp_path / "a", upstream, parties=parties) as first:
            host = f"127.0.0.1:{first.settings.listen_port}"
            signatures = [first.signature("district", "GET", "/matters") for _ in range(10)]
            for each in signatures:
                both = await asyncio.gather(status(first, each, host), status(second, each, host))
                assert sorted(both) == [200, 409]
            bare = first.signature("district", "GET", "/matters")
            thin = bare | {"signature-input": bare["signature-input"].replace('"@authority" ', "")}
            assert thin != bare
            assert await status(first, thin, host) == 401
        async with gateway(database, tmp_path / "a", upstream, parties=parties) as restarted:
            assert {await status(restarted, each, host) for each in signatures} == {409}
            assert await status(restarted, thin, host) == 401
            # What was tampered with has not used up what was not.
            assert await status(restarted, bare, host) == 200
        assert len(behind.asked) == len(signatures) + 1


async def test_a_party_that_is_suspended_while_it_calls_is_refused_by_every_gateway(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str
) -> None:
    database = database_of("gateway.registry")
    parties = await register(database)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with (
        gateway(database, tmp_path / "a", upstream, parties=parties) as first,
        gateway(database, tmp_path / "b", upstream, parties=parties) as second,
    ):
        refused_at: dict[Door | int, float] = {}
        answers: dict[int, list[int]] = {0: [], 1: []}
        stop = asyncio.Event()

        async def load(number: int, door: Door) -> None:
            while not stop.is_set():
                said = await door.call("GET", "/matters", door.bearer())
                answers[number].append(said.status_code)
                if said.status_code == 403:
                    refused_at.setdefault(number, time.monotonic())

        loads = [asyncio.create_task(load(number, door)) for number, door in enumerate((first, second)) for _ in range(4)]
        await eventually(lambda: all(each.count(200) > 20 for each in answers.values()), within=10)
        said = await first.officer("op-002", "POST", f"/parties/{parties['app']}/suspension", {"reason": "密钥泄露"})
        assert said.status_code == 200
        suspended_at = time.monotonic()
        await eventually(lambda: len(refused_at) == 2, within=5)
        await eventually(lambda: all(each[-8:].count(403) == 8 for each in answers.values()), within=5)
        stop.set()
        await asyncio.gather(*loads)
        assert all(set(each) <= {200, 403, 429} for each in answers.values())
        print({number: round(at - suspended_at, 2) for number, at in refused_at.items()})


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", "br"])
async def test_how_a_body_is_coded_never_gets_lost_on_the_way(door: Door, behind: Behind, coding: str) -> None:
    """A service that read it as it is would read something else than was sent."""
    said = await door.call("POST", "/token", {"content-encoding": coding}, b"\x1f\x8b")
    assert said.status_code == 415
    assert behind.asked == []
