"""Access tokens of identity: verified once, then remembered until they expire or are revoked.

Source: RFC 9068; the key set is fetched in the background and known keys are kept when identity is away (RFC 7517).
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chassis.errors import ServiceError
from gateway.walk import AccessToken

log = structlog.get_logger()

_CACHE_SIZE: Final = 100_000
_MAX_TOKEN_BYTES: Final = 8192
_LEEWAY_S: Final = 5
LONGEST_TOKEN_LIFE: Final = timedelta(hours=1)
_LONGEST_LIFE_S: Final = LONGEST_TOKEN_LIFE.total_seconds()
_REFRESH_S: Final = 300.0
_RETRY_S: Final = 1.0
_FORCED_S: Final = 30.0
_KEYS_GOOD_FOR_S: Final = 24 * 3600.0
"""For how long tokens are still believed when identity does not say which keys it has."""

_SUBJECTS: Final = frozenset({"client", "person", "organisation", "staff"})

FetchKeys = Callable[[], Awaitable[bytes]]


class Tokens:
    """`forced_s` and `retry_s` may be shortened by a subclass."""

    forced_s = _FORCED_S
    retry_s = _RETRY_S

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._keys: dict[str, ECKey] = {}
        self._keys_good_until = 0.0
        self._verified: OrderedDict[str, AccessToken] = OrderedDict()
        self._revoked: OrderedDict[str, float] = OrderedDict()
        self._unknown_key = asyncio.Event()

    @property
    def has_keys(self) -> bool:
        """Without any key of identity's every token would look forged."""
        return bool(self._keys) and time.monotonic() < self._keys_good_until

    def verified(self, token: str, now: float) -> AccessToken | None:
        """What the token says, or None when it may not be believed."""
        known = self._verified.get(token)
        if known is None:
            known = self._verify(token, now)
            if known is None:
                return None
            self._verified[token] = known
            if len(self._verified) > _CACHE_SIZE:
                self._verified.popitem(last=False)
        return known if self.holds(known, now) else None

    def holds(self, token: AccessToken, now: float) -> bool:
        """Whether a token that was verified is still good: it ends, and nothing it stands on may be revoked."""
        return now < token.expires and self._revoked.keys().isdisjoint(token.revocable)

    def revoke(self, stands_on: str, now: float) -> None:
        """From now on no token is believed that stands on this session, grant or mandate, or is for this subject."""
        self._revoked[stands_on] = now
        while self._revoked and next(iter(self._revoked.values())) < now - _LONGEST_LIFE_S:
            self._revoked.popitem(last=False)

    async def keep_keys(self, fetch: FetchKeys, stop: asyncio.Event) -> None:
        """Refresh the key set every few minutes, and sooner on an unknown key: but whoever invents keys causes one fetch in 30 s."""
        while not stop.is_set():
            self._unknown_key.clear()
            if not await self._fetch_keys(fetch):
                await _first_of(stop, within_s=self.retry_s)
                continue
            await _first_of(stop, within_s=self.forced_s)
            if not stop.is_set():
                await _first_of(stop, self._unknown_key, within_s=_REFRESH_S - self.forced_s)

    async def _fetch_keys(self, fetch: FetchKeys) -> bool:
        try:
            self._add_keys(json.loads(await fetch()))
        except (ServiceError, ValueError, KeyError, TypeError, JoseError) as error:
            log.info("keys_not_fetched", reason=str(error))
            return False
        return True

    def _add_keys(self, key_set: dict[str, Any]) -> None:
        """The keys from now on. Identity names a key until its last token is over: one that it names no more is believed no more."""
        keys = {key["kid"]: ECKey.import_key(key) for key in key_set["keys"] if key.get("kty") == "EC"}
        if keys:
            self._keys, self._keys_good_until = keys, time.monotonic() + _KEYS_GOOD_FOR_S

    def _verify(self, token: str, now: float) -> AccessToken | None:
        if len(token) > _MAX_TOKEN_BYTES:
            return None
        try:
            decoded = jwt.decode(token, self._key, algorithms=["ES256"])
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        claims = decoded.claims
        if decoded.header.get("typ") != "at+jwt" or not self._is_for_us(claims, now):
            return None
        return _read(claims)

    def _is_for_us(self, claims: dict[str, Any], now: float) -> bool:
        times = (claims.get("iat"), claims.get("exp"), claims.get("auth_time", 0), claims.get("assurance", 0))
        return (
            claims.get("iss") == claims.get("aud") == self.issuer
            and all(isinstance(each, int) and not isinstance(each, bool) for each in times)
            and all(isinstance(claims.get(name), str) for name in ("client_id", "sub"))
            and claims.get("subject_type") in _SUBJECTS
            and claims["iat"] - _LEEWAY_S <= now < claims["exp"] <= claims["iat"] + _LONGEST_LIFE_S
        )

    def _key(self, token: Any) -> ECKey:
        kid = token.headers().get("kid")
        if not isinstance(kid, str) or kid not in self._keys:
            self._unknown_key.set()
            raise KeyError
        return self._keys[kid]


def _read(claims: dict[str, Any]) -> AccessToken:
    mandate = claims.get("mandate") or {}
    return AccessToken(
        client_id=claims["client_id"],
        subject=claims["sub"],
        subject_type=claims["subject_type"],
        session=str(claims.get("sid", "")),
        grant=str(claims.get("grant", "")),
        assurance=claims.get("assurance", 0),
        auth_time=claims.get("auth_time", 0),
        expires=min(claims["exp"], mandate.get("until", claims["exp"])),
        actor=str((claims.get("act") or {}).get("sub", "")),
        mandate=str(mandate.get("id", "")),
        mandate_matters=tuple(mandate.get("matters", ())),
        officer=str(claims.get("officer", "")),
        agency=str(claims.get("agency", "")),
        key_thumbprint=str((claims.get("cnf") or {}).get("jkt", "")),
        certificate=str((claims.get("cnf") or {}).get("x5t#S256", "")),
        issued=claims["iat"],
    )


async def _first_of(*events: asyncio.Event, within_s: float) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
