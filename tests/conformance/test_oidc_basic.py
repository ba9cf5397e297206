"""OpenID Connect Basic OP, code flow, static clients: one test for each module of the plan."""

import json
import time
from typing import Any

import httpx

from tests.conformance.browser import Browser, Page
from tests.conformance.party import Asked, Party, is_error_page, is_sign_on, sign_on, unsigned
from tests.conformance.suite import Suite

PROFILE = (
    "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website",
    "gender", "birthdate", "zoneinfo", "locale", "updated_at",
)  # fmt: skip


def begun(suite: Suite, browser: Browser, party: Party | None = None, **more: Any) -> tuple[Party, Asked, Page]:
    """A request of a confidential client as the plan makes it: without PKCE."""
    party = party or suite.basic
    asked = party.asks(**{"pkce": False, **more})
    return party, asked, browser.visit(party.address(asked.said))


def came_back(page: Page, asked: Asked, party: Party) -> str:
    """The code of a right answer."""
    assert page.url.startswith(party.redirect_uri), page
    assert page.said.get("state") == asked.said.get("state")
    assert page.said["iss"] == party.issuer
    return page.said["code"]


def tokens_of(party: Party, asked: Asked, page: Page) -> dict[str, Any]:
    answer = party.redeem(came_back(page, asked, party), asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "date" in answer.headers
    said: dict[str, Any] = answer.json()
    assert said["token_type"].lower() == "bearer"
    claims = party.id_token(said["id_token"])
    assert (claims["iss"], claims["aud"], claims.get("nonce")) == (party.issuer, party.client_id, asked.said.get("nonce"))
    assert claims["iat"] - 10 <= time.time() < claims["exp"]
    return said


def signed_on(suite: Suite, browser: Browser, party: Party | None = None, **more: Any) -> tuple[Party, dict[str, Any]]:
    party, asked, page = begun(suite, browser, party, **more)
    return party, tokens_of(party, asked, sign_on(browser, page, suite.user))


def claims_of(suite: Suite, browser: Browser, **more: Any) -> dict[str, Any]:
    party, said = signed_on(suite, browser, **more)
    answer = party.userinfo(said["access_token"])
    assert answer.status_code == 200, answer.text
    claims: dict[str, Any] = answer.json()
    assert claims["sub"] == party.id_token(said["id_token"])["sub"]
    return claims


def test_server(suite: Suite, browser: Browser) -> None:
    party, said = signed_on(suite, browser)
    assert party.id_token(said["id_token"])["sub"]


def test_response_type_missing(suite: Suite, browser: Browser) -> None:
    _, _, page = begun(suite, browser, response_type=None)
    assert page.said.get("error") in {"invalid_request", "unsupported_response_type"} or is_error_page(page)
    assert "code" not in page.said


def test_userinfo_get(suite: Suite, browser: Browser) -> None:
    assert claims_of(suite, browser)["sub"]


def test_userinfo_post_header(suite: Suite, browser: Browser) -> None:
    party, said = signed_on(suite, browser)
    assert party.userinfo(said["access_token"], method="POST").json()["sub"]


def test_userinfo_post_body(suite: Suite, browser: Browser) -> None:
    party, said = signed_on(suite, browser)
    answer = party.userinfo("", scheme="", method="POST", form={"access_token": said["access_token"]})
    assert answer.json()["sub"] == party.id_token(said["id_token"])["sub"]


def test_ensure_request_without_nonce_succeeds_for_code_flow(suite: Suite, browser: Browser) -> None:
    party, said = signed_on(suite, browser, nonce=None)
    assert "nonce" not in party.id_token(said["id_token"])


def test_scope_profile(suite: Suite, browser: Browser) -> None:
    claims = claims_of(suite, browser, scope="openid profile")
    assert set(PROFILE) - set(claims) == set()
    assert isinstance(claims["updated_at"], int)


def test_scope_email(suite: Suite, browser: Browser) -> None:
    claims = claims_of(suite, browser, scope="openid email")
    assert "@" in claims["email"]
    assert isinstance(claims["email_verified"], bool)


def test_scope_address(suite: Suite, browser: Browser) -> None:
    assert claims_of(suite, browser, scope="openid address")["address"]["formatted"]


def test_scope_phone(suite: Suite, browser: Browser) -> None:
    claims = claims_of(suite, browser, scope="openid phone")
    assert claims["phone_number"].startswith("+86")
    assert isinstance(claims["phone_number_verified"], bool)


def test_scope_all(suite: Suite, browser: Browser) -> None:
    claims = claims_of(suite, browser, scope="openid profile email address phone")
    assert {*PROFILE, "email", "address", "phone_number"} <= set(claims)


def test_alternate_happy_flow(suite: Suite, browser: Browser) -> None:
    """The second client, and an address that has a query of its own."""
    assert "?" in suite.second.redirect_uri
    party, asked, page = begun(suite, browser, suite.second)
    page = sign_on(browser, page, suite.user)
    assert tokens_of(party, asked, page)["access_token"]
    assert page.said["dummy1"] == "lorem"


def test_display_page(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser, display="page")


def test_display_popup(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser, display="popup")


def test_prompt_login(suite: Suite, browser: Browser) -> None:
    party, first = signed_on(suite, browser)
    time.sleep(1.1)
    _, asked, page = begun(suite, browser, prompt="login")
    assert is_sign_on(page)
    second = tokens_of(party, asked, sign_on(browser, page, suite.user))
    before, after = party.id_token(first["id_token"]), party.id_token(second["id_token"])
    assert after["auth_time"] > before["auth_time"]
    assert after["sub"] == before["sub"]


def test_prompt_none_not_logged_in(suite: Suite, browser: Browser) -> None:
    party, asked, page = begun(suite, browser, prompt="none")
    assert page.url.startswith(party.redirect_uri)
    assert (page.said["error"], page.said["state"]) == ("login_required", asked.said["state"])


def test_prompt_none_logged_in(suite: Suite, browser: Browser) -> None:
    party, first = signed_on(suite, browser)
    _, asked, page = begun(suite, browser, prompt="none")
    second = tokens_of(party, asked, page)
    before, after = party.id_token(first["id_token"]), party.id_token(second["id_token"])
    assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])


