"""A party's keys: which are acceptable, for what and for how long. They overlap while one follows another."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import gateway as problems
from contracts.values import OfficerId, PartyId

SANDBOX: Final = "sandbox"
PRODUCTION: Final = "production"
SIGNATURE: Final = "signature"
TLS: Final = "tls"
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "k", "dp", "dq", "qi"})
_KID: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_STATEMENT: Final = "party-key+jwt"
_PROOF: Final = "party-key-proof+jwt"
_STATEMENT_LIFE_S: Final = 300


class KeyIsNotAcceptable(Invalid):
    problem = problems.KEY_NOT_ACCEPTABLE


class KeyIsKnown(Conflict):
    problem = problems.PARTY_KEY_KNOWN


class NoSuchKey(NotFound):
    problem = problems.PARTY_KEY_NOT_FOUND


class StatementIsNotValid(Invalid):
    problem = problems.STATEMENT_NOT_VALID


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of a party in one environment, good from `not_before` until `not_after` or until it was revoked.

    A `signature` key signs requests and client assertions, an `assertion` key the latter alone. A `tls` key is a client
    certificate: `thumbprint` is then x5t#S256 (RFC 8705), otherwise that of `jwk` (RFC 7638). `added_by` is the officer,
    None where the party did it itself.
    """

    kid: str
    environment: str
    use: str
    thumbprint: str
    jwk: Mapping[str, Any] | None
    added_at: datetime
    added_by: OfficerId | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    revoked_by: OfficerId | None = None
    revoked_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.not_after is None or at < self.not_after)

    def revoke(self, *, by: OfficerId | None, at: datetime) -> "Key":
        return replace(self, revoked_by=by, revoked_at=at)


def key_of(
    jwk: Mapping[str, Any],
    environment: str,
    *,
    at: datetime,
    by: OfficerId | None = None,
    use: str = SIGNATURE,
    until: datetime | None = None,
) -> Key:
    """Raises KeyIsNotAcceptable for anything but a public key on P-256."""
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or not all(isinstance(jwk.get(part), str) for part in ("x", "y")):
        raise KeyIsNotAcceptable("a key is not on P-256")
    if _PRIVATE_MEMBERS & jwk.keys():
        raise KeyIsNotAcceptable("a key is private; make a new pair and send the public half only")
    try:
        thumbprint = ECKey.import_key(dict(jwk)).thumbprint()
    except (JoseError, ValueError) as error:
        raise KeyIsNotAcceptable("a key is no point on P-256") from error
    kid = jwk.get("kid") or thumbprint
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise KeyIsNotAcceptable("kid: 1 to 128 letters, digits, dots, hyphens, underscores and tildes")
    return Key(kid, environment, use, thumbprint, dict(jwk), at, by, at, _later(until, at))


def certificate_of(pem: str, environment: str, *, at: datetime, by: OfficerId | None = None, until: datetime | None = None) -> Key:
    """A TLS client certificate, good no longer than it says itself. Raises KeyIsNotAcceptable."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        ends = certificate.not_valid_after_utc
    except ValueError as error:
        raise KeyIsNotAcceptable("a certificate is not X.509 in PEM") from error
    thumbprint = thumbprint_of(certificate.public_bytes(Encoding.DER))
    return Key(thumbprint, environment, TLS, thumbprint, None, at, by, at, _later(min(until or ends, ends), at))


def thumbprint_of(certificate: bytes) -> str:
    """x5t#S256 of a certificate in DER. Source: RFC 8705 section 3.1."""
    return base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()


def next_key(statement: str, party: PartyId, keys: tuple[Key, ...], *, at: datetime) -> Key:
    """The key that a party's own statement brings: endorsed by a current key of the same environment, proven by itself.

    Raises: StatementIsNotValid, KeyIsNotAcceptable.
    """
    current, said = _endorsed(statement, party, keys, at)
    jwk, proof, until = said.get("jwk"), said.get("proof"), said.get("not_after")
    if not isinstance(jwk, dict) or not isinstance(proof, str) or not (until is None or _is_time(until)):
        raise StatementIsNotValid("the statement needs jwk and proof; not_after is a time in seconds")
    ends = datetime.fromtimestamp(until, UTC) if until is not None else None
    new = key_of(jwk, current.environment, at=at, until=ends)
    _check(_payload(proof, jwk, _PROOF), party, at)
    return new


def _endorsed(statement: str, party: PartyId, keys: tuple[Key, ...], at: datetime) -> tuple[Key, dict[str, Any]]:
    for key in keys:
        if key.use != SIGNATURE or key.jwk is None or not key.holds(at):
            continue
        try:
            said = _payload(statement, key.jwk, _STATEMENT)
        except StatementIsNotValid:
            continue
        _check(said, party, at)
        return key, said
    raise StatementIsNotValid("the statement is not signed by a current key of the party")


def _payload(compact: str, jwk: Mapping[str, Any], kind: str) -> dict[str, Any]:
    try:
        read = jws.deserialize_compact(compact, ECKey.import_key(dict(jwk)), algorithms=["ES256"])
        said = json.loads(read.payload)
    except (JoseError, ValueError, RecursionError) as error:
        raise StatementIsNotValid("a signature is not by the stated key") from error
    if read.headers().get("typ") != kind or not isinstance(said, dict):
        raise StatementIsNotValid(f"typ is not {kind}")
    return said


def _check(said: dict[str, Any], party: PartyId, at: datetime) -> None:
    issued = said.get("iat")
    if said.get("iss") != party or not _is_time(issued) or abs(at.timestamp() - float(issued or 0)) > _STATEMENT_LIFE_S:
        raise StatementIsNotValid("the statement is by another party, or not of the last five minutes")


def _is_time(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**33


def _later(until: datetime | None, at: datetime) -> datetime | None:
    if until is not None and until <= at:
        raise KeyIsNotAcceptable("the key has ended already")
    return until
