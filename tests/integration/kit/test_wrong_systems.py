"""A system that is right passes; one that is wrong in one way fails exactly the check that names it."""

import asyncio
import time
from pathlib import Path

from joserfc.jwk import ECKey

from contracts.values import PartyId
from deploy.client import TongbanClient
from deploy.kit.door import Door
from deploy.kit.running import System, played, watch
from deploy.local.sandbox.district import District
from gateway.registry.domain.conformance import Trial, judge
from gateway.snapshot import public_keys
from tests.support.districts import FAULTS, OddDistrict
from tests.support.service import private_key

PARTY = PartyId.new()


async def failing(system: System, seed: str) -> dict[str, str]:
    """The checks that a district's system fails before the kit's door."""
    began = int(time.time() * 1000)
    stage, answering = played("district", seed)
    async with Door(stage, answering) as door:
        await watch(door, stage, system, 30)
    keys = public_keys([ECKey.import_key(private_key("party")).as_dict(private=False)])
    return judge(Trial("district", seed, PARTY, keys, tuple(door.exchanges), began, int(time.time() * 1000)))


async def test_each_fault_fails_its_check_and_no_other() -> None:
    wanted = {"": (), **{fault: (check,) for fault, check in FAULTS.items()}}
    systems = [OddDistrict(PARTY, private_key("party"), fault) for fault in wanted]
    found = await asyncio.gather(*(failing(system, f"seed {system.fault}") for system in systems))
    assert {system.fault: tuple(each) for system, each in zip(systems, found, strict=True)} == wanted, found


async def test_the_district_of_the_journey_passes_whatever_the_seed(tmp_path: Path) -> None:
    async def district(name: str) -> dict[str, str]:
        async def work(url: str) -> None:
            async with TongbanClient(url, PARTY, private_key("party")) as client:
                await District(client, ["hp-001", "hp-002"], tmp_path / name).run(asyncio.Event())

        return await failing(work, name)

    assert await asyncio.gather(*(district(f"seed-{number}") for number in range(6))) == [{}] * 6
