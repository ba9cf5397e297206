"""What the transcript shows of how an app signs people on and uses its tokens. Source: RFC 6749, 6750, 7523, 7636, OpenID Connect Core."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qs

from chassis.http.signatures import NotSigned, Signed
from contracts.api.gateway import Exchange
from contracts.values import PartyId
from gateway.registry.domain.conformance.manners import PROTOCOL
from gateway.registry.domain.conformance.scripts import SIGN_ONS, Secrets
from gateway.registry.domain.conformance.signing import Keys

_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE_S: Final = 300
_LEEWAY_S: Final = 5
_LEAST_RANDOM: Final = 16


def found(exchanges: tuple[Exchange, ...], party: PartyId, keys: Keys, seed: str) -> dict[str, str]:
    asked = [_query(each) for each in exchanges if each.path == "/authorize"]
    told = [each for each in exchanges if each.path == "/token" and each.method == "POST"]
    calls = [each for each in exchanges if each.path not in PROTOCOL]
    secrets = Secrets(seed)
    checks = {
        "client-assertion": _assertions(told, party, keys),
        "pkce-s256": _pkce(asked, told, secrets),
        "state-checked": _states(asked, told, secrets),
        "nonce-checked": _nonces(asked, calls, secrets),
        "token-in-header": _tokens(calls, secrets),
        "refresh-once": _refreshes(told, calls, secrets),
    }
    return {name: reason for name, reason in ((name, next(reasons, None)) for name, reasons in checks.items()) if reason}


def _query(exchange: Exchange) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(exchange.query).items()}


def _assertions(told: list[Exchange], party: PartyId, keys: Keys) -> Iterator[str]:
    used: set[str] = set()
    for each in told:
        assertion = each.form.get("client_assertion", "")
        if each.form.get("client_assertion_type") != _ASSERTION or "client_secret" in each.form:
            yield "a token was asked for without private_key_jwt"
            continue
        claims = _claims(assertion, keys)
        if claims is None:
            yield "an assertion is not signed by a registered key with ES256"
        elif broken := _broken_claim(claims, party, f"http://{each.headers.get('host', '')}", each.at_ms // 1000):
            yield f"an assertion has a wrong {broken}"
        elif claims["jti"] in used:
            yield "an assertion was used twice"
        else:
            used.add(claims["jti"])


def _claims(assertion: str, keys: Keys) -> dict[str, Any] | None:
    """None for what no registered key has signed."""
    signed, _, signature = assertion.rpartition(".")
    try:
        header, claims = (json.loads(_bytes(part)) for part in signed.split("."))
        statement = Signed("", "", 0, signed.encode(), _bytes(signature))
    except ValueError:
        return None
    if not isinstance(claims, dict) or not isinstance(header, dict) or header.get("alg") != "ES256" or len(statement.signature) != 64:
        return None
    for key in keys.values():
        try:
            statement.verify(key)
        except NotSigned:
            continue
        return claims
    return None


def _broken_claim(claims: dict[str, Any], party: PartyId, issuer: str, at: int) -> str:
    audiences = claims["aud"] if isinstance(claims.get("aud"), list) else [claims.get("aud")]
    if claims.get("iss") != party or claims.get("sub") != party:
        return "iss or sub"
    if not {issuer, f"{issuer}/token"} & set(map(str, audiences)):
        return "aud"
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or not at - _LEEWAY_S <= expires <= at + _ASSERTION_LIFE_S + _LEEWAY_S:
        return "exp"
    return "" if isinstance(claims.get("jti"), str) and claims["jti"] else "jti"


def _pkce(asked: list[dict[str, str]], told: list[Exchange], secrets: Secrets) -> Iterator[str]:
    for each in asked:
        if each.get("code_challenge_method") != "S256" or len(each.get("code_challenge", "")) != 43:
            yield "a sign-on was begun without PKCE S256"
    for exchange in told:
        sign_on = secrets.sign_on_of(exchange.form.get("code", ""))
        if not 0 < sign_on <= len(asked):
            continue
        digest = hashlib.sha256(exchange.form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked[sign_on - 1].get("code_challenge"):
            yield "a code was redeemed without the verifier of its challenge"
    if not asked:
        yield "no sign-on was begun"


def _states(asked: list[dict[str, str]], told: list[Exchange], secrets: Secrets) -> Iterator[str]:
    states = [each.get("state", "") for each in asked]
    if any(len(state) < _LEAST_RANDOM for state in states) or len(set(states)) != len(states):
        yield f"a sign-on has no state of its own of {_LEAST_RANDOM} characters or more"
    if any(each.form.get("code") == secrets.code(1) for each in told):
        yield "the code of a call back with another state was redeemed"
    if not any(each.form.get("code") == secrets.code(SIGN_ONS) for each in told):
        yield "the code of the call back that was right was not redeemed"


def _nonces(asked: list[dict[str, str]], calls: list[Exchange], secrets: Secrets) -> Iterator[str]:
    nonces = [each.get("nonce", "") for each in asked]
    if any(len(nonce) < _LEAST_RANDOM for nonce in nonces) or len(set(nonces)) != len(nonces):
        yield f"a sign-on has no nonce of its own of {_LEAST_RANDOM} characters or more"
    for each in calls:
        if secrets.access_token(2) in f"{each.headers.get('authorization', '')} {each.query}":
            yield f"{each.method} {each.path}: with the token of a sign-on whose nonce was another"


def _tokens(calls: list[Exchange], secrets: Secrets) -> Iterator[str]:
    given = [secrets.access_token(number) for number in range(SIGN_ONS + 2)]
    for each in calls:
        scheme, _, token = each.headers.get("authorization", "").partition(" ")
        if "access_token=" in each.query or any(text in each.query for text in given):
            yield f"{each.method} {each.path}: a token in the query"
        elif scheme.lower() != "bearer" or token not in given:
            yield f"{each.method} {each.path}: no access token of the kit in the Authorization header"
    if not calls:
        yield "nothing was asked with a token"


def _refreshes(told: list[Exchange], calls: list[Exchange], secrets: Secrets) -> Iterator[str]:
    used = [each for each in told if each.form.get("refresh_token") == secrets.refresh_token(SIGN_ONS)]
    if len(used) != 1:
        yield f"the refresh token was used {len(used)} times"
    fresh = f"Bearer {secrets.access_token(SIGN_ONS + 1)}"
    if not any(each.headers.get("authorization", "").lower() == fresh.lower() for each in calls):
        yield "nothing was asked with the refreshed token"


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
