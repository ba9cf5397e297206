"""Step 2. A citizen becomes known: registered by name, number, phone and one more proof, signed in, then by face."""

import base64
import re
import secrets

import httpx

from deploy.client import AppClient, SignedIn, SignOnFailed, TongbanClient, patiently
from deploy.local.journey.config import Person
from deploy.local.journey.context import Journey, Unexpected
from deploy.local.journey.parties import Parties

IDENTITY_CARD = "11310000TE5T90015G001"
_POLICE = "11310000TE5T013342"
PASSWORD = "correct-horse-battery-通办"  # noqa: S105 (a citizen who does not exist)
_TRIES = 5


async def become_known(journey: Journey, parties: Parties) -> SignedIn:
    """The citizen, signed in with assurance 3."""
    journey.step("实名注册、单点登录、实人核验", "a citizen registers, signs in, is too little known to submit, shows the face")
    await _hand_in_card(journey, parties.police)
    await _register(journey, parties.app)
    with journey.act("市民 citizen", "授权码 + PKCE 登录 signs in by OIDC code + PKCE") as line:
        signed_in = await _signed_in(parties.app, journey.citizen)
        me = (await journey.ask(lambda: signed_in.get("/persons/me"))).json()
        line.says(f"{me['name']} {me['resident_id_masked']}，实名等级 assurance {me['assurance']}")
    with journey.act("市民 citizen", "以等级 2 提交办件 tries to submit at assurance 2") as line:
        call = lambda: signed_in.post("/cases", json={}, idempotency_key=f"early-{secrets.token_hex(8)}")  # noqa: E731 (named to fit the line)
        problem = await journey.refused(call, 401, "assurance-too-low")
        line.says(f"401 {problem['titles']['zh']}：需要等级 needs {problem['required_assurance']}")
    with journey.act("市民 citizen", "刷脸核验 shows the face") as line:
        line.says(f"等级 assurance {await _show_face(journey, signed_in)}")
    with journey.act("市民 citizen", "再次登录，令牌载明新等级 signs in again, the token says so") as line:
        signed_in = await _signed_in(parties.app, journey.citizen)
        line.says("等级 assurance 3")
    return signed_in


async def registered(journey: Journey, app: AppClient) -> SignedIn:
    """The citizen, known by a real name and signed in; also one who was registered before."""
    await _register(journey, app)
    return await _signed_in(app, journey.citizen)


async def known(journey: Journey, app: AppClient) -> SignedIn:
    """The citizen, registered and signed in with assurance 3, without a card that the city holds."""
    await _show_face(journey, await registered(journey, app))
    return await _signed_in(app, journey.citizen)


async def _show_face(journey: Journey, signed_in: SignedIn) -> int:
    """The level of assurance afterwards."""
    capture = base64.b64encode(journey.citizen.face.encode()).decode()
    verified = await journey.ask(lambda: signed_in.post("/persons/me/verifications", json={"method": "face", "capture": capture}))
    return int(verified.json()["assurance"])


async def _hand_in_card(journey: Journey, police: TongbanClient) -> None:
    person = journey.citizen
    card = {
        "type": IDENTITY_CARD,
        "issuer": _POLICE,
        "holder_name": person.name,
        "holder_id": person.resident_id,
        "number": person.resident_id,
        "content": {
            "name": person.name,
            "resident_id": person.resident_id,
            "sex": "男" if int(person.resident_id[16]) % 2 else "女",
            "birth_on": f"{person.resident_id[6:10]}-{person.resident_id[10:12]}-{person.resident_id[12:14]}",
            "address": person.address,
        },
        "issued_on": "2020-03-01",
        "valid_until": "2040-03-01",
    }
    with journey.act("市公安局 police", "归集既有的居民身份证 hands in an existing identity card") as line:
        key = f"card-{person.resident_id}"
        deposited = await journey.ask(lambda: police.post("/certificates/deposits", json=card, idempotency_key=key), 201)
        line.says(deposited.json()["identifier"])


async def _register(journey: Journey, app: AppClient) -> None:
    """Neither a code nor a registration is sent under a key, so a lost answer is looked for by signing in."""
    person = journey.citizen
    for _ in range(_TRIES):
        with journey.act("市民 citizen", "索取短信验证码 asks for an SMS code") as line:
            await _code_sent(journey, app)
            code = await _code_received(journey, person.phone)
            line.says(f"{person.phone[:3]}****{person.phone[7:]} 收到 received")
        with journey.act("市民 citizen", "姓名 + 证号 + 手机 + 社保号注册 registers with four proofs") as line:
            answer = await _registration(journey, app, code)
            if answer.status_code == 201:
                line.says(f"实名等级 assurance {answer.json()['assurance']}")
                return
            try:
                await _signed_in(app, person)
            except SignOnFailed:
                line.says("再试一次 tries again")
            else:
                line.says("已注册 registered already")
                return
    raise Unexpected(f"expected a registration, got {answer.status_code} {answer.text}")


async def _code_sent(journey: Journey, app: AppClient) -> None:
    journey.between(journey.narrator.steps)
    answer = await patiently(lambda: app.post("/sms-codes", json={"phone": journey.citizen.phone}))
    if answer.status_code != 202 and "sms-code-too-soon" not in answer.text:
        raise Unexpected(f"expected an SMS code, got {answer.status_code} {answer.text}")


async def _code_received(journey: Journey, phone: str) -> str:
    """The newest code that the sandbox's SMS gateway was given for this phone."""
    url = f"{journey.config.sms_url}/messages"
    messages = (await journey.ask(lambda: journey.anybody.get(url, params={"phone": phone}))).json()
    found = re.search(r"\b[0-9]{6}\b", messages[-1]["text"]) if messages else None
    if found is None:
        raise Unexpected(f"expected a code in an SMS, got {messages}")
    return found.group()


async def _registration(journey: Journey, app: AppClient, code: str) -> httpx.Response:
    person = journey.citizen
    body = {
        "name": person.name,
        "resident_id": person.resident_id,
        "phone": person.phone,
        "sms_code": code,
        "second_proof": {"kind": "social_security", "number": person.social_security},
        "password": PASSWORD,
        "accepts_agreement": True,
    }
    journey.between(journey.narrator.steps)
    return await patiently(lambda: app.post("/registrations", json=body))


async def _signed_in(app: AppClient, person: Person) -> SignedIn:
    """A sign-on that failed half-way begins anew. Raises SignOnFailed when the provider refuses."""
    kept: list[SignedIn] = []

    async def dance() -> httpx.Response:
        kept.append(await app.sign_in(person.phone, PASSWORD))
        return httpx.Response(200)

    await patiently(dance)
    return kept[-1]
