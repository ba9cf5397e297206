"""Everything that somebody who rules the database, and sometimes the witness, but holds no key can do to a ledger."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from gateway.ledger.chain import NOTHING_BEFORE, Block, Chain, Checkpoint, Signing, block_hash, leaf, moment, sm3
from gateway.ledger.copies import Copy, Record
from gateway.ledger.records import LETTERS

_LONG_AGO = 10**15
_FORGER = Signing.new()


@dataclass
class Held:
    """A copy whose rows can be changed."""

    chains: list[Chain]
    blocks: list[Block]
    records: list[Record]
    checkpoints: list[Checkpoint]
    witness: list[str]

    @classmethod
    def of(cls, copy: Copy) -> "Held":
        return cls(
            list(copy.chains), list(copy.blocks), list(copy.records), list(copy.checkpoints), [each for each in copy.witness if each]
        )

    def again(self) -> "Held":
        return Held(list(self.chains), list(self.blocks), list(self.records), list(self.checkpoints), list(self.witness))

    def copy(self) -> Copy:
        return Copy(self.chains, self.blocks, self.records, self.checkpoints, self.witness)

    def tail_of(self, chain: str, first: int) -> list[int]:
        """Places of the blocks of a chain from a number on."""
        return [place for place, each in enumerate(self.blocks) if each.chain == chain and each.number >= first]


Tampering = Callable[[Held, random.Random], None]
ALL: dict[str, Tampering] = {}


def _kind(work: Tampering) -> Tampering:
    ALL[work.__name__.strip("_")] = work
    return work


def _other(value: Any, dice: random.Random) -> Any:
    """Something else of the same type."""
    if isinstance(value, bytes):
        place = dice.randrange(len(value))
        return value[:place] + bytes([value[place] ^ dice.randrange(1, 256)]) + value[place + 1 :]
    if isinstance(value, int):
        return value + dice.choice((-1, 1)) * dice.randrange(1, 1000)
    if not value:
        return "x"
    place = dice.randrange(len(value))
    return value[:place] + dice.choice([each for each in "0123456789abcdef" if each != value[place]]) + value[place + 1 :]


def _change(rows: list[Any], dice: random.Random, *names: str) -> None:
    place = dice.randrange(len(rows))
    name = dice.choice(names or tuple(rows[place].__dataclass_fields__))
    rows[place] = replace(rows[place], **{name: _other(getattr(rows[place], name), dice)})


def _rehash(held: Held, chain: str, first: int, *, signed: bool) -> None:
    """Make the hashes of a chain fit again from a block on; the signatures cannot be made to, but by a key of the forger's."""
    previous: bytes | None = None
    for place in held.tail_of(chain, first):
        each = held.blocks[place]
        each = replace(each, previous=previous or each.previous)
        digest = block_hash(each.chain, each.number, each.previous, each.at, each.records, each.leaves)
        held.blocks[place] = replace(each, hash=digest, signature=_FORGER.sign(digest) if signed else each.signature)
        previous = digest


def _block_of(held: Held, record: Record) -> int:
    return next(place for place, each in enumerate(held.blocks) if (each.chain, each.number) == (record.chain, record.block))


def _put_leaf(block: Block, position: int, value: bytes) -> Block:
    return replace(block, leaves=block.leaves[: position * len(value)] + value + block.leaves[(position + 1) * len(value) :])


@_kind
def _record_changed(held: Held, dice: random.Random) -> None:
    _change(held.records, dice)


@_kind
def _body_changed(held: Held, dice: random.Random) -> None:
    _change(held.records, dice, "body")


@_kind
def _record_filed_elsewhere(held: Held, dice: random.Random) -> None:
    _change(held.records, dice, "request_id", "at", "party", "person", "case_number", "kept_as")


@_kind
def _record_removed(held: Held, dice: random.Random) -> None:
    del held.records[dice.randrange(len(held.records))]


@_kind
def _record_inserted(held: Held, dice: random.Random) -> None:
    place = dice.randrange(len(held.records))
    held.records.insert(place + 1, replace(held.records[place], position=held.records[place].position + dice.randrange(3)))


@_kind
def _records_swapped(held: Held, dice: random.Random) -> None:
    """Their bodies, their places, or the order of their rows."""
    first, second = dice.sample(range(len(held.records)), 2)
    one, two = held.records[first], held.records[second]
    how = dice.randrange(3)
    if how == 0:
        held.records[first], held.records[second] = replace(one, body=two.body), replace(two, body=one.body)
    elif how == 1:
        held.records[first] = replace(two, chain=one.chain, block=one.block, position=one.position)
        held.records[second] = replace(one, chain=two.chain, block=two.block, position=two.position)
    else:
        held.records[first], held.records[second] = two, one


