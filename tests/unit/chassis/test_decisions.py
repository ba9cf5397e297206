"""Conditions mean what CEL says they mean; tables are checked as somebody would who tries every value."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from typing import Any

import celpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.decisions import Column, Flaw, Kind, Line, NotACondition, Table, Value, condition, decide, flaws_in

AGES = range(5)
KINDS = ("a", "b", "c")
COLUMNS = (Column("age", "integer", minimum=0, maximum=4), Column("clean", "boolean"), Column("kind", "text", KINDS))
DOMAINS: dict[str, list[Value]] = {"age": list(AGES), "clean": [False, True], "kind": list(KINDS)}

_NUMBER = st.sampled_from(
    [f"value {sign} {at}" for sign in ("==", "!=", "<", "<=", ">", ">=") for at in range(-1, 6)] + ["value in [0, 2]"]
)
_BOOLEAN = st.sampled_from(["value", "!value", "value == true", "value != true", "value in [false]"])
_TEXT = st.sampled_from([f'value {sign} "{kind}"' for sign in ("==", "!=") for kind in KINDS] + ['value in ["a", "c"]'])


def _joined(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def join(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.tuples(parts, st.sampled_from(["&&", "||"]), parts).map(" ".join).map("({})".format) | parts.map("!({})".format)

    return st.recursive(leaves, join, max_leaves=3)


NUMBER, BOOLEAN, TEXT = _joined(_NUMBER), _joined(_BOOLEAN), _joined(_TEXT)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Tables of three small columns: mostly wrong, sometimes right."""
    cells = {"age": _NUMBER | NUMBER, "clean": BOOLEAN, "kind": TEXT}
    lines = []
    for at in range(draw(st.integers(1, 5))):
        names = draw(st.lists(st.sampled_from(sorted(cells)), unique=True, max_size=3))
        lines.append(Line(f"row-{at}", tuple((name, draw(cells[name])) for name in names), draw(st.sampled_from(["yes", "no"]))))
    return Table(COLUMNS, tuple(lines))


@st.composite
def whole_tables(draw: st.DrawFn) -> Table:
    """Tables without flaws: cases are split one column at a time."""
    lines: list[Line] = []

    def split(when: dict[str, str], free: list[str]) -> None:
        if not free or draw(st.booleans()):
            lines.append(Line(f"row-{len(lines)}", tuple(when.items()), draw(st.sampled_from(["yes", "no"]))))
            return
        name, *rest = free
        limit = draw(st.integers(1, 4))
        ways = {
            "age": [f"value < {limit}", f"value >= {limit}"],
            "clean": ["value", "!value"],
            "kind": ['value == "a"', 'value == "b"', 'value == "c"'] if limit > 2 else ['value == "b"', 'value != "b"'],
        }[name]
        for way in ways:
            split(when | {name: way}, rest)

    split({}, draw(st.permutations(["age", "clean", "kind"])))
    return Table(COLUMNS, tuple(lines))


def cases() -> Iterator[dict[str, Value]]:
    for values in itertools.product(*DOMAINS.values()):
        yield dict(zip(DOMAINS, values, strict=True))


def holding(table: Table, case: dict[str, Value]) -> list[str]:
    """By CEL's own evaluation, one line after the other."""
    return [line.id for line in table.lines if all(_by_cel(text, case[name]) for name, text in line.when)]


# Made here because making one raises Python's recursion limit, which a test must not change.
ENVIRONMENT = celpy.Environment()


@cache
def _by_cel(text: str, value: Value) -> bool:
    program = ENVIRONMENT.program(ENVIRONMENT.compile(text))
    return bool(program.evaluate({"value": celpy.json_to_cel(value)}))


@settings(max_examples=60, deadline=None)
@given(NUMBER, BOOLEAN, TEXT)
def test_conditions_mean_what_cel_says(number: str, boolean: str, text: str) -> None:
    kinds: dict[Kind, tuple[str, str]] = {"integer": ("age", number), "boolean": ("clean", boolean), "text": ("kind", text)}
    for kind, (name, said) in kinds.items():
        for value in DOMAINS[name]:
            assert condition(said, kind).holds(value) == _by_cel(said, value), (said, value)


