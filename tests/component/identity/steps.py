"""What a person does at the sign-on pages, step by step."""

import base64
import html
import re
from typing import Any

import httpx

from contracts.values import PersonId
from tests.component.identity.office import PASSWORD, PEOPLE, Office, fields
from tests.support.authenticator import Authenticator

PHONE = "13800000001"


def options(page: httpx.Response) -> str:
    """What a page asks the device for."""
    found = re.search(r'data-options="([^"]*)"', page.text)
    assert found, page.text
    return html.unescape(found.group(1))


async def press(office: Office, page: httpx.Response, action: str, *, headers: dict[str, str] | None = None, **said: str) -> httpx.Response:
    """Fill the form of a page in and press a button of it; redirects that stay with the provider are followed."""
    form = {**fields(page), **said, "action": action}
    return await office.follow(await office.browse("POST", "/sign-on", form, **(headers or {})))


async def asked(office: Office, **more: str) -> httpx.Response:
    """What a request leads to in the same browser."""
    return await office.follow(await office.browse("GET", office.request(**more)))


async def account(office: Office, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
    if form is None:
        return await office.browse("GET", path, **headers)
    return await office.browse("POST", path, form, **{"origin": office.issuer, **headers})


async def with_passkey(office: Office) -> Authenticator:
    """The passkey of who is signed on in the browser."""
    device = Authenticator(office.issuer)
    page = await account(office, "/account/passkeys")
    added = await account(office, "/account/passkeys", {"action": "add", "password": PASSWORD, "credential": device.makes(options(page))})
    assert added.status_code == 200, added.text
    return device


async def real_person(office: Office, number: int = 0) -> PersonId:
    person = await office.registered(number)
    said: dict[str, Any] = {"method": "face", "capture": base64.b64encode(PEOPLE[number]["face"].encode()).decode()}
    assert (await office.api("POST", "/persons/me/verifications", said, person=person)).status_code == 200
    return person
