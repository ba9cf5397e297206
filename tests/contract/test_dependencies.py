"""FastAPI runs a plain function that a route depends on in a thread: two switches that cost more than what it does."""

import importlib
import inspect
from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from chassis.http import Router
from deploy.local.mesh import PACKAGES


def threaded(dependant: Dependant) -> Iterator[str]:
    for each in dependant.dependencies:
        if each.call is not None and not inspect.iscoroutinefunction(each.call):
            yield each.call.__qualname__
        yield from threaded(each)


def routes(router: Router) -> Iterator[APIRoute]:
    for each in router.routes:
        if isinstance(each, APIRoute):
            yield each
        elif isinstance(included := getattr(each, "original_router", None), Router):
            yield from routes(included)


@pytest.mark.parametrize("package", PACKAGES.values())
def test_what_a_route_depends_on_runs_in_the_event_loop(package: str) -> None:
    found = list(routes(importlib.import_module(f"{package}.routes").router))
    assert found
    assert {name for route in found for name in threaded(route.dependant)} == set()
