"""What narrows a channel's policy, which origins are any, and who may not be shut out."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.values import OfficerId
from gateway.registry.domain.channels import (
    Channel,
    ChannelIsNotOpen,
    Hours,
    HoursAreNotAcceptable,
    OfficersWouldBeShutOut,
    OriginIsNotAcceptable,
    Policy,
    PolicyWidens,
    check_origins,
)

AT = datetime(2026, 11, 26, tzinfo=UTC)
BY = OfficerId("op-001")
WEEKDAYS = Hours(frozenset({1, 2, 3, 4, 5}), "09:00", "17:00")
POLICY = Policy(frozenset({"app"}), frozenset({"open", "party"}), 3, 2, True, frozenset({"https://a.example"}), WEEKDAYS)
KIOSK = Channel("kiosk", "自助终端", "Kiosk", POLICY, True, AT)


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"kinds": frozenset({"app", "district"})}, "kinds"),
        ({"audiences": frozenset({"person"})}, "audiences"),
        ({"grade": 4}, "grade"),
        ({"assurance": 1}, "assurance"),
        ({"origins": frozenset({"https://b.example"})}, "origins"),
        ({"hours": None}, "hours"),
        ({"hours": replace(WEEKDAYS, closes="17:01")}, "hours"),
        ({"hours": replace(WEEKDAYS, days=frozenset({6}))}, "hours"),
    ],
)
def test_each_clause_can_widen(change: dict[str, Any], clause: str) -> None:
    wider = replace(POLICY, **change)
    assert POLICY.widened(wider) == [clause]
    with pytest.raises(PolicyWidens) as refused:
        KIOSK.narrow(wider, by=BY, at=AT)
    assert refused.value.extensions == {"clauses": [clause]}


def test_reading_may_not_become_writing() -> None:
    assert replace(POLICY, may_write=False).widened(POLICY) == ["may_write"]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"kinds": frozenset({"app"}), "grade": 1},
        {"audiences": frozenset({"open"})},
        {"assurance": 3},
        {"may_write": False},
        {"origins": frozenset()},
        {"hours": Hours(frozenset({2}), "10:00", "11:00")},
    ],
)
def test_narrowing_takes_effect(change: dict[str, Any]) -> None:
    narrowed = KIOSK.narrow(replace(POLICY, **change), by=BY, at=AT)
    assert (narrowed.policy, narrowed.changed_by) == (replace(POLICY, **change), BY)


@pytest.mark.parametrize(
    "origin", ["https://a.example", "https://a.example:8443", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:5"]
)
def test_an_origin_is_as_browsers_send_it(origin: str) -> None:
    check_origins([origin])


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "",
        "https://*.example",
        "https://a.example/",
        "https://a.example/path",
        "https://A.example",
        "http://a.example",
        "http://localhost.evil.example",
        "https://a.example:443",
        "http://localhost:80",
        "https://a.example:99999",
        "https://user@a.example",
        "https://a.example\n",
        "ftp://a.example",
        "https://例.example",
        "https://a.example?",
        "https://a.example#",
    ],
)
def test_anything_else_is_no_origin(origin: str) -> None:
    with pytest.raises(OriginIsNotAcceptable):
        check_origins([origin])


def test_a_channel_closes_once_and_says_why() -> None:
    closed = KIOSK.close("检修", "repairs", by=BY, at=AT)
    assert (closed.is_open, closed.closed_for) == (False, ("检修", "repairs"))
    with pytest.raises(ChannelIsNotOpen):
        closed.close("检修", "repairs", by=BY, at=AT)


def test_officers_are_not_shut_out() -> None:
    policy = replace(POLICY, kinds=frozenset({"operator"}), audiences=frozenset({"operator", "party"}), hours=None)
    console = replace(KIOSK, code="console", usual_for=frozenset({"operator"}), policy=policy)
    with pytest.raises(OfficersWouldBeShutOut):
        console.close("维护", "maintenance", by=BY, at=AT)
    for change in ({"audiences": frozenset({"party"})}, {"may_write": False}, {"grade": 1}, {"hours": WEEKDAYS}):
        with pytest.raises(OfficersWouldBeShutOut):
            console.narrow(replace(policy, **change), by=BY, at=AT)
    assert console.narrow(replace(policy, audiences=frozenset({"operator"})), by=BY, at=AT).changed_by == BY


def test_hours_begin_before_they_end() -> None:
    with pytest.raises(HoursAreNotAcceptable):
        replace(POLICY, hours=Hours(frozenset({1}), "17:00", "09:00")).check()
