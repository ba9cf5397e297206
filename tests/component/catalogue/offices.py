"""Officers of a department or a district, who write, review and publish drafts."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from chassis.http import CallerFacts
from contracts.values import DivisionCode, OfficerId, PartyId
from tests.component.catalogue.conftest import Desk
from tests.support.service import EVERYTHING


@dataclass
class Office:
    """One party. `by` is the officer who asks; the second one is another."""

    desk: Desk
    kind: str = "department"
    division: str = "310000"
    party: PartyId = field(default_factory=PartyId.new)
    asked: int = 0

    async def ask(self, method: str, path: str, body: Any = None, *, by: str = "W-001", revision: int | None = None) -> httpx.Response:
        facts = CallerFacts(
            "gateway",
            party=self.party,
            party_kind=self.kind,
            division=DivisionCode(self.division),
            officer=OfficerId(by),
            permissions=EVERYTHING,
        )
        self.asked += 1
        said = {} if revision is None else {"if-match": f'"{revision}"'}
        key = f"{self.party}-{self.asked}"[-60:] if path == "/matter-drafts" and method == "POST" else None
        return await self.desk.door.call(method, path, facts=facts, json=body, headers=said, key=key)

    async def start(self, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "/matter-drafts", body, **more)
        assert answer.status_code == 201, answer.text
        draft: dict[str, Any] = answer.json()
        return draft

    async def read(self, draft: dict[str, Any]) -> dict[str, Any]:
        answer = await self.ask("GET", f"/matter-drafts/{draft['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def do(self, draft: dict[str, Any], what: str, body: Any = None, *, by: str = "W-001") -> httpx.Response:
        """A step of a draft, with the revision that it had when it was read."""
        method = "PUT" if what == "" else "POST"
        path = f"/matter-drafts/{draft['id']}" + (f"/{what}" if what else "")
        return await self.ask(method, path, body, by=by, revision=draft["revision"])

    async def done(self, draft: dict[str, Any], what: str, body: Any = None, *, by: str = "W-001") -> dict[str, Any]:
        answer = await self.do(draft, what, body, by=by)
        assert answer.status_code == 200, answer.text
        return draft | answer.json()

    async def approved(self, draft: dict[str, Any]) -> dict[str, Any]:
        submitted = await self.done(draft, "submission")
        return await self.done(submitted, "review", {"approve": True}, by="W-002")

    async def published(self, draft: dict[str, Any], **body: Any) -> dict[str, Any]:
        return await self.done(await self.approved(draft), "publication", body, by="W-002")

    async def revised(self, basic_code: str, **changed: Any) -> dict[str, Any]:
        """A draft that revises a matter, not yet submitted."""
        draft = await self.start({"revise": basic_code})
        matter = (await self.read(draft))["matter"] | changed
        return await self.done(draft, "", {"matter": matter})

    async def own(self, task_code: str, **changed: Any) -> dict[str, Any]:
        """A draft of an implementation's own terms, not yet submitted."""
        draft = await self.start({"local": task_code})
        return await self.done(draft, "", {"local": (await self.read(draft))["local"] | changed})
