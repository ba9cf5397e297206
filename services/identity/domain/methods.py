"""How people prove who they are, and what each way is worth at most."""

from dataclasses import dataclass
from enum import StrEnum

from contracts.values import Assurance


class MethodCode(StrEnum):
    PASSWORD = "password"  # noqa: S105 (a method's name)
    SMS = "sms"
    PASSKEY = "passkey"
    SYNCED_PASSKEY = "synced-passkey"
    FACE = "face"
    FEDERATED = "federated"


@dataclass(frozen=True, slots=True)
class Method:
    """`amr` is its name in tokens (RFC 8176), `assurance` the most that a proof by it is worth."""

    code: MethodCode
    amr: str
    assurance: Assurance
    zh: str
    en: str
