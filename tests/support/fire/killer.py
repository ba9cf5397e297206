"""Kills processes of the mesh at moments that a seed chooses, and starts them again, until it is told to stop."""

import random
import threading
from collections import Counter
from types import TracebackType
from typing import Self

from contracts.topics import SERVICES
from deploy.local.mesh import Mesh

BROKER = "kafka"


class Killer:
    """SIGKILL for one of the six processes every `every_s`; the broker goes in the same way once in `broker_one_in` times."""

    def __init__(self, mesh: Mesh, *, seed: str, every_s: tuple[float, float] = (1.0, 4.0), broker_one_in: int = 8) -> None:
        self._mesh = mesh
        self._chance = random.Random(seed)
        self._every_s = every_s
        self._broker_one_in = broker_one_in
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._failures: list[BaseException] = []
        self.killed: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        if self._failures and error is None:
            raise self._failures[0]

    def _run(self) -> None:
        try:
            while not self._stop.wait(self._chance.uniform(*self._every_s)):
                self._kill()
        except BaseException as failure:  # noqa: BLE001 (raised again where the killer ends)
            self._failures.append(failure)

    def _kill(self) -> None:
        name = BROKER if self._chance.randrange(self._broker_one_in) == 0 else self._chance.choice(SERVICES)
        self._mesh.kill(name)
        self.killed[name] += 1
        if name == BROKER:
            self._mesh.start_kafka()
        else:
            self._mesh.restart(name)
