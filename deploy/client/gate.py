"""A gate that verifies city codes offline with the city's published keys (`docs/city-code.md` says what that can promise).

Needs no connection once it has the keys of `GET /city-codes/keys`; fetch them daily and whenever a key is unknown.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from contracts.values import CityCode, CityCodeType, PresentedCode
from contracts.values.city_codes import ANY_SCENE

Reason = Literal[
    "unreadable", "unknown-key", "not-genuine", "other-scene", "not-yet-valid", "expired", "used", "holder-key-missing", "holder-key-wrong"
]

CHALLENGE_LIFE_S = 15
LONGEST_SCREEN_LIFE_S = 600


class Refused(Exception):
    """`reason` is for the gate's display; `unknown-key` also means: fetch the keys again."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Proof:
    """The holder's device over this gate's challenge and this code: `signature` is r and s, by the key of `jwk`."""

    challenge: str
    jwk: dict[str, Any]
    signature: bytes


@dataclass(frozen=True, slots=True)
class Passed:
    """`is_bound`: the device whose key is in the code was here. `is_low_level`: paper, which may have been revoked since:
    check online when you can."""

    code: CityCode
    is_bound: bool
    is_low_level: bool


def proof_text(challenge: str, code_id: str) -> bytes:
    """What the holder's device signs."""
    return f"tongban city code proof\n{challenge}\n{code_id}".encode()


class CityCodeGate:
    """One verifier of one scene. What it has seen lives in its memory and is bounded by the life of codes.

    `serves_once`: a code proves its holder once here (scenes of mode `proof`); otherwise it may pass again while it lives
    (mode `gate`). `asks_holder`: codes without a key of the holder's do not pass, and the device must answer a challenge.
    """

    def __init__(
        self,
        keys: dict[str, Any],
        scene: str,
        *,
        serves_once: bool,
        asks_holder: bool = False,
        takes_paper: bool = False,
        clock_skew_s: int = 5,
    ) -> None:
        self._scene = scene
        self._serves_once = serves_once
        self._asks_holder = asks_holder
        self._takes_paper = takes_paper
        self._skew_s = clock_skew_s
        self._seen: dict[str, float] = {}
        self._challenges: dict[str, float] = {}
        self.learn(keys)

    def learn(self, keys: dict[str, Any]) -> None:
        """Take a newly fetched key set. A key that is no longer in it is no longer believed."""
        usable = [jwk for jwk in keys["keys"] if jwk.get("alg") == "ES256"]
        self._keys = {jwk["kid"]: _public(jwk) for jwk in usable}

    def challenge(self, now: float) -> str:
        """To be shown or sent to the holder's device; good for one answer within seconds."""
        self._challenges = {text: until for text, until in self._challenges.items() if until > now}
        text = secrets.token_urlsafe(16)
        self._challenges[text] = now + CHALLENGE_LIFE_S
        return text

    def check(self, text: str, now: float, proof: Proof | None = None) -> Passed:
        """`now` in seconds since 1970 by the gate's clock. Raises Refused."""
        code = self._genuine(text)
        is_paper = code.type is CityCodeType.PAPER
        self._check_words(code, now, is_paper=is_paper)
        is_bound = not is_paper and self._is_bound(code, proof, now)
        # Last, so that a code which did not pass can still be shown again.
        self._check_first(code, now, is_paper=is_paper)
        return Passed(code, is_bound, is_paper)

    def _genuine(self, text: str) -> CityCode:
        try:
            shown = PresentedCode.read(text)
        except ValueError:
            raise Refused("unreadable") from None
        key = self._keys.get(shown.says.kid)
        if key is None:
            raise Refused("unknown-key")
        if not _is_signed(key, shown.signature, shown.signed):
            raise Refused("not-genuine")
        return shown.says

    def _check_words(self, code: CityCode, now: float, *, is_paper: bool) -> None:
        if code.scene != (ANY_SCENE if is_paper else self._scene) or (is_paper and (not self._takes_paper or self._asks_holder)):
            raise Refused("other-scene")
        if code.issued > now + self._skew_s:
            raise Refused("not-yet-valid")
        if now >= code.expires + self._skew_s or (not is_paper and code.life_s > LONGEST_SCREEN_LIFE_S):
            raise Refused("expired")

    def _check_first(self, code: CityCode, now: float, *, is_paper: bool) -> None:
        self._seen = {seen: until for seen, until in self._seen.items() if until > now} if len(self._seen) % 64 == 0 else self._seen
        if not self._serves_once or is_paper:
            return
        if self._seen.get(code.id, 0) > now:
            raise Refused("used")
        self._seen[code.id] = code.expires + self._skew_s

    def _is_bound(self, code: CityCode, proof: Proof | None, now: float) -> bool:
        if proof is None or not code.holder_key:
            if self._asks_holder:
                raise Refused("holder-key-missing")
            return False
        is_fresh = self._challenges.pop(proof.challenge, 0) > now
        if not is_fresh or not _is_by(proof, code):
            raise Refused("holder-key-wrong")
        return True


def _public(jwk: dict[str, Any]) -> ec.EllipticCurvePublicKey:
    key = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")}).public_key
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a key for ES256")  # noqa: TRY004 (the value is wrong, not its type)
    return key


def _is_signed(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _is_by(proof: Proof, code: CityCode) -> bool:
    """Whether the key is the one in the code and has signed this gate's challenge for this code."""
    try:
        key, thumbprint = _public(proof.jwk), ECKey.import_key(proof.jwk).thumbprint()
    except (JoseError, ValueError, KeyError, TypeError):
        return False
    signed = proof_text(proof.challenge, code.id)
    return secrets.compare_digest(thumbprint, code.holder_key) and len(proof.signature) == 64 and _is_signed(key, proof.signature, signed)
