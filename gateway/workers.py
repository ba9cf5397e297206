"""Several whole gateways on one port: each has its own snapshot, ledger and leases, and the kernel deals out the connections.

The listening socket belongs to the parent and outlives any worker, so that a worker that dies loses its own connections and
none that was waiting. The parent does nothing else.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Final

import structlog

from chassis import logs

log = structlog.get_logger()

LISTEN_FD: Final = "GATEWAY_LISTEN_FD"
_STOP_S: Final = 60.0
"""Longer than the parts of a process may take together."""
_WELL: Final = frozenset({0, -signal.SIGTERM})
"""The second is that of one that had not begun yet."""
_YOUNG_S: Final = 10.0
_PAUSE_S: Final = 1.0
_LOOK_S: Final = 0.25


class Workers:
    """`count` processes that run `command`. One that dies is replaced; one that dies young, before it can have served, ends all."""

    def __init__(self, command: list[str], *, host: str, port: int, count: int) -> None:
        self._command = command
        self._count = count
        self._listening = socket.create_server((host, port), backlog=2048)
        self._running: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
        self._is_told = False

    def run(self) -> int:
        """The exit status: 0 when told to stop and every worker ended well."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._tell)
        for _ in range(self._count):
            self._start()
        failed = False
        while self._running and not self._is_told:
            failed = self._replace_the_dead()
            if failed:
                break
            time.sleep(_LOOK_S)
        return 1 if self._stop() or failed else 0

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        self._is_told = True

    def _start(self) -> None:
        fd = self._listening.fileno()
        environment = {**os.environ, LISTEN_FD: str(fd)}
        worker = subprocess.Popen(self._command, env=environment, pass_fds=(fd,), start_new_session=True)
        self._running[worker.pid] = (worker, time.monotonic())

    def _replace_the_dead(self) -> bool:
        """True when one died so young that another would fare no better."""
        for pid, (worker, started) in list(self._running.items()):
            if (status := worker.poll()) is None:
                continue
            del self._running[pid]
            age_s = time.monotonic() - started
            log.error("worker_died", pid=pid, status=status, age_s=round(age_s, 1))
            if age_s < _YOUNG_S:
                return True
            time.sleep(_PAUSE_S)
            self._start()
        return False

    def _stop(self) -> bool:
        """True when one of them did not end well."""
        self._listening.close()
        workers = list(self._running.values())
        for worker, _ in workers:
            worker.send_signal(signal.SIGTERM)
        told = time.monotonic()
        deadline, failed = told + _STOP_S, False
        for worker, started in workers:
            try:
                ended_well = worker.wait(max(0.1, deadline - time.monotonic())) in _WELL
                # One that was told to stop while it was still starting has nothing to finish.
                failed |= not ended_well and told - started >= _YOUNG_S
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
                failed = True
        return failed


def supervise(*, host: str, port: int, count: int, log_level: str) -> None:
    """Does not return."""
    logs.configure("gateway", log_level)
    sys.exit(Workers([sys.executable, "-m", "gateway"], host=host, port=port, count=count).run())
