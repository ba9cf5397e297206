"""A provincial platform that signs its people on for others: OpenID Connect, and one-time tickets.

Its people are those of `people.json`, at level 4 (四级) unless `PUT /sandbox/levels {phone, level}` says otherwise; its login
asks for a phone and believes it. Clients and secrets are in the JSON file named by `PROVINCE_CLIENTS_FILE`: {url, clients: id →
{secret, return_urls}}. The contract of both ways is in `services/identity/upstreams.py`.
"""

import base64
import hashlib
import hmac
import html
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import BaseModel

from deploy.local.sandbox import server
from deploy.local.sandbox.population import PEOPLE

_TICKET_LIFE_S = 60
_SKEW_S = 300


@dataclass(slots=True)
class Platform:
    """`url` is its own address and issuer."""

    url: str = ""
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    now: Callable[[], float] = time.time
    waiting: dict[str, dict[str, str]] = field(default_factory=dict)
    """Code, ticket or token → what it stands for; each is used once but for tokens."""

    def person(self, phone: str) -> dict[str, Any] | None:
        return next((person for person in PEOPLE.values() if person["phone"] == phone), None)

    def userinfo(self, phone: str) -> dict[str, Any]:
        person = self.person(phone)
        assert person is not None
        return {
            "sub": hashlib.sha256(person["resident_id"].encode()).hexdigest()[:20],
            "user_name": person["name"],
            "cert_type": "111",
            "cert_no": person["resident_id"],
            "user_real_lvl": self.levels.get(phone, "4"),
        }


class Level(BaseModel):
    phone: str
    level: str


platform = Platform()
app: FastAPI = server.sandbox("provincial platform")


@app.put("/sandbox/levels")
async def set_level(level: Level) -> Level:
    platform.levels[level.phone] = level.level
    return level


@app.get("/.well-known/openid-configuration")
async def discovery() -> dict[str, Any]:
    names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo", "jwks_uri": "jwks"}
    return {"issuer": platform.url, **{name: f"{platform.url}/{path}" for name, path in names.items()}}


@app.get("/jwks")
async def jwks() -> dict[str, Any]:
    return {"keys": [{**platform.key.as_dict(private=False), "kid": platform.key.thumbprint(), "alg": "ES256", "use": "sig"}]}


@app.get("/authorize")
async def authorize(request: Request) -> Response:
    said = dict(request.query_params)
    return _login("/authorize", said) if _is_known(said.get("client_id"), said.get("redirect_uri")) else Response(status_code=400)


@app.post("/authorize")
async def signed_on(request: Request) -> Response:
    said = await _form(request)
    if not _is_known(said.get("client_id"), said.get("redirect_uri")) or platform.person(said.get("phone", "")) is None:
        return Response(status_code=400)
    code = secrets.token_urlsafe(24)
    platform.waiting[code] = {**said, "until": str(platform.now() + _TICKET_LIFE_S)}
    back = {"code": code, "state": said.get("state", ""), "iss": platform.url}
    return RedirectResponse(f"{said['redirect_uri']}?{urlencode(back)}", 303)


@app.post("/token")
async def token(request: Request) -> Response:
    form = await _form(request)
    asked = _taken(form.get("code", ""))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
    client = platform.clients.get(form.get("client_id", ""), {})
    is_right = (
        asked is not None
        and asked["client_id"] == form.get("client_id")
        and asked["redirect_uri"] == form.get("redirect_uri")
        and asked.get("code_challenge") == challenge
        and hmac.compare_digest(client.get("secret", ""), form.get("client_secret", ""))
    )
    if not is_right or asked is None:
        return JSONResponse({"error": "invalid_grant"}, 400)
    now = int(platform.now())
    info = platform.userinfo(asked["phone"])
    claims = {"iss": platform.url, "sub": info["sub"], "aud": asked["client_id"], "nonce": asked.get("nonce"), "iat": now, "exp": now + 60}
    access = secrets.token_urlsafe(24)
    platform.waiting[access] = {"phone": asked["phone"], "until": str(platform.now() + _SKEW_S)}
    identity = jwt.encode({"alg": "ES256", "kid": platform.key.thumbprint()}, claims, platform.key)
    return JSONResponse({"access_token": access, "token_type": "Bearer", "id_token": identity})


