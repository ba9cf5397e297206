"""Steps 7 and 8. The approval becomes a certificate that anybody can check, and is shown by a code that works once."""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import partial
from typing import Any

from joserfc import jws
from joserfc.jwk import KeySet

from contracts.values import CertificateIdentifier
from deploy.client import SignedIn, TongbanClient, patiently
from deploy.local.journey.context import Journey, Unexpected, check
from deploy.local.journey.parties import Parties
from deploy.local.journey.submission import Submitted

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Issued:
    id: str
    identifier: str
    name: str


async def receive(journey: Journey, citizen: SignedIn, submitted: Submitted) -> Issued:
    journey.step("办结生成电子证照，国标标识与签名可验", "the approval becomes a certificate with a national identifier and a signature")
    with journey.act("市民 citizen", "查看我的证照 looks at the certificates") as line:
        held = await journey.found(
            lambda: citizen.get("/certificates"), lambda all_: _of(all_, submitted.number), what="the new certificate"
        )
        full = (await journey.ask(lambda: citizen.get(f"/certificates/{held['id']}"))).json()
        line.says(f"{full['name']} {full['number']}，有效期至 valid until {full['valid_until']}")
    with journey.act("市民 citizen", "校验证照标识 checks the identifier (GB/T 36904)") as line:
        line.says(CertificateIdentifier(full["identifier"]))
    with journey.act("任何人 anybody", "用公布的公钥验签 checks the signature with the published key") as line:
        facts = await _signed_facts(journey, full["signature"])
        check(facts["identifier"] == full["identifier"] and facts["issuer"] == full["issuer"], "a signature over this very certificate")
        check(facts["content"] == _digest([full["salt"], full["content"]]), "a signature over this very content")
        check(facts["holder"] == _digest([full["salt"], journey.citizen.name, journey.citizen.resident_id]), "a signature over its holder")
        line.says("ES256 有效，内容与持证人相符 valid, over this content and this holder")
    return Issued(held["id"], full["identifier"], full["name"])


async def present(journey: Journey, parties: Parties, citizen: SignedIn, issued: Issued) -> None:
    journey.step("亮证：短时一次性的码", "the certificate is shown by a short-lived code that works once")
    wanted = await _shown_and_verified(journey, parties.window, citizen, issued)
    with journey.act("区窗口 window", "再次使用同一码 uses the code again") as line:
        again = parties.window.post
        problem = await journey.refused(lambda: again("/presentations/verifications", json=wanted), 409, "presentation-already-used")
        line.says(f"409 {problem['titles']['zh']}")


async def _shown_and_verified(journey: Journey, window: TongbanClient, citizen: SignedIn, issued: Issued) -> dict[str, str]:
    """What the window asked. A verification whose answer was lost has used up its code: then another one is shown."""
    path, purpose = f"/certificates/{issued.id}/presentations", {"purpose": "窗口核验 at a window"}
    for _ in range(_TRIES):
        with journey.act("市民 citizen", "亮证 shows it") as line:
            shown = (await journey.ask(lambda: citizen.post(path, json=purpose), 201)).json()
            line.says(f"二维码，失效时间 a QR code until {shown['expires_at'][11:19]} UTC")
        wanted = {"code": shown["code"], "purpose": "窗口核验犬类准养证 checking a dog licence"}
        with journey.act("区窗口 window", "核验 verifies the code") as line:
            journey.between(journey.narrator.steps)
            answer = await patiently(partial(window.post, "/presentations/verifications", json=wanted))
            if answer.status_code == 200:
                seen = answer.json()
                check(
                    seen["is_signature_valid"] and seen["identifier"] == issued.identifier, f"this certificate, validly signed, not {seen}"
                )
                line.says(f"{seen['name']} {seen['state']}，持证人 holder {seen['holder_name_masked']} {seen['holder_id_masked']}")
                return wanted
            line.says(f"{answer.status_code}，再亮一次 once more")
    raise Unexpected(f"expected a verified code, got {answer.status_code} {answer.text}")


def _digest(facts: list[Any]) -> str:
    """How a signature names what it does not show (see the API document)."""
    canonical = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def _of(certificates: list[dict[str, Any]], number: str) -> dict[str, Any] | None:
    return next((each for each in certificates if each["case_number"] == number), None)


async def _signed_facts(journey: Journey, signature: str) -> dict[str, Any]:
    """What the signature is over. Raises JoseError when it is by none of the published keys."""
    url = f"{journey.config.gateway_url}/certificate-keys"
    published = KeySet.import_key_set((await journey.ask(lambda: journey.anybody.get(url))).json())
    facts: dict[str, Any] = json.loads(jws.deserialize_compact(signature, published, algorithms=["ES256"]).payload)
    return facts
