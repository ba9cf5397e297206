"""A copy of the checkpoints outside the database: whoever rewinds the one does not reach the other.

Each process follows with a file of its own, or several with one; a line that was cut off by a crash is begun again.
"""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import orjson

from gateway.ledger.chain import Checkpoint, sm3

_LONGEST_LINE: Final = 1 << 20


class Rewound(Exception):
    """The database no longer holds, or contradicts, what was witnessed."""


class Witness:
    """Only ever appends to `file`. Whether a checkpoint is signed by a key of the ledger's is for the verifier to ask: keys change."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def newest(self) -> tuple[int, bytes]:
        """Number and hash of the newest checkpoint witnessed, (-1, b"") before the first."""
        if not self._file.exists():
            return -1, b""
        with self._file.open("rb") as lines:
            lines.seek(max(0, lines.seek(0, os.SEEK_END) - _LONGEST_LINE))
            for line in reversed(lines.read().split(b"\n")):
                if (found := _read(line)) is not None:
                    return found
        return -1, b""

    def follow(self, checkpoints: Iterable[Checkpoint]) -> int:
        """Append those of the checkpoints, given in their order, that are new; how many they were.

        Raises Rewound for one that does not continue what was witnessed, or is not what it says.
        """
        with self._file.open("ab") as lines:
            fcntl.flock(lines, fcntl.LOCK_EX)
            number, newest = self.newest()
            new = [each for each in checkpoints if each.number > number]
            for each in new:
                if each.number != number + 1 or (newest and each.previous != newest) or not each.is_as_its_body_says():
                    raise Rewound(f"checkpoint {each.number} does not continue what was witnessed")
                number, newest = each.number, each.hash
            if new:
                torn = lines.tell() and not self._ends_whole()
                lines.write((b"\n" if torn else b"") + b"".join(each.line().encode() + b"\n" for each in new))
                lines.flush()
                os.fsync(lines.fileno())
        return len(new)

    def _ends_whole(self) -> bool:
        with self._file.open("rb") as lines:
            lines.seek(-1, os.SEEK_END)
            return lines.read() == b"\n"


def _read(line: bytes) -> tuple[int, bytes] | None:
    try:
        body = orjson.loads(line)["body"]
        return orjson.loads(body)["number"], sm3(body.encode())
    except (ValueError, TypeError, KeyError):
        return None
