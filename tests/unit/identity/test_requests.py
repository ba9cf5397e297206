"""What a waiting request asks of a sign-on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.values import Assurance, PersonId, StaffId
from services.identity.domain.sign_on import ACR, FRESH, PendingRequest, Session
from tests.support.clock import TODAY

SIGN_ON = Session.opened(PersonId.new(), "pwd", assurance=Assurance.REAL_NAME, at=TODAY)
LATER = TODAY + timedelta(minutes=5)


def request(**said: str) -> PendingRequest:
    return PendingRequest("client", said, TODAY + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ({}, None),
        ({"acr_values": f"{ACR}2"}, None),
        ({"acr_values": f"{ACR}3"}, "level"),
        ({"acr_values": f"{ACR}3 {ACR}2"}, None),
        ({"acr_values": "urn:other:9"}, None),
        ({"prompt": "login"}, "confirmation"),
        ({"max_age": "300"}, None),
        ({"max_age": "299"}, "age"),
        ({"max_age": "x"}, None),
        ({"max_age": "9" * 5000}, None),
        ({"acr_values": f"{ACR}3", "prompt": "login", "max_age": "0"}, "level"),
    ],
)
def test_a_request_says_what_a_sign_on_lacks(said: dict[str, str], lacks: Any) -> None:
    assert request(**said).lacks(SIGN_ON, LATER) == lacks
    assert request(**said).is_met_by(SIGN_ON, LATER) == (lacks is None)


def test_a_sign_on_of_the_login_free_period_lacks_the_level() -> None:
    sure = replace(SIGN_ON, assurance=Assurance.REAL_PERSON, expires_at=TODAY + timedelta(days=10))
    assert request(acr_values=f"{ACR}3").lacks(sure, TODAY + FRESH - timedelta(seconds=1)) is None
    assert request(acr_values=f"{ACR}3").lacks(sure, TODAY + FRESH) == "level"


@pytest.mark.parametrize("change", [{"revoked_at": TODAY}, {"expires_at": LATER}])
def test_a_sign_on_that_ended_meets_nothing(change: dict[str, Any]) -> None:
    assert not request().is_met_by(replace(SIGN_ON, **change), LATER)


def test_officers_and_persons_are_apart() -> None:
    officer = Session.opened(StaffId.new(), "pwd", "hwk", assurance=Assurance.REAL_PERSON, at=TODAY)
    assert request(scope="openid staff").is_met_by(officer, LATER)
    assert not request(scope="openid").is_met_by(officer, LATER)
    assert not request(scope="openid staff").is_met_by(SIGN_ON, LATER)
    assert not request(scope="openid staffing").is_for_staff


@pytest.mark.parametrize(
    ("days", "life"), [(0, FRESH), (1, timedelta(days=1)), (10, timedelta(days=10)), (30, timedelta(days=30)), (7, FRESH)]
)
def test_a_sign_on_lasts_as_long_as_was_chosen(days: int, life: timedelta) -> None:
    opened = Session.opened(PersonId.new(), "pwd", assurance=Assurance.REAL_NAME, at=TODAY, login_free_days=days)
    assert (opened.expires_at - TODAY, opened.fresh_until - TODAY) == (life, FRESH)
