"""授权管理 at work on the path: remembered decisions, failing policies, duties, and decisions made again from their records."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from chassis.errors import Unavailable
from contracts.permissions import Permission
from contracts.values import MandateId, OfficerId, PersonId
from gateway.policies import Facts, Policies
from gateway.policies.text import REFUSALS
from gateway.registry.bootstrap import policy_files
from gateway.registry.snapshots import policies as rows_of_policies
from gateway.snapshot import RouteTable, Snapshot
from gateway.unified import authorization
from gateway.walk import AccessToken, Incoming, Walk
from tests.unit.gateway.city import APP, CONSOLE, DISTRICT, PARTIES, PERSON, City, party, policies, resource, snapshot

SEED = Policies(3, policy_files())


def forbidding(condition: str, refuses: str = "permission-not-granted") -> dict[str, str]:
    """A further text with one policy, to be the first that refuses."""
    return {
        "another": f'@id("another") @zh("另") @en("Another.") @refuses("{refuses}") forbid (principal, action, resource) when {{ {condition} }};'
    }


def with_policies(known: Snapshot, wanted: Policies) -> Snapshot:
    return replace(known, policies=wanted)


def token(**more: Any) -> AccessToken:
    return replace(AccessToken("client", PERSON, "person", "session", "grant", 2, 0, 900), **more)


def walk(known: Snapshot, method: str = "GET", path: str = "/cases/1", **more: Any) -> Walk:
    usual: dict[str, Any] = {"party": known.parties[APP], "kind": "app", "token": token(), "person": PERSON, "assurance": 2}
    return Walk(Incoming(method, path, "", (), b""), known, known.routes.find(method, path), 1000.0, **usual | more)


async def test_nothing_is_granted_before_any_policy_is_known(city: City) -> None:
    city.known = with_policies(city.known, Policies(1, {}))
    said = await city.call("GET", "/matters", city.bearer())
    assert (said.status, said.problem()["rule"]) == (403, "policy:1")


async def test_a_refusal_says_which_policy_refused_in_both_languages(city: City) -> None:
    city.known = with_policies(city.known, policies(9, **forbidding('principal.kind == "app"')))
    said = (await city.call("GET", "/matters", city.bearer())).problem()
    assert (said["rule"], said["policy"], said["policy_zh"], said["policy_en"]) == ("policy:9/another", "another", "另", "Another.")
    assert (city.decision.policy_version, city.decision.rooms["authorisation"]) == (9, "refused: policy:9/another")


async def test_who_may_not_at_all_is_not_told_what_would_be_missing(city: City) -> None:
    said = await city.call("POST", "/matters", city.bearer())
    assert said.problem()["rule"] == "policy:7"
    city.known = with_policies(city.known, policies(7, **forbidding("true", "assurance-too-low")))
    said = await city.call("POST", "/matters", city.bearer())
    assert (said.status, said.problem()["rule"]) == (403, "policy:7")
    assert "www-authenticate" not in said.headers


async def test_of_several_refusals_the_first_of_the_text_is_told(city: City) -> None:
    """Both the level and the age of this sign-on are wanting; the text says the level first."""
    bearer = city.bearer(assurance=1, auth_time=int(city.now) - 1000)
    assert (await city.call("POST", "/wallet", bearer)).problem()["rule"] == "policy:7/assurance"
    assert (await city.call("POST", "/wallet", city.bearer(assurance=3, auth_time=int(city.now) - 1000))).problem()["rule"] == (
        "policy:7/sign-on-age"
    )


@pytest.mark.parametrize("effect", ["permit", "forbid"])
async def test_a_policy_that_cannot_be_evaluated_denies(city: City, effect: str) -> None:
    """Cedar passes over what fails: a forbid that fails would allow."""
    refuses = '@refuses("permission-not-granted")' if effect == "forbid" else ""
    text = f'@id("broken") @zh("坏") @en("Broken.") {refuses} {effect} (principal, action, resource) when {{ context.nothing == 1 }};'
    city.known = with_policies(city.known, policies(7, broken=text))
    with capture_logs() as logs:
        said = await city.call("GET", "/matters", city.bearer())
    assert (said.status, said.problem()["rule"]) == (403, "policy:7/not-evaluated")
    assert city.asked == []
    assert [entry["event"] for entry in logs].count("policy_not_evaluated") == 1


def test_what_was_decided_is_not_decided_again() -> None:
    known = snapshot()
    first, second = walk(known), walk(known)
    assert authorization.check(first) is None
    assert authorization.check(second) is None
    assert first.facts is second.facts
    assert first.permissions == {"case:read"}


_DIFFERENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "subject": ('context.subject == "staff"', {"token": token(subject_type="staff")}),
    "assurance": ("context.assurance > 2", {"assurance": 3}),
    "acts_for": ("context.acts_for", {"actor": PersonId.new()}),
    "officer": ("context.officer", {"officer": OfficerId("op-001")}),
    "duties": ('context.duties.contains("audit")', {"officer": OfficerId("op-009")}),
    "environment": ('context.environment == "sandbox"', {"environment": "sandbox"}),
    "channel": ('context.channel == "kiosk"', {"channel": "kiosk"}),
    "scene": ('context.scene == "transport"', {"scene": "transport"}),
    "purpose": ('context.purpose == "statistics"', {"purpose": "statistics"}),
    "matters": ('context.matters.contains("310101")', {"token": token(mandate_matters=("310101",))}),
    "fresh": ("!context.fresh", {"auth_time": 1}),
    "party": ('principal.kind == "operator"', {"party": PARTIES[2], "kind": "operator"}),
}


@pytest.mark.parametrize("name", _DIFFERENCES)
def test_requests_that_differ_in_what_a_policy_reads_are_not_taken_for_each_other(name: str) -> None:
    condition, difference = _DIFFERENCES[name]
    routes = RouteTable([resource("GET", "/cases/{number}", "case:read", "party", max_age_s=1000)])
    duties = {"op-009": frozenset({"audit"})}
    parties = tuple(party(each.id, each.kind, duties=duties) for each in PARTIES)
    known = replace(snapshot(parties=parties), routes=routes, policies=policies(7, **forbidding(condition)))
    usual: dict[str, Any] = {"auth_time": 500}
    assert authorization.check(walk(known, **usual)) is None
    changed = walk(known, **usual | difference)
    changed.now = 1500.0
    changed.auth_time = 1 if name == "fresh" else 1000
    refusal = authorization.check(changed)
    assert refusal is not None
    assert refusal.rule == "policy:7/another"
    assert authorization.check(walk(known, **usual)) is None


@pytest.mark.parametrize(("condition", "told_apart"), [('context.matter == "A"', True), ("context.officer", False)])
def test_matters_are_told_apart_only_where_a_policy_reads_them(condition: str, told_apart: bool) -> None:
    routes = RouteTable([resource("GET", "/matters/{code}", "matter:read", "party")])
    known = replace(snapshot(), routes=routes, policies=policies(7, **forbidding(condition)))
    walks = [walk(known, path=f"/matters/{code}") for code in ("A", "B")]
    results = [authorization.check(each) is None for each in walks]
    assert results == [not told_apart, True]
    assert (walks[0].facts is walks[1].facts) is not told_apart
    assert [each.facts.get("matter") for each in walks] == (["A", "B"] if told_apart else [None, None])


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.policies.engine._REMEMBERED", 3)
    wanted = policies(7)
    for number in range(5):
        wanted.decide(number, Facts())
    assert [wanted.recall(number) is not None for number in range(5)] == [False, False, True, True, True]


def test_a_walk_is_decided_by_the_version_of_its_snapshot_although_another_came_into_force() -> None:
    """Source: faults.md F105: a version swapped in the middle of a request."""
    old = snapshot(version=7)
    begun = walk(old)
    new = with_policies(old, policies(8, **forbidding("true")))
    assert authorization.check(walk(new)) is not None
    assert authorization.check(begun) is None
    assert begun.snapshot.policy_version == 7


@pytest.mark.parametrize(
    ("duties", "permission", "is_granted"),
    [
        ((), "party:approve", False),
        (("system",), "party:register", True),
        (("system",), "party:approve", False),
        (("system",), "policy:propose", False),
        (("security",), "party:approve", True),
        (("security",), "policy:propose", True),
        (("security",), "decision:read", False),
        (("audit",), "decision:read", True),
        (("audit",), "policy:propose", False),
        (("audit",), "party:read", True),
        (("audit", "system"), "client:manage", True),
        ((), "case:decide", False),
    ],
)
def test_operators_have_what_their_duty_is(duties: tuple[str, ...], permission: str, is_granted: bool) -> None:
    """三员分立."""
    facts = Facts(party=CONSOLE, kind="operator", permission=permission, route="GET /", audience="operator", officer=True, duties=duties)
    assert SEED.judge(facts).is_granted is is_granted


def test_duties_are_apart_and_an_operator_without_one_may_nothing() -> None:
    """Whatever an operator may do is the duty of one officer alone; all may look, and ask."""

    def granted(*duties: str) -> set[str]:
        asked = [Facts(party=CONSOLE, kind="operator", permission=each, route="GET /", officer=True, duties=duties) for each in Permission]
        return {facts.permission for facts in asked if SEED.judge(facts).is_granted}

    duties = {duty: granted(duty) for duty in ("system", "security", "audit")}
    for_all = set.intersection(*duties.values())
    assert not granted()
    assert for_all >= {"party:read", "resource:read", "decision:evaluate", "data-item:read", "scene:read", "sharing-list:read"}
    assert not any(each.endswith((":approve", ":register", ":propose", ":rotate", ":suspend")) for each in for_all)
    assert not duties["system"] & duties["security"] - for_all


def test_whatever_a_policy_may_refuse_as_has_an_answer() -> None:
    assert authorization._REFUSALS.keys() == REFUSALS


def test_a_text_that_cannot_be_read_does_not_take_the_place_of_one_that_can() -> None:
    """The snapshot before stays, because loading this one is a failure like that of the database."""
    assert rows_of_policies.build([]).version == 0
    with pytest.raises(Unavailable), capture_logs() as logs:
        rows_of_policies.build([{"version": 5, "files": {"a.cedar": "permit(principal, action, resource) whe {};"}}])
    assert [(entry["event"], entry["version"]) for entry in logs] == [("policies_not_readable", 5)]


async def test_every_recorded_decision_comes_out_the_same_when_it_is_made_again(city: City) -> None:
    """A random corpus under two versions, replayed from what would be on disk by freshly parsed texts."""
    chance = random.Random(5)
    versions = {7: policies(7), 8: policies(8, **forbidding("context.assurance > 2 && resource.grade == 1", "sign-on-too-old"))}
    asked: list[Callable[[], Any]] = []
    for _ in range(400):
        path = chance.choice(["/docs", "/matters", "/cases/1", "/wallet", "/parties"])
        method = "POST" if path == "/wallet" else "GET"
        acting = {"act": {"sub": PersonId.new()}, "mandate": {"id": MandateId.new(), "until": int(city.now) + 900, "matters": ["310101"]}}
        mandate = acting if chance.random() < 0.1 else {}
        claims = {"assurance": chance.randrange(5), "auth_time": int(city.now) - chance.randrange(600), **mandate}
        headers = city.bearer(APP, chance.choice([PERSON, PersonId.new(), None]), **claims) if chance.random() < 0.8 else {}
        asked.append(lambda method=method, path=path, headers=headers: city.call(method, path, headers))
    for number, ask in enumerate(asked):
        city.known = with_policies(city.known, versions[7 if number < 200 else 8])
        await ask()
    entered = [each for each in city.decisions if "authorisation" in each.rooms]
    assert len(entered) > 100
    assert {each.policy_version for each in entered} == {7, 8}
    assert len({each.rooms["authorisation"] for each in entered}) > 5
    again = {7: policies(7), 8: policies(8, **forbidding("context.assurance > 2 && resource.grade == 1", "sign-on-too-old"))}
    for decision in entered:
        facts = Facts.from_json(json.loads(json.dumps(decision.facts)))
        assert again[decision.policy_version].judge(facts).result == decision.rooms["authorisation"]


async def test_a_request_that_never_came_to_the_authorisation_has_no_facts(city: City) -> None:
    await city.call("GET", "/matters")
    assert city.decision.facts == {}


async def test_policies_read_the_channel_that_a_request_comes_through(city: City) -> None:
    """It is known to them, although whether it is open is judged by the last room only."""
    city.known = replace(city.known, policies=policies(7, **forbidding('context.channel == "app"', "permission-not-granted")))
    assert (await city.call("GET", "/matters", city.bearer())).problem()["room"] == "authorisation"
    assert (await city.signed(DISTRICT, "GET", "/matters")).status == 200
