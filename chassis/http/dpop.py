"""Proof that who sends a request holds a key: the server's side of DPoP.

A proof stands for one request and a moment. That it passes once only is for the caller to see to: `jti` names it, and no
proof is believed after `useless_after`. Source: RFC 9449.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

ALGORITHMS: Final = ("ES256", "PS256")
LEEWAY_S: Final = 10
MAX_AGE_S: Final = 60
_MAX_PROOF_BYTES: Final = 4096
_JTI_CHARACTERS: Final = range(1, 257)
_RSA_BITS: Final = 2048
_RSA_CHARACTERS: Final = 342
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class ProofNotValid(Exception):
    """The proof is missing, malformed or for something else; the text says which rule is broken and may be shown."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`thumbprint` is that of the proven key (RFC 7638). `issued` and `useless_after` are seconds since the epoch."""

    thumbprint: str
    jti: str
    issued: int

    @property
    def useless_after(self) -> int:
        return self.issued + MAX_AGE_S + LEEWAY_S


class _Registry(jws.JWSRegistry):
    max_header_length = _MAX_PROOF_BYTES


# Other header parameters are the sender's own business: they are ignored, but for those that are said to be critical.
_REGISTRY: Final = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


def read(proof: str, *, method: str, url: str, now: float, access_token: str | None = None) -> Proof:
    """The proof for a request of `method` to `url`, whose query and fragment do not count.

    With an `access_token` the proof must be for that very token. Raises ProofNotValid.
    """
    if not proof or len(proof) > _MAX_PROOF_BYTES:
        raise ProofNotValid("the proof is missing, given more than once, or too long")
    try:
        header = jws.extract_compact(proof.encode(), registry=_REGISTRY).headers()
        key = _key(header)
        claims = json.loads(jws.deserialize_compact(proof.encode(), key, registry=_REGISTRY).payload)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ProofNotValid("the proof is no JWT signed by the key that it names") from None
    if not isinstance(claims, dict):
        raise ProofNotValid("the proof holds no claims")
    issued = _time(claims, now)
    if claims.get("htm") != method or not _is_same(claims.get("htu"), url):
        raise ProofNotValid("the proof is for another request")
    jti = claims.get("jti")
    if not isinstance(jti, str) or len(jti) not in _JTI_CHARACTERS or "\0" in jti:
        raise ProofNotValid("the proof has no jti")
    if access_token is not None and claims.get("ath") != _hash_of(access_token):
        raise ProofNotValid("the proof is for another access token")
    return Proof(key.thumbprint(), jti, issued)


def _key(header: dict[str, Any]) -> ECKey | RSAKey:
    """The key that the header names. Raises ProofNotValid for one that proves nothing."""
    alg, jwk = header.get("alg"), header.get("jwk")
    if header.get("typ") != "dpop+jwt" or alg not in ALGORITHMS or not isinstance(jwk, dict) or "crit" in header:
        raise ProofNotValid("the proof needs typ dpop+jwt, ES256 or PS256, and a jwk")
    if _PRIVATE_MEMBERS & jwk.keys():
        raise ProofNotValid("the jwk of the proof is private")
    if alg == "ES256":
        if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
            raise ProofNotValid("the jwk of the proof is not on P-256")
        return ECKey.import_key(_public(jwk, "kty", "crv", "x", "y"))
    if jwk.get("kty") != "RSA" or len(jwk["n"]) < _RSA_CHARACTERS:
        raise ProofNotValid(f"the jwk of the proof is no RSA key of {_RSA_BITS} bits")
    key = RSAKey.import_key(_public(jwk, "kty", "n", "e"))
    if key.public_key.key_size < _RSA_BITS:
        raise ProofNotValid(f"the jwk of the proof is no RSA key of {_RSA_BITS} bits")
    return key


def _public(jwk: dict[str, Any], *members: str) -> Any:
    return {member: jwk[member] for member in members}


def _time(claims: dict[str, Any], now: float) -> int:
    issued, not_before, expires = claims.get("iat"), claims.get("nbf", 0), claims.get("exp", now + LEEWAY_S)
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in (issued, not_before, expires)):
        raise ProofNotValid("the proof has no time")
    assert isinstance(issued, int | float)
    if not now - MAX_AGE_S <= issued <= now + LEEWAY_S or not_before > now + LEEWAY_S or expires <= now - LEEWAY_S:
        raise ProofNotValid(f"the proof is from the future, over, or older than {MAX_AGE_S} s")
    return int(issued)


def _is_same(htu: Any, url: str) -> bool:
    """Compared as RFC 3986 sections 6.2.2 and 6.2.3 normalise them."""
    try:
        return isinstance(htu, str) and _place(htu) == _place(url)
    except ValueError:
        return False


def _place(url: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None or not parts.hostname:
        msg = "not an address to send a request to"
        raise ValueError(msg)
    scheme = parts.scheme.lower()
    return scheme, parts.hostname.lower(), parts.port or _DEFAULT_PORTS.get(scheme), parts.path or "/"


def _hash_of(access_token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()
