"""Signing on by a code on the phone, and choosing a new password by one."""

import re
from datetime import timedelta

import pytest

from deploy.local.sandbox import sms
from tests.component.identity.office import PASSWORD, PEOPLE, Office, back, claims_of
from tests.component.identity.steps import PHONE, asked, press, real_person

NUMBER = PEOPLE[0]["resident_id"]


async def test_a_code_on_the_phone_signs_on_as_a_real_name_at_most(office: Office) -> None:
    await real_person(office)
    page = await press(office, await office.page(), "sms", username=PHONE)
    assert page.status_code == 200
    tokens = await office.redeem(back(await press(office, page, "code", code=office.code_sent_to(PHONE)))["code"])
    claims = claims_of(tokens.json()["access_token"])
    assert (claims["assurance"], claims["amr"]) == (2, ["sms"])


async def test_a_code_is_used_once_and_holds_for_five_minutes(office: Office) -> None:
    await office.registered()
    page = await press(office, await office.page(), "sms", username=PHONE)
    code = office.code_sent_to(PHONE)
    assert "code" in back(await press(office, page, "code", code=code))
    again = await press(office, await office.page(), "code", username=PHONE, code=code)
    assert again.status_code == 401
    office.clock.advance(timedelta(minutes=1))
    page = await press(office, await office.page(), "sms", username=PHONE)
    office.clock.advance(timedelta(minutes=5))
    assert (await press(office, page, "code", code=office.code_sent_to(PHONE))).status_code == 401


async def test_a_code_of_registration_signs_nobody_on(office: Office) -> None:
    """An application may ask for that one, so it may come to know it."""
    await office.registered()
    office.clock.advance(timedelta(minutes=1))
    await office.api("POST", "/sms-codes", {"phone": PHONE})
    assert (await press(office, await office.page(), "code", username=PHONE, code=office.code_sent_to(PHONE))).status_code == 401


@pytest.mark.parametrize("code", ["", " ", "000000"])
async def test_where_no_code_was_sent_none_is_right(office: Office, code: str) -> None:
    await office.registered()
    assert (await press(office, await office.page(), "code", username=PHONE, code=code)).status_code == 401
    said = {"number": NUMBER, "phone": PHONE, "code": code, "password": "another-password"}
    assert (await press(office, await office.page(), "reset", **said)).status_code == 401


async def test_five_wrong_codes_lock_that_phone_even_for_the_next_code(office: Office) -> None:
    await office.registered()
    page = await press(office, await office.page(), "sms", username=PHONE)
    wrong = f"{(int(office.code_sent_to(PHONE)) + 1) % 10**6:06d}"
    for _ in range(5):
        page = await press(office, page, "code", code=wrong)
        assert (page.status_code, "验证码错误" in page.text) == (401, True)
    office.clock.advance(timedelta(minutes=2))
    page = await press(office, page, "sms")
    assert (await press(office, page, "code", code=office.code_sent_to(PHONE))).status_code == 401
    office.clock.advance(timedelta(minutes=14))
    page = await press(office, await office.page(), "sms", username=PHONE)
    assert "code" in back(await press(office, page, "code", code=office.code_sent_to(PHONE)))


async def test_a_phone_gets_one_code_a_minute_and_ten_a_day(office: Office) -> None:
    await office.registered()
    sms._messages.clear()
    first = await press(office, await office.page(), "sms", username=PHONE)
    soon = await press(office, first, "sms")
    assert (first.status_code, soon.status_code, len(sms._messages)) == (200, 429, 1)
    for _ in range(11):
        office.clock.advance(timedelta(minutes=1))
        page = await press(office, await office.page(), "sms", username=PHONE)
    assert (page.status_code, len(sms._messages)) == (429, 10)
    office.clock.advance(timedelta(days=1))
    assert (await press(office, await office.page(), "sms", username=PHONE)).status_code == 200


async def test_a_sender_that_is_away_is_said_to_be_and_makes_nobody_wait(office: Office) -> None:
    await office.registered()
    office.manners("sms", is_down=True)
    away = await press(office, await office.page(), "sms", username=PHONE)
    assert (away.status_code, "短信服务暂不可用" in away.text) == (503, True)
    office.manners("sms")
    assert (await press(office, away, "sms")).status_code == 200


@pytest.mark.parametrize("username", ["", "abc", NUMBER, "1380000000"])
async def test_what_is_no_phone_is_said_to_be_none_whoever_it_names(office: Office, username: str) -> None:
    await office.registered()
    page = await press(office, await office.page(), "sms", username=username)
    assert (page.status_code, "请先填写手机号" in page.text) == (422, True)


async def test_an_unknown_phone_gets_the_same_pages_and_a_message_that_opens_nothing(office: Office) -> None:
    await office.registered()
    known = await press(office, await office.page(), "sms", username=PHONE)
    unknown = await press(office, await office.page(), "sms", username="13900000009")
    handle = r'name="request" value="[^"]*"'
    assert re.sub(handle, "", known.text).replace(PHONE, "") == re.sub(handle, "", unknown.text).replace("13900000009", "")
    assert unknown.status_code == 200
    [message] = [each for each in sms._messages.values() if each.phone == "13900000009"]
    assert "it opens no account" in message.text
    assert not any(character.isdecimal() for character in message.text)


async def test_a_forgotten_password_is_replaced_by_document_number_and_code(office: Office) -> None:
    await office.registered()
    await office.login()
    other = dict(office.jar)
    page = await press(office, await office.page(), "forgot")
    page = await press(office, page, "forgot-code", number=NUMBER, phone=PHONE)
    chosen = await press(office, page, "reset", code=office.code_sent_to(PHONE), password="another-password")
    assert "新密码已生效" in chosen.text
    assert "code" in back(await press(office, chosen, "login", username=PHONE, password="another-password"))
    assert (await office.login()).status_code == 401
    office.jar = other
    assert (await asked(office)).status_code == 200, "whoever was signed on by the old password is out"


@pytest.mark.parametrize(
    ("number", "phone"),
    [(PEOPLE[1]["resident_id"], PHONE), (NUMBER, "13900000009"), (PHONE, PHONE), ("", PHONE), ("x", PHONE)],
)
async def test_no_password_is_replaced_where_number_and_phone_are_not_one_account_s(office: Office, number: str, phone: str) -> None:
    await office.registered()
    sms._messages.clear()
    page = await press(office, await office.page(), "forgot-code", number=number, phone=phone)
    assert page.status_code == 200
    [message] = sms._messages.values()
    assert "it opens no account" in message.text
    refused = await press(office, page, "reset", code="000000", password="another-password")
    assert (refused.status_code, "验证码错误" in refused.text) == (401, True)
    assert "code" in back(await office.login())


async def test_a_new_password_is_long_enough_and_its_code_is_no_code_to_sign_on(office: Office) -> None:
    await office.registered()
    page = await press(office, await office.page(), "forgot-code", number=NUMBER, phone=PHONE)
    code = office.code_sent_to(PHONE)
    assert (await press(office, page, "reset", code=code, password="short")).status_code == 422
    assert (await press(office, page, "code", username=PHONE, code=code)).status_code == 401
    assert (await press(office, page, "reset", code=code, password=PASSWORD + "2")).status_code == 200