def test_days_compare_as_texts_do_in_cel() -> None:
    for said in ('value < "2024-03-01"', 'value >= "2024-02-29" && value != "2024-03-02"', '"2023-12-31" < value'):
        for day in (date(2023, 12, 30) + timedelta(days=step) for step in range(70)):
            assert condition(said, "date").holds(day.isoformat()) == _by_cel(said, day.isoformat()), (said, day)


def _flaw_is_true(table: Table, flaw: Flaw, all_holding: list[tuple[dict[str, Value], list[str]]]) -> bool:
    like = [held for case, held in all_holding if all(case[name] == value for name, value in (flaw.example or {}).items())]
    if flaw.fault == "gap":
        return bool(like) and not any(like)
    if flaw.fault == "overlap":
        return any({flaw.line, *flaw.others} <= set(held) for held in like)
    if flaw.fault == "unreachable":
        return all(flaw.line not in held or held[0] != flaw.line for _, held in all_holding)
    return flaw.fault == "unused" or not any(flaw.line in held for _, held in all_holding)


@settings(max_examples=80, deadline=None)
@given(tables())
def test_a_table_is_refused_if_and_only_if_a_case_shows_it(table: Table) -> None:
    found = flaws_in(table, ("yes", "no"))
    all_holding = [(case, holding(table, case)) for case in cases()]
    asked = {name for line in table.lines for name, _ in line.when}
    is_sound = all(len(held) == 1 for _, held in all_holding) and {line for _, held in all_holding for line in held} == {
        line.id for line in table.lines
    }
    assert (found == []) == (is_sound and asked == DOMAINS.keys()), found
    assert all(_flaw_is_true(table, flaw, all_holding) for flaw in found), found


@settings(max_examples=60, deadline=None)
@given(tables())
def test_an_example_of_a_gap_is_a_shortest_one(table: Table) -> None:
    gap = next((each for each in flaws_in(table, ("yes", "no")) if each.fault == "gap"), None)
    if gap is None:
        return
    all_holding = [(case, holding(table, case)) for case in cases()]
    for count in range(len(gap.example or {})):
        for names in itertools.combinations(DOMAINS, count):
            projected = {tuple(case[name] for name in names) for case, held in all_holding if held}
            every = {tuple(case[name] for name in names) for case, _ in all_holding}
            assert projected == every, (gap, names)


@settings(max_examples=80, deadline=None)
@given(whole_tables(), st.dictionaries(st.sampled_from(sorted(DOMAINS)), st.integers(0, 100)))
def test_an_answer_is_certain_if_and_only_if_every_completion_gives_it(table: Table, chosen: dict[str, int]) -> None:
    known = {name: DOMAINS[name][at % len(DOMAINS[name])] for name, at in chosen.items()}
    outcomes = {line.id: line.outcome for line in table.lines}
    completions = [case for case in cases() if all(case[name] == value for name, value in known.items())]
    possible = {holding(table, case)[0] for case in completions}
    decision = decide(table, known)
    assert set(decision.lines) == possible
    certain = {outcomes[line] for line in possible}
    assert decision.outcome == (certain.pop() if len(certain) == 1 else None)
    assert set(decision.missing) == _on_which_it_depends(
        completions, {_key(case): outcomes[holding(table, case)[0]] for case in completions}
    )


def _key(case: dict[str, Value]) -> tuple[Value, ...]:
    return tuple(case.values())


