"""The district's system as a process of its own: started, listened to, ended."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.install import ROOT
from deploy.local.journey.config import KnownParty
from deploy.local.journey.context import Unexpected
from deploy.local.running import free_port

_STOP_S = 10.0


@dataclass
class DistrictProcess:
    """What the district's process has said so far, one act a line."""

    process: asyncio.subprocess.Process
    log: Path
    acts: list[dict[str, Any]] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def listen(self) -> None:
        """Take in its lines until it ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            async with self._news:
                self.acts.append(json.loads(line))
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def did(self, act: str, subject: str, *, within_s: float = 60.0) -> dict[str, Any]:
        """The line that says that it did `act` to this case or rating, said already or soon. Raises Unexpected."""

        def found() -> dict[str, Any] | None:
            return next((each for each in self.acts if each["act"] == act and each["subject"] == subject), None)

        async with self._news:
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._news.wait_for(lambda: found() is not None or self.process.returncode is not None)
        said = found()
        if said is None:
            raise Unexpected(f"expected the district to say {act} of {subject}; its log ends:\n{self.tail()}")
        return said

    def tail(self) -> str:
        errors = self.log.read_text().splitlines()[-15:] if self.log.exists() else []
        return "\n".join([*(json.dumps(each, ensure_ascii=False) for each in self.acts[-10:]), *errors])


@asynccontextmanager
async def started(
    gateway_url: str, party: KnownParty, folder: Path, log: Path, *, is_pushed: bool = False
) -> AsyncIterator[DistrictProcess]:
    """The process of one district, until the block ends; `folder` holds its configuration and its cursor.

    One that `is_pushed` is told of moves as well, at a door of its own.
    """
    config = folder / "district.json"
    said: dict[str, Any] = {
        "gateway_url": gateway_url,
        "party_id": party.id,
        "key_file": str(party.key_file),
        "officers": list(party.officers),
    }
    if is_pushed:
        said["push_port"] = free_port()
    config.write_text(json.dumps({**said, "cursor_file": str(folder / "district.cursor")}))
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deploy.local.sandbox.district", str(config), stdout=asyncio.subprocess.PIPE, stderr=errors, cwd=ROOT
        )
    district = DistrictProcess(process, log)
    listening = asyncio.create_task(district.listen())
    try:
        if is_pushed:
            # What happens before it registers is not told.
            await district.did("registered", party.id)
        yield district
    finally:
        await _ended(process)
        await listening


async def _ended(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
