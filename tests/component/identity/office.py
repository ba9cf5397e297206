"""Identity as the gateway meets it, with the city's sandboxes as its providers."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.http.mesh_token import CallerFacts
from contracts.events.gateway import PartyChanged
from contracts.values import Id, PartyId, PersonId, SessionId
from deploy.local.sandbox import population, registry, sms
from deploy.local.sandbox.server import Manners
from services.identity.consumers import subscriptions
from tests.support.listening import listening
from tests.support.service import EVERYTHING, Door, Feed, private_key

REDIRECT = "https://app.example/cb"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PASSWORD = "a-good-password"
PEOPLE = list(population.PEOPLE.values())
FORM = "application/x-www-form-urlencoded"


@asynccontextmanager
async def sandboxes() -> AsyncIterator[dict[str, str]]:
    """Settings that name the running sandboxes, well-behaved at first."""
    for app in (population.app, registry.app, sms.app):
        app.state.manners = Manners()
    sms._messages.clear()
    registry.found_again()
    async with listening(population.app) as city, listening(registry.app) as companies, listening(sms.app) as sms_url:
        people = {"population_base_url": city, "face_check_url": city, "exit_entry_url": city}
        yield {**people, "enterprise_registry_url": companies, "credit_registry_url": companies, "sms_url": sms_url}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "input" and said.get("name"):
            self.fields[str(said["name"])] = said.get("value") or ""


def fields(page: httpx.Response) -> dict[str, str]:
    parser = _Page()
    parser.feed(page.text)
    return parser.fields


def back(answer: httpx.Response) -> dict[str, str]:
    """What a redirect brings to the client."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@dataclass
class Office:
    door: Door
    feed: Feed
    database: Database
    clock: FixedClock
    issuer: str
    client: PartyId = field(default_factory=PartyId.new)
    jar: dict[str, str] = field(default_factory=dict)
    """The cookies of the browser that `browse` is."""

    def manners(self, provider: str, **manners: Any) -> None:
        {"population": population.app, "registry": registry.app, "sms": sms.app}[provider].state.manners = Manners(**manners)

    @classmethod
    async def opened(cls, app: Any, database: Database, clock: FixedClock, issuer: str) -> "Office":
        office = cls(Door(app, "identity"), Feed.of(subscriptions, database, clock), database, clock, issuer)
        await office.know(office.client)
        return office

    async def know(self, client: PartyId, *, status: str = "active", name: str = "示例应用", kind: str = "app", **more: Any) -> None:
        jwk = ECKey.import_key(private_key("client")).as_dict(private=False)
        event = PartyChanged(
            party_id=client,
            name=name,
            kind=kind,
            status=status,
            jwks=(jwk,),
            redirect_uris=(REDIRECT,),
            changed_at=self.clock.now(),
            **more,
        )
        await self.feed.deliver(event, at=self.clock.now())

    # Registration

    async def api(
        self,
        method: str,
        path: str,
        said: Any = None,
        *,
        person: PersonId | None = None,
        assurance: int = 2,
        session: SessionId | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        """As the client; every call is a new one unless `key` says that it is a retry."""
        signed_on = {"person": person, "assurance": assurance, "session": session or SessionId.new()} if person else {}
        facts = CallerFacts("gateway", self.client, "app", permissions=EVERYTHING, **signed_on)
        return await self.door.call(method, path, facts=facts, json=said, key=key or Id.new())

    def code_sent_to(self, phone: str) -> str:
        [*_, newest] = [message for message in sms._messages.values() if message.phone == phone]
        found = re.search(r"[0-9]{6}", newest.text)
        assert found
        return found.group()

    def form(self, number: int = 0, *, phone: str = "13800000001", code: str = "", **more: Any) -> dict[str, Any]:
        person = PEOPLE[number]
        return {
            "name": person["name"],
            "resident_id": person["resident_id"],
            "phone": phone,
            "sms_code": code or self.code_sent_to(phone),
            "second_proof": {"kind": "social_security", "number": person["social_security"]},
            "password": PASSWORD,
            "accepts_agreement": True,
            **more,
        }

    async def registered(self, number: int = 0, *, phone: str = "13800000001") -> PersonId:
        assert (await self.api("POST", "/sms-codes", {"phone": phone})).status_code == 202
        answer = await self.api("POST", "/registrations", self.form(number, phone=phone))
        assert answer.status_code == 201, answer.text
        return PersonId(answer.json()["person_id"])

    # Sign-on

    async def browse(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        facts = CallerFacts("gateway", party_kind="portal", permissions=EVERYTHING)
        content = urlencode(form).encode() if form is not None else None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.jar:
            named.setdefault("cookie", "; ".join(f"{name}={value}" for name, value in self.jar.items()))
        answer = await self.door.call(
            method, path, facts=facts, content=content, media_type=FORM if form is not None else None, headers=named
        )
        self.jar |= dict(answer.cookies)
        return answer

    async def follow(self, answer: httpx.Response, **headers: str) -> httpx.Response:
        """The answer after the redirects that stay with the provider."""
        while answer.status_code == 303 and answer.headers["location"].startswith("/"):
            answer = await self.browse("GET", answer.headers["location"], **headers)
        return answer

    def request(self, verifier: str = "v" * 43, **more: str | None) -> str:
        said = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": REDIRECT,
            "scope": "openid profile phone",
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **more,
        }
        return "/authorize?" + urlencode({name: value for name, value in said.items() if value is not None})

    async def page(self, request: str | None = None, **headers: str) -> httpx.Response:
        """The page that a request leads to, in a browser that has never been here."""
        self.jar.clear()
        return await self.follow(await self.browse("GET", request or self.request(), **headers), **headers)

    async def login(
        self, *, username: str = "13800000001", password: str = PASSWORD, request: str | None = None, **headers: str
    ) -> httpx.Response:
        """Sign on at the form and go on from there, in a browser that has never been here."""
        page = await self.page(request)
        assert page.status_code == 200, page.text
        form = {**fields(page), "username": username, "password": password, "action": "login"}
        return await self.follow(await self.browse("POST", "/sign-on", form, **headers))

    def assertion(self, *, key: str = "client", header: dict[str, Any] | None = None, **more: Any) -> str:
        now = int(self.clock.now().timestamp())
        said = {
            "iss": self.client,
            "sub": self.client,
            "aud": self.issuer,
            "jti": secrets.token_urlsafe(12),
            "iat": now,
            "exp": now + 60,
            **more,
        }
        claims = {name: value for name, value in said.items() if value is not None}
        return jwt.encode({"alg": "ES256", **(header or {})}, claims, ECKey.import_key(private_key(key)))

    async def ask(self, path: str, *, assertion: str | None = None, **form: str) -> httpx.Response:
        """As the client, proving itself."""
        return await self.browse(
            "POST", path, {"client_assertion_type": ASSERTION, "client_assertion": assertion or self.assertion(), **form}
        )

    async def redeem(self, code: str, **more: str) -> httpx.Response:
        return await self.ask(
            "/token", **{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": "v" * 43, **more}
        )

    async def signed_on(self, **more: Any) -> dict[str, Any]:
        """The tokens of a person who has signed on."""
        answer = await self.redeem(back(await self.login(**more))["code"])
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return said
