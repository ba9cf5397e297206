"""What each module asks of the decision point and what it must be answered, by plan and by the module's name.

The fixture: alice may read and write what is not archived and delete softly; bob, an admin, may read, and write what is
archived. Source: AuthZEN Authorization API 1.0 and the working group's certification scenario.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Final

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """`body` is sent as it is when it is bytes. Of what is expected only what is given is looked at: `decision` of one
    evaluation, `decisions` of several, `results` that are at least among those found, `only` them where they are all.
    """

    body: Any
    status: int = 200
    method: str = "POST"
    content_type: str = "application/json"
    credentials: str = "own"
    decision: bool | None = None
    decisions: tuple[bool, ...] | None = None
    results: tuple[str, ...] | None = None
    only: bool = False
    count: int | None = None
    request_id: str = ""
    times: int = 1
    pages: bool = False

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


ALICE: Final[Body] = {"type": "user", "id": "alice"}
BOB: Final[Body] = {"type": "user", "id": "bob"}
ADMIN: Final[Body] = {**BOB, "properties": {"role": "admin"}}
READ, WRITE = ({"name": name} for name in ("read", "write"))
FIRST: Final[Body] = {"type": "record", "id": "record-1"}
SECOND: Final[Body] = {"type": "record", "id": "record-2"}
ACTIVE: Final[Body] = {**FIRST, "properties": {"status": "active"}}
ARCHIVED: Final[Body] = {**SECOND, "properties": {"status": "archived"}}
SCENE: Final[Body] = {"time": "2026-11-27T18:03:00+08:00", "ip": "192.0.2.1"}
UNKNOWN: Final[Body] = {"foo": "bar", "futureField": {"nested": True}}


def without(body: Body, *path: str) -> Body:
    head, *rest = path
    if not rest:
        return {name: value for name, value in body.items() if name != head}
    return {**body, head: without(body[head], *rest)}


def refused(body: Any) -> Asked:
    return Asked(body, status=400)


def transport(good: Asked) -> dict[str, Asked]:
    """What every endpoint is asked in the same way, given a body that it answers well."""
    return {
        "x-request-id-echoed": replace(good, request_id="bfe9eb29-ab87-4ca3-be83-a1d5d8305716"),
        "idempotency": replace(good, times=4),
        "reject-get-method": Asked(b"", status=405, method="GET"),
        "reject-put-method": replace(good, status=405, method="PUT"),
        "reject-top-level-array": refused([good.body]),
        "reject-non-json-content-type": Asked(good.body, status=400, content_type="text/plain"),
        "accept-content-type-with-charset": replace(good, content_type="application/json; charset=utf-8"),
        "reject-malformed-json": refused(b'{"subject": {"type": "user", '),
        "reject-empty-body": refused(b""),
        "unknown-top-level-fields-ignored": replace(good, body={**good.body, **UNKNOWN}),
    }


def one(subject: Body, action: Body, resource: Body, **more: Any) -> Body:
    return {"subject": subject, "action": action, "resource": resource, **more}


PERMITTED: Final = one(ALICE, READ, FIRST)
EVALUATION: Final[dict[str, Asked]] = {
    **transport(Asked(PERMITTED, decision=True)),
    "fixture-request-permit-decision": Asked(PERMITTED, decision=True),
    "fixture-request-deny-decision": Asked(one(BOB, WRITE, FIRST), decision=False),
    "request-with-optional-context": Asked({**PERMITTED, "context": SCENE}, decision=True),
    "request-with-additional-properties": Asked(
        one(
            {**ALICE, "properties": {"department": "Sales", "role": "manager", "weight": 1.5, "none": None}},
            {**READ, "properties": {"method": "GET"}},
            {**FIRST, "properties": {"status": "active", "owner": "bob"}},
        ),
        decision=True,
    ),
    "fixture-request-deny-based-on-properties": Asked(one(ALICE, WRITE, ARCHIVED), decision=False),
    "fixture-request-permit-based-on-subject-properties": Asked(one(ADMIN, WRITE, ARCHIVED), decision=True),
    "fixture-request-permit-based-on-action-properties": Asked(
        one(ALICE, {"name": "delete", "properties": {"soft": True}}, FIRST), decision=True
    ),
    "fixture-request-deny-based-on-action-properties": Asked(
        one(ALICE, {"name": "delete", "properties": {"soft": False}}, FIRST), decision=False
    ),
    "missing-subject": refused(without(PERMITTED, "subject")),
    "missing-action": refused(without(PERMITTED, "action")),
    "missing-resource": refused(without(PERMITTED, "resource")),
    "subject-missing-type": refused(without(PERMITTED, "subject", "type")),
    "subject-missing-id": refused(without(PERMITTED, "subject", "id")),
    "action-missing-name": refused(without(PERMITTED, "action", "name")),
    "resource-missing-type": refused(without(PERMITTED, "resource", "type")),
    "resource-missing-id": refused(without(PERMITTED, "resource", "id")),
    "subject-is-string": refused({**PERMITTED, "subject": "alice"}),
    "action-name-is-number": refused({**PERMITTED, "action": {"name": 123}}),
    "unknown-subject-fields-ignored": Asked({**PERMITTED, "subject": {**ALICE, "customAttr": "x"}}, decision=True),
    "unknown-resource-fields-ignored": Asked({**PERMITTED, "resource": {**FIRST, "customAttr": "x"}}, decision=True),
    "unknown-action-fields-ignored": Asked({**PERMITTED, "action": {**READ, "customAttr": "x"}}, decision=True),
    "missing-credentials-returns-401": Asked(PERMITTED, status=401, credentials="none"),
    "invalid-credentials-returns-401": Asked(PERMITTED, status=401, credentials="wrong"),
}

BOTH: Final[Body] = {"subject": BOB, "resource": FIRST, "evaluations": [{"action": READ}, {"action": WRITE}]}
THREE: Final[Body] = {**BOTH, "evaluations": [{"action": READ}, {"action": WRITE}, {"action": READ}]}
FROM_DENIAL: Final[Body] = {**BOTH, "evaluations": [{"action": WRITE}, {"action": READ}, {"action": WRITE}]}


def ended(body: Body, semantic: str) -> Body:
    return {**body, "options": {"evaluations_semantic": semantic}}


EVALUATIONS: Final[dict[str, Asked]] = {
    **transport(Asked(BOTH, decisions=(True, False))),
    "batch-request-with-evaluations-array": Asked(
        {"subject": ALICE, "action": READ, "evaluations": [{"resource": FIRST}, {"resource": SECOND}]}, count=2
    ),
    "batch-with-fixture-decisions-validated": Asked(BOTH, decisions=(True, False)),
    "batch-with-fully-specified-evaluations": Asked({"evaluations": [PERMITTED, one(BOB, WRITE, FIRST)]}, decisions=(True, False)),
    "batch-with-context-inheritance": Asked(
        {
            "subject": ALICE,
            "action": READ,
            "context": SCENE,
            "evaluations": [{"resource": FIRST}, {"resource": SECOND, "context": {**SCENE, "source": "its own"}}],
        },
        count=2,
    ),
    "evaluation-level-errors": Asked({"subject": ALICE, "action": READ, "evaluations": [{"resource": FIRST}, {}]}, decisions=(True, False)),
    "default-semantic-is-execute-all": Asked(FROM_DENIAL, decisions=(False, True, False)),
    "execute-all-explicit": Asked(ended(FROM_DENIAL, "execute_all"), decisions=(False, True, False)),
    "deny-on-first-deny": Asked(ended(THREE, "deny_on_first_deny"), decisions=(True, False)),
    "permit-on-first-permit": Asked(ended(FROM_DENIAL, "permit_on_first_permit"), decisions=(False, True)),
    "unknown-semantic-value": refused(ended(BOTH, "bogus_value")),
    "per-eval-overrides-default": Asked(one(BOB, WRITE, FIRST, evaluations=[{"action": READ}, {}]), decisions=(True, False)),
    "missing-subject-returns-decision-false": Asked(
        {"action": READ, "resource": FIRST, "evaluations": [{"subject": ALICE}, {}]}, decisions=(True, False)
    ),
    "missing-evaluations-array-backward-compat": Asked(PERMITTED, decision=True),
    "empty-evaluations-array-backward-compat": Asked({**PERMITTED, "evaluations": []}, decision=True),
    "batch-with-properties-validated": Asked(
        {"subject": ALICE, "action": WRITE, "evaluations": [{"resource": ACTIVE}, {"resource": ARCHIVED}]}, decisions=(True, False)
    ),
    "batch-with-subject-properties-validated": Asked(
        {"action": WRITE, "resource": ARCHIVED, "evaluations": [{"subject": ALICE}, {"subject": ADMIN}]}, decisions=(False, True)
    ),
    "batch-with-default-value-merging": Asked(
        {
            "subject": ALICE,
            "action": WRITE,
            "resource": {"type": "record"},
            "evaluations": [{"resource": without(ACTIVE, "type")}, {"resource": ARCHIVED}],
        },
        decisions=(True, False),
    ),
}

USERS: Final[Body] = {"subject": {"type": "user"}, "action": READ, "resource": FIRST}
READERS: Final = Asked(USERS, results=("alice", "bob"))
SUBJECT_SEARCH: Final[dict[str, Asked]] = {
    **transport(READERS),
    "valid-subject-search-request-with-non-empty-results": READERS,
    "subject-search-with-context": replace(READERS, body={**USERS, "context": SCENE}),
    "subject-search-with-subject-id-omitted": READERS,
    "request-with-page-limit": replace(READERS, body={**USERS, "page": {"limit": 1}}, pages=True),
    "unknown-entity-type": Asked({**USERS, "subject": {"type": "spaceship"}}, results=(), only=True),
    "missing-action": refused(without(USERS, "action")),
    "action-missing-name": refused(without(USERS, "action", "name")),
    "action-is-string": refused({**USERS, "action": "read"}),
    "missing-resource": refused(without(USERS, "resource")),
    "resource-missing-id": refused(without(USERS, "resource", "id")),
    "resource-missing-type": refused(without(USERS, "resource", "type")),
    "subject-missing-type": refused(without(USERS, "subject", "type")),
    "unknown-page-fields-ignored": replace(READERS, body={**USERS, "page": {"limit": 10, "customAttr": "x"}}),
    "extra-subject-id-ignored": replace(READERS, body={**USERS, "subject": ALICE}),
    "subject-search-with-resource-properties": Asked({**USERS, "action": WRITE, "resource": ARCHIVED}, results=("bob",), only=True),
}

RECORDS: Final[Body] = {"subject": ALICE, "action": READ, "resource": {"type": "record"}}
READABLE: Final = Asked(RECORDS, results=("record-1",))
RESOURCE_SEARCH: Final[dict[str, Asked]] = {
    **transport(READABLE),
    "valid-resource-search-request-with-non-empty-results": READABLE,
    "resource-search-with-resource-id-omitted": READABLE,
    "missing-subject": refused(without(RECORDS, "subject")),
    "subject-missing-id": refused(without(RECORDS, "subject", "id")),
    "missing-resource": refused(without(RECORDS, "resource")),
    "resource-missing-type": refused(without(RECORDS, "resource", "type")),
    "missing-action": refused(without(RECORDS, "action")),
    "action-missing-name": refused(without(RECORDS, "action", "name")),
    "extra-resource-id-ignored": replace(READABLE, body={**RECORDS, "resource": SECOND}, results=("record-1", "record-2")),
    "resource-search-with-subject-properties": Asked({**RECORDS, "subject": ADMIN, "action": WRITE}, results=("record-2",), only=True),
}

DOABLE: Final[Body] = {"subject": ALICE, "resource": FIRST}
ACTIONS: Final = Asked(DOABLE, results=("read", "write"))
ACTION_SEARCH: Final[dict[str, Asked]] = {
    **transport(ACTIONS),
    "valid-action-search-request-with-non-empty-results": ACTIONS,
    "action-search-with-context": replace(ACTIONS, body={**DOABLE, "context": SCENE}),
    "unknown-entity-identifier": Asked({**DOABLE, "subject": {"type": "user", "id": "nonexistent-user"}}, results=(), only=True),
    "missing-resource": refused(without(DOABLE, "resource")),
    "resource-missing-id": refused(without(DOABLE, "resource", "id")),
    "resource-missing-type": refused(without(DOABLE, "resource", "type")),
    "missing-subject": refused(without(DOABLE, "subject")),
    "subject-missing-id": refused(without(DOABLE, "subject", "id")),
    "subject-missing-type": refused(without(DOABLE, "subject", "type")),
    "subject-is-string": refused({**DOABLE, "subject": "alice"}),
    "extra-action-ignored": replace(ACTIONS, body={**DOABLE, "action": {"name": "write"}}),
    "action-search-with-properties": Asked({"subject": ADMIN, "resource": ARCHIVED}, results=("write",)),
}

ASKED: Final = {
    "evaluation": EVALUATION,
    "evaluations": EVALUATIONS,
    "subject-search": SUBJECT_SEARCH,
    "resource-search": RESOURCE_SEARCH,
    "action-search": ACTION_SEARCH,
}
