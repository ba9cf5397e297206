"""Clients of each profile: how operators set them up and how they prove themselves."""

from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from contracts.values import PartyId
from tests.component.identity.clients import basic, code_form, operate, secret_of, set_up, token_by
from tests.component.identity.office import ASSERTION, REDIRECT, Office, back, claims_of

RSA = RSAKey.generate_key(2048)
OWN = {"grant_type": "client_credentials"}


async def test_a_party_without_settings_is_a_standard_client(office: Office) -> None:
    said = (await operate(office, "GET", f"/clients/{office.client}")).json()
    assert (said["profile"], said["auth_method"], said["id_token_alg"]) == ("standard", "private_key_jwt", "ES256")
    assert (said["asks_consent"], said["redirect_uris"], said["secrets"]) == (False, [REDIRECT], 0)


async def test_a_client_is_what_the_operator_last_set_up(office: Office) -> None:
    await set_up(office, "confidential", scopes=["openid", "phone"], asks_consent=True)
    said = (await operate(office, "GET", f"/clients/{office.client}")).json()
    assert (said["profile"], said["auth_method"], said["id_token_alg"]) == ("confidential", "client_secret_basic", "RS256")
    assert (said["scopes"], said["asks_consent"]) == (["openid", "phone"], True)
    answer = await operate(office, "PUT", f"/clients/{office.client}/settings", {"profile": "public"})
    assert (answer.json()["profile"], answer.json()["auth_method"]) == ("public", "none")


async def test_nobody_is_set_up_who_is_no_party(office: Office) -> None:
    nobody = PartyId.new()
    for method, path, said in (
        ("GET", f"/clients/{nobody}", None),
        ("PUT", f"/clients/{nobody}/settings", {"profile": "public"}),
        ("POST", f"/clients/{nobody}/secrets", {}),
    ):
        answer = await operate(office, method, path, said)
        assert (answer.status_code, answer.json()["code"]) == (404, "client-not-found")


PRIVATE = RSA.as_dict(private=True)
WRONG: list[dict[str, Any]] = [
    {"profile": "confidential", "auth_method": "none"},
    {"profile": "public", "auth_method": "client_secret_basic"},
    {"profile": "fapi2", "auth_method": "client_secret_post"},
    {"profile": "fapi2", "id_token_alg": "RS256"},
    {"profile": "public", "grant_types": ["client_credentials"]},
    {"profile": "standard", "grant_types": ["password"]},
    {"profile": "standard", "scopes": ["everything"]},
    {"profile": "standard", "post_logout_redirect_uris": ["http://app.example/out"]},
    {"profile": "standard", "post_logout_redirect_uris": ["https://app.example/out#x"]},
    {"profile": "standard", "post_logout_redirect_uris": ["https://me@app.example/out"]},
    {"profile": "standard", "backchannel_logout_uri": "ftp://app.example"},
    {"profile": "fapi2", "jwks": [PRIVATE]},
    {"profile": "fapi2", "jwks": [{"kty": "RSA", "n": "x" * 171, "e": "AQAB"}]},
    {"profile": "fapi2", "jwks": [{"kty": "EC", "crv": "P-384", "x": "a", "y": "b"}]},
    {"profile": "fapi2", "jwks": [{"kty": "oct"}]},
]


async def test_settings_that_do_not_fit_together_are_refused(office: Office) -> None:
    for said in WRONG:
        answer = await operate(office, "PUT", f"/clients/{office.client}/settings", said)
        assert (answer.status_code, answer.json()["code"]) == (422, "client-settings-not-acceptable"), said
    for said in ({"profile": "other"}, {}, {"profile": "standard", "auth_method": "x"}, {"profile": "standard", "more": 1}):
        assert (await operate(office, "PUT", f"/clients/{office.client}/settings", said)).status_code == 422


async def test_a_secret_proves_its_client_in_the_way_that_is_registered(office: Office) -> None:
    by_header = await set_up(office, "confidential")
    header_secret = await secret_of(office)
    by_form = await set_up(office, "confidential", auth_method="client_secret_post")
    form_secret = await secret_of(office)
    assert (await token_by(office, basic(by_header, header_secret), **OWN)).status_code == 200
    assert (await token_by(office, client_id=by_form, client_secret=form_secret, **OWN)).status_code == 200
    for authorization, form in (
        (basic(by_form, form_secret), {}),
        (None, {"client_id": by_header, "client_secret": header_secret}),
        (basic(by_header, form_secret), {}),
        (basic(by_header, ""), {}),
        (basic("nobody", header_secret), {}),
        (basic(by_header, header_secret), {"client_id": by_form}),
        (None, {"client_id": by_header}),
        (None, {}),
        ("Basic !", {}),
        ("Basic", {}),
        ("Bearer x", {}),
    ):
        refused = await token_by(office, authorization, **OWN, **form)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), (authorization, form)
        assert refused.headers["www-authenticate"].startswith("Basic ")


