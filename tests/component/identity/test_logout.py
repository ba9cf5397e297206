"""The end of a sign-on that a client or a person asks for: the modules of the logout plans, and what the pages are for."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from contracts.events.identity import SessionRevoked
from contracts.values import PartyId
from tests.component.identity.office import Office, back, claims_of, fields
from tests.component.identity.settings import settle
from tests.support.service import private_key, published

GONE = "https://app.example/signed-out"


@pytest.fixture
async def tokens(office: Office) -> dict[str, Any]:
    """Of a person who has signed on at a client that may ask for the end of it."""
    await settle(office, post_logout_redirect_uris=[GONE, f"{GONE}?a=b"])
    await office.registered()
    return await office.signed_on()


async def asked(office: Office, *, method: str = "GET", headers: dict[str, str] | None = None, **said: str) -> httpx.Response:
    if method == "POST":
        return await office.browse("POST", "/logout", said, **(headers or {}))
    return await office.browse("GET", f"/logout?{urlencode(said)}", **(headers or {}))


async def confirmed(office: Office, page: httpx.Response, action: str = "confirm", **headers: str) -> httpx.Response:
    return await office.browse("POST", "/logout", {**fields(page), "action": action}, **headers)


async def is_signed_on(office: Office) -> bool:
    return "code" in back(await office.follow(await office.browse("GET", office.request(prompt="none"))))


def is_sent_away(answer: httpx.Response, **said: str) -> bool:
    target = urlsplit(answer.headers.get("location", ""))
    return (
        answer.status_code == 303
        and f"{target.scheme}://{target.netloc}{target.path}" == GONE
        and parse_qs(target.query) == {name: [value] for name, value in said.items()}
    )


def is_asked(page: httpx.Response) -> bool:
    return 'id="accept"' in page.text and "location" not in page.headers


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_client_that_names_the_sign_on_ends_it_everywhere(office: Office, tokens: dict[str, Any], method: str) -> None:
    ended = await asked(office, method=method, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GONE, state="s t")
    assert is_sent_away(ended, state="s t")
    assert "tongban-sso" in ended.headers["set-cookie"]
    assert ended.headers["cache-control"] == "no-store"
    [event] = await published(office.database, SessionRevoked)
    assert event.session_id == claims_of(tokens["access_token"])["sid"]
    assert not await is_signed_on(office)
    assert (await office.browse("GET", "/userinfo", authorization=f"Bearer {tokens['access_token']}")).status_code == 401
    refreshed = await office.ask("/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


async def test_the_state_is_the_clients_own(office: Office, tokens: dict[str, Any]) -> None:
    ended = await asked(office, id_token_hint=tokens["id_token"], post_logout_redirect_uri=f"{GONE}?a=b", client_id=str(office.client))
    assert is_sent_away(ended, a="b")


async def test_without_an_address_the_page_says_that_it_is_over(office: Office, tokens: dict[str, Any]) -> None:
    ended = await asked(office, id_token_hint=tokens["id_token"], state="s")
    assert (ended.status_code, ended.headers["cache-control"]) == (200, "no-store")
    assert 'id="signed-out"' in ended.text
    assert not await is_signed_on(office)


@pytest.mark.parametrize("said", [{}, {"state": "s"}])
async def test_without_a_hint_the_person_is_asked(office: Office, tokens: dict[str, Any], said: dict[str, str]) -> None:
    page = await asked(office, **said)
    assert (page.status_code, is_asked(page)) == (200, True)
    assert await is_signed_on(office)
    ended = await confirmed(office, page)
    assert (ended.status_code, 'id="signed-out"' in ended.text) == (200, True)
    assert not await is_signed_on(office)


async def test_whoever_stays_stays(office: Office, tokens: dict[str, Any]) -> None:
    stayed = await confirmed(office, await asked(office), "stay")
    assert 'id="stayed"' in stayed.text
    assert await is_signed_on(office)


async def test_without_a_hint_only_the_person_s_word_sends_to_the_address_of_a_client(office: Office, tokens: dict[str, Any]) -> None:
    page = await asked(office, client_id=str(office.client), post_logout_redirect_uri=GONE, state="s")
    assert is_asked(page)
    assert "示例应用" in page.text
    assert is_sent_away(await confirmed(office, page), state="s")
    assert not is_sent_away(await asked(office, client_id=str(office.client), post_logout_redirect_uri=GONE))


async def test_an_address_of_nobody_is_never_gone_to(office: Office, tokens: dict[str, Any]) -> None:
    page = await asked(office, post_logout_redirect_uri=GONE, state="s")
    assert (page.status_code, is_asked(page)) == (400, True)
    assert 'id="signed-out"' in (await confirmed(office, page)).text


WRONG_ADDRESSES = [f"{GONE}?foo=bar", f"{GONE}/", "https://evil.example/", "javascript:alert(1)", "https://app.example/cb"]


@pytest.mark.parametrize("address", WRONG_ADDRESSES)
async def test_an_address_is_one_of_the_client_s_to_the_letter(office: Office, tokens: dict[str, Any], address: str) -> None:
    page = await asked(office, id_token_hint=tokens["id_token"], post_logout_redirect_uri=address)
    assert (page.status_code, is_asked(page)) == (400, True)
    assert "未登记" in page.text
    assert await is_signed_on(office)
    assert 'id="signed-out"' in (await confirmed(office, page)).text
    assert not await is_signed_on(office)


def modified(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def by(key: Any, header: dict[str, Any], token: str, **more: Any) -> str:
    return jwt.encode(header, claims_of(token) | more, key, algorithms=["HS256", "ES256"])


@pytest.mark.parametrize("how", ["modified", "secret", "stranger", "access", "other_issuer", "nonsense", "é", "other_client"])
async def test_a_hint_that_is_not_ours_ends_nothing_and_leads_nowhere(office: Office, tokens: dict[str, Any], how: str) -> None:
    token, more = tokens["id_token"], {}
    ours, stranger = ECKey.import_key(private_key("signing")), ECKey.import_key(private_key("stranger"))
    if how == "other_client":
        more["client_id"] = str(PartyId.new())
    hint = {
        "modified": lambda: modified(token),
        "secret": lambda: by(OctKey.import_key("s" * 43), {"alg": "HS256", "typ": "JWT"}, token),
        "stranger": lambda: by(stranger, {"alg": "ES256", "typ": "JWT"}, token),
        "access": lambda: tokens["access_token"],
        "other_issuer": lambda: by(ours, {"alg": "ES256", "typ": "JWT"}, token, iss="https://other.example"),
        "other_client": lambda: token,
    }.get(how, lambda: how)()
    assert is_asked(await asked(office, id_token_hint=hint, **more))
    page = await asked(office, id_token_hint=hint, post_logout_redirect_uri=GONE, **more)
    assert (page.status_code, is_asked(page)) == (400, True)
    assert 'id="description"' in page.text
    assert await is_signed_on(office)
    assert not is_sent_away(await confirmed(office, page))


async def test_an_expired_id_token_is_a_hint_for_a_month(office: Office, tokens: dict[str, Any]) -> None:
    office.clock.advance(timedelta(hours=11))
    assert is_sent_away(await asked(office, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GONE))
    office.clock.advance(timedelta(days=31))
    assert (await asked(office, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GONE)).status_code == 400


async def test_the_hint_of_another_sign_on_has_the_person_asked(office: Office, tokens: dict[str, Any]) -> None:
    """Both end then: the older one was replaced in this browser, and its client still holds tokens of it."""
    newer = await office.signed_on()
    page = await asked(office, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GONE)
    assert is_asked(page)
    assert is_sent_away(await confirmed(office, page))
    ended = {event.session_id for event in await published(office.database, SessionRevoked)}
    assert ended == {claims_of(each["id_token"])["sid"] for each in (tokens, newer)}


async def test_the_hint_of_another_person_ends_nothing_of_theirs(office: Office, tokens: dict[str, Any]) -> None:
    office.clock.advance(timedelta(minutes=1))
    await office.registered(1, phone="13800000002")
    mine = await office.signed_on(username="13800000002")
    await confirmed(office, await asked(office, id_token_hint=tokens["id_token"]))
    [event] = await published(office.database, SessionRevoked)
    assert event.session_id == claims_of(mine["id_token"])["sid"]


async def test_a_browser_without_a_sign_on_is_sent_on_at_once(office: Office, tokens: dict[str, Any]) -> None:
    office.jar.clear()
    assert is_sent_away(await asked(office, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GONE))
    assert await published(office.database, SessionRevoked) == []
    assert 'id="signed-out"' in (await asked(office)).text


async def test_a_form_of_another_site_comes_without_the_cookie_and_has_the_person_asked(office: Office, tokens: dict[str, Any]) -> None:
    jar, office.jar = office.jar, {}
    page = await asked(
        office, method="POST", headers={"origin": "https://app.example"}, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GONE
    )
    assert is_asked(page)
    office.jar = jar
    assert is_sent_away(await confirmed(office, page, origin=office.issuer))
    assert not await is_signed_on(office)


@pytest.mark.parametrize("action", ["confirm", "stay"])
async def test_the_word_of_another_page_is_not_the_person_s(office: Office, tokens: dict[str, Any], action: str) -> None:
    refused = await confirmed(office, await asked(office), action, origin="https://evil.example")
    assert refused.status_code == 403
    assert await is_signed_on(office)
    link = await asked(office, action=action)
    assert is_asked(link)


async def test_a_parameter_given_twice_is_none(office: Office, tokens: dict[str, Any]) -> None:
    hint = urlencode({"id_token_hint": tokens["id_token"]})
    assert is_asked(await office.browse("GET", f"/logout?{hint}&{hint}"))


async def test_a_suspended_client_sends_nobody_anywhere(office: Office, tokens: dict[str, Any]) -> None:
    office.clock.advance(timedelta(seconds=1))
    await office.know(office.client, status="suspended")
    assert (await asked(office, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GONE)).status_code == 400


async def test_the_page_speaks_two_languages_and_takes_no_markup(office: Office, tokens: dict[str, Any]) -> None:
    english = await asked(office, ui_locales="en", state='"><script>')
    assert '<html lang="en">' in english.text
    assert "Sign out?" in english.text
    assert "<script>" not in english.text
    assert "退出登录？" in (await asked(office)).text
    assert "You are signed out." in (await confirmed(office, english)).text


# F98


async def test_what_the_back_button_shows_is_asked_for_anew_and_has_ended(office: Office, tokens: dict[str, Any]) -> None:
    before = dict(office.jar)
    pages = [await office.page(), await office.browse("GET", office.request())]
    assert [each.headers["cache-control"] for each in pages] == ["no-store"] * 2
    office.jar = dict(before)
    await asked(office, id_token_hint=tokens["id_token"])
    office.jar = before
    assert not await is_signed_on(office)
    assert 'id="signed-out"' in (await asked(office)).text
    assert (await office.follow(await office.browse("GET", office.request()))).status_code == 200


async def test_a_cookie_of_before_the_proof_is_nobody_s(office: Office) -> None:
    """Whoever planted a cookie in a browser is not signed on when its owner is."""
    await office.registered()
    page = await office.page()
    office.jar["tongban-sso"] = "planted"
    await office.follow(await office.browse("POST", "/sign-on", {**fields(page), "username": "13800000001", "password": "a-good-password"}))
    assert office.jar["tongban-sso"] != "planted"
    assert await is_signed_on(office)
    office.jar["tongban-sso"] = "planted"
    assert not await is_signed_on(office)


async def test_one_of_two_devices_ends_and_the_other_goes_on(office: Office, tokens: dict[str, Any]) -> None:
    phone = dict(office.jar)
    await office.signed_on()
    await confirmed(office, await asked(office))
    assert not await is_signed_on(office)
    office.jar = phone
    assert await is_signed_on(office)
