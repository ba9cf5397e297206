"""Citizens who are signed in with assurance 3, and what they submit again and again: a matter that needs no certificate."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from httpx_aiohttp import AiohttpTransport

from deploy.client import AppClient, SignedIn, TongbanClient
from deploy.local.journey import citizen, parties
from deploy.local.journey.config import Config, Person
from deploy.local.journey.context import Journey
from deploy.local.journey.narrator import Narrator
from deploy.local.mesh import Mesh
from tests.support.filling import filled_in

MATTER: Final = "职业指导"
"""Anybody may submit it with what they type alone."""
PARTY: Final = {"kind": "app", "redirect_uris": [parties.REDIRECT], "per_second": 5000, "burst": 10000}


@dataclass(frozen=True, slots=True)
class Applicants:
    """`submission` is the body of a case; every one of the `signed_in` may submit it."""

    signed_in: list[SignedIn]
    submission: dict[str, Any]


@asynccontextmanager
async def applicants(mesh: Mesh, persons: list[Person], keys: Path, *, matter: str) -> AsyncIterator[Applicants]:
    """`matter` is the name of one. Raises what the journey raises when something is not as it should be."""
    async with AsyncExitStack() as stack:
        anybody = await stack.enter_async_context(httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False, timeout=60))
        config = Config.read(mesh.journey_config())
        journeys = [Journey(config, person, Narrator(lambda _: None), anybody, keys, lambda _: None) for person in persons]
        operator = TongbanClient(config.gateway_url, config.operator.id, config.operator.key())
        party = await parties.registered(journeys[0], await stack.enter_async_context(operator), "示例·收件压力 intake load", PARTY)
        # A client keeps the cookies of one browser: who signs on there next ends the sign-on before.
        clients = [AppClient(config.gateway_url, party.id, party.key(), parties.REDIRECT) for _ in journeys]
        apps = [await stack.enter_async_context(each) for each in clients]
        await parties.known_to_sign_on(apps[0])
        signed_in = [await citizen.known(journey, app) for journey, app in zip(journeys, apps, strict=True)]
        yield Applicants(signed_in, await _submission(apps[0], signed_in[0], matter))


async def _submission(app: AppClient, who: SignedIn, matter: str) -> dict[str, Any]:
    found = (await app.request("GET", "/matters", params={"q": matter})).json()["items"]
    [task_code] = [each["task_code"] for each in found if each["name"] == matter][:1]
    answer = await who.get(f"/matters/{task_code}/form")
    assert answer.status_code == 200, answer.text
    form = answer.json()
    values = filled_in(form["form_schema"])
    typed = {each["name"] for each in form["fields"] if each["value"] is None and not each["is_obtained"]}
    return {
        "task_code": task_code,
        "version": form["version"],
        "values": {name: value for name, value in values.items() if name in typed},
        "materials": [{"code": each["code"], "commitment": True} for each in form["materials"] if each["how"] == "commitment"],
    }
