"""Clients that lose patience, send twice at once, and come again under the same key until they know."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.client import SignedIn, patiently
from tests.support.applicants import Applicants

_TWICE, _IMPATIENT = 0.05, 0.1
_LONGEST_PATIENCE_S = 0.4


@dataclass
class Journal:
    """What was sent and what was answered, by key, on disk as it happens; `told` holds every number that a key was answered with."""

    file: Path
    told: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def sends(self, key: str) -> None:
        self._write(f"sends {key}")

    def hears(self, key: str, number: str) -> None:
        self._write(f"hears {key} {number}")
        self.told[key].add(number)

    @property
    def acknowledged(self) -> set[str]:
        return {number for numbers in self.told.values() for number in numbers}

    def _write(self, line: str) -> None:
        with self.file.open("a") as file:
            file.write(line + "\n")


@dataclass
class _Client:
    who: SignedIn
    submission: dict[str, object]
    journal: Journal
    chance: random.Random

    async def submit(self, key: str) -> None:
        self.journal.sends(key)
        if self.chance.random() < _IMPATIENT:
            # It hangs up in the middle, and does not know what became of it.
            patience_s = self.chance.uniform(0, _LONGEST_PATIENCE_S)
            await asyncio.wait([impatient := asyncio.create_task(self._send(key))], timeout=patience_s)
            impatient.cancel()
            await asyncio.gather(impatient, return_exceptions=True)
        twins = 2 if self.chance.random() < _TWICE else 1
        for answer in await asyncio.gather(*(patiently(lambda: self._send(key), within_s=120) for _ in range(twins))):
            assert answer.status_code == 201, answer.text
            self.journal.hears(key, answer.json()["number"])

    async def _send(self, key: str) -> httpx.Response:
        answer = await self.who.post("/cases", json=self.submission, idempotency_key=key)
        if answer.status_code == 401:
            self.who = await self.who.app.refresh(self.who)
            answer = await self.who.post("/cases", json=self.submission, idempotency_key=key)
        return answer


async def submit_all(known: Applicants, journal: Journal, keys: Sequence[str], *, seed: str) -> None:
    """Every key once, by as many clients as there are applicants, each one submission after the other."""

    async def one(place: int, who: SignedIn) -> None:
        client = _Client(who, known.submission, journal, random.Random(f"{seed}-{place}"))
        for key in keys[place :: len(known.signed_in)]:
            await client.submit(key)

    async with asyncio.TaskGroup() as group:
        for place, who in enumerate(known.signed_in):
            group.create_task(one(place, who))
