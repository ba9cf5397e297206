"""National and provincial platforms that sign people on for us: OpenID Connect, and one-time tickets.

A ticket platform's contract: the browser goes to `{url}/sso/login?client_id=&return_url=` and comes back with `ticket`;
`POST {url}/sso/tokens {ticket}` gives `{token}` and `POST {url}/sso/users {token}` gives the person. Both are signed:
`x-client-id`, `x-timestamp` (seconds), `x-nonce` and `x-signature`, the hexadecimal HMAC under the shared secret of
method, path, body digest, timestamp and nonce, each on a line of its own.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from httpx_aiohttp import AiohttpTransport
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.http.authorities import authorities
from services.identity.domain.federation import Stated, Upstream, UpstreamAway, UpstreamRefused

_ALGORITHMS: Final = ["ES256", "PS256", "RS256"]
_LEEWAY_S: Final = 10


@dataclass(frozen=True, slots=True)
class Journey:
    """What ties a person's way to a platform and back together."""

    state: str
    nonce: str
    verifier: str
    challenge: str
    return_url: str


class Upstreams:
    """The platforms of one settings file, a JSON list with the fields of `Upstream`."""

    def __init__(self, upstreams: list[Upstream], *, timeout_s: float) -> None:
        self.known = {each.id: each for each in upstreams}
        self._client = httpx.AsyncClient(
            transport=AiohttpTransport(verify=authorities()), trust_env=False, timeout=timeout_s, follow_redirects=False
        )

    @classmethod
    def from_file(cls, file: Path | None, *, timeout_s: float) -> "Upstreams":
        said = json.loads(file.read_text()) if file else []
        return cls([Upstream(**each) for each in said], timeout_s=timeout_s)

    async def close(self) -> None:
        await self._client.aclose()

    async def address(self, upstream: Upstream, journey: Journey) -> str:
        """Where the browser is to go. Raises UpstreamAway."""
        if upstream.kind == "ticket":
            joint = "&" if "?" in journey.return_url else "?"
            back = f"{journey.return_url}{joint}{urlencode({'state': journey.state})}"
            return f"{upstream.url}/sso/login?{urlencode({'client_id': upstream.client_id, 'return_url': back})}"
        metadata = await self._metadata(upstream)
        asked = {
            "response_type": "code",
            "client_id": upstream.client_id,
            "redirect_uri": journey.return_url,
            "scope": "openid profile",
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": journey.challenge,
            "code_challenge_method": "S256",
        }
        return f"{metadata['authorization_endpoint']}?{urlencode(asked)}"

    async def person(self, upstream: Upstream, said: Mapping[str, str], journey: Journey, at: datetime) -> Stated:
        """The person that the platform sent back with these parameters. Raises UpstreamAway, UpstreamRefused."""
        if "error" in said:
            raise UpstreamRefused(f"{upstream.id} says {said['error'][:60]}")
        if upstream.kind == "ticket":
            return upstream.stated(await self._by_ticket(upstream, said.get("ticket", ""), at))
        metadata = await self._metadata(upstream)
        # Otherwise another platform could have our code sent to its own endpoint. Source: RFC 9207.
        if said.get("iss", upstream.url) != upstream.url:
            raise UpstreamRefused("the answer is another platform's")
        form = {
            "grant_type": "authorization_code",
            "code": said.get("code", ""),
            "redirect_uri": journey.return_url,
            "code_verifier": journey.verifier,
            "client_id": upstream.client_id,
            "client_secret": upstream.secret,
        }
        tokens = await self._said("POST", metadata["token_endpoint"], data=form)
        claims = await self._verified(upstream, metadata, str(tokens.get("id_token", "")), journey.nonce, at)
        userinfo = await self._said("GET", metadata["userinfo_endpoint"], headers={"authorization": f"Bearer {tokens.get('access_token')}"})
        if userinfo.get("sub") != claims["sub"]:
            raise UpstreamRefused("the user information is somebody else's")
        return upstream.stated(userinfo)

    async def _verified(self, upstream: Upstream, metadata: dict[str, Any], token: str, nonce: str, at: datetime) -> dict[str, Any]:
        try:
            published: Any = await self._said("GET", metadata["jwks_uri"])
            keys = KeySet.import_key_set(published)
            claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError, KeyError) as error:
            raise UpstreamRefused("the ID token is not signed by its platform") from error
        now = at.timestamp()
        is_ours = claims.get("iss") == upstream.url and claims.get("aud") == upstream.client_id and claims.get("nonce") == nonce
        is_fresh = isinstance(claims.get("exp"), int) and claims["exp"] > now - _LEEWAY_S
        if not is_ours or not is_fresh or not isinstance(claims.get("sub"), str):
            raise UpstreamRefused("the ID token is not for this sign-on")
        return dict(claims)

    async def _metadata(self, upstream: Upstream) -> dict[str, Any]:
        metadata = await self._said("GET", f"{upstream.url}/.well-known/openid-configuration")
        if metadata.get("issuer") != upstream.url:
            raise UpstreamRefused("the platform is not who it was registered as")
        return metadata

    async def _by_ticket(self, upstream: Upstream, ticket: str, at: datetime) -> dict[str, Any]:
        token = (await self._signed(upstream, "/sso/tokens", {"ticket": ticket}, at)).get("token", "")
        return await self._signed(upstream, "/sso/users", {"token": token}, at)

    async def _signed(self, upstream: Upstream, path: str, said: dict[str, Any], at: datetime) -> dict[str, Any]:
        body = json.dumps(said).encode()
        timestamp, nonce = str(int(at.timestamp())), secrets.token_hex(16)
        signature = sign(upstream.secret, upstream.digest, "POST", urlsplit(upstream.url + path).path, body, timestamp, nonce)
        headers = {
            "content-type": "application/json",
            "x-client-id": upstream.client_id,
            "x-timestamp": timestamp,
            "x-nonce": nonce,
            "x-signature": signature,
        }
        return await self._said("POST", upstream.url + path, content=body, headers=headers)

    async def _said(self, method: str, url: str, **request: Any) -> dict[str, Any]:
        try:
            answer = await self._client.request(method, url, **request)
        except (httpx.HTTPError, TimeoutError) as error:
            raise UpstreamAway from error
        if answer.status_code >= 500:
            raise UpstreamAway
        try:
            said = answer.json()
        except ValueError:
            said = None
        if not answer.is_success or not isinstance(said, dict):
            raise UpstreamRefused(f"the platform answers {answer.status_code}")
        return said


def sign(secret: str, digest: str, method: str, path: str, body: bytes, timestamp: str, nonce: str) -> str:
    """The signature of a call to a ticket platform. `digest` is sm3 or sha256."""
    lines = "\n".join((method, path, hashlib.new(digest, body).hexdigest(), timestamp, nonce))
    return hmac.new(secret.encode(), lines.encode(), digest).hexdigest()