@_kind
def _record_moved(held: Held, dice: random.Random) -> None:
    place = dice.randrange(len(held.records))
    other = dice.choice(
        [each for each in held.blocks if (each.chain, each.number) != (held.records[place].chain, held.records[place].block)]
    )
    held.records[place] = replace(held.records[place], chain=other.chain, block=other.number)


@_kind
def _record_forged_with_its_hashes(held: Held, dice: random.Random) -> None:
    place = dice.randrange(len(held.records))
    record = held.records[place]
    body = orjson.dumps(orjson.loads(record.body) | {"status": 299})
    held.records[place] = replace(record, body=body.decode())
    found = _block_of(held, record)
    held.blocks[found] = _put_leaf(held.blocks[found], record.position, leaf(LETTERS[record.kept_as], body))
    _rehash(held, record.chain, record.block, signed=dice.random() < 0.5)


@_kind
def _expiry_faked_by_class(held: Held, dice: random.Random) -> None:
    """A record of a read of personal data passes for one of those whose term is shorter, and is gone."""
    place = dice.choice([place for place, each in enumerate(held.records) if each.kept_as == "personal"])
    record = held.records.pop(place)
    found = _block_of(held, record)
    held.blocks[found] = _put_leaf(held.blocks[found], record.position, LETTERS["other"] + held.blocks[found].leaf(record.position)[1:])
    if dice.random() < 0.5:
        _rehash(held, record.chain, record.block, signed=dice.random() < 0.5)


@_kind
def _expiry_faked_by_time(held: Held, dice: random.Random) -> None:
    place = dice.randrange(len(held.blocks))
    block = held.blocks[place] = replace(held.blocks[place], at=_LONG_AGO)
    held.records = [each for each in held.records if (each.chain, each.block) != (block.chain, block.number)]
    if dice.random() < 0.5:
        _rehash(held, block.chain, block.number, signed=dice.random() < 0.5)


@_kind
def _block_changed(held: Held, dice: random.Random) -> None:
    _change(held.blocks, dice)


@_kind
def _block_removed(held: Held, dice: random.Random) -> None:
    block = held.blocks.pop(dice.randrange(len(held.blocks)))
    if dice.random() < 0.5:
        held.records = [each for each in held.records if (each.chain, each.block) != (block.chain, block.number)]


@_kind
def _block_inserted(held: Held, dice: random.Random) -> None:
    """Twice the same, or one of the forger's own at the end of a chain."""
    place = dice.randrange(len(held.blocks))
    block = held.blocks[place]
    if dice.random() < 0.5:
        held.blocks.insert(place, block)
        return
    newest = held.blocks[held.tail_of(block.chain, 0)[-1]]
    digest = block_hash(newest.chain, newest.number + 1, newest.hash, newest.at, newest.records, b"")
    mine = Block(newest.chain, newest.number + 1, newest.hash, newest.at, newest.records, b"", digest, _FORGER.sign(digest))
    held.blocks.insert(held.tail_of(block.chain, 0)[-1] + 1, mine)


@_kind
def _blocks_swapped(held: Held, dice: random.Random) -> None:
    first, second = dice.sample(range(len(held.blocks)), 2)
    one, two = held.blocks[first], held.blocks[second]
    if dice.random() < 0.5:
        one, two = replace(one, chain=two.chain, number=two.number), replace(two, chain=one.chain, number=one.number)
    held.blocks[first], held.blocks[second] = two, one


@_kind
def _tail_cut(held: Held, dice: random.Random) -> None:
    block = dice.choice(held.blocks)
    _cut(held, block.chain, block.number)


def _cut(held: Held, chain: str, first: int) -> None:
    held.blocks = [each for each in held.blocks if each.chain != chain or each.number < first]
    held.records = [each for each in held.records if each.chain != chain or each.block < first]
    if first == 0:
        held.chains = [each for each in held.chains if each.id != chain]


@_kind
def _chain_forked(held: Held, dice: random.Random) -> None:
    """From some block on another history, whose hashes fit."""
    block = dice.choice(held.blocks)
    for place in held.tail_of(block.chain, block.number):
        held.blocks[place] = replace(held.blocks[place], at=held.blocks[place].at + 1)
    _rehash(held, block.chain, block.number, signed=dice.random() < 0.5)


