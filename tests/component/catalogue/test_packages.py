"""Packages over HTTP: drafted by one officer, published by another, read by everybody."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chassis.clock import FixedClock
from chassis.http.mesh_token import CallerFacts
from chassis.working_days import local_day
from contracts.events.catalogue import PackagePublished
from contracts.values import CreditCode, OfficerId
from deploy.local import seed
from services.catalogue import worker
from services.catalogue.tables import package_versions
from tests.component.catalogue.conftest import CURATED, Desk
from tests.component.catalogue.conftest import seed as document
from tests.support.eventually import eventually
from tests.support.service import published
from tests.support.station import running

HEALTH, CIVIL = CreditCode("11310000TE5T01369L"), CreditCode("11310000TE5T01350P")
AUTHOR, REVIEWER = OfficerId("hb-001"), OfficerId("hb-002")
NEWBORN = next(each for each in seed.packages() if each["code"] == "newborn")


class Editors:
    """Officers of an agency at the desk."""

    def __init__(self, desk: Desk, clock: FixedClock, agency: CreditCode = HEALTH) -> None:
        self._desk, self._clock, self._agency = desk, clock, agency

    async def put(self, path: str, body: Any, officer: OfficerId) -> httpx.Response:
        return await self._desk.door.call("PUT", path, facts=self._desk.party(agency=self._agency, officer=officer), json=body)

    async def draft(self, package: dict[str, Any], by: OfficerId = AUTHOR) -> httpx.Response:
        return await self.put(f"/packages/{package['code']}/draft", package, by)

    async def publish(
        self, code: str, *, version: int = 1, revision: int = 1, by: OfficerId = REVIEWER, in_days: int = 0
    ) -> httpx.Response:
        day = local_day(self._clock.now()) + timedelta(days=in_days)
        return await self.put(f"/packages/{code}/versions/{version}", {"revision": revision, "effective_on": day.isoformat()}, by)

    async def read_draft(self, code: str) -> httpx.Response:
        facts = self._desk.party(agency=self._agency, officer=AUTHOR)
        return await self._desk.door.call("GET", f"/packages/{code}/draft", facts=facts)


@pytest.fixture
async def seeded(desk: Desk) -> Desk:
    """The catalogue with the matters of all packages' steps."""
    steps = {item["basic_code"] for package in seed.packages() for item in package.get("items", ())}
    await desk.begin_with(document(*CURATED, *steps))
    return desk


@pytest.fixture
def editors(seeded: Desk, clock: FixedClock) -> Editors:
    return Editors(seeded, clock)


def refused(answer: httpx.Response, status: int, code: str) -> bool:
    return (answer.status_code, answer.json()["code"]) == (status, code)


async def test_one_officer_drafts_and_another_publishes(seeded: Desk, editors: Editors) -> None:
    draft = (await editors.draft(NEWBORN)).json()
    assert (draft["revision"], draft["drafted_by"], draft["faults"]) == (1, [AUTHOR], [])
    assert refused(await seeded.get("/packages/newborn"), 404, "package-not-found")
    assert refused(await editors.publish("newborn", by=AUTHOR), 409, "package-needs-second-officer")
    published = (await editors.publish("newborn")).json()
    assert (published["version"], published["state"], published["illustrative"]) == (1, "complete", True)
    read = (await seeded.get("/packages/newborn")).json()
    assert read == published
    assert "示例数据" in read["notice_of_provenance"]
    assert refused(await editors.read_draft("newborn"), 404, "package-draft-not-found")


async def test_whoever_had_a_hand_in_the_draft_may_not_publish_it(editors: Editors) -> None:
    await editors.draft(NEWBORN)
    assert (await editors.draft(NEWBORN | {"aliases": ["生娃"]}, by=REVIEWER)).json()["drafted_by"] == [AUTHOR, REVIEWER]
    for officer in (AUTHOR, REVIEWER):
        assert refused(await editors.publish("newborn", revision=2, by=officer), 409, "package-needs-second-officer")
    assert (await editors.publish("newborn", revision=2, by=OfficerId("hb-003"))).status_code == 200


