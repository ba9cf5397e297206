"""An app backend as somebody else might have written it: right by default, wrong in exactly the way a test asks for."""

import asyncio
import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.types import Receive, Scope, Send

from chassis.http.authorities import authorities
from deploy.local.running import free_port
from tests.integration.gateway.door import served

FAULTS: Final = {
    "asks with a secret": "client-assertion",
    "has one assertion": "client-assertion",
    "asserts to another": "client-assertion",
    "asserts by another key": "client-assertion",
    "sends no challenge": "pkce-s256",
    "sends another verifier": "pkce-s256",
    "believes any state": "state-checked",
    "has one state": "state-checked",
    "believes any nonce": "nonce-checked",
    "puts the token in the query": "token-in-header",
    "refreshes twice": "refresh-once",
    "sends no key": "idempotency-key",
    "has a new key for each retry": "retry-same-request",
    "ignores 429": "retry-after-429",
    "ignores the time of 503": "retry-after-503",
    "repeats what was refused": "refusal-final",
    "asks by phone number": "no-personal-query",
}
"""What can be wrong → the check that finds it."""

_WRITES: Final = 5


@dataclass
class Tokens:
    access: str
    refresh: str


@dataclass
class OddApp:
    """Signs citizens on at `/start`, and for the first whom it believes reads the profile and submits five cases."""

    party: str
    pem: bytes
    fault: str = ""
    port: int = field(default_factory=free_port)
    _begun: dict[str, tuple[str, str]] = field(default_factory=dict)
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _assertion: str = ""
    _work: list["asyncio.Task[None]"] = field(default_factory=list)

    @property
    def start(self) -> str:
        return f"http://127.0.0.1:{self.port}/start"

    async def __call__(self, url: str) -> None:
        """Serve citizens, until the work for one of them is done."""
        self._gateway = url

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self._serve(scope, receive, send)

        settings = SimpleNamespace(listen_host="127.0.0.1", listen_port=self.port)
        async with (
            served(app, settings),
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=10, verify=authorities()) as self._client,
        ):
            await self._done.wait()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        said = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        status, location = (302, self._begin()) if scope["path"] == "/start" else (await self._come_back(said), "")
        headers = [(b"content-length", b"0"), *([(b"location", location.encode())] if location else [])]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _begin(self) -> str:
        state, nonce, verifier = (secrets.token_urlsafe(24) for _ in range(3))
        state = "always-the-same-state" if self.fault == "has one state" else state
        self._begun[state] = (nonce, verifier * 2)
        asked = {
            "response_type": "code",
            "client_id": self.party,
            "redirect_uri": f"http://127.0.0.1:{self.port}/back",
            "scope": "openid",
            "state": state,
            "nonce": nonce,
        }
        if self.fault != "sends no challenge":
            digest = hashlib.sha256(self._begun[state][1].encode()).digest()
            asked |= {"code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), "code_challenge_method": "S256"}
        return f"{self._gateway}/authorize?{urlencode(asked)}"

    async def _come_back(self, said: dict[str, str]) -> int:
        known = self._begun.get(said["state"])
        if known is None and self.fault == "believes any state":
            verifier = list(self._begun.values())[-1][1]
            await self._told({"grant_type": "authorization_code", "code": said["code"], "code_verifier": verifier})
        if known is None or said.get("iss") != self._gateway:
            return 403
        nonce, verifier = known
        verifier = verifier[::-1] if self.fault == "sends another verifier" else verifier
        form = {"grant_type": "authorization_code", "code": said["code"], "code_verifier": verifier}
        # Without a challenge there is nothing to verify.
        if self.fault == "sends no challenge":
            form.pop("code_verifier")
        told = await self._told(form)
        payload = told["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        is_believed = claims.get("nonce") == nonce
        if is_believed:
            self._work.append(asyncio.ensure_future(self._serve_citizen(Tokens(told["access_token"], told["refresh_token"]))))
        elif self.fault == "believes any nonce":
            await self._get("/persons/me", Tokens(told["access_token"], told["refresh_token"]))
        return 200 if is_believed else 403

    async def _serve_citizen(self, tokens: Tokens) -> None:
        if (await self._get("/persons/me", tokens)).status_code == 401:
            for _ in range(2 if self.fault == "refreshes twice" else 1):
                told = await self._told({"grant_type": "refresh_token", "refresh_token": tokens.refresh})
            tokens = Tokens(told["access_token"], told["refresh_token"])
        await self._get("/persons/me", tokens)
        for number in range(_WRITES):
            await self._submit(number, tokens)
        self._done.set()

    async def _get(self, path: str, tokens: Tokens) -> httpx.Response:
        params = {"access_token": tokens.access} if self.fault == "puts the token in the query" else {}
        params |= {"q": "13900000001"} if self.fault == "asks by phone number" else {}
        return await self._client.get(path, params=params, headers={"authorization": f"Bearer {tokens.access}"})

    async def _submit(self, number: int, tokens: Tokens) -> None:
        body = json.dumps({"values": {"n": number}}).encode()
        headers = {"authorization": f"Bearer {tokens.access}", "content-type": "application/json", "idempotency-key": secrets.token_hex(8)}
        if self.fault == "sends no key":
            headers.pop("idempotency-key")
        for attempt in range(6):
            if attempt and self.fault == "has a new key for each retry":
                headers["idempotency-key"] = secrets.token_hex(8)
            try:
                answer = await self._client.post("/cases", content=body, headers=headers)
            except httpx.TransportError:
                continue
            if answer.status_code == 422 and self.fault == "repeats what was refused" and attempt < 2:
                continue
            if answer.status_code not in {429, 503}:
                return
            is_hasty = self.fault == ("ignores 429" if answer.status_code == 429 else "ignores the time of 503")
            await asyncio.sleep(0.3 if is_hasty else int(answer.headers["retry-after"]))

    async def _told(self, form: dict[str, str]) -> dict[str, Any]:
        if self.fault == "asks with a secret":
            form = {**form, "client_id": self.party, "client_secret": "a secret"}
        else:
            kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            form = {**form, "client_assertion_type": kind, "client_assertion": self._asserted()}
        said: dict[str, Any] = (await self._client.post("/token", data=form)).json()
        return said

    def _asserted(self) -> str:
        if self._assertion and self.fault == "has one assertion":
            return self._assertion
        now = int(time.time())
        audience = "https://elsewhere.example" if self.fault == "asserts to another" else self._gateway
        claims = {"iss": self.party, "sub": self.party, "aud": audience, "jti": secrets.token_urlsafe(12), "exp": now + 60}
        key = ECKey.generate_key("P-256") if self.fault == "asserts by another key" else ECKey.import_key(self.pem)
        self._assertion = jwt.encode({"alg": "ES256"}, claims, key)
        return self._assertion
