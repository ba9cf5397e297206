"""Step 10. The citizen sees every step of the case and everyone who looked at the data."""

from collections import defaultdict
from typing import Any

from deploy.client import SignedIn
from deploy.local.journey.context import Journey
from deploy.local.journey.submission import Submitted


async def read(journey: Journey, citizen: SignedIn, submitted: Submitted) -> tuple[str, ...]:
    """Who looked, in the words of the ledger."""
    journey.step("办件全程可查，谁看过我的数据可查", "every step of the case, and everyone who looked at the data")
    number = submitted.number
    with journey.act("市民 citizen", "办件进度 the case's steps") as line:
        case = await journey.found(lambda: citizen.get(f"/cases/{number}"), _closed, what="a closed case")
        line.says(f"{len(case['steps'])} 步 steps，{case['status']}")
    for each in case["steps"]:
        journey.narrator.say(f"        {each['at'][11:19]}  {each['zh']}  {each['en']}（{each['by']}）")

    async def complete() -> list[dict[str, Any]] | None:
        looks = await _looks(journey, citizen)
        who = " ".join(each["who"] for each in looks if each["case_number"] == number)
        return looks if all(word in who for word in ("case intake", "certificates", "district system")) else None

    with journey.act("市民 citizen", "数据访问记录 the access records") as line:
        looks = await journey.until(complete, what=lambda: "case intake, certificates and the district in the access records")
        line.says(f"{len(looks)} 次 looks")
    for who, purposes in sorted(_by_whom(looks).items()):
        journey.narrator.say(f"        {sum(purposes.values()):>3} × {who}：{'；'.join(sorted(purposes))}")
    return tuple(sorted({each["who"] for each in looks}))


def _closed(case: dict[str, Any]) -> dict[str, Any] | None:
    return case if case["status"] == "closed" else None


async def _looks(journey: Journey, citizen: SignedIn) -> list[dict[str, Any]]:
    """All pages of the person's ledger."""
    page = await _page(journey, citizen, {})
    looks: list[dict[str, Any]] = page["items"]
    while page["next"] is not None:
        page = await _page(journey, citizen, {"after": page["next"]})
        looks += page["items"]
    return looks


async def _page(journey: Journey, citizen: SignedIn, params: dict[str, Any]) -> dict[str, Any]:
    page: dict[str, Any] = (await journey.ask(lambda: citizen.get("/persons/me/accesses", params=params))).json()
    return page


def _by_whom(looks: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in looks:
        who = f"{each['who']} {each['officer'] or ''}".strip()
        purpose = f"办件 case …{each['purpose'][-14:]}" if each["purpose"] == each["case_number"] else each["purpose"]
        counted[who][purpose] += 1
    return counted
