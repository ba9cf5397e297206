"""Every column of bytes in the mesh says whether it is sealed: what is not marked would be left under a key that goes."""

from importlib import import_module

import pytest

from chassis.sealing.columns import sealed_tables, unmarked
from contracts.topics import SERVICES
from deploy.local.keys import SEALING

_PACKAGES = {name: "gateway.registry" if name == "gateway" else f"services.{name}" for name in SERVICES}


@pytest.mark.parametrize("name", SERVICES)
def test_every_column_of_bytes_says_what_it_is(name: str) -> None:
    metadata = import_module(f"{_PACKAGES[name]}.tables").metadata
    assert list(unmarked(metadata)) == []
    assert bool(sealed_tables(metadata)) == (name in SEALING)
