"""Parties are told of moves at their callbacks: in order for each case, again and again, each in a lane of its own."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
import sqlalchemy as sa
from joserfc.jwk import ECKey

from chassis.http.signatures import NotSigned, content_digest, read
from chassis.sealing import Sealer
from contracts.values import CaseNumber
from services.application.deliveries import LEASE, Lanes
from tests.component.application.pushing import DEPARTMENT, OPERATOR, TERMS, Pushing, Ticking, attempts, lanes_of, settled
from tests.support import cases
from tests.support.callback_receivers import Receiver, receiving
from tests.support.clock import TODAY
from tests.support.eventually import eventually


async def test_a_move_is_told_signed_and_is_nobodys_secret(pushing: Pushing) -> None:
    async with receiving(Receiver()) as district:
        registered = await pushing.register(district)
        number = await pushing.intake.submitted()
        await pushing.until(lambda: district.kept and pushing.lanes.is_idle)
        [told] = district.kept
        key = ECKey.import_key(registered["keys"][0]["jwk"])
        signed = read(told.message, now=int(pushing.intake.clock.now().timestamp()))
        signed.verify(key.public_key)
        assert signed.key_id == registered["keys"][0]["key_id"]
        said = {"number": number, "revision": 1, "reason": "submitted", "status": "submitted", "agency": cases.AGENCY}
        assert told.said == said | {"division": cases.HUANGPU, "at": TODAY.isoformat()}
        [line] = await pushing.ledger()
        assert (line["delivery_id"], line["state"]) == (told.headers["idempotency-key"], "delivered")
        assert content_digest(told.body) == told.headers["content-digest"]
        assert [(each["status"], each["reason"]) for each in line["attempts"]] == [(204, None)]
        [seen] = await pushing.ledger(OPERATOR, f"?number={number}")
        assert seen == line, "both sides read the same ledger"


async def test_the_operator_sees_each_attempt_in_the_whole_of_the_case(pushing: Pushing) -> None:
    answers = iter((503,))
    async with receiving(Receiver(answering=lambda _: next(answers, 204))) as district, receiving(Receiver()) as department:
        await pushing.register(district)
        await pushing.register(department, DEPARTMENT)
        number = await pushing.intake.submitted()
        other = await pushing.intake.submitted("second")
        await pushing.until(lambda: district.told and len(department.kept) == 2 and pushing.lanes.is_idle)
        pushing.intake.clock.advance(timedelta(minutes=5))
        await pushing.until(lambda: len(district.kept) == 2 and pushing.lanes.is_idle)
        whole = await pushing.intake.door.call("GET", f"/cases/{number}/whole", facts=OPERATOR)
        lines = whole.json()["deliveries"]
        assert lines == await pushing.ledger(OPERATOR, f"?number={number}")
        statuses = {each["party"]: [attempt["status"] for attempt in each["attempts"]] for each in lines}
        assert statuses[cases.handler().party] in ([503, 204], [204])
        assert statuses[DEPARTMENT.party] == [204]
        assert other not in whole.text


async def test_a_changed_body_is_not_what_was_signed(pushing: Pushing) -> None:
    async with receiving(Receiver()) as district:
        await pushing.register(district)
        await pushing.moved(1)
        [told] = await pushing.until(lambda: district.kept)
    with pytest.raises(NotSigned):
        read(replace(told.message, body=told.body.replace(b"submitted", b"granted")), now=int(TODAY.timestamp()))


async def test_what_was_before_the_registration_is_not_told_but_may_be_replayed(pushing: Pushing) -> None:
    before = await pushing.moved(2)
    async with receiving(Receiver()) as district:
        await settled(pushing.intake)
        await pushing.register(district)
        after = await pushing.moved(1, case=2)
        await pushing.until(lambda: district.kept)
        assert district.moves == [(after, 1)]
        since, until = TODAY - timedelta(hours=1), TODAY + timedelta(hours=1)
        answer = await pushing.ask("replays", since=since.isoformat(), until=until.isoformat())
        assert (answer.status_code, answer.json()) == (201, {"count": 3})
        await pushing.until(lambda: len(district.kept) == 4)
        again = [each.move for each in district.kept[1:]]
        assert [each for each in again if each[0] == before] == [(before, 1), (before, 2)]
        assert (after, 1) in again
        assert [each["is_replay"] for each in await pushing.ledger()] == [False, True, True, True]


async def test_the_order_of_a_case_is_kept_and_a_refused_move_holds_back_its_own_case_alone(pushing: Pushing) -> None:
    async with receiving(Receiver()) as district:
        await pushing.register(district, at_once=8)
        stuck = await pushing.moved(3, case=1)
        free = await pushing.moved(3, case=2)
        district.answering = lambda told: 422 if told.move == (stuck, 2) else 204
        await pushing.until(lambda: len(district.kept) == 4)
        assert [each for each in district.moves if each[0] == free] == [(free, 1), (free, 2), (free, 3)]
        assert [each for each in district.moves if each[0] == stuck] == [(stuck, 1)]
        district.answering = lambda _: 204
        pushing.intake.clock.advance(timedelta(minutes=5))
        await pushing.until(lambda: len(district.kept) == 6)
        assert [each for each in district.moves if each[0] == stuck] == [(stuck, 1), (stuck, 2), (stuck, 3)]


async def test_a_party_that_is_away_is_tried_again_after_longer_and_longer(pushing: Pushing) -> None:
    async with receiving(Receiver(answering=lambda _: 503)) as district:
        await pushing.register(district)
        await pushing.moved(1)
        waits = []
        for attempt in range(1, 12):
            await pushing.until(partial(attempts, pushing, attempt))
            callback = (await pushing.intake.door.call("GET", "/callbacks/own", facts=cases.handler())).json()
            assert callback["failures"] == attempt
            [line] = await pushing.ledger()
            waits.append((datetime.fromisoformat(line["due_at"]) - datetime.fromisoformat(line["attempts"][-1]["at"])).total_seconds())
            pushing.intake.clock.advance(timedelta(seconds=waits[-1]))
        assert [round(each) for each in waits[:8]] == [1, 2, 4, 8, 16, 32, 64, 128]
        assert all(later >= earlier - 1 for earlier, later in pairwise(waits))
        assert max(waits) < 302


async def test_a_party_may_say_how_long_it_wants_to_be_left_alone(pushing: Pushing) -> None:
    async with receiving(Receiver(answering=lambda _: 429, headers={"retry-after": "600"})) as district:
        await pushing.register(district)
        await pushing.moved(1)
        await pushing.until(lambda: attempts(pushing, 1))
        pushing.intake.clock.advance(timedelta(seconds=590))
        await pushing.lanes.look(pushing.stop)
        assert pushing.lanes.is_idle
        pushing.intake.clock.advance(timedelta(seconds=20))
        await pushing.until(lambda: attempts(pushing, 2))


async def test_what_cannot_be_told_for_days_is_a_dead_letter_that_is_told_when_somebody_asks(pushing: Pushing) -> None:
    async with receiving(Receiver(answering=lambda _: 422)) as district:
        await pushing.register(district)
        number = await pushing.moved(2)
        await pushing.until(lambda: attempts(pushing, 1))
        pushing.intake.clock.advance(timedelta(days=7))
        await pushing.until(lambda: attempts(pushing, 2))
        assert [each["state"] for each in await pushing.ledger()] == ["dead", "waiting"]
        pushing.intake.clock.advance(timedelta(days=1))
        await pushing.lanes.look(pushing.stop)
        assert pushing.lanes.is_idle, "what comes after a dead letter of its case waits for it"
        district.answering = lambda _: 204
        assert [each["state"] for each in await pushing.ledger(OPERATOR, "?state=dead")] == ["dead"]
        answer = await pushing.ask("redrives", OPERATOR, party=str(cases.handler().party))
        assert (answer.status_code, answer.json()) == (201, {"count": 1})
        await pushing.until(lambda: len(district.kept) == 2)
        assert district.moves == [(number, 1), (number, 2)]
        assert (await pushing.ask("redrives")).json() == {"count": 0}


async def test_a_party_redrives_its_own_dead_letters_alone(pushing: Pushing) -> None:
    async with receiving(Receiver(answering=lambda _: 422)) as district, receiving(Receiver()) as department:
        await pushing.register(district)
        await pushing.register(department, DEPARTMENT)
        await pushing.moved(1)
        await pushing.until(lambda: attempts(pushing, 1))
        pushing.intake.clock.advance(timedelta(days=8))
        await pushing.until(lambda: attempts(pushing, 2))
        [dead] = [each for each in await pushing.ledger() if each["state"] == "dead"]
        other = await pushing.ask("redrives", DEPARTMENT, deliveries=[dead["delivery_id"]])
        assert other.json() == {"count": 0}
        mine = await pushing.ask("redrives", deliveries=[dead["delivery_id"]])
        assert mine.json() == {"count": 1}


async def test_a_slow_party_delays_nobody_else(pushing: Pushing) -> None:
    async with receiving(Receiver(delay_s=30)) as slow, receiving(Receiver()) as quick:
        await pushing.register(slow, at_once=16)
        await pushing.register(quick, DEPARTMENT)
        for case in range(1, 31):
            await pushing.moved(1, case=case)
        await pushing.until(lambda: len(slow.told) >= 1)
        began = asyncio.get_running_loop().time()
        await pushing.until(lambda: len(quick.kept) == 30)
        assert asyncio.get_running_loop().time() - began < 10
        assert slow.kept == []


async def test_no_second_has_more_calls_than_the_party_takes(pushing: Pushing) -> None:
    async with receiving(Receiver()) as district:
        await pushing.register(district, per_second=20, at_once=16)
        for case in range(1, 51):
            await pushing.moved(1, case=case)
        await pushing.until(lambda: len(district.kept) == 50)
        ats = [each.at for each in district.told]
        most = max(sum(at <= other < at + 1 for other in ats) for at in ats)
        assert 10 < most <= 21, "one more where the network bunches two"


async def test_two_processes_tell_a_party_once(pushing: Pushing) -> None:
    stop = asyncio.Event()
    async with receiving(Receiver(delay_s=0.02)) as district, lanes_of(pushing.intake, Ticking(pushing.intake.clock), stop) as others:
        await pushing.register(district, at_once=4)
        for case in range(1, 21):
            await pushing.moved(2, case=case)

        async def all_told() -> bool:
            await others.look(stop)
            return len(district.kept) >= 40

        await pushing.until(all_told)
        assert len(district.told) == 40
        for case in range(1, 21):
            number = CaseNumber.of(cases.TASK, TODAY.date(), case)
            assert [each for each in district.moves if each[0] == number] == [(number, 1), (number, 2)]


async def test_a_process_that_dies_leaves_its_party_to_another(pushing: Pushing) -> None:
    async with receiving(Receiver()) as district:
        await pushing.register(district)
        await pushing.moved(1)
        async with pushing.intake.database.transaction() as session:
            held = sa.text("UPDATE callbacks SET lease = gen_random_uuid(), leased_until = :until")
            await session.execute(held, {"until": TODAY + LEASE})
        await pushing.lanes.look(pushing.stop)
        assert pushing.lanes.is_idle
        pushing.intake.clock.advance(LEASE)
        await pushing.until(lambda: district.kept)


async def test_a_key_is_changed_with_an_overlap(pushing: Pushing) -> None:
    async with receiving(Receiver()) as district:
        [first] = (await pushing.register(district))["keys"]
        answer = await pushing.ask("keys", overlap_s=3600)
        assert answer.status_code == 201
        second, still = answer.json()["keys"]
        assert (still, second["signs_from"]) == (first, (TODAY + timedelta(hours=1)).isoformat().replace("+00:00", "Z"))
        await pushing.moved(1, case=1)
        await pushing.until(lambda: len(district.kept) == 1)
        pushing.intake.clock.advance(timedelta(hours=1, minutes=1))
        await pushing.moved(1, case=2)
        await pushing.until(lambda: len(district.kept) == 2)
        assert [each.key_id for each in district.kept] == [first["key_id"], second["key_id"]]


async def test_a_closed_callback_is_not_called_and_goes_on_where_it_stopped(pushing: Pushing) -> None:
    async with receiving(Receiver()) as district:
        await pushing.register(district)
        assert (await pushing.ask("closure")).json()["is_on"] is False
        number = await pushing.moved(2)
        await settled(pushing.intake)
        await pushing.lanes.look(pushing.stop)
        assert pushing.lanes.is_idle
        await pushing.register(district)
        await pushing.until(lambda: len(district.kept) == 2)
        assert district.moves == [(number, 1), (number, 2)]


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/x", "http://district.example.cn/x", "https://localhost/x", "https://10.0.0.1/x", "https://a.internal/x",
     "https://user:pass@district.example.cn/x", "https://district.example.cn:8443/x", "https://[::ffff:127.0.0.1]/x", "ftp://a.cn/x", "x"],
)  # fmt: skip
async def test_a_callback_that_leads_inside_is_not_registered(pushing: Pushing, url: str) -> None:
    answer = await pushing.intake.door.call("PUT", "/callbacks/own", facts=cases.handler(), json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "callback-address-not-acceptable")


async def test_a_redirect_is_followed_nowhere(pushing: Pushing) -> None:
    async with receiving(Receiver()) as inside:
        async with receiving(Receiver(answering=lambda _: 307, headers={"location": inside.url})) as district:
            await pushing.register(district)
            await pushing.moved(1)
            await pushing.until(lambda: attempts(pushing, 1))
            assert (await pushing.ledger())[0]["attempts"][0]["status"] == 307
        assert inside.told == []


async def test_loopback_is_refused_when_it_is_called_unless_it_is_allowed(pushing: Pushing) -> None:
    stop = asyncio.Event()
    async with receiving(Receiver()) as district:
        await pushing.register(district)
        await pushing.until(lambda: district.asked and pushing.lanes.is_idle)
        await pushing.moved(1)
        strict = Lanes(
            pushing.intake.database,
            Ticking(pushing.intake.clock),
            Sealer.from_file(pushing.intake.data_key_file),
            replace(TERMS, may_be_loopback=False),
        )

        async def refused() -> bool:
            await strict.look(stop)
            lines = await pushing.ledger()
            return bool(lines and lines[0]["attempts"])

        assert await eventually(refused)
        [line] = await pushing.ledger()
        assert (line["attempts"][0]["status"], "address" in line["attempts"][0]["reason"]) == (0, True)
        assert district.told == []
        stop.set()
        await strict.run(stop)


async def test_only_handlers_have_callbacks_and_only_operators_see_those_of_others(pushing: Pushing) -> None:
    answer = await pushing.intake.door.call("PUT", "/callbacks/own", facts=cases.applicant(), json={"url": "https://a.example.cn/x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not-a-handler")
    assert (await pushing.intake.door.call("GET", "/callbacks/own", facts=cases.handler())).json()["code"] == "callback-not-found"
    nobody = replace(cases.handler(), permissions=frozenset())
    assert (await pushing.intake.door.call("GET", "/callbacks/own/deliveries", facts=nobody)).status_code == 403
    async with receiving(Receiver()) as district:
        await pushing.register(district)
        page = (await pushing.intake.door.call("GET", "/callbacks", facts=OPERATOR)).json()
        assert [each["url"] for each in page["items"]] == [district.url]
        assert "private" not in json.dumps(page)
