"""A department revises a matter over the running mesh: two officers, one source, seen everywhere; and suspends it."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from chassis import working_days
from deploy.client import TongbanClient
from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.journey.parties import OFFICERS
from deploy.local.mesh import Mesh
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, visiting

DOG: Final = "310101900000"
DOG_IN_JINGAN: Final = "11310106TE5T01043T4310101900000"
AUTHOR, SECOND = "ga-001", "ga-002"


async def published(police: TongbanClient, effective_at: str | None = None, **changed: Any) -> dict[str, Any]:
    """A revision of the dog's licence, from its first word to its publication."""
    key = secrets.token_hex(8)
    started = await police.post("/matter-drafts", json={"revise": DOG}, idempotency_key=key, officer=AUTHOR)
    assert started.status_code == 201, started.text
    path, tag = f"/matter-drafts/{started.json()['id']}", started.headers["etag"]
    content = (await police.get(path, officer=AUTHOR)).json()["matter"] | changed
    answer = await police.put(path, json={"matter": content}, officer=AUTHOR, if_match=tag)
    for step, body, officer in (
        ("submission", None, AUTHOR),
        ("review", {"approve": True}, SECOND),
        ("publication", {"effective_at": effective_at} if effective_at else {}, SECOND),
    ):
        assert answer.status_code == 200, answer.text
        answer = await police.post(f"{path}/{step}", json=body, officer=officer, if_match=answer.headers["etag"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def seen(visit: Visit, words: str) -> tuple[int, int, int, list[str]]:
    """What the app shows: the guide's version and promise, the form's version, and whether it is found by these words."""
    guide = (await visit.citizen.get(f"/matters/{DOG_IN_JINGAN}")).json()
    form = (await visit.citizen.get(f"/matters/{DOG_IN_JINGAN}/form")).json()
    listed = (await visit.citizen.get("/matters", params={"q": words, "one_each": "true"})).json()["items"]
    named = [each["name"] for each in listed if words in each["name"]]
    return guide["version"], guide["matter"]["promised"]["working_days"], form["version"], named


async def due_of_a_new_case(visit: Visit) -> str:
    """The last day of the promise of a case that is submitted, and accepted at the window, now."""
    case = await submission.submit(visit.journey, visit.citizen, await matter.find(visit.journey, visit.citizen))
    key = secrets.token_hex(8)
    accepted = await visit.parties.window.post(f"/cases/{case.number}/acceptance", officer=OFFICERS[0], idempotency_key=key)
    assert accepted.status_code == 200, accepted.text
    due: str = accepted.json()["due_on"]
    return due


async def test_a_matter_edited_once_is_seen_everywhere_within_two_seconds(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        police = visit.parties.police
        before = (await visit.citizen.get(f"/matters/{DOG_IN_JINGAN}")).json()["matter"]
        promised = before["promised"] | {"working_days": 6}
        version = (await published(police, promised=promised, name="犬类准养证（示例修订）"))["published_version"]

        async def is_seen() -> bool:
            return await seen(visit, "示例修订") == (version, 6, version, ["犬类准养证（示例修订）"])

        await eventually(is_seen, within=2)
        assert await due_of_a_new_case(visit) == working_days.known().after(working_days.local_day(datetime.now(UTC)), 6).on.isoformat()
        moment = datetime.now(UTC) + timedelta(seconds=5)
        later = (await published(police, moment.isoformat(), promised=before["promised"], name=before["name"]))["published_version"]
        assert (await seen(visit, "示例修订"))[0] == version
        changes = (await visit.citizen.get(f"/matters/{DOG}/versions/{version}/diff/{later}")).json()["changes"]
        assert {each["path"] for each in changes} == {"name", "promised.working_days"}

        async def is_back() -> bool:
            said = await seen(visit, before["name"])
            return said == (later, before["promised"]["working_days"], later, [before["name"]])

        await eventually(is_back, within=8)


async def test_what_is_suspended_is_not_applied_for(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        police = visit.parties.police
        why = {"reason": "示例：系统升级"}
        try:
            assert (await police.post(f"/matters/{DOG}/suspension", json=why, officer=AUTHOR)).status_code == 200
            guide = await visit.citizen.get(f"/matters/{DOG_IN_JINGAN}")
            assert (guide.status_code, guide.json()["code"], guide.json()["reason"]) == (409, "matter-suspended", why["reason"])

            async def is_refused() -> bool:
                form = await visit.citizen.get(f"/matters/{DOG_IN_JINGAN}/form")
                return (form.status_code, form.json().get("upstream_code")) == (409, "matter-suspended")

            await eventually(is_refused, within=2)
            refused = await visit.parties.window.post(f"/matters/{DOG}/resumption", json=why, officer="hp-001")
            assert (refused.status_code, refused.json()["code"]) == (403, "draft-out-of-reach")
        finally:
            resumed = await police.post(f"/matters/{DOG}/resumption", json=why, officer=AUTHOR)
        assert resumed.status_code == 200, resumed.text
        assert (await visit.citizen.get(f"/matters/{DOG_IN_JINGAN}")).status_code == 200
