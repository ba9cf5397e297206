"""`python -m deploy.local.revision rating "why"`: the next revision of a database, from what its tables have and its migrations do not.

The migrations are applied to a database of a server that lives for this command only, so that no data of anybody is needed.
"""

import asyncio
import re
import secrets
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.database import migrate
from deploy.local import postgres
from deploy.local.install import ROOT
from deploy.local.running import LOOPBACK

_FILE = '''"""{why}"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{number}"
down_revision = "{previous}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}
'''


class NothingChanged(Exception):
    """The migrations already make what the tables say."""


def main(service: str, why: str) -> None:
    package = "gateway.registry" if service == "gateway" else f"services.{service}"
    folder = ROOT / package.replace(".", "/") / "migrations" / "versions"
    with tempfile.TemporaryDirectory() as temporary:
        password = secrets.token_hex()
        server = postgres.start(Path(temporary) / "postgres", password=password, durable=False)
        try:
            url = f"postgresql+asyncpg://postgres:{password}@{LOOPBACK}:{server.port}/postgres"
            migrate.upgrade(package, url)
            number = len(list(folder.glob("*.py"))) + 1
            text = asyncio.run(next_revision(url, import_module(f"{package}.tables").metadata, number=number, why=why))
        finally:
            server.stop()
    file = folder / f"{number:04d}_{re.sub('[^a-z0-9]+', '_', why.lower()).strip('_')}.py"
    file.write_text(text)
    subprocess.run([sys.executable, "-m", "ruff", "check", "--fix-only", "-q", str(file)], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(file)], check=True)
    print(f"wrote {file.relative_to(ROOT)}; read it before you commit it")


async def next_revision(url: str, tables: MetaData, *, number: int, why: str) -> str:
    """The source of the revision that brings the database to `tables`. Raises: NothingChanged."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            upgrade = await connection.run_sync(_difference, tables)
    finally:
        await engine.dispose()
    return _FILE.format(why=why, number=f"{number:04d}", previous=f"{number - 1:04d}", upgrade=upgrade)


def _difference(connection: Connection, tables: MetaData) -> str:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    upgrade = produce_migrations(context, tables).upgrade_ops
    if upgrade is None or upgrade.is_empty():
        raise NothingChanged
    lines = render_python_code(upgrade, migration_context=context).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("# ###")).strip()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except NothingChanged:
        sys.exit("nothing to write: the migrations already make what the tables say")
