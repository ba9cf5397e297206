"""The kit as provider of sign-on, and as the browser of a citizen who does not exist."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode

import httpx
from httpx_aiohttp import AiohttpTransport
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.http.authorities import authorities
from contracts.values import PersonId
from deploy.kit.answers import Stubs, met_otherwise, said
from deploy.kit.door import Reply, Request
from gateway.registry.domain.conformance import Met, Script
from gateway.registry.domain.conformance.scripts import SIGN_ONS, Secrets
from gateway.registry.domain.conformance.stages import AppStage

_LIFE_S: Final = 300
_PAUSE_S: Final = 0.1


@dataclass(frozen=True)
class AppAnswers:
    """Sign-on as identity does it, and the documents' examples for the rest."""

    script: Script
    stage: AppStage
    party: str
    stubs: Stubs
    _key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    _person: str = field(default_factory=PersonId.new)
    _nonces: dict[int, str] = field(default_factory=dict)

    async def __call__(self, request: Request, met: Met) -> Reply:
        issuer = f"http://{request.headers.get('host', '')}"
        if request.path == "/authorize":
            return self._authorize(request, issuer)
        if request.path == "/token":
            return said(self._tokens(dict(parse_qsl(request.body.decode("latin-1"))), issuer))
        if request.path == "/jwks":
            return said({"keys": [{**self._key.as_dict(private=False), "kid": "kit", "alg": "ES256"}]})
        if request.path == "/.well-known/openid-configuration":
            return said(_metadata(issuer))
        if met.play == "expired":
            otherwise = met_otherwise(met)
            assert otherwise is not None
            return Reply(401, {**otherwise.headers, "www-authenticate": 'Bearer error="invalid_token"'}, otherwise.body)
        return met_otherwise(met) or await self.stubs.reply(request)

    def _authorize(self, request: Request, issuer: str) -> Reply:
        """Everybody is signed on at once. The first comes back with a state that the app has not sent."""
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        number = min(self.stage.sign_ons, SIGN_ONS)
        self._nonces[number] = asked.get("nonce", "")
        state = asked.get("state", "")
        back = {"code": Secrets(self.script.seed).code(number), "state": state[::-1] + "x" if number == 1 else state, "iss": issuer}
        return Reply(302, {"location": f"{asked.get('redirect_uri', '')}?{urlencode(back)}"})

    def _tokens(self, form: dict[str, str], issuer: str) -> dict[str, Any]:
        """The second sign-on's ID token carries a nonce that the app has not sent."""
        secrets = Secrets(self.script.seed)
        if form.get("grant_type") == "client_credentials":
            return {"access_token": secrets.access_token(0), "token_type": "Bearer", "expires_in": _LIFE_S}
        number = secrets.sign_on_of(form.get("code", ""))
        given = number or SIGN_ONS + 1
        nonce = self._nonces.get(number, "")
        now = int(time.time())
        claims = {"iss": issuer, "sub": self._person, "aud": self.party, "iat": now, "exp": now + _LIFE_S, "sid": "kit"}
        claims |= {"nonce": nonce[::-1] + "x" if number == 2 else nonce} if number else {}
        return {
            "access_token": secrets.access_token(given),
            "refresh_token": secrets.refresh_token(given),
            "id_token": jwt.encode({"alg": "ES256", "kid": "kit"}, claims, self._key),
            "token_type": "Bearer",
            "expires_in": _LIFE_S,
        }


def _metadata(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }


async def visit(start: str, stage: AppStage) -> None:
    """Sign on at the app as often as the script wants, each time as another browser, again where nothing came of it."""
    while stage.sign_ons < SIGN_ONS:
        async with httpx.AsyncClient(
            transport=AiohttpTransport(verify=authorities()), trust_env=False, follow_redirects=True, timeout=30
        ) as browser:
            with suppress(httpx.HTTPError):
                await browser.get(start)
        await asyncio.sleep(_PAUSE_S)