def _on_which_it_depends(completions: list[dict[str, Value]], outcome: dict[tuple[Value, ...], str]) -> set[str]:
    found = set()
    for one, other in itertools.combinations(completions, 2):
        differing = [name for name in one if one[name] != other[name]]
        if len(differing) == 1 and outcome[_key(one)] != outcome[_key(other)]:
            found.add(differing[0])
    return found


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("age(value) > 1", "integer", "a condition calls no function"),
        ("value.matches('a')", "text", "a condition calls no function"),
        ("value.size() > 1", "text", "a condition calls no function"),
        ("value.year == 2026", "integer", "a value has no members"),
        ("value[0] == 1", "integer", "a value has no members"),
        ("value + 1 == 2", "integer", "a condition does not calculate"),
        ("value * 2 == 2", "integer", "a condition does not calculate"),
        ("-value == 2", "integer", "a condition does not calculate"),
        ("value ? true : false", "boolean", "a condition has no ?: in it"),
        ("other == 1", "integer", "other is unknown; a condition is about `value`"),
        ("value == other", "integer", "other is unknown; a condition is about `value`"),
        ("value", "integer", "a condition compares `value` with a literal"),
        ("true", "boolean", "a condition compares `value` with a literal"),
        ("value == value", "integer", "a condition compares `value` with a literal"),
        ("value in []", "integer", "`in` is followed by a list of literals"),
        ("value in value", "text", "`in` is followed by a list of literals"),
        ("value in [value]", "integer", "a condition compares `value` with a literal"),
        ("value in {1: 2}", "integer", "`in` is followed by a list of literals"),
        ("value < 'b'", "text", "values of the kind text have no order"),
        ("value < true", "boolean", "values of the kind boolean have no order"),
        ("value == 1.5", "integer", "1.5 is not of the kind integer"),
        ("value == 1u", "integer", "1u is not of the kind integer"),
        ("value == null", "text", "null is not of the kind text"),
        ("value == 1000000001", "integer", "1000000001 is not of the kind integer"),
        ("value < '2026-02-30'", "date", "'2026-02-30' is not of the kind date"),
        ("value < '20260201'", "date", "'20260201' is not of the kind date"),
        ("value ==", "integer", "not CEL: value =="),
        ("__import__('os')", "text", "a condition calls no function"),
        ("value == 1" + " " * 200, "integer", "a condition has at most 200 characters"),
    ],
)
def test_what_is_no_condition_is_refused_with_the_reason(text: str, kind: Kind, reason: str) -> None:
    with pytest.raises(NotACondition) as refusal:
        condition(text, kind)
    assert str(refusal.value) == reason


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=40) | st.text(alphabet="value=!<>&|()[]{}\"'\\ 01x.-,:?in", max_size=60),
    st.sampled_from(["boolean", "integer", "text", "date"]),
)
def test_any_text_is_a_condition_or_refused(text: str, kind: Kind) -> None:
    with suppress(NotACondition):
        assert condition(text, kind).text == text


@pytest.mark.parametrize("text", ["(" * 95 + "value" + ")" * 95, "!" * 190 + "value", "(!" * 60 + "value" + ")" * 60])
def test_depth_is_bounded_by_length(text: str) -> None:
    assert isinstance(condition(text, "boolean").holds(value=True), bool)


def test_a_table_that_is_too_big_is_refused() -> None:
    columns = tuple(Column(f"c{at}", "integer", minimum=0, maximum=100) for at in range(5))
    lines = [Line(f"row-{at}", tuple((column.name, f"value == {at}") for column in columns), "yes") for at in range(1, 12)]
    (flaw,) = flaws_in(Table(columns, tuple(lines)), ("yes",))
    assert (flaw.fault, flaw.rule) == ("size", "the table falls into 248832 cases; at most 5000 can be checked")


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ([Column("a", "text")], "a: a text, and nothing else, names its allowed values"),
        ([Column("a", "boolean", ("x",))], "a: a text, and nothing else, names its allowed values"),
        ([Column("a", "text", ("x", "x"))], "a: an allowed value is given once"),
        ([Column("a", "integer", minimum=2, maximum=1)], "a: the least value is not above the greatest"),
        ([Column("a", "date", minimum=1)], "a: bounds are of the kind date"),
        ([Column("a", "boolean"), Column("a", "boolean")], "the input a is given once"),
    ],
)
def test_a_column_has_possible_values(columns: list[Column], rule: str) -> None:
    flaws: list[Any] = flaws_in(Table(tuple(columns), (Line("row", (), "yes"),)), ("yes",))
    assert rule in [flaw.rule for flaw in flaws]


def test_an_input_that_no_row_looks_at_is_not_asked() -> None:
    (flaw,) = flaws_in(Table((Column("a", "boolean"),), (Line("row", (), "yes"),)), ("yes",))
    assert (flaw.fault, flaw.rule) == ("unused", "a: no row asks for it")
