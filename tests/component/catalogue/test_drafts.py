import asyncio
from typing import Any

import pytest

from chassis.http import CallerFacts
from contracts.events.catalogue import MatterPublished
from contracts.values import OfficerId
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.component.catalogue.offices import Office
from tests.support.service import published

SHORTER = {"working_days": 5, "provenance": "illustrative"}
LONGER = {"working_days": 12, "provenance": "illustrative"}
WHY = {"text": "示例：窗口人手充足", "provenance": "illustrative"}
RESIDENCE_PERMIT = "312001903000"
DOG_IN_XUHUI = "11310104TE5T0102784310101900000"


@pytest.fixture
async def department(desk: Desk) -> Office:
    """A department, of whose matters the dog's licence is published."""
    assert (await desk.take(seed(DOG))).status_code == 200
    return Office(desk)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_new_matter_goes_from_nothing_to_published(desk: Desk) -> None:
    document = seed(DOG)
    (matter,) = document.pop("matters")
    await desk.take(document)
    office = Office(desk)
    draft = await office.start({"matter": matter})
    assert (draft["state"], draft["base_version"], draft["authors"]) == ("draft", 0, ["W-001"])
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).status_code == 404
    done = await office.published(draft)
    assert (done["state"], done["published_version"], done["reviewed_by"]) == ("published", 1, "W-002")
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["version"] == 1
    assert [each["name"] for each in await desk.found("养狗证")][:1] == ["犬类准养证核发"]
    assert [(each.basic_code, each.version) for each in await published(desk.database, MatterPublished)] == [(DOG, 1)]


async def test_a_revision_starts_from_what_is_published(department: Office) -> None:
    draft = await department.revised(DOG, promised=SHORTER)
    assert draft["base_version"] == 1
    preview = (await department.ask("GET", f"/matter-drafts/{draft['id']}/preview")).json()
    assert [(each["path"], each["before"], each["after"]) for each in preview["changes"]] == [("promised.working_days", 9, 5)]
    assert (await department.published(draft))["published_version"] == 2
    assert (await department.desk.definition(DOG_IN_HUANGPU)).json()["promised_working_days"] == 5


async def test_of_two_who_edit_the_same_revision_one_is_told(department: Office) -> None:
    draft = await department.start({"revise": DOG})
    body = {"matter": (await department.read(draft))["matter"] | {"visits": 1}}
    answers = await asyncio.gather(department.do(draft, "", body), department.do(draft, "", body, by="W-003"))
    assert sorted(each.status_code for each in answers) == [200, 412]
    (refused,) = [each for each in answers if each.status_code == 412]
    assert (refused.json()["code"], refused.json()["revision"]) == ("draft-changed", 2)
    assert code(await department.ask("PUT", f"/matter-drafts/{draft['id']}", body)) == (428, "draft-revision-required")


async def test_whoever_wrote_a_draft_neither_reviews_nor_publishes_it(department: Office) -> None:
    draft = await department.revised(DOG, visits=1)
    edited = await department.done(draft, "", {"matter": (await department.read(draft))["matter"] | {"visits": 2}}, by="W-002")
    submitted = await department.done(edited, "submission")
    for author in ("W-001", "W-002"):
        answer = await department.do(submitted, "review", {"approve": True}, by=author)
        assert code(answer) == (403, "draft-reviewed-by-its-author")
    approved = await department.done(submitted, "review", {"approve": True}, by="W-003")
    assert code(await department.do(approved, "publication", {})) == (403, "draft-reviewed-by-its-author")
    assert len(await published(department.desk.database)) == 1


async def test_a_rejection_says_why_and_the_draft_goes_back_to_its_authors(department: Office) -> None:
    submitted = await department.done(await department.revised(DOG, visits=1), "submission")
    assert (await department.do(submitted, "review", {"approve": False}, by="W-002")).status_code == 422
    rejected = await department.done(submitted, "review", {"approve": False, "reason": "依据不足"}, by="W-002")
    assert (rejected["state"], rejected["reason"]) == ("rejected", "依据不足")
    assert code(await department.do(rejected, "publication", {}, by="W-002")) == (409, "draft-not-in-this-state")
    edited = await department.done(rejected, "", {"matter": (await department.read(rejected))["matter"] | {"visits": 2}})
    assert (await department.published(edited))["published_version"] == 2


async def test_what_is_approved_or_published_is_not_edited_and_what_is_withdrawn_is_over(department: Office) -> None:
    approved = await department.approved(await department.revised(DOG, visits=1))
    body = {"matter": (await department.read(approved))["matter"]}
    assert code(await department.do(approved, "", body)) == (409, "draft-not-in-this-state")
    withdrawn = await department.done(approved, "withdrawal")
    for step, said in (("submission", None), ("review", {"approve": True}), ("publication", {}), ("withdrawal", None), ("", body)):
        assert code(await department.do(withdrawn, step, said, by="W-009")) == (409, "draft-not-in-this-state"), step


