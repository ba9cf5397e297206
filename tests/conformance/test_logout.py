"""RP-initiated logout and back-channel logout: one test for each module of the two plans."""

import time
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey

from tests.conformance.browser import Browser, Page
from tests.conformance.party import Party, is_error_page, sign_on
from tests.conformance.suite import Suite

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def signed_on(suite: Suite, browser: Browser) -> tuple[Party, dict[str, Any]]:
    party = suite.basic
    asked = party.asks(pkce=False)
    page = sign_on(browser, browser.visit(party.address(asked.said)), suite.user)
    answer = party.redeem(page.said["code"], asked)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return party, said


def logs_out(browser: Browser, party: Party, **said: str) -> Page:
    """At the end-session endpoint; the person confirms where the provider asks them to."""
    endpoint = party.metadata["end_session_endpoint"]
    query = "&".join(f"{name}={value}" for name, value in said.items())
    page = browser.visit(f"{endpoint}?{query}" if query else endpoint)
    return browser.press(page, "accept") if "accept" in page.ids else page


def is_signed_on(browser: Browser, party: Party) -> bool:
    return "code" in browser.visit(party.address(party.asks(pkce=False, prompt="none").said)).said


def ends(suite: Suite, browser: Browser, **said: str) -> Page:
    """A logout that must end the sign-on, wherever the browser is left."""
    party = suite.basic
    page = logs_out(browser, party, **said)
    assert not is_signed_on(browser, party)
    return page


def stays_here(page: Page, suite: Suite) -> None:
    """The browser is told that it is signed out, and sent nowhere."""
    assert page.url.startswith(suite.issuer)
    assert page.status == 200, page


def goes_nowhere_wrong(page: Page, suite: Suite) -> None:
    assert page.url.startswith(suite.issuer), page
    assert is_error_page(page) or page.status == 200


def told_of(suite: Suite, party: Party, session: str) -> list[jwt.Token]:
    """The logout tokens of this sign-on within five seconds; those of earlier ones may still be on their way."""
    keys = KeySet.import_key_set(party.http.get(party.metadata["jwks_uri"]).json())
    deadline, found = time.monotonic() + 5, []
    while not found and (left := deadline - time.monotonic()) > 0:
        tokens = [token for body in suite.told(within_s=left) for token in parse_qs(body)["logout_token"]]
        decoded = [jwt.decode(token, keys, algorithms=["ES256", "RS256"]) for token in tokens]
        found = [each for each in decoded if each.claims["sid"] == session]
    return found


def test_rp_initiated_logout_discovery_endpoint_verification(suite: Suite) -> None:
    assert suite.basic.metadata["end_session_endpoint"].startswith(suite.issuer)


def test_rp_initiated_logout(suite: Suite, browser: Browser) -> None:
    party, said = signed_on(suite, browser)
    assert is_signed_on(browser, party)
    page = ends(suite, browser, id_token_hint=said["id_token"], post_logout_redirect_uri=suite.logged_out_uri, state="the-state")
    assert page.url.startswith(suite.logged_out_uri)
    assert page.said == {"state": "the-state"}


def test_rp_initiated_logout_bad_post_logout_redirect_uri(suite: Suite, browser: Browser) -> None:
    _, said = signed_on(suite, browser)
    bad = suite.logged_out_uri + "/bad"
    goes_nowhere_wrong(logs_out(browser, suite.basic, id_token_hint=said["id_token"], post_logout_redirect_uri=bad, state="s"), suite)


def test_rp_initiated_logout_modified_id_token_hint(suite: Suite, browser: Browser) -> None:
    party, said = signed_on(suite, browser)
    claims = {**party.id_token(said["id_token"]), "sub": "somebody-else"}
    forged = jwt.encode({"alg": "HS256"}, claims, OctKey.generate_key(256))
    page = logs_out(browser, party, id_token_hint=forged, post_logout_redirect_uri=suite.logged_out_uri, state="s")
    goes_nowhere_wrong(page, suite)


def test_rp_initiated_logout_no_id_token_hint(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser)
    page = logs_out(browser, suite.basic, post_logout_redirect_uri=suite.logged_out_uri, state="s")
    assert page.url.startswith((suite.issuer, suite.logged_out_uri))
    assert not is_signed_on(browser, suite.basic)


def test_rp_initiated_logout_no_params(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser)
    stays_here(ends(suite, browser), suite)


def test_rp_initiated_logout_no_post_logout_redirect_uri(suite: Suite, browser: Browser) -> None:
    _, said = signed_on(suite, browser)
    stays_here(ends(suite, browser, id_token_hint=said["id_token"], state="s"), suite)


def test_rp_initiated_logout_no_state(suite: Suite, browser: Browser) -> None:
    _, said = signed_on(suite, browser)
    page = ends(suite, browser, id_token_hint=said["id_token"], post_logout_redirect_uri=suite.logged_out_uri)
    assert page.url == suite.logged_out_uri


def test_rp_initiated_logout_only_state(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser)
    stays_here(ends(suite, browser, state="s"), suite)


def test_rp_initiated_logout_query_added_to_post_logout_redirect_uri(suite: Suite, browser: Browser) -> None:
    _, said = signed_on(suite, browser)
    added = suite.logged_out_uri + "?foo=bar"
    page = logs_out(browser, suite.basic, id_token_hint=said["id_token"], post_logout_redirect_uri=added.replace("?", "%3F"), state="s")
    goes_nowhere_wrong(page, suite)


def test_rp_initiated_logout_bad_id_token_hint(suite: Suite, browser: Browser) -> None:
    signed_on(suite, browser)
    page = logs_out(browser, suite.basic, id_token_hint="bad", post_logout_redirect_uri=suite.logged_out_uri, state="s")
    goes_nowhere_wrong(page, suite)


def test_backchannel_logout_discovery_endpoint_verification(suite: Suite) -> None:
    said = suite.basic.metadata
    assert said["backchannel_logout_supported"] is True
    assert said["backchannel_logout_session_supported"] is True


def test_backchannel_rp_initiated_logout(suite: Suite, browser: Browser) -> None:
    party, said = signed_on(suite, browser)
    before = party.id_token(said["id_token"])
    ends(suite, browser, id_token_hint=said["id_token"], post_logout_redirect_uri=suite.logged_out_uri, state="s")
    [told] = told_of(suite, party, before["sid"])
    assert told.header["typ"] == "logout+jwt"
    claims = told.claims
    assert (claims["iss"], claims["aud"], claims["sid"], claims["sub"]) == (party.issuer, party.client_id, before["sid"], before["sub"])
    assert claims["events"] == {EVENT: {}}
    assert "nonce" not in claims
    assert claims["jti"]
    assert claims["iat"] - 10 <= time.time() < claims["exp"]
