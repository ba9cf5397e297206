"""Authlib as everybody uses it logs in, and what ends a sign-on ends it everywhere."""

import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.starlette_client import OAuth
from authlib.oauth2.rfc7523 import PrivateKeyJWT

from deploy.local.journey.citizen import PASSWORD
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.conformance.browser import Browser
from tests.conformance.party import User, sign_on
from tests.conformance.suite import Listener
from tests.support.eventually import eventually
from tests.support.oauth_clients import OAuthClient, registered
from tests.support.whole_mesh import Visit, visiting

REDIRECT = "https://rp.example/cb"
GONE = "https://rp.example/signed-out"
METHODS = {"private_key_jwt": "standard", "client_secret_basic": "confidential", "client_secret_post": "confidential"}


def relying_party(mesh: Mesh, client: OAuthClient, method: str) -> Any:
    """What an application writes to use Authlib with any provider."""
    by_key = method == "private_key_jwt"
    return OAuth().register(
        "tongban",
        client_id=client.id,
        client_secret=client.key if by_key else client.secret,
        server_metadata_url=f"{mesh.gateway_url}/.well-known/openid-configuration",
        client_auth_methods=[PrivateKeyJWT(mesh.gateway_url, alg="ES256")] if by_key else None,
        client_kwargs={
            "scope": "openid profile phone",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": method,
            "revocation_endpoint_auth_method": method,
            "trust_env": False,
        },
    )


async def signed_in(party: Any, browser: Browser, person: Person) -> dict[str, Any]:
    asked = await party.create_authorization_url(REDIRECT, nonce=secrets.token_urlsafe(16))
    page = sign_on(browser, browser.visit(asked["url"]), User(person.phone, PASSWORD))
    assert page.said["state"] == asked["state"]
    token: dict[str, Any] = await party.fetch_access_token(
        code=page.said["code"], redirect_uri=REDIRECT, code_verifier=asked["code_verifier"]
    )
    claims = await party.parse_id_token(token, nonce=asked["nonce"])
    assert (claims["iss"], claims["aud"]) == (party.server_metadata["issuer"], party.client_id)
    return token


async def called(visit: Visit, token: str) -> int:
    return (
        await visit.journey.anybody.get(f"{visit.journey.config.gateway_url}/persons/me", headers={"authorization": f"Bearer {token}"})
    ).status_code


async def test_authlib_logs_in_and_out_unchanged(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    """In each way in which a client may prove itself: discovery, code and PKCE, ID token, userinfo, refresh, revocation, logout."""
    async with visiting(mesh, person, tmp_path) as visit:
        for method, profile in METHODS.items():
            more = {"profile": profile, "auth_method": method, "post_logout_redirect_uris": [GONE]}
            party = relying_party(mesh, await registered(visit, f"Authlib {method}", REDIRECT, **more), method)
            with Browser(mesh.gateway_url) as browser:
                token = await signed_in(party, browser, person)
                said = await party.userinfo(token=token)
                assert (said["name"], said["phone_number"]) == (person.name, f"+86{person.phone}")
                await refreshed_and_revoked(party, token)
                token = await signed_in(party, browser, person)
                query = urlencode({"id_token_hint": token["id_token"], "post_logout_redirect_uri": GONE, "state": "s"})
                gone = browser.visit(f"{party.server_metadata['end_session_endpoint']}?{query}")
                assert gone.url == f"{GONE}?state=s"
                assert "password" in browser.visit((await party.create_authorization_url(REDIRECT))["url"]).ids


async def refreshed_and_revoked(party: Any, token: dict[str, Any]) -> None:
    async with party._get_oauth_client(**party.server_metadata) as oauth:
        oauth.token = token
        fresh = await oauth.refresh_token(party.server_metadata["token_endpoint"], refresh_token=token["refresh_token"])
        assert fresh["access_token"] != token["access_token"]
        assert (await party.userinfo(token=fresh))["sub"]
        revoked = await oauth.revoke_token(party.server_metadata["revocation_endpoint"], token=fresh["access_token"])
        assert revoked.status_code == 200
        again = await oauth.request("GET", party.server_metadata["userinfo_endpoint"])
        assert again.status_code == 401


async def test_a_logout_ends_everything_of_one_device_within_five_seconds(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    """F98: at the gateway, at another client of the same sign-on, and not on the person's other device."""
    method, heard = "client_secret_basic", Listener()
    async with visiting(mesh, person, tmp_path) as visit:
        with heard.running(), Browser(mesh.gateway_url) as browser, Browser(mesh.gateway_url) as phone:
            asking = relying_party(
                mesh, await registered(visit, "RP that asks", REDIRECT, profile="confidential", post_logout_redirect_uris=[GONE]), method
            )
            told = relying_party(
                mesh, await registered(visit, "RP that is told", REDIRECT, profile="confidential", backchannel_logout_uri=heard.url), method
            )
            here, there, other = [await signed_in(*each, person) for each in ((asking, browser), (told, browser), (told, phone))]
            for token in (here, there, other):
                assert await called(visit, token["access_token"]) == 200

            asked_at = time.monotonic()
            query = urlencode({"id_token_hint": here["id_token"], "post_logout_redirect_uri": GONE})
            assert browser.visit(f"{mesh.gateway_url}/logout?{query}").url == GONE

            async def has_ended() -> bool:
                return {await called(visit, token["access_token"]) for token in (here, there)} == {401} and len(heard.bodies) == 1

            await eventually(has_ended, within=5)
            print(f"ended everywhere after {time.monotonic() - asked_at:.2f} s")
            assert await called(visit, other["access_token"]) == 200
            assert len(heard.bodies) == 1, "the other device's sign-on goes on"
