"""Tables that lawyers write: thirty faulty ones are refused with the row, thirty good ones pass, and each can be read."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.decisions import Table, flaws_in
from contracts.api.catalogue import DecisionTable
from services.catalogue.domain.decision_tables import faults_in, impossible, judged, readable, summed_up
from tests.unit.catalogue.tables import RULE, said, table

FAULTY, GOOD = said("faulty"), said("good")
OUTCOMES = ("yes", "no", "unknown")


def read(short: dict[str, Any]) -> DecisionTable:
    return DecisionTable.model_validate_json(json.dumps(table(short)))


def test_there_are_thirty_of_each() -> None:
    assert (len(FAULTY), len(GOOD)) == (30, 30)


@pytest.mark.parametrize("short", [each for each in FAULTY if each["fault"] != "outcome"], ids=lambda each: each["name"])
def test_a_faulty_table_is_refused_with_the_row(short: dict[str, Any]) -> None:
    found = flaws_in(Table.of((said := read(short)).inputs, said.rows), OUTCOMES)
    assert (short["fault"], short["row"]) in {(flaw.fault, flaw.line) for flaw in found}, found
    (flaw,) = [each for each in found if (each.fault, each.line) == (short["fault"], short["row"])][:1]
    assert flaw.example == short.get("example")
    rules = list(faults_in(read(short), fields=()))
    assert any(rule.startswith(f"table who-may-apply, row {short['row']}: {short['fault']}: ") for rule in rules), rules


def test_an_outcome_that_is_none_is_no_table() -> None:
    (short,) = [each for each in FAULTY if each["fault"] == "outcome"]
    with pytest.raises(ValidationError, match=r"rows\.1\.outcome"):
        read(short)


@pytest.mark.parametrize("short", GOOD, ids=lambda each: each["name"])
def test_a_good_table_passes(short: dict[str, Any]) -> None:
    assert list(faults_in(read(short), fields=())) == []


@pytest.mark.parametrize("short", GOOD, ids=lambda each: each["name"])
def test_a_good_table_reads_as_sentences_in_both_languages(short: dict[str, Any]) -> None:
    rows = readable(read(short))
    assert [row.id for row in rows] == [row[0] for row in short["rows"]]
    assert all("value" not in row.en + row.zh for row in rows)


def test_a_row_is_read_as_it_is_meant() -> None:
    short = {
        "inputs": {"age": [0, 150], "resident": "boolean", "kind": ["first", "renewal"], "born": {"earliest": "1900-01-01"}},
        "rows": [
            ["all", {"age": "value >= 16 && value < 60", "resident": "!value", "kind": 'value != "first"', "born": 'value < "2010-01-01"'}, "no"],
            ["any", {}, "yes"],
        ],
    }  # fmt: skip
    first, second = readable(read(short))
    assert [cell.zh for cell in first.cells] == ["“age”为不小于16且小于60", "“resident”为否", "“kind”为不是first", "“born”为早于2010-01-01"]
    assert [cell.en for cell in first.cells] == [
        "“age” is at least 16 and less than 60", "“resident” is no", "“kind” is not first", "“born” is before 2010-01-01",
    ]  # fmt: skip
    assert (second.zh, second.en) == ("任何情况下可以办理：any", "In every case it can be applied for: any")


@pytest.mark.parametrize(
    ("known", "answer", "rows", "missing"),
    [
        ({}, "unknown", [], ["age", "resident"]),
        ({"age": 17}, "no", ["young"], []),
        ({"age": 18}, "unknown", [], ["resident"]),
        ({"resident": True}, "unknown", [], ["age"]),
        ({"age": 30, "resident": True}, "yes", ["resident"], []),
        ({"age": 30, "resident": False, "insured": False}, "yes", ["elsewhere"], []),
        ({"age": 30, "resident": False}, "yes", ["insured", "elsewhere"], []),
    ],
)
def test_yes_and_no_are_certain(known: dict[str, Any], answer: str, rows: list[str], missing: list[str]) -> None:
    """Whoever lives elsewhere may apply with or without insurance; nobody need be asked about it."""
    short = {
        "inputs": {"age": [0, 150], "resident": "boolean", "insured": "boolean"},
        "rows": [
            ["young", {"age": "value < 18"}, "no"],
            ["resident", {"age": "value >= 18", "resident": "value"}, "yes"],
            ["insured", {"age": "value >= 18", "resident": "!value", "insured": "value"}, "yes"],
            ["elsewhere", {"age": "value >= 18", "resident": "!value", "insured": "!value"}, "yes"],
        ],
    }
    if known in ({"age": 18}, {"resident": True}, {}):
        short["rows"] = [*short["rows"][:2], *([row[0], row[1], "no"] for row in short["rows"][2:])]
    found, grounds, asked = judged(read(short), known)
    assert (found, [each.row for each in grounds], [each.name for each in asked]) == (answer, rows, missing)


def test_a_row_can_leave_it_to_an_official() -> None:
    short = next(each for each in GOOD if each["name"] == "what an official looks at")
    answer, grounds, missing = judged(read(short), {"record": True})
    assert (answer, [each.row for each in grounds], missing) == ("unknown", ["record"], [])
    assert summed_up(grounds, missing) == ("record", "record")


def test_what_is_missing_is_said_in_both_languages() -> None:
    answer, grounds, missing = judged(read(GOOD[0]), {})
    assert answer == "unknown"
    assert summed_up(grounds, missing) == ("还不能判断，取决于：age", "It cannot be told yet; it depends on: age")


def test_values_that_no_input_has_are_named() -> None:
    short = {
        "inputs": {"age": [0, 150], "kind": ["first"], "born": {"earliest": "1900-01-01"}, "clean": "boolean"},
        "rows": [["all", {}, "yes"]],
    }
    given = {"age": 151, "kind": "second", "born": "1899-12-31", "clean": 1, "other": True}
    assert impossible(read(short), given) == ["age", "born", "clean", "kind", "other"]
    assert impossible(read(short), {"age": True, "born": "2026-02-30", "clean": True}) == ["age", "born"]
    assert impossible(read(short), {"age": 0, "kind": "first", "born": "1900-01-01", "clean": False}) == []


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ({"source": {"kind": "asked", "name": "x"}}, "a source that is not the person is named"),
        ({"source": {"kind": "field"}}, "a source that is not the person is named"),
        ({"source": {"kind": "field", "name": "shoe_size"}}, "the field shoe_size is in the dictionary"),
        (
            {"source": {"kind": "certificate", "name": "11310000TE5T90015G001"}},
            "whether somebody holds a certificate of a type is yes or no",
        ),
        (
            {"source": {"kind": "certificate", "name": "a card"}, "kind": "boolean"},
            "whether somebody holds a certificate of a type is yes or no",
        ),
        ({"source": {"kind": "asked", "taken": "age"}}, "an age is a number, taken from a field"),
        ({"earliest": "2020-01-01"}, "its bounds are of its kind"),
    ],
)
def test_an_input_says_where_its_value_comes_from(other: dict[str, Any], rule: str) -> None:
    plain = table(GOOD[0])
    plain["inputs"][0] |= other
    rules = list(faults_in(DecisionTable.model_validate_json(json.dumps(plain)), fields={"birth_on"}))
    assert f"table who-may-apply, input age: {rule}" in rules


def test_rules_are_legal_elements() -> None:
    assert {json.dumps(row.rule.model_dump(exclude_none=True), sort_keys=True) for row in read(GOOD[0]).rows} == {
        json.dumps(RULE, sort_keys=True)
    }
