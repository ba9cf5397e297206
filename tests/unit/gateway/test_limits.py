"""How often a party may call, by a process that is alone, and what every answer tells of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import PartyId
from gateway.decision import Deny
from gateway.snapshot import NOTHING_KNOWN, Found, Party
from gateway.unified.protection import Addresses, Limits, Shares
from gateway.unified.protection.allowance import Book, rate_window
from gateway.walk import Incoming, Walk
from tests.unit.gateway.city import APP, City, party, snapshot

ZONE = ZoneInfo("Asia/Shanghai")


def limited(**more: Any) -> Party:
    return party(PartyId.new(), "app", **{"per_second": 2.0, "burst": 4, **more})


@dataclass
class Alone:
    """The limits of a process that is alone, at a time that a test sets."""

    now: float = 1000.0
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(clock=lambda: self.now)
        self.limits.tell_time(self.now, self.now, self.now)

    def walk(self, of: Party | None, *, purpose: str = "", environment: str = "production", client: str = "192.0.2.1") -> Walk:
        incoming = Incoming("GET", "/matters", "", (), b"", client)
        return Walk(incoming, NOTHING_KNOWN, Found(None), self.now, party=of, purpose=purpose, environment=environment)

    def may(self, of: Party | None, **more: Any) -> bool:
        return self.limits.draw(self.walk(of, **more)) is None

    def refusal(self, of: Party | None, **more: Any) -> Deny:
        refused = self.limits.draw(self.walk(of, **more))
        assert isinstance(refused, Deny)
        return refused

    def headers(self, walk: Walk) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.limits.headers(walk)}


@pytest.fixture
def alone() -> Alone:
    return Alone()


@pytest.mark.parametrize(
    ("per_second", "burst", "calls", "seconds"),
    [
        (200.0, 400, 400, 2),
        (50.0, 50, 50, 1),
        (2.0, 3, 2, 1),
        (0.1, 1, 1, 10),
        (0.4, 1, 1, 3),
        (200.0, 100, 200, 1),
        (2.5, 10, 10, 4),
        (5.0, 0, 0, 1),
        (0.0, 5, 0, 1),
    ],
)
def test_a_rate_is_so_many_calls_in_so_many_seconds(per_second: float, burst: int, calls: int, seconds: int) -> None:
    assert rate_window(per_second, burst) == (calls, seconds)


@given(st.floats(0.01, 5000), st.integers(1, 10_000))
def test_no_window_admits_more_than_is_registered(per_second: float, burst: int) -> None:
    calls, seconds = rate_window(per_second, burst)
    assert calls <= per_second * seconds + 1e-6
    assert calls <= max(burst, per_second, 1) + 1e-6


def test_a_window_is_used_up_and_the_next_one_is_whole(alone: Alone) -> None:
    caller = limited()
    assert [alone.may(caller) for _ in range(5)] == [True] * 4 + [False]
    alone.now += 1.9
    assert not alone.may(caller)
    alone.now += 0.1
    assert [alone.may(caller) for _ in range(5)] == [True] * 4 + [False]


def test_one_party_does_not_live_on_the_limit_of_another_nor_one_environment_on_that_of_the_other(alone: Alone) -> None:
    caller = limited(burst=1, per_second=1.0)
    assert alone.may(caller)
    assert alone.may(limited(burst=1, per_second=1.0))
    assert not alone.may(caller)
    assert alone.may(caller, environment="sandbox")


def test_who_waits_as_long_as_told_gets_through(alone: Alone) -> None:
    caller = limited(per_second=0.4, burst=1)
    alone.now += 0.7
    alone.may(caller)
    alone.now += int(dict(alone.refusal(caller).headers)["retry-after"])
    assert alone.may(caller)


def test_limits_survive_a_clock_that_steps_back(alone: Alone) -> None:
    caller = limited(per_second=2.0, burst=2)
    alone.may(caller)
    alone.now -= 900
    assert alone.may(caller)
    assert not alone.may(caller)


def test_when_the_database_sets_its_clock_back_no_share_is_spent_twice_and_nobody_waits_for_the_old_time() -> None:
    now = 1000.0
    limits = Limits(Shares(4, 0.2, 0, since=0, until=1e12), clock=lambda: now)
    limits.tell_time(now, now, now)
    caller = limited(per_second=20.0, burst=20)
    one = Alone()
    assert sum(limits.draw(one.walk(caller)) is None for _ in range(20)) == 1
    limits.tell_time(now - 900, now, now)
    assert limits.draw(one.walk(caller)) is not None
    budget = limits.book(caller, "production", now).rate
    assert (budget.starts, budget.rest > 0) == (100, True)
    budget.receive(100, 3, 0)
    assert sum(limits.draw(one.walk(caller)) is None for _ in range(20)) == 3


def test_of_the_times_that_the_database_says_the_sharper_ones_are_believed() -> None:
    now = 1000.0
    limits = Limits(Shares(4, 0.2), clock=lambda: now)
    limits.tell_time(5000.5, now, now + 2)
    assert limits.now() == pytest.approx(4999.5)
    limits.tell_time(5000.0, now, now + 0.002)
    assert limits.now() == pytest.approx(4999.999)
    limits.tell_time(5300.0, now, now + 2)
    assert limits.now() == pytest.approx(4999.999)
    for _ in range(20):
        limits.tell_time(5300.0, now, now + 2)
    assert limits.now() == pytest.approx(5299.0)


def test_a_day_is_one_of_the_city(alone: Alone) -> None:
    caller = limited(per_day=2, per_second=100.0, burst=100)
    alone.now = datetime(2026, 11, 26, 23, 59, 50, tzinfo=ZONE).timestamp()
    alone.limits.tell_time(alone.now, alone.now, alone.now)
    assert [alone.may(caller) for _ in range(3)] == [True, True, False]
    refused = alone.refusal(caller)
    assert (refused.problem.code, refused.problem.zh, dict(refused.headers)["retry-after"]) == ("day-used-up", "当日调用额度已用完", "10")
    alone.now += 10
    assert alone.may(caller)


def test_a_purpose_has_a_quota_of_its_own_and_what_is_not_listed_has_none(alone: Alone) -> None:
    caller = limited(purposes={"a": 1}, per_second=100.0, burst=100)
    assert alone.may(caller, purpose="a")
    refused = alone.refusal(caller, purpose="a")
    assert (refused.problem.code, refused.extensions["limit"], refused.extensions["quota"]) == ("purpose-used-up", "purpose", 1)
    assert all(alone.may(caller, purpose=each) for each in ("", "b", "b"))


async def test_a_request_names_its_purpose_by_a_header(city: City) -> None:
    city.known = snapshot(parties=(party(APP, "app", purposes={"social-insurance": 1}),))
    named = {**city.bearer(), "purpose": "social-insurance"}
    assert (await city.call("GET", "/matters", named)).status == 200
    assert city.decisions[-1].purpose == "social-insurance"
    assert (await city.call("GET", "/matters", named)).problem()["code"] == "purpose-used-up"
    for without in ({}, {"purpose": "another"}):
        said = await city.call("GET", "/matters", {**city.bearer(), **without})
        assert (said.status, said.problem()["code"], said.problem()["room"]) == (403, "purpose-not-registered", "access")
    assert city.decisions[-1].purpose == ""


def test_what_one_limit_refuses_is_not_taken_off_another(alone: Alone) -> None:
    caller = limited(per_second=100.0, burst=100, per_day=2, purposes={"a": 1})
    assert alone.may(caller, purpose="a")
    assert not alone.may(caller, purpose="a")
    assert alone.may(caller)
    assert not alone.may(caller)


def test_the_headers_tell_of_the_limit_that_is_closest(alone: Alone) -> None:
    caller = limited(per_day=10, purposes={"a": 3})
    alone.limits.draw(plain := alone.walk(caller))
    assert alone.headers(plain) == {"ratelimit-policy": '"party";q=4;w=2, "party-day";q=10;w=86400', "ratelimit": '"party";r=3;t=2'}
    alone.now += 2
    alone.limits.draw(given := alone.walk(caller, purpose="a"))
    said = alone.headers(given)
    assert said["ratelimit-policy"].endswith(', "party-purpose";q=3;w=86400')
    assert said["ratelimit"].startswith('"party-purpose";r=2;t=')
    assert given.limit == {"policy": "party-purpose:a", "q": 3, "w": 86400, "r": 2, "source": "local"}


def test_without_a_party_there_are_no_headers_of_one(alone: Alone) -> None:
    assert alone.limits.headers(alone.walk(None)) == ()


def test_a_changed_limit_holds_at_once(alone: Alone) -> None:
    caller = limited()
    alone.may(caller)
    narrowed = party(caller.id, "app", per_second=1.0, burst=1)
    assert [alone.may(narrowed) for _ in range(2)] == [True, False]


def test_a_raised_limit_refuses_nobody_while_more_is_leased_and_gives_no_share_twice() -> None:
    limits, one = Limits(Shares(4, 0.2, 0, since=0, until=1e12), clock=lambda: 1000.0), Alone()
    limits.tell_time(1000.0, 1000.0, 1000.0)
    caller = limited(per_second=100.0, burst=100)
    assert limits.draw(one.walk(caller)) is None
    raised = party(caller.id, "app", per_second=1000.0, burst=1000)
    assert sum(limits.draw(one.walk(raised)) is None for _ in range(60)) == 4
    assert limits.book(raised, "production", 1000.0).rate in limits.wanted


def test_the_same_limit_of_a_party_that_was_read_again_is_not_new(alone: Alone) -> None:
    caller = limited(per_second=1.0, burst=1)
    assert alone.may(caller)
    assert not alone.may(party(caller.id, "app", per_second=1.0, burst=1))


@given(st.integers(0, 10**6), st.integers(1, 16), st.floats(0.0, 0.9))
def test_what_is_set_aside_for_all_processes_leaves_something_to_lease(quota: int, count: int, fraction: float) -> None:
    own = [Shares(count, fraction, slot, since=0, until=2).own(quota, 1) for slot in range(count)]
    each, more = Shares(count, fraction).split(quota)
    assert own == [each + (slot < more) for slot in range(count)]
    assert sum(own) < max(quota, 1)
    assert own[0] >= 1 or quota <= 1


def test_a_share_counts_only_for_windows_that_begin_while_it_is_held() -> None:
    shares = Shares(4, 0.2, 0, since=10, until=20)
    assert [shares.own(100, at) for at in (9, 10, 19, 20)] == [0, 5, 5, 0]
    assert Shares(4, 0.2).own(100, 15) == 0


def test_a_late_grant_is_for_no_other_window() -> None:
    book = Book(limited(per_second=10.0, burst=10), "production", ZONE)
    budget, shares = book.rate, Shares(4, 0.2, 0, since=0, until=1e12)
    budget.turn(100.0, shares)
    own = budget.left
    budget.receive(99, 5, 3)
    assert (budget.left, budget.ahead) == (own, 0)
    budget.receive(101, 5, 3)
    assert (budget.left, budget.ahead) == (own, 5)
    budget.turn(101.0, shares)
    assert (budget.left, budget.leased) == (own + 5, 5)
    budget.turn(102.0, shares)
    assert (budget.left, budget.leased) == (own, 0)


def test_one_address_does_not_drown_the_open_routes(alone: Alone) -> None:
    alone.limits = Limits(addresses=Addresses(per_second=1.0, burst=2), clock=lambda: alone.now)
    assert [alone.may(None) for _ in range(3)] == [True, True, False]
    assert alone.may(None, client="192.0.2.2")
    assert dict(alone.refusal(None).headers)["retry-after"] == "1"
    alone.now += 1
    assert alone.may(None)


def test_a_subscriber_of_ipv6_is_one_address_and_those_mapped_from_ipv4_are_many(alone: Alone) -> None:
    alone.limits = Limits(addresses=Addresses(per_second=1.0, burst=1), clock=lambda: alone.now)
    assert alone.may(None, client="2001:db8::1")
    assert not alone.may(None, client="2001:db8::2")
    assert alone.may(None, client="2001:db8:0:1::1")
    assert alone.may(None, client="::ffff:192.0.2.7")
    assert alone.may(None, client="::ffff:192.0.2.8")
    assert alone.may(None, client="not:an:address")


def test_of_addresses_as_many_are_known_as_there_is_room_for(alone: Alone) -> None:
    addresses = Addresses(per_second=1.0, burst=1, known=100)
    for number in range(500):
        assert addresses.draw(f"192.0.2.{number}", 1.0) is None
    assert addresses.draw("192.0.2.499", 1.0) is not None
    assert addresses.draw("192.0.2.0", 1.0) is None


async def test_a_party_over_its_limit_is_told_by_protection_and_every_answer_tells_the_limit(city: City) -> None:
    city.known = snapshot(parties=(party(APP, "app", burst=1, per_second=0.1),))
    granted = await city.call("GET", "/matters", city.bearer())
    assert (granted.status, granted.headers["ratelimit-policy"]) == (200, '"party";q=1;w=10')
    said = await city.call("GET", "/matters", city.bearer())
    assert (said.status, said.problem()["room"], said.problem()["limit"]) == (429, "protection", "rate")
    assert 1 <= int(said.headers["retry-after"]) <= 10
    assert said.headers["ratelimit"].startswith('"party";r=0;t=')
    assert {"zh", "en"} == said.problem()["titles"].keys()
    assert city.decisions[-1].limit["r"] == 0
