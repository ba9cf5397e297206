"""One block on disk: its records, its link in the chain and what they add to the counts of usage, in one statement."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from chassis.database import ReadSession, WriteSession
from gateway.decision import Decision
from gateway.ledger import records
from gateway.ledger.chain import Block, Chain, leaf, moment
from gateway.registry.tables import ledger_blocks, ledger_chains

_AHEAD_OF_UTC: Final = timedelta(hours=8)
_INSERT: Final = sa.text("""
WITH chained AS (
    INSERT INTO ledger_blocks (chain, number, previous, at, records, leaves, hash, signature)
    VALUES (CAST(:chain AS uuid), :number, :previous, :made, :records, :leaves, :hash, :signature)
), counted AS (
    INSERT INTO usage_counts AS known (party, day, resource, environment, granted, refused, personal)
    SELECT CAST(party AS uuid), day, resource, environment, granted, refused, personal
    FROM unnest(:users, :days, :resources, :environments, :granted, :refused, :personal)
        AS added (party, day, resource, environment, granted, refused, personal)
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (party, day, resource, environment) DO UPDATE SET
        granted = known.granted + excluded.granted,
        refused = known.refused + excluded.refused,
        personal = known.personal + excluded.personal
)
INSERT INTO decisions (chain, block, position, kept_as, request_id, at, party, person, case_number, body)
SELECT CAST(:chain AS uuid), :number, place - 1, kept_as, CAST(request_id AS uuid), at, CAST(party AS uuid), CAST(person AS uuid),
    case_number, body
FROM unnest(:kept_as, :request_ids, :ats, :parties, :persons, :case_numbers, :bodies) WITH ORDINALITY
    AS each (kept_as, request_id, at, party, person, case_number, body, place)
""").bindparams(
    *(
        sa.bindparam(name, type_=sa.ARRAY(kind))
        for kind, names in (
            (sa.Text, "users resources environments kept_as request_ids parties persons case_numbers bodies"),
            (sa.DateTime(timezone=True), "ats"),
            (sa.Date, "days"),
            (sa.BigInteger, "granted refused personal"),
        )
        for name in names.split()
    ),
    sa.bindparam("chain", type_=sa.Text),
    sa.bindparam("number", type_=sa.BigInteger),
    sa.bindparam("records", type_=sa.BigInteger),
    sa.bindparam("made", type_=sa.DateTime(timezone=True)),
    *(sa.bindparam(name, type_=sa.LargeBinary) for name in ("previous", "leaves", "hash", "signature")),
)


@dataclass(slots=True)
class Batch:
    """Records in the form of the statement: one list for each column. `leaves` is what their block commits to."""

    kept_as: list[str] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    ats: list[datetime] = field(default_factory=list)
    parties: list[str | None] = field(default_factory=list)
    persons: list[str | None] = field(default_factory=list)
    case_numbers: list[str | None] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    usage: dict[tuple[str, date, str, str], list[int]] = field(default_factory=dict)

    def add(self, decision: Decision) -> None:
        """Raises TypeError for a decision that cannot be written down."""
        body, kept_as = records.body(decision), records.kept_as(decision)
        self.leaves.append(leaf(records.LETTERS[kept_as], body))
        self.kept_as.append(kept_as)
        self.request_ids.append(decision.request_id)
        self.ats.append(decision.at)
        self.parties.append(decision.party)
        self.persons.append(decision.person)
        self.case_numbers.append(decision.case_number)
        self.bodies.append(body.decode())
        if decision.party:
            day = (decision.at + _AHEAD_OF_UTC).date()
            counts = self.usage.setdefault((decision.party, day, decision.route, decision.environment), [0, 0, 0])
            counts[0 if decision.refused_by is None else 1] += 1
            counts[2] += kept_as == "personal"

    def columns(self) -> dict[str, Any]:
        users, days, resources, environments = zip(*self.usage, strict=True) if self.usage else ((), (), (), ())
        granted, refused, personal = zip(*self.usage.values(), strict=True) if self.usage else ((), (), ())
        return {
            "kept_as": self.kept_as,
            "request_ids": self.request_ids,
            "ats": self.ats,
            "parties": self.parties,
            "persons": self.persons,
            "case_numbers": self.case_numbers,
            "bodies": self.bodies,
            "users": list(users),
            "days": list(days),
            "resources": list(resources),
            "environments": list(environments),
            "granted": list(granted),
            "refused": list(refused),
            "personal": list(personal),
        }


async def begin(session: WriteSession, chain: Chain) -> None:
    said = {"id": chain.id, "at": moment(chain.at), "gateway": chain.gateway}
    await session.execute(sa.insert(ledger_chains).values(**said, public_key=chain.public_key, signature=chain.signature))


async def add(session: WriteSession, block: Block, batch: Batch) -> None:
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
    await session.execute(_INSERT, said | batch.columns())


async def hash_at(session: ReadSession, chain: str, number: int) -> bytes | None:
    """The hash of the block that stands there."""
    query = sa.select(ledger_blocks.c.hash).where(ledger_blocks.c.chain == chain, ledger_blocks.c.number == number)
    found: bytes | None = (await session.execute(query)).scalar_one_or_none()
    return found