async def test_the_same_draft_or_publication_again_changes_nothing(editors: Editors) -> None:
    assert [(await editors.draft(NEWBORN)).json()["revision"] for _ in range(2)] == [1, 1]
    first, again = await editors.publish("newborn"), await editors.publish("newborn")
    assert (first.status_code, first.json()) == (again.status_code, again.json())


async def test_what_was_not_reviewed_is_not_published(editors: Editors) -> None:
    await editors.draft(NEWBORN)
    await editors.draft(NEWBORN | {"aliases": []})
    assert refused(await editors.publish("newborn", revision=1), 409, "package-draft-changed")
    assert refused(await editors.publish("newborn", revision=2, version=2), 409, "package-draft-changed")
    assert refused(await editors.publish("nothing-here"), 404, "package-draft-not-found")
    assert refused(await editors.publish("newborn", revision=2, in_days=-1), 422, "package-effective-in-the-past")


async def test_two_publish_at_once_and_there_is_one_version(seeded: Desk, editors: Editors) -> None:
    await editors.draft(NEWBORN)
    answers = await asyncio.gather(*(editors.publish("newborn", by=OfficerId(f"hb-00{n}")) for n in range(2, 6)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    async with seeded.database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(package_versions))).scalar_one() == 1


async def test_a_faulty_draft_is_kept_and_refused_with_its_counter_example(seeded: Desk, editors: Editors) -> None:
    faulty = NEWBORN | {"items": [*NEWBORN["items"]]}
    faulty["items"][0] = NEWBORN["items"][0] | {"depends_on": ["hospital-fund"]}
    draft = (await editors.draft(faulty)).json()
    answer = await editors.publish("newborn")
    assert refused(answer, 422, "package-refused")
    assert answer.json()["errors"] == draft["faults"] == (await editors.read_draft("newborn")).json()["faults"]
    (cycle,) = [each for each in draft["faults"] if each["fault"] == "cycle"]
    assert cycle["steps"] == ["birth-certificate", "hospital-fund", "medical-insurance", "household"]
    assert cycle["situation"] == "married.hospital.insured"
    assert refused(await seeded.get("/packages/newborn"), 404, "package-not-found")


async def test_a_version_is_in_force_from_its_day_on_and_the_old_one_stays(seeded: Desk, editors: Editors, clock: FixedClock) -> None:
    await editors.draft(NEWBORN)
    await editors.publish("newborn")
    await editors.draft(NEWBORN | {"promised_working_days": 12})
    assert (await editors.publish("newborn", version=2, in_days=3)).status_code == 200
    assert (await seeded.get("/packages/newborn")).json()["version"] == 1
    clock.advance(timedelta(days=3))
    newest = (await seeded.get("/packages/newborn")).json()
    assert (newest["version"], newest["package"]["promised_working_days"]) == (2, 12)
    assert (await seeded.get("/packages/newborn?version=1")).json()["package"]["promised_working_days"] == 10


async def test_the_database_itself_keeps_versions_as_they_are(seeded: Desk, editors: Editors) -> None:
    await editors.draft(NEWBORN)
    await editors.publish("newborn")
    for change in (sa.update(package_versions).values(agency=CIVIL), sa.delete(package_versions)):
        with pytest.raises(DBAPIError, match="never changes"):
            async with seeded.database.transaction() as session:
                await session.execute(change)


async def test_a_package_stays_with_the_agency_that_keeps_it(seeded: Desk, editors: Editors, clock: FixedClock) -> None:
    others = Editors(seeded, clock, CIVIL)
    await editors.draft(NEWBORN)
    assert refused(await others.draft(NEWBORN), 403, "package-of-another")
    assert refused(await others.read_draft("newborn"), 403, "package-of-another")
    assert refused(await others.publish("newborn"), 403, "package-of-another")
    await editors.publish("newborn")
    assert refused(await others.draft(NEWBORN), 403, "package-of-another")


