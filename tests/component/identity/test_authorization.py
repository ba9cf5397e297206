"""Asking for a code: what a request may say, whom it is for, and what the person is asked."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.http.mesh_token import CallerFacts
from contracts.values import PartyId
from tests.component.identity.clients import basic, code_form, operate, secret_of, set_up, token_by
from tests.component.identity.office import FORM, PASSWORD, PEOPLE, REDIRECT, Office, back, claims_of, fields
from tests.support.service import EVERYTHING


async def asked(office: Office, **more: str | None) -> httpx.Response:
    """As a browser that may be signed on already."""
    return await office.follow(await office.browse("GET", office.request(**more)))


@pytest.mark.parametrize(
    "more",
    [
        {"display": "popup"},
        {"ui_locales": "se", "claims_locales": "zh-CN"},
        {"login_hint": "13800000001"},
        {"extra": "foobar"},
        {"acr_values": "1 2"},
        {"acr_values": "urn:tongban:assurance:2 urn:tongban:assurance:3"},
        {"state": None, "nonce": None},
        {"state": "s" * 1024, "nonce": "n" * 1024},
        {"prompt": "select_account"},
        {"claims": json.dumps({"userinfo": {"name": {"essential": True}, "unknown": None}, "id_token": None})},
        {"max_age": "10000"},
        {"max_age": "0"},
        {"scope": "phone openid"},
    ],
)
async def test_a_request_may_say_more(office: Office, more: dict[str, str | None]) -> None:
    await office.registered()
    said = back(await office.login(request=office.request(**more)))
    assert "code" in said
    assert said.get("state") == {"state": "the-state", **more}["state"]


WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "٣"}, "invalid_request"),
    ({"claims": "[]"}, "invalid_request"),
    ({"claims": "{"}, "invalid_request"),
    ({"claims": '{"userinfo": []}'}, "invalid_request"),
    ({"claims": "[" * 5000}, "invalid_request"),
    ({"claims": '{"id_token": {"acr": {"essential": true, "values": ["urn:unknown"]}}}'}, "unmet_authentication_requirements"),
    ({"dpop_jkt": "short"}, "invalid_request"),
    ({"id_token_hint": "a.b.c"}, "invalid_request"),
    ({"login_hint": "a\0b"}, "invalid_request"),
    ({"prompt": "none"}, "login_required"),
]


async def test_a_request_that_cannot_be_is_sent_back(office: Office) -> None:
    for more, error in WRONG:
        said = back(await office.browse("GET", office.request(**more)))
        assert (said["error"], said["state"], said["iss"]) == (error, "the-state", office.issuer), more


async def test_nobody_is_sent_where_nobody_has_vouched_for(office: Office) -> None:
    await set_up(office, "confidential")
    for more, text in (
        ({"redirect_uri": REDIRECT + "/"}, "redirect_uri: 未登记的回调地址"),
        ({"redirect_uri": REDIRECT + "?x=1"}, "redirect_uri: 未登记的回调地址"),
        ({"redirect_uri": REDIRECT + "#x"}, "redirect_uri: 未登记的回调地址"),
        ({"redirect_uri": REDIRECT.replace("app.example", "app.example:444")}, "redirect_uri: 未登记的回调地址"),
        ({"redirect_uri": REDIRECT.replace("app.example", "me@app.example")}, "redirect_uri: 未登记的回调地址"),
        ({"redirect_uri": None}, "redirect_uri: 未登记的回调地址"),
        ({"client_id": PartyId.new()}, "client_id: 未登记的应用"),
        ({"client_id": "\0"}, "client_id: 未登记的应用"),
        ({"client_id": None}, "client_id: 未登记的应用"),
    ):
        page = await office.browse("GET", office.request(**more))
        assert page.status_code == 400, more
        assert text in page.text, more
    page = await office.browse("GET", office.request() + "&state=other")
    assert (page.status_code, "invalid_request" in page.text) == (400, True)
    for content_type in ("application/json", ""):
        page = await office.browse("POST", "/authorize", {"client_id": office.client}, content_type=content_type)
        assert page.status_code == 400


async def test_a_request_may_come_as_a_form(office: Office) -> None:
    """The form of another site comes without our cookies: the sign-on that runs is still found."""
    await office.registered()
    await office.login()
    form = dict(httpx.QueryParams(office.request().partition("?")[2]).multi_items())
    kept = dict(office.jar)
    office.jar.clear()
    answer = await office.browse("POST", "/authorize", form)
    assert answer.headers["location"].startswith("/authorize/continue?request=")
    office.jar = kept | office.jar
    assert "code" in back(await office.follow(answer))
    office.jar.clear()
    silent = await office.follow(await office.browse("POST", "/authorize", {**form, "prompt": "none"}))
    assert back(silent)["error"] == "login_required"


async def test_a_young_enough_sign_on_is_not_asked_again(office: Office) -> None:
    await office.registered()
    await office.login()
    first = claims_of((await office.redeem(back(await asked(office))["code"])).json()["id_token"])
    office.clock.advance(timedelta(seconds=2))
    assert "code" in back(await asked(office, max_age="10000"))
    page = await asked(office, max_age="1")
    form = {**fields(page), "username": "13800000001", "password": PASSWORD, "action": "login"}
    code = back(await office.follow(await office.browse("POST", "/sign-on", form)))["code"]
    second = claims_of((await office.redeem(code)).json()["id_token"])
    assert (second["auth_time"] - first["auth_time"], second["sub"]) == (2, first["sub"])


async def test_a_hint_says_for_whom_the_request_is(office: Office) -> None:
    await office.registered()
    hint = (await office.signed_on())["id_token"]
    office.clock.advance(timedelta(hours=1))
    assert "code" in back(await asked(office, prompt="none", id_token_hint=hint))
    await office.registered(1, phone="13800000002")
    await office.login(username=PEOPLE[1]["resident_id"])
    assert back(await asked(office, prompt="none", id_token_hint=hint))["error"] == "login_required"
    subject = json.dumps({"id_token": {"sub": {"value": claims_of(hint)["sub"]}}})
    assert back(await asked(office, prompt="none", claims=subject))["error"] == "login_required"
    assert "code" in back(await asked(office, prompt="none"))


async def test_a_hint_of_another_client_is_none(office: Office) -> None:
    await office.registered()
    hint = (await office.signed_on())["id_token"]
    await set_up(office, "standard")
    assert back(await asked(office, prompt="none", id_token_hint=hint))["error"] == "invalid_request"


async def test_an_essential_level_leads_to_the_sign_on_page(office: Office) -> None:
    await office.registered()
    await office.login()
    level = {"essential": True, "values": ["urn:tongban:assurance:3"]}
    page = await asked(office, claims=json.dumps({"id_token": {"acr": level}}))
    assert "request" in fields(page)


# Consent


async def consent(office: Office, page: httpx.Response, action: str, **headers: str) -> httpx.Response:
    assert 'id="accept"' in page.text, page.text
    assert 'id="deny"' in page.text
    return await office.follow(await office.browse("POST", "/consent", {**fields(page), "action": action}, **headers))


async def test_a_person_is_asked_once_for_what_a_client_may_know(office: Office) -> None:
    await set_up(office, "standard", asks_consent=True)
    await office.registered()
    page = await office.login()
    assert "手机号码" in page.text
    assert "示例应用" in page.text
    assert "code" in back(await consent(office, page, "accept"))
    assert "code" in back(await asked(office))
    assert "code" in back(await asked(office, scope="openid phone"))
    assert "电子邮箱" in (await asked(office, scope="openid email")).text
    claims = json.dumps({"userinfo": {"email": None}})
    assert "电子邮箱" in (await asked(office, scope="openid", claims=claims)).text
    assert 'id="accept"' in (await asked(office, prompt="consent")).text


async def test_nobody_is_asked_silently(office: Office) -> None:
    await set_up(office, "standard", asks_consent=True)
    await office.registered()
    await office.login()
    assert back(await asked(office, prompt="none"))["error"] == "consent_required"


async def test_who_denies_gives_nothing_and_is_asked_again(office: Office) -> None:
    await set_up(office, "standard", asks_consent=True)
    await office.registered()
    page = await office.login()
    denied = back(await consent(office, page, "deny"))
    assert (denied["error"], denied["state"], denied["iss"]) == ("access_denied", "the-state", office.issuer)
    assert (await office.browse("POST", "/consent", {**fields(page), "action": "accept"})).status_code == 400
    assert 'id="accept"' in (await asked(office)).text


async def test_the_form_of_another_page_or_browser_agrees_to_nothing(office: Office) -> None:
    await set_up(office, "standard", asks_consent=True)
    await office.registered()
    page = await office.login()
    form = {**fields(page), "action": "accept"}
    assert (await office.browse("POST", "/consent", form, origin="https://evil.example")).status_code == 403
    kept = dict(office.jar)
    office.jar.clear()
    assert (await office.browse("POST", "/consent", form)).status_code == 400
    assert (await office.browse("GET", f"/consent?request={form['request']}")).status_code == 400
    office.jar = {name: value for name, value in kept.items() if "sso" not in name}
    for method in ("GET", "POST"):
        answer = await office.browse(method, f"/consent?request={form['request']}", form if method == "POST" else None)
        assert answer.headers["location"].startswith("/sign-on?")


async def test_the_consent_page_speaks_english(office: Office) -> None:
    await set_up(office, "standard", asks_consent=True)
    await office.registered()
    assert "Your mobile number" in (await office.login(request=office.request(ui_locales="en"))).text


async def test_a_withdrawn_sign_on_page_denies(office: Office) -> None:
    page = await office.page()
    handle = fields(page)["request"]
    denied = back(await office.browse("GET", f"/authorize/continue?request={handle}&denied=1"))
    assert denied["error"] == "access_denied"
    assert (await office.browse("GET", f"/authorize/continue?request={handle}")).status_code == 400


# Claims


async def test_claims_are_asked_for_by_name_and_place(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    person = await office.registered()
    claims: dict[str, Any] = {
        "userinfo": {"phone_number": {"essential": True}, "x": {"value": 1}},
        "id_token": {"name": None, "y": None, "sid": None},
    }
    code = back(await office.login(request=office.request(scope="openid", claims=json.dumps(claims))))["code"]
    said = (await token_by(office, basic(client, secret), **code_form(code))).json()
    assert claims_of(said["id_token"])["name"] == PEOPLE[0]["name"]
    assert office.door.disclosed[-1].items == ("name",)
    answer = await office.browse("GET", "/userinfo", authorization=f"Bearer {said['access_token']}")
    assert answer.json() == {"sub": person, "phone_number": "+8613800000001"}


async def test_claims_of_a_scope_that_is_not_the_client_s_are_not_given(office: Office) -> None:
    await set_up(office, "standard", scopes=["openid", "profile"])
    said = back(await office.browse("GET", office.request(claims=json.dumps({"userinfo": {"phone_number": None}}))))
    assert said["error"] == "invalid_scope"
    await office.registered()
    code = back(await office.login())["code"]
    assert (await office.redeem(code)).json()["scope"] == "openid profile"


async def test_claims_are_verified_or_the_person_s_own(office: Office) -> None:
    person = await office.registered()
    said = await office.signed_on(request=office.request(scope="openid profile email address phone"))
    answer = (await office.browse("GET", "/userinfo", authorization=f"bearer {said['access_token']}")).json()
    assert answer.keys() == {
        "sub", "name", "gender", "birthdate", "locale", "zoneinfo", "updated_at", "phone_number", "phone_number_verified",
    }  # fmt: skip
    number = PEOPLE[0]["resident_id"]
    assert (answer["sub"], answer["birthdate"]) == (person, f"{number[6:10]}-{number[10:12]}-{number[12:14]}")


async def test_userinfo_takes_the_token_in_a_form(office: Office) -> None:
    person = await office.registered()
    said = await office.signed_on()
    token = said["access_token"]
    by_form = await office.browse("POST", "/userinfo", {"access_token": token})
    by_header = await office.browse("POST", "/userinfo", authorization=f"Bearer {token}")
    assert by_form.json()["sub"] == by_header.json()["sub"] == person
    twice = await office.browse("POST", "/userinfo", {"access_token": token}, authorization=f"Bearer {token}")
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    facts = CallerFacts("gateway", party_kind="portal", permissions=EVERYTHING)
    for content, media_type, status in ((b"a=1&a=2", FORM, 400), (b"{}", "application/json", 401), (b"", FORM, 401)):
        refused = await office.door.call("POST", "/userinfo", facts=facts, content=content, media_type=media_type)
        assert (refused.status_code, refused.headers["www-authenticate"][:14]) == (status, 'Bearer error="')


async def test_a_request_whose_client_was_set_up_otherwise_meanwhile_is_stale(office: Office) -> None:
    await set_up(office, "standard")
    page = await office.page()
    said = {"profile": "standard", "scopes": ["email"], "asks_consent": False}
    assert (await operate(office, "PUT", f"/clients/{office.client}/settings", said)).status_code == 200
    handle = fields(page)["request"]
    assert (await office.browse("GET", f"/authorize/continue?request={handle}")).status_code == 400
