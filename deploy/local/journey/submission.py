"""Steps 4 and 5. A prefilled form, submitted once however often it is sent, with a certificate instead of an upload."""

import secrets
from dataclasses import dataclass
from typing import Any

from deploy.client import SignedIn
from deploy.local.journey.context import Journey, Unexpected, check
from deploy.local.journey.matter import Matter
from deploy.local.pictures import png

NARROW, WIDE = 120, 640
CARD, PROOF, HOME = "identity-card", "vaccination-proof", "home-proof"


@dataclass(frozen=True, slots=True)
class Submitted:
    """`trace_id` is that of the submission; `purpose` what the citizen agreed to for the held certificate."""

    number: str
    trace_id: str
    purpose: str


async def submit(journey: Journey, citizen: SignedIn, matter: Matter, *, collect_in: str | None = None) -> Submitted:
    """`collect_in` is the district where the result is fetched, where that is another one."""
    journey.step("表单预填，幂等提交", "the form comes prefilled; the same submission sent twice is one case")
    with journey.act("市民 citizen", "打开申请表 opens the form") as line:
        form = (await journey.ask(lambda: citizen.get(f"/matters/{matter.task_code}/form"))).json()
        prefilled = [each for each in form["fields"] if each["value"] is not None]
        check(any(each["value"] == journey.citizen.name for each in prefilled), "the citizen's name in the form")
        line.says(f"{len(prefilled)}/{len(form['fields'])} 项已填 prefilled: " + "、".join(each["title"] for each in prefilled))
    with journey.act("市民 citizen", f"上传免疫证明照片 uploads a photo {NARROW} px wide") as line:
        picture = await upload(journey, citizen, NARROW)
        line.says(picture[-12:])
    body = {
        "task_code": matter.task_code,
        "version": form["version"],
        "values": _answers(journey),
        "materials": _materials(form, picture, purpose := f"办理{matter.name}"),
        **({"collect_in": collect_in} if collect_in else {}),
    }
    key = f"submit-{secrets.token_hex(12)}"
    with journey.act("市民 citizen", "提交 submits the case") as line:
        answer = await journey.ask(lambda: citizen.post("/cases", json=body, idempotency_key=key), 201)
        case = answer.json()
        line.says(f"办件编号 {case['number']}")
    with journey.act("市民 citizen", "同一请求再发一次 sends the same again") as line:
        again = await journey.ask(lambda: citizen.post("/cases", json=body, idempotency_key=key), 201)
        check(again.json()["number"] == case["number"], f"the same case, not {again.json()['number']}")
        line.says("同一办件 the same case")
    with journey.act("市民 citizen", "同一幂等键、另一内容 the same key, another body") as line:
        other = body | {"values": body["values"] | {"dog_name": "另一只"}}
        problem = await journey.refused(lambda: citizen.post("/cases", json=other, idempotency_key=key), 422, "idempotency-key-reused")
        line.says(f"422 {problem['titles']['zh']}")
    return Submitted(case["number"], answer.headers.get("traceparent", "--").split("-")[1], purpose)


async def show_reuse(journey: Journey, citizen: SignedIn, submitted: Submitted) -> None:
    journey.step(
        "以电子证照代替上传，用途与同意留痕", "a certificate the city holds instead of an upload, with purpose and consent on record"
    )
    with journey.act("市民 citizen", "查看我给过的同意 reads the consents") as line:
        consent = await journey.found(lambda: citizen.get("/consents"), lambda page: _about(page, submitted.number), what="the consent")
        check(consent["purpose"] == submitted.purpose, f"the purpose agreed to, not {consent['purpose']}")
        line.says(f"「{consent['purpose']}」：居民身份证 identity card")
    with journey.act("市民 citizen", "查看谁用了身份证 sees who used the card") as line:
        used = await journey.found(
            lambda: citizen.get("/persons/me/accesses"), lambda page: _use(page, submitted.number), what="the use of the identity card"
        )
        line.says(f"{used['who']}：{'、'.join(used['items'])}")


async def upload(journey: Journey, citizen: SignedIn, width: int) -> str:
    """A PNG of that many pixels; answers the file's id, the same for the same file."""
    content = png(width, width)
    answer = await journey.ask(lambda: citizen.post("/files", content=content, media_type="image/png"), 201)
    return str(answer.json()["file_id"])


def _answers(journey: Journey) -> dict[str, str]:
    """What the city does not know."""
    return {
        "address": journey.citizen.address,
        "dog_name": "豆包",
        "dog_breed": "柯基",
        "dog_colour": "黄白",
        "vaccinated_on": "2026-10-08",
    }


def _materials(form: dict[str, Any], picture: str, purpose: str) -> list[dict[str, Any]]:
    card: dict[str, Any] = next((each for each in form["materials"] if each["code"] == CARD), {})
    if card.get("how") != "held":
        raise Unexpected(f"expected the form to say that the identity card is held, got {card}")
    return [
        {"code": CARD, "certificate": {"certificate_id": card["certificate_id"], "purpose": purpose, "consent": True}},
        {"code": PROOF, "file_id": picture},
        {"code": HOME, "commitment": True},
    ]


def _about(page: dict[str, Any], number: str) -> dict[str, Any] | None:
    return next((each for each in page["items"] if each["case_number"] == number), None)


def _use(page: dict[str, Any], number: str) -> dict[str, Any] | None:
    return next((each for each in page["items"] if each["owner"] == "certificate" and each["case_number"] == number), None)
