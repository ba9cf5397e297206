"""Pushed requests and FAPI 2.0 clients. Source: RFC 9126, FAPI 2.0 Security Profile."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.http.mesh_token import CallerFacts
from tests.component.identity.clients import (
    VERIFIER,
    basic,
    by_reference,
    code_form,
    fapi_code,
    proven,
    proving,
    pushed,
    secret_of,
    set_up,
    token_by,
)
from tests.component.identity.office import FORM, REDIRECT, Office, back, claims_of
from tests.support.dpop import key_of
from tests.support.service import EVERYTHING


async def test_a_pushed_request_becomes_tokens_bound_to_a_key(office: Office) -> None:
    await set_up(office, "fapi2")
    person = await office.registered()
    code = (await fapi_code(office))["code"]
    answer = await proven(office, "/token", dpop=proving(office, "/token"), **code_form(code))
    said = answer.json()
    assert (answer.status_code, said["token_type"]) == (200, "DPoP")
    assert claims_of(said["access_token"])["cnf"] == {"jkt": key_of("holder").thumbprint()}
    token = said["access_token"]
    for scheme in ("DPoP", "dpOp", "DPOP"):
        info = await office.browse(
            "GET", "/userinfo", authorization=f"{scheme} {token}", dpop=proving(office, "/userinfo", "GET", token=token)
        )
        assert info.json()["sub"] == person
    introspected = (await proven(office, "/introspect", token=token)).json()
    assert (introspected["active"], introspected["token_type"]) == (True, "DPoP")
    assert introspected["cnf"] == {"jkt": key_of("holder").thumbprint()}


async def test_what_is_pushed_counts_and_nothing_beside_it(office: Office) -> None:
    await set_up(office, "fapi2")
    await office.registered()
    for more, state in (({}, "the-state"), ({"state": None}, None)):
        uri = (await pushed(office, **more)).json()["request_uri"]
        request = by_reference(office, uri, state="other", nonce="other", redirect_uri="https://evil.example", scope="openid")
        said = back(await office.login(request=request))
        assert said.get("state") == state
        tokens = (await proven(office, "/token", dpop=proving(office, "/token"), **code_form(said["code"]))).json()
        assert claims_of(tokens["id_token"])["nonce"] == "the-nonce"
        assert tokens["scope"] == "openid profile phone"


async def test_a_pushed_request_is_used_up_by_its_answer_and_not_before(office: Office) -> None:
    await set_up(office, "fapi2")
    await office.registered()
    uri = (await pushed(office)).json()["request_uri"]
    assert (await office.page(by_reference(office, uri))).status_code == 200
    assert "code" in back(await office.login(request=by_reference(office, uri)))
    page = await office.browse("GET", by_reference(office, uri))
    assert (page.status_code, "request_uri" in page.text) == (400, True)


async def test_a_pushed_request_waits_a_minute_for_its_browser_which_then_has_its_time(office: Office) -> None:
    await set_up(office, "fapi2")
    await office.registered()
    answer = (await pushed(office)).json()
    assert answer["expires_in"] == 60
    office.clock.advance(timedelta(seconds=60))
    assert (await office.browse("GET", by_reference(office, answer["request_uri"]))).status_code == 400
    late = await office.page(by_reference(office, (await pushed(office)).json()["request_uri"]))
    office.clock.advance(timedelta(minutes=10))
    assert late.status_code == 200


async def test_a_pushed_request_is_its_client_s(office: Office) -> None:
    await set_up(office, "fapi2")
    uri = (await pushed(office)).json()["request_uri"]
    await set_up(office, "fapi2")
    for request in (by_reference(office, uri), by_reference(office, uri + "x"), by_reference(office, "urn:ietf:params:oauth:request_uri:")):
        page = await office.browse("GET", request)
        assert (page.status_code, "request_uri" in page.text) == (400, True)


async def test_a_fapi_client_pushes_its_requests(office: Office) -> None:
    await set_up(office, "fapi2")
    said = back(await office.browse("GET", office.request()))
    assert (said["error"], said["state"]) == ("invalid_request", "the-state")


WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"redirect_uri": None}, "invalid_request"),
    ({"redirect_uri": "https://app.example/other"}, "invalid_request"),
    ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
    ({"request": "a.b.c"}, "request_not_supported"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
    ({"client_id": "another"}, "invalid_client"),
]


async def test_what_cannot_be_is_refused_when_it_is_pushed(office: Office) -> None:
    await set_up(office, "fapi2")
    for more, error in WRONG:
        answer = await pushed(office, **more)
        assert (answer.status_code, answer.json()["error"]) == (401 if error == "invalid_client" else 400, error), more
    for method in ("GET", "PUT", "DELETE"):
        assert (await office.browse(method, "/par")).status_code == 405
    facts = CallerFacts("gateway", party_kind="portal", permissions=EVERYTHING)
    twice = await office.door.call("POST", "/par", facts=facts, content=b"state=a&state=b", media_type=FORM)
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")


async def test_other_clients_may_push_too(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    await office.registered()
    form = dict(httpx.QueryParams(office.request().partition("?")[2]).multi_items())
    uri = (await office.browse("POST", "/par", form, authorization=basic(client, secret))).json()["request_uri"]
    code = back(await office.login(request=by_reference(office, uri)))["code"]
    assert (await token_by(office, basic(client, secret), **code_form(code))).status_code == 200


# Proofs of possession


async def test_tokens_of_a_fapi_client_need_a_proof(office: Office) -> None:
    await set_up(office, "fapi2")
    await office.registered()
    code = (await fapi_code(office))["code"]
    for dpop in (
        None,
        "",
        "nonsense",
        proving(office, "/par"),
        proving(office, "/token", "GET"),
        proving(office, "/token", iat=1),
        proving(office, "/token", header={"typ": "JWT"}),
    ):
        refused = await proven(office, "/token", dpop=dpop, **code_form(code))
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof"), dpop
    proof = proving(office, "/token")
    assert (await proven(office, "/token", dpop=proof, grant_type="client_credentials")).status_code == 200
    assert (await proven(office, "/token", dpop=proof, **code_form(code))).json()["error"] == "invalid_dpop_proof"
    assert (await proven(office, "/token", dpop=proving(office, "/token"), **code_form(code))).status_code == 200


@pytest.mark.parametrize("seconds", [-10, 10])
async def test_a_proof_may_be_ten_seconds_off(office: Office, seconds: int) -> None:
    await set_up(office, "fapi2")
    at = int(office.clock.now().timestamp()) + seconds
    answer = await proven(office, "/token", dpop=proving(office, "/token", iat=at), grant_type="client_credentials")
    assert answer.status_code == 200


@pytest.mark.parametrize("by", ["proof", "parameter"])
async def test_a_code_is_bound_to_the_key_of_its_request(office: Office, by: str) -> None:
    await set_up(office, "fapi2")
    await office.registered()
    jkt = key_of("holder").thumbprint()
    bound: dict[str, Any] = {"dpop": proving(office, "/par")} if by == "proof" else {"dpop_jkt": jkt}
    code = (await fapi_code(office, **bound))["code"]
    other = await proven(office, "/token", dpop=proving(office, "/token", key=key_of("other")), **code_form(code))
    assert (other.status_code, other.json()["error"]) == (400, "invalid_grant")
    assert (await proven(office, "/token", dpop=proving(office, "/token"), **code_form(code))).status_code == 200


async def test_a_request_names_the_key_that_it_proves(office: Office) -> None:
    await set_up(office, "fapi2")
    answer = await pushed(office, dpop=proving(office, "/par"), dpop_jkt=key_of("other").thumbprint())
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert (await pushed(office, dpop=proving(office, "/par"), dpop_jkt=key_of("holder").thumbprint())).status_code == 201


async def test_a_bound_token_opens_nothing_without_its_key(office: Office) -> None:
    await set_up(office, "fapi2")
    await office.registered()
    code = (await fapi_code(office))["code"]
    token = (await proven(office, "/token", dpop=proving(office, "/token"), **code_form(code))).json()["access_token"]

    def proof(**more: Any) -> str:
        return proving(office, "/userinfo", "GET", **{"token": token, **more})

    used = proof(jti="used-before")
    assert (await office.browse("GET", "/userinfo", authorization=f"DPoP {token}", dpop=used)).status_code == 200
    for authorization, dpop in (
        (f"Bearer {token}", None),
        (f"Bearer {token}", proof()),
        (f"DPoP {token}", None),
        (f"DPoP {token}", ""),
        (f"DPoP {token}", used),
        (f"DPoP {token}", proof(key=key_of("other"))),
        (f"DPoP {token}", proof(token=None)),
        (f"DPoP {token}", proof(token="other")),
        (f"DPoP {token}", proof(htm="POST")),
    ):
        refused = await office.browse("GET", "/userinfo", authorization=authorization, **({"dpop": dpop} if dpop is not None else {}))
        assert refused.status_code == 401, (authorization, dpop)
        assert refused.headers["www-authenticate"].startswith("DPoP error="), refused.headers
        assert 'algs="ES256 PS256"' in refused.headers["www-authenticate"]


async def test_a_proof_beside_a_token_that_is_not_bound_is_refused(office: Office) -> None:
    await office.registered()
    token = (await office.signed_on())["access_token"]
    proof = proving(office, "/userinfo", "GET", token=token)
    for scheme in ("DPoP", "Bearer"):
        assert (await office.browse("GET", "/userinfo", authorization=f"{scheme} {token}", dpop=proof)).status_code == 401
    assert (await office.browse("GET", "/userinfo", authorization=f"Bearer {token}")).status_code == 200


async def test_any_client_may_bind_its_tokens(office: Office) -> None:
    said = (await proven(office, "/token", dpop=proving(office, "/token"), grant_type="client_credentials")).json()
    assert said["token_type"] == "DPoP"
    assert claims_of(said["access_token"])["cnf"] == {"jkt": key_of("holder").thumbprint()}


async def test_a_code_is_for_the_address_it_was_asked_for(office: Office) -> None:
    await set_up(office, "fapi2")
    await office.registered()
    code = (await fapi_code(office))["code"]
    form = code_form(code, redirect_uri=REDIRECT + "x")
    assert (await proven(office, "/token", dpop=proving(office, "/token"), **form)).json()["error"] == "invalid_grant"
