"""Nobody gets in beside the door, and nothing said at the door names a caller."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy.engine import make_url

from chassis.http.mesh_token import CallerFacts, MeshSigner
from contracts.permissions import Permission
from contracts.topics import SERVICES
from deploy.client import TongbanClient
from deploy.local.journey.config import Config, Person
from deploy.local.mesh import Mesh
from deploy.schemas import FOLDER
from tests.support.service import private_key
from tests.support.whole_mesh import visiting

_SPELLINGS = ("tongban-{}", "tongban_{}", "Tongban-{}", "TONGBAN_{}")
_BEHIND = tuple(service for service in SERVICES if service != "gateway")


def _forged(spelling: str, person: str) -> dict[str, str]:
    facts = CallerFacts("gateway", party_kind="operator", person=person, permissions=frozenset(Permission), assurance=4)  # type: ignore[arg-type]
    said = {
        "mesh-token": MeshSigner("gateway", private_key("stranger")).token(facts, "gateway"),
        "operator": "op-001",
        "person": person,
        "assurance": "4",
        "request-id": "01a21411-aeb3-7527-ac83-b985933ba47a",
    }
    return {spelling.format(name.replace("-", "_") if "_" in spelling else name): value for name, value in said.items()}


@pytest.mark.parametrize("spelling", _SPELLINGS)
async def test_headers_that_name_a_caller_never_matter(mesh: Mesh, spelling: str) -> None:
    headers = _forged(spelling, "01a21411-aeb3-7527-ac83-b985933ba47a")
    async with httpx.AsyncClient(base_url=mesh.gateway_url, trust_env=False) as stranger:
        for path in ("/parties", "/persons/me", "/cases", "/dispatches", "/matters?q=a"):
            answer = await stranger.get(path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unregistered-party"), path


@pytest.mark.parametrize("spelling", _SPELLINGS)
async def test_an_app_is_not_a_person_and_a_signature_names_its_officer(mesh: Mesh, spelling: str) -> None:
    config = Config.read(mesh.journey_config())
    async with TongbanClient(config.gateway_url, config.operator.id, config.operator.key()) as operator:
        # Added after signing, as somebody on the way would.
        operator._client.headers.update(_forged(spelling, "01a21411-aeb3-7527-ac83-b985933ba47a"))
        answer = await operator.get("/decisions")
    assert (answer.status_code, answer.json()["code"]) in {
        (401, "signature-not-valid"),
        (403, "permission-not-granted"),
    }


async def test_a_citizen_sees_only_their_own(mesh: Mesh, person: Person, another: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as first, visiting(mesh, another, tmp_path) as second:
        mine = (await first.citizen.get("/certificates")).json()
        assert mine, "the card that the police handed in"
        path = f"/certificates/{mine[0]['id']}"
        own, foreign = await first.citizen.get(path), await second.citizen.get(path)
        unknown = await second.citizen.get("/certificates/01a21411-aeb3-7527-ac83-b985933ba47a")
        assert own.status_code == 200
        assert (foreign.status_code, foreign.json()["code"]) == (unknown.status_code, unknown.json()["code"])
        assert foreign.status_code == 404


@pytest.mark.parametrize("service", _BEHIND)
async def test_a_service_answers_nobody_without_a_mesh_token(mesh: Mesh, service: str) -> None:
    """Every route of it, not a chosen one; a token of an unknown key is no token."""
    document: dict[str, Any] = json.loads((FOLDER / "openapi" / f"{service}.json").read_text())
    token = MeshSigner("gateway", private_key("stranger")).token(CallerFacts("gateway", permissions=frozenset(Permission)), service)
    answered = {}
    async with httpx.AsyncClient(base_url=mesh.url(service), trust_env=False) as stranger:
        for path, operations in document["paths"].items():
            for method in operations:
                for headers in ({}, {"tongban-mesh-token": token}, {"tongban-mesh-token": "x"}):
                    said = {"content-type": "application/json", **headers}
                    answer = await stranger.request(method, path.replace("{", "").replace("}", ""), content=b"{}", headers=said)
                    answered[method, path, str(headers)[:25]] = answer.status_code
    assert answered
    assert {key: status for key, status in answered.items() if status != 401} == {}


async def test_a_role_enters_its_own_database_and_no_other(mesh: Mesh) -> None:
    entered = set()
    for role in SERVICES:
        url = make_url(mesh.database_url(role)).set(drivername="postgresql")
        for database in SERVICES:
            try:
                connection = await asyncpg.connect(url.set(database=database).render_as_string(hide_password=False))
            except asyncpg.InsufficientPrivilegeError:
                continue
            entered.add((role, database))
            await connection.close()
    assert entered == {(service, service) for service in SERVICES}
