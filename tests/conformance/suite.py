"""What the foundation's suite asks a provider to have ready: clients of each kind and a person with every claim."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
from joserfc.jwk import ECKey, RSAKey

from contracts.values import PartyId
from deploy.client import TongbanClient
from deploy.conformance.users import declared
from deploy.local.journey import citizen
from deploy.local.journey.config import Config, Person
from deploy.local.mesh import Mesh
from deploy.local.onboarding import onboard
from tests.conformance.party import Key, Party, User
from tests.support.eventually import eventually
from tests.support.whole_mesh import visiting

CODE_LIFE_S: Final = 60
_BACK: Final = "https://suite.example/test/a/tongban/callback"


class Listener:
    """Where a client hears of ended sign-ons: keeps the bodies that were posted to it."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        heard = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(self.rfile.read(int(self.headers["content-length"])).decode())
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/logged-out"

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@dataclass(frozen=True, slots=True)
class Suite:
    issuer: str
    user: User
    basic: Party
    second: Party
    posting: Party
    fapi: Party
    fapi_second: Party
    fapi_rsa: Party
    logged_out_uri: str
    listener: Listener = field(compare=False)

    def told(self, *, within_s: float) -> list[str]:
        """What the client was told of ended sign-ons, since it was last asked; waits for the first."""
        deadline = time.monotonic() + within_s
        while not self.listener.bodies and time.monotonic() < deadline:
            time.sleep(0.05)
        heard = list(self.listener.bodies)
        self.listener.bodies.clear()
        return heard


def prepare(mesh: Mesh, person: Person, folder: Path, listener: Listener) -> Suite:
    return asyncio.run(_prepare(mesh, person, folder, listener))


async def _prepare(mesh: Mesh, person: Person, folder: Path, listener: Listener) -> Suite:
    config = Config.read(mesh.journey_config())
    async with visiting(mesh, person, folder) as visit:
        _expected(await declared(visit.citizen), 200)
    async with TongbanClient(config.gateway_url, config.operator.id, config.operator.key()) as operator:
        office = _Office(config.gateway_url, operator, config.operator.officers[:2])
        logged_out = _BACK.replace("callback", "post_logout_redirect")
        own = {"post_logout_redirect_uris": [logged_out], "backchannel_logout_uri": listener.url}
        basic = await office.client("client_secret_basic", profile="confidential", **own)
        second = await office.client("client_secret_basic", profile="confidential", redirect_uri=_BACK + "?dummy1=lorem&dummy2=ipsum")
        posting = await office.client("client_secret_post", profile="confidential")
        fapi, fapi_second = [await office.client("private_key_jwt", profile="fapi2", key=ECKey.generate_key("P-256")) for _ in range(2)]
        fapi_rsa = await office.client("private_key_jwt", profile="fapi2", key=RSAKey.generate_key(2048))
    user = User(person.phone, citizen.PASSWORD)
    return Suite(config.gateway_url, user, basic, second, posting, fapi, fapi_second, fapi_rsa, logged_out, listener)


@dataclass(frozen=True, slots=True)
class _Office:
    """The operator who registers the suite's clients: one officer applies, another approves and opens production."""

    issuer: str
    operator: TongbanClient
    officers: tuple[str, ...]

    async def client(self, auth: str, *, profile: str, redirect_uri: str = _BACK, key: Key | None = None, **settings: Any) -> Party:
        first = self.officers[0]
        # What a party registers is on P-256; a client's other keys are among its settings.
        own = key if isinstance(key, ECKey) else ECKey.generate_key("P-256")
        public = {**own.as_dict(private=False), "kid": own.thumbprint()}
        wanted = {"name": f"conformance {profile} {auth}", "kind": "app", "redirect_uris": [redirect_uri]}
        party = await onboard(self.operator, self.officers, wanted, jwks=[public], once=f"suite-{PartyId.new()}")
        more = [{**key.as_dict(private=False), "kid": key.thumbprint()}] if isinstance(key, RSAKey) else []
        said = {"profile": profile, "auth_method": auth, "jwks": more, **settings}
        await self._settle(party["id"], said)
        secret = ""
        if auth.startswith("client_secret"):
            once = f"secret-{party['id']}"
            answer = await self.operator.post(f"/clients/{party['id']}/secrets", json={}, idempotency_key=once, officer=first)
            secret = _expected(answer, 201)["client_secret"]
        return Party(self.issuer, party["id"], redirect_uri, auth, secret, key)

    async def _settle(self, party_id: str, said: dict[str, Any]) -> None:
        """Identity hears of a new party by an event."""

        async def settled() -> bool:
            answer = await self.operator.put(f"/clients/{party_id}/settings", json=said, officer=self.officers[0])
            assert answer.status_code in {200, 404}, answer.text
            return answer.status_code == 200

        await eventually(settled, within=10)


def _expected(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    said: dict[str, Any] = answer.json()
    return said
