"""A district's own system, as a process of its own that speaks nothing but the public interface with signed requests.

`python -m deploy.local.sandbox.district <config.json>`: {gateway_url, party_id, key_file, officers: [two], cursor_file}, and
`push_port` where it is told of moves at a door of its own beside following its feed. It asks once for pictures that are too
small, accepts by its first officer, decides by its second, and answers bad ratings. Each act is one JSON line on stdout.
Every write goes under a key made of its subject and the act, so that a process killed at any moment and started again
repeats nothing.
"""

import asyncio
import contextlib
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.client import TongbanClient, patiently
from deploy.local.pictures import size_of
from deploy.local.sandbox.pushed import Door, opened

_LOOK_EVERY_S: Final = 0.2
_PULL_EVERY_S: Final = 3.0
"""Where we are told of moves, the feed is there for what we were not told."""
_LEAST_WIDTH_PX: Final = 200
_WAITS_FOR_US: Final = {"submitted", "corrected"}
_NOTICE: Final = f"照片宽度不足 {_LEAST_WIDTH_PX} 像素，请重新上传清晰照片。The photo is narrower than {_LEAST_WIDTH_PX} pixels."
_REPLY: Final = "已联系窗口核实并调整叫号安排，今后同类办件两个工作日内办结。We have changed how the queue is run."


class Refused(Exception):
    """The mesh refused what this system is sure of; the text is its answer."""


