"""The login page, the lock, and the running sign-on."""

from datetime import timedelta

import httpx
import pytest

from tests.component.identity.office import PASSWORD, PEOPLE, REDIRECT, Office, back, fields


async def test_a_person_signs_on_and_goes_back_with_a_code(office: Office) -> None:
    await office.registered()
    form = {**fields(await office.page()), "username": "13800000001", "password": PASSWORD}
    proven = await office.browse("POST", "/sign-on", form)
    said = back(await office.follow(proven))
    assert (said["state"], said["iss"]) == ("the-state", office.issuer)
    assert len(said["code"]) >= 43
    cookie = proven.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize("username", [PEOPLE[0]["resident_id"], PEOPLE[0]["resident_id"].lower(), " 13800000001 "])
async def test_a_person_is_known_by_number_or_phone(office: Office, username: str) -> None:
    await office.registered()
    assert "code" in back(await office.login(username=username))


async def test_a_phone_of_two_persons_names_neither(office: Office) -> None:
    await office.registered()
    office.clock.advance(timedelta(minutes=1))
    await office.registered(1)
    assert (await office.login()).status_code == 401
    assert "code" in back(await office.login(username=PEOPLE[1]["resident_id"]))


@pytest.mark.parametrize(("username", "password"), [("13800000001", "wrong-password"), ("13800000009", PASSWORD), ("", ""), ("\0", "\0")])
async def test_who_is_wrong_learns_nothing_of_why(office: Office, username: str, password: str) -> None:
    await office.registered()
    refused = await office.login(username=username, password=password)
    assert refused.status_code == 401
    assert "账号或密码错误" in refused.text
    assert "set-cookie" not in refused.headers
    assert "request" in fields(refused)


async def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(office: Office) -> None:
    await office.registered()
    for _ in range(5):
        assert (await office.login(password="wrong-password")).status_code == 401
    assert (await office.login()).status_code == 401
    office.clock.advance(timedelta(minutes=14, seconds=59))
    assert (await office.login()).status_code == 401
    office.clock.advance(timedelta(seconds=1))
    assert "code" in back(await office.login())


async def test_a_right_password_forgets_the_wrong_ones_before(office: Office) -> None:
    await office.registered()
    for _ in range(2):
        for _ in range(4):
            await office.login(password="wrong-password")
        assert "code" in back(await office.login())


async def test_the_running_sign_on_gives_a_code_without_the_form(office: Office) -> None:
    await office.registered()
    await office.login()

    async def asked(**more: str) -> httpx.Response:
        return await office.follow(await office.browse("GET", office.request(**more)))

    for more in ({}, {"prompt": "none"}, {"max_age": "60"}):
        assert "code" in back(await asked(**more))
    office.clock.advance(timedelta(seconds=1))
    assert (await asked(prompt="login")).status_code == 200
    office.clock.advance(timedelta(seconds=60))
    assert (await asked(max_age="60")).status_code == 200
    office.clock.advance(timedelta(hours=12))
    assert (await asked()).status_code == 200


async def test_another_browser_cannot_finish_a_request(office: Office) -> None:
    """Otherwise whoever began it could have somebody else sign on to it."""
    await office.registered()
    page = await office.page()
    office.jar.clear()
    form = {**fields(page), "username": "13800000001", "password": PASSWORD}
    assert (await office.browse("POST", "/sign-on", form)).status_code == 400


async def test_without_a_sign_on_and_without_a_form_login_is_required(office: Office) -> None:
    assert back(await office.browse("GET", office.request(prompt="none")))["error"] == "login_required"
    assert back(await office.browse("GET", office.request(prompt="none"), cookie="tongban-sso=forged"))["error"] == "login_required"
    assert back(await office.browse("GET", office.request(prompt="none login")))["error"] == "invalid_request"


@pytest.mark.parametrize(
    "more",
    [
        {"redirect_uri": "https://evil.example/cb"},
        {"redirect_uri": REDIRECT + "/"},
        {"redirect_uri": None},
        {"client_id": "x"},
        {"client_id": None},
    ],
)
async def test_nobody_is_sent_to_an_address_that_nobody_vouched_for(office: Office, more: dict[str, str | None]) -> None:
    page = await office.browse("GET", office.request(**more))
    assert page.status_code == 400
    assert "location" not in page.headers
    assert 'id="description"' in page.text


