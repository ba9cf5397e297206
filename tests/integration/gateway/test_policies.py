"""Policies through the control plane: proposed, approved, in force everywhere at once, previewed, and replayed from records."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.http.signatures import Message, sign
from contracts.events.gateway import PolicyChanged
from contracts.values import Id, OfficerId
from gateway.registry.bootstrap import load_policies, load_resources, policy_files
from gateway.registry.commands import policies as commands
from gateway.registry.snapshots import Snapshots
from gateway.registry.tables import decisions, policy_versions
from tests.integration.gateway.door import Behind, Door, gateway, register
from tests.support.clock import fixed_clock
from tests.support.eventually import eventually
from tests.support.service import private_key, published
from tests.support.wires import wire

FIRST, SECOND, AUDITOR = "op-002", "op-004", "op-003"
ROOT = Path(__file__).parents[3]


@pytest.fixture
async def office(door: Door) -> Door:
    """The door with every resource that is registered."""
    async with door.database.transaction() as session:
        await load_resources(session)

    async def is_known() -> bool:
        return (await door.signed("operator", "GET", "/policy-versions", officer=FIRST)).status_code == 200

    await eventually(is_known)
    return door


def closed_to_apps() -> dict[str, str]:
    """The seed, but apps may not read matters any more."""
    files = policy_files()
    files["app-backends.cedar"] = files["app-backends.cedar"].replace('Action::"matter:read",', "")
    return files


async def propose(door: Door, files: dict[str, str], officer: str = FIRST) -> httpx.Response:
    said = {"files": files, "note": "matters are read elsewhere"}
    return await door.signed("operator", "POST", "/policy-versions", officer=officer, said=said, key=f"propose-{Id.new()}")


async def approve(door: Door, version: int, officer: str = SECOND) -> httpx.Response:
    return await door.signed("operator", "POST", f"/policy-versions/{version}/approval", officer=officer)


async def in_force(door: Door, files: dict[str, str]) -> int:
    version = int((await propose(door, files)).json()["version"])
    assert (await approve(door, version)).status_code == 200
    return version


async def matters(door: Door, status: int) -> httpx.Response:
    """An app asks for the matters until it is answered so: within two seconds of the change."""

    async def asked() -> httpx.Response | None:
        answer = await door.call("GET", "/matters", door.bearer())
        return answer if answer.status_code == status else None

    answer = await eventually(asked, within=2)
    assert answer is not None
    return answer


async def test_a_version_is_in_force_within_two_seconds_of_its_approval_without_a_restart(office: Door) -> None:
    await matters(office, 200)
    proposed = await propose(office, closed_to_apps())
    assert proposed.status_code == 201, proposed.text
    assert (proposed.json()["version"], proposed.json()["state"], proposed.json()["based_on"]) == (2, "proposed", 1)
    await matters(office, 200)
    approved = await approve(office, 2)
    assert (approved.status_code, approved.json()["state"], approved.json()["approved_by"]) == (200, "in-force", SECOND)
    refused = await matters(office, 403)
    assert (refused.json()["code"], refused.json()["rule"]) == ("permission-not-granted", "policy:2")
    assert [event.version for event in await published(office.database, PolicyChanged)] == [1, 2]


async def test_a_roll_back_is_the_old_text_proposed_again(office: Door) -> None:
    await in_force(office, closed_to_apps())
    await matters(office, 403)
    old = (await office.signed("operator", "GET", "/policy-versions/1", officer=FIRST)).json()["files"]
    assert await in_force(office, old) == 3
    await matters(office, 200)
    listed = (await office.signed("operator", "GET", "/policy-versions", officer=FIRST)).json()["items"]
    assert [(each["version"], each["state"]) for each in listed] == [(3, "in-force"), (2, "replaced"), (1, "replaced")]
    assert listed[0]["digest"] == listed[2]["digest"]


async def test_the_officer_who_proposed_may_not_approve(office: Door) -> None:
    version = (await propose(office, closed_to_apps())).json()["version"]
    refused = await approve(office, version, FIRST)
    assert (refused.status_code, refused.json()["code"]) == (409, "same-officer-may-not-approve")
    await matters(office, 200)


async def test_a_proposal_that_others_overtook_is_proposed_anew(office: Door) -> None:
    stale = (await propose(office, policy_files() | {"levels.cedar": policy_files()["levels.cedar"] + "\n// more\n"})).json()["version"]
    await in_force(office, closed_to_apps())
    refused = await approve(office, stale)
    assert (refused.status_code, refused.json()["code"]) == (409, "policy-version-overtaken")
    withdrawn = await office.signed("operator", "POST", f"/policy-versions/{stale}/withdrawal", officer=FIRST)
    assert withdrawn.json()["state"] == "withdrawn"
    assert (await approve(office, stale)).json()["code"] == "policy-version-not-proposed"


async def test_of_many_approvals_at_once_one_version_is_in_force(office: Door) -> None:
    versions = [(await propose(office, closed_to_apps())).json()["version"] for _ in range(3)]
    answers = await asyncio.gather(*(approve(office, version) for version in versions))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_a_text_with_faults_is_refused_with_their_places(office: Door) -> None:
    files = policy_files()
    files["levels.cedar"] = files["levels.cedar"].replace("!context.fresh", "!context.fesh")
    refused = await propose(office, files)
    assert (refused.status_code, refused.json()["code"]) == (422, "policy-text-not-acceptable")
    line = next(number for number, text in enumerate(files["levels.cedar"].splitlines(), 1) if text.startswith('@id("sign-on-age")'))
    [fault] = refused.json()["faults"]
    assert (fault["file"], fault["line"], fault["policy"]) == ("levels.cedar", line, "sign-on-age")
    assert "fesh" in fault["message"]


async def test_a_text_that_decides_its_cases_otherwise_is_refused(office: Door) -> None:
    files = policy_files()
    files["app-backends.cedar"] = files["app-backends.cedar"].replace('Action::"case:submit",', "")
    refused = await propose(office, files)
    assert (refused.status_code, refused.json()["faults"][0]["file"]) == (422, "policy_cases.json")


@pytest.mark.parametrize(
    "said", [{}, {"files": {}, "note": "x"}, {"files": {"../x.cedar": ""}, "note": "x"}, {"files": {"a.cedar": 1}, "note": "x"}]
)
async def test_what_is_no_proposal_is_refused(office: Door, said: dict[str, Any]) -> None:
    answer = await office.signed("operator", "POST", "/policy-versions", officer=FIRST, said=said, key="x")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_a_text_can_be_read_as_sentences(office: Door) -> None:
    said = (await office.signed("operator", "GET", "/policy-versions/1", officer=FIRST)).json()
    sentence = next(each for each in said["sentences"] if each["id"] == "assurance")
    assert (sentence["effect"], sentence["refuses"], sentence["file"]) == ("forbid", "assurance-too-low", "levels.cedar")
    assert sentence["zh"] in said["files"]["levels.cedar"]
    missing = await office.signed("operator", "GET", "/policy-versions/77", officer=FIRST)
    assert (missing.status_code, missing.json()["code"]) == (404, "policy-version-not-found")


async def test_a_preview_names_the_decisions_that_would_change(office: Door) -> None:
    allowed = await matters(office, 200)
    await office.decision(allowed)
    version = (await propose(office, closed_to_apps())).json()["version"]
    answer = await office.signed("operator", "POST", f"/policy-versions/{version}/preview", officer=SECOND, said={"last": 100})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    mine = next(each for each in said["changes"] if each["request_id"] == allowed.headers["request-id"])
    assert (mine["route"], mine["recorded"], mine["would_be"]) == ("GET /matters", "granted", f"refused: policy:{version}")
    assert all(each["route"] == "GET /matters" for each in said["changes"])
    assert said["decisions"] > said["changed"]


async def explain(door: Door, request_id: str, query: str = "") -> dict[str, Any]:
    path, said = f"/decisions/{request_id}/explanation", {"tongban-operator": AUDITOR}
    message = Message("GET", f"127.0.0.1:{door.settings.listen_port}", path, query, said, b"")
    signature = sign(message, private_key("party"), key_id=door.parties["operator"], created=int(time.time()))
    answer = await door.client.get(f"{path}?{query}" if query else path, headers=said | signature)
    assert answer.status_code == 200, answer.text
    explained: dict[str, Any] = answer.json()
    return explained


async def test_a_recorded_decision_is_made_again_by_any_version(office: Door) -> None:
    allowed = await matters(office, 200)
    await office.decision(allowed)
    version = await in_force(office, closed_to_apps())
    request = allowed.headers["request-id"]
    same = await explain(office, request)
    assert (same["is_equal"], same["replayed"]["policy_version"], same["replayed"]["result"]) == (True, 1, "granted")
    assert [each["id"] for each in same["replayed"]["policies"]] == ["app-backends"]
    other = await explain(office, request, f"policy_version={version}")
    assert (other["is_equal"], other["replayed"]["result"], other["replayed"]["policies"]) == (False, f"refused: policy:{version}", [])
    assert other["recorded"]["rooms"]["authorisation"] == "granted"


async def test_a_decision_is_made_again_by_a_version_that_reads_of_which_matter_it_was(office: Door) -> None:
    answers = [await office.call("GET", f"/matters/{code}", office.bearer()) for code in ("310101", "310102")]
    assert [answer.status_code for answer in answers] == [200, 200]
    await office.decision(answers[1])
    closed = (
        '@id("closed-matter") @zh("停办。") @en("Closed.") @refuses("permission-not-granted") '
        'forbid (principal, action == Action::"matter:read", resource) when { context.matter == "310101" };'
    )
    case = {"policy": "closed-matter", "who": {"kind": "app"}, "what": {"action": "matter:read", "audience": "party"}}
    cases = [{**case, "expect": "deny", "context": {"matter": "310101"}}, {**case, "expect": "allow"}]
    version = await in_force(office, policy_files() | {"closed.cedar": closed, "closed_cases.json": json.dumps(cases)})
    explained = [await explain(office, each.headers["request-id"], f"policy_version={version}") for each in answers]
    assert [each["replayed"]["result"] for each in explained] == [f"refused: policy:{version}/closed-matter", "granted"]


async def test_an_unknown_decision_and_one_that_was_never_authorised(office: Door) -> None:
    missing = await office.signed("operator", "GET", f"/decisions/{Id.new()}/explanation", officer=AUDITOR)
    assert (missing.status_code, missing.json()["code"]) == (404, "decision-not-found")
    stranger = await office.call("GET", "/matters")
    await office.decision(stranger)
    said = await explain(office, stranger.headers["request-id"])
    assert (said["replayed"], said["is_equal"], said["recorded"]["refused_by"]) == (None, None, "access")


async def test_every_record_of_a_busy_hour_comes_out_the_same(office: Door) -> None:
    for path in ("/matters", "/persons/me", "/parties", "/resources", "/openapi.json", "/nothing"):
        for headers in ({}, office.bearer(), office.signature("district", "GET", path), office.signature("operator", "GET", path)):
            await office.call("GET", path, headers)
    last = await office.call("GET", "/matters", office.bearer())
    await office.decision(last)
    async with office.database.reading() as session:
        recorded = (await session.execute(sa.select(decisions.c.request_id).where(decisions.c.body.contains('"facts":{')))).scalars().all()
    assert len(recorded) >= 12
    assert [request for request in recorded if (await explain(office, request))["is_equal"] is not True] == []


async def test_the_command_explains_as_the_control_plane_does(office: Door) -> None:
    allowed = await matters(office, 200)
    await office.decision(allowed)
    version = await in_force(office, closed_to_apps())
    request = allowed.headers["request-id"]
    code, said = await command(office, request)
    assert (code, json.loads(said)) == (0, await explain(office, request))
    code, said = await command(office, request, "--policy-version", str(version))
    assert (code, json.loads(said)["is_equal"]) == (1, False)
    assert (await command(office, str(Id.new())))[0] == 2


async def command(door: Door, *arguments: str) -> tuple[int | None, str]:
    environment = {**os.environ, "GATEWAY_DATABASE_URL": door.database.url}
    said = (sys.executable, "-m", "gateway.registry", "explain", *arguments)
    process = await asyncio.create_subprocess_exec(*said, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def test_a_start_loads_a_changed_text_of_the_release_but_not_over_that_of_officers(database_of: Callable[[str], Database]) -> None:
    database, at = database_of("gateway.registry"), fixed_clock().now()
    changed = closed_to_apps()
    async with database.transaction() as session:
        await load_policies(session, at)
        await load_policies(session, at)
        await commands.release(session, changed, at=at)
    assert await states(database) == [(1, "replaced"), (2, "in-force")]
    async with database.transaction() as session:
        await commands.propose(session, policy_files() | {"notes_cases.json": "[]"}, "x", by=OfficerId("op-001"), at=at)
        await commands.approve(session, 3, by=OfficerId("op-002"), at=at)
        await commands.release(session, changed, at=at)
        await load_policies(session, at)
    assert await states(database) == [(1, "replaced"), (2, "replaced"), (3, "in-force"), (4, "proposed")]


async def states(database: Database) -> list[tuple[int, str]]:
    async with database.reading() as session:
        rows = await session.execute(sa.select(policy_versions.c.version, policy_versions.c.state).order_by(policy_versions.c.version))
        return [(row.version, row.state) for row in rows]


async def test_what_was_decided_is_remembered_until_something_changes(office: Door) -> None:
    snapshots = Snapshots(office.database, poll_s=30)
    await snapshots.load()
    first = snapshots.current()
    await snapshots.load()
    assert snapshots.current() is first
    await in_force(office, closed_to_apps())
    await snapshots.load()
    assert (first.policy_version, snapshots.current().policy_version) == (1, 2)


async def test_with_the_control_plane_s_database_away_the_last_version_goes_on_deciding(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, behind: Behind
) -> None:
    direct = database_of("gateway.registry")
    parties = await register(direct)
    async with wire(int(direct.url.rpartition(":")[2].partition("/")[0])) as between:
        database = Database(direct.url.replace(direct.url.rpartition(":")[2].partition("/")[0], str(between.port)))
        async with gateway(database, tmp_path, upstream, parties=parties) as door:
            await matters(door, 200)
            between.cut()
            assert (await matters(door, 200)).status_code == 200
            refused = await door.call("POST", "/cases/1/decision", door.bearer())
            assert (refused.status_code, refused.json()["rule"]) == (403, "policy:1")
            between.mend()
        await database.close()
