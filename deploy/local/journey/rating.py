"""Step 9. The citizen rates the service, the responsible unit replies, and the public sees both and no person."""

import secrets
from typing import Any

from deploy.client import SignedIn
from deploy.local.journey.context import Journey, check
from deploy.local.journey.district_process import DistrictProcess
from deploy.local.journey.parties import OFFICERS
from deploy.local.journey.submission import Submitted

_STARS = 2


async def rate(journey: Journey, citizen: SignedIn, district: DistrictProcess, submitted: Submitted) -> str:
    """The rating's id."""
    journey.step("好差评：差评、限期回复、双公开", "a bad rating, the unit's reply, both in public and no person in either")
    with journey.act("市民 citizen", "收到评价邀请 is invited to rate") as line:
        invitation = await journey.found(
            lambda: citizen.get("/ratings/invitations"), lambda all_: _for(all_, submitted.number), what="an invitation to rate the case"
        )
        line.says(f"{invitation['matter_name']}（{invitation['agency_name']}）")
    # Careless people write their own number into a text for everybody.
    text = f"补正一次，等得有点久，请回电 {journey.citizen.phone}。"
    tag = next(each for each in (await journey.ask(lambda: citizen.get("/ratings/tags"))).json() if each["code"].startswith(str(_STARS)))
    body = {"ticket_id": invitation["ticket_id"], "stars": _STARS, "tags": [tag["code"]], "text": text, "channel": "app"}
    key = f"rate-{secrets.token_hex(12)}"
    with journey.act("市民 citizen", f"评 {_STARS} 星 gives {_STARS} stars：{tag['zh']}") as line:
        rated = (await journey.ask(lambda: citizen.post("/ratings", json=body, idempotency_key=key), 201)).json()
        check(
            rated["case_number"] == submitted.number and submitted.number.startswith(rated["task_code"]), "a rating of this case and matter"
        )
        line.says(f"{rated['level_zh']}，办件 {rated['case_number'][-14:]}，应于 {rated['reply_due_on']} 前回复 reply due")
    rating = str(rated["rating_id"])
    replied = await district.did("replied", rating)
    journey.narrator.tell("区级系统 district", "整改并回复 replies for the unit", f"期限 due {replied['due']}", ms=replied["ms"])
    await _public(journey, submitted, rating)
    return rating


async def _public(journey: Journey, submitted: Submitted, rating: str) -> None:
    url = journey.config.gateway_url
    with journey.act("任何人 anybody", "查看公开评价 reads the public ratings") as line:
        shown = await journey.found(
            lambda: journey.anybody.get(f"{url}/ratings"), lambda page: _replied(page, rating), what="the rating and its reply in public"
        )
        line.says(f"{shown['stars']} 星「{shown['text']}」 ← {shown['reply']['text'][:24]}…")
    with journey.act("任何人 anybody", "打开公开页面 opens the public page") as line:
        page = (await journey.ask(lambda: journey.anybody.get(f"{url}/ratings/page"))).text
        check(shown["reply"]["text"][:12] in page, "the unit's reply on the public page")
        citizen = journey.citizen
        secret = (citizen.name, citizen.resident_id, citizen.phone, submitted.number, *OFFICERS)
        leaked = [each for each in secret if each in page]
        check(not leaked, f"no personal data on the public page, not {leaked}")
        line.says("无姓名、证号、手机、办件号、工号 no name, id, phone, case, officer")


def _for(invitations: Any, number: str) -> dict[str, Any] | None:
    return next((each for each in _items(invitations) if each["case_number"] == number), None)


def _replied(page: Any, rating: str) -> dict[str, Any] | None:
    return next((each for each in _items(page) if each["rating_id"] == rating and each["reply"]), None)


def _items(answer: Any) -> list[dict[str, Any]]:
    return list(answer["items"] if isinstance(answer, dict) else answer)
