"""An app backend: client credentials for itself, authorization code with PKCE for people, both by private_key_jwt."""

import base64
import hashlib
import json as encoder
import secrets
import time
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from httpx_aiohttp import AiohttpTransport
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.http.authorities import authorities
from deploy.client.waiting import unhurried

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class SignOnFailed(Exception):
    """The provider refused, with an HTTP status and a text of its own."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text[:300]}")
        self.status = status


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The tokens of a person or of an officer, and calls made with them."""

    app: "AppClient"
    access_token: str
    id_token: str
    refresh_token: str

    async def get(self, path: str, *, params: dict[str, Any] | None = None) -> httpx.Response:
        return await self.app.request("GET", path, params=params, token=self.access_token)

    async def post(
        self,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        media_type: str = "application/json",
        idempotency_key: str | None = None,
    ) -> httpx.Response:
        body = content if content is not None else encoder.dumps(json, ensure_ascii=False).encode() if json is not None else None
        headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
        if body is not None:
            headers["content-type"] = media_type
        return await self.app.request("POST", path, content=body, headers=headers, token=self.access_token)

    async def delete(self, path: str) -> httpx.Response:
        return await self.app.request("DELETE", path, token=self.access_token)

    async def acting(self, subject: str, *, kind: str = "mandate") -> Self:
        """The same sign-on, acting for the principal of a mandate, or for an organisation that the person represents.

        `subject` is the mandate's id, or the organisation's with the kind `organisation`. Raises SignOnFailed. Source: RFC 8693.
        """
        tokens = await self.app.exchange(subject, f"urn:tongban:params:oauth:token-type:{kind}", self.access_token)
        return replace(self, access_token=tokens["access_token"], refresh_token="")


@dataclass(frozen=True, slots=True)
class SignOn:
    """Where to send a person, and what proves that the answer is to this request."""

    url: str
    state: str
    verifier: str
    nonce: str


class AppClient:
    def __init__(self, base_url: str, client_id: str, private_key_pem: bytes, redirect_uri: str) -> None:
        self._base = base_url.rstrip("/")
        self._client_id = client_id
        self._key = ECKey.import_key(private_key_pem)
        self._redirect_uri = redirect_uri
        self._client = httpx.AsyncClient(
            transport=AiohttpTransport(verify=authorities()), trust_env=False, timeout=60, follow_redirects=False
        )
        self._own: tuple[str, float] = ("", 0.0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._client.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        token: str | None = None,
    ) -> httpx.Response:
        """A call with a person's token, or with the app's own."""
        bearer = {"authorization": f"Bearer {token or await self.own_token()}"}
        said, url = {**bearer, **(headers or {})}, self._base + path
        return await unhurried(lambda: self._client.request(method, url, params=params, content=content, headers=said))

    async def post(self, path: str, *, json: Any) -> httpx.Response:
        body = encoder.dumps(json, ensure_ascii=False).encode()
        return await self.request("POST", path, content=body, headers={"content-type": "application/json"})

    async def own_token(self) -> str:
        token, until = self._own
        if until < time.time():
            said = await self._token({"grant_type": "client_credentials"})
            token = str(said["access_token"])
            self._own = (token, time.time() + int(said["expires_in"]) - 30)
        return token

    def begin(self, scope: str = "openid profile") -> SignOn:
        """A sign-on to be finished in a browser; with the scope `staff` an officer's. Source: OpenID Connect Core 3.1.2, RFC 7636."""
        verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "prompt": "login",
        }
        return SignOn(f"{self._base}/authorize?{urlencode(asked)}", state, verifier, nonce)

    async def finish(self, sign_on: SignOn, back: str) -> SignedIn:
        """The tokens for the address that the browser was sent back to. Raises SignOnFailed."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        if said.get("state") != sign_on.state or said.get("iss") != self._base or "code" not in said:
            raise SignOnFailed(303, "the answer is not to this request")
        tokens = await self._token(
            {
                "grant_type": "authorization_code",
                "code": said["code"],
                "redirect_uri": self._redirect_uri,
                "code_verifier": sign_on.verifier,
            }
        )
        if _nonce_of(tokens["id_token"]) != sign_on.nonce:
            raise SignOnFailed(200, "the ID token is for another sign-on")
        return SignedIn(self, tokens["access_token"], tokens["id_token"], tokens["refresh_token"])

    async def sign_in(self, username: str, password: str) -> SignedIn:
        """The whole dance, with the pages of the provider filled in as a person would. Raises SignOnFailed."""
        sign_on = self.begin()
        page = await self._client.get(sign_on.url, follow_redirects=True)
        fields = _fields(page.text)
        if page.status_code != 200 or "request" not in fields:
            raise SignOnFailed(page.status_code, page.text)
        form = {**fields, "username": username, "password": password, "action": "login"}
        back = await self._client.post(str(page.url), data=form)
        if back.status_code == 303 and "/authorize/continue" in back.headers["location"]:
            back = await self._client.get(self._base + back.headers["location"])
        if back.status_code != 303:
            raise SignOnFailed(back.status_code, back.text)
        return await self.finish(sign_on, back.headers["location"])

    async def refresh(self, signed_in: SignedIn) -> SignedIn:
        tokens = await self._token({"grant_type": "refresh_token", "refresh_token": signed_in.refresh_token})
        return SignedIn(self, tokens["access_token"], tokens.get("id_token", signed_in.id_token), signed_in.refresh_token)

    async def exchange(self, subject: str, subject_type: str, actor_token: str) -> dict[str, Any]:
        """Raises SignOnFailed."""
        return await self._token(
            {
                "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token": subject,
                "subject_token_type": subject_type,
                "actor_token": actor_token,
                "actor_token_type": "urn:ietf:params:oauth:token-type:access_token",
            }
        )

    async def _token(self, form: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._base,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        }
        assertion = jwt.encode({"alg": "ES256"}, claims, self._key)
        answer = await self._client.post(
            f"{self._base}/token", data={**form, "client_assertion_type": _ASSERTION, "client_assertion": assertion}
        )
        if answer.status_code != 200:
            raise SignOnFailed(answer.status_code, answer.text)
        said: dict[str, Any] = answer.json()
        return said


def _nonce_of(id_token: str) -> Any:
    """Its signature says no more than the connection it came over. Source: OpenID Connect Core 3.1.3.7, 6 and 11."""
    payload = id_token.split(".")[1]
    return encoder.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))).get("nonce")


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "input" and said.get("name"):
            self.found[str(said["name"])] = said.get("value") or ""


def _fields(page: str) -> dict[str, str]:
    """The form's fields by name."""
    parser = _Inputs()
    parser.feed(page)
    return parser.found