async def test_a_parameter_given_twice_is_not_sent_back_either(office: Office) -> None:
    assert (await office.browse("GET", office.request() + "&state=other")).status_code == 400


async def test_a_suspended_client_is_no_client(office: Office) -> None:
    office.clock.advance(timedelta(seconds=1))
    await office.know(office.client, status="suspended")
    assert (await office.browse("GET", office.request())).status_code == 400


WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": None}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge": "v" * 42}, "invalid_request"),
    ({"code_challenge": "é" * 43}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"scope": "nothing"}, "invalid_scope"),
    ({"scope": None}, "invalid_scope"),
    ({"request": "x"}, "request_not_supported"),
    ({"request_uri": "x"}, "request_uri_not_supported"),
    ({"nonce": "n" * 2001}, "invalid_request"),
    ({"nonce": "a\0b"}, "invalid_request"),
]


async def test_a_wrong_request_is_sent_back_with_its_state(office: Office) -> None:
    for more, error in WRONG:
        said = back(await office.browse("GET", office.request(**more)))
        assert (said["error"], said["state"], said["iss"]) == (error, "the-state", office.issuer), more
        assert "code" not in said


async def test_the_page_speaks_chinese_and_english(office: Office) -> None:
    for english in (await office.page(office.request(ui_locales="en zh")), await office.page(accept_language="en-GB")):
        assert '<html lang="en">' in english.text
    chinese = await office.page()
    assert '<html lang="zh-CN">' in chinese.text
    assert "手机号或居民身份证号" in chinese.text
    switched = await office.browse("POST", "/sign-on", {**fields(chinese), "action": "en"})
    assert 'lang="en"' in switched.text
    refused = await office.browse("POST", "/sign-on", {**fields(switched), "username": "x", "password": "y", "action": "login"})
    assert "Wrong account or password" in refused.text


async def test_the_page_has_large_type_and_keeps_it(office: Office) -> None:
    page = await office.page(office.request())
    assert "font-size: 16px" in page.text
    large = await office.browse("POST", "/sign-on", {**fields(page), "action": "large"})
    assert "font-size: 24px" in large.text
    english = await office.browse("POST", "/sign-on", {**fields(large), "action": "en"})
    assert "font-size: 24px" in english.text
    assert "font-size: 16px" in (await office.browse("POST", "/sign-on", {**fields(english), "action": "normal"})).text


async def test_the_page_can_be_framed_by_nobody_and_runs_no_script(office: Office) -> None:
    page = await office.page(office.request())
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text


async def test_names_of_clients_are_text(office: Office) -> None:
    office.clock.advance(timedelta(seconds=1))
    await office.know(office.client, name="<script>alert(1)</script>")
    assert "<script>" not in (await office.page(office.request())).text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_the_form_of_another_page_signs_nobody_on(office: Office, origin: str) -> None:
    """Otherwise whoever asked for the form could sign another's browser on as themselves."""
    await office.registered()
    refused = await office.login(origin=origin)
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
    assert "code" in back(await office.login(origin=office.issuer))


@pytest.mark.parametrize("request_", ["", "00", "zz", "é", "ab" * 40])
async def test_a_form_that_is_not_ours_is_stale(office: Office, request_: str) -> None:
    stale = await office.browse("POST", "/sign-on", {"request": request_, "username": "a", "password": "b"})
    assert stale.status_code == 400
    assert "页面已过期" in stale.text


async def test_a_form_is_stale_after_a_quarter_of_an_hour(office: Office) -> None:
    await office.registered()
    page = await office.page(office.request())
    office.clock.advance(timedelta(minutes=15, seconds=1))
    stale = await office.browse("POST", "/sign-on", {**fields(page), "username": "13800000001", "password": PASSWORD}, accept_language="en")
    assert stale.status_code == 400
    assert "This page has expired" in stale.text
