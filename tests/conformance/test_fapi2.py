"""FAPI 2.0 Security Profile Final (openid_connect, private_key_jwt, dpop, plain_fapi): one test for each module of the plan."""

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.conformance.browser import Browser, Page
from tests.conformance.party import Asked, Party, is_error_page, is_sign_on, sign_on
from tests.conformance.suite import CODE_LIFE_S, Suite


def pushed(party: Party, asked: Asked, **more: Any) -> str:
    """The request_uri for a request, which must be taken."""
    answer = party.push(asked.said, **more)
    assert answer.status_code == 201, answer.text
    assert 0 < answer.json()["expires_in"] <= 600
    return str(answer.json()["request_uri"])


def arrives(browser: Browser, party: Party, request_uri: str, **outside: str) -> Page:
    return browser.visit(party.address({"client_id": party.client_id, "request_uri": request_uri, **outside}))


def coded(
    suite: Suite, browser: Browser, party: Party | None = None, *, push: dict[str, Any] | None = None, **more: Any
) -> tuple[Party, Asked, Page]:
    """A whole request up to the client's address."""
    party = party or suite.fapi
    asked = party.asks(**more)
    page = sign_on(browser, arrives(browser, party, pushed(party, asked, **(push or {}))), suite.user)
    assert page.url.startswith(party.redirect_uri), page
    assert page.said.get("state") == asked.said.get("state")
    assert page.said["iss"] == party.issuer
    return party, asked, page


def granted(suite: Suite, browser: Browser, **more: Any) -> tuple[Party, Asked, dict[str, Any]]:
    party, asked, page = coded(suite, browser, **more)
    answer = party.redeem(page.said["code"], asked, proof=True)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    assert said["token_type"].lower() == "dpop"
    assert party.id_token(said["id_token"]).get("nonce") == asked.said.get("nonce")
    return party, asked, said


def uses(party: Party, token: str, *, scheme: str = "DPoP", **proof: Any) -> httpx.Response:
    endpoint = party.metadata["userinfo_endpoint"]
    return party.userinfo(token, scheme=scheme, proof=party.proof(endpoint, "GET", token=token, **proof))


def refused(answer: httpx.Response, *errors: str) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"] in errors, answer.text


def test_discovery_end_point_verification(suite: Suite) -> None:
    said = suite.fapi.metadata
    assert said["authorization_response_iss_parameter_supported"] is True
    assert {"PS256", "ES256"} & set(said["dpop_signing_alg_values_supported"])
    assert "private_key_jwt" in said["token_endpoint_auth_methods_supported"]
    assert {"PS256", "ES256"} & set(said["token_endpoint_auth_signing_alg_values_supported"])
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["pushed_authorization_request_endpoint"].startswith(suite.issuer)
    assert {"authorization_code", "client_credentials"} <= set(said["grant_types_supported"])
    assert "code" in said["response_types_supported"]
    assert "none" not in said["dpop_signing_alg_values_supported"]


def test_happy_flow(suite: Suite, browser: Browser) -> None:
    party, _, said = granted(suite, browser)
    assert uses(party, said["access_token"]).status_code == 200


def test_user_rejects_authentication(suite: Suite, browser: Browser) -> None:
    party = suite.fapi
    asked = party.asks()
    page = arrives(browser, party, pushed(party, asked))
    assert is_sign_on(page)
    back = browser.press(page, "deny")
    assert back.url.startswith(party.redirect_uri)
    assert (back.said["error"], back.said["state"], back.said["iss"]) == ("access_denied", asked.said["state"], party.issuer)


def test_ensure_authorization_request_without_state_success(suite: Suite, browser: Browser) -> None:
    _, _, page = coded(suite, browser, state=None)
    assert "state" not in page.said


def test_ensure_authorization_request_without_nonce_success(suite: Suite, browser: Browser) -> None:
    granted(suite, browser, nonce=None)


def test_ensure_authorization_request_with_64_char_nonce_success(suite: Suite, browser: Browser) -> None:
    granted(suite, browser, nonce=secrets.token_hex(32))


def test_ensure_other_scope_order_succeeds(suite: Suite, browser: Browser) -> None:
    granted(suite, browser, scope="profile openid")


