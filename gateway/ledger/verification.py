"""Finds what was changed in a ledger, cut from it or forked: offline, from a copy, the ledger's public key and the terms.

Nothing a copy says is believed unless a signature reaches it: the ledger key signs the beginning of each chain and every
checkpoint, the chain's own key every block, a block every record.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from gateway.ledger.chain import LEAF_BYTES, NOTHING_BEFORE, Block, Chain, Checkpoint, Head, is_signed, leaf, microseconds
from gateway.ledger.copies import Copy, Record
from gateway.ledger.records import LETTERS
from gateway.ledger.retention import Terms, months_before

_REPEATED: Final = ("request_id", "at", "party", "person", "case_number")
_WITNESS_LAG: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written. `block` and `record` are numbers, -1 where the finding is not inside one."""

    what: str
    chain: str = ""
    block: int = -1
    record: int = -1

    def __str__(self) -> str:
        where = (f"chain {self.chain}" if self.chain else "", f"block {self.block}", f"record {self.record}")
        said = [each for each, is_said in zip(where, (self.chain, self.block >= 0, self.record >= 0), strict=True) if is_said]
        return f"{', '.join(said)}: {self.what}" if said else self.what


@dataclass(frozen=True, slots=True)
class Trust:
    """What the verifier brings along: the points of the ledger's public keys, the terms, and the present."""

    ledger_keys: Sequence[bytes]
    terms: Terms
    now: datetime


@dataclass(slots=True)
class Report:
    """`expired` records are gone because their term was over; `unsealed` blocks are newer than the newest checkpoint."""

    records: int = 0
    expired: int = 0
    blocks: int = 0
    unsealed: int = 0
    checkpoints: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify(copy: Copy, trust: Trust) -> Report:
    return _Verification(copy, trust).run()


