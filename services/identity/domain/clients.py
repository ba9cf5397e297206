"""Registered parties as OAuth clients: how each speaks the protocol, and what is demanded of it for that."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import identity as problems
from contracts.values import CreditCode, PartyId
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import STAFF_CLIENTS, STAFF_SCOPE

SCOPES: Final = ("openid", "profile", "email", "address", "phone", "offline_access")
DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
GRANT_TYPES: Final = ("authorization_code", "refresh_token", "client_credentials", DEVICE_CODE, EXCHANGE)
ID_TOKEN_ALGORITHMS: Final = ("ES256", "RS256")
_RSA_CHARACTERS: Final = 342
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class NoSuchClient(NotFound):
    problem = problems.CLIENT_NOT_FOUND


class ClientSettingsNotAcceptable(Invalid):
    problem = problems.CLIENT_SETTINGS_NOT_ACCEPTABLE


class ClientHasNoSecret(Conflict):
    problem = problems.CLIENT_WITHOUT_SECRET


class Profile(StrEnum):
    STANDARD = "standard"
    """A system with a key: private_key_jwt and PKCE."""
    CONFIDENTIAL = "confidential"
    """A system with a secret, as ordinary libraries expect it: PKCE and nonce are its own choice."""
    PUBLIC = "public"
    """Runs in the hands of its user and can keep no secret: PKCE, and a new refresh token for each use."""
    FAPI2 = "fapi2"
    """FAPI 2.0 Security Profile: pushed requests, private_key_jwt, tokens bound to a key by DPoP."""


AUTH_METHODS: Final[Mapping[Profile, tuple[str, ...]]] = {
    Profile.STANDARD: ("private_key_jwt",),
    Profile.CONFIDENTIAL: ("client_secret_basic", "client_secret_post"),
    Profile.PUBLIC: ("none",),
    Profile.FAPI2: ("private_key_jwt",),
}
"""How the clients of a profile may prove themselves; the first is the usual way."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a client speaks the protocol. `jwks` are keys beside those of its registration, P-256 or RSA."""

    profile: Profile = Profile.STANDARD
    auth_method: str = "private_key_jwt"
    id_token_alg: str = "ES256"  # noqa: S105 (an algorithm)
    grant_types: tuple[str, ...] = GRANT_TYPES
    scopes: tuple[str, ...] = SCOPES
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    asks_consent: bool = False
    jwks: tuple[Mapping[str, Any], ...] = ()

    def check(self) -> "Settings":
        """The same. Raises ClientSettingsNotAcceptable naming what does not fit together."""
        if self.auth_method not in AUTH_METHODS[self.profile]:
            raise ClientSettingsNotAcceptable(f"auth_method of a {self.profile} client: {' or '.join(AUTH_METHODS[self.profile])}")
        algorithms = ID_TOKEN_ALGORITHMS[:1] if self.profile is Profile.FAPI2 else ID_TOKEN_ALGORITHMS
        if self.id_token_alg not in algorithms:
            raise ClientSettingsNotAcceptable("id_token_alg: ES256, or RS256 for other clients than fapi2")
        if unknown := {*self.grant_types} - {*GRANT_TYPES} | {*self.scopes} - {*SCOPES}:
            raise ClientSettingsNotAcceptable(f"not known here: {', '.join(sorted(unknown))}")
        if self.profile is Profile.PUBLIC and "client_credentials" in self.grant_types:
            raise ClientSettingsNotAcceptable("grant_types: who cannot prove itself has no tokens of its own")
        for uri in (*self.post_logout_redirect_uris, *filter(None, (self.backchannel_logout_uri,))):
            _check_address(uri)
        for jwk in self.jwks:
            _check_key(jwk)
        return self


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of a client, kept as its digest, until it expires."""

    digest: bytes
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A registered party with how it speaks the protocol. `party_jwks` are the keys of its registration."""

    id: PartyId
    name: str
    kind: str
    agency: str | None
    redirect_uris: tuple[str, ...]
    party_jwks: tuple[Mapping[str, Any], ...]
    is_active: bool = True
    settings: Settings = field(default_factory=Settings)
    secrets: tuple[Secret, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """What it may ask for. Officers come with the kind of its registration: nobody can set them up for an app."""
        return (*self.settings.scopes, STAFF_SCOPE) if self.kind in STAFF_CLIENTS else self.settings.scopes

    def serves(self, agency: CreditCode) -> bool:
        """Whether the officers of this agency work through it."""
        return STAFF_SCOPE in self.scopes and self.agency == agency

    @property
    def jwks(self) -> tuple[Mapping[str, Any], ...]:
        return (*self.party_jwks, *self.settings.jwks)

    def has_secret(self, secret: str, at: datetime) -> bool:
        said = digest(secret)
        return any(hmac.compare_digest(said, each.digest) and (each.expires_at is None or at < each.expires_at) for each in self.secrets)

    @property
    def is_public(self) -> bool:
        return self.settings.profile is Profile.PUBLIC

    @property
    def needs_pkce(self) -> bool:
        return self.settings.profile is not Profile.CONFIDENTIAL

    @property
    def needs_pushed_requests(self) -> bool:
        return self.settings.profile is Profile.FAPI2

    @property
    def needs_bound_tokens(self) -> bool:
        return self.settings.profile is Profile.FAPI2


def origins_of(addresses: Iterable[str]) -> frozenset[str]:
    """Source: RFC 6454."""
    return frozenset(f"{place.scheme}://{place.netloc}" for place in map(urlsplit, addresses))


def _check_address(uri: str) -> None:
    parts = urlsplit(uri)
    is_loopback = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not (is_loopback or (parts.scheme == "https" and parts.hostname)) or parts.fragment or "*" in uri or parts.username is not None:
        raise ClientSettingsNotAcceptable("an address is neither https nor on loopback, or has a fragment, a wildcard or a user")


def _check_key(jwk: Mapping[str, Any]) -> None:
    if _PRIVATE_MEMBERS & jwk.keys():
        raise ClientSettingsNotAcceptable("jwks: a key is private; make a new pair and send the public half only")
    members = ("x", "y") if jwk.get("kty") == "EC" and jwk.get("crv") == "P-256" else ("n", "e") if jwk.get("kty") == "RSA" else ()
    if not members or not all(isinstance(jwk.get(each), str) for each in members):
        raise ClientSettingsNotAcceptable("jwks: a key is neither on P-256 nor RSA")
    if "n" in members and len(jwk["n"]) < _RSA_CHARACTERS:
        raise ClientSettingsNotAcceptable("jwks: an RSA key needs 2048 bits")