def test_test_claims_parameter_identity_claims(suite: Suite, browser: Browser) -> None:
    wanted = {"id_token": {"name": {"essential": True}}, "userinfo": {"phone_number": None}}
    party, _, said = granted(suite, browser, claims=json.dumps(wanted))
    assert party.id_token(said["id_token"])["name"]
    assert uses(party, said["access_token"]).json()["phone_number"]


def test_access_token_type_header_case_sensitivity(suite: Suite, browser: Browser) -> None:
    party, _, said = granted(suite, browser)
    for scheme in ("dpop", "DPOP", "dpOp"):
        assert uses(party, said["access_token"], scheme=scheme).status_code == 200, scheme


def test_check_dpop_proof_nbf_exp(suite: Suite, browser: Browser) -> None:
    party, _, said = granted(suite, browser)
    now = int(time.time())
    assert uses(party, said["access_token"], nbf=now - 5, exp=now + 60).status_code == 200
    assert uses(party, said["access_token"], exp=now - 300).status_code == 401
    assert uses(party, said["access_token"], nbf=now + 300).status_code == 401


def test_ensure_dpopproof_with_iat_10seconds_before_succeeds(suite: Suite, browser: Browser) -> None:
    _redeems_with_iat(suite, browser, -10)


def test_ensure_dpopproof_with_iat_10seconds_after_succeeds(suite: Suite, browser: Browser) -> None:
    _redeems_with_iat(suite, browser, 10)


def _redeems_with_iat(suite: Suite, browser: Browser, shift: int) -> None:
    party, asked, page = coded(suite, browser)
    proof = party.proof(party.metadata["token_endpoint"], iat=int(time.time()) + shift)
    answer = party.redeem(page.said["code"], asked, proof=proof)
    assert answer.status_code == 200, answer.text


def test_ensure_mismatched_dpop_jkt_fails(suite: Suite) -> None:
    party = suite.fapi
    other = ECKey.generate_key("P-256")
    answer = party.push(party.asks(dpop_jkt=other.thumbprint()).said, proof=True)
    refused(answer, "invalid_dpop_proof", "invalid_request")


def test_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(suite: Suite, browser: Browser) -> None:
    party, asked, page = coded(suite, browser, push={"proof": True})
    _refuses_another_key(party, asked, page)


def test_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(suite: Suite, browser: Browser) -> None:
    party, asked, page = coded(suite, browser, dpop_jkt=suite.fapi.thumbprint())
    _refuses_another_key(party, asked, page)


def _refuses_another_key(party: Party, asked: Asked, page: Page) -> None:
    proof = party.proof(party.metadata["token_endpoint"], key=ECKey.generate_key("P-256"))
    refused(party.redeem(page.said["code"], asked, proof=proof), "invalid_dpop_proof", "invalid_grant", "invalid_request")


def test_ensure_dpopproof_at_par_endpoint_binding_success(suite: Suite, browser: Browser) -> None:
    granted(suite, browser, push={"proof": True})


def test_ensure_dpop_auth_code_binding_success(suite: Suite, browser: Browser) -> None:
    granted(suite, browser, dpop_jkt=suite.fapi.thumbprint())


def test_ensure_different_nonce_inside_and_outside_request_object(suite: Suite, browser: Browser) -> None:
    party = suite.fapi
    asked = party.asks()
    page = sign_on(browser, arrives(browser, party, pushed(party, asked), nonce="another-nonce"), suite.user)
    said = party.redeem(page.said["code"], asked, proof=True).json()
    assert party.id_token(said["id_token"])["nonce"] == asked.said["nonce"]


def test_ensure_different_state_inside_and_outside_request_object(suite: Suite, browser: Browser) -> None:
    party = suite.fapi
    asked = party.asks()
    page = sign_on(browser, arrives(browser, party, pushed(party, asked), state="another-state"), suite.user)
    assert page.said["state"] == asked.said["state"]


def test_ensure_authorization_request_with_long_nonce(suite: Suite, browser: Browser) -> None:
    granted(suite, browser, nonce=secrets.token_hex(192))


def test_ensure_authorization_request_with_long_state(suite: Suite, browser: Browser) -> None:
    coded(suite, browser, state=secrets.token_hex(192))


