"""The keys that seal a service's data, oldest first, and the file that holds them.

Shape of the file: `tongban-keys <how many>`, then a line a key: `<id> <retired|current|added> <64 hexadecimal digits>`.
A file of 64 hexadecimal digits alone is a ring of one key, from before keys had ids: its id is 0.
"""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

UNNUMBERED: Final = 0
_KEY_BYTES: Final = 32
_LARGEST_ID: Final = 2**32 - 1
_BARE: Final = re.compile(r"[0-9a-fA-F]{64}")
_HEADER: Final = re.compile(r"tongban-keys ([1-9][0-9]?)")
_LINE: Final = re.compile(r"([0-9]{1,10}) (retired|current|added) ([0-9a-fA-F]{64})")


class State(StrEnum):
    """Every key opens what it sealed. `added`: known, not yet written with. `retired`: no longer written with."""

    RETIRED = "retired"
    CURRENT = "current"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Key:
    id: int
    state: State
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ring:
    """Raises ValueError when the keys are not: ids that rise, secrets that differ, the retired, one current, the added."""

    keys: tuple[Key, ...]

    def __post_init__(self) -> None:
        ids, states = [key.id for key in self.keys], [key.state for key in self.keys]
        if states.count(State.CURRENT) != 1:
            raise ValueError("a ring has exactly one current key")
        if states != sorted(states, key=list(State).index):
            raise ValueError("a ring names its retired keys first, then the current one, then those added")
        if ids != sorted(set(ids)) or not 0 <= ids[0] <= ids[-1] <= _LARGEST_ID:
            raise ValueError("the ids of a ring's keys rise from line to line")
        if len({key.secret for key in self.keys}) != len(self.keys) or any(len(key.secret) != _KEY_BYTES for key in self.keys):
            raise ValueError(f"the keys of a ring are {_KEY_BYTES} bytes each, and differ")

    @classmethod
    def of(cls, secret: bytes) -> "Ring":
        """One key that has no id."""
        return cls((Key(UNNUMBERED, State.CURRENT, secret),))

    @classmethod
    def new(cls) -> "Ring":
        return cls((Key(1, State.CURRENT, secrets.token_bytes(_KEY_BYTES)),))

    @classmethod
    def parsed(cls, text: str) -> "Ring":
        """Raises ValueError, which never says what was in the text."""
        if _BARE.fullmatch(text.strip()):
            return cls.of(bytes.fromhex(text.strip()))
        header, *lines = text.splitlines() or [""]
        promised, found = _HEADER.fullmatch(header), [_LINE.fullmatch(line) for line in lines]
        if promised is None or not all(found):
            raise ValueError(f"neither {_KEY_BYTES} bytes in hexadecimal nor a ring of keys")
        if len(found) != int(promised.group(1)):
            raise ValueError(f"the ring promises {promised.group(1)} keys and holds {len(found)}")
        return cls(tuple(Key(int(each[1]), State(each[2]), bytes.fromhex(each[3])) for each in found if each))

    @classmethod
    def read(cls, file: Path) -> "Ring":
        """Raises ValueError naming the file, OSError."""
        try:
            return cls.parsed(file.read_text())
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from None

    def text(self) -> str:
        if [key.id for key in self.keys] == [UNNUMBERED]:
            return self.keys[0].secret.hex()
        lines = [f"{key.id} {key.state} {key.secret.hex()}" for key in self.keys]
        return "\n".join([f"tongban-keys {len(lines)}", *lines, ""])

    @property
    def version(self) -> str:
        """Says which ring this is and nothing of its keys."""
        return hashlib.sha256(f"ring\0{self.text()}".encode()).hexdigest()[:16]

    @property
    def current(self) -> Key:
        return next(key for key in self.keys if key.state is State.CURRENT)

    def has(self, state: State) -> bool:
        return any(key.state is state for key in self.keys)

    # Steps of a rotation; each leaves the ring as it is where it is taken already.

    def with_another(self) -> "Ring":
        if self.has(State.ADDED):
            return self
        return Ring((*self.keys, Key(self.keys[-1].id + 1, State.ADDED, secrets.token_bytes(_KEY_BYTES))))

    def with_newest_current(self) -> "Ring":
        *older, newest = self.keys
        return Ring((*(replace(key, state=State.RETIRED) for key in older), replace(newest, state=State.CURRENT)))

    def without_retired(self) -> "Ring":
        return Ring(tuple(key for key in self.keys if key.state is not State.RETIRED))


def change(file: Path, step: Callable[[Ring], Ring]) -> Ring:
    """Take a step in the file: whole or not at all, on the disk before this returns, and one process at a time."""
    with (file.parent / f"{file.name}.lock").open("w") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        before = Ring.read(file)
        after = step(before)
        if after != before:
            _replace(file, after.text())
    return after


def _replace(file: Path, text: str) -> None:
    written = file.with_name(f"{file.name}.part")
    written.unlink(missing_ok=True)
    owner = file.stat()
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as part:
        os.fchmod(part.fileno(), owner.st_mode & 0o777)
        if os.geteuid() == 0:
            os.fchown(part.fileno(), owner.st_uid, owner.st_gid)
        part.write(text)
        part.flush()
        os.fsync(part.fileno())
    written.replace(file)
    # A row sealed under a key that the disk then forgets is lost for ever.
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
