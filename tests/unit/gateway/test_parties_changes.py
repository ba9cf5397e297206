"""A change is decided once, by another officer than the one who proposed it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from contracts.api import gateway as api
from contracts.values import Id, OfficerId
from gateway.registry.commands.changes import APPLIERS
from gateway.registry.domain.changes import Change, ChangeIsDecided, NotTheProposer
from gateway.registry.domain.parties import SameOfficerMayNotApprove

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FIRST, SECOND, THIRD = OfficerId("op-001"), OfficerId("op-002"), OfficerId("op-003")
PROPOSED = Change(Id.new(), "party.resume", "party x", {}, "已整改", FIRST, NOW)

DECISIONS: dict[str, Callable[[Change, OfficerId], Change]] = {
    "in-force": lambda change, by: change.approve(by=by, at=LATER),
    "refused": lambda change, by: change.refuse("材料不足", by=by, at=LATER),
}


@pytest.mark.parametrize("state", DECISIONS)
def test_another_officer_decides(state: str) -> None:
    decided = DECISIONS[state](PROPOSED, SECOND)
    assert (decided.state, decided.reviewed_by, decided.reviewed_at) == (state, SECOND, LATER)
    assert DECISIONS[state](decided, SECOND) is decided


@pytest.mark.parametrize("state", DECISIONS)
def test_who_proposed_decides_nothing(state: str) -> None:
    with pytest.raises(SameOfficerMayNotApprove):
        DECISIONS[state](PROPOSED, FIRST)


@pytest.mark.parametrize("first", DECISIONS)
@pytest.mark.parametrize("then", [lambda c: DECISIONS["in-force"](c, THIRD), lambda c: DECISIONS["refused"](c, THIRD)])
def test_what_is_decided_stays_so(first: str, then: Callable[[Change], Any]) -> None:
    with pytest.raises(ChangeIsDecided):
        then(DECISIONS[first](PROPOSED, SECOND))


def test_only_who_proposed_withdraws_and_only_before_the_decision() -> None:
    with pytest.raises(NotTheProposer):
        PROPOSED.withdraw(by=SECOND, at=LATER)
    withdrawn = PROPOSED.withdraw(by=FIRST, at=LATER)
    assert (withdrawn.state, withdrawn.reviewed_by) == ("withdrawn", None)
    assert withdrawn.withdraw(by=FIRST, at=LATER) is withdrawn
    with pytest.raises(ChangeIsDecided):
        withdrawn.approve(by=SECOND, at=LATER)
    with pytest.raises(ChangeIsDecided):
        DECISIONS["in-force"](PROPOSED, SECOND).withdraw(by=FIRST, at=LATER)


def test_everything_that_can_be_proposed_can_come_into_force() -> None:
    models = get_args(get_args(api.Content)[0])
    assert {get_args(each.model_fields["kind"].annotation)[0] for each in models} == APPLIERS.keys()
    assert all(callable(each.target) for each in models)
