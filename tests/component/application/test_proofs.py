"""An address is told nothing before it has said a challenge back, and one that does not stays unproven and says so."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey

from chassis.http.signatures import read
from services.application.domain.deliveries import PROVEN_WITHIN, is_echoed
from tests.component.application.pushing import Pushing
from tests.support import cases
from tests.support.callback_receivers import Receiver, receiving
from tests.support.clock import TODAY

Echo = Callable[[str], tuple[int, bytes]]


async def own(pushing: Pushing) -> dict[str, Any]:
    said: dict[str, Any] = (await pushing.intake.door.call("GET", "/callbacks/own", facts=cases.handler())).json()
    return said


async def test_an_address_is_asked_once_and_told_after_it_answered(pushing: Pushing) -> None:
    async with receiving(Receiver()) as district:
        registered = await pushing.register(district)
        assert (registered["proof"], registered["proof_since"]) == ("asked", TODAY.isoformat().replace("+00:00", "Z"))
        number = await pushing.moved(2)
        await pushing.until(lambda: len(district.kept) == 2)
        assert district.moves == [(number, 1), (number, 2)]
        [asked] = district.asked
        assert asked.at < district.told[0].at
        signed = read(asked.message, now=int(pushing.intake.clock.now().timestamp()))
        signed.verify(ECKey.import_key(registered["keys"][0]["jwk"]).public_key)
        assert asked.said.keys() == {"challenge", "party"}
        assert len(asked.said["challenge"]) >= 40
        callback = await own(pushing)
        assert (callback["proof"], callback["proof_failure"], callback["failures"]) == ("proven", None, 0)


ANSWERS: dict[str, tuple[Echo, str]] = {
    "another": (lambda _: (200, b'{"challenge": "x"}'), "answered without the challenge"),
    "nothing": (lambda _: (204, b""), "answered without the challenge"),
    "a page that repeats what it is sent": (lambda nonce: (200, f"<p>{nonce}</p>".encode()), "answered without the challenge"),
    "a refusal": (lambda nonce: (404, json.dumps({"challenge": nonce}).encode()), "answered 404"),
    "a redirect": (lambda nonce: (307, json.dumps({"challenge": nonce}).encode()), "answered 307"),
    "too much": (lambda nonce: (200, json.dumps({"challenge": nonce, "more": "x" * 20_000}).encode()), "no answer: the answer is larger"),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_an_address_that_does_not_answer_the_challenge_is_told_nothing_and_says_so(pushing: Pushing, case: str) -> None:
    echo, why = ANSWERS[case]
    async with receiving(Receiver(echo=echo)) as somebody:
        await pushing.register(somebody)
        await pushing.moved(1)
        await pushing.until(lambda: somebody.asked and pushing.lanes.is_idle)
        callback = await own(pushing)
        assert callback["proof"] == "asked"
        assert callback["proof_failure"].startswith(why)
        assert callback["resumes_at"] is not None, "it is asked again later"
        pushing.intake.clock.advance(PROVEN_WITHIN)
        await pushing.until(lambda: len(somebody.asked) == 2 and pushing.lanes.is_idle)
        assert (await own(pushing))["proof"] == "failed"
        pushing.intake.clock.advance(timedelta(days=1))
        await pushing.lanes.look(pushing.stop)
        assert pushing.lanes.is_idle, "it is asked no more"
        assert (somebody.told, len({each.said["challenge"] for each in somebody.asked})) == ([], 2)
        assert await pushing.ledger() == []


async def test_one_that_failed_is_asked_again_when_it_is_registered_again_and_has_missed_nothing(pushing: Pushing) -> None:
    async with receiving(Receiver(echo=lambda _: (500, b""))) as district:
        await pushing.register(district)
        pushing.intake.clock.advance(PROVEN_WITHIN)
        number = await pushing.moved(2)
        await pushing.until(lambda: district.asked and pushing.lanes.is_idle)
        assert (await own(pushing))["proof"] == "failed"
        district.echo = Receiver().echo
        await pushing.register(district)
        await pushing.until(lambda: len(district.kept) == 2)
        assert district.moves == [(number, 1), (number, 2)]


async def test_another_address_is_asked_anew_and_the_same_one_is_not(pushing: Pushing) -> None:
    async with receiving(Receiver()) as district, receiving(Receiver(echo=lambda _: (200, b"{}"))) as victim:
        await pushing.register(district)
        await pushing.moved(1, case=1)
        await pushing.until(lambda: district.kept)
        await pushing.register(district)
        await pushing.moved(1, case=2)
        await pushing.until(lambda: len(district.kept) == 2)
        assert len(district.asked) == 1
        assert (await pushing.register(victim))["proof"] == "asked"
        await pushing.moved(1, case=3)
        await pushing.until(lambda: victim.asked and pushing.lanes.is_idle)
        assert (victim.told, len(district.kept), (await own(pushing))["proof"]) == ([], 2, "asked")


@pytest.mark.parametrize(
    "body", [b"", b"null", b'"n"', b"[]", b"{}", b'{"challenge": null}', b'{"challenge": ["n"]}', b"\xff", b"[" * 9999]
)
def test_what_is_no_object_with_the_challenge_is_no_answer(body: bytes) -> None:
    assert not is_echoed("n", body)


def test_an_answer_may_say_more_than_the_challenge() -> None:
    assert is_echoed("n", b'{"challenge": "n", "system": "x"}')
