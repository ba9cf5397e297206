"""What the transcript shows of signatures. Each broken rule is found apart, so that the check that names it fails alone."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from chassis.http import signatures
from chassis.http.signatures import MAX_AGE_S, TAG, Message, NotSigned, Stated
from contracts.api.gateway import Exchange
from contracts.values import PartyId

Keys = Mapping[str, ec.EllipticCurvePublicKey]
Found = dict[str, str]

_LEEWAY_S: Final = 5
_KEY_ID: Final = re.compile(r"([0-9a-f-]{36})(?:#(.{1,100}))?")


def found(exchanges: tuple[Exchange, ...], party: PartyId, keys: Keys) -> Found:
    """The first breach of each rule, by check."""
    breaches: Found = {}
    nonces: set[str] = set()
    for exchange in exchanges:
        for name, reason in _of(exchange, party, keys, nonces):
            breaches.setdefault(name, f"{exchange.method} {exchange.path}: {reason}")
    return breaches


def _of(exchange: Exchange, party: PartyId, keys: Keys, nonces: set[str]) -> list[tuple[str, str]]:
    message = _message(exchange)
    try:
        stated = signatures.parse(message)
    except NotSigned as reason:
        # Without a signature there is nothing to find wrong in it.
        return [("signature-form", str(reason))]
    rules: tuple[tuple[str, Callable[[], str | None]], ...] = (
        ("content-digest", lambda: _digest(exchange)),
        ("signature-coverage", lambda: _coverage(message, stated)),
        ("signature-age", lambda: _age(stated, exchange.at_ms // 1000)),
        ("signature-tag", lambda: _tag(stated)),
        ("nonce-once", lambda: _nonce(stated, nonces)),
        ("signature-key", lambda: _key(message, stated, party, keys)),
    )
    return [(name, breach) for name, rule in rules if (breach := rule()) is not None]


def _message(exchange: Exchange) -> Message:
    """The body itself is not in the transcript: what must be covered only depends on there being one."""
    headers = {str(name): value for name, value in exchange.headers.items()}
    return Message(exchange.method, headers.get("host", ""), exchange.path, exchange.query, headers, b"-" if exchange.body_sha256 else b"")


def _digest(exchange: Exchange) -> str | None:
    said = exchange.headers.get("content-digest")
    if not exchange.body_sha256:
        return None if said is None else "a digest without a body"
    if said is None:
        return "no content-digest"
    true = f"sha-256=:{base64.b64encode(bytes.fromhex(exchange.body_sha256)).decode()}:"
    return None if said == true else "not the digest of the body"


def _coverage(message: Message, stated: Stated) -> str | None:
    # A digest that is not there is the breach of another rule.
    wanted = {name for name in signatures.required_components(message) if name.startswith("@") or name in message.headers}
    missing = sorted(wanted - set(stated.covered))
    if missing:
        return f"does not cover {', '.join(missing)}"
    return None if len(set(stated.covered)) == len(stated.covered) else "covers a component twice"


def _age(stated: Stated, at: int) -> str | None:
    created = stated.said.get("created")
    if created is None:
        return "no created"
    is_fresh = -_LEEWAY_S <= at - int(created) <= MAX_AGE_S + _LEEWAY_S and at <= int(stated.said.get("expires", at))
    return None if is_fresh else f"created {at - int(created)} s before it came"


def _tag(stated: Stated) -> str | None:
    is_right = stated.said.get("tag") == TAG and stated.said.get("alg", "ecdsa-p256-sha256") == "ecdsa-p256-sha256"
    return None if is_right else f'not tag="{TAG}" and ecdsa-p256-sha256'


def _nonce(stated: Stated, nonces: set[str]) -> str | None:
    nonce = stated.said.get("nonce", "")
    is_used = nonce in nonces
    nonces.add(nonce)
    if not 16 <= len(nonce) <= 128:
        return "no nonce of 16 to 128 characters"
    return "the nonce was used before" if is_used else None


def _key(message: Message, stated: Stated, party: PartyId, keys: Keys) -> str | None:
    named = _KEY_ID.fullmatch(stated.said.get("keyid", ""))
    if named is None or named[1] != party:
        return "keyid does not name the party"
    candidates = [key for name, key in keys.items() if named[2] in {None, name}]
    try:
        signed = stated.of(message)
    except NotSigned as reason:
        return str(reason)
    for key in candidates:
        try:
            signed.verify(key)
        except NotSigned:
            continue
        return None
    return "not by a registered key"