def test_state_only_outside_request_object_not_used(suite: Suite, browser: Browser) -> None:
    party = suite.fapi
    asked = party.asks(state=None)
    page = sign_on(browser, arrives(browser, party, pushed(party, asked), state="outside"), suite.user)
    assert "code" in page.said
    assert "state" not in page.said


def test_ensure_request_object_without_redirect_uri_fails(suite: Suite) -> None:
    refused(suite.fapi.push(suite.fapi.asks(redirect_uri=None).said), "invalid_request", "invalid_request_object")


def test_plain_fapi_tolerate_unregistered_redirect_uri(suite: Suite) -> None:
    """A provider may take an address it does not know from an authenticated client, or refuse it by name; ours refuses."""
    refused(suite.fapi.push(suite.fapi.asks(redirect_uri=suite.fapi.redirect_uri + "/other").said), "invalid_request")


def test_ensure_unsigned_authorization_request_without_using_par_fails(suite: Suite, browser: Browser) -> None:
    party = suite.fapi
    page = browser.visit(party.address(party.asks().said))
    assert is_error_page(page) or page.said.get("error") == "invalid_request"
    assert "code" not in page.said


def test_ensure_redirect_uri_in_authorization_request(suite: Suite) -> None:
    refused(suite.fapi.push(suite.fapi.asks(redirect_uri=None).said), "invalid_request")


def _response_type_fails(suite: Suite, response_type: str) -> None:
    party = suite.fapi
    answer = party.push(party.asks(response_type=response_type).said)
    refused(answer, "unsupported_response_type", "invalid_request", "unauthorized_client")


def test_ensure_response_type_code_idtoken_fails(suite: Suite) -> None:
    _response_type_fails(suite, "code id_token")


def test_ensure_response_type_token_fails(suite: Suite) -> None:
    _response_type_fails(suite, "token")


def test_ensure_client_id_in_token_endpoint(suite: Suite, browser: Browser) -> None:
    """The assertion says who the client is: another name beside it is refused, none is not missed."""
    party, asked, page = coded(suite, browser)
    wrong = party.redeem(page.said["code"], asked, proof=True, form={"client_id": suite.fapi_second.client_id})
    refused(wrong, "invalid_client", "invalid_request", "invalid_grant")
    _, asked, page = coded(suite, browser)
    assert party.redeem(page.said["code"], asked, proof=True, form={"client_id": party.client_id}).status_code == 200


def test_ensure_holder_of_key_required(suite: Suite, browser: Browser) -> None:
    party, asked, page = coded(suite, browser)
    refused(party.redeem(page.said["code"], asked), "invalid_request", "invalid_dpop_proof", "invalid_grant")


def test_ensure_authorization_code_is_bound_to_client(suite: Suite, browser: Browser) -> None:
    _, asked, page = coded(suite, browser)
    refused(suite.fapi_second.redeem(page.said["code"], asked, proof=True), "invalid_grant", "invalid_request")


def test_attempt_reuse_authorization_code_after_one_second(suite: Suite, browser: Browser) -> None:
    party, asked, page = coded(suite, browser)
    assert party.redeem(page.said["code"], asked, proof=True).status_code == 200
    time.sleep(1)
    refused(party.redeem(page.said["code"], asked, proof=True), "invalid_grant")


def test_ensure_token_endpoint_fails_with_expired_auth_code(suite: Suite, browser: Browser) -> None:
    party, asked, page = coded(suite, browser)
    time.sleep(CODE_LIFE_S + 1)
    refused(party.redeem(page.said["code"], asked, proof=True), "invalid_grant")


def test_ensure_signed_client_assertion_with_rs256_fails(suite: Suite, browser: Browser) -> None:
    party, asked, page = coded(suite, browser, suite.fapi_rsa)
    answer = party.redeem(page.said["code"], asked, proof=True, alg="RS256")
    assert answer.status_code in {400, 401}
    refused(answer, "invalid_client", "invalid_request")


def test_ensure_client_assertion_in_token_endpoint(suite: Suite, browser: Browser) -> None:
    party, asked, page = coded(suite, browser)
    refused(party.redeem(page.said["code"], asked, proof=True, assertion=""), "invalid_client", "invalid_request")


def _assertion_fails(suite: Suite, browser: Browser, **claims: Any) -> None:
    party, asked, page = coded(suite, browser)
    refused(party.redeem(page.said["code"], asked, proof=True, **claims), "invalid_client")