async def test_a_draft_that_breaks_rules_is_not_submitted(department: Office) -> None:
    draft = await department.revised(DOG, promised={"working_days": 21, "provenance": "illustrative"}, form=["shoe_size"])
    answer = await department.do(draft, "submission")
    assert code(answer) == (422, "draft-refused")
    assert [each["column"] for each in answer.json()["errors"]] == ["promised", "form"]


async def test_a_draft_that_says_nothing_new_is_not_published(department: Office) -> None:
    approved = await department.approved(await department.start({"revise": DOG}))
    answer = await department.do(approved, "publication", {}, by="W-002")
    assert code(answer) == (422, "draft-refused")
    assert answer.json()["errors"][0]["code"] == "nothing-new"


async def test_others_see_no_drafts_of_ours(department: Office) -> None:
    draft = await department.start({"revise": DOG})
    stranger = Office(department.desk)
    assert code(await stranger.ask("GET", f"/matter-drafts/{draft['id']}")) == (404, "draft-not-found")
    assert code(await stranger.do(draft, "withdrawal")) == (404, "draft-not-found")
    assert (await stranger.ask("GET", "/matter-drafts")).json()["items"] == []
    listed = (await department.ask("GET", f"/matter-drafts?state=draft&basic_code={DOG}")).json()["items"]
    assert [each["id"] for each in listed] == [draft["id"]]


async def test_a_district_changes_its_own_terms_and_nothing_else(department: Office) -> None:
    huangpu = Office(department.desk, kind="district", division="310101")
    done = await huangpu.published(await huangpu.own(DOG_IN_HUANGPU, promised=SHORTER, reason=WHY))
    assert done["published_version"] == 2
    said = [(await department.desk.definition(each)).json()["promised_working_days"] for each in (DOG_IN_HUANGPU, DOG_IN_XUHUI)]
    assert said == [5, 9]
    for body in ({"local": DOG_IN_XUHUI}, {"revise": DOG}, {"matter": seed(DOG)["matters"][0]}):
        assert code(await huangpu.ask("POST", "/matter-drafts", body)) == (403, "draft-out-of-reach"), body
    state = await huangpu.ask("POST", f"/matters/{DOG}/suspension", {"reason": "示例"})
    assert code(state) == (403, "draft-out-of-reach")


@pytest.mark.parametrize(
    ("own", "rule"),
    [
        ({"promised": LONGER}, "promise-over-above"),
        ({"promised": {"working_days": 30, "provenance": "illustrative"}}, "promise-over-statutory"),
        ({"without_materials": ["passport"]}, "material-unknown"),
    ],
)
async def test_a_level_that_asks_for_more_or_promises_less_is_refused_by_name(department: Office, own: dict[str, Any], rule: str) -> None:
    answer = await department.do(await department.own(DOG_IN_HUANGPU, **own), "submission")
    assert code(answer) == (422, "draft-refused")
    assert [(each["code"], bool(each["rule"]), bool(each["zh"])) for each in answer.json()["errors"]] == [(rule, True, True)]


@pytest.mark.parametrize(
    ("own", "rule"),
    [
        ({"name": "另一个名称"}, "never_differs"),
        ({"basic_code": "310101900009"}, "never_differs"),
        ({"basis": []}, "never_differs"),
        ({"matter_type": "05"}, "never_differs"),
        ({"materials": []}, "more_materials"),
    ],
)
async def test_what_never_differs_between_levels_has_no_words(department: Office, own: dict[str, Any], rule: str) -> None:
    draft = await department.start({"local": DOG_IN_HUANGPU})
    answer = await department.do(draft, "", {"local": {"task_code": DOG_IN_HUANGPU, **own}})
    assert code(answer) == (422, "invalid-request")
    assert answer.json()["errors"][0]["rule"] == rule


