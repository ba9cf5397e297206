"""The WebAuthn ceremonies, for one site: what a browser is asked, and whether its answer holds."""

import ipaddress
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.identity.domain.passkeys import Passkey

_TIMEOUT_MS = 300_000
# What the library raises for answers that are not even well-formed.
_REFUSALS = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class NewKey:
    credential: bytes
    public_key: bytes
    sign_count: int
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an answer says of itself, before anything is proven."""

    credential: bytes
    challenge: bytes


def new_challenge() -> bytes:
    return secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class Site:
    """For whom passkeys are: browsers use them nowhere else."""

    rp_id: str
    origin: str

    @classmethod
    def of(cls, public_url: str) -> Self | None:
        """None where there can be no passkeys: a browser makes none for a bare address."""
        host = urlsplit(public_url).hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return cls(host, public_url.rstrip("/")) if host else None
        return None

    def asks_for_new(self, challenge: bytes, *, account: str, name: str, known: Iterable[Passkey]) -> str:
        """Options for `navigator.credentials.create`, in JSON."""
        options = webauthn.generate_registration_options(
            rp_id=self.rp_id,
            rp_name="通办 tongban",
            user_id=account.encode(),
            user_name=name,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=_descriptors(known),
        )
        return options_to_json(options)

    def asks_for(self, challenge: bytes, *, known: Iterable[Passkey] = ()) -> str:
        """Options for `navigator.credentials.get`, in JSON; of any account where none is known."""
        options = webauthn.generate_authentication_options(
            rp_id=self.rp_id,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def made(self, answer: str, challenge: bytes) -> NewKey | None:
        try:
            made = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except _REFUSALS:
            return None
        return NewKey(made.credential_id, made.credential_public_key, made.sign_count, _is_synced(made.credential_device_type))

    def used(self, answer: str, challenge: bytes, passkey: Passkey) -> int | None:
        """The new sign count when the answer is by this passkey; a count that does not rise shows a copy of the key."""
        try:
            used = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except _REFUSALS:
            return None
        return used.new_sign_count


def answered(answer: str) -> Claimed | None:
    try:
        said: dict[str, Any] = json.loads(answer)
        client: dict[str, Any] = json.loads(base64url_to_bytes(said["response"]["clientDataJSON"]))
        return Claimed(base64url_to_bytes(said["id"]), base64url_to_bytes(client["challenge"]))
    except _REFUSALS:
        return None


def _is_synced(kind: CredentialDeviceType) -> bool:
    return kind == CredentialDeviceType.MULTI_DEVICE


def _descriptors(known: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential) for each in known]
