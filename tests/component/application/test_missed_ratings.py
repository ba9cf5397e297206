"""R09: a bad rating that nobody answers is a yellow card, and a red one a full period later."""

from datetime import date
from typing import Any

from contracts.events.rating import RatingReplyMissed
from contracts.values import CaseNumber, EventId, RatingId
from tests.component.application.conftest import Intake
from tests.support import cases

RATING = RatingId.new()


async def missed(intake: Intake, number: CaseNumber, periods: int, event_id: EventId | None = None) -> None:
    on = date(2026, 12, 1) if periods == 1 else date(2026, 12, 8)
    event = RatingReplyMissed(
        rating_id=RATING, case_number=number, agency=cases.AGENCY, due_on=date(2026, 12, 1), missed_on=on, periods=periods
    )
    await intake.feed.deliver(event, at=intake.clock.now(), event_id=event_id)


async def found(intake: Intake) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await intake.door.call("GET", "/cards?rule=R09", facts=cases.operator())).json()["items"]
    return items


async def answered(intake: Intake, card: dict[str, Any]) -> None:
    path = f"/cards/{card['card_id']}/answer"
    answer = await intake.door.call("POST", path, facts=cases.operator(), json={"answer": "已督促答复"}, key=card["card_id"])
    assert answer.status_code == 200, answer.text


async def test_the_card_is_yellow_and_the_same_card_turns_red_a_period_later(intake: Intake) -> None:
    number, event_id = await intake.submitted(), EventId.new()
    for _ in range(2):
        await missed(intake, number, 1, event_id)
    [card] = await found(intake)
    assert (card["colour"], card["number"], len(card["occasions"])) == ("yellow", number, 1)
    await missed(intake, number, 2)
    [red] = await found(intake)
    assert (red["colour"], red["card_id"], len(red["occasions"])) == ("red", card["card_id"], 2)
    # What comes late, or again, makes nothing less red.
    await missed(intake, number, 1)
    assert await found(intake) == [red]
    assert intake.feed.letters.verdicts == []


async def test_a_card_that_was_answered_stays_and_the_red_one_is_another(intake: Intake) -> None:
    number = await intake.submitted()
    await missed(intake, number, 1)
    [yellow] = await found(intake)
    await answered(intake, yellow)
    await missed(intake, number, 2)
    red, still = await found(intake)
    assert (red["colour"], red["answered_at"]) == ("red", None)
    assert (still["card_id"], still["colour"], still["answer"]) == (yellow["card_id"], "yellow", "已督促答复")
