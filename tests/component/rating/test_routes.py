"""Rating a case, answering a bad rating: who may, once, and what everybody else learns (nothing)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.http import CallerFacts
from contracts.events.rating import RatingReplied, RatingSubmitted
from contracts.permissions import Permission
from contracts.values import MandateId, OfficerId, OrganisationId, PersonId, RatingId, TicketId
from services.rating.tables import idempotency_keys, ratings, tickets
from tests.component.rating.users import AGENCY, OTHER_AGENCY, Service, anybody, department, district, held, signed_in
from tests.support.service import published


async def test_i_see_my_tickets_and_nobody_elses(rating: Service, person: PersonId) -> None:
    first, second = await rating.invited(person), await rating.invited(person)
    await rating.invited(PersonId.new())
    found = (await rating.get("/ratings/invitations", signed_in(person))).json()
    assert [each["ticket_id"] for each in found] == [second, first]
    assert (found[0]["matter_name"], found[0]["agency_name"], found[0]["is_used"]) == ("示例·居住证申领", "示例·某机构", False)


async def test_only_tickets_that_may_be_used_are_due(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 5)
    await rating.invited(person, closed_at=rating.clock.now() - timedelta(days=400))
    due = await rating.invited(person)
    assert len((await rating.get("/ratings/invitations", signed_in(person))).json()) == 3
    assert [each["ticket_id"] for each in (await rating.get("/ratings/invitations?due=true", signed_in(person))).json()] == [due]


def acting(organisation: OrganisationId, *matters: str) -> CallerFacts:
    """Somebody who acts for an organisation, under a mandate for these matters or for all."""
    agent = replace(signed_in(PersonId.new()), person=None, actor=PersonId.new())
    return replace(agent, organisation=organisation, mandate=MandateId.new(), mandate_matters=matters)


async def test_whoever_acts_for_an_organisation_sees_which_of_its_cases_wait_for_a_rating(rating: Service, person: PersonId) -> None:
    company, other = OrganisationId.new(), OrganisationId.new()
    ticket = await rating.invited(person, organisation_id=company)
    await rating.invited(person, organisation_id=other)
    await rating.invited(person)
    path = f"/organisations/{company}/invitations?due=true"
    assert [each["ticket_id"] for each in (await rating.get(path, acting(company))).json()] == [ticket]
    assert rating.door.disclosed[-1].organisations == (company,)
    assert len((await rating.get(path, acting(company, "310117002011"))).json()) == 1
    assert (await rating.get(path, acting(company, "310101900000"))).json() == []
    for stranger in (acting(other), signed_in(person)):
        assert (await rating.get(path, stranger)).status_code == 404
    await rating.post("/ratings", signed_in(person), {"ticket_id": ticket, "stars": 5})
    assert (await rating.get(path, acting(company))).json() == []


async def test_a_good_rating_is_published_at_once(rating: Service, person: PersonId) -> None:
    answer = await rating.rated(person, 5, tags=("510", "517"), text="很快")
    assert (answer["state"], answer["level_zh"], answer["reply_due_on"]) == ("published", "非常满意", None)
    assert (await rating.get("/ratings/tasks", district())).json()["items"] == []


async def test_a_bad_rating_is_dispatched_and_due_in_five_working_days(rating: Service, person: PersonId) -> None:
    answer = await rating.rated(person, 2)
    assert (answer["state"], answer["level_zh"]) == ("dispatched", "不满意")
    assert (answer["reply_due_on"], answer["is_due_provisional"]) == ("2026-12-01", False)


async def test_a_rating_is_bound_to_case_matter_and_the_clerk_who_accepted(rating: Service, person: PersonId) -> None:
    answer = await rating.rated(person, 4)
    [submitted] = await published(rating.database, RatingSubmitted)
    assert submitted == RatingSubmitted(
        rating_id=answer["rating_id"],
        case_number=answer["case_number"],
        task_code=answer["task_code"],
        agency=AGENCY,
        officer=OfficerId("clerk-7001"),
        stars=4,
    )


async def test_unknown_and_foreign_tickets_get_the_same_answer(rating: Service, person: PersonId) -> None:
    foreign = await rating.invited(PersonId.new())
    answers = [
        await rating.post("/ratings", signed_in(person), {"ticket_id": ticket, "stars": 5}, key=f"guess-{ticket}")
        for ticket in (foreign, TicketId.new())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["code"] == "ticket-not-found"
    assert await published(rating.database, RatingSubmitted) == []


async def test_after_thirty_days_the_time_for_rating_has_passed(rating: Service, person: PersonId) -> None:
    ticket = await rating.invited(person)
    rating.passes(timedelta(days=30))
    answer = await rating.post("/ratings", signed_in(person), {"ticket_id": ticket, "stars": 5})
    assert (answer.status_code, answer.json()["code"]) == (410, "ticket-expired")


async def test_a_ticket_works_until_the_last_moment(rating: Service, person: PersonId) -> None:
    ticket = await rating.invited(person)
    rating.passes(timedelta(days=30) - timedelta(microseconds=1))
    assert (await rating.post("/ratings", signed_in(person), {"ticket_id": ticket, "stars": 5})).status_code == 201


async def test_a_used_ticket_is_refused(rating: Service, person: PersonId) -> None:
    body = {"ticket_id": await rating.invited(person), "stars": 5}
    assert (await rating.post("/ratings", signed_in(person), body)).status_code == 201
    again = await rating.post("/ratings", signed_in(person), body)
    assert (again.status_code, again.json()["code"]) == (409, "ticket-already-used")
    [invitation] = (await rating.get("/ratings/invitations", signed_in(person))).json()
    assert invitation["is_used"]


async def test_a_retry_under_the_same_key_gets_the_same_answer_even_after_the_ticket_expired(rating: Service, person: PersonId) -> None:
    body = {"ticket_id": await rating.invited(person), "stars": 1}
    first = await rating.post("/ratings", signed_in(person), body, key="again")
    rating.passes(timedelta(days=31))
    second = await rating.post("/ratings", signed_in(person), body, key="again")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert len(await published(rating.database, RatingSubmitted)) == 1


async def test_a_key_belongs_to_one_request_and_is_required(rating: Service, person: PersonId) -> None:
    body = {"ticket_id": await rating.invited(person), "stars": 1}
    await rating.post("/ratings", signed_in(person), body, key="mine")
    other = await rating.post("/ratings", signed_in(person), {**body, "stars": 5}, key="mine")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    without = await rating.door.call("POST", "/ratings", facts=signed_in(person), json=body)
    assert (without.status_code, without.json()["code"]) == (400, "idempotency-key-required")


async def test_of_two_ratings_at_the_same_time_one_wins(rating: Service, person: PersonId) -> None:
    ticket = await rating.invited(person)
    bodies = [{"ticket_id": ticket, "stars": stars} for stars in (1, 5)]
    async with held(rating, tickets, until_waiting=2):
        tries = [asyncio.create_task(rating.post("/ratings", signed_in(person), body)) for body in bodies]
    answers = await asyncio.gather(*tries)
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    [winner] = [answer.json() for answer in answers if answer.status_code == 201]
    [loser] = [answer.json() for answer in answers if answer.status_code == 409]
    assert loser["code"] == "ticket-already-used"
    [submitted] = await published(rating.database, RatingSubmitted)
    [own] = (await rating.get("/ratings/mine", signed_in(person))).json()
    assert submitted.rating_id == own["rating_id"] == winner["rating_id"]


@pytest.mark.parametrize("tags", [["209"], ["510", "101"], ["599"]])
async def test_tags_must_exist_and_go_with_the_stars_and_a_refusal_uses_nothing_up(
    rating: Service, person: PersonId, tags: list[str]
) -> None:
    body = {"ticket_id": await rating.invited(person), "stars": 5, "tags": tags}
    refused = await rating.post("/ratings", signed_in(person), body)
    assert (refused.status_code, refused.json()["code"]) == (422, "tag-not-valid")
    assert (await rating.post("/ratings", signed_in(person), {**body, "tags": ["510"]})).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"stars": 0},
        {"stars": 6},
        {"stars": "5"},
        {"stars": True},
        {"stars": 4.5},
        {"text": " \u3000\n"},
        {"text": "a" * 501},
        {"text": "\u202e"},
        {"tags": ["5100"]},
        {"tags": ["510"] * 11},
        {"channel": "system_default"},
        {"person_id": "0190a3c8-0000-7000-8000-000000000001"},
        {"ticket_id": "1"},
    ],
    ids=str,
)
async def test_what_is_not_a_rating_is_refused(rating: Service, person: PersonId, wrong: dict[str, Any]) -> None:
    body = {"ticket_id": await rating.invited(person), "stars": 5, **wrong}
    answer = await rating.post("/ratings", signed_in(person), body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_i_read_my_own_ratings_word_for_word_with_the_reply(rating: Service, person: PersonId) -> None:
    bad = await rating.rated(person, 1, text="请打 13800138000")
    await rating.reply(bad["rating_id"], text="已联系您。")
    good = await rating.rated(person, 5)
    await rating.rated(PersonId.new(), 3)
    newest, oldest = (await rating.get("/ratings/mine", signed_in(person))).json()
    assert (newest["rating_id"], newest["text"], newest["reply"]) == (good["rating_id"], None, None)
    assert (oldest["text"], oldest["state"], oldest["stars"]) == ("请打 13800138000", "replied", 1)
    assert (oldest["reply"]["kind"], oldest["reply"]["text"]) == ("rectified", "已联系您。")
    assert rating.door.disclosed[-1].subjects == (person,)


async def test_what_people_write_is_sealed_at_rest(rating: Service, person: PersonId) -> None:
    bad = await rating.rated(person, 1, text="张三的电话13800138000")
    await rating.reply(bad["rating_id"], text="已致电张三")
    async with rating.database.reading() as session:
        row = (await session.execute(sa.select(ratings))).one()
        kept = b"".join((await session.execute(sa.select(idempotency_keys.c.body))).scalars())
    for secret in ("张三", "13800138000"):
        assert secret.encode() not in row.text + row.reply_text + kept


async def test_a_district_sees_the_bad_ratings_of_its_division_only(rating: Service) -> None:
    ours = await rating.rated(PersonId.new(), 1, tags=("115",), text="等了三小时")
    await rating.rated(PersonId.new(), 2, agency=OTHER_AGENCY)
    await rating.rated(PersonId.new(), 3)
    [task] = (await rating.get("/ratings/tasks", district())).json()["items"]
    assert task["rating_id"] == ours["rating_id"]
    assert (task["stars"], task["text"], task["reply_due_on"], task["is_overdue"]) == (1, "等了三小时", "2026-12-01", False)
    assert task["tags"] == [{"code": "115", "zh": "服务态度差效率低", "en": "Bad manner and low efficiency"}]
    [other] = (await rating.get("/ratings/tasks", district("310104"))).json()["items"]
    assert other["agency"] == OTHER_AGENCY


async def test_a_department_sees_the_bad_ratings_of_its_agency_only(rating: Service) -> None:
    await rating.rated(PersonId.new(), 1)
    other = await rating.rated(PersonId.new(), 1, agency=OTHER_AGENCY)
    [task] = (await rating.get("/ratings/tasks", department(OTHER_AGENCY))).json()["items"]
    assert task["rating_id"] == other["rating_id"]


async def test_a_task_says_nothing_about_who_rated_and_names_no_officer(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 1, text="我是13800138000，clerk-7001 不理人")
    answer = await rating.get("/ratings/tasks", district())
    for secret in (person, "13800138000", "clerk-7001", "chief-7002"):
        assert secret.encode() not in answer.content
    assert answer.json()["items"][0]["text"] == "我是***********，********** 不理人"


async def test_tasks_are_overdue_after_the_local_day_they_are_due(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 1)
    # 10:00 on 24 November; due on 1 December, which ends in Shanghai at 16:00 UTC.
    for hours, is_overdue in ((7 * 24 + 13, False), (1, True)):
        rating.passes(timedelta(hours=hours, minutes=30))
        [task] = (await rating.get("/ratings/tasks", district())).json()["items"]
        assert task["is_overdue"] is is_overdue


async def test_a_reply_takes_the_task_away_and_tells_the_mesh(rating: Service, person: PersonId) -> None:
    bad = await rating.rated(person, 2)
    answer = await rating.reply(bad["rating_id"])
    assert answer.status_code == 200
    assert (answer.json()["rating_id"], answer.json()["state"]) == (bad["rating_id"], "replied")
    assert (await rating.get("/ratings/tasks", district())).json() == {"items": [], "next": None}
    [replied] = await published(rating.database, RatingReplied)
    assert replied == RatingReplied(
        rating_id=bad["rating_id"], case_number=bad["case_number"], agency=AGENCY, replied_at=rating.clock.now()
    )
    async with rating.database.reading() as session:
        assert (await session.execute(sa.select(ratings.c.replied_by))).scalar_one() == "pd-009"


async def test_the_department_itself_may_reply(rating: Service, person: PersonId) -> None:
    bad = await rating.rated(person, 2)
    assert (await rating.reply(bad["rating_id"], facts=department())).status_code == 200


@pytest.mark.parametrize("stranger", [district("310104"), department(OTHER_AGENCY)], ids=["district", "department"])
async def test_to_another_unit_a_rating_does_not_exist(rating: Service, person: PersonId, stranger: CallerFacts) -> None:
    bad = await rating.rated(person, 1)
    foreign, unknown = await rating.reply(bad["rating_id"], facts=stranger), await rating.reply(RatingId.new(), facts=stranger)
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content
    assert foreign.json()["code"] == "rating-not-found"


async def test_only_what_awaits_a_reply_is_replied_to(rating: Service, person: PersonId) -> None:
    good, bad = await rating.rated(person, 5), await rating.rated(person, 1)
    await rating.reply(bad["rating_id"], text="第一次")
    for rating_id in (good["rating_id"], bad["rating_id"]):
        answer = await rating.reply(rating_id, text="第二次")
        assert (answer.status_code, answer.json()["code"]) == (409, "rating-not-awaiting-reply")
    assert len(await published(rating.database, RatingReplied)) == 1


async def test_a_retried_reply_gets_the_same_answer(rating: Service, person: PersonId) -> None:
    bad, caller = await rating.rated(person, 1), district()
    body = {"kind": "explained", "text": "依法不能办理。"}
    answers = [await rating.post(f"/ratings/{bad['rating_id']}/reply", caller, body, key="reply-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert len(await published(rating.database, RatingReplied)) == 1


async def test_of_two_replies_at_the_same_time_one_wins(rating: Service, person: PersonId) -> None:
    bad = await rating.rated(person, 1)
    async with held(rating, ratings, until_waiting=2):
        tries = [asyncio.create_task(rating.reply(bad["rating_id"], text=text)) for text in ("甲", "乙")]
    answers = await asyncio.gather(*tries)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await published(rating.database, RatingReplied)) == 1


@pytest.mark.parametrize("body", [{"kind": "rectified", "text": " \n"}, {"kind": "rectified"}, {"kind": "ignored", "text": "好"}], ids=str)
async def test_a_reply_must_say_something(rating: Service, person: PersonId, body: dict[str, str]) -> None:
    bad = await rating.rated(person, 1)
    assert (await rating.post(f"/ratings/{bad['rating_id']}/reply", district(), body)).status_code == 422


async def test_a_reply_needs_an_officer(rating: Service, person: PersonId) -> None:
    bad = await rating.rated(person, 1)
    assert (await rating.reply(bad["rating_id"], facts=district(officer=None))).status_code == 403
    assert (await rating.reply(bad["rating_id"])).status_code == 200


async def test_tasks_come_in_pages_oldest_first(rating: Service) -> None:
    made = [(await rating.rated(PersonId.new(), 1))["rating_id"] for _ in range(21)]
    first = (await rating.get("/ratings/tasks", district())).json()
    second = (await rating.get(f"/ratings/tasks?after={first['next']}", district())).json()
    assert [each["rating_id"] for each in first["items"] + second["items"]] == made
    assert (len(first["items"]), second["next"]) == (20, None)


async def test_apps_read_the_tags_by_stars(rating: Service, person: PersonId) -> None:
    tags = (await rating.get("/ratings/tags", signed_in(person))).json()
    assert len(tags) == 40
    assert tags[0] == {"code": "510", "zh": "一窗受理一次办结", "en": "One window, settled in one go"}
    assert [each["code"][0] for each in tags] == sorted((each["code"][0] for each in tags), reverse=True)


_SOMEBODY = signed_in(PersonId.new())
_REPLY = f"/ratings/{RatingId.new()}/reply"


@pytest.mark.parametrize(
    ("method", "path", "facts"),
    [
        pytest.param(method, path, facts, id=f"{method} {path.split('/')[-1]}: {why}")
        for method, path, callers in (
            ("GET", "/ratings/invitations", (("hardly known", signed_in(PersonId.new(), assurance=1)), ("nobody", anybody()))),
            ("POST", "/ratings", (("hardly known", signed_in(PersonId.new(), assurance=1)), ("a district", district()))),
            ("GET", "/ratings/mine", (("hardly known", signed_in(PersonId.new(), assurance=1)), ("a district", district()))),
            ("GET", "/ratings/tasks", (("an app", _SOMEBODY), ("without agency", department(None)))),
            ("POST", _REPLY, (("an app", _SOMEBODY), ("without agency", department(None)))),
            ("GET", "/ratings/tags", (("a district", district()),)),
            ("GET", "/ratings", (("a district", district()),)),
            ("GET", "/ratings/page", (("a district", district()),)),
        )
        for why, facts in (
            *callers,
            ("not through the gateway", replace(_SOMEBODY, issuer="application", permissions=frozenset(Permission))),
            ("without permission", replace(_SOMEBODY, permissions=frozenset())),
        )
    ],
)
async def test_who_may_not_is_refused(rating: Service, method: str, path: str, facts: CallerFacts) -> None:
    body = {"kind": "rectified", "text": "好"} if path == _REPLY else {"ticket_id": TicketId.new(), "stars": 5}
    answer = await rating.get(path, facts) if method == "GET" else await rating.post(path, facts, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not rating.door.disclosed


async def test_an_app_with_every_permission_still_answers_for_no_unit(rating: Service) -> None:
    almighty = replace(_SOMEBODY, officer=OfficerId("x-001"), permissions=frozenset(each.value for each in Permission))
    assert (await rating.get("/ratings/tasks", almighty)).status_code == 403
    assert (await rating.reply(RatingId.new(), facts=almighty)).status_code == 403
