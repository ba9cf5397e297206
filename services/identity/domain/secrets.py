"""Secrets of 256 bits: how they are made and how they are kept."""

import base64
import hashlib
import secrets


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """How secrets with 256 bits are stored: they cannot be guessed, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def challenge_of(verifier: str) -> str:
    """Source: RFC 7636, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def is_password(text: str) -> bool:
    """Whether it is long enough to be chosen as one. Source: NIST SP 800-63B, length before composition."""
    return 10 <= len(text) <= 128
