"""What identity asks on behalf of a person: what they rated."""

from dataclasses import replace
from typing import Any

import pytest

from chassis.http.mesh_token import CallerFacts
from contracts.values import OrganisationId, PersonId
from tests.component.rating.users import Service, district, signed_in


def identity(person: PersonId) -> CallerFacts:
    return CallerFacts("identity", person=person, purpose="查阅档案 own file")


async def ask(rating: Service, person: PersonId, query: str = "") -> dict[str, Any]:
    answer = await rating.get(f"/subjects/{person}/file{query}", identity(person))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_what_a_person_rated_and_what_was_replied(rating: Service, person: PersonId) -> None:
    rated = await rating.rated(person, 1, text="等了两个小时", tags=("110",))
    await rating.reply(rated["rating_id"])
    await rating.rated(PersonId.new(), 5)
    [found] = (await ask(rating, person, "?reveal=true"))["items"]
    fields = {each["name"]: each for each in found["fields"]}
    assert (found["id"], found["title"]) == (rated["rating_id"], "示例·居住证申领")
    assert (fields["text"]["value"], fields["text"]["source"]) == ("等了两个小时", "applicant")
    assert (fields["reply"]["value"], fields["reply"]["source"]) == ("已整改，谢谢您的意见。", "示例·某机构")
    assert fields["case"]["value"] == rated["case_number"]


async def test_without_revealing_no_words_leave(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 5, text="谢谢小王")
    found = await ask(rating, person)
    assert [each["value"] for each in found["items"][0]["fields"] if each["is_masked"]] == ["谢***"]
    assert "小王" not in str(found)


async def test_many_ratings_come_in_pages(rating: Service, person: PersonId, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.rating.queries._PAGE", 2)
    rated = [(await rating.rated(person, 5))["rating_id"] for _ in range(3)]
    first = await ask(rating, person)
    second = await ask(rating, person, f"?before={first['next']}")
    assert [each["id"] for each in (*first["items"], *second["items"])] == rated[::-1]
    assert second["next"] is None


async def test_what_was_shown_is_disclosed_and_nothing_is_not(rating: Service, person: PersonId) -> None:
    await ask(rating, person)
    assert rating.door.disclosed == []
    await rating.rated(person, 5)
    await ask(rating, person)
    [look] = rating.door.disclosed
    assert (look.subjects, look.purpose, look.items) == ((person,), "查阅档案 own file", ("评价 ratings",))


async def test_only_identity_asks_and_only_for_whoever_it_acts_for(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 5)
    for facts in (
        identity(PersonId.new()),
        replace(identity(person), person=None, organisation=OrganisationId.new()),
        replace(identity(person), person=None),
        replace(identity(person), issuer="application"),
        signed_in(person),
        district(),
    ):
        assert (await rating.get(f"/subjects/{person}/file", facts)).status_code == 403
