"""PostgreSQL from the machine's own binaries: one cluster, one database and one owner role for each service.

PostgreSQL refuses to run as root; then it runs as the user `postgres`. Under a folder that this user may not enter it
gets the one capability it needs to pass through.
"""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from deploy.local.install import postgres_binaries
from deploy.local.running import LOOPBACK, NotStarted, Running, free_port, tail

_LOOSE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = (
    "max_connections=200",
    "shared_buffers=64MB",
    "wal_compression=on",
    "autovacuum_naptime=60s",
    "bgwriter_delay=500ms",
    "checkpoint_timeout=15min",
    "max_wal_size=512MB",
)


def binaries() -> Path:
    found = postgres_binaries()
    if found is None:
        raise NotStarted("PostgreSQL is not installed: install the package postgresql (15 or newer)")
    return found


def start(folder: Path, *, password: str, port: int = 0, durable: bool = True) -> Running:
    """A server on the cluster in `folder`, made on first use; `durable=False` is for tests. Its superuser is postgres."""
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data"
    if not data.exists():
        _initialise(folder, data, password)
    port = port or free_port()
    options = [*_SETTINGS, *(() if durable else _LOOSE), f"listen_addresses={LOOPBACK}", "unix_socket_directories="]
    command = [*_owner(folder), str(binaries() / "postgres"), "-D", str(data), "-p", str(port)]
    log = folder.parent / "logs" / "postgres.log"
    server = Running.launch(
        "postgres", [*command, *(part for option in options for part in ("-c", option))], port=port, log=log, folder=Path("/")
    )
    with server.ended_unless_started():
        server.wait_for_port(log)
        _wait_for_queries(server, log)
    return server


def _wait_for_queries(server: Running, log: Path, within_s: float = 60.0) -> None:
    """It listens before it has started up, and after a crash long before. Raises NotStarted."""
    asked = [str(binaries() / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(server.port)]
    deadline = time.monotonic() + within_s
    while subprocess.run(asked, check=False).returncode != 0:
        if not server.is_alive() or time.monotonic() > deadline:
            raise NotStarted(f"PostgreSQL takes no queries; the end of {log}:\n{tail(log)}")
        time.sleep(0.05)


def _owner(folder: Path) -> list[str]:
    """The prefix of a command that may not run as root."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    if any(not parent.stat().st_mode & 0o001 for parent in folder.resolve().parents):
        prefix += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return prefix


def _initialise(folder: Path, data: Path, password: str) -> None:
    # Under another name until it is whole: a cluster whose making was interrupted looks like one.
    unfinished = folder / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    secret = folder / "password"
    secret.write_text(password)
    prefix = _owner(folder)
    if prefix:
        shutil.chown(secret, "postgres", "postgres")
    secret.chmod(0o600)
    subprocess.run(
        [*prefix, str(binaries() / "initdb"), "-A", "scram-sha-256", "--pwfile", str(secret), "-U", "postgres",
         "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", str(unfinished)],
        check=True, stdout=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    secret.unlink()
    unfinished.rename(data)


def create_databases(port: int, password: str, owners: Mapping[str, str]) -> None:
    """A database and a role of its own for each service; `owners` maps the service to its role's password.

    Nobody but the owner may connect: there are no grants across.
    """
    asyncio.run(_create_databases(port, password, owners))


async def _create_databases(port: int, password: str, owners: Mapping[str, str]) -> None:
    connection = await asyncpg.connect(host=LOOPBACK, port=port, user="postgres", password=password, database="postgres")
    try:
        there = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        for name in owners.keys() - roles:
            await connection.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{owners[name]}'")
        for name in owners.keys() - there:
            await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
            await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    finally:
        await connection.close()


def url(port: int, name: str, password: str) -> str:
    return f"postgresql+asyncpg://{name}:{password}@{LOOPBACK}:{port}/{name}"
