"""Searching over HTTP: what is committed is found, by every process, and nothing that is asked breaks it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from services.catalogue import app
from services.catalogue.domain.search.entries import Entry, Narrowed
from services.catalogue.queries.search import Finder
from services.catalogue.repository.search import SearchIndex
from services.catalogue.settings import CatalogueSettings
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.support.eventually import eventually
from tests.support.service import Door, settings_of

MARRIAGE = "310712947000"
NEWBORN = Entry("package", "newborn", "新生儿出生一件事", ("出生一件事",), ("生育收养",), ("person",), ("mobile",))


async def search(desk: Desk, **asked: Any) -> dict[str, Any]:
    answer = await desk.get(f"/matters/search?{httpx.QueryParams(asked)}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def put(desk: Desk, *entries: Entry) -> None:
    async with desk.database.transaction() as session:
        await SearchIndex(session).put_entries(entries)


async def who(desk: Desk, text: str) -> str | None:
    """By which of its names the dog's matter is found, if it is."""
    found = (await search(desk, q=text))["items"]
    return next((each["why"]["title"] for each in found if each["code"] == DOG), None)


async def test_having_a_child_finds_the_package(seeded: Desk) -> None:
    await put(seeded, NEWBORN)
    found = (await search(seeded, q="生娃"))["items"][0]
    assert (found["kind"], found["code"], found["name"], found["task_code"]) == ("package", "newborn", "新生儿出生一件事", None)
    assert found["why"] == {"by": "synonym", "title": "新生儿出生一件事", "said": "生娃"}
    assert [each["name"] for each in await seeded.found("新生儿出生")] == []


async def test_a_matter_is_one_result_with_the_nearest_place(desk: Desk) -> None:
    await desk.take(seed(DOG, MARRIAGE))
    page = await search(desk, q="狗证", division="310101")
    assert (page["total"], page["next"], page["facets"]) == (1, None, None)
    (dog,) = page["items"]
    assert (dog["task_code"], dog["agency_name"], dog["level"]) == (DOG_IN_HUANGPU, "示例·黄浦区公安分局", 4)
    assert dog["why"] == {"by": "alias", "title": "狗证", "said": None}
    (marriage,) = (await search(desk, q="结婚登记", division="310101"))["items"]
    assert marriage["division"] == "310000"
    assert (await search(desk, q="狗证", division="310000"))["items"] == []


async def test_a_search_is_narrowed_and_counted(seeded: Desk) -> None:
    await put(seeded, NEWBORN)
    everything = await search(seeded, facets=True)
    kinds = {each["value"]: each["count"] for each in everything["facets"]["kind"]}
    assert kinds == {"matter": len(seed()["matters"]), "package": 1}
    themes = {each["value"]: each["count"] for each in everything["facets"]["theme"]}
    narrowed = await search(seeded, theme="社会保障")
    assert narrowed["total"] == themes["社会保障"] > 0
    for asked in (
        {"level": 2},
        {"channel": "kiosk"},
        {"served": "institution"},
        {"is_immediate": True},
        {"most_visits": 0},
        {"kind": "package"},
    ):
        assert 0 <= (await search(seeded, **asked))["total"] < everything["total"], asked
    assert {each["level"] for each in (await search(seeded, level=2))["items"]} == {2}
    assert {each["kind"] for each in (await search(seeded, kind="package"))["items"]} == {"package"}


