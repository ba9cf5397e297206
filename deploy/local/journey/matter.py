"""Step 3. The citizen finds the matter in plain words and learns what the city already holds."""

from dataclasses import dataclass
from typing import Any

from deploy.client import SignedIn
from deploy.local.journey.context import Journey, Unexpected

_WORDS = ("狗证", "养犬")


@dataclass(frozen=True, slots=True)
class Matter:
    task_code: str
    name: str
    agency_name: str


async def find(journey: Journey, citizen: SignedIn) -> Matter:
    journey.step(
        "用日常说法查事项，看指南，看哪些材料不用交", "finds the matter in plain words, reads the guide, sees what need not be handed in"
    )
    for words in _WORDS:
        found = await _search(journey, citizen, words)
    matter = Matter(found["task_code"], found["name"], found["agency_name"])
    with journey.act("市民 citizen", "打开办事指南 opens the guide") as line:
        guide = (await journey.ask(lambda: citizen.get(f"/matters/{matter.task_code}"))).json()
        promised, visits = guide["matter"]["promised"]["working_days"], guide["matter"]["visits"]
        line.says(f"承诺 {promised} 个工作日、跑 {visits} 次 promised in {promised} working days, {visits} visits")
    with journey.act("市民 citizen", "查看材料准备情况 asks what is ready") as line:
        held = await journey.found(
            lambda: citizen.get(f"/matters/{matter.task_code}/readiness"), _held, what="that the city holds the identity card"
        )
        line.says(f"免交 held by the city: {held['certificate_name']} {held['number_masked']}")
    return matter


async def _search(journey: Journey, citizen: SignedIn, words: str) -> dict[str, Any]:
    """The first matter found where the citizen lives."""
    params = {"q": words, "division": journey.citizen.division}
    with journey.act("市民 citizen", f"搜索「{words}」 searches") as line:
        found: list[dict[str, Any]] = (await journey.ask(lambda: citizen.get("/matters", params=params))).json()["items"]
        if not found:
            raise Unexpected(f"expected a matter for {words}, got none")
        line.says(f"{found[0]['name']}（{found[0]['agency_name']}）")
    return found[0]


def _held(readiness: dict[str, Any]) -> dict[str, Any] | None:
    """The material that a certificate replaces; a certificate is linked to its holder by an event, so it may take a moment."""
    return next((each for each in readiness["materials"] if each["how"] == "held"), None)
