"""A district's system as somebody else might have written it: right by default, wrong in exactly the way a test asks for."""

import asyncio
import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chassis.http.authorities import authorities

FAULTS: Final = {
    "signs with another key": "signature-key",
    "names another party": "signature-key",
    "does not sign": "signature-form",
    "signs twice": "signature-form",
    "does not cover the query": "signature-coverage",
    "does not cover the officer": "signature-coverage",
    "signs an old time": "signature-age",
    "signs under another tag": "signature-tag",
    "has one nonce": "nonce-once",
    "signs once for all retries": "nonce-once",
    "has short nonces": "nonce-once",
    "sends no digest": "content-digest",
    "sends the digest of another body": "content-digest",
    "sends no key": "idempotency-key",
    "has one key for all writes": "idempotency-key",
    "has a new key for each retry": "retry-same-request",
    "changes the body of a retry": "retry-same-request",
    "does not retry": "retry-same-request",
    "ignores 429": "retry-after-429",
    "ignores the time of 503": "retry-after-503",
    "repeats what was refused": "refusal-final",
    "asks by phone number": "no-personal-query",
    "forgets a receipt": "receipt-in-time",
    "handles a duplicate twice": "duplicate-once",
    "knows all members": "unknown-members",
    "names no officer": "officer-named",
    "lets one officer do both": "two-officers",
}
"""What can be wrong → the check that finds it."""

_MEMBERS: Final = {"cursor", "number", "revision", "reason", "status", "agency", "division", "at"}
_ROUNDS: Final = 12


@dataclass
class OddDistrict:
    """Accepts every case it is sent and has its second officer decide. `fault` is one of `FAULTS`, or "" for none."""

    party: str
    pem: bytes
    fault: str = ""
    _seen: set[str] = field(default_factory=set)
    _nonce: str = field(default_factory=lambda: secrets.token_urlsafe(18))

    async def __call__(self, url: str) -> None:
        """Work through the feed of the gateway at `url`, then rest."""
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10, verify=authorities()) as self._client:
            after = ""
            for _ in range(_ROUNDS):
                page = (await self._get("/dispatches", {"after": after} if after else {})).json()
                for dispatch in page["items"]:
                    await self._handle(dispatch)
                    after = dispatch["cursor"]
                if not page["items"]:
                    return

    async def _handle(self, dispatch: dict[str, Any]) -> None:
        number = dispatch["number"]
        if self.fault == "knows all members" and dispatch.keys() - _MEMBERS:
            return
        is_new = number not in self._seen
        self._seen.add(number)
        if self.fault == "asks by phone number" and is_new:
            await self._get("/matters", {"q": "13900000001"})
        if self.fault == "forgets a receipt" and len(self._seen) == 4:
            return
        if is_new:
            await self._accept_and_decide(number, f"{number}-accept")
        elif self.fault == "handles a duplicate twice":
            await self._accept_and_decide(number, f"{number}-accept-{secrets.token_hex(4)}")

    async def _accept_and_decide(self, number: str, key: str) -> None:
        answer = await self._post(f"/cases/{number}/acceptance", key, None, "qx-001")
        if answer is None or answer.status_code != 200:
            return
        officer = "qx-001" if self.fault == "lets one officer do both" else "qx-002"
        await self._post(f"/cases/{number}/decision", f"{number}-decide", {"outcome": "grant"}, officer)

    async def _get(self, path: str, params: dict[str, str]) -> httpx.Response:
        answer = await self._call("GET", path, urlencode(params), b"", {})
        assert answer is not None
        return answer

    async def _post(self, path: str, key: str, said: Any, officer: str) -> httpx.Response | None:
        body = json.dumps(said).encode() if said is not None else b""
        headers = {"content-type": "application/json"} if body else {}
        if self.fault != "names no officer":
            headers["tongban-operator"] = officer
        if self.fault != "sends no key":
            headers["idempotency-key"] = "always-the-same" if self.fault == "has one key for all writes" else key
        return await self._call("POST", path, "", body, headers)

    async def _call(self, method: str, path: str, query: str, body: bytes, headers: dict[str, str]) -> httpx.Response | None:
        """None where the answer was lost and the system let it go."""
        signed: dict[str, str] = {}
        for attempt in range(6):
            if attempt and "idempotency-key" in headers and self.fault == "has a new key for each retry":
                headers["idempotency-key"] = secrets.token_hex(8)
            if attempt and method == "POST" and self.fault == "changes the body of a retry":
                body, headers["content-type"] = json.dumps({"attempt": attempt}).encode(), "application/json"
            if not signed or self.fault != "signs once for all retries":
                signed = self._signed(method, path, query, body, headers)
            try:
                answer = await self._client.request(method, f"{path}?{query}" if query else path, content=body or None, headers=signed)
            except httpx.TransportError:
                if self.fault == "does not retry":
                    return None
                continue
            if answer.status_code not in {429, 503}:
                if answer.status_code == 409 and self.fault == "repeats what was refused" and attempt < 2:
                    continue
                return answer
            is_hasty = self.fault == ("ignores 429" if answer.status_code == 429 else "ignores the time of 503")
            await asyncio.sleep(0.3 if is_hasty else int(answer.headers["retry-after"]))
        return None

    def _signed(self, method: str, path: str, query: str, body: bytes, headers: dict[str, str]) -> dict[str, str]:
        """By the letter of RFC 9421, apart from the product's own signer."""
        if self.fault == "does not sign":
            return headers
        covered = dict(headers)
        if body and self.fault != "sends no digest":
            digested = b"another" if self.fault == "sends the digest of another body" else body
            covered["content-digest"] = f"sha-256=:{base64.b64encode(hashlib.sha256(digested).digest()).decode()}:"
        authority = urlsplit(str(self._client.base_url)).netloc
        lines = {"@method": method, "@authority": authority, "@path": path, "@query": f"?{query}", **covered}
        left_out = {"does not cover the query": "@query", "does not cover the officer": "tongban-operator"}.get(self.fault)
        lines.pop(left_out or "", None)
        parameters = f"({' '.join(json.dumps(name) for name in lines)});{self._parameters()}"
        base = "\n".join([*(f'"{name}": {value}' for name, value in lines.items()), f'"@signature-params": {parameters}'])
        signature = f"sig=:{self._signature(base.encode())}:"
        given = f"sig={parameters}"
        if self.fault == "signs twice":
            signature, given = f"{signature}, {signature.replace('sig', 'sig2', 1)}", f"{given}, {given.replace('sig', 'sig2', 1)}"
        return {**covered, "signature-input": given, "signature": signature}

    def _parameters(self) -> str:
        created = int(time.time()) - (100 if self.fault == "signs an old time" else 0)
        nonce = {"has one nonce": self._nonce, "has short nonces": secrets.token_hex(4)}.get(self.fault, secrets.token_urlsafe(18))
        party = self.party[::-1] if self.fault == "names another party" else self.party
        tag = "another" if self.fault == "signs under another tag" else "tongban"
        return f'created={created};keyid="{party}";nonce="{nonce}";tag="{tag}"'

    def _signature(self, base: bytes) -> str:
        key = load_pem_private_key(self.pem, None)
        if self.fault == "signs with another key":
            key = ec.generate_private_key(ec.SECP256R1())
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        r, s = decode_dss_signature(key.sign(base, ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()