async def test_the_plan_of_a_situation_has_one_form_and_parallel_stages(seeded: Desk, editors: Editors) -> None:
    await editors.draft(NEWBORN)
    await editors.publish("newborn")
    situations = (await seeded.get("/packages/newborn/situations")).json()
    assert len(situations["situations"]) == 12
    plan = (await seeded.get("/packages/newborn/plan?situation=unmarried.home.insured")).json()
    assert plan["stages"][0] == ["birth-certificate"]
    assert {"household", "vaccination-card", "maternity-cost"} == set(plan["stages"][1])
    assert set(plan["form_schema"]["required"]) == {
        "child_name", "mother_name", "mother_id", "father_name", "father_id", "address", "account"
    }  # fmt: skip
    papers = {each["name"] for each in plan["inputs"] if (each["kind"], each["how"]) == ("material", "asked")}
    assert papers == {"home-birth-statement", "paternity-statement", "child-photo"}
    assert plan["removed"] >= 0.4
    assert plan["longest_working_days"] <= plan["promised_working_days"]
    assert refused(await seeded.get("/packages/newborn/plan"), 404, "package-situation-not-found")


async def test_intake_is_told_who_implements_each_step_for_the_division(seeded: Desk, editors: Editors) -> None:
    await editors.draft(NEWBORN)
    await editors.publish("newborn")
    path = "/packages/newborn/course?situation=unmarried.home.insured&division="
    told = await seeded.door.call("GET", f"{path}310101", facts=CallerFacts("application"))
    course = told.json()
    assert set(course["task_codes"]) == {step["code"] for step in course["plan"]["steps"]}
    basic = {step["code"]: step["basic_code"] for step in course["plan"]["steps"]}
    for step, task_code in course["task_codes"].items():
        definition = (await seeded.definition(task_code)).json()
        assert task_code[19:31] == basic[step]
        assert definition["division"] in {"310101", "310000"}
    assert refused(await seeded.door.call("GET", f"{path}440100", facts=CallerFacts("application")), 409, "package-without-steps")
    assert (await seeded.door.call("GET", f"{path}310101", facts=CallerFacts("rating"))).status_code == 403


async def test_a_changed_matter_changes_the_plan(seeded: Desk, editors: Editors) -> None:
    """A department edits a matter once; the package asks for what the matter asks for."""
    await editors.draft(NEWBORN)
    await editors.publish("newborn")
    path = "/packages/newborn/plan?situation=married.hospital.insured"
    before = (await seeded.get(path)).json()["inputs_before"]
    changed = document("312092900000")
    changed["matters"][0]["form"].append("child_sex")
    assert (await seeded.take(changed)).status_code == 200
    assert (await seeded.get(path)).json()["inputs_before"] == before + 1


async def test_packages_are_found_by_colloquial_name(seeded: Desk, editors: Editors) -> None:
    for package in seed.packages():
        assert (await editors.draft(package)).json()["faults"] == [], package["code"]
        assert (await editors.publish(package["code"])).status_code == 200

    async def found(query: str) -> list[str]:
        return [each["name"] for each in (await seeded.get(f"/packages?{query}")).json()["items"]]

    assert await found("q=生娃") == ["新生儿出生一件事"]
    assert (await found("q=身后"))[0] == "公民身后一件事"
    assert await found("q=%E2%80%8B") == []
    assert len(await found("")) == len(seed.packages())
    assert {*await found("served=person"), *await found("served=enterprise")} == set(await found(""))
    assert await found("life_event=新生儿出生") == ["新生儿出生一件事"]
    assert refused(await seeded.get("/packages/medical-care/plan"), 409, "package-without-steps")


async def test_a_package_is_found_by_search_when_it_is_in_force(seeded: Desk, editors: Editors) -> None:
    async def search(text: str) -> list[tuple[str, str]]:
        answer = (await seeded.get(f"/matters/search?{httpx.QueryParams(q=text)}")).json()
        return [(each["kind"], each["name"]) for each in answer["items"]]

    await editors.draft(NEWBORN)
    assert ("package", NEWBORN["name"]) not in await search("生娃")
    await editors.publish("newborn")
    assert (await search("生娃"))[0] == ("package", "新生儿出生一件事")
    assert (await search("shengwa"))[0] == ("package", "新生儿出生一件事")


