"""Proofs of possession as a client makes them, and as an attacker would."""

import base64
import hashlib
import json
import secrets
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from tests.support.service import private_key


class _Registry(jws.JWSRegistry):
    max_header_length = 100_000
    max_payload_length = 100_000


def key_of(holder: str) -> ECKey:
    return ECKey.import_key(private_key(holder))


def proof(
    method: str,
    url: str,
    *,
    now: float,
    key: ECKey | RSAKey | None = None,
    alg: str = "ES256",
    token: str | None = None,
    header: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """A DPoP proof; in `more` and `header`, None takes a member out."""
    signing = key or key_of("holder")
    ath = {"ath": base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()} if token else {}
    said = {"jti": secrets.token_urlsafe(12), "htm": method, "htu": url, "iat": int(now), **ath, **more}
    head = {"alg": alg, "typ": "dpop+jwt", "jwk": signing.as_dict(private=False), **(header or {})}
    claims = {name: value for name, value in said.items() if value is not None}
    named = {name: value for name, value in head.items() if value is not None}
    registry = _Registry(algorithms=[alg], strict_check_header=False)
    return jws.serialize_compact(named, json.dumps(claims).encode(), signing, registry=registry)
