"""Guessing and asking who exists: locked by account and by source, the same answer in the same time. Source: fault F99."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.sealing import Ring, Sealer
from deploy.local.sandbox import sms
from services.identity import worker
from services.identity.commands import proofs
from services.identity.domain.attempts import ACCOUNT, SOURCE
from services.identity.tables import attempts, challenges, sms_codes
from tests.component.identity.conftest import settings_in
from tests.component.identity.office import PASSWORD, PEOPLE, Office, back, fields
from tests.component.identity.steps import PHONE, press
from tests.support.eventually import eventually
from tests.support.station import running

HERE, ELSEWHERE = {"tongban-source": "203.0.113.7"}, {"tongban-source": "198.51.100.9"}


async def guess(office: Office, source: dict[str, str], *, username: str = PHONE, password: str = "wrong-password") -> int:
    page = await press(office, await office.page(), "login", headers=source, username=username, password=password)
    return page.status_code


async def nearly_locked(office: Office, source: str = "203.0.113.7") -> None:
    """One more wrong proof from there is one too many."""
    async with office.database.transaction() as session:
        for _ in range(SOURCE.failures - 1):
            await proofs.note_failure(session, source, Sealer(Ring.of(b"\x07" * 32)), at=office.clock.now())


async def locked_source(office: Office) -> None:
    await nearly_locked(office)
    assert await guess(office, HERE, username="nobody", password="x") == 401


async def test_a_source_that_guesses_many_accounts_is_locked_and_others_are_not(office: Office) -> None:
    await office.registered()
    await locked_source(office)
    assert await guess(office, HERE, password=PASSWORD) == 429
    page = await press(office, await office.page(), "login", headers=ELSEWHERE, username=PHONE, password=PASSWORD)
    assert "code" in back(page)
    office.clock.advance(SOURCE.lock)
    assert "code" in back(await press(office, await office.page(), "login", headers=HERE, username=PHONE, password=PASSWORD))


async def test_a_locked_source_sends_no_messages(office: Office) -> None:
    await locked_source(office)
    sms._messages.clear()
    assert (await press(office, await office.page(), "sms", headers=HERE, username=PHONE)).status_code == 429
    assert sms._messages == {}


async def test_a_person_is_locked_under_every_name_and_from_every_source(office: Office) -> None:
    await office.registered()
    for number in range(ACCOUNT.failures):
        await guess(office, {"tongban-source": f"203.0.113.{number}"}, username=PHONE if number % 2 else PEOPLE[0]["resident_id"])
    assert await guess(office, ELSEWHERE, username=PEOPLE[0]["resident_id"].lower(), password=PASSWORD) == 401
    assert await guess(office, ELSEWHERE, username=PHONE, password=PASSWORD) == 401


async def test_of_many_guesses_at_once_none_is_forgotten(office: Office) -> None:
    await office.registered()
    pages = [await office.page() for _ in range(2)]
    jar = dict(office.jar)
    await asyncio.gather(
        *(press(office, pages[-1], "login", headers=HERE, username=PHONE, password="wrong-password") for _ in range(ACCOUNT.failures))
    )
    office.jar = jar
    assert (await press(office, pages[-1], "login", headers=ELSEWHERE, username=PHONE, password=PASSWORD)).status_code == 401


async def test_addresses_of_one_network_are_one_source(office: Office) -> None:
    await office.registered()
    await nearly_locked(office, "2001:db8:1:2::/64")
    assert await guess(office, {"tongban-source": "2001:db8:1:2::a"}) == 401
    assert await guess(office, {"tongban-source": "2001:db8:1:2:ffff::1"}, password=PASSWORD) == 429
    assert await guess(office, {"tongban-source": "2001:db8:1:3::1"}) == 401


async def test_failures_are_kept_under_names_that_tell_nothing_and_forgotten(office: Office, tmp_path: Path) -> None:
    await office.registered()
    await guess(office, HERE)
    await press(office, await office.page(), "sms", username=PHONE)
    await press(office, await office.page(), "passkey")

    async def kept() -> list[int]:
        async with office.database.reading() as session:
            return [
                (await session.execute(sa.select(sa.func.count()).select_from(each))).scalar_one()
                for each in (attempts, challenges, sms_codes)
            ]

    async with office.database.reading() as session:
        rows = str((await session.execute(sa.select(attempts))).all())
    assert PHONE not in rows
    assert "203.0.113.7" not in rows
    assert all(await kept())
    settings = settings_in(tmp_path, office.database)
    office.clock.advance(timedelta(days=3))
    [part] = [part for part in worker.create(settings, office.database, office.clock) if part.name == "what is over"]

    async def are_gone() -> bool:
        return not any(await kept())

    async with running(part.main):
        await eventually(are_gone)


NOBODY = "13900000009"


async def ratio(way: Callable[[str, int], Awaitable[float]]) -> float:
    """How much longer somebody takes than nobody: of the medians of two ways that take turns, so that whatever else the
    machine does is the same for both. More is measured while noise could explain what is seen."""
    times: dict[str, list[float]] = {PHONE: [], NOBODY: []}
    found = 0.0
    for number in range(400):
        for phone in (PHONE, NOBODY) if number % 2 else (NOBODY, PHONE):
            times[phone].append(await way(phone, number))
        found = statistics.median(times[PHONE]) / statistics.median(times[NOBODY])
        # Seldom looked at: whoever looks after every sample finds what they want sooner or later.
        if number + 1 in {200, 300} and 0.96 < found < 1.04:
            break
    return found


@pytest.mark.timeout(300)
async def test_a_wrong_password_takes_as_long_for_nobody_as_for_somebody(office: Office) -> None:
    await office.registered()
    page = await office.page()

    async def guessed(phone: str, number: int) -> float:
        form = {**fields(page), "action": "login", "username": phone, "password": "wrong-password"}
        started = time.perf_counter()
        answer = await office.browse("POST", "/sign-on", form, tongban_source=f"203.0.{number % 250}.7")
        took = time.perf_counter() - started
        assert answer.status_code == 401
        return took

    assert 0.95 < await ratio(guessed) < 1.05


@pytest.mark.timeout(300)
async def test_a_code_takes_as_long_for_nobody_as_for_somebody(office: Office) -> None:
    await office.registered()
    page = await office.page()

    async def sent(phone: str, number: int) -> float:
        async with office.database.transaction() as session:
            await session.execute(sa.delete(sms_codes))
            await session.execute(sa.delete(attempts))
        form = {**fields(page), "action": "sms", "username": phone}
        started = time.perf_counter()
        answer = await office.browse("POST", "/sign-on", form)
        took = time.perf_counter() - started
        assert answer.status_code == 200
        return took

    assert 0.95 < await ratio(sent) < 1.05