def test_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails(suite: Suite, browser: Browser) -> None:
    _assertion_fails(suite, browser, exp=int(time.time()) - 300)


def test_ensure_client_assertion_with_wrong_aud_fails(suite: Suite, browser: Browser) -> None:
    _assertion_fails(suite, browser, aud="https://elsewhere.example")


def test_ensure_client_assertion_with_no_sub_fails(suite: Suite, browser: Browser) -> None:
    _assertion_fails(suite, browser, sub=None)


def test_dpop_negative_tests(suite: Suite, browser: Browser) -> None:
    party, _, said = granted(suite, browser)
    token, endpoint = said["access_token"], party.metadata["userinfo_endpoint"]
    for name, proof in _bad_proofs(party, endpoint, token).items():
        answer = party.userinfo(token, scheme="DPoP", proof=proof)
        assert answer.status_code == 401, (name, answer.status_code)
        assert "DPoP" in answer.headers["www-authenticate"], name
    assert party.userinfo(token, scheme="Bearer").status_code == 401
    assert party.userinfo(token, scheme="Bearer", proof=party.proof(endpoint, "GET", token=token)).status_code == 401
    once = party.proof(endpoint, "GET", token=token)
    assert party.userinfo(token, scheme="DPoP", proof=once).status_code == 200
    assert party.userinfo(token, scheme="DPoP", proof=once).status_code == 401
    assert uses(party, token, htu=f"{endpoint}?query=1#fragment").status_code == 200


def _bad_proofs(party: Party, endpoint: str, token: str) -> dict[str, str]:
    make: Callable[..., str] = lambda **more: party.proof(endpoint, "GET", token=token, **more)  # noqa: E731 (one name for one shape)
    now = int(time.time())
    rsa = RSAKey.generate_key(2048)
    private = party.dpop.as_dict(private=True)
    claims = {"jti": "a" * 20, "htm": "GET", "htu": endpoint, "iat": now}
    good = make()
    return {
        "no proof": "",
        "no proof at all": "not-a-jwt",
        "no typ": make(header={"typ": None}),
        "another typ": make(header={"typ": "JWT"}),
        "no alg": good.replace(good.split(".")[0], "eyJ0eXAiOiJkcG9wK2p3dCJ9"),
        "RS256": jwt.encode({"typ": "dpop+jwt", "alg": "RS256", "jwk": rsa.as_dict(private=False)}, claims, rsa, algorithms=["RS256"]),
        "a private key": make(header={"jwk": private}),
        "no jwk": make(header={"jwk": None}),
        "another key": make(key=ECKey.generate_key("P-256")),
        "signed by another": make(header={"jwk": ECKey.generate_key("P-256").as_dict(private=False)}),
        "no jti": make(jti=None),
        "no htm": make(htm=None),
        "another htm": make(htm="POST"),
        "no htu": make(htu=None),
        "another htu": make(htu="https://elsewhere.example/userinfo"),
        "no iat": make(iat=None),
        "an old iat": make(iat=now - 3600),
        "a future iat": make(iat=now + 3600),
        "another ath": make(ath="fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"),
        "no ath": make(ath=None),
        "signature bent": good[:-8] + ("AAAAAAAA" if not good.endswith("AAAAAAAA") else "BBBBBBBB"),
    }


def test_refresh_token(suite: Suite, browser: Browser) -> None:
    party, _, said = granted(suite, browser, scope="openid offline_access")
    form = {"grant_type": "refresh_token", "refresh_token": said["refresh_token"]}
    fresh = party.token(form, proof=True)
    assert fresh.status_code == 200, fresh.text
    assert uses(party, fresh.json()["access_token"]).status_code == 200
    again = party.token({**form, "refresh_token": fresh.json().get("refresh_token", said["refresh_token"])}, proof=True)
    assert again.status_code == 200, again.text
    stranger = party.proof(party.metadata["token_endpoint"], key=ECKey.generate_key("P-256"))
    refused(suite.fapi_second.token(form, proof=True), "invalid_grant")
    assert 400 <= party.token({**form, "refresh_token": secrets.token_urlsafe(32)}, proof=stranger).status_code < 500


