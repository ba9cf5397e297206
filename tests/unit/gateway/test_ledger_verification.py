"""Whatever is done to a ledger by somebody without its keys is found, and nothing is found in one that nobody touched."""

import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.values import PersonId
from gateway.decision import Room
from gateway.ledger import records
from gateway.ledger.chain import OpenChain, Signing, moment, sm3
from gateway.ledger.copies import Copy
from gateway.ledger.records import LETTERS
from gateway.ledger.retention import months_before
from gateway.ledger.verification import Report, Trust, verify
from gateway.ledger.witness import Rewound, Witness
from tests.support.ledger_in_memory import BEGUN, LEDGER_KEY, TERMS, decision, ledger
from tests.support.tampering import ALL, Held, tampered

LATER = BEGUN + timedelta(days=1)


def checked(copy: Copy, *, now: datetime = LATER) -> Report:
    return verify(copy, Trust([LEDGER_KEY.public], TERMS, now))


def test_the_digest_is_the_standard_s() -> None:
    """The first example of GB/T 32905-2016, annex A."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_an_untouched_ledger_verifies_from_genesis_to_head() -> None:
    report = checked(ledger(chains=3, blocks=6, per_block=5, minutes=3))
    assert report.findings == []
    assert (report.records, report.blocks, report.checkpoints, report.unsealed) == (3 * 6 * 5, 3 * 6, 3, 0)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("seed", range(4))
def test_what_was_done_to_it_is_found(kind: str, seed: int) -> None:
    dice = random.Random(f"{kind}{seed}")
    assert checked(tampered(Held.of(ledger(chains=2, blocks=4, per_block=4, minutes=2)), kind, dice).copy()).findings


def test_a_finding_names_the_chain_the_block_and_the_record() -> None:
    held = Held.of(ledger())
    place = 17
    record = held.records[place]
    held.records[place] = replace(record, body=record.body.replace('"status":', '"Status":'))
    [finding] = checked(held.copy()).findings
    assert (finding.chain, finding.block, finding.record) == (record.chain, record.block, record.position)
    assert str(finding) == f"chain {record.chain}, block {record.block}, record {record.position}: the record was changed"


def test_nothing_is_believed_by_another_key_and_a_rotated_one_is_added() -> None:
    copy = ledger()
    assert verify(copy, Trust([Signing.new().public], TERMS, LATER)).findings
    assert verify(ledger(), Trust([Signing.new().public, LEDGER_KEY.public], TERMS, LATER)).findings == []


def test_a_chain_that_ended_without_a_farewell_is_no_finding() -> None:
    """Its process was killed: the newest block is the end, whether or not a checkpoint has named it."""
    held = Held.of(ledger(chains=2, blocks=6, minutes=3))
    held.checkpoints.pop()
    held.witness.pop()
    report = checked(held.copy())
    assert (report.findings, report.unsealed) == ([], 4)


@pytest.mark.parametrize(
    ("after_months", "expired"),
    [(5, set()), (7, {"other"}), (35, {"other"}), (37, {"other", "personal"})],
)
def test_a_record_may_be_gone_when_its_term_is_over_and_not_before(after_months: int, expired: set[str]) -> None:
    now = BEGUN + timedelta(days=31 * after_months)
    for kept_as in TERMS:
        held = Held.of(ledger())
        gone = [each for each in held.records if each.kept_as == kept_as]
        held.records = [each for each in held.records if each.kept_as != kept_as]
        report = checked(held.copy(), now=now)
        assert gone
        assert (report.expired, len(report.findings)) == ((len(gone), 0) if kept_as in expired else (0, len(gone)))


def test_a_term_ends_on_the_same_day_of_the_month() -> None:
    at = datetime(2026, 8, 31, 12, tzinfo=UTC)
    assert months_before(at, 6) == datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert months_before(at, 36) == datetime(2023, 8, 31, 12, tzinfo=UTC)
    assert months_before(at, 8) == datetime(2025, 12, 31, 12, tzinfo=UTC)


def test_a_clock_that_is_put_back_breaks_nothing() -> None:
    chain = OpenChain(LEDGER_KEY, "gateway", BEGUN)
    blocks = []
    for minutes in (10, 5, 0):
        block = chain.block(b"", BEGUN + timedelta(minutes=minutes))
        chain.add(block)
        blocks.append(block)
    assert checked(Copy([chain.beginning], blocks, [], [], [])).findings == []


def test_a_torn_line_of_the_witness_that_was_begun_again_is_no_finding(tmp_path: Path) -> None:
    copy, file = ledger(), tmp_path / "witness.jsonl"
    Witness(file).follow(copy.checkpoints[:1])
    with file.open("a") as lines:
        lines.write(copy.checkpoints[1].line()[:40])
    assert Witness(file).follow(copy.checkpoints) == 2
    assert Witness(file).follow(copy.checkpoints) == 0
    assert checked(replace(copy, witness=file.read_text().split("\n"))).findings == []


def test_two_who_keep_the_witness_may_each_have_the_whole_of_it() -> None:
    copy = ledger()
    assert checked(replace(copy, witness=[*copy.witness, *copy.witness])).findings == []


def test_the_witness_follows_only_what_continues_what_it_has(tmp_path: Path) -> None:
    copy, other = ledger(), ledger()
    witness = Witness(tmp_path / "witness.jsonl")
    with pytest.raises(Rewound):
        witness.follow(copy.checkpoints[1:])
    witness.follow(copy.checkpoints[:1])
    for wrong in (other.checkpoints[1], replace(copy.checkpoints[1], body="{}"), replace(copy.checkpoints[1], at=1)):
        with pytest.raises(Rewound):
            witness.follow([wrong])
    assert witness.newest() == (0, copy.checkpoints[0].hash)


def test_a_record_holds_no_number_of_anybody_and_no_query() -> None:
    # Synthetic: a form of a resident number, not one of anybody.
    for path in ("/persons/310101199003071234", "/persons/31010119900307123X/x", "/by/13800138000", "/old/310101900307123"):
        made = decision(1, BEGUN)
        made.route, made.path = "", path
        assert not re.search(r"[0-9]{9}", records.body(made).decode().partition('"path"')[2].partition(",")[0])


def test_a_case_number_in_a_path_stays_readable() -> None:
    made = decision(1, BEGUN)
    made.route, made.path = "GET /cases/{number}", "/cases/11310000000000000X231012345600120261126000001"
    assert made.path in records.body(made).decode()


def test_a_record_leaves_out_what_goes_without_saying() -> None:
    granted, refused = records.body(decision(1, BEGUN)).decode(), records.body(decision(5, BEGUN)).decode()
    assert "rooms" not in granted
    assert '"rooms":{"protection":"granted","access":"refused: status"}' in refused


def test_the_letter_of_a_record_is_that_of_its_class() -> None:
    assert [records.letter(decision(number, BEGUN)) for number in (0, 1)] == [LETTERS["personal"], LETTERS["other"]]
    assert {room.value for room in Room} == set(decision(1, BEGUN).rooms)


def test_moments_are_exact_to_the_microsecond() -> None:
    chain = OpenChain(LEDGER_KEY, "gateway", at := datetime(2026, 11, 26, 1, 2, 3, 999_999, UTC))
    assert moment(chain.beginning.at) == at


def test_forgetting_a_person_needs_no_change_of_the_ledger() -> None:
    """A record names people by ids that say nothing once identity has forgotten whose they are."""
    person = PersonId.new()
    made = decision(1, BEGUN)
    made.person = person
    said = records.body(made).decode()
    assert said.count(person) == 1
    assert not re.search(r"name|phone|resident", said)
