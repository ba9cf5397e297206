"""Clients of each profile, as the operator sets them up and as they then speak the protocol."""

import base64
from typing import Any
from urllib.parse import urlencode

import httpx

from chassis.http.mesh_token import CallerFacts
from contracts.values import OfficerId, PartyId
from tests.component.identity.office import ASSERTION, REDIRECT, Office, back
from tests.support.dpop import proof
from tests.support.service import EVERYTHING

VERIFIER = "v" * 43


async def operate(office: Office, method: str, path: str, said: Any = None) -> httpx.Response:
    """As an operator."""
    facts = CallerFacts("gateway", PartyId.new(), "operator", officer=OfficerId("op-001"), permissions=EVERYTHING)
    return await office.door.call(method, path, facts=facts, json=said)


async def set_up(office: Office, profile: str, **more: Any) -> PartyId:
    """A new party of this profile, which `office` is from now on. It does not ask for consent unless it says so."""
    office.client = PartyId.new()
    await office.know(office.client)
    answer = await operate(office, "PUT", f"/clients/{office.client}/settings", {"profile": profile, "asks_consent": False, **more})
    assert answer.status_code == 200, answer.text
    return office.client


async def secret_of(office: Office, **more: Any) -> str:
    answer = await operate(office, "POST", f"/clients/{office.client}/secrets", more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["client_secret"])


def basic(client: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


def proving(office: Office, path: str, method: str = "POST", **more: Any) -> str:
    """A proof of possession for one of our own endpoints."""
    return proof(method, office.issuer + path, now=office.clock.now().timestamp(), **more)


async def token_by(office: Office, authorization: str | None = None, **form: str) -> httpx.Response:
    headers = {"authorization": authorization} if authorization else {}
    return await office.browse("POST", "/token", form, **headers)


async def proven(office: Office, path: str, *, dpop: str | None = None, **form: str) -> httpx.Response:
    """As a client with a key, with a proof of possession beside it."""
    said = {"client_assertion_type": ASSERTION, "client_assertion": office.assertion(), **form}
    return await office.browse("POST", path, said, **({"dpop": dpop} if dpop else {}))


def code_form(code: str, **more: str) -> dict[str, str]:
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER, **more}


async def pushed(office: Office, *, dpop: str | None = None, **more: str | None) -> httpx.Response:
    """A request pushed by a client with a key."""
    _, _, query = office.request(**more).partition("?")
    form = dict(httpx.QueryParams(query).multi_items())
    return await proven(office, "/par", dpop=dpop, **form)


async def fapi_code(office: Office, *, dpop: str | None = None, **more: str | None) -> dict[str, str]:
    """What comes back to a client that pushed its request and whose person then signed on."""
    answer = await pushed(office, dpop=dpop, **more)
    assert answer.status_code == 201, answer.text
    return back(await office.login(request=by_reference(office, answer.json()["request_uri"])))


def by_reference(office: Office, request_uri: str, **more: str) -> str:
    return "/authorize?" + urlencode({"client_id": office.client, "request_uri": request_uri, **more})