async def test_local_terms_stand_on_what_is_newest_by_then(department: Office) -> None:
    """The city revises between a district's first word and its publication: both are in the next version."""
    huangpu = Office(department.desk, kind="district", division="310101")
    approved = await huangpu.approved(await huangpu.own(DOG_IN_HUANGPU, promised=SHORTER, reason=WHY))
    await department.published(await department.revised(DOG, visits=1))
    done = await huangpu.done(approved, "publication", {}, by="W-002")
    assert done["published_version"] == 3
    guide = (await department.desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["matter"]
    assert (guide["visits"], guide["promised"]["working_days"]) == (1, 5)


async def test_local_terms_that_do_not_fit_any_more_are_refused(department: Office) -> None:
    huangpu = Office(department.desk, kind="district", division="310101")
    approved = await huangpu.approved(await huangpu.own(DOG_IN_HUANGPU, promised=SHORTER))
    await department.published(await department.revised(DOG, promised={"working_days": 3, "provenance": "illustrative"}))
    answer = await huangpu.do(approved, "publication", {}, by="W-002")
    assert code(answer) == (422, "draft-refused")
    assert answer.json()["errors"][0]["code"] == "promise-over-above"
    codes = [each["task_code"] for each in seed(DOG)["matters"][0]["implementations"]]
    rest = [{"task_code": each} for each in codes if each != DOG_IN_HUANGPU]
    await department.published(await department.revised(DOG, implementations=rest))
    answer = await huangpu.do(approved, "publication", {}, by="W-002")
    assert code(answer) == (409, "draft-outdated")
    assert answer.json()["paths"] == [f"implementations[{DOG_IN_HUANGPU}]"]


async def test_two_revisions_of_the_same_element_clash_and_the_second_says_on_what_it_stands(department: Office) -> None:
    first, second = [await department.approved(await department.revised(DOG, visits=number)) for number in (1, 2)]
    await department.done(first, "publication", {}, by="W-002")
    answer = await department.do(second, "publication", {}, by="W-002")
    assert code(answer) == (409, "draft-outdated")
    assert (answer.json()["newest_version"], answer.json()["paths"]) == (2, ["visits"])
    again = await department.start({"revise": DOG})
    matter = (await department.read(again))["matter"] | {"visits": 2}
    stale = await department.do(again, "", {"matter": matter, "base_version": 1})
    assert code(stale) == (409, "draft-outdated")
    edited = await department.done(again, "", {"matter": matter, "base_version": 2})
    assert (await department.published(edited))["published_version"] == 3


async def test_of_two_reviewers_at_once_one_decides(department: Office) -> None:
    submitted = await department.done(await department.revised(DOG, visits=1), "submission")
    answers = await asyncio.gather(
        department.do(submitted, "review", {"approve": True}, by="W-002"),
        department.do(submitted, "review", {"approve": False, "reason": "示例"}, by="W-003"),
    )
    assert sorted(each.status_code for each in answers) == [200, 412]
    (won,) = [each.json() for each in answers if each.status_code == 200]
    assert (await department.read(submitted))["state"] == won["state"]


async def test_publishers_at_once_count_versions_without_gaps(department: Office) -> None:
    """Districts, the city and an import at once: every one gets a version, none is lost and no number is left out."""
    huangpu, xuhui = (Office(department.desk, kind="district", division=each) for each in ("310101", "310104"))
    drafts = [
        (huangpu, await huangpu.approved(await huangpu.own(DOG_IN_HUANGPU, promised=SHORTER))),
        (xuhui, await xuhui.approved(await xuhui.own(DOG_IN_XUHUI, promised=SHORTER))),
        (department, await department.approved(await department.revised(DOG, visits=1))),
        (department, await department.approved(await department.revised(DOG, aliases=["狗证"]))),
    ]
    other = seed(DOG)
    other["matters"][0]["life_events"] = ["养宠"]
    *answers, imported = await asyncio.gather(
        *(office.do(draft, "publication", {}, by="W-002") for office, draft in drafts), department.desk.take({"matters": other["matters"]})
    )
    if imported.status_code == 409:
        # Reviewed after one of the others was published: a person looks again at what it changes.
        imported = await department.desk.take({"matters": other["matters"]})
    answers.append(imported)
    assert [each.status_code for each in answers] == [200] * 5, [each.text for each in answers]
    assert [each.version for each in await published(department.desk.database, MatterPublished)] == [1, 2, 3, 4, 5, 6]


async def test_the_same_key_starts_one_draft(department: Office) -> None:
    first = await department.start({"revise": DOG})
    department.asked -= 1
    again = await department.start({"revise": DOG})
    assert again["id"] == first["id"]
    assert len((await department.ask("GET", "/matter-drafts")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "refusal"),
    [
        ({"revise": "312001903000"}, 404, "matter-not-found"),
        ({"local": f"{DOG_IN_HUANGPU[:19]}312001903000"}, 404, "matter-not-found"),
        ({"local": f"{DOG_IN_HUANGPU[:18]}5{DOG}"}, 404, "matter-not-found"),
        ({}, 422, "invalid-request"),
        ({"revise": DOG, "local": DOG_IN_HUANGPU}, 422, "invalid-request"),
    ],
)
async def test_a_draft_starts_from_one_thing_that_is_there(department: Office, body: dict[str, Any], status: int, refusal: str) -> None:
    assert code(await department.ask("POST", "/matter-drafts", body)) == (status, refusal)


async def test_a_draft_stays_about_the_same_thing(department: Office) -> None:
    draft = await department.start({"revise": DOG})
    matter = (await department.read(draft))["matter"]
    for body, broken in (
        ({"matter": matter | {"basic_code": "310101900009"}}, "code-changed"),
        ({"local": {"task_code": DOG_IN_HUANGPU}}, "kind-changed"),
    ):
        answer = await department.do(draft, "", body)
        assert (*code(answer), answer.json()["errors"][0]["code"]) == (422, "draft-refused", broken)
    for body in ({}, {"matter": matter, "local": {"task_code": DOG_IN_HUANGPU}}):
        assert code(await department.do(draft, "", body)) == (422, "invalid-request")


async def test_drafts_are_for_officers_with_the_permission(department: Office) -> None:
    draft = await department.start({"revise": DOG})
    path = f"/matter-drafts/{draft['id']}"
    nobody = department.desk.party()
    refused = await department.desk.door.call("POST", f"{path}/submission", facts=nobody, headers={"if-match": '"1"'})
    assert refused.status_code == 403
    without = CallerFacts("gateway", party=department.party, officer=OfficerId("W-001"))
    for method, end in (("GET", ""), ("POST", "/review"), ("POST", "/publication"), ("POST", "/withdrawal")):
        body = {"approve": True} if end == "/review" else {}
        answer = await department.desk.door.call(method, path + end, facts=without, json=body if method == "POST" else None)
        assert code(answer) == (403, "forbidden"), end


async def test_a_preview_names_what_clashes_and_which_rules_are_broken(department: Office) -> None:
    draft = await department.revised(DOG, visits=1, promised={"working_days": 21, "provenance": "illustrative"})
    await department.published(await department.revised(DOG, visits=2))
    preview = (await department.ask("GET", f"/matter-drafts/{draft['id']}/preview")).json()
    assert (preview["newest_version"], preview["clashes"]) == (2, ["visits"])
    assert [(each["column"], each["rule"]) for each in preview["broken"]] == [
        ("promised", "a promise is not longer than the statutory limit")
    ]


async def test_a_draft_without_places_says_that_it_is_no_matter(department: Office) -> None:
    """Each of two revisions takes a place away: alone both are sound, together no place is left."""
    plain = {"text": "示例：甲", "provenance": "illustrative", "source": None}
    two = [plain, plain | {"text": "示例：乙"}]
    await department.published(await department.revised(DOG, places=two))
    first, second = [await department.approved(await department.revised(DOG, places=[each])) for each in two]
    await department.done(first, "publication", {}, by="W-002")
    answer = await department.do(second, "publication", {}, by="W-002")
    assert (*code(answer), answer.json()["errors"][0]["column"]) == (422, "draft-refused", "places")
    preview = (await department.ask("GET", f"/matter-drafts/{second['id']}/preview")).json()
    assert [each["column"] for each in preview["broken"]] == ["places"]


async def test_a_draft_does_not_have_uploaded_what_another_matter_issues(desk: Desk) -> None:
    document = seed(DOG, RESIDENCE_PERMIT)
    (issued,) = [each for one in document["matters"] if one["basic_code"] == RESIDENCE_PERMIT for each in one["results"]]
    assert issued["certificate_type"]
    assert (await desk.take(document)).status_code == 200
    office = Office(desk)
    draft = await office.start({"revise": DOG})
    matter = (await office.read(draft))["matter"]
    asked = {"code": "permit", "name": issued["name"], "source": "government", "is_required": True, "provenance": "illustrative"}
    draft = await office.done(draft, "", {"matter": matter | {"materials": [*matter["materials"], asked]}})
    preview = (await office.ask("GET", f"/matter-drafts/{draft['id']}/preview")).json()
    refused = await office.do(draft, "submission")
    assert code(refused) == (422, "draft-refused")
    for broken in (preview["broken"], refused.json()["errors"]):
        assert [(each["code"], each["column"]) for each in broken] == [("material-issued", "materials")]
        assert issued["certificate_type"] in broken[0]["rule"]
        assert issued["certificate_type"] in broken[0]["zh"]


async def test_an_import_does_not_have_uploaded_what_a_published_matter_issues(desk: Desk) -> None:
    """Also where the document does not have that matter."""
    permit, document = seed(RESIDENCE_PERMIT), seed(DOG)
    (issued,) = permit["matters"][0]["results"]
    asked = {"code": "permit", "name": issued["name"], "source": "government", "is_required": True, "provenance": "illustrative"}
    document["matters"][0]["materials"].append(asked)
    assert (await desk.take(document | {"dry_run": True})).status_code == 200
    assert (await desk.take(permit)).status_code == 200
    refused = await desk.take(document)
    assert code(refused) == (422, "import-refused")
    assert [each["code"] for each in refused.json()["errors"]] == ["material-issued"]
