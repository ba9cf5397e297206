"""A surer or a younger proof from who is signed on already, and the login-free period. Source: RFC 9470."""

from datetime import timedelta

import pytest

from services.identity.domain.sign_on import ACR
from tests.component.identity.office import PASSWORD, Office, back, claims_of, fields
from tests.component.identity.steps import PHONE, asked, options, press, real_person, with_passkey

LEVEL_3 = {"acr_values": f"{ACR}3"}


async def by_sms(office: Office) -> None:
    office.clock.advance(timedelta(minutes=1))
    page = await press(office, await office.page(), "sms", username=PHONE)
    assert "code" in back(await press(office, page, "code", code=office.code_sent_to(PHONE)))


async def test_a_challenge_of_the_gateway_is_met_by_a_surer_proof_in_the_same_sign_on(office: Office) -> None:
    """The whole loop: a token of too low a level, the client asks again with what the challenge named, a token that does."""
    person = await real_person(office)
    await by_sms(office)
    low = claims_of((await office.redeem(back(await asked(office))["code"])).json()["access_token"])
    assert low["assurance"] == 2
    page = await asked(office, **LEVEL_3, max_age="300")
    assert "实人认证" in page.text
    assert "username" not in fields(page)
    proven = await press(office, page, "login", password=PASSWORD)
    high = claims_of((await office.redeem(back(proven)["code"])).json()["access_token"])
    assert (high["assurance"], high["amr"], high["sub"], high["sid"]) == (3, ["sms", "pwd"], person, low["sid"])


async def test_only_ways_that_reach_the_level_are_offered(office: Office) -> None:
    await real_person(office)
    await by_sms(office)
    page = await asked(office, **LEVEL_3)
    assert ('id="password"' in page.text, 'id="sms"' in page.text, 'id="passkey"' in page.text) == (True, False, False)
    nobody = await office.page(office.request(**LEVEL_3))
    assert ('id="sms"' in nobody.text, 'id="passkey"' in nobody.text) == (False, True)
    assert 'id="sms"' in (await office.page()).text


async def test_a_passkey_of_the_account_steps_up(office: Office) -> None:
    await real_person(office)
    await office.login()
    device = await with_passkey(office)
    await by_sms(office)
    page = await press(office, await asked(office, **LEVEL_3), "passkey")
    assert "code" in back(await press(office, page, "passkey-used", credential=device.uses(options(page))))


async def test_a_weaker_proof_does_not_keep_a_surer_one_fresh(office: Office) -> None:
    """Otherwise a stolen phone beside a stolen laptop would be worth what the password was."""
    await real_person(office)
    await office.login()
    office.clock.advance(timedelta(minutes=10))
    page = await asked(office, max_age="300")
    assert 'id="sms"' not in page.text
    sent = await press(office, page, "sms", username=PHONE)
    answer = back(await press(office, sent, "code", code=office.code_sent_to(PHONE)))
    assert claims_of((await office.redeem(answer["code"])).json()["access_token"])["assurance"] == 2
    assert (await asked(office, **LEVEL_3)).status_code == 200


@pytest.mark.parametrize(
    ("more", "words"), [({"prompt": "login"}, "再次确认"), ({"max_age": "60"}, "已有一段时间"), ({"max_age": "0"}, "已有一段时间")]
)
async def test_a_younger_proof_is_asked_of_who_is_signed_on(office: Office, more: dict[str, str], words: str) -> None:
    await office.registered()
    await office.login()
    office.clock.advance(timedelta(minutes=2))
    page = await asked(office, **more)
    assert words in page.text
    assert "示*" in page.text
    assert "code" in back(await press(office, page, "login", password=PASSWORD))


async def test_what_no_way_of_the_account_reaches_is_said_and_sent_back(office: Office) -> None:
    await office.registered()
    await office.login()
    page = await asked(office, **LEVEL_3)
    assert "达不到" in page.text
    assert "人脸核验" in page.text
    [link] = [line for line in page.text.splitlines() if 'id="back"' in line]
    target = link.split('href="')[1].split('"')[0].replace("&amp;", "&")
    said = back(await office.browse("GET", target))
    assert (said["error"], said["state"]) == ("unmet_authentication_requirements", "the-state")
    assert (await office.browse("GET", target)).status_code == 400, "a request ends once"


