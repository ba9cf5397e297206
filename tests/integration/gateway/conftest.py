from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from chassis.database import Database
from deploy.local.running import free_port
from tests.integration.gateway.door import Behind, Door, gateway, register, served


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
async def upstream(behind: Behind) -> AsyncIterator[str]:
    """The address at which every service is found."""
    async with served(behind, SimpleNamespace(listen_host="127.0.0.1", listen_port=free_port())) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def door(database_of: Callable[[str], Database], tmp_path: Path, upstream: str) -> AsyncIterator[Door]:
    database = database_of("gateway.registry")
    async with gateway(database, tmp_path, upstream, parties=await register(database)) as running:
        yield running
