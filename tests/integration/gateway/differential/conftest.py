from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from chassis.database import Database
from gateway.door import DoorProtocol
from gateway.proxy.upstream import Upstream
from tests.integration.gateway.differential.sides import Sides, sides


@pytest.fixture
async def both(database_of: Callable[[str], Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sides]:
    """With deadlines as short as nginx is given here."""
    monkeypatch.setattr(DoorProtocol, "header_deadline_s", 2.0)
    monkeypatch.setattr(DoorProtocol, "body_deadline_s", 2.0)
    async with sides(database_of("gateway.registry"), tmp_path) as running:
        yield running


@pytest.fixture
def upstreams(monkeypatch: pytest.MonkeyPatch) -> list[Upstream]:
    """The gateway's pools, one for each service. Ask for it before the sides."""
    made: list[Upstream] = []
    first = Upstream.__init__

    def noted(self: Upstream, *given: Any, **more: Any) -> None:
        first(self, *given, **more)
        made.append(self)

    monkeypatch.setattr(Upstream, "__init__", noted)
    return made
