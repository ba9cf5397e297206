"""What of an answer leaves by the door follows rules that are changed while it runs."""

import json
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from chassis.database import Database
from chassis.http.client import Disclosure
from contracts.headers import DATA_ACCESS
from contracts.values import PersonId
from gateway.registry.bootstrap import load_resources
from gateway.registry.masking import load_masking
from gateway.registry.tables import masking_rules, resources
from tests.integration.gateway.door import Behind, gateway, register
from tests.support.eventually import eventually

RESIDENT_ID = "11010519491231002X"
DOSSIER = {
    "number": "310000-1",
    "applicant": {"kind": "person", "name": "张三明", "number": RESIDENT_ID},
    "values": [{"name": "住址", "value": "某处"}],
}
ROUTE = "GET", "/cases/{number}/dossier"


async def test_a_rule_that_is_changed_holds_for_the_next_answer_but_one(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, behind: Behind
) -> None:
    database = database_of("gateway.registry")
    parties = await register(database)
    async with database.transaction() as session:
        await session.execute(sa.delete(resources))
        await load_resources(session)
        await load_masking(session)
        # The committed document may be older than the marks of the contracts.
        marked = sa.update(resources).where(resources.c.method == ROUTE[0], resources.c.path == ROUTE[1])
        await session.execute(marked.values(personal=["applicant/name:name", "applicant/number:document", "values/value:value"]))
    seen = Disclosure((PersonId.new(),), 4, "case", ("dossier",)).header()
    behind.answer = lambda _: (200, {DATA_ACCESS: seen}, json.dumps(DOSSIER).encode())
    async with gateway(database, tmp_path, upstream, parties=parties) as door:
        path = "/cases/310000/dossier"
        answer = await door.signed("district", "GET", path)
        assert (answer.status_code, answer.json()) == (200, DOSSIER)

        async with database.transaction() as session:
            await session.execute(sa.update(masking_rules).values(clear=["name"]))

        async def is_masked() -> bool:
            answer = await door.signed("district", "GET", path)
            return bool(answer.json()["applicant"] == {"kind": "person", "name": "张三明", "number": "110***********002X"})

        await eventually(is_masked, within=2)
        behind.answer = lambda _: (200, {DATA_ACCESS: seen}, json.dumps(DOSSIER).encode()[:-1])
        withheld = await door.signed("district", "GET", path)
        assert (withheld.status_code, withheld.json()["rule"]) == (502, "masking")
        assert (await door.decision(withheld)).access is None


async def test_every_answer_to_a_party_tells_its_limit_and_the_record_keeps_it(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str
) -> None:
    database = database_of("gateway.registry")
    async with gateway(database, tmp_path, upstream, parties=await register(database)) as door:
        answer = await door.call("GET", "/matters", door.bearer())
        assert answer.headers["ratelimit-policy"] == '"party";q=400;w=2'
        assert answer.headers["ratelimit"].startswith('"party";r=')
        refused = await door.call("GET", "/unknown", door.bearer())
        assert "ratelimit" in refused.headers
