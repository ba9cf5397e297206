"""What was decided by last, in a file of its own: public keys, terms and policies, nothing secret."""

import json
import os
from pathlib import Path
from typing import Any

import structlog

from chassis.clock import Clock
from gateway.registry.snapshots import reading
from gateway.snapshot import Snapshot

log = structlog.get_logger()


class LastKnownGood:
    """The rows of one snapshot in `file`, readable by its owner only and believed for `good_for_s` after the last load."""

    def __init__(self, file: Path, clock: Clock, *, good_for_s: float) -> None:
        self._file = file
        self._clock = clock
        self._good_for_s = good_for_s
        self._written = ""

    def keep(self, rows: reading.Rows) -> None:
        """The whole file or the one before, whenever the process ends. A disk that is full costs the file, not the service."""
        text = json.dumps(rows, ensure_ascii=False, sort_keys=True)
        part = self._file.with_name(f"{self._file.name}.{os.getpid()}.part")
        try:
            if text == self._written and self._file.exists():
                os.utime(self._file)
                return
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as writing:
                writing.write(text)
                writing.flush()
                os.fsync(writing.fileno())
            part.replace(self._file)
        except OSError as error:
            log.warning("snapshot_not_kept", reason=str(error))
            return
        self._written = text

    def read(self) -> Snapshot | None:
        """The snapshot of the file; None where there is none, it is too old, or it is no snapshot."""
        try:
            if self._clock.now().timestamp() - self._file.stat().st_mtime > self._good_for_s:
                log.warning("snapshot_from_before_is_too_old")
                return None
            rows: Any = json.loads(self._file.read_text())
            return reading.snapshot(rows)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            log.warning("snapshot_from_before_is_unreadable", reason=type(error).__name__)
            return None