def test_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(suite: Suite, browser: Browser) -> None:
    party = suite.fapi
    asked = party.asks()
    request_uri = pushed(party, asked)
    assert is_sign_on(arrives(browser, party, request_uri))
    page = sign_on(browser, arrives(browser, party, request_uri), suite.user)
    assert party.redeem(page.said["code"], asked, proof=True).status_code == 200


def test_par_attempt_reuse_request_uri(suite: Suite, browser: Browser) -> None:
    party = suite.fapi
    request_uri = pushed(party, party.asks())
    assert "code" in sign_on(browser, arrives(browser, party, request_uri), suite.user).said
    _request_uri_refused(arrives(browser, party, request_uri))


def test_par_attempt_to_use_expired_request_uri(suite: Suite, browser: Browser) -> None:
    party = suite.fapi
    answer = party.push(party.asks().said)
    time.sleep(answer.json()["expires_in"] + 1)
    _request_uri_refused(arrives(browser, party, answer.json()["request_uri"]))


def _request_uri_refused(page: Page) -> None:
    assert is_error_page(page) or page.said.get("error") in {"invalid_request_uri", "invalid_request"}, page
    assert "code" not in page.said


def test_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(suite: Suite) -> None:
    pushed(suite.fapi, suite.fapi.asks(), nbf=int(time.time()) + 8)


def test_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails(suite: Suite) -> None:
    now = int(time.time())
    refused(suite.fapi.push(suite.fapi.asks().said, nbf=now + 70, iat=now + 70, exp=now + 130), "invalid_client")


def test_par_attempt_to_use_request_uri_for_different_client(suite: Suite, browser: Browser) -> None:
    request_uri = pushed(suite.fapi, suite.fapi.asks())
    _request_uri_refused(arrives(browser, suite.fapi_second, request_uri))


def test_par_authorization_request_containing_request_uri_form_param(suite: Suite) -> None:
    asked = suite.fapi.asks()
    refused(suite.fapi.push({**asked.said, "request_uri": pushed(suite.fapi, suite.fapi.asks())}), "invalid_request")


def test_par_attempt_invalid_http_method(suite: Suite) -> None:
    endpoint = suite.fapi.metadata["pushed_authorization_request_endpoint"]
    for method in ("GET", "PUT"):
        assert suite.fapi.http.request(method, endpoint).status_code in {400, 404, 405}, method


def test_par_ensure_pkce_required(suite: Suite) -> None:
    refused(suite.fapi.push(suite.fapi.asks(pkce=False).said), "invalid_request")


def test_ensure_pkce_code_verifier_required(suite: Suite, browser: Browser) -> None:
    party, asked, page = coded(suite, browser)
    refused(party.redeem(page.said["code"], asked, proof=True, form={"code_verifier": None}), "invalid_grant", "invalid_request")


def test_incorrect_pkce_code_verifier_rejected(suite: Suite, browser: Browser) -> None:
    party, asked, page = coded(suite, browser)
    refused(party.redeem(page.said["code"], asked, proof=True, form={"code_verifier": "w" * 43}), "invalid_grant")


def test_par_plain_pkce_rejected(suite: Suite) -> None:
    verifier = secrets.token_urlsafe(48)
    refused(suite.fapi.push(suite.fapi.asks(code_challenge=verifier, code_challenge_method="plain").said), "invalid_request")


def test_par_without_duplicate_parameters(suite: Suite, browser: Browser) -> None:
    """Only client_id and request_uri at the authorization endpoint, nothing said twice."""
    granted(suite, browser)


def _audience_fails(suite: Suite, aud: Any) -> None:
    refused(suite.fapi.push(suite.fapi.asks().said, aud=aud), "invalid_client")


def test_par_test_array_as_audience_fails(suite: Suite) -> None:
    _audience_fails(suite, [suite.issuer, "https://elsewhere.example"])
    _audience_fails(suite, [suite.issuer])


def test_par_test_par_endpoint_url_as_audience_fails(suite: Suite) -> None:
    _audience_fails(suite, suite.fapi.metadata["pushed_authorization_request_endpoint"])


def test_par_test_token_endpoint_url_as_audience_fails(suite: Suite) -> None:
    _audience_fails(suite, suite.fapi.metadata["token_endpoint"])