async def test_another_account_may_be_used_and_ends_the_first(office: Office) -> None:
    await office.registered()
    office.clock.advance(timedelta(minutes=1))
    await office.registered(1, phone="13800000002")
    tokens = await office.redeem(back(await office.login())["code"])
    office.clock.advance(timedelta(seconds=1))
    page = await press(office, await asked(office, prompt="login"), "other")
    assert "username" in fields(page)
    other = await office.redeem(back(await press(office, page, "login", username="13800000002", password=PASSWORD))["code"])
    first, second = (claims_of(each.json()["access_token"]) for each in (tokens, other))
    assert first["sid"] != second["sid"]
    assert (await office.ask("/introspect", token=tokens.json()["access_token"])).json() == {"active": False}


async def test_whoever_cancels_is_sent_back(office: Office) -> None:
    assert back(await press(office, await office.page(), "deny"))["error"] == "access_denied"


async def test_a_cookie_from_before_a_proof_opens_nothing(office: Office) -> None:
    """Session fixation: whoever planted or saw the old cookie is not signed on by the new proof."""
    await office.registered()
    await office.login()
    old = office.jar["tongban-sso"]
    office.clock.advance(timedelta(seconds=1))
    await press(office, await asked(office, prompt="login"), "login", password=PASSWORD)
    assert office.jar["tongban-sso"] != old
    assert back(await asked(office, prompt="none"))["code"]
    office.jar["tongban-sso"] = old
    assert back(await office.browse("GET", office.request(prompt="none")))["error"] == "login_required"


async def test_a_cookie_that_an_attacker_planted_is_never_the_sign_on(office: Office) -> None:
    await office.registered()
    page = await office.page()
    office.jar["tongban-sso"] = "planted"
    await press(office, page, "login", username=PHONE, password=PASSWORD)
    assert office.jar["tongban-sso"] != "planted"


@pytest.mark.parametrize(("chosen", "days"), [("1", 1), ("10", 10), ("30", 30), ("0", 0), ("31", 0), ("-1", 0), ("x", 0), ("", 0)])
async def test_the_login_free_period_is_what_the_person_chose_of_four(office: Office, chosen: str, days: int) -> None:
    await office.registered()
    page = await office.page()
    form = {**fields(page), "username": PHONE, "password": PASSWORD, "login_free": chosen}
    proven = await office.browse("POST", "/sign-on", form)
    assert (f"Max-Age={days * 86400}" in proven.headers["set-cookie"]) == (days > 0)
    assert ("Max-Age" in proven.headers["set-cookie"]) == (days > 0)
    await office.follow(proven)
    office.clock.advance(timedelta(days=days, hours=0 if days else 12, seconds=-1))
    assert "code" in back(await asked(office))
    office.clock.advance(timedelta(seconds=1))
    assert 'id="username"' in (await asked(office)).text


async def test_the_login_free_period_is_worth_a_real_name_until_a_new_proof(office: Office) -> None:
    await real_person(office)
    await press(office, await office.page(), "login", username=PHONE, password=PASSWORD, login_free="10")
    office.clock.advance(timedelta(days=2))
    assert claims_of((await office.redeem(back(await asked(office))["code"])).json()["access_token"])["assurance"] == 2
    page = await asked(office, **LEVEL_3)
    proven = await press(office, page, "login", password=PASSWORD)
    assert claims_of((await office.redeem(back(proven)["code"])).json()["access_token"])["assurance"] == 3
    office.clock.advance(timedelta(days=8, seconds=-1))
    assert "code" in back(await asked(office)), "the period that was chosen goes on"


async def test_who_meets_a_request_sees_no_page(office: Office) -> None:
    await office.registered()
    await office.login()
    answer = await office.browse("GET", office.request())
    handle = answer.headers["location"].partition("?")[2]
    assert "code" in back(await office.follow(await office.browse("GET", f"/sign-on?{handle}")))


async def test_the_page_knows_whom_the_client_expects(office: Office) -> None:
    page = await office.page(office.request(login_hint=f'{PHONE}"><script>'))
    assert fields(page)["username"] == f'{PHONE}"><script>'
    assert "<script" not in page.text
