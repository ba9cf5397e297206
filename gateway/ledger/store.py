"""One block on disk: its records, its link in the chain and what they add to the counts of usage, in one statement."""

from typing import Final

import sqlalchemy as sa

from chassis.database import ReadSession, WriteSession
from gateway.ledger.chain import LEAF_BYTES, Block, Chain, moment
from gateway.registry.tables import ledger_blocks, ledger_chains

_INSERT: Final = sa.text("""
WITH chained AS (
    INSERT INTO ledger_blocks (chain, number, previous, at, records, leaves, hash, signature)
    VALUES (CAST(:chain AS uuid), :number, :previous, :made, :records, :leaves, :hash, :signature)
), said AS MATERIALIZED (
    SELECT each.place, each.body, said.*,
        CASE get_byte(:leaves, CAST((each.place - 1) * :leaf_bytes AS integer)) WHEN ascii('p') THEN 'personal' ELSE 'other' END AS kept_as
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
""").bindparams(
    sa.bindparam("bodies", type_=sa.Text),
    sa.bindparam("chain", type_=sa.Text),
    sa.bindparam("number", type_=sa.BigInteger),
    sa.bindparam("records", type_=sa.BigInteger),
    sa.bindparam("made", type_=sa.DateTime(timezone=True)),
    sa.bindparam("leaf_bytes", LEAF_BYTES, type_=sa.Integer),
    *(sa.bindparam(name, type_=sa.LargeBinary) for name in ("previous", "leaves", "hash", "signature")),
)
"""What the columns say is read from the records themselves, there where there is time for it."""


async def begin(session: WriteSession, chain: Chain) -> None:
    said = {"id": chain.id, "at": moment(chain.at), "gateway": chain.gateway}
    await session.execute(sa.insert(ledger_chains).values(**said, public_key=chain.public_key, signature=chain.signature))


async def add(session: WriteSession, block: Block, bodies: bytes) -> None:
    """`bodies` one a line."""
    said = {
        "chain": block.chain,
        "number": block.number,
        "previous": block.previous,
        "made": moment(block.at),
        "records": block.records,
        "leaves": block.leaves,
        "hash": block.hash,
        "signature": block.signature,
    }
    await session.execute(_INSERT, said | {"bodies": bodies.decode()})


async def hash_at(session: ReadSession, chain: str, number: int) -> bytes | None:
    """The hash of the block that stands there."""
    query = sa.select(ledger_blocks.c.hash).where(ledger_blocks.c.chain == chain, ledger_blocks.c.number == number)
    found: bytes | None = (await session.execute(query)).scalar_one_or_none()
    return found
