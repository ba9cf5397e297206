"""Step 6. The case reaches its district by an event; the district's own system asks once, accepts, and decides by another officer."""

import secrets
from typing import Any

from deploy.client import SignedIn
from deploy.local.journey.context import Journey, check
from deploy.local.journey.district_process import DistrictProcess
from deploy.local.journey.parties import Parties
from deploy.local.journey.submission import PROOF, WIDE, Submitted, upload


async def handle(journey: Journey, parties: Parties, citizen: SignedIn, district: DistrictProcess, submitted: Submitted) -> None:
    journey.step(
        "派件到区，一次告知补正，受办分离",
        "dispatched to the right district, one correction, accepted by one officer and decided by another",
    )
    number = submitted.number
    told = await district.did("told", number)
    _tell(
        journey,
        told | {"ms": 0},
        "收到推送，验签无误 is told by a signed webhook, and the signature holds",
        f"{told['reason']}，已确认 204",
    )
    fetched = await district.did("fetched", number)
    how = "、".join(f"{code}: {way}" for code, way in fetched["materials"].items())
    _tell(journey, fetched, "领取派件与卷宗 fetches dispatch and dossier", how)
    if fetched["annotation"]:
        _tell(journey, fetched | {"ms": 0}, "身份证为加注件 the card is an annotated copy", fetched["annotation"])
    with journey.act("另一区系统 another one", "领取派件 fetches its own dispatches") as line:
        others = (await journey.ask(lambda: parties.elsewhere.get("/dispatches"))).json()["items"]
        check(number not in {each["number"] for each in others}, "that another district does not see the case")
        line.says("没有该办件 the case is not among them")
    await _correct(journey, citizen, district, number)
    accepted = await district.did("accepted", number)
    _tell(journey, accepted, f"受理 accepts, officer {accepted['officer']}", "")
    refused = await district.did("separated", number)
    _tell(journey, refused, f"由受理人决定 the same officer decides, {refused['officer']}", f"409 {refused['title']} {refused['code']}")
    decided = await district.did("decided", number)
    _tell(journey, decided, f"由另一人决定 another officer decides, {decided['officer']}", decided["outcome"])
    with journey.act("区级系统 district", "查看推送台账 reads the ledger of what it was told") as line:
        path, about = "/callbacks/own/deliveries", {"number": number}
        told_all = await journey.found(lambda: parties.window.get(path, params=about), _all_told, what="that every move was delivered")
        line.says(f"{len(told_all)} 次推送均已送达 pushes, each delivered: " + "、".join(each["reason"] for each in told_all))


async def _correct(journey: Journey, citizen: SignedIn, district: DistrictProcess, number: str) -> None:
    asked = await district.did("asked", number)
    _tell(journey, asked, f"一次性告知补正 asks for a correction, officer {asked['officer']}", "、".join(asked["materials"]))
    with journey.act("市民 citizen", "看到补正通知 reads the notice") as line:
        case = await journey.found(lambda: citizen.get(f"/cases/{number}"), _with_notice, what="a notice of what is wrong")
        line.says(case["notice"]["text"])
    with journey.act("市民 citizen", f"补交 {WIDE} 像素宽的照片 corrects it with a photo {WIDE} px wide") as line:
        picture = await upload(journey, citizen, WIDE)
        body = {"materials": [{"code": PROOF, "file_id": picture}]}
        key = f"correct-{secrets.token_hex(12)}"
        answer = await journey.ask(lambda: citizen.post(f"/cases/{number}/corrections", json=body, idempotency_key=key))
        line.says(answer.json()["status"])


def _all_told(page: dict[str, Any]) -> list[dict[str, Any]] | None:
    items: list[dict[str, Any]] = page["items"]
    is_done = any(each["reason"] == "granted" for each in items) and all(each["state"] == "delivered" for each in items)
    return items if is_done else None


def _with_notice(case: dict[str, Any]) -> dict[str, Any] | None:
    return case if case["notice"] else None


def _tell(journey: Journey, act: dict[str, Any], what: str, result: str) -> None:
    """An act of the district's process, with the time that it took there."""
    journey.narrator.tell("区级系统 district", what, result, ms=act["ms"])
