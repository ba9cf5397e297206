"""Codes, tokens, and clients that prove themselves by a key."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.http.mesh_token import CallerFacts
from contracts.events.identity import GrantRevoked
from contracts.values import PartyId
from gateway.tokens import Tokens
from tests.component.identity.office import ASSERTION, FORM, REDIRECT, Office, back, claims_of
from tests.support.service import private_key, published

PROFILE = {"name", "gender", "birthdate", "locale", "zoneinfo", "updated_at"}


async def active(office: Office, token: str) -> bool:
    said = (await office.ask("/introspect", token=token)).json()
    return bool(said["active"])


async def test_a_code_becomes_tokens_that_say_who_signed_on_when_and_how_surely(office: Office) -> None:
    person = await office.registered()
    said = await office.signed_on()
    now = int(office.clock.now().timestamp())
    access, identity = claims_of(said["access_token"]), claims_of(said["id_token"])
    assert (access["iss"], access["aud"], access["sub"], access["client_id"]) == (office.issuer, office.issuer, person, office.client)
    assert (access["assurance"], access["auth_time"], access["exp"] - access["iat"]) == (2, now, 900)
    assert (identity["aud"], identity["nonce"], identity["acr"]) == (office.client, "the-nonce", "urn:tongban:assurance:2")
    assert identity["sid"] == access["sid"]
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 900, "openid profile phone")


async def test_the_gateway_believes_these_tokens_with_the_published_keys(office: Office) -> None:
    person = await office.registered()
    said = await office.signed_on()
    tokens = Tokens(office.issuer)
    tokens._add_keys((await office.browse("GET", "/jwks")).json())
    believed = tokens.verified(said["access_token"], office.clock.now().timestamp())
    assert believed is not None
    assert (believed.subject, believed.subject_type, believed.client_id, believed.assurance) == (person, "person", office.client, 2)
    assert tokens.verified(said["id_token"], office.clock.now().timestamp()) is None


async def test_the_published_keys_are_public(office: Office) -> None:
    assert "d" not in (await office.browse("GET", "/jwks")).json()["keys"][0]


@pytest.mark.parametrize(
    "more",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": REDIRECT + "x"},
        {"redirect_uri": ""},
        {"code": "other"},
        {"code": ""},
    ],
)
async def test_a_code_is_for_who_asked_only(office: Office, more: dict[str, str]) -> None:
    await office.registered()
    code = back(await office.login())["code"]
    refused = await office.redeem(**{"code": code, **more})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert refused.headers["cache-control"] == "no-store"


async def test_a_code_is_not_for_another_client(office: Office) -> None:
    await office.registered()
    code = back(await office.login())["code"]
    mine, office.client = office.client, PartyId.new()
    await office.know(office.client)
    assert (await office.redeem(code)).json()["error"] == "invalid_grant"
    office.client = mine
    assert (await office.redeem(code)).status_code == 200


async def test_a_code_lives_a_minute(office: Office) -> None:
    await office.registered()
    code = back(await office.login())["code"]
    office.clock.advance(timedelta(seconds=60))
    assert (await office.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_code_used_twice_ends_what_it_was_for(office: Office) -> None:
    await office.registered()
    code = back(await office.login())["code"]
    said = (await office.redeem(code)).json()
    assert await active(office, said["access_token"])
    again = await office.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    [event] = await published(office.database, GrantRevoked)
    assert event.grant_id == claims_of(said["access_token"])["grant"]
    assert not await active(office, said["access_token"])
    assert (await office.ask("/token", grant_type="refresh_token", refresh_token=said["refresh_token"])).json()["error"] == "invalid_grant"
    assert await published(office.database, GrantRevoked) == [event]


async def test_a_refresh_brings_a_new_access_token_under_the_same_sign_on(office: Office) -> None:
    await office.registered()
    said = await office.signed_on()
    office.clock.advance(timedelta(minutes=20))
    fresh = (await office.ask("/token", grant_type="refresh_token", refresh_token=said["refresh_token"])).json()
    old, new = claims_of(said["access_token"]), claims_of(fresh["access_token"])
    assert (new["sid"], new["auth_time"], new["sub"]) == (old["sid"], old["auth_time"], old["sub"])
    assert new["exp"] > old["exp"]


async def test_a_refresh_token_is_for_its_client_and_its_time(office: Office) -> None:
    await office.registered()
    said = await office.signed_on()
    mine, office.client = office.client, PartyId.new()
    await office.know(office.client)
    assert (await office.ask("/token", grant_type="refresh_token", refresh_token=said["refresh_token"])).json()["error"] == "invalid_grant"
    office.client = mine
    office.clock.advance(timedelta(hours=12))
    assert (await office.ask("/token", grant_type="refresh_token", refresh_token=said["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
async def test_a_revoked_token_ends_what_its_client_was_granted(office: Office, which: str) -> None:
    await office.registered()
    said = await office.signed_on()
    assert (await office.ask("/revoke", token=said[which])).status_code == 200
    [event] = await published(office.database, GrantRevoked)
    assert event.session_id == claims_of(said["access_token"])["sid"]
    assert not await active(office, said["access_token"])
    userinfo = await office.browse("GET", "/userinfo", authorization=f"Bearer {said['access_token']}")
    assert userinfo.status_code == 401


async def test_another_client_s_token_is_nobody_s_business(office: Office) -> None:
    await office.registered()
    said = await office.signed_on()
    mine, office.client = office.client, PartyId.new()
    await office.know(office.client)
    for token in (said["refresh_token"], said["access_token"], "unknown", ""):
        assert (await office.ask("/revoke", token=token)).status_code == 200
    assert not await active(office, said["access_token"])
    office.client = mine
    assert await active(office, said["access_token"])
    assert await published(office.database, GrantRevoked) == []


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", set()),
        ("openid profile", PROFILE),
        ("openid phone", {"phone_number", "phone_number_verified"}),
        ("openid profile phone", {*PROFILE, "phone_number", "phone_number_verified"}),
    ],
)
async def test_userinfo_says_what_the_scope_allows_and_discloses_it(office: Office, scope: str, names: set[str]) -> None:
    person = await office.registered()
    said = await office.signed_on(request=office.request(scope=scope))
    answer = await office.browse("GET", "/userinfo", authorization=f"Bearer {said['access_token']}")
    assert answer.json().keys() == {"sub", *names}
    assert [(each.subjects, set(each.items)) for each in office.door.disclosed] == ([((person,), names)] if names else [])


async def test_userinfo_needs_openid_and_a_person(office: Office) -> None:
    await office.registered()
    said = await office.signed_on(request=office.request(scope="profile"))
    assert "id_token" not in said
    assert (await office.browse("GET", "/userinfo", authorization=f"Bearer {said['access_token']}")).status_code == 403
    own = (await office.ask("/token", grant_type="client_credentials")).json()
    for credentials in (f"Bearer {own['access_token']}", "Bearer x", "Basic x", "", "Bearer"):
        refused = await office.browse("GET", "/userinfo", authorization=credentials)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


async def test_an_id_token_opens_nothing(office: Office) -> None:
    await office.registered()
    said = await office.signed_on()
    assert (await office.browse("GET", "/userinfo", authorization=f"Bearer {said['id_token']}")).status_code == 401
    assert not await active(office, said["id_token"])


async def test_a_token_has_an_end(office: Office) -> None:
    await office.registered()
    said = await office.signed_on()
    office.clock.advance(timedelta(minutes=15))
    assert not await active(office, said["access_token"])


async def test_a_client_s_own_token_is_no_person_s(office: Office) -> None:
    said = (await office.ask("/token", grant_type="client_credentials")).json()
    claims = claims_of(said["access_token"])
    assert claims["sub"] == claims["client_id"] == office.client
    assert not {"sid", "assurance", "auth_time"} & claims.keys()
    assert said.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert await active(office, said["access_token"])


WRONG: list[dict[str, Any]] = [
    {"key": "stranger"},
    {"aud": "http://localhost:8080/token"},
    {"aud": ["http://localhost:8080"]},
    {"iss": "01936b3a-0000-7000-8000-000000000000"},
    {"sub": "01936b3a-0000-7000-8000-000000000000"},
    {"iss": "no-id"},
    {"jti": None},
    {"jti": "short"},
    {"jti": "j" * 129},
    {"jti": 12345678},
    {"exp": None},
    {"exp": "9999999999"},
    {"exp": True},
    {"exp": 1},
    {"exp": 9_999_999_999},
    {"nbf": 9_999_999_999},
    {"iat": 9_999_999_999},
]


async def test_a_client_proves_itself_by_a_fresh_assertion_of_its_own(office: Office) -> None:
    for more in WRONG:
        refused = await office.ask("/token", assertion=office.assertion(**more), grant_type="client_credentials")
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), more
        assert "www-authenticate" in refused.headers
    assert (await office.ask("/token", grant_type="client_credentials")).status_code == 200


async def test_an_assertion_passes_once(office: Office) -> None:
    assertion = office.assertion()
    assert (await office.ask("/token", assertion=assertion, grant_type="client_credentials")).status_code == 200
    again = await office.ask("/token", assertion=assertion, grant_type="client_credentials")
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def encoded(said: Any) -> str:
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def by_hmac(office: Office, secret: bytes) -> str:
    signed = f"{encoded({'alg': 'HS256'})}.{encoded(claims_of(office.assertion()))}"
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def with_its_own_key_inside(office: Office) -> str:
    own = ECKey.import_key(private_key("stranger"))
    return jwt.encode({"alg": "ES256", "jwk": own.as_dict(private=False)}, claims_of(office.assertion()), own)


async def test_no_confusion_of_algorithms_and_keys_proves_anybody(office: Office) -> None:
    head, body, signature = office.assertion().split(".")
    public = ECKey.import_key(private_key("client"))
    forgeries = {
        "unsigned": f"{encoded({'alg': 'none'})}.{body}.",
        "its signature cut off": f"{head}.{body}.",
        "by the public key as a secret": by_hmac(office, public.as_pem(private=False)),
        "by the public key's JSON as a secret": by_hmac(office, json.dumps(public.as_dict(private=False)).encode()),
        "by an empty secret": by_hmac(office, b""),
        "with its own key inside": with_its_own_key_inside(office),
        "with a critical header that nobody knows": f"{encoded({'alg': 'ES256', 'crit': ['x'], 'x': 1})}.{body}.{signature}",
        "nested deeply": f"{head}.{encoded(b'[' * 100_000)}.{signature}",
        "no object": f"{head}.{encoded([])}.{signature}",
        "nonsense": "a.b.c",
        "more nonsense": "é",
        "nothing": "",
    }
    for name, forged in forgeries.items():
        form = {"client_assertion_type": ASSERTION, "client_assertion": forged, "grant_type": "client_credentials"}
        refused = await office.browse("POST", "/token", form)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), name


async def test_a_suspended_client_proves_nothing(office: Office) -> None:
    office.clock.advance(timedelta(seconds=1))
    await office.know(office.client, status="suspended")
    assert (await office.ask("/token", grant_type="client_credentials")).json()["error"] == "invalid_client"


@pytest.mark.parametrize(("grant_type", "error"), [("password", "unsupported_grant_type"), ("", "invalid_request")])
async def test_other_grants_are_not_supported(office: Office, grant_type: str, error: str) -> None:
    assert (await office.ask("/token", grant_type=grant_type)).json()["error"] == error


async def test_only_a_plain_form_is_read(office: Office) -> None:
    in_parts = b'--b\r\ncontent-disposition: form-data; name="username"\r\n\r\n\\ud800\r\n--b--\r\n'
    facts = CallerFacts("gateway", party_kind="portal", permissions=frozenset({"sign:on"}))
    for media_type, content in (
        ("application/json", json.dumps({"grant_type": "client_credentials"}).encode()),
        ("multipart/form-data; boundary=b; charset=unicode_escape", in_parts),
        (FORM, b"client_assertion_type=a&client_assertion_type=b"),
        (FORM, b"\xff\xfe%zz=%"),
        (FORM, b"&".join(b"a%d=1" % number for number in range(50))),
    ):
        for path in ("/token", "/revoke", "/introspect", "/sign-on"):
            answer = await office.door.call("POST", path, facts=facts, content=content, media_type=media_type)
            assert answer.status_code in {400, 401}, (path, media_type, content)
