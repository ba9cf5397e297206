"""What a table of automatic approval says: it grants or leaves the case to an officer, and can be asked again."""

from typing import Any

import pytest

from contracts.api.catalogue import DecisionTable
from contracts.values import CaseNumber, CertificateTypeCode, OfficerId
from services.application.domain.approval import Mode, NotYetLive, Said, Switch, is_sampled, judged, said_of
from services.application.domain.intake import FieldValue
from tests.support import cases
from tests.support.approval import TABLE
from tests.support.clock import TODAY

FIRST, SECOND = OfficerId("hp-001"), OfficerId("hp-002")


def value(name: str, said: Any, source: str = "applicant") -> FieldValue:
    return FieldValue(name, name, said, source, TODAY)


def asked(area: Any, *certificates: CertificateTypeCode) -> Said:
    return said_of(TABLE, [value("place_area", area)] if area is not None else [], certificates)


def test_a_row_that_grants_is_named_with_its_reason_its_rule_and_the_facts() -> None:
    said = asked(8, cases.CARD)
    assert (said.grants, said.row, said.missing) == (True, "small", ())
    assert said.zh == "面积在即时核准的范围内"
    assert said.rule == "示例：小型设施即时核准"
    assert [(each.name, each.value, each.source) for each in said.facts] == [
        ("place_area", 8, "applicant"),
        ("identified", True, cases.CARD),
    ]


@pytest.mark.parametrize(("area", "row"), [(11, "large"), (10, "small")])
def test_the_table_decides_at_its_bounds(area: int, row: str) -> None:
    assert asked(area, cases.CARD).row == row


@pytest.mark.parametrize(
    ("area", "certificates"),
    [(None, [cases.CARD]), (8.5, [cases.CARD]), ("8", [cases.CARD]), (-1, [cases.CARD]), (11, [cases.CARD]), (8, [])],
    ids=["missing", "no whole number", "a text", "beyond its bounds", "too large", "no certificate"],
)
def test_everything_else_is_for_an_officer(area: Any, certificates: list[CertificateTypeCode]) -> None:
    assert not asked(area, *certificates).grants


def test_what_is_missing_is_named_in_both_languages() -> None:
    said = asked(None, cases.CARD)
    assert (said.row, said.missing) == (None, ("place_area",))
    assert "面积" in said.zh
    assert "Area" in said.en


def test_asked_again_from_the_same_facts_it_says_the_same() -> None:
    for area in (None, 0, 8, 10, 11, 8.5):
        said = asked(area, cases.CARD)
        assert judged(TABLE, said.facts) == said


def test_no_table_refuses() -> None:
    refusing = TABLE.model_copy(update={"rows": [row.model_copy(update={"outcome": "no"}) for row in TABLE.rows]})
    assert not said_of(DecisionTable.model_validate(refusing.model_dump()), [value("place_area", 8)], [cases.CARD]).grants


@pytest.mark.parametrize(
    ("now", "compared", "by", "wanted"),
    [
        (Mode.OFF, 9, SECOND, Mode.LIVE),
        (Mode.SHADOW, 0, SECOND, Mode.LIVE),
        (Mode.SHADOW, 9, FIRST, Mode.LIVE),
    ],
    ids=["without a shadow run", "without a case that was compared", "by who began the shadow run"],
)
def test_a_table_does_not_go_live(now: Mode, compared: int, by: OfficerId, wanted: Mode) -> None:
    with pytest.raises(NotYetLive):
        Switch(now, 5, FIRST).check(wanted, by=by, compared=compared)


@pytest.mark.parametrize("now", Mode)
def test_off_and_shadow_are_always_possible(now: Mode) -> None:
    for wanted in (Mode.OFF, Mode.SHADOW):
        Switch(now, 5, FIRST).check(wanted, by=FIRST, compared=0)


def test_the_sample_is_as_large_as_was_said_and_can_be_recounted() -> None:
    numbers = [CaseNumber.of(cases.TASK, TODAY.date(), serial) for serial in range(1, 4001)]
    sampled = [number for number in numbers if is_sampled(number, 5)]
    assert 140 <= len(sampled) <= 260
    assert sampled == [number for number in numbers if is_sampled(number, 5)]
    assert not any(is_sampled(number, 0) for number in numbers)
    assert all(is_sampled(number, 100) for number in numbers)
