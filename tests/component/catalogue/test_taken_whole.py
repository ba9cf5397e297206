"""A document is taken whole or not at all, and says what it changes."""

import asyncio

import httpx
import sqlalchemy as sa

from contracts.events.catalogue import MatterPublished
from services.catalogue.tables import agencies, divisions, fields, implementations, matters, versions
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.support.service import published

IDENTITY_CARD = "11310000TE5T90015G001"
RESIDENCE_PERMIT = "312001903000"


async def rows_of(desk: Desk, *tables: sa.Table) -> list[int]:
    async with desk.database.reading() as session:
        return [(await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one() for table in tables]


def counted(answer: httpx.Response) -> dict[str, int]:
    return {name: answer.json()[name] for name in ("created", "revised", "unchanged")}


async def test_an_import_publishes_each_matter_once(desk: Desk) -> None:
    answer = await desk.take(seed(DOG, RESIDENCE_PERMIT))
    assert counted(answer) == {"created": 2, "revised": 0, "unchanged": 0}
    events = await published(desk.database, MatterPublished)
    assert [(event.basic_code, event.version) for event in events] == [(DOG, 1), (RESIDENCE_PERMIT, 1)]


async def test_the_same_document_again_changes_nothing(desk: Desk) -> None:
    await desk.take(seed(DOG))
    again = await desk.take(seed(DOG))
    assert counted(again) == {"created": 0, "revised": 0, "unchanged": 1}
    assert len(await published(desk.database)) == 1
    assert await rows_of(desk, versions) == [1]


async def test_a_revision_is_a_new_version_and_the_old_one_stays(desk: Desk) -> None:
    document = seed(DOG)
    await desk.take(document)
    document["matters"][0]["promised"]["working_days"] = 8
    document["matters"][0]["implementations"].pop()
    answer = await desk.take(document)
    assert counted(answer) == {"created": 0, "revised": 1, "unchanged": 0}
    assert [event.version for event in await published(desk.database, MatterPublished)] == [1, 2]
    guide = (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()
    assert (guide["version"], guide["matter"]["promised"]["working_days"]) == (2, 8)
    async with desk.database.reading() as session:
        old = (await session.execute(sa.select(versions.c.content).where(versions.c.version == 1))).scalar_one()
    assert old["promised"]["working_days"] == 9
    assert await rows_of(desk, implementations) == [15]


async def test_a_changed_field_revises_the_matters_that_ask_for_it(desk: Desk) -> None:
    """A version has one form: whoever filled in version 1 is told that there is another."""
    document = seed(DOG, RESIDENCE_PERMIT)
    await desk.take(document)
    (dog_name,) = [field for field in document["fields"] if field["name"] == "dog_name"]
    dog_name["value"] = {"type": "string", "maxLength": 5}
    would = await desk.take({"fields": [dog_name], "dry_run": True})
    assert counted(would) == {"created": 0, "revised": 1, "unchanged": 0}
    answer = await desk.take({"fields": [dog_name]})
    assert counted(answer) == {"created": 0, "revised": 1, "unchanged": 0}
    definition = (await desk.definition(DOG_IN_HUANGPU)).json()
    assert (definition["version"], definition["form_schema"]["properties"]["dog_name"]["maxLength"]) == (2, 5)
    assert [(event.basic_code, event.version) for event in await published(desk.database)][2:] == [(DOG, 2)]
    assert counted(await desk.take(document)) == {"created": 0, "revised": 0, "unchanged": 2}


async def test_an_implementation_that_is_gone_is_not_found(desk: Desk) -> None:
    document = seed(DOG)
    await desk.take(document)
    gone = document["matters"][0]["implementations"].pop()["task_code"]
    await desk.take(document)
    answer = await desk.get(f"/matters/{gone}")
    assert (answer.status_code, answer.json()["code"]) == (404, "matter-not-found")


async def test_one_broken_matter_and_nothing_is_taken(desk: Desk) -> None:
    document = seed(DOG, RESIDENCE_PERMIT)
    document["matters"][1]["promised"]["working_days"] = 300
    document["matters"][1]["form"].append("shoe_size")
    answer = await desk.take(document)
    assert (answer.status_code, answer.json()["code"]) == (422, "import-refused")
    assert [(each["table"], each["row"], each["column"]) for each in answer.json()["errors"]] == [
        ("matters", "2", "promised"),
        ("matters", "2", "is_immediate"),
        ("matters", "2", "form"),
    ]
    assert await rows_of(desk, divisions, agencies, fields, matters, versions, implementations) == [0] * 6
    assert await published(desk.database) == []


async def test_a_member_nobody_knows_is_named(desk: Desk) -> None:
    document = seed(DOG)
    document["matters"][0]["surprise"] = 1
    answer = await desk.take(document)
    assert answer.status_code == 422
    assert "surprise" in answer.json()["errors"][0]["field"]


async def test_a_dry_run_says_what_would_change_and_changes_nothing(desk: Desk) -> None:
    await desk.take(seed(DOG))
    document = seed(DOG, RESIDENCE_PERMIT) | {"dry_run": True}
    document["matters"][0]["visits"] = 1
    answer = await desk.take(document)
    assert counted(answer) == {"created": 1, "revised": 1, "unchanged": 0}
    assert await rows_of(desk, matters, versions) == [1, 1]
    assert len(await published(desk.database)) == 1


async def test_a_dry_run_refuses_what_an_import_would(desk: Desk) -> None:
    document = seed(DOG) | {"dry_run": True, "agencies": []}
    assert (await desk.take(document)).json()["code"] == "import-refused"


async def test_a_later_document_stands_on_what_is_known(desk: Desk) -> None:
    await desk.take(seed(DOG))
    answer = await desk.take({"matters": seed(RESIDENCE_PERMIT)["matters"]})
    assert answer.json()["created"] == 1


async def test_of_imports_at_once_one_is_published_and_the_others_are_stale(desk: Desk) -> None:
    documents = [seed(DOG) for _ in range(4)]
    for days, document in enumerate(documents, start=1):
        document["matters"][0]["promised"]["working_days"] = days
    answers = await asyncio.gather(*(desk.take(document) for document in documents))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"import-stale"}
    again = [await desk.take(document) for document, answer in zip(documents, answers, strict=True) if answer.status_code == 409]
    assert [answer.status_code for answer in again] == [200] * 3
    assert [event.version for event in await published(desk.database, MatterPublished)] == [1, 2, 3, 4]
