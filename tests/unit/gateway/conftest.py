import pytest

from tests.unit.gateway.city import City


@pytest.fixture
def city() -> City:
    return City()