@app.get("/userinfo")
async def userinfo(request: Request) -> Response:
    waiting = platform.waiting.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    return JSONResponse(platform.userinfo(waiting["phone"])) if waiting else Response(status_code=401)


@app.get("/sso/login")
async def ticket_login(request: Request) -> Response:
    said = dict(request.query_params)
    return _login("/sso/login", said) if _is_known(said.get("client_id"), said.get("return_url")) else Response(status_code=400)


@app.post("/sso/login")
async def ticket_given(request: Request) -> Response:
    said = await _form(request)
    if not _is_known(said.get("client_id"), said.get("return_url")) or platform.person(said.get("phone", "")) is None:
        return Response(status_code=400)
    ticket = secrets.token_urlsafe(24)
    platform.waiting[ticket] = {"phone": said["phone"], "client_id": said["client_id"], "until": str(platform.now() + _TICKET_LIFE_S)}
    joint = "&" if "?" in said["return_url"] else "?"
    return RedirectResponse(f"{said['return_url']}{joint}{urlencode({'ticket': ticket})}", 303)


@app.post("/sso/tokens")
async def ticket_used(request: Request) -> Response:
    said = await _signed(request)
    waiting = _taken(str(said.get("ticket"))) if said is not None else None
    if waiting is None or waiting["client_id"] != request.headers.get("x-client-id"):
        return Response(status_code=401)
    given = secrets.token_urlsafe(24)
    platform.waiting[given] = {**waiting, "until": str(platform.now() + _SKEW_S)}
    return JSONResponse({"token": given})


@app.post("/sso/users")
async def ticket_person(request: Request) -> Response:
    said = await _signed(request)
    waiting = platform.waiting.get(str(said.get("token"))) if said is not None else None
    return JSONResponse(platform.userinfo(waiting["phone"])) if waiting else Response(status_code=401)


def _taken(secret: str) -> dict[str, str] | None:
    found = platform.waiting.pop(secret, None)
    return found if found and platform.now() < float(found["until"]) else None


def _is_known(client_id: str | None, address: str | None) -> bool:
    urls = platform.clients.get(client_id or "", {}).get("return_urls", [])
    return any((address or "").partition("?")[0] == url for url in urls)


async def _form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}


async def _signed(request: Request) -> dict[str, Any] | None:
    """The body of a rightly signed call."""
    body, heads = await request.body(), request.headers
    secret = platform.clients.get(heads.get("x-client-id", ""), {}).get("secret", "")
    timestamp, nonce = heads.get("x-timestamp", ""), heads.get("x-nonce", "")
    lines = "\n".join(("POST", request.url.path, hashlib.new("sm3", body).hexdigest(), timestamp, nonce))
    right = hmac.new(secret.encode(), lines.encode(), "sm3").hexdigest()
    is_fresh = timestamp.isdecimal() and abs(platform.now() - int(timestamp)) <= _SKEW_S
    is_first = bool(nonce) and f"nonce {nonce}" not in platform.waiting
    platform.waiting[f"nonce {nonce}"] = {"until": str(platform.now() + _SKEW_S)}
    if not secret or not is_fresh or not is_first or not hmac.compare_digest(right, heads.get("x-signature", "")):
        return None
    said: dict[str, Any] = json.loads(body)
    return said


def _login(action: str, said: Mapping[str, str]) -> HTMLResponse:
    hidden = "".join(f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">' for name, value in said.items())
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><title>示例省平台</title><h1>示例省平台 sandbox province</h1><form method="post" action="{action}">'
        f'{hidden}<label for="phone">手机号 phone</label><input id="phone" name="phone"><button id="submit">登录 sign on</button></form>'
    )


if __name__ == "__main__":
    said = json.loads(Path(os.environ["PROVINCE_CLIENTS_FILE"]).read_text())
    platform.url, platform.clients = said["url"], said["clients"]
    server.run(app, "province")
