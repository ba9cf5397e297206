"""The decision point as the AuthZEN working group's suite wants it: its fixture in force, and files that say where all is.

Source: AuthZEN Authorization API 1.0, certification scenario; the configuration form of the conformance suite, release 5.2.3.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from contracts.values import Id
from deploy.client import TongbanClient
from deploy.conformance.clients import NotRegistered

Json = dict[str, Any]

_FIXTURE: Final = Path(__file__).parent / "authzen"
PLANS: Final = {
    "evaluation": "authzen-pdp-evaluation-test-plan",
    "evaluations": "authzen-pdp-evaluations-test-plan",
    "subject-search": "authzen-pdp-subject-search-test-plan",
    "resource-search": "authzen-pdp-resource-search-test-plan",
    "action-search": "authzen-pdp-action-search-test-plan",
}
VARIANT: Final = "[pdp_server_metadata=discovery][pdp_auth_type=api_key][authzen_support=properties]"


def with_fixture(files: Mapping[str, str]) -> dict[str, str]:
    """A policy text with the fixture's policies, entities and cases beside its own."""
    return {**files, **{file.name: file.read_text() for file in sorted(_FIXTURE.iterdir())}}


async def load_fixture(operator: TongbanClient, officers: Sequence[str]) -> int:
    """Of two officers for security one proposes it, the other approves; the version in force. Raises NotRegistered."""
    first, second = officers
    newest = _said(await operator.get("/policy-versions", officer=first))["items"]
    current = next(each["version"] for each in newest if each["state"] == "in-force")
    files = _said(await operator.get(f"/policy-versions/{current}", officer=first))["files"]
    wanted = with_fixture(files)
    if wanted == files:
        return int(current)
    body = {"files": wanted, "note": "the fixture of the AuthZEN suite"}
    said = _said(await operator.post("/policy-versions", json=body, idempotency_key=f"fixture-{Id.new()}", officer=first))
    version = int(said["version"])
    _said(await operator.post(f"/policy-versions/{version}/approval", officer=second))
    return version


def configuration(plan: str, base: str, token: str) -> Json:
    """The file for a plan. The suite sends its API key as a bearer token: it is an access token of a registered party."""
    return {
        "alias": f"tongban-authzen-{plan}",
        "description": f"tongban, {PLANS[plan]}",
        "pdp": {"policy_decision_point": base, "api_key": token},
        "client": {"api_key": token},
    }


def _said(answer: httpx.Response) -> Json:
    if not answer.is_success:
        raise NotRegistered(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}")
    said: Json = answer.json()
    return said
