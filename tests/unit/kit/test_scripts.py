"""Scripts, checks and transcripts as values: no door, no clock."""

from typing import Any

import pytest

from contracts.api.gateway import Exchange
from contracts.values import CaseNumber, CreditCode, PartyId
from deploy.local.install import ROOT
from gateway.registry.domain.conformance import TranscriptIsNotGenuine, Trial, checks_for, judge, manners, script_of
from gateway.registry.domain.conformance.scripts import agency
from gateway.registry.domain.conformance.stages import Asked, DistrictStage, WritingStage

KINDS = ("district", "department", "app")
PARTY = PartyId.new()


def exchange(at_ms: int, method: str = "GET", path: str = "/dispatches", **more: Any) -> Exchange:
    said = {"at_ms": at_ms, "answered_ms": at_ms, "method": method, "path": path, "play": "answered", "status": 200}
    return Exchange.model_validate(said | more)


def write(at_ms: int, key: str = "k", body: str = "0" * 64, **more: Any) -> Exchange:
    return exchange(at_ms, "POST", more.pop("path", "/deposits"), headers={"idempotency-key": key}, body_sha256=body, **more)


def found(*exchanges: Exchange) -> dict[str, str]:
    return manners.found(exchanges)


def test_a_seed_is_a_script_and_another_seed_another() -> None:
    assert script_of("a") == script_of("a")
    assert len({script_of(str(seed)).cases for seed in range(50)}) == 50
    assert len({tuple(each.role for each in script_of(str(seed)).cases) for seed in range(50)}) > 20
    assert CreditCode(agency()).division == "319999", "a place that does not exist"
    for case in script_of("a").cases:
        assert CaseNumber(case.number).task_code.agency == agency()


@pytest.mark.parametrize("kind", KINDS)
def test_every_check_has_a_name_that_stays_and_a_sentence_in_both_languages(kind: str) -> None:
    checks = checks_for(kind)
    assert len({each.id for each in checks}) == len(checks) >= 12
    for each in checks:
        assert each.id.replace("-", "").isalnum()
        assert any("\u4e00" <= character <= "\u9fff" for character in each.zh)
        assert each.en.isascii()


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_shows_nothing_fails_and_whoever_runs_out_of_time_is_not_believed(kind: str) -> None:
    trial = Trial(kind, "seed", PARTY, {}, (), 0, 1000)
    assert {"retry-after-429", "retry-after-503", "refusal-final"} <= judge(trial).keys()
    late = Trial(kind, "seed", PARTY, {}, (exchange(2000, path="/matters"),), 0, 1000)
    with pytest.raises(TranscriptIsNotGenuine):
        judge(late)


def test_the_feed_shows_each_case_once_one_twice_and_the_grown_one_alone() -> None:
    script = script_of("seed")
    stage = DistrictStage(script)
    pages, after = [], 0
    while page := stage.page(after):
        pages.append([number for _, number, _ in page])
        after = page[-1][0]
    shown = [number for page in pages for number in page]
    assert pages[-1] == [script.number_of("grown")]
    assert sorted(shown) == sorted([*(each.number for each in script.cases), script.number_of("twice")])


def test_whoever_forgets_one_case_meets_everything_all_the_same() -> None:
    script = script_of("seed")
    for forgotten in script.cases:
        stage = DistrictStage(script)
        met = [
            stage.meet(Asked(0, "POST", f"/cases/{each.number}/acceptance", "", "", each.number, "qx-001")).play
            for each in script.cases
            if each != forgotten
        ]
        assert {"lost", "down", "refused"} <= set(met)


def test_after_a_429_nothing_passes_before_its_time() -> None:
    stage = DistrictStage(script_of("seed"))
    statuses = [
        stage.meet(Asked(at, "GET", path, "", "", "", "")).status
        for at, path in ((0, "/dispatches"), (10, "/dispatches"), (20, "/ratings/tasks"), (1009, "/dispatches"), (1010, "/dispatches"))
    ]
    assert statuses == [200, 429, 429, 429, 200]


@pytest.mark.parametrize(
    ("again_at", "is_fine"), [(10, False), (900, False), (1000, True), (5000, True)], ids=["at once", "early", "in time", "late"]
)
def test_the_same_request_waits_for_the_end_of_a_429(again_at: int, is_fine: bool) -> None:
    told = found(exchange(0, play="busy", status=429), exchange(again_at, play="busy" if again_at < 1000 else "answered"))
    assert ("retry-after-429" not in told) == is_fine


@pytest.mark.parametrize(("at", "is_fine"), [(100, True), (300, False)], ids=["on its way", "told"])
def test_another_request_may_have_been_on_its_way(at: int, is_fine: bool) -> None:
    told = found(exchange(0, play="busy", status=429), exchange(at, path="/ratings/tasks", play="busy", status=429))
    assert ("retry-after-429" not in told) == is_fine


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (write(200), ""),
        (write(200, "another"), "another key"),
        (write(200, body="1" * 64), "another body"),
        (write(200, "another", "1" * 64), "not sent again"),
        (write(200, path="/elsewhere"), "not sent again"),
    ],
)
def test_what_was_lost_is_sent_again_as_it_was(second: Exchange, reason: str) -> None:
    told = found(write(0, play="lost", status=0), second).get("retry-same-request", "")
    assert reason in told
    assert bool(reason) == bool(told)


def test_a_refusal_is_final_for_the_same_officer_only() -> None:
    first = write(0, play="refused", status=409)
    assert "refusal-final" not in found(first, write(100, path="/elsewhere"))
    assert "sent again" in found(first, write(100, "another"))["refusal-final"]
    other = write(100)
    other.headers["tongban-operator"] = "qx-002"
    assert "refusal-final" not in found(first, other)


@pytest.mark.parametrize(
    ("query", "is_personal"),
    [
        ("q=110101199003074477", True),
        ("q=11010119900307447%37", True),
        ("q=110101199003074478", False),
        ("phone=13900000001", True),
        (f"after={'1' * 19}.1", False),
        (f"case={script_of('seed').cases[0].number}", False),
    ],
)
def test_identity_and_phone_numbers_are_found_in_queries(query: str, is_personal: bool) -> None:
    assert ("no-personal-query" in found(exchange(0, query=query))) == is_personal


def test_a_write_that_is_owed_keeps_the_run_open() -> None:
    script = script_of("seed")
    stage = WritingStage(script)
    for number in range(5):
        stage.meet(Asked(number * 5000, "POST", "/deposits", "", f"{number}", f"{number}", ""))
    assert not stage.is_over
    for number in range(5):
        stage.meet(Asked(30_000 + number, "POST", "/deposits", "", f"{number}", f"{number}", ""))
    assert stage.is_over


def test_the_guide_for_integrators_says_what_is_checked() -> None:
    guide = (ROOT / "docs" / "onboarding.md").read_text()
    for kind in KINDS:
        for each in checks_for(kind):
            assert f"`{each.id}`" in guide
            assert f"{each.zh}<br>{each.en}" in guide
