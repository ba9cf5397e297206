"""资源管理: what leaves says so, what has left is refused, and what widens takes two officers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.errors import ServiceError
from contracts.values import OfficerId
from gateway.decision import Deny
from gateway.policies import NO_POLICIES
from gateway.registry.domain.resources import NeedsSecondOfficer, Registered, ResourceIsNeeded, notices
from gateway.registry.snapshots import resources as snapshots
from gateway.snapshot import Resource, RouteTable, Snapshot
from gateway.unified import resources
from gateway.walk import Incoming, Walk

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
END = AT + timedelta(days=90)
ONE, TWO = OfficerId("op-001"), OfficerId("op-002")


def refusal(resource: Resource | None, *, now: datetime = AT, method: str = "GET") -> Deny | None:
    table = RouteTable([resource] if resource else [])
    walk = Walk(Incoming(method, "/a", "", (), b""), Snapshot({}, table, NO_POLICIES, {}), table.find(method, "/a"), now.timestamp())
    return resources.check(walk)


def route(**more: Any) -> Resource:
    return Resource("application", "GET", "/a", "case:read", "party", 0, None, 1, **more)


@pytest.mark.parametrize(
    ("resource", "now", "rule", "status"),
    [
        (None, AT, "registered", 404),
        (route(state="retired", successor="/b"), AT, "state", 410),
        (route(state="unheard-of"), AT, "state", 410),
        (route(state="deprecated", sunset_at=END.timestamp(), successor="/b"), END, "sunset", 410),
        (route(sunset_at=END.timestamp()), END + timedelta(days=1), "sunset", 410),
    ],
)
def test_what_is_not_in_use_is_refused_by_its_own_rule(resource: Resource | None, now: datetime, rule: str, status: int) -> None:
    deny = refusal(resource, now=now)
    assert deny is not None
    assert (deny.rule, deny.problem.status) == (rule, status)
    assert deny.problem.zh
    assert deny.problem.en.isascii()
    assert deny.extensions == ({"successor": "/b"} if resource and resource.successor else {})


@pytest.mark.parametrize("resource", [route(), route(state="deprecated"), route(state="deprecated", sunset_at=END.timestamp())])
def test_what_leaves_is_served_until_its_end(resource: Resource) -> None:
    assert refusal(resource, now=END - timedelta(seconds=1)) is None


def test_another_method_is_told_what_the_path_takes() -> None:
    deny = refusal(route(), method="PUT")
    assert deny is not None
    assert (deny.rule, deny.problem.status, deny.headers) == ("method", 405, (("allow", "GET"),))


@pytest.mark.parametrize(
    ("since", "until", "successor", "said"),
    [
        (None, None, None, ()),
        (None, None, "/b", ()),
        (AT, None, None, ((b"deprecation", b"@1795680000"),)),
        (
            AT,
            END,
            "/b",
            (
                (b"deprecation", b"@1795680000"),
                (b"sunset", b"Wed, 24 Feb 2027 08:00:00 GMT"),
                (b"link", b'</b>; rel="successor-version"'),
            ),
        ),
    ],
)
def test_answers_say_since_when_and_until_when(
    since: datetime | None, until: datetime | None, successor: str | None, said: tuple[tuple[bytes, bytes], ...]
) -> None:
    assert notices(since, until, successor) == said


def test_a_snapshot_holds_what_a_request_needs() -> None:
    row = {
        "service": "application", "method": "GET", "path": "/a", "permission": "case:read", "audience": "party", "assurance": 0,
        "max_age_s": None, "grade": 3, "state": "deprecated", "owner": "11310000TE5T01465X", "sharing": "conditional", "version": "1",
        "deprecated_at": AT.timestamp(), "sunset_at": END.timestamp(), "successor": "/b", "personal": [],
    }  # fmt: skip
    found = snapshots.build([row]).find("GET", "/a").resource
    assert found is not None
    assert found.notices == notices(AT, END, "/b")
    assert (found.sunset_at, found.owner, found.sharing, found.priority) == (END.timestamp(), "11310000TE5T01465X", "conditional", 1)


def registered(**more: Any) -> Registered:
    said = {"method": "GET", "path": "/a", "permission": "case:read", "grade": 3, "sharing": "conditional"}
    return Registered(**{**said, **more})


def test_an_announced_end_may_come_earlier_and_not_later() -> None:
    leaving = registered().deprecate(AT, END, "/b", "reason", by=ONE)
    assert (leaving.state, leaving.sunset_at, leaving.successor, leaving.changed_by) == ("deprecated", END, "/b", ONE)
    earlier = leaving.deprecate(AT, END - timedelta(days=1), None, "reason", by=ONE)
    assert (earlier.sunset_at, earlier.successor) == (END - timedelta(days=1), "/b")
    for later in (END + timedelta(seconds=1), None):
        with pytest.raises(NeedsSecondOfficer):
            leaving.deprecate(AT, later, None, "reason", by=ONE)
    assert leaving.widen(None, None, END + timedelta(days=9), "agreed", by=TWO).sunset_at == END + timedelta(days=9)


@pytest.mark.parametrize(("grade", "sharing"), [(2, None), (None, "unconditional"), (4, "unconditional"), (1, "none")])
def test_a_wider_class_takes_two_officers(grade: int | None, sharing: str | None) -> None:
    with pytest.raises(NeedsSecondOfficer):
        registered().classify(grade, sharing, "reason", by=ONE)
    widened = registered().widen(grade, sharing, None, "agreed", by=TWO)
    assert (widened.grade, widened.sharing) == (grade or 3, sharing or "conditional")
    assert widened.classified_by == TWO


@pytest.mark.parametrize(("grade", "sharing"), [(4, None), (None, "none"), (3, "conditional"), (4, "none")])
def test_a_narrower_class_takes_one(grade: int | None, sharing: str | None) -> None:
    narrowed = registered().classify(grade, sharing, "reason", by=ONE)
    assert (narrowed.grade, narrowed.sharing, narrowed.classified_by) == (grade or 3, sharing or "conditional", ONE)


@pytest.mark.parametrize("permission", ["resource:manage", "resource:read", "change:approve"])
def test_what_brings_resources_back_cannot_leave(permission: str) -> None:
    with pytest.raises(ResourceIsNeeded):
        registered(permission=permission).retire("reason", by=ONE)
    with pytest.raises(ResourceIsNeeded):
        registered(permission=permission).deprecate(AT, END, None, "reason", by=ONE)


def test_a_route_is_retired_once_and_comes_back_without_an_end() -> None:
    retired = registered(deprecated_at=AT, sunset_at=END, successor="/b", state="deprecated").retire("reason", by=ONE)
    assert retired.state == "retired"
    for again in (lambda: retired.retire("reason", by=ONE), lambda: retired.deprecate(AT, None, None, "reason", by=ONE)):
        with pytest.raises(ServiceError, match="retired"):
            again()
    back = retired.reactivate("agreed", by=TWO)
    assert (back.state, back.deprecated_at, back.sunset_at, back.successor) == ("active", None, None, None)
    with pytest.raises(ServiceError, match="in use"):
        back.reactivate("agreed", by=TWO)