async def test_a_new_package_that_is_not_in_force_yet_is_not_found(seeded: Desk, editors: Editors) -> None:
    await editors.draft(NEWBORN)
    assert (await editors.publish("newborn", in_days=5)).status_code == 200
    answer = (await seeded.get(f"/matters/search?{httpx.QueryParams(q='新生儿出生一件事', kind='package')}")).json()
    assert answer["items"] == []


@pytest.mark.parametrize(
    "path",
    ["/packages/Ü", "/packages/x", "/packages/newborn/plan?situation=%00", "/packages/newborn?version=0", "/packages?served=dog"],
)
async def test_bad_requests_are_refused(seeded: Desk, path: str) -> None:
    assert (await seeded.get(path)).status_code == 422


async def test_a_draft_is_for_the_path_it_is_sent_to(editors: Editors) -> None:
    assert refused(await editors.put("/packages/other/draft", NEWBORN, AUTHOR), 422, "invalid-request")
    assert refused(await editors.put("/packages/newborn/draft", NEWBORN | {"surprise": 1}, AUTHOR), 422, "invalid-request")


async def test_only_officers_edit(seeded: Desk) -> None:
    answer = await seeded.door.call("PUT", "/packages/newborn/draft", facts=seeded.party(agency=HEALTH), json=NEWBORN)
    assert refused(answer, 403, "forbidden")


async def test_a_version_is_in_the_feed_and_told(seeded: Desk, editors: Editors, clock: FixedClock) -> None:
    since = (await seeded.get("/catalogue-changes?since=0")).json()
    while not since["is_last"]:
        since = (await seeded.get(f"/catalogue-changes?since={since['next']}")).json()
    await editors.draft(NEWBORN)
    await editors.publish("newborn", in_days=5)
    behind = (await seeded.get(f"/catalogue-changes?since={since['next']}")).json()
    (change,) = behind["items"]
    assert (change["about"], change["code"], change["version"], change["kind"]) == ("package", "newborn", 1, "published")
    assert change["from_at"] > change["at"]
    assert (await seeded.get(f"/matter-changes?since={since['next']}")).json()["items"] == []
    (event,) = await published(seeded.database, PackagePublished)
    assert (event.code, event.version, event.effective_on) == ("newborn", 1, local_day(clock.now()) + timedelta(days=5))


async def test_a_package_is_found_and_served_from_its_first_day_on(seeded: Desk, editors: Editors, clock: FixedClock) -> None:
    async def names() -> list[str]:
        answer = (await seeded.get(f"/matters/search?{httpx.QueryParams(q='新生儿出生一件事', kind='package')}")).json()
        return [each["name"] for each in answer["items"]]

    async def is_renamed() -> bool:
        return await names() == ["新生儿一件事"]

    await editors.draft(NEWBORN)
    await editors.publish("newborn")
    await editors.draft(NEWBORN | {"name": "新生儿一件事"})
    assert (await editors.publish("newborn", version=2, in_days=5)).status_code == 200
    async with running(worker.coming_into_force(seeded.database, clock).main):
        assert await names() == ["新生儿出生一件事"]
        clock.advance(timedelta(days=5))
        await eventually(is_renamed)
    assert (await seeded.get("/packages/newborn")).json()["version"] == 2


async def test_what_a_client_has_of_a_package_is_not_sent_again_until_it_changes(seeded: Desk, editors: Editors) -> None:
    await editors.draft(NEWBORN)
    await editors.publish("newborn")
    paths = ("/packages", "/packages/newborn", "/packages/newborn/situations", "/packages/newborn/plan?situation=married.hospital.insured")
    tags = {path: (await seeded.get(path)).headers["etag"] for path in paths}
    for path, tag in tags.items():
        again = await seeded.get(path, **{"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b""), path
    await editors.draft(NEWBORN | {"name": "新生儿一件事"})
    await editors.publish("newborn", version=2)
    for path, tag in tags.items():
        assert (await seeded.get(path, **{"if-none-match": tag})).status_code == 200, path
