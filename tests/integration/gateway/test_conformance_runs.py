"""Production opens to who has shown how its system behaves, and to nobody who only says so."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from chassis.database import Database
from contracts.values import PartyId
from deploy.kit import pass_kit
from deploy.kit.running import meet
from deploy.local.install import ROOT
from tests.integration.gateway.door import Behind, Door, gateway, register
from tests.support.districts import FAULTS, OddDistrict
from tests.support.eventually import eventually
from tests.support.service import private_key


def _jwk(name: str) -> dict[str, Any]:
    key = ECKey.import_key(private_key(name))
    return {**key.as_dict(private=False), "kid": key.thumbprint()}


async def _testing(door: Door, name: str, kind: str = "district") -> PartyId:
    """A party that has been approved; its sandbox key and its production key are named after it."""
    said = {"name": name, "kind": kind, "jwks": [_jwk(f"{name} sandbox")], "production_jwks": [_jwk(f"{name} production")]}
    applied = await door.officer("op-001", "POST", "/parties", said, key=name)
    assert applied.status_code == 201, applied.text
    party = PartyId(applied.json()["id"])
    assert (await door.officer("op-002", "POST", f"/parties/{party}/approval")).json()["status"] == "testing"
    door.parties[name] = party

    async def is_known() -> bool:
        return (await _asked(door, name)).status_code == 200

    await eventually(is_known)
    return party


async def _asked(door: Door, name: str, environment: str = "sandbox") -> Any:
    return await door.signed(name, "GET", "/matters", by=private_key(f"{name} {environment}"))


async def _opened(door: Door, party: PartyId) -> Any:
    return await door.officer("op-002", "POST", f"/parties/{party}/production")


def _pem(name: str) -> bytes:
    return private_key(f"{name} sandbox")


async def test_from_an_application_to_the_first_call_in_production(door: Door, behind: Behind) -> None:
    party = await _testing(door, "qingpu")
    tried = await _asked(door, "qingpu")
    assert (tried.status_code, tried.headers["sandbox"], behind.asked) == (200, "true", [])
    early = await _asked(door, "qingpu", "production")
    assert (early.status_code, early.json()["code"]) == (403, "party-not-active")

    refused = await _opened(door, party)
    assert (refused.status_code, refused.json()["code"], refused.json()["failing"]) == (409, "conformance-not-shown", [])
    url = str(door.client.base_url)
    wrong = await pass_kit(url, party, _pem("qingpu"), OddDistrict(party, _pem("qingpu"), "forgets a receipt"))
    assert list(wrong.failing) == ["receipt-in-time"]
    refused = await _opened(door, party)
    assert (refused.status_code, refused.json()["failing"]) == (409, ["receipt-in-time"])

    right = await pass_kit(url, party, _pem("qingpu"), OddDistrict(party, _pem("qingpu")))
    assert (right.passed, right.failing) == (True, {})
    assert right.seconds < 10
    assert (await _opened(door, party)).json()["status"] == "active"

    async def is_served() -> bool:
        return (await _asked(door, "qingpu", "production")).status_code == 200

    await eventually(is_served)
    assert [path for _, path, *_ in behind.asked] == ["/matters"]
    seen = (await door.officer("op-002", "GET", f"/parties/{party}/conformance-runs")).json()["items"]
    assert [(run["state"], [each["id"] for each in run["failing"]]) for run in seen] == [("failed", ["receipt-in-time"]), ("passed", [])]


async def _begun(door: Door, name: str, key: str) -> Any:
    return await door.signed(name, "POST", "/conformance-runs", key=key, by=_pem(name))


async def _reported(door: Door, name: str, run: str, said: Any, key: str) -> Any:
    return await door.signed(name, "POST", f"/conformance-runs/{run}/report", said=said, key=key, by=_pem(name))


async def test_what_a_kit_says_of_itself_decides_nothing(door: Door) -> None:
    party = await _testing(door, "qingpu")
    begun = (await _begun(door, "qingpu", "begin-1")).json()
    assert (await _begun(door, "qingpu", "begin-1")).json() == begun, "the same key, the same run"
    system = OddDistrict(party, _pem("qingpu"), "ignores 429")
    said = (await meet(begun, _pem("qingpu"), system=system, within_s=30)).model_dump(mode="json")
    assert [each["check"] for each in said["outcomes"] if each["reason"]] == ["retry-after-429"]
    busy = next(at for at, each in enumerate(said["exchanges"]) if each["play"] == "busy")

    def changed(at: int, **more: Any) -> dict[str, Any]:
        return said | {"exchanges": [each | more if number == at else each for number, each in enumerate(said["exchanges"])]}

    later = said["exchanges"][busy]["at_ms"] + 5000
    forged = {
        "there was no 429": changed(busy, play="answered", status=200),
        "the times go back": changed(busy, at_ms=later, answered_ms=later),
        "a request is left out": said | {"exchanges": said["exchanges"][1:]},
        "of another run": said | {"seed": "another"},
        "of another kind": said | {"kind": "department"},
    }
    for name, each in forged.items():
        answer = await _reported(door, "qingpu", begun["id"], each, f"forged {name}".replace(" ", "-"))
        assert (answer.status_code, answer.json()["code"]) == (422, "conformance-transcript-not-genuine"), name
    refused = {
        "unknown": said | {"more": 1},
        "long": said | {"exchanges": said["exchanges"] * 50},
        "nul": said | {"outcomes": [{"check": "nonce-once", "reason": "\0"}]},
        "nul-in-a-path": changed(busy, path="/\0"),
        "nul-in-a-header": changed(busy, headers={"host": "\0"}),
        "nul-in-a-form": changed(busy, form={"a": "\0"}),
    }
    for name, each in refused.items():
        answer = await _reported(door, "qingpu", begun["id"], each, name)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request"), name

    await _testing(door, "jiading")
    stranger = await _reported(door, "jiading", begun["id"], said, "of-a-stranger")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "conformance-run-not-found")

    praised = said | {"outcomes": [each | {"reason": ""} for each in said["outcomes"]]}
    ended = await _reported(door, "qingpu", begun["id"], praised, "the-report")
    assert (ended.json()["state"], [each["id"] for each in ended.json()["failing"]]) == ("failed", ["retry-after-429"])
    assert (await _reported(door, "qingpu", begun["id"], praised, "the-report")).json() == ended.json(), "a retry is told the same"
    again = await _reported(door, "qingpu", begun["id"], said, "once-more")
    assert (again.status_code, again.json()["code"]) == (409, "conformance-run-ended")
    own = await door.signed("qingpu", "GET", f"/conformance-runs/{begun['id']}", by=_pem("qingpu"))
    assert own.json() == ended.json()


async def test_a_transcript_signed_by_another_key_is_no_pass(door: Door) -> None:
    """The whole conversation of a right system, but of somebody else's."""
    party = await _testing(door, "qingpu")
    begun = (await _begun(door, "qingpu", "begin")).json()
    said = await meet(begun, private_key("jiading sandbox"), system=OddDistrict(party, private_key("jiading sandbox")), within_s=30)
    assert not [each for each in said.outcomes if each.reason], "its own kit finds nothing"
    ended = await _reported(door, "qingpu", begun["id"], said.model_dump(mode="json"), "report")
    assert [each["id"] for each in ended.json()["failing"]] == ["signature-key"]


