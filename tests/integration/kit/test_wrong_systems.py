"""A system that is right passes; one that is wrong in one way fails exactly the check that names it."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from contracts.values import Id, PartyId
from deploy.client import TongbanClient
from deploy.kit import KitFailed
from deploy.kit.running import System, meet
from deploy.local.sandbox.district import District
from gateway.registry.domain.conformance import Trial, judge
from gateway.snapshot import public_keys
from tests.support import apps, districts
from tests.support.apps import OddApp
from tests.support.departments import OddDepartment
from tests.support.districts import OddDistrict
from tests.support.service import private_key

PARTY = PartyId.new()
PEM = private_key("party")


def begun(kind: str, seed: str) -> dict[str, Any]:
    return {"id": Id.new(), "party": PARTY, "kind": kind, "seed": seed}


async def failing(kind: str, seed: str, system: System, start: str = "") -> dict[str, str]:
    """The checks that a system of this kind fails before the kit's door, as the gateway would judge them."""
    began = int(time.time() * 1000)
    report = await meet(begun(kind, seed), PEM, system=system, start=start, within_s=40)
    keys = public_keys([ECKey.import_key(PEM).as_dict(private=False)])
    found = judge(Trial(kind, seed, PARTY, keys, tuple(report.exchanges), began, int(time.time() * 1000)))
    assert {each.check: each.reason for each in report.outcomes if each.reason} == found, "the kit finds what the gateway finds"
    return found


def wanted(faults: dict[str, str]) -> dict[str, list[str]]:
    return {"": [], **{fault: [check] for fault, check in faults.items()}}


def told(faults: Sequence[str], found: Sequence[dict[str, str]]) -> dict[str, list[str]]:
    return {fault: list(each) for fault, each in zip(faults, found, strict=True)}


async def test_each_fault_of_a_district_fails_its_check_and_no_other() -> None:
    faults = ["", *districts.FAULTS]
    found = await asyncio.gather(*(failing("district", f"seed-{each}".replace(" ", "-"), OddDistrict(PARTY, PEM, each)) for each in faults))
    assert told(faults, found) == wanted(districts.FAULTS), found


async def test_each_fault_of_an_app_fails_its_check_and_no_other() -> None:
    faults = ["", *apps.FAULTS]
    systems = [OddApp(PARTY, PEM, each) for each in faults]
    found = await asyncio.gather(*(failing("app", f"seed-{app.fault}".replace(" ", "-"), app, app.start) for app in systems))
    assert told(faults, found) == wanted(apps.FAULTS), found


async def test_a_department_shows_the_same_manners_by_whatever_it_writes() -> None:
    faults = ["", "has a new key for each retry", "ignores 429", "has one nonce", "sends no digest"]
    found = await asyncio.gather(
        *(failing("department", f"seed-{each}".replace(" ", "-"), OddDepartment(PARTY, PEM, each)) for each in faults)
    )
    assert told(faults, found) == wanted({each: districts.FAULTS[each] for each in faults if each}), found


async def test_whoever_writes_too_little_has_not_shown_enough() -> None:
    assert "writes-shown" in await failing("department", "seed", OddDepartment(PARTY, PEM, writes=3))


async def test_the_district_of_the_journey_passes_whatever_the_seed(tmp_path: Path) -> None:
    async def district(name: str) -> dict[str, str]:
        async def work(url: str) -> None:
            async with TongbanClient(url, PARTY, PEM) as client:
                await District(client, ["hp-001", "hp-002"], tmp_path / name).run(asyncio.Event())

        return await failing("district", name, work)

    assert await asyncio.gather(*(district(f"seed-{number}") for number in range(6))) == [{}] * 6


async def test_an_app_without_a_page_to_begin_at_cannot_be_tested() -> None:
    with pytest.raises(KitFailed):
        await meet(begun("app", "seed"), PEM)