async def test_pages_follow_each_other_without_gaps(desk: Desk) -> None:
    await put(desk, *(Entry("package", f"p{number}", f"示例一件事第{number}号") for number in range(45)))
    seen: list[str] = []
    after: str | None = "0"
    while after:
        page = await search(desk, q="示例一件事", after=after)
        seen += [each["code"] for each in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == page["total"] == 45


async def test_what_is_typed_is_completed(seeded: Desk) -> None:
    for typed in ("犬类", "quanlei", "qlzyz"):
        (first, *_) = (await seeded.get(f"/matters/suggestions?{httpx.QueryParams(q=typed)}")).json()
        assert first == {"text": "犬类准养证核发", "name": "犬类准养证核发", "kind": "matter", "code": DOG}, typed
    assert (await seeded.get("/matters/suggestions?q=%F0%9F%98%80")).json() == []


async def test_processes_agree_on_what_was_committed(
    seeded: Desk, clock: FixedClock, tmp_path: Path, database_of: Callable[[str], Database]
) -> None:
    """Two more processes, which look every half second: they find what one of them has taken, and nothing that was withdrawn."""
    others = []
    for _ in range(2):
        database = Database(seeded.database.url)
        settings = settings_of(CatalogueSettings, database, tmp_path, search_fresh_for_s=0.5)
        others.append(Desk(Door(app.create(settings, database, clock), "catalogue"), database, seeded.beside))
    everyone = [seeded, *others]
    assert [await who(each, "狗证") for each in everyone] == ["狗证"] * 3
    document = seed(DOG)
    document["matters"][0]["aliases"] = ["汪星人"]
    assert (await seeded.take(document)).status_code == 200

    async def all_know() -> bool:
        return [await who(each, "汪星人") for each in everyone] == ["汪星人"] * 3

    await eventually(all_know, within=2)
    async with seeded.database.transaction() as session:
        await SearchIndex(session).remove("matter", DOG)

    async def all_forgot() -> bool:
        return [await who(each, "汪星人") for each in everyone] == [None] * 3

    await eventually(all_forgot, within=2)
    for each in others:
        await each.door.app.state.mesh.close()
        await each.database.close()


async def test_a_transaction_that_ends_late_is_not_missed(seeded: Desk) -> None:
    """It began before others that were seen, so that its number is lower than theirs."""
    finder = Finder(seeded.database, 0)
    async with seeded.database.transaction() as late:
        await SearchIndex(late).put_entries([NEWBORN])
        await put(seeded, Entry("guide", "g", "出生指南"))
        assert [hit.entry.name for hit in await finder.search("出生", Narrowed())] == ["出生指南"]
    assert {hit.entry.name for hit in await finder.search("出生", Narrowed())} == {"出生指南", "新生儿出生一件事"}


async def test_what_is_not_committed_is_not_found(seeded: Desk) -> None:
    class Undone(Exception):
        pass

    with suppress(Undone):
        async with seeded.database.transaction() as session:
            await SearchIndex(session).put_entries([NEWBORN])
            raise Undone
    assert (await search(seeded, q="新生儿出生"))["items"] == []


async def test_an_agency_that_is_renamed_is_named_so(desk: Desk) -> None:
    document = seed(DOG)
    await desk.take(document)
    assert (await desk.found("狗证"))[0]["agency_name"].startswith("示例·")
    document["agencies"] = [each | {"name": f"{each['name']}（新）"} for each in document["agencies"]]
    answer = await desk.take(document)
    assert answer.json()["unchanged"] == 1
    assert (await desk.found("狗证"))[0]["agency_name"].endswith("（新）")


@pytest.mark.parametrize("path", ["/matters", "/matters/search", "/matters/suggestions"])
@pytest.mark.parametrize(
    "text", ["😀", "\x00", "\u202e\ufeff", "%", "_", "\\", "'; DROP TABLE matters; --", "!&|()", "。，、", "²", "a" * 50, "狗" * 50]
)
async def test_odd_words_are_answered(seeded: Desk, path: str, text: str) -> None:
    assert (await seeded.get(f"{path}?{httpx.QueryParams(q=text)}")).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "a" * 51,
        "after=-1",
        "after=10001",
        "level=0",
        "level=8",
        "channel=pigeon",
        "served=dog",
        "kind=x",
        "most_visits=-1",
        "division=1",
        "is_immediate=perhaps",
    ],
)
async def test_what_makes_no_sense_is_refused_with_its_name(desk: Desk, query: str) -> None:
    answer = await desk.get(f"/matters/search?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert query.partition("=")[0] in answer.text
