"""Tokens that look like one that is good, and are not: for every verifier of the mesh. Source: F87, F88."""

import base64
import hmac
import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

Claims = dict[str, Any]


def encoded(said: Any) -> str:
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def forgeries(good: str, key: ECKey, *, now: int) -> dict[str, str]:
    """Each with what is wrong with it. `key` signed the good one, but for an attacker who has another."""
    head, body, signature = good.split(".")
    header: Claims = json.loads(base64.urlsafe_b64decode(head + "=="))
    claims: Claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    stranger, rsa = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
    public = key.as_dict(private=False)

    def signed(by: Any = key, alg: str = "ES256", more: Claims | None = None, **said: Any) -> str:
        changed = {name: value for name, value in {**claims, **said}.items() if value is not None}
        named = {name: value for name, value in {**header, "alg": alg, **(more or {})}.items() if value is not None}
        return jwt.encode(named, changed, by, algorithms=[alg])

    def by_hmac(secret: bytes) -> str:
        text = f"{encoded({**header, 'alg': 'HS256'})}.{body}"
        return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256'))}"

    def named(**more: Any) -> str:
        return f"{encoded({**header, **more})}.{body}.{signature}"

    return {
        "unsigned": f"{encoded({**header, 'alg': 'none'})}.{body}.",
        "its signature cut off": f"{head}.{body}.",
        "its signature changed": f"{head}.{body}.{encoded(b'x' * 64)}",
        "its body changed": f"{head}.{encoded({**claims, 'sub': 'other'})}.{signature}",
        "by another key": signed(stranger),
        "by another key that it carries": signed(stranger, more={"jwk": stranger.as_dict(private=False)}),
        "by a key at an address that it names": signed(stranger, more={"jku": "http://evil.example/jwks"}),
        "by a certificate at an address that it names": signed(stranger, more={"x5u": "http://evil.example/x5u"}),
        "by the public key as a secret": by_hmac(key.as_pem(private=False)),
        "by the public key's JSON as a secret": by_hmac(json.dumps(public).encode()),
        "by an empty secret": by_hmac(b""),
        "by another algorithm": signed(rsa, "PS256"),
        "with an unknown kid": signed(more={"kid": "unknown"}),
        "without a kid": signed(more={"kid": None}),
        "with a kid that is a path": signed(more={"kid": "../../../../dev/null"}),
        "with a kid that is SQL": signed(more={"kid": "x' UNION SELECT 'key"}),
        "with a kid of a megabyte": named(kid="k" * 1_000_000),
        "with a kid that is a list": named(kid=[header.get("kid")]),
        "with a critical header that nobody knows": named(crit=["x"], x=1),
        "of another type": signed(more={"typ": "JWT"}),
        "without a type": signed(more={"typ": None}),
        "for another audience": signed(aud="https://other.example"),
        "for another audience beside ours": signed(aud=[claims["aud"], "https://other.example"]),
        "by another issuer": signed(iss="https://other.example"),
        "over": signed(exp=now),
        "over in words": signed(exp=str(now + 600)),
        "over in the year 51026": signed(exp=1_548_000_000_000),
        "never over": signed(exp=None),
        "from the future": signed(iat=now + 61, exp=now + 600),
        "a megabyte": f"{head}.{encoded(b' ' * 1_000_000)}.{signature}",
        "nested deeply": f"{head}.{encoded(b'[' * 5_000)}.{signature}",
        "no object": f"{head}.{encoded([])}.{signature}",
        "nonsense": "a.b.c",
        "more nonsense": "é",
        "nothing": "",
    }