class District:
    """`officers` are the numbers of two people: who accepts a case may not decide it. At the `door` we are told of moves."""

    def __init__(self, client: TongbanClient, officers: list[str], cursor_file: Path, door: Door | None = None) -> None:
        self._client = client
        self._door = door
        self._done: set[tuple[str, int]] = set()
        self._first, self._second = officers[:2]
        self._cursor_file = cursor_file

    async def run(self, stop: asyncio.Event) -> None:
        pull_at = 0.0
        while not stop.is_set():
            if (now := time.monotonic()) >= pull_at:
                await self._follow_feed(stop)
                pull_at = now + (_PULL_EVERY_S if self._door else 0.0)
            await self._answer_ratings()
            if self._door:
                await self._take(self._door)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _LOOK_EVERY_S)

    async def _take(self, door: Door) -> None:
        """What we were told of in the meantime."""
        while (told := await door.next(_LOOK_EVERY_S)) is not None:
            _say("told", told.number, time.perf_counter(), reason=told.reason, delivery=told.delivery, key_id=told.key_id)
            await self._look_at(told.number, told.revision, told.reason)

    async def _look_at(self, number: str, revision: int, reason: str) -> None:
        """Once, however we heard of it."""
        if reason in _WAITS_FOR_US and (number, revision) not in self._done:
            await self._handle(number)
            self._done.add((number, revision))

    async def _follow_feed(self, stop: asyncio.Event) -> None:
        after = self._cursor_file.read_text() if self._cursor_file.exists() else ""
        page = await self._get("/dispatches", {"after": after} if after else {})
        for dispatch in page["items"]:
            if stop.is_set():
                return
            await self._look_at(dispatch["number"], dispatch["revision"], dispatch["reason"])
            # Only now: what was begun before a crash is looked at once more.
            self._cursor_file.write_text(dispatch["cursor"])

    async def _handle(self, number: str) -> None:
        started = time.perf_counter()
        dossier = await self._get(f"/cases/{number}/dossier")
        materials = {each["code"]: each["how"] for each in dossier["materials"]}
        annotation = next((each["annotation"] for each in dossier["materials"] if each.get("annotation")), "")
        _say("fetched", number, started, status=dossier["status"], materials=materials, annotation=annotation)
        narrow: list[str] = []
        if dossier["status"] in {"submitted", "prereview"}:
            narrow = await self._too_narrow(dossier)
            if narrow and dossier["notice"] is None:
                await self._ask_for(number, narrow)
                return
            if not await self._accept(number):
                return
            dossier = await self._get(f"/cases/{number}/dossier")
        if dossier["status"] == "accepted":
            await self._decide(number, narrow)
        elif dossier["status"] in {"granted", "refused", "closed"}:
            _say("decided", number, started, outcome=dossier["status"], officer=self._second)

    async def _too_narrow(self, dossier: dict[str, Any]) -> list[str]:
        """Codes of the uploaded pictures that are narrower than the guide asks for."""
        pictures = [each for each in dossier["materials"] if each["how"] == "file" and each["file"]["media_type"] == "image/png"]
        narrow = []
        for each in pictures:
            path = f"/cases/{dossier['number']}/files/{each['file']['file_id']}"
            content = (await self._called("GET", path)).content
            if _width_of(content) < _LEAST_WIDTH_PX:
                narrow.append(each["code"])
        return narrow

    async def _ask_for(self, number: str, materials: list[str]) -> None:
        started = time.perf_counter()
        await self._post(f"/cases/{number}/correction-requests", f"{number}-notice", {"text": _NOTICE, "materials": materials})
        _say("asked", number, started, materials=materials, officer=self._first)

    async def _accept(self, number: str) -> bool:
        """Whether it was: somebody else may have ended the case in the meantime, and asking again would not change that."""
        started = time.perf_counter()
        answer = await self._called("POST", f"/cases/{number}/acceptance", f"{number}-acceptance", statuses=(200, 409))
        _say("accepted" if answer.status_code == 200 else "set-aside", number, started, officer=self._first)
        return answer.status_code == 200

    async def _decide(self, number: str, narrow: list[str]) -> None:
        body: dict[str, Any] = {"outcome": "grant"}
        if narrow:
            body = {"outcome": "refuse", "reason": "补正后的照片仍不符合要求。The corrected photo is still too small."}
        path, key = f"/cases/{number}/decision", f"{number}-decision"
        started = time.perf_counter()
        answer = await self._called("POST", path, f"{key}-1", body, officer=self._first, statuses=(409,))
        _say("separated", number, started, code=answer.json()["code"], title=answer.json()["titles"]["zh"], officer=self._first)
        started = time.perf_counter()
        await self._post(path, key, body, officer=self._second)
        _say("decided", number, started, outcome=body["outcome"], officer=self._second)

    async def _answer_ratings(self) -> None:
        for task in (await self._get("/ratings/tasks"))["items"]:
            started = time.perf_counter()
            rating = task["rating_id"]
            await self._post(f"/ratings/{rating}/reply", f"{rating}-reply", {"kind": "rectified", "text": _REPLY})
            _say("replied", rating, started, due=task["reply_due_on"], stars=task["stars"])

    async def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
        return (await self._called("GET", path, params=params)).json()

    async def _post(self, path: str, key: str, body: Any, *, officer: str | None = None) -> None:
        await self._called("POST", path, key, body, officer=officer, statuses=(200, 201))

    async def _called(
        self,
        method: str,
        path: str,
        key: str = "",
        body: Any = None,
        *,
        params: dict[str, str] | None = None,
        officer: str | None = None,
        statuses: tuple[int, ...] = (200,),
    ) -> httpx.Response:
        by = officer or self._first
        if method == "GET":
            answer = await patiently(lambda: self._client.get(path, params=params, officer=by))
        else:
            answer = await patiently(lambda: self._client.post(path, json=body, idempotency_key=key, officer=by))
        if answer.status_code not in statuses:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:600]}")
        return answer


def _width_of(content: bytes) -> int:
    """Of what is no picture, none: its applicant is asked for another."""
    try:
        return size_of(content)[0]
    except ValueError:
        return 0


def _say(act: str, subject: str, started: float, **more: Any) -> None:
    """Nothing personal is said: a case is named by its number, a rating by its id."""
    print(
        json.dumps({"act": act, "subject": subject, "ms": (time.perf_counter() - started) * 1000, **more}, ensure_ascii=False), flush=True
    )


async def main(config: dict[str, Any]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    key = await asyncio.to_thread(Path(config["key_file"]).read_bytes)
    async with TongbanClient(config["gateway_url"], config["party_id"], key) as client:
        if port := config.get("push_port"):
            door = Door(client)
            async with opened(door, port) as url:
                started = time.perf_counter()
                await door.register(url)
                _say("registered", config["party_id"], started)
                await District(client, config["officers"], Path(config["cursor_file"]), door).run(stop)
        else:
            await District(client, config["officers"], Path(config["cursor_file"])).run(stop)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