@pytest.fixture
async def hasty_door(database_of: Callable[[str], Database], tmp_path: Path, upstream: str) -> AsyncIterator[Door]:
    """Runs are over as soon as they begin, and a day has two."""
    database = database_of("gateway.registry")
    parties, settings = await register(database), {"conformance_run_s": 0, "conformance_runs_a_day": 2}
    async with gateway(database, tmp_path, upstream, parties=parties, **settings) as running:
        yield running


async def test_a_run_is_good_for_its_time(hasty_door: Door) -> None:
    party = await _testing(hasty_door, "qingpu")
    begun = (await _begun(hasty_door, "qingpu", "begin")).json()
    said = {"seed": begun["seed"], "kind": "district", "kit_version": "1", "exchanges": [], "outcomes": []}
    late = await _reported(hasty_door, "qingpu", begun["id"], said, "report")
    assert (late.status_code, late.json()["code"]) == (409, "conformance-run-expired")
    assert (await _begun(hasty_door, "qingpu", "one-more")).status_code == 201
    third = await _begun(hasty_door, "qingpu", "too-many")
    assert (third.status_code, third.json()["code"]) == (409, "conformance-runs-used-up")
    assert (await _opened(hasty_door, party)).status_code == 409


async def test_who_has_shown_nothing_is_told_everything_that_is_missing(door: Door) -> None:
    await _testing(door, "qingpu")
    begun = (await _begun(door, "qingpu", "begin")).json()
    said = {"seed": begun["seed"], "kind": "district", "kit_version": "1", "exchanges": [], "outcomes": []}
    ended = (await _reported(door, "qingpu", begun["id"], said, "report")).json()
    assert ended["state"] == "failed"
    assert {"receipt-in-time", "retry-after-429", "retry-after-503", "two-officers"} <= {each["id"] for each in ended["failing"]}
    assert all(each["zh"] and each["en"] and each["reason"] for each in ended["failing"])


@pytest.mark.parametrize(("fault", "status"), [("", 0), ("has one nonce", 1)])
async def test_the_kit_is_a_command_for_systems_of_any_make(door: Door, tmp_path: Path, fault: str, status: int) -> None:
    """A process of its own, told where to listen, that says what it found and ends by a status."""
    party = await _testing(door, "qingpu")
    (tmp_path / "key.pem").write_bytes(_pem("qingpu"))
    said = ("--gateway", str(door.client.base_url), "--party", party, "--key", str(tmp_path / "key.pem"), "--listen", "127.0.0.1:0")
    kit = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.kit", "run", *said, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert kit.stdout is not None
    url = (await kit.stdout.readline()).decode().split()[-1]
    await OddDistrict(party, _pem("qingpu"), fault)(url)
    out, errors = await kit.communicate()
    assert kit.returncode == status, out.decode() + errors.decode()
    failed = [line.split()[1] for line in out.decode().splitlines() if line.startswith("✗")]
    assert failed == ([FAULTS[fault]] if fault else [])


async def test_a_kit_without_a_gateway_says_so(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(_pem("qingpu"))
    said = ("--gateway", "http://127.0.0.1:9", "--party", PartyId.new(), "--key", str(tmp_path / "no.pem"))
    kit = await asyncio.create_subprocess_exec(sys.executable, "-m", "deploy.kit", "run", *said, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    _, errors = await kit.communicate()
    assert kit.returncode == 2
    assert errors.startswith(b"kit: ")
