"""Changes the key that a service's data is sealed under, while the service runs (docs/key-rotation.md).

`python -m chassis.sealing.rotation rotate services.identity --url http://127.0.0.1:8081`, or step by step: `status`, `add`,
`wait`, `promote`, `reseal`, `remove`. Ring and database come from `<SERVICE>_DATA_KEY_FILE` and `<SERVICE>_DATABASE_URL`.
Every step may be interrupted and taken again.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Final

import httpx
import structlog
from httpx_aiohttp import AiohttpTransport

from chassis import logs
from chassis.database import Database
from chassis.database.migrate import service_name
from chassis.errors import ServiceError
from chassis.sealing.resealing import NotResealed, reseal, settled
from chassis.sealing.ring import Ring, State, change
from chassis.sealing.sealer import LOOK_EVERY_S, Sealer

log = structlog.get_logger()

_POLL_S: Final = 0.2

Say = Callable[[str], None]


class NotRotated(Exception):
    """A rotation stopped half-way; taking it again goes on where it stopped."""


@dataclass(frozen=True, slots=True)
class Place:
    """A service's sealed data: its ring, its tables, its database, and where each of its processes answers `/health/ready`."""

    package: str
    ring_file: Path
    database_url: str = field(repr=False)
    urls: tuple[str, ...]

    @property
    def name(self) -> str:
        return service_name(self.package)


@dataclass(frozen=True, slots=True)
class Rotation:
    """`keep_s`: how long a key is kept that nothing is stored under any more, for what it sealed and lives elsewhere.

    `within_s`: how long processes may take to follow a ring.
    """

    places: Sequence[Place]
    say: Say
    rest: float = 1.0
    within_s: float = 60.0
    keep_s: float = 0.0

    async def run(self) -> dict[str, int]:
        """A new key for every place, or the end of a rotation that was begun. How many rows were resealed, by place and table.

        Raises NotRotated, NotResealed, ServiceError.
        """
        await self.add()
        await self.wait()
        await self.promote()
        await self.wait()
        done = await self.reseal()
        await asyncio.sleep(self.keep_s)
        await self.remove()
        await self.wait()
        return done

    async def add(self) -> None:
        for place in self.places:
            # A ring with a retired key is in the middle of a rotation, which comes first.
            ring = change(place.ring_file, lambda ring: ring if ring.has(State.RETIRED) else ring.with_another())
            self._tell(place, ring)

    async def wait(self) -> None:
        """Until every process has the ring as its file is now. Raises NotRotated."""
        async with httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False, timeout=5) as client:
            for place in self.places:
                version = Ring.read(place.ring_file).version
                for url in place.urls:
                    await self._followed(client, place, url, version)
        # A process may hold several sealers; those that were not asked look at the file by themselves.
        await asyncio.sleep(LOOK_EVERY_S)

    async def promote(self) -> None:
        """Not before whatever began without the new key has ended: it would write a text once more that has its hash under that."""
        for place in self.places:
            await self._with_database(place, self._settled)
            self._tell(place, change(place.ring_file, Ring.with_newest_current))

    async def reseal(self) -> dict[str, int]:
        done: dict[str, int] = {}
        for place in self.places:
            resealed = await self._with_database(place, self._reseal)
            done |= {f"{place.name}.{table}": count for table, count in resealed.items()}
            said = ", ".join(f"{table} {count}" for table, count in resealed.items())
            self.say(f"{place.name}: every row is under key {Ring.read(place.ring_file).current.id}; resealed {said}")
        return done

    async def remove(self) -> None:
        """Retired keys go when a last walk has found no row under them. Raises NotResealed."""
        for place in self.places:
            if not Ring.read(place.ring_file).has(State.RETIRED):
                continue
            await self._with_database(place, self._reseal)
            self._tell(place, change(place.ring_file, Ring.without_retired))

    async def status(self) -> None:
        for place in self.places:
            self._tell(place, Ring.read(place.ring_file))

    async def _followed(self, client: httpx.AsyncClient, place: Place, url: str, version: str) -> None:
        deadline, said = monotonic() + self.within_s, "nothing"
        while monotonic() < deadline:
            with suppress(httpx.HTTPError, ValueError, TimeoutError):
                said = str((await client.get(f"{url.rstrip('/')}/health/ready")).json().get("key_ring"))
            if said == version:
                return
            await asyncio.sleep(_POLL_S)
        raise NotRotated(f"{place.name} at {url} has not followed {place.ring_file}: it says {said}, and the file is {version}")

    async def _with_database(self, place: Place, work: Callable[[Place, Database], Awaitable[dict[str, int]]]) -> dict[str, int]:
        database = Database(place.database_url, pool_size=2, name="key rotation")
        try:
            return await work(place, database)
        finally:
            await database.close()

    async def _settled(self, _: Place, database: Database) -> dict[str, int]:
        await settled(database, within_s=self.within_s)
        return {}

    async def _reseal(self, place: Place, database: Database) -> dict[str, int]:
        await self._settled(place, database)
        metadata = import_module(f"{place.package}.tables").metadata
        return await reseal(database, metadata, Sealer.from_file(place.ring_file), rest=self.rest)

    def _tell(self, place: Place, ring: Ring) -> None:
        self.say(f"{place.name}: {', '.join(f'key {key.id} {key.state}' for key in ring.keys)}")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m chassis.sealing.rotation", description=__doc__)
    parser.add_argument("step", choices=["status", "add", "wait", "promote", "reseal", "remove", "rotate"])
    parser.add_argument("package", nargs="+", help="services.identity")
    parser.add_argument("--url", action="append", default=[], help="a process of the service, for `wait` and `rotate`")
    parser.add_argument("--rest", type=float, default=1.0, help="rest after each batch, in times of its length")
    parser.add_argument("--within-s", type=float, default=60.0, help="how long processes may take to follow a ring")
    parser.add_argument("--keep-s", type=float, default=0.0, help="how long to keep a key that no row is under")
    said = parser.parse_args(arguments)
    if said.step in {"wait", "rotate"} and (len(said.package) != 1 or not said.url):
        parser.error(f"{said.step} needs one package, and the --url of every process of it")
    rotation = Rotation([_place(package, said.url) for package in said.package], log.info, said.rest, said.within_s, said.keep_s)
    logs.configure("key-rotation")
    try:
        asyncio.run(rotation.run() if said.step == "rotate" else getattr(rotation, said.step)())
    except (NotRotated, NotResealed, ServiceError, ValueError, OSError) as reason:
        sys.exit(f"key rotation: {reason}")


def _place(package: str, urls: Sequence[str]) -> Place:
    prefix = service_name(package).upper()
    return Place(package, Path(os.environ[f"{prefix}_DATA_KEY_FILE"]), os.environ[f"{prefix}_DATABASE_URL"], tuple(urls))


if __name__ == "__main__":
    main(sys.argv[1:])
