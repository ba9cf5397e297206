"""Policies as text: what is wrong with one is named with its place, and no text comes into force untried."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.errors import ServiceError
from contracts.permissions import Permission
from contracts.values import OfficerId
from deploy.conformance.decisions import with_fixture
from gateway.policies import Policies, text
from gateway.policies.questions import plain, type_name
from gateway.registry.bootstrap import policy_files
from gateway.registry.domain.policies import (
    PolicyTextIsNotAcceptable,
    PolicyVersion,
    PolicyVersionIsNotProposed,
    PolicyVersionIsOvertaken,
    SameOfficerMayNotApprovePolicies,
    check_text,
)

AT = datetime(2026, 11, 26, tzinfo=UTC)
FIRST, SECOND = OfficerId("op-001"), OfficerId("op-002")
GOOD = """// 注释; comment with a semicolon; and "quotes"
@id("read-all")
@zh("都可以读; 真的")
@en("All may read; yes.")
permit (principal is Party, action == Action::"matter:read", resource is Route)
when { principal.kind != ";" };
"""


def faults(files: dict[str, str]) -> list[dict[str, Any]]:
    with pytest.raises(PolicyTextIsNotAcceptable) as refused:
        check_text(1, files)
    found: list[dict[str, Any]] = refused.value.extensions["faults"]
    return found


def test_the_seed_is_acceptable_and_each_of_its_policies_can_be_read_out() -> None:
    policies = check_text(1, policy_files())
    assert all(policy.zh and policy.en and policy.zh.endswith("。") and policy.en.endswith(".") for policy in policies.texts.values())
    assert list(policies.texts)[:2] == ["anybody", "app-backends"]


def test_the_seed_with_the_fixture_of_the_suite_is_acceptable() -> None:
    policies = check_text(1, with_fixture(policy_files()))
    assert sorted(policies.entities) == ["Record", "User"]


def test_a_statement_is_found_with_its_line_whatever_its_comments_and_texts_hold() -> None:
    policies, wrong = text.read({"a.cedar": GOOD + "\n" + GOOD.replace("read-all", "read-more")})
    assert wrong == ()
    assert [(policy.id, policy.line, policy.zh) for policy in policies] == [
        ("read-all", 2, "都可以读; 真的"),
        ("read-more", 9, "都可以读; 真的"),
    ]


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        (GOOD.replace("when {", "whe {"), 6, "whe"),
        (GOOD.replace(";\n", "\n", 9), 2, ""),
        (GOOD.replace("permit", "permt"), 5, "permt"),
        (GOOD.replace('@id("read-all")', '@id("Read All")'), 2, "@id"),
        (GOOD.replace('@id("read-all")\n', ""), 2, "@id"),
        (GOOD.replace('@en("All may read; yes.")', ""), 2, "@en"),
        (GOOD.replace('@en("All may read; yes.")', '@en("都")'), 2, "@en"),
        (GOOD.replace("permit", '@refuses("assurance-too-low") permit'), 2, "only a forbid"),
        (GOOD.replace("permit", "forbid"), 2, "@refuses"),
        (GOOD.replace("permit", '@refuses("whatever") forbid'), 2, "@refuses"),
        (GOOD.replace("principal is Party", "principal == ?principal"), 2, "template"),
        (GOOD + GOOD, 8, "another policy"),
        (GOOD.replace("principal.kind", "principal.kin"), 2, "`kin`"),
        (GOOD.replace("matter:read", "matter:devour"), 2, "matter:devour"),
        (GOOD.replace('!= ";"', "> 3"), 2, "type"),
    ],
    ids=[
        "keyword", "unfinished", "effect", "bad id", "no id", "no english", "english in chinese", "permit refuses",
        "forbid says not what", "forbid says nonsense", "template", "twice", "unknown attribute", "unknown permission", "wrong type",
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(wrong: str, line: int, said: str) -> None:
    files = policy_files() | {"mine.cedar": wrong}
    found = faults(files)
    assert (found[0]["file"], found[0]["line"]) == ("mine.cedar", line)
    assert said in found[0]["message"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("more.cedarschema", "entity X { a: Strin };", "Strin"),
        ("notes.txt", "x", "not a file"),
        ("more_cases.json", "{", "JSONDecodeError"),
        ("more_cases.json", '[{"policy": "anybody"}]', "KeyError"),
        ("more_cases.json", '[{"policy": "anybody", "expect": "maybe", "who": {}, "what": {"action": "x"}}]', "ValueError"),
        ("more_cases.json", '[{"policy": "nobody", "expect": "deny", "who": {}, "what": {"action": "x"}}]', "no such policy"),
        ("more_cases.json", '[{"policy": "anybody", "expect": "allow", "who": {}, "what": {"action": "case:read"}}]', "deny by no policy"),
    ],
)
def test_files_beside_the_policies_are_tried_as_well(name: str, content: str, said: str) -> None:
    assert said in faults(policy_files() | {name: content})[0]["message"]


@pytest.mark.parametrize("content", ["[]", '{"user": []}', '{"user": {"a": 1}}', "{"])
def test_entities_that_cannot_be_read_are_refused(content: str) -> None:
    with pytest.raises(PolicyTextIsNotAcceptable):
        check_text(1, policy_files() | {"more_entities.json": content})


@pytest.mark.parametrize("expect", ["allow", "deny"])
def test_a_policy_without_a_case_for_either_outcome_is_refused(expect: str) -> None:
    files = policy_files()
    cases = [each for each in json.loads(files["policy_cases.json"]) if (each["policy"], each["expect"]) != ("assurance", expect)]
    found = faults(files | {"policy_cases.json": json.dumps(cases)})
    assert [(each["policy"], each["file"], each["message"]) for each in found] == [
        ("assurance", "levels.cedar", f"no case expects {expect}")
    ]


def test_a_change_that_breaks_a_case_is_refused() -> None:
    files = policy_files()
    files["levels.cedar"] = files["levels.cedar"].replace(
        "context.assurance < resource.assurance", "context.assurance > resource.assurance"
    )
    assert {each["policy"] for each in faults(files)} >= {"assurance"}


def test_more_policies_than_can_be_read_are_refused() -> None:
    many = "\n".join(GOOD.replace("read-all", f"read-{number}") for number in range(501))
    assert "policies" in faults({"mine.cedar": many})[0]["message"]


def test_every_permission_that_exists_can_be_named_by_a_text() -> None:
    texts = {name: said for name, said in policy_files().items() if name.endswith(".cedarschema")}
    named = ", ".join(f'Action::"{permission}"' for permission in Permission)
    said = GOOD.replace('action == Action::"matter:read"', f"action in [{named}]")
    expected = [({}, "allow"), ({"kind": ";"}, "deny")]
    cases = [{"policy": "read-all", "expect": expect, "who": who, "what": {"action": "case:read"}} for who, expect in expected]
    assert list(check_text(1, texts | {"mine.cedar": said, "my_cases.json": json.dumps(cases)}).texts) == ["read-all"]


def version(**more: Any) -> PolicyVersion:
    return PolicyVersion(
        **{"version": 2, "files": {}, "state": "proposed", "note": "", "proposed_at": AT, "based_on": 1, "proposed_by": FIRST} | more
    )


def test_another_officer_brings_a_version_into_force() -> None:
    approved = version().approve(by=SECOND, at=AT, in_force=1)
    assert (approved.state, approved.approved_by, approved.loaded_at) == ("in-force", SECOND, AT)


@pytest.mark.parametrize(
    ("known", "by", "in_force", "refusal"),
    [
        (version(), FIRST, 1, SameOfficerMayNotApprovePolicies),
        (version(), SECOND, 3, PolicyVersionIsOvertaken),
        (version(state="in-force"), SECOND, 1, PolicyVersionIsNotProposed),
        (version(state="withdrawn"), SECOND, 1, PolicyVersionIsNotProposed),
    ],
)
def test_a_version_does_not_come_into_force_otherwise(
    known: PolicyVersion, by: OfficerId, in_force: int, refusal: type[ServiceError]
) -> None:
    with pytest.raises(refusal):
        known.approve(by=by, at=AT, in_force=in_force)


def test_only_a_proposal_can_be_withdrawn() -> None:
    assert version().withdraw().state == "withdrawn"
    with pytest.raises(PolicyVersionIsNotProposed):
        version(state="in-force").withdraw()


def test_what_policies_cannot_compare_is_missing() -> None:
    said = {"a": 1.5, "b": None, "c": True, "d": ["x", 2.5], "e": {"f": None, "g": 1}, "__entity": {"type": "Party", "id": "x"}}
    assert plain(said) == {"c": True, "d": ["x"], "e": {"g": 1}}


@pytest.mark.parametrize(("said", "name"), [("route", "Route"), ("data-item", "DataItem"), ("certificate_type", "CertificateType")])
def test_types_outside_are_names_of_entities(said: str, name: str) -> None:
    assert type_name(said) == name


def test_a_text_with_faults_is_never_decided_by() -> None:
    with pytest.raises(ValueError, match=r"mine\.cedar:6"):
        Policies(1, {"mine.cedar": GOOD.replace("when {", "whe {")})
