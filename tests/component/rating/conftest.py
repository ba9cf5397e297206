from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from contracts.values import PersonId
from services.rating import app
from services.rating.consumers import subscriptions
from services.rating.settings import RatingSettings
from tests.component.rating.users import Service
from tests.support.service import Door, Feed, settings_of


@pytest.fixture
def rating(database_of: Callable[[str], Database], clock: FixedClock, tmp_path: Path) -> Service:
    database = database_of("services.rating")
    settings = settings_of(RatingSettings, database, tmp_path, data_key_file=tmp_path / "data.key")
    door = Door(app.create(settings, database, clock), "rating")
    return Service(database, clock, settings, door, Feed.of(subscriptions, database, clock, settings))


@pytest.fixture
def person() -> PersonId:
    return PersonId.new()
