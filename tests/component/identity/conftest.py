from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from services.identity import app
from services.identity.settings import IdentitySettings
from tests.component.identity.office import Office, sandboxes
from tests.support.service import Neighbours, neighbours, settings_of

ISSUER = "http://localhost:8080"
_PROVIDERS = ("population_base_url", "face_check_url", "exit_entry_url", "enterprise_registry_url", "credit_registry_url", "sms_url")


@pytest.fixture
async def beside() -> AsyncIterator[Neighbours]:
    """The services that keep something of a subject; they know nothing until told."""
    async with neighbours("application", "certificate", "rating") as others:
        yield others


@pytest.fixture
async def city(database_of: Callable[[str], Database], tmp_path: Path, clock: FixedClock, beside: Neighbours) -> AsyncIterator[Office]:
    """Identity among the services that keep something of a subject."""
    async with _opened(database_of("services.identity"), tmp_path, clock, **beside.urls) as office:
        yield office


@pytest.fixture
async def office(database_of: Callable[[str], Database], tmp_path: Path, clock: FixedClock) -> AsyncIterator[Office]:
    async with _opened(database_of("services.identity"), tmp_path, clock) as office:
        yield office


@asynccontextmanager
async def _opened(database: Database, tmp_path: Path, clock: FixedClock, **more: Any) -> AsyncIterator[Office]:
    async with sandboxes() as providers:
        settings = settings_in(tmp_path, database, provider_timeout_ms=6000, **providers, **more)
        identity = app.create(settings, database, clock)
        yield await Office.opened(identity, database, clock, ISSUER)
        await identity.state.providers.close()
        await identity.state.mesh.close()


def settings_in(folder: Path, database: Database, **more: Any) -> IdentitySettings:
    """Settings of an identity whose keys are in `folder`; its providers are nowhere unless they are named."""
    keys = {"signing_key_file": "signing.pem", "city_code_key_file": "city-code.pem", "data_key_file": "data.key"}
    providers = dict.fromkeys(_PROVIDERS, "http://127.0.0.1:1")
    said = {"public_url": ISSUER, **{name: folder / file for name, file in keys.items()}, **providers, **more}
    settings: IdentitySettings = settings_of(IdentitySettings, database, folder, **said)
    return settings
