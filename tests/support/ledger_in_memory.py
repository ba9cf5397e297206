"""A small ledger made without a database, by the very functions that the gateway makes its own by."""

from datetime import UTC, datetime, timedelta

import orjson

from contracts.values import Id, PartyId, PersonId
from gateway.decision import GRANTED, Decision, Room
from gateway.ledger import records
from gateway.ledger.chain import NOTHING_BEFORE, Checkpoint, Head, OpenChain, Signing, leaf
from gateway.ledger.copies import Copy, Record

BEGUN = datetime(2026, 3, 31, 8, tzinfo=UTC)
LEDGER_KEY = Signing.new()
TERMS = {"personal": 36, "other": 6}

_PARTIES = [PartyId.new() for _ in range(3)]


def decision(number: int, at: datetime) -> Decision:
    """Every fourth one tells somebody's data, every fifth is a refusal."""
    person = PersonId.new()
    made = Decision(
        str(Id.new()),
        at,
        "GET",
        "/persons/me",
        route="GET /persons/me",
        party=_PARTIES[number % 3],
        party_kind="app",
        person=person,
        rooms=dict.fromkeys(Room, GRANTED),
        policy_version=7,
        status=200,
        upstream="identity",
    )
    if number % 4 == 0:
        made.access = {"subjects": [person], "organisations": [], "grade": 3, "purpose": "account", "items": ["name"]}
    elif number % 5 == 0:
        made.rooms = {Room.PROTECTION: GRANTED, Room.ACCESS: "refused: status"}
        made.refused_by, made.rule, made.code, made.status, made.party = Room.ACCESS, "status", "party-not-active", 403, None
    return made


def row(decision: Decision, chain: str, block: int, position: int) -> Record:
    said = orjson.loads(records.body(decision))
    kept_as = "personal" if decision.access else "other"
    filed = (said.get(name) for name in ("request_id", "at", "party", "person", "case_number"))
    return Record(chain, block, position, kept_as, *filed, records.body(decision).decode())


def ledger(*, chains: int = 3, blocks: int = 6, per_block: int = 5, minutes: int = 3) -> Copy:
    """Blocks of all chains by turns, a checkpoint after every `blocks / minutes` of them."""
    opened = [OpenChain(LEDGER_KEY, f"gateway:{number}", BEGUN) for number in range(chains)]
    made_blocks, made_records, checkpoints = [], [], []
    for turn in range(blocks):
        at = BEGUN + timedelta(seconds=turn * 20)
        for chain in opened:
            decisions = [decision(number + turn, at) for number in range(per_block)]
            leaves = b"".join(leaf(records.letter(each), records.body(each)) for each in decisions)
            block = chain.block(leaves, at)
            chain.add(block)
            made_blocks.append(block)
            made_records += [row(each, block.chain, block.number, position) for position, each in enumerate(decisions)]
        if (turn + 1) % (blocks // minutes) == 0:
            heads = [Head(each.chain, each.number, each.hash.hex(), each.records) for each in made_blocks[-chains:]]
            previous = checkpoints[-1].hash if checkpoints else NOTHING_BEFORE
            checkpoints.append(Checkpoint.new(len(checkpoints), previous, at, heads, LEDGER_KEY))
    made_blocks.sort(key=lambda each: (each.chain, each.number))
    made_records.sort(key=lambda each: (each.chain, each.block, each.position))
    beginnings = sorted((each.beginning for each in opened), key=lambda each: each.id)
    return Copy(beginnings, made_blocks, made_records, checkpoints, [each.line() for each in checkpoints])