def test_max_age_1(suite: Suite, browser: Browser) -> None:
    party, first = signed_on(suite, browser)
    time.sleep(2.1)
    _, asked, page = begun(suite, browser, max_age="1")
    assert is_sign_on(page)
    second = party.id_token(tokens_of(party, asked, sign_on(browser, page, suite.user))["id_token"])
    assert second["auth_time"] > party.id_token(first["id_token"])["auth_time"]


def test_max_age_10000(suite: Suite, browser: Browser) -> None:
    party, first = signed_on(suite, browser)
    _, asked, page = begun(suite, browser, max_age="10000")
    second = party.id_token(tokens_of(party, asked, page)["id_token"])
    assert second["auth_time"] == party.id_token(first["id_token"])["auth_time"]


def test_ensure_request_with_unknown_parameter_succeeds(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser, extra="foobar")


def test_id_token_hint(suite: Suite, browser: Browser) -> None:
    party, first = signed_on(suite, browser)
    _, asked, page = begun(suite, browser, prompt="none", id_token_hint=first["id_token"])
    second = tokens_of(party, asked, page)
    assert party.id_token(second["id_token"])["sub"] == party.id_token(first["id_token"])["sub"]


def test_login_hint(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser, login_hint=suite.user.username)


def test_ui_locales(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser, ui_locales="se")


def test_claims_locales(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser, claims_locales="se")


def test_ensure_request_with_acr_values_succeeds(suite: Suite, browser: Browser) -> None:
    asked_for = "urn:tongban:assurance:1 urn:tongban:assurance:2"
    party, said = signed_on(suite, browser, acr_values=asked_for)
    assert party.id_token(said["id_token"])["acr"] in {"urn:tongban:assurance:2", "urn:tongban:assurance:3"}


def _reused(suite: Suite, browser: Browser, after_s: float) -> tuple[httpx.Response, int]:
    party, asked, page = begun(suite, browser)
    page = sign_on(browser, page, suite.user)
    said = tokens_of(party, asked, page)
    time.sleep(after_s)
    again = party.redeem(page.said["code"], asked)
    return again, party.userinfo(said["access_token"]).status_code


def test_codereuse(suite: Suite, browser: Browser) -> None:
    again, _ = _reused(suite, browser, 0)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_codereuse_30seconds(suite: Suite, browser: Browser) -> None:
    again, userinfo = _reused(suite, browser, 30)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert userinfo == 401


def test_ensure_registered_redirect_uri(suite: Suite, browser: Browser) -> None:
    _, _, page = begun(suite, browser, redirect_uri=suite.basic.redirect_uri + "/unregistered")
    assert is_error_page(page)


def test_ensure_post_request_succeeds(suite: Suite, browser: Browser) -> None:
    party = suite.basic
    asked = party.asks(pkce=False)
    page = browser.visit(party.metadata["authorization_endpoint"], method="POST", form=asked.said)
    tokens_of(party, asked, sign_on(browser, page, suite.user))


def test_server_client_secret_post(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser, suite.posting)


def _with_request_object(suite: Suite, browser: Browser, **outside: Any) -> None:
    party, asked, page = begun(suite, browser, request=unsigned(suite.basic.asks(pkce=False).said), **outside)
    assert page.url.startswith(party.redirect_uri) or is_error_page(page)
    if not is_error_page(page):
        assert (page.said["error"], page.said["state"]) == ("request_not_supported", asked.said["state"])
    assert suite.basic.metadata["request_parameter_supported"] is False


def test_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(suite: Suite, browser: Browser) -> None:
    _with_request_object(suite, browser)


def test_claims_essential(suite: Suite, browser: Browser) -> None:
    asked = json.dumps({"userinfo": {"name": {"essential": True}}})
    assert claims_of(suite, browser, claims=asked)["name"]


def test_ensure_request_object_with_redirect_uri(suite: Suite, browser: Browser) -> None:
    _with_request_object(suite, browser, redirect_uri=suite.basic.redirect_uri)


def test_refresh_token(suite: Suite, browser: Browser) -> None:
    party, said = signed_on(suite, browser, scope="openid offline_access", prompt="consent")
    answer = party.token({"grant_type": "refresh_token", "refresh_token": said["refresh_token"]})
    assert answer.status_code == 200, answer.text
    fresh = answer.json()
    assert fresh["access_token"] != said["access_token"]
    assert party.userinfo(fresh["access_token"]).status_code == 200
    if "id_token" in fresh:
        before, after = party.id_token(said["id_token"]), party.id_token(fresh["id_token"])
        same = ("iss", "sub", "aud", "auth_time")
        assert [after[name] for name in same] == [before[name] for name in same]
    stolen = suite.second.token({"grant_type": "refresh_token", "refresh_token": fresh.get("refresh_token", said["refresh_token"])})
    assert stolen.json()["error"] == "invalid_grant"


def test_ensure_request_with_valid_pkce_succeeds(suite: Suite, browser: Browser) -> None:
    party, asked, page = begun(suite, browser, pkce=True)
    page = sign_on(browser, page, suite.user)
    wrong = party.redeem(page.said["code"], Asked(asked.said, "w" * 43))
    assert wrong.json()["error"] == "invalid_grant"
    signed_on(suite, browser, pkce=True)