async def test_a_client_proves_itself_in_one_way_only(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    both = await token_by(office, basic(client, secret), **OWN, client_secret=secret)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    asserted = {"client_assertion_type": ASSERTION, "client_assertion": office.assertion()}
    assert (await token_by(office, **OWN, **asserted)).json()["error"] == "invalid_client"


async def test_secrets_overlap_while_they_are_changed(office: Office) -> None:
    client = await set_up(office, "confidential")
    old, new = await secret_of(office), await secret_of(office, overlap_s=60)
    office.clock.advance(timedelta(seconds=59))
    for secret in (old, new):
        assert (await token_by(office, basic(client, secret), **OWN)).status_code == 200
    office.clock.advance(timedelta(seconds=1))
    assert (await token_by(office, basic(client, old), **OWN)).status_code == 401
    assert (await token_by(office, basic(client, new), **OWN)).status_code == 200


async def test_only_who_proves_itself_by_a_secret_has_one(office: Office) -> None:
    answer = await operate(office, "POST", f"/clients/{office.client}/secrets", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "client-without-secret")


async def test_a_suspended_client_is_remembered_for_a_moment_at_most(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    assert (await token_by(office, basic(client, secret), **OWN)).status_code == 200
    office.clock.advance(timedelta(seconds=2))
    await office.know(client, status="suspended")
    assert (await token_by(office, basic(client, secret), **OWN)).status_code == 401


async def test_a_client_uses_the_grant_types_it_has(office: Office) -> None:
    await set_up(office, "standard", grant_types=["authorization_code"])
    answer = await office.ask("/token", **OWN)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    await office.registered()
    assert "refresh_token" not in await office.signed_on()


async def test_an_rsa_key_of_its_settings_proves_a_client(office: Office) -> None:
    await set_up(office, "fapi2", jwks=[{**RSA.as_dict(private=False), "kid": "r1"}])
    claims = claims_of(office.assertion())

    def signed(alg: str) -> str:
        return jwt.encode({"alg": alg, "kid": "r1"}, claims, RSA, algorithms=[alg])

    refused = await office.ask("/introspect", assertion=signed("RS256"), token="x")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert (await office.ask("/introspect", assertion=signed("PS256"), token="x")).status_code == 200


async def test_a_public_client_needs_pkce_and_no_secret(office: Office) -> None:
    client = await set_up(office, "public")
    await office.registered()
    refused = back(await office.browse("GET", office.request(code_challenge=None, code_challenge_method=None)))
    assert refused["error"] == "invalid_request"
    code = back(await office.login())["code"]
    assert (await token_by(office, **code_form(code))).json()["error"] == "invalid_client"
    assert (await token_by(office, **code_form(code, client_id=client))).status_code == 200
    assert (await token_by(office, client_id=client, **OWN)).json()["error"] == "unauthorized_client"


async def test_a_client_with_a_secret_may_leave_out_pkce_and_nonce(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    await office.registered()
    request = office.request(code_challenge=None, code_challenge_method=None, nonce=None)
    code = back(await office.login(request=request))["code"]
    with_verifier = await token_by(office, basic(client, secret), **code_form(code))
    assert with_verifier.json()["error"] == "invalid_grant"
    form = {name: value for name, value in code_form(code).items() if name != "code_verifier"}
    said = (await token_by(office, basic(client, secret), **form)).json()
    assert "nonce" not in claims_of(said["id_token"])


async def test_pkce_that_was_asked_for_is_demanded_of_everybody(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    await office.registered()
    code = back(await office.login())["code"]
    without = {name: value for name, value in code_form(code).items() if name != "code_verifier"}
    assert (await token_by(office, basic(client, secret), **without)).json()["error"] == "invalid_grant"
    assert (await token_by(office, basic(client, secret), **code_form(code))).status_code == 200


async def test_the_id_token_is_signed_as_the_client_reads_it(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    await office.registered()
    said = (await token_by(office, basic(client, secret), **code_form(back(await office.login())["code"]))).json()
    [key] = [each for each in (await office.browse("GET", "/jwks")).json()["keys"] if each["alg"] == "RS256"]
    decoded = jwt.decode(said["id_token"], RSAKey.import_key(key), algorithms=["RS256"])
    assert decoded.header["kid"] == key["kid"]
    assert (decoded.claims["aud"], decoded.claims["azp"]) == (client, client)
    assert "d" not in key
