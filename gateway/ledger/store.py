"""One block on disk: its records, its link in the chain, what they add to the counts of usage and the events that tell whose
data was seen, in one statement."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from chassis.database import ReadSession, WriteSession
from chassis.messaging.telling import TELL, TOLD, told
from contracts.events.access import DataAccessed
from gateway.ledger.chain import LEAF_BYTES, Block, Chain, moment
from gateway.ledger.line import Line
from gateway.registry.tables import ledger_blocks, ledger_chains

# What the columns and the counts say is read from the records themselves, there where there is time for it.
_SQL: Final = f"""
WITH chained AS (
    INSERT INTO ledger_blocks (chain, number, previous, at, records, leaves, hash, signature)
    VALUES (CAST(:chain AS uuid), :number, :previous, :made, :records, :leaves, :hash, :signature)
), said AS MATERIALIZED (
    SELECT each.place, each.body, said.*,
        CASE get_byte(:leaves, CAST((each.place - 1) * {LEAF_BYTES} AS integer)) WHEN ascii('p') THEN 'personal' ELSE 'other' END AS kept_as
    FROM string_to_table(:bodies, E'\\n') WITH ORDINALITY AS each (body, place),
        json_to_record(CAST(each.body AS json)) AS said (
            request_id uuid, at timestamptz, party uuid, person uuid, case_number text,
            route text, environment text, refused_by text
        )
), counted AS (
    INSERT INTO usage_counts AS known (party, day, resource, environment, granted, refused, personal)
    SELECT party, CAST(at AT TIME ZONE 'Asia/Shanghai' AS date), route, coalesce(environment, 'production'),
        count(*) FILTER (WHERE refused_by IS NULL),
        count(*) FILTER (WHERE refused_by IS NOT NULL),
        count(*) FILTER (WHERE kept_as = 'personal')
    FROM said WHERE party IS NOT NULL
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (party, day, resource, environment) DO UPDATE SET
        granted = known.granted + excluded.granted,
        refused = known.refused + excluded.refused,
        personal = known.personal + excluded.personal
)
INSERT INTO decisions (chain, block, position, kept_as, request_id, at, party, person, case_number, body)
SELECT CAST(:chain AS uuid), :number, place - 1, kept_as, request_id, at, party, person, case_number, body FROM said ORDER BY place
"""  # noqa: S608 (nothing but a number of ours is put in)
_KINDS: Final[dict[str, type[sa.types.TypeEngine[Any]] | sa.types.TypeEngine[Any]]] = {
    "chain": sa.Text,
    "number": sa.BigInteger,
    "previous": sa.LargeBinary,
    "made": sa.DateTime(timezone=True),
    "records": sa.BigInteger,
    "leaves": sa.LargeBinary,
    "hash": sa.LargeBinary,
    "signature": sa.LargeBinary,
    "bodies": sa.Text,
}
_INSERT: Final = sa.text(_SQL).bindparams(*(sa.bindparam(name, type_=kind) for name, kind in _KINDS.items()))
_NAMES: Final = (*_KINDS, *TOLD)


def _plain(statement: str) -> str:
    """With the driver's own places for parameters."""
    return re.sub(r":([a-z_]+)", lambda found: f"${_NAMES.index(found[1]) + 1}", statement)


_PLAIN_INSERT: Final = _plain(_SQL)
_PLAIN_INSERT_AND_TELL: Final = _plain(_SQL.replace("), counted AS (", f"), told AS ({TELL}), counted AS (", 1))


async def begin(session: WriteSession, chain: Chain) -> None:
    said = {"id": chain.id, "at": moment(chain.at), "gateway": chain.gateway}
    await session.execute(sa.insert(ledger_chains).values(**said, public_key=chain.public_key, signature=chain.signature))


async def add(session: WriteSession, block: Block, bodies: bytes) -> None:
    """`bodies` one a line."""
    await session.execute(_INSERT, dict(zip(_KINDS, _values(block, bodies), strict=True)))


async def add_alone(line: Line, block: Block, bodies: bytes, shown: Sequence[tuple[DataAccessed, datetime]]) -> None:
    """The same with the events of what was shown, as a transaction of its own and for a third of the CPU.

    Raises as `publish_all`, and as the line.
    """
    if shown:
        await line.execute(_PLAIN_INSERT_AND_TELL, *_values(block, bodies), *told(shown))
    else:
        await line.execute(_PLAIN_INSERT, *_values(block, bodies))


def _values(block: Block, bodies: bytes) -> tuple[object, ...]:
    return (
        block.chain,
        block.number,
        block.previous,
        moment(block.at),
        block.records,
        block.leaves,
        block.hash,
        block.signature,
        bodies.decode(),
    )


async def hash_at(session: ReadSession, chain: str, number: int) -> bytes | None:
    """The hash of the block that stands there."""
    query = sa.select(ledger_blocks.c.hash).where(ledger_blocks.c.chain == chain, ledger_blocks.c.number == number)
    found: bytes | None = (await session.execute(query)).scalar_one_or_none()
    return found
