"""A city code on paper, for people without a phone: little, long, and revocable."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.values import CityCodeType, PersonId, PresentedCode
from services.identity.repository.paper_codes import forget_paper_codes
from tests.component.identity.city_codes import Desk
from tests.component.identity.office import PEOPLE, Office


@pytest.fixture
async def desk(office: Office) -> Desk:
    desk = Desk(office)
    for scene in ("culture", "health", "domestic"):
        await desk.admit(scene)
    return desk


def document(number: int = 0, **more: Any) -> dict[str, Any]:
    shown = {"document": {"type": "resident_id", "number": PEOPLE[number]["resident_id"]}, "name": PEOPLE[number]["name"]}
    return shown | more


async def printed(desk: Desk, *, key: str = "print-1") -> dict[str, Any]:
    answer = await desk.of_officer("POST", "/city-codes/window/paper", document(), key=key)
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_an_officer_prints_a_code_for_whose_document_lies_on_the_counter(desk: Desk) -> None:
    holder = await desk.holder(assurance=2)
    paper = await printed(desk)
    says = PresentedCode.read(paper["code"]).says
    assert (says.type, says.scene, says.life_s) == (CityCodeType.PAPER, "any", 90 * 86400)
    assert (len(paper["code"]) <= 300, paper["id"], paper["at_window"]) == (True, says.id, True)
    assert PEOPLE[0]["name"] not in str(paper)
    assert desk.office.door.disclosed[-1].subjects == (holder,)


async def test_a_retry_at_the_window_prints_the_same_code(desk: Desk) -> None:
    await desk.holder()
    assert (await printed(desk))["code"] == (await printed(desk))["code"]
    unkeyed = await desk.of_officer("POST", "/city-codes/window/paper", document())
    assert (unkeyed.status_code, unkeyed.json()["code"]) == (400, "idempotency-key-required")


async def test_a_number_with_another_name_is_as_unknown_as_no_number(desk: Desk) -> None:
    await desk.holder()
    for wrong in (document(name=PEOPLE[1]["name"]), document(1)):
        answer = await desk.of_officer("POST", "/city-codes/window/paper", wrong, key="k")
        assert (answer.status_code, answer.json()["code"]) == (404, "person-not-found")


async def test_paper_gives_little_of_the_lowest_level_in_every_scene_that_takes_it(desk: Desk) -> None:
    await desk.holder()
    code = (await printed(desk))["code"]
    answer = (await desk.verify(code, "health")).json()
    assert (answer["medium"], answer["claims"].keys()) == ("paper", {"name_masked", "sex", "age_band"})
    assert {claim["assurance"] for claim in answer["claims"].values()} == {1}
    assert (await desk.verify(code, "culture")).json()["claims"].keys() == {"name_masked", "age_band"}
    assert await desk.refusal(code, "domestic") == (422, "city-code-not-for-subject")


async def test_paper_serves_again_until_its_ninety_days_are_over(desk: Desk) -> None:
    await desk.holder()
    code = (await printed(desk))["code"]
    assert [(await desk.verify(code, "health")).json()["times"] for _ in range(3)] == [1, 2, 3]
    desk.office.clock.advance(timedelta(days=90, seconds=-1))
    assert (await desk.verify(code, "health")).status_code == 200
    desk.office.clock.advance(timedelta(seconds=1))
    assert await desk.refusal(code, "health") == (422, "city-code-expired")


async def test_a_paper_code_ends_when_its_holder_revokes_it(desk: Desk) -> None:
    holder, other = await desk.holder(0), await desk.holder(1)
    paper = await printed(desk)
    for stranger in (other, PersonId.new()):
        foreign = await desk.of_subject("DELETE", f"/city-codes/paper/{paper['id']}", person=stranger)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "paper-code-not-found")
    assert (await desk.verify(paper["code"], "health")).status_code == 200
    assert [each["id"] for each in (await desk.of_subject("GET", "/city-codes/paper", person=holder)).json()] == [paper["id"]]
    for _ in range(2):
        assert (await desk.of_subject("DELETE", f"/city-codes/paper/{paper['id']}", person=holder)).status_code == 204
    assert await desk.refusal(paper["code"], "health") == (409, "city-code-revoked")
    assert (await desk.of_subject("GET", "/city-codes/paper", person=holder)).json() == []


async def test_an_officer_revokes_a_paper_that_was_found(desk: Desk) -> None:
    await desk.holder()
    paper = await printed(desk)
    assert (await desk.of_officer("DELETE", f"/city-codes/window/paper/{paper['id']}")).status_code == 204
    assert await desk.refusal(paper["code"], "health") == (409, "city-code-revoked")
    assert (await desk.of_officer("DELETE", f"/city-codes/window/paper/{'x' * 16}")).status_code == 404


async def test_the_next_paper_ends_the_lost_one(desk: Desk) -> None:
    await desk.holder()
    lost, found = (await printed(desk, key="a"))["code"], (await printed(desk, key="b"))["code"]
    assert await desk.refusal(lost, "health") == (409, "city-code-revoked")
    assert (await desk.verify(found, "health")).status_code == 200


async def test_a_replaced_handle_ends_paper_too(desk: Desk) -> None:
    holder = await desk.holder()
    code = (await printed(desk))["code"]
    assert (await desk.of_subject("POST", "/city-codes/handle", person=holder)).status_code == 200
    assert await desk.refusal(code, "health") == (409, "city-code-revoked")
    assert (await desk.of_subject("GET", "/city-codes/paper", person=holder)).json() == []


async def test_a_person_or_their_guardian_prints_it_themselves(desk: Desk) -> None:
    child, guardian = await desk.holder(0), await desk.holder(1)
    own = await desk.of_subject("POST", "/city-codes/paper", person=guardian, key="a")
    assert (own.status_code, own.json()["at_window"]) == (201, False)
    acted = await desk.of_subject("POST", "/city-codes/paper", person=child, actor=guardian, key="a")
    assert acted.status_code == 201
    assert (await desk.verify(acted.json()["code"], "health")).status_code == 200
    assert desk.office.door.disclosed[-1].subjects == (child,)


async def test_who_may_act_in_some_matters_only_prints_no_paper(desk: Desk) -> None:
    holder, helper = await desk.holder(0), await desk.holder(1)
    by_mandate = {"person": holder, "actor": helper, "mandate_matters": ("310100000000",)}
    answer = await desk.of_subject("POST", "/city-codes/paper", key="a", **by_mandate)
    assert (answer.status_code, answer.json()["code"]) == (403, "city-code-not-by-mandate")


async def test_paper_needs_a_real_name(desk: Desk) -> None:
    await desk.holder(assurance=1)
    answer = await desk.of_officer("POST", "/city-codes/window/paper", document(), key="a")
    assert (answer.status_code, answer.json()["code"]) == (403, "city-code-assurance-too-low")


async def test_who_is_no_officer_prints_nothing_at_a_window(desk: Desk) -> None:
    holder = await desk.holder()
    answer = await desk.of_subject("POST", "/city-codes/window/paper", document(), person=holder, key="a")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_code_on_a_screen_cannot_pass_for_paper_nor_paper_for_a_screen(desk: Desk) -> None:
    await desk.holder()
    says = PresentedCode.read((await printed(desk))["code"]).says
    unprinted = desk.forged(says.handle, kind=CityCodeType.PAPER, scene="any", life_s=86400)
    assert await desk.refusal(unprinted, "health") == (409, "city-code-revoked")
    assert await desk.refusal(desk.forged(says.handle, scene="any"), "health") == (422, "city-code-other-scene")


async def test_paper_codes_are_forgotten_long_after_their_life(desk: Desk) -> None:
    await desk.holder()
    await printed(desk)
    expired_at = desk.office.clock.now() + timedelta(days=90)
    async with desk.office.database.transaction() as session:
        assert await forget_paper_codes(session, expired_at) == 0
        assert await forget_paper_codes(session, expired_at + timedelta(seconds=1)) == 1
