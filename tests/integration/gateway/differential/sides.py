"""The gateway and nginx, each before a recording service of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.database import Database
from deploy.local.running import free_port
from gateway.registry.tables import resources
from tests.integration.gateway.differential.client import Sending, Talk, talk
from tests.integration.gateway.differential.recorder import USUAL, Heard, Recorder, Script, recording
from tests.integration.gateway.door import Door, gateway, is_open, register
from tests.support.eventually import eventually

NGINX = "/usr/sbin/nginx"
MIB = 1024 * 1024
LIMIT_BYTES = 8 * MIB
LATE_MS = 1500
_AT_ONCE = 24
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CONFIG = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; server_tokens off;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  upstream behind {{ server 127.0.0.1:{behind}; keepalive 32; }}
  client_max_body_size {limit}; large_client_header_buffers 8 32k;
  client_header_timeout 2s; client_body_timeout 2s; lingering_timeout 1s;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    location / {{
      proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_request_buffering off; proxy_buffering off; proxy_read_timeout {late}ms; proxy_connect_timeout 2s;
    }}
  }}
}}
"""


def _configured(folder: Path, behind: int) -> int:
    """The port that it will have."""
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(_CONFIG.format(folder=folder, behind=behind, port=port, limit=LIMIT_BYTES, late=LATE_MS))
    return port


@asynccontextmanager
async def nginx(folder: Path, behind: int) -> AsyncIterator[int]:
    """Its port."""
    port = _configured(folder, behind)
    process = await asyncio.create_subprocess_exec(NGINX, "-p", str(folder), "-c", "nginx.conf", stderr=asyncio.subprocess.DEVNULL)
    try:
        await eventually(lambda: is_open(port))
        yield port
    finally:
        process.terminate()
        await process.wait()


@dataclass(frozen=True)
class Exchange:
    """Names in targets are written `@@@@@`: each side gets its own, of five letters, so that lengths stay what they are."""

    title: str
    sending: Sending
    script: Script = USUAL


@dataclass(frozen=True)
class Outcome:
    talk: Talk
    heard: list[Heard]

    @property
    def asked(self) -> list[tuple[str, str, bytes]]:
        return [(each.method, each.target, each.body) for each in self.heard]


@dataclass
class Sides:
    """`door` is the gateway's; `ours` and `theirs` are the services behind the gateway and behind nginx."""

    door: Door
    ours: Recorder
    theirs: Recorder
    nginx_port: int
    number: int = 0

    @property
    def gateway_port(self) -> int:
        return self.door.settings.listen_port

    async def compared(self, exchanges: Iterable[Exchange], *, at_once: int = _AT_ONCE) -> list[tuple[Exchange, Outcome, Outcome]]:
        """Each with what came of it at the gateway and at nginx."""
        room = asyncio.Semaphore(at_once)

        async def both(exchange: Exchange, name: str) -> tuple[Exchange, Outcome, Outcome]:
            async with room:
                ours = await _one(self.gateway_port, self.ours, exchange, name)
                return exchange, ours, await _one(self.nginx_port, self.theirs, exchange, name)

        named = []
        for each in exchanges:
            self.number += 1
            named.append(both(each, f"x{self.number:04}"))
        return await asyncio.gather(*named)


async def _one(port: int, recorder: Recorder, exchange: Exchange, name: str) -> Outcome:
    recorder.scripts[name] = exchange.script
    sending = exchange.sending
    pieces = tuple(each.replace(b"@@@@@", name.encode()) for each in sending.pieces)
    said = await talk(port, replace(sending, pieces=pieces, marker=sending.marker.replace(b"@@@@@", name.encode())))
    heard = [replace(each, target=each.target.replace(name, "@@@@@")) for each in recorder.heard.pop(name, [])]
    answers = [replace(each, body=each.body.replace(name.encode(), b"@@@@@") if len(each.body) < 1000 else each.body) for each in said.said]
    return Outcome(replace(said, said=answers), heard)


@asynccontextmanager
async def sides(database: Database, folder: Path) -> AsyncIterator[Sides]:
    parties = await register(database)
    paths = ("/sign/{code}", "/sign/{code}/{more}", "/n/{code}")
    async with database.transaction() as session:
        rows = [
            {"service": "identity", "method": method, "path": path, "permission": "sign:on", "audience": "protocol", "assurance": 0}
            | {"max_age_s": None, "grade": 1, "state": "active"}
            for method in _METHODS
            for path in paths
        ]
        await session.execute(sa.insert(resources), rows)
    more: dict[str, Any] = {
        "body_limit_bytes": LIMIT_BYTES,
        "upstream_deadline_ms": LATE_MS,
        "address_per_second": 1e6,
        "address_burst": 1_000_000,
    }
    async with (
        recording() as ours,
        recording() as theirs,
        nginx(folder / "nginx", theirs.port) as port,
        gateway(database, folder, ours.url, parties=parties, **more) as door,
    ):
        yield Sides(door, ours, theirs, port)
