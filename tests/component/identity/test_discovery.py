"""What the provider says of itself is so, and what scripts of other origins may do."""

from chassis.http import dpop
from services.identity.routes.cross_origin import PATHS
from services.identity.routes.tokens import GRANT_TYPES
from tests.component.identity.clients import code_form, proven, proving, set_up
from tests.component.identity.office import Office, back, claims_of

ORIGIN = "https://app.example"


async def test_discovery_names_endpoints_that_there_are(office: Office) -> None:
    said = (await office.browse("GET", "/.well-known/openid-configuration")).json()
    assert said == (await office.browse("GET", "/.well-known/oauth-authorization-server")).json()
    assert said["issuer"] == office.issuer
    for name in [each for each in said if each.endswith("_endpoint") or each == "jwks_uri"]:
        assert said[name].startswith(office.issuer), name
        path = said[name].removeprefix(office.issuer)
        answers = [await office.browse(method, path) for method in ("GET", "POST")]
        assert any(each.status_code not in {404, 405} for each in answers), name


async def test_discovery_names_what_works(office: Office) -> None:
    said = (await office.browse("GET", "/.well-known/openid-configuration")).json()
    assert said["grant_types_supported"] == list(GRANT_TYPES)
    assert said["dpop_signing_alg_values_supported"] == list(dpop.ALGORITHMS) == ["ES256", "PS256"]
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "client_secret_basic", "client_secret_post", "none"]
    assert said["token_endpoint_auth_signing_alg_values_supported"] == ["ES256", "PS256"]
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["acr_values_supported"][-1] == "urn:tongban:assurance:4"
    assert (said["claims_parameter_supported"], said["request_parameter_supported"]) == (True, False)
    assert {each["alg"] for each in (await office.browse("GET", "/jwks")).json()["keys"]} == {
        *said["id_token_signing_alg_values_supported"]
    }
    # Of officers instead of persons: tests/component/identity/test_staff_tokens.py.
    scopes = " ".join(each for each in said["scopes_supported"] if each != "staff")
    await office.registered()
    assert (await office.redeem(back(await office.login(request=office.request(scope=scopes)))["code"])).json()["scope"] == scopes


async def test_claims_of_tokens_are_named(office: Office) -> None:
    said = (await office.browse("GET", "/.well-known/openid-configuration")).json()
    await office.registered()
    tokens = await office.signed_on()
    assert claims_of(tokens["id_token"]).keys() - {"at_hash"} <= {*said["claims_supported"]}


async def test_the_application_in_a_browser_reaches_what_it_needs(office: Office) -> None:
    await set_up(office, "public")
    for path in sorted(PATHS):
        preflight = await office.browse("OPTIONS", path, origin=ORIGIN, access_control_request_method="POST")
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, ORIGIN)
        assert "DPoP" in preflight.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in preflight.headers
        answer = await office.browse("GET", path, origin=ORIGIN)
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "origin" in answer.headers["vary"].lower()
    refused = await office.browse("POST", "/token", {"grant_type": "x"}, origin=ORIGIN)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, ORIGIN)


async def test_a_script_signs_its_person_on_and_holds_a_key(office: Office) -> None:
    client = await set_up(office, "public")
    person = await office.registered()
    form = code_form(back(await office.login())["code"], client_id=client)
    said = (await office.browse("POST", "/token", form, origin=ORIGIN, dpop=proving(office, "/token"))).json()
    token = said["access_token"]
    headers = {"authorization": f"DPoP {token}", "dpop": proving(office, "/userinfo", "GET", token=token), "origin": ORIGIN}
    info = await office.browse("GET", "/userinfo", **headers)
    assert (info.json()["sub"], info.headers["access-control-allow-origin"]) == (person, ORIGIN)


async def test_other_origins_and_other_endpoints_are_told_nothing(office: Office) -> None:
    await set_up(office, "confidential")
    for path in sorted(PATHS):
        assert "access-control-allow-origin" not in (await office.browse("GET", path, origin=ORIGIN)).headers
    await set_up(office, "public")
    for origin in ("https://evil.example", "null", ORIGIN + ":444", "http://app.example"):
        for method in ("GET", "OPTIONS"):
            assert "access-control-allow-origin" not in (await office.browse(method, "/jwks", origin=origin)).headers
    for path in ("/authorize", "/par", "/introspect", "/sign-on", "/consent"):
        assert "access-control-allow-origin" not in (await office.browse("GET", path, origin=ORIGIN)).headers


async def test_introspection_is_for_those_who_prove_themselves(office: Office) -> None:
    await office.registered()
    said = await office.signed_on()
    alive = (await proven(office, "/introspect", token=said["refresh_token"], token_type_hint="access_token")).json()
    assert (alive["active"], alive["token_type"], alive["scope"]) == (True, "refresh_token", "openid profile phone")
    assert (await proven(office, "/introspect")).json()["error"] == "invalid_request"
    client = await set_up(office, "public")
    answer = await office.browse("POST", "/introspect", {"client_id": client, "token": said["access_token"]})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_client_s_own_token_ends_by_itself(office: Office) -> None:
    said = (await proven(office, "/token", grant_type="client_credentials")).json()
    answer = await proven(office, "/revoke", token=said["access_token"], token_type_hint="refresh_token")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_token_type")