@_kind
def _second_branch_beside(held: Held, dice: random.Random) -> None:
    place = dice.randrange(len(held.blocks))
    block = held.blocks[place]
    digest = block_hash(block.chain, block.number, block.previous, block.at + 1, block.records, block.leaves)
    branch = replace(block, at=block.at + 1, hash=digest, signature=_FORGER.sign(digest))
    held.blocks.insert(place + dice.randrange(2), branch)


@_kind
def _chain_deleted(held: Held, dice: random.Random) -> None:
    _cut(held, dice.choice(held.chains).id, 0)


@_kind
def _chain_changed(held: Held, dice: random.Random) -> None:
    _change(held.chains, dice)


@_kind
def _chain_of_another_key(held: Held, dice: random.Random) -> None:
    """Everything made anew under the forger's key, which the ledger key has not vouched for."""
    place = dice.randrange(len(held.chains))
    chain = held.chains[place] = replace(held.chains[place], public_key=_FORGER.public)
    if dice.random() < 0.5:
        held.chains[place] = replace(chain, signature=_FORGER.sign(chain.signed))
    first = held.tail_of(chain.id, 0)[0]
    held.blocks[first] = replace(held.blocks[first], previous=held.chains[place].genesis)
    _rehash(held, chain.id, 0, signed=True)


@_kind
def _chain_added(held: Held, dice: random.Random) -> None:
    """A chain that never was, with a record out of another."""
    record = dice.choice(held.records)
    unsigned = Chain("f" * 8, _LONG_AGO, "forger", _FORGER.public, b"")
    chain = replace(unsigned, signature=_FORGER.sign(unsigned.signed))
    leaves = leaf(LETTERS[record.kept_as], record.body.encode())
    digest = block_hash(chain.id, 0, chain.genesis, _LONG_AGO, 1, leaves)
    held.chains.append(chain)
    held.blocks.append(Block(chain.id, 0, chain.genesis, _LONG_AGO, 1, leaves, digest, _FORGER.sign(digest)))
    held.records.append(replace(record, chain=chain.id, block=0, position=0))


@_kind
def _checkpoint_changed(held: Held, dice: random.Random) -> None:
    _change(held.checkpoints, dice)


@_kind
def _checkpoint_removed(held: Held, dice: random.Random) -> None:
    del held.checkpoints[dice.randrange(len(held.checkpoints))]


@_kind
def _checkpoint_forged(held: Held, dice: random.Random) -> None:
    place = dice.randrange(len(held.checkpoints))
    body = orjson.dumps(orjson.loads(held.checkpoints[place].body) | {"heads": []})
    signature = _FORGER.sign(body) if dice.random() < 0.5 else held.checkpoints[place].signature
    held.checkpoints[place] = replace(held.checkpoints[place], body=body.decode(), hash=sm3(body), signature=signature)
    if dice.random() < 0.5:
        held.witness[place] = held.checkpoints[place].line()


@_kind
def _rewound(held: Held, dice: random.Random) -> None:
    """Back to where an earlier checkpoint stood: what came later is cut everywhere in the database, so that all of it fits."""
    kept = dice.randrange(len(held.checkpoints))
    held.checkpoints = held.checkpoints[:kept]
    heads = {head.chain: head.block for each in held.checkpoints for head in each.heads()}
    for chain in list(held.chains):
        _cut(held, chain.id, heads.get(chain.id, -1) + 1)


@_kind
def _everything_deleted(held: Held, dice: random.Random) -> None:
    held.chains, held.blocks, held.records = [], [], []
    if dice.random() < 0.5:
        held.checkpoints = []


@_kind
def _witness_changed(held: Held, dice: random.Random) -> None:
    place = dice.randrange(len(held.witness))
    held.witness[place] = _other(held.witness[place], dice)


@_kind
def _witness_line_removed(held: Held, dice: random.Random) -> None:
    del held.witness[dice.randrange(len(held.witness))]


@_kind
def _witness_replaced(held: Held, dice: random.Random) -> None:
    place = dice.randrange(len(held.witness))
    how = dice.randrange(3)
    if how == 0:
        held.witness[place] = Checkpoint.new(place, NOTHING_BEFORE, moment(held.checkpoints[-1].at), (), _FORGER).line()
    elif how == 1:
        held.witness[place] = held.witness[place - 1]
    else:
        held.witness = []


def tampered(held: Held, kind: str, dice: random.Random) -> Held:
    """Another copy, which differs."""
    while True:
        other = held.again()
        ALL[kind](other, dice)
        if other != held:
            return other
