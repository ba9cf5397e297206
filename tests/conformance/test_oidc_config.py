"""OpenID Connect Config OP."""

from tests.conformance.suite import Suite

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def test_discovery_endpoint_verification(suite: Suite) -> None:
    party = suite.basic
    answer = party.http.get(f"{suite.issuer}/.well-known/openid-configuration")
    assert answer.headers["content-type"].startswith("application/json")
    said = answer.json()
    assert said["issuer"] == suite.issuer
    for name in ENDPOINTS:
        assert said[name].startswith(f"{suite.issuer}/"), name
    assert "code" in said["response_types_supported"]
    assert set(said["subject_types_supported"]) <= {"pairwise", "public"}
    assert "RS256" in said["id_token_signing_alg_values_supported"]
    assert "openid" in said["scopes_supported"]
    assert {"sub", "name", "email", "address", "phone_number"} <= set(said["claims_supported"])
    assert said.get("claims_parameter_supported") is True
    assert said.get("request_uri_parameter_supported", True) in {True, False}
    for key in party.http.get(said["jwks_uri"]).json()["keys"]:
        assert not {"d", "p", "q", "k", "dp", "dq", "qi"} & set(key)
        assert {"kty", "kid", "alg", "use"} <= set(key)
