"""Any process may be killed at any moment of a journey: one case, one certificate, one rating."""

import os
import random
import threading
import time
from dataclasses import dataclass, field

import pytest

from contracts.topics import SERVICES
from deploy.local.journey.config import Person
from deploy.local.journey.story import run
from deploy.local.mesh import Mesh
from tests.support.whole_mesh import rows, without_viewer

# Another seed is another set of moments: TONGBAN_SEED=$RANDOM make test-resilience
_SEED = os.environ.get("TONGBAN_SEED", "2026")
_STEPS = 10
_WITHIN_S = 0.4
_CASES = "SELECT count(*) FROM cases"
_OF_A_CASE = {
    "certificates": ("certificate", "SELECT count(*) FROM certificates WHERE case_number = $1"),
    "uses of held certificates": ("certificate", "SELECT count(*) FROM uses WHERE case_number = $1"),
    "tickets": ("rating", "SELECT count(*) FROM tickets WHERE case_number = $1"),
    "ratings": ("rating", "SELECT count(*) FROM ratings JOIN tickets ON tickets.id = ticket_id WHERE case_number = $1"),
}


@dataclass
class Killing:
    """Kills a process some time into a step of the journey, and starts it again, while the journey goes on."""

    mesh: Mesh
    name: str
    step: int
    after_s: float
    thread: threading.Thread | None = None
    failures: list[BaseException] = field(default_factory=list)

    def between(self, step: int) -> None:
        if step == self.step and self.thread is None:
            self.thread = threading.Thread(target=self._kill)
            self.thread.start()

    def _kill(self) -> None:
        time.sleep(self.after_s)  # the moment within the step, not a wait for anything
        try:
            self.mesh.kill(self.name)
            self.mesh.restart(self.name)
        except BaseException as error:  # noqa: BLE001 (raised again by the test)
            self.failures.append(error)


@pytest.mark.parametrize("name", SERVICES)
async def test_a_killed_process_loses_nothing_and_repeats_nothing(mesh: Mesh, person: Person, name: str) -> None:
    chosen = random.Random(f"{_SEED}-{name}")
    killing = Killing(mesh, name, chosen.randint(1, _STEPS), chosen.uniform(0, _WITHIN_S))
    print(f"{name} is killed {killing.after_s * 1000:.0f} ms into step {killing.step} (TONGBAN_SEED={_SEED})")
    [before] = await rows(mesh, "application", _CASES)
    try:
        outcome = await run(without_viewer(mesh), person=person, between=killing.between)
    finally:
        if killing.thread:
            killing.thread.join()
    assert killing.thread
    assert killing.failures == []

    # The district that works on this case may find others to work on, which other tests have left to it.
    [after] = await rows(mesh, "application", _CASES)
    assert after["count"] == before["count"] + 1
    assert await _count(mesh, outcome.case) == dict.fromkeys(_OF_A_CASE, 1)
    issued = await rows(mesh, "certificate", "SELECT identifier FROM certificates WHERE case_number = $1", outcome.case)
    assert [each["identifier"] for each in issued] == [outcome.certificate]


async def _count(mesh: Mesh, case: str) -> dict[str, int]:
    return {what: (await rows(mesh, service, query, case))[0][0] for what, (service, query) in _OF_A_CASE.items()}
