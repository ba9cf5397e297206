"""A copy of the whole ledger in a folder, one JSON object a line: what an auditor takes away and verifies anywhere.

chains.jsonl, blocks.jsonl, records.jsonl, checkpoints.jsonl and witness.jsonl; bytes are in hexadecimal, `at` of all but
records in microseconds since the epoch.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg
import orjson

from gateway.ledger.chain import Block, Chain, Checkpoint, microseconds

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands in the database. `at` is in the form in which the body says it."""

    chain: str
    block: int
    position: int
    kept_as: str
    request_id: str
    at: str
    party: str | None
    person: str | None
    case_number: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Blocks by chain and number, records by chain, block and position; each is read once."""

    chains: Sequence[Chain]
    blocks: Iterable[Block]
    records: Iterable[Record]
    checkpoints: Sequence[Checkpoint]
    witness: Sequence[str]


_QUERIES: Final = (
    ("chains", "SELECT id::text, at, gateway, public_key, signature FROM ledger_chains ORDER BY id"),
    (
        "blocks",
        "SELECT chain::text, number, previous, at, records, leaves, hash, signature FROM ledger_blocks ORDER BY ledger_blocks.chain, number",
    ),
    ("checkpoints", "SELECT number, previous, at, hash, body, signature FROM ledger_checkpoints ORDER BY number"),
    (
        "records",
        """SELECT chain::text, block, position, kept_as, request_id::text, at, party::text, person::text, case_number, body
        FROM decisions ORDER BY decisions.chain, block, position""",
    ),
)


async def export(url: str, folder: Path, witness: Sequence[Path]) -> None:
    """Write a copy of the database at `url`. The witness is read first, so that it cannot know more than the copy."""
    _begin(folder, witness)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=10)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for name, query in _QUERIES:
                with (folder / f"{name}.jsonl").open("wb") as lines:
                    async for row in connection.cursor(query, prefetch=2000):
                        lines.write(_line(name, dict(row)))
    finally:
        await connection.close()


def _begin(folder: Path, witness: Sequence[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "witness.jsonl").open("wb") as lines:
        lines.writelines(each.read_bytes() for each in witness)


def _line(name: str, said: dict[str, Any]) -> bytes:
    if name != "records":
        said["at"] = microseconds(said["at"])
    return orjson.dumps({key: value.hex() if isinstance(value, bytes) else value for key, value in said.items()}) + b"\n"


def read(folder: Path) -> Copy:
    """The copy in a folder. Blocks and records are read as they are used. Raises OSError, ValueError, TypeError or KeyError."""
    return Copy(
        list(_read(folder / "chains.jsonl", Chain)),
        _read(folder / "blocks.jsonl", Block),
        _read(folder / "records.jsonl", Record),
        list(_read(folder / "checkpoints.jsonl", Checkpoint)),
        (folder / "witness.jsonl").read_text().split("\n"),
    )


def _read(file: Path, kind: Callable[..., T]) -> Iterator[T]:
    of_bytes = [each.name for each in fields(kind) if each.type is bytes]  # type: ignore[arg-type]  # each kind is a dataclass
    with file.open("rb") as lines:
        for line in lines:
            said = orjson.loads(line)
            for name in of_bytes:
                said[name] = bytes.fromhex(said[name])
            yield kind(**said)
