"""Makes the mesh of `make up` ready for the foundation's suite.

`python -m deploy.conformance target [--suite URL]` registers the clients and test users of the OpenID plans,
`authzen-target` a client and the policies of the AuthZEN plans. Each writes the suite's configuration files into the state
folder, and prints where they are and for which plan each is.
"""

import argparse
import asyncio
import json
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from httpx_aiohttp import AiohttpTransport

from deploy.client import NobodyAnswered, SignOnFailed, TongbanClient
from deploy.conformance import decisions
from deploy.conformance.clients import NotRegistered, OAuthClient, registered
from deploy.conformance.plans import ALIASES, VARIANTS, Clients, Json, Suite, configuration
from deploy.conformance.users import USERS, declared
from deploy.local.__main__ import read_dotenv, state_folder
from deploy.local.install import ROOT
from deploy.local.journey import citizen, parties
from deploy.local.journey.config import Config, people
from deploy.local.journey.context import Journey, Unexpected
from deploy.local.journey.narrator import Narrator
from deploy.local.mesh import Mesh
from deploy.local.ports import Ports

SUITE: Final = "https://localhost.emobix.co.uk:8443"
"""Where the suite says that it is when it is started as its own instructions say."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.conformance", description=__doc__)
    parser.add_argument("command", choices=["target", "authzen-target"])
    parser.add_argument("--suite", default=SUITE)
    arguments = parser.parse_args()
    read_dotenv(ROOT / ".env")
    mesh = Mesh(state_folder(), Ports.fixed())
    mesh.ports.settle(mesh.folder / "ports.json")
    if not mesh.is_up():
        print("conformance: no mesh runs; `make up` starts it", file=sys.stderr)
        return 1
    folder = mesh.folder / "conformance"
    folder.mkdir(parents=True, exist_ok=True)
    config = Config.read(mesh.journey_config())
    try:
        if arguments.command == "authzen-target":
            found = asyncio.run(decision_points(config))
            names = {f"authzen-{plan}": f"{decisions.PLANS[plan]}{decisions.VARIANT}" for plan in found}
            for name, file in written({f"authzen-{plan}": said for plan, said in found.items()}, folder).items():
                print(f"{names[name]} {file}")
            return 0
        said = asyncio.run(configurations(config, arguments.suite.rstrip("/"), folder))
    except (NotRegistered, Unexpected, NobodyAnswered, SignOnFailed) as reason:
        print(f"conformance: {reason}", file=sys.stderr)
        return 1
    for plan, file in written(said, folder).items():
        print(f"{ALIASES[plan]}{VARIANTS[plan]} {file}")
    return 0


async def configurations(config: Config, suite_url: str, keys: Path) -> dict[str, Json]:
    """What each plan's file says, once everybody in it is registered. `keys` is a folder for keys of parties."""
    async with AsyncExitStack() as stack:
        anybody = await stack.enter_async_context(httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False, timeout=60))
        user, refuser = people()[-USERS:]
        journey = Journey(config, user, Narrator(lambda _: None), anybody, keys, lambda _: None)
        known = await parties.register(journey, stack)
        await journey.ask(partial(declared, await citizen.registered(journey, known.app)))
        await citizen.registered(replace(journey, citizen=refuser), known.app)
        suite = Suite(suite_url, config.gateway_url, user.phone, refuser.phone, citizen.PASSWORD)
        clients = {plan: await _clients(known.operator, config.operator.officers, suite, plan) for plan in ALIASES}
    return {plan: configuration(suite, plan, found) for plan, found in clients.items()}


async def decision_points(config: Config) -> dict[str, Json]:
    """What each AuthZEN plan's file says, once the fixture is in force. The access token in it lives for a quarter of an hour."""
    async with (
        TongbanClient(config.gateway_url, config.operator.id, config.operator.key()) as operator,
        httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False, timeout=60) as anybody,
    ):
        _, first, _, second = config.operator.officers
        await decisions.load_fixture(operator, (first, second))
        back = "https://suite.example/callback"
        client = await registered(operator, config.operator.officers, "conformance authzen", [back], profile="confidential")
        answer = await anybody.post(
            f"{config.gateway_url}/token", data={"grant_type": "client_credentials"}, auth=(client.id, client.secret)
        )
    if not answer.is_success:
        raise NotRegistered(f"no token: {answer.status_code} {answer.text[:500]}")
    return {plan: decisions.configuration(plan, config.gateway_url, answer.json()["access_token"]) for plan in decisions.PLANS}


def written(said: dict[str, Json], folder: Path) -> dict[str, Path]:
    """The files by the name of their plan."""
    files = {plan: folder / f"{plan}.json" for plan in said}
    for plan, file in files.items():
        # Its secrets and keys open the mesh as these clients.
        file.touch(mode=0o600)
        file.write_text(json.dumps(said[plan], ensure_ascii=False, indent=2))
    return files


async def _clients(operator: TongbanClient, officers: tuple[str, ...], suite: Suite, plan: str) -> Clients | None:
    if plan == "config":
        return None

    async def client(name: str, **settings: Any) -> OAuthClient:
        back = [suite.address(plan, "callback"), suite.address(plan, "callback") + "?dummy1=lorem&dummy2=ipsum"]
        return await registered(operator, officers, f"conformance {plan} {name}", back, asks_consent=True, **settings)

    if plan == "fapi2":
        return Clients(await client("first", profile="fapi2"), await client("second", profile="fapi2"))
    own: dict[str, Any] = {"profile": "confidential", "post_logout_redirect_uris": [suite.address(plan, "post_logout_redirect")]}
    if plan == "backchannel":
        own["backchannel_logout_uri"] = suite.address(plan, "backchannel_logout")
    first = await client("first", **own)
    if plan != "basic":
        return Clients(first)
    return Clients(first, await client("second", **own), await client("posting", auth_method="client_secret_post", **own))


if __name__ == "__main__":
    sys.exit(main())
