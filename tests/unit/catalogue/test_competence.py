"""Who decides for a place: the nearest level that serves all of it, and never one picked out of several."""

import pytest

from contracts.values import CreditCode, TaskCode
from services.catalogue.domain.competence import Found, Seat, competent
from tests.unit.catalogue.test_domain import BASIC
from tests.unit.catalogue.test_levels import agency

NATION, CITY, BUREAU = agency("000000", 1), agency("310000", 2), agency("310000", 3)
DISTRICT, OTHER, STREET, NEXT_STREET, COMMUNITY = (agency(*each) for each in (
    ("310101", 4), ("310104", 5), ("310101", 6), ("310101", 7), ("310101", 8),
))  # fmt: skip
HANGZHOU, XIHU = agency("330100", 9), agency("330106", 10)
AREAS = {STREET: "310101002", NEXT_STREET: "310101003", COMMUNITY: "310101002003"}
LEVELS = {NATION: 1, CITY: 2, BUREAU: 2, DISTRICT: 4, OTHER: 4, STREET: 5, NEXT_STREET: 5, COMMUNITY: 6, HANGZHOU: 3, XIHU: 4}


def task(of: CreditCode) -> TaskCode:
    return TaskCode(f"{of}{LEVELS[of]}{BASIC}")


def found(place: str, *agencies: CreditCode) -> Found:
    return competent([Seat(task(each), each.division, AREAS.get(each)) for each in agencies], place)


@pytest.mark.parametrize(
    ("place", "agencies", "decides"),
    [
        ("310101", (NATION,), NATION),
        ("310101", (NATION, CITY), CITY),
        ("310101", (CITY, DISTRICT, OTHER), DISTRICT),
        ("310104", (CITY, DISTRICT), CITY),
        ("310101", (DISTRICT, STREET, COMMUNITY), DISTRICT),
        ("310101002", (DISTRICT, STREET, COMMUNITY), STREET),
        ("310101002003", (DISTRICT, STREET, COMMUNITY), COMMUNITY),
        ("310101003", (DISTRICT, STREET), DISTRICT),
        ("330106", (NATION, HANGZHOU), HANGZHOU),
        ("330106", (HANGZHOU, XIHU), XIHU),
        ("330100", (HANGZHOU, XIHU), HANGZHOU),
    ],
    ids=["national", "provincial", "county", "no office here", "whole district", "street", "community", "other street", "city",
         "county of a city", "the city itself"],
)  # fmt: skip
def test_the_nearest_that_serves_the_whole_place_decides(place: str, agencies: tuple[CreditCode, ...], decides: CreditCode) -> None:
    assert found(place, *agencies) == Found(decides=task(decides))


@pytest.mark.parametrize(
    ("place", "agencies", "candidates"),
    [
        ("310101", (CITY, BUREAU), (CITY, BUREAU)),
        ("310101", (STREET, NEXT_STREET), (STREET, NEXT_STREET)),
        ("310101", (STREET,), (STREET,)),
        ("310000", (DISTRICT, OTHER), (DISTRICT, OTHER)),
    ],
    ids=["side by side", "streets of it", "a part of it", "districts of it"],
)
def test_of_several_none_is_picked(place: str, agencies: tuple[CreditCode, ...], candidates: tuple[CreditCode, ...]) -> None:
    assert found(place, *agencies) == Found(candidates=tuple(sorted(map(task, candidates))))


@pytest.mark.parametrize(("place", "agencies"), [("330106", (CITY, DISTRICT)), ("310104002", (DISTRICT,)), ("310101", ())])
def test_nobody_decides_for_a_place_that_nobody_serves(place: str, agencies: tuple[CreditCode, ...]) -> None:
    assert found(place, *agencies) == Found()