class _Verification:
    def __init__(self, copy: Copy, trust: Trust) -> None:
        self._copy = copy
        self._trust = trust
        self._report = Report()
        self._kept_since = {LETTERS[kept_as]: microseconds(months_before(trust.now, months)) for kept_as, months in trust.terms.items()}
        self._sealed: dict[tuple[str, int], list[Head]] = {}
        self._newest_sealed: dict[str, int] = {}
        self._used: Counter[str] = Counter()
        self._beginnings: dict[str, Chain] = {}
        self._lines: dict[str, int] = {}

    def run(self) -> Report:
        self._check_checkpoints()
        self._check_witness()
        self._check_beginnings()
        self._check_blocks()
        return self._report

    def _find(self, what: str, chain: str = "", block: int = -1, record: int = -1) -> None:
        self._report.findings.append(Finding(what, chain, block, record))

    def _is_of_the_ledger(self, data: bytes, signature: bytes) -> bool:
        return any(is_signed(data, signature, key) for key in self._trust.ledger_keys)

    # Checkpoints and the witness

    def _check_checkpoints(self) -> None:
        previous = NOTHING_BEFORE
        for number, each in enumerate(self._copy.checkpoints):
            if each.number != number:
                self._find(f"checkpoint {each.number} stands where {number} should")
            if each.previous != previous:
                self._find(f"checkpoint {each.number} does not continue the one before it")
            if not each.is_as_its_body_says():
                self._find(f"checkpoint {each.number} was changed")
            if self._is_of_the_ledger(each.body.encode(), each.signature):
                self._take_heads(each)
                self._lines[each.line()] = each.number
            else:
                self._find(f"checkpoint {each.number} is not signed by the ledger key")
            previous = each.hash
            self._report.checkpoints += 1

    def _take_heads(self, checkpoint: Checkpoint) -> None:
        for head in checkpoint.heads():
            self._sealed.setdefault((head.chain, head.block), []).append(head)
            if self._newest_sealed.get(head.chain, -1) >= head.block:
                self._find(f"checkpoint {checkpoint.number} goes back", head.chain, head.block)
            self._newest_sealed[head.chain] = max(head.block, self._newest_sealed.get(head.chain, -1))

    def _check_witness(self) -> None:
        held = {each.number: each for each in self._copy.checkpoints}
        seen: set[int] = set()
        newest = -1
        lines = self._copy.witness
        for place, line in enumerate(lines):
            if not line:
                continue
            number = self._witnessed(line)
            if number is None:
                is_torn = any(lines[place + 1 : place + 2]) and lines[place + 1].startswith(line)
                if not is_torn:
                    self._find(f"line {place + 1} of the witness was changed")
                continue
            if number not in held or held[number].line() != line:
                self._find(f"checkpoint {number} is not what was witnessed")
            if number != newest + 1 and number not in seen:
                self._find(f"the witness leaps to checkpoint {number}")
            newest = number
            seen.add(number)
        late = microseconds(self._trust.now - _WITNESS_LAG)
        for each in self._copy.checkpoints:
            if each.number not in seen and each.at < late:
                self._find(f"checkpoint {each.number} was not witnessed")

    def _witnessed(self, line: str) -> int | None:
        """The number of the checkpoint that the line holds, None unless the ledger key signed it."""
        if line in self._lines:
            return self._lines[line]
        try:
            said = orjson.loads(line)
            body, signature = said["body"], bytes.fromhex(said["signature"])
            number = orjson.loads(body)["number"]
        except (ValueError, TypeError, KeyError):
            return None
        return int(number) if self._is_of_the_ledger(body.encode(), signature) else None

    # Chains and blocks

    def _check_beginnings(self) -> None:
        for chain in self._copy.chains:
            if chain.id in self._beginnings:
                self._find("the chain begins twice", chain.id)
            if not self._is_of_the_ledger(chain.signed, chain.signature):
                self._find("the chain does not begin by the ledger key", chain.id)
            self._beginnings[chain.id] = chain

    def _check_blocks(self) -> None:
        records = _Records(self._copy.records)
        before: Block | None = None
        for block in self._copy.blocks:
            self._report.blocks += 1
            self._check_block(block, before if before and before.chain == block.chain else None)
            strays = records.take_until(block.chain, block.number)
            self._check_strays(strays)
            self._check_records(block, records.take(block.chain, block.number))
            self._used[block.chain] += 1
            before = block
        self._check_strays(records.rest())
        for chain, number in self._sealed:
            self._find("cut off: a checkpoint names this block", chain, number)
        for chain in self._beginnings:
            if not self._used[chain]:
                self._find("the chain has no block", chain)

    def _check_block(self, block: Block, before: Block | None) -> None:
        chain = self._beginnings.get(block.chain)
        if chain is None:
            self._find("a block of no chain", block.chain, block.number)
            return
        number, previous, records = (before.number + 1, before.hash, before.records) if before else (0, chain.genesis, 0)
        if block.number != number:
            self._find(f"block {block.number} stands where {number} should", block.chain, block.number)
        if block.previous != previous:
            self._find("the block does not continue the one before it", block.chain, block.number)
        if block.records != records + block.count or len(block.leaves) % LEAF_BYTES:
            self._find("the block counts its records wrongly", block.chain, block.number)
        if block.hash != block.expected_hash():
            self._find("the block was changed", block.chain, block.number)
        if not is_signed(block.hash, block.signature, chain.public_key):
            self._find("the block is not signed by the key of its chain", block.chain, block.number)
        for head in self._sealed.pop((block.chain, block.number), ()):
            if (head.hash, head.records) != (block.hash.hex(), block.records):
                self._find("a checkpoint names another block here: the chain was forked", block.chain, block.number)
        self._report.unsealed += block.number > self._newest_sealed.get(block.chain, -1)

    # Records

    def _check_strays(self, records: Iterator[Record]) -> None:
        for each in records:
            self._report.records += 1
            self._find("a record that no block holds", each.chain, each.block, each.position)

    def _check_records(self, block: Block, records: Iterator[Record]) -> None:
        position = 0
        for each in records:
            self._report.records += 1
            if not position <= each.position < block.count:
                self._find("a record that the block does not hold", block.chain, block.number, each.position)
                continue
            self._check_missing(block, position, each.position)
            position = each.position + 1
            self._check_record(block, each)
        self._check_missing(block, position, block.count)

    def _check_missing(self, block: Block, first: int, end: int) -> None:
        for position in range(first, end):
            if block.at < self._kept_since.get(block.leaf(position)[:1], 0):
                self._report.expired += 1
            else:
                self._find("the record is gone before its term", block.chain, block.number, position)

    def _check_record(self, block: Block, record: Record) -> None:
        body = record.body.encode()
        if leaf(LETTERS.get(record.kept_as, b"?"), body) != block.leaf(record.position):
            self._find("the record was changed", block.chain, block.number, record.position)
            return
        try:
            said = orjson.loads(body)
            filed = [(name, said.get(name)) for name in _REPEATED]
        except (ValueError, AttributeError):
            self._find("the record is none", block.chain, block.number, record.position)
            return
        for name, value in filed:
            if value != getattr(record, name):
                self._find(f"the record is filed under another {name}", block.chain, block.number, record.position)


class _Records:
    """Records in the order of their blocks, a block at a time."""

    def __init__(self, records: "Iterator[Record] | Any") -> None:
        self._records = iter(records)
        self._next: Record | None = next(self._records, None)

    def take_until(self, chain: str, block: int) -> Iterator[Record]:
        while self._next is not None and (self._next.chain, self._next.block) < (chain, block):
            yield self._advance()

    def take(self, chain: str, block: int) -> Iterator[Record]:
        while self._next is not None and (self._next.chain, self._next.block) == (chain, block):
            yield self._advance()

    def rest(self) -> Iterator[Record]:
        while self._next is not None:
            yield self._advance()

    def _advance(self) -> Record:
        record = self._next
        assert record is not None
        self._next = next(self._records, None)
        return record
