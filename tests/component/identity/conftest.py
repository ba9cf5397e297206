from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from services.identity import app
from services.identity.settings import IdentitySettings
from tests.component.identity.office import Office, sandboxes
from tests.support.service import Neighbours, neighbours, settings_of

ISSUER = "http://localhost:8080"


@pytest.fixture
async def beside() -> AsyncIterator[Neighbours]:
    """The services that keep something of a subject; they know nothing until told."""
    async with neighbours("application", "certificate", "rating") as others:
        yield others


def _files(folder: Path) -> dict[str, Path]:
    keys = {"signing_key_file": "signing.pem", "city_code_key_file": "city-code.pem", "data_key_file": "data.key"}
    return {name: folder / file for name, file in keys.items()}


@pytest.fixture
async def city(database_of: Callable[[str], Database], tmp_path: Path, clock: FixedClock, beside: Neighbours) -> AsyncIterator[Office]:
    """Identity among the services that keep something of a subject."""
    database = database_of("services.identity")
    async with sandboxes() as providers:
        said = {"public_url": ISSUER, "provider_timeout_ms": 2000, "file_deadline_ms": 300, **_files(tmp_path), **providers, **beside.urls}
        identity = app.create(settings_of(IdentitySettings, database, tmp_path, **said), database, clock)
        yield await Office.opened(identity, database, clock, ISSUER)
        await identity.state.providers.close()
        await identity.state.mesh.close()


@pytest.fixture
async def office(database_of: Callable[[str], Database], tmp_path: Path, clock: FixedClock) -> AsyncIterator[Office]:
    database = database_of("services.identity")
    async with sandboxes() as providers:
        said = {"public_url": ISSUER, "provider_timeout_ms": 2000, **_files(tmp_path), **providers}
        identity = app.create(settings_of(IdentitySettings, database, tmp_path, **said), database, clock)
        yield await Office.opened(identity, database, clock, ISSUER)
        await identity.state.providers.close()
