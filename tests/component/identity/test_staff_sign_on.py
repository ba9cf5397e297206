"""Officers sign on by two factors, apart from persons."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from contracts.values import PartyId
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import STAFF_CLIENTS
from services.identity.tables import sessions, staff
from tests.component.identity.office import PASSWORD, Office, back, fields
from tests.component.identity.officers import AGENCY, CODE, NUMBER, activated, desk, officer
from tests.component.identity.steps import PHONE, account, options, press
from tests.support.authenticator import Authenticator


async def first_factor(office: Office, **more: str) -> object:
    form = {"agency": AGENCY, "username": NUMBER, "password": PASSWORD, **more}
    return await press(office, await office.page(await desk(office)), "login", **form)


async def test_an_officer_is_activated_by_a_code_and_makes_a_passkey(office: Office) -> None:
    staff_id = await officer(office)
    await activated(office)
    assert "tongban-staff" in office.jar
    assert "tongban-sso" not in office.jar
    async with office.database.reading() as session:
        row = (await session.execute(sa.select(sessions))).one()
    assert (row.staff_id, row.person_id, row.methods, row.assurance) == (staff_id, None, ["pwd", "hwk"], 3)
    assert row.expires_at - row.signed_on_at == timedelta(hours=12)


async def test_later_an_officer_needs_the_password_and_that_passkey(office: Office) -> None:
    await officer(office)
    device = await activated(office)
    page = await first_factor(office)
    assert "tongban-staff" not in office.jar, "one factor is no sign-on"
    assert "code" in back(await press(office, page, "passkey-used", credential=device.uses(options(page))))


async def test_the_second_factor_is_the_officer_s_own(office: Office) -> None:
    """Neither another officer's passkey nor a new one of whoever knows the password."""
    await officer(office)
    await officer(office, number="qx-002")
    await activated(office)
    other = await activated(office, number="qx-002")
    page = await first_factor(office)
    assert (await press(office, page, "passkey-used", credential=other.uses(options(page)))).status_code == 401
    page = await first_factor(office)
    stranger = Authenticator(office.issuer)
    assert (await press(office, page, "passkey-made", credential=stranger.makes(options(page)))).status_code == 401


async def test_no_passkey_without_the_password_just_before(office: Office) -> None:
    await officer(office)
    device = await activated(office)
    page = await first_factor(office)
    answer = device.uses(options(page))
    elsewhere = await office.page(await desk(office))
    assert (await press(office, elsewhere, "passkey-used", credential=answer)).status_code == 401
    page = await first_factor(office)
    office.clock.advance(timedelta(minutes=5))
    assert (await press(office, page, "passkey-used", credential=device.uses(options(page)))).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [{"password": "wrong-password"}, {"agency": "11310101TE5T010192"}, {"username": "qx-009"}, {"username": ""}, {"agency": "\0"}],
)
async def test_who_is_wrong_learns_nothing_of_why(office: Office, wrong: dict[str, str]) -> None:
    await officer(office)
    await activated(office)
    refused = await first_factor(office, **wrong)
    assert (refused.status_code, "账号或密码错误" in refused.text) == (401, True)
    assert "data-options" not in refused.text


async def test_five_failures_lock_the_officer(office: Office) -> None:
    await officer(office)
    await activated(office)
    for _ in range(5):
        assert (await first_factor(office, password="wrong-password")).status_code == 401
    assert (await first_factor(office)).status_code == 401
    office.clock.advance(timedelta(minutes=15))
    assert (await first_factor(office)).status_code == 200


@pytest.mark.parametrize("wrong", [{"activation": "another"}, {"activation": ""}, {"username": "qx-009"}, {"agency": ""}])
async def test_an_activation_code_is_its_officer_s(office: Office, wrong: dict[str, str]) -> None:
    await officer(office)
    page = await press(office, await office.page(await desk(office)), "first")
    form = {"agency": AGENCY, "username": NUMBER, "activation": CODE, "password": PASSWORD, **wrong}
    assert (await press(office, page, "activate", **form)).status_code == 401


async def test_an_activation_code_is_used_once_and_expires(office: Office) -> None:
    await officer(office)
    await officer(office, number="qx-002")
    await activated(office)
    again = {"agency": AGENCY, "username": NUMBER, "activation": CODE, "password": PASSWORD}
    assert (await press(office, await office.page(await desk(office)), "activate", **again)).status_code == 401
    office.clock.advance(timedelta(days=7))
    late = again | {"username": "qx-002"}
    assert (await press(office, await office.page(await desk(office)), "activate", **late)).status_code == 401


async def test_an_officer_who_left_signs_on_no_more(office: Office) -> None:
    await officer(office)
    device = await activated(office)
    page = await first_factor(office)
    async with office.database.transaction() as session:
        await session.execute(sa.update(staff).values(status="left"))
    assert (await press(office, page, "passkey-used", credential=device.uses(options(page)))).status_code == 401
    assert (await first_factor(office)).status_code == 401


async def test_a_new_activation_ends_what_the_officer_had_before(office: Office) -> None:
    await officer(office)
    old = await activated(office)
    async with office.database.transaction() as session:
        await session.execute(
            sa.update(staff).values(activation=digest(CODE), activation_expires_at=office.clock.now() + timedelta(days=1))
        )
    await activated(office)
    page = await first_factor(office)
    assert (await press(office, page, "passkey-used", credential=old.uses(options(page)))).status_code == 401
    async with office.database.reading() as session:
        live = (await session.execute(sa.select(sessions.c.id).where(sessions.c.revoked_at.is_(None)))).all()
    assert len(live) == 1


async def test_only_systems_of_agencies_ask_for_officers(office: Office) -> None:
    """F93: an app is sent back before anybody is asked anything."""
    for scope in ("staff", "openid staff", "openid profile staff"):
        refused = back(await office.browse("GET", office.request(scope=scope)))
        assert (refused["error"], "code" in refused) == ("invalid_scope", False)
    for kind in STAFF_CLIENTS:
        client = PartyId.new()
        await office.know(client, kind=kind)
        assert 'id="agency"' in (await office.page(office.request(client_id=client, scope="openid staff"))).text


async def test_a_person_s_sign_on_is_none_for_staff_and_an_officer_s_none_for_persons(office: Office) -> None:
    await office.registered()
    await office.login()
    request = await desk(office, prompt="none")
    assert back(await office.browse("GET", request))["error"] == "login_required"
    office.jar["tongban-staff"] = office.jar["tongban-sso"]
    assert back(await office.browse("GET", request))["error"] == "login_required", "a person's cookie under the other name"
    await officer(office)
    await activated(office)
    office.jar["tongban-sso"] = office.jar["tongban-staff"]
    assert back(await office.browse("GET", office.request(prompt="none")))["error"] == "login_required"
    assert (await account(office, "/account/devices")).status_code == 401


async def test_the_words_of_persons_open_nothing_for_staff(office: Office) -> None:
    await office.registered()
    await officer(office)
    page = await office.page(await desk(office))
    assert "login_free" not in page.text
    for action in ("sms", "code", "passkey", "forgot", "reset", "other"):
        answer = await press(office, page, action, username=PHONE, password=PASSWORD)
        assert 'id="agency"' in answer.text, action
    assert "request" in fields(page)
