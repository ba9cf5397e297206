"""City codes 随申码 as they stand in a QR code: short signed text that anybody with the public key can check.

Fields after DB11/T 1917.2-2021, where the time of making and the duration together decide validity.
"""

import base64
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from contracts.values.value import Value

_VERSION: Final = "TB1"
_GRAMMAR: Final = re.compile(
    rf"(?P<signed>{_VERSION}\.(?P<type>PP|P|E)\.(?P<handle>[A-Za-z0-9_-]{{22}})\.(?P<scene>[a-z]{{2,16}})"
    r"\.(?P<issued>[1-9][0-9]{9})\.(?P<life_s>[1-9][0-9]{0,7})\.(?P<id>[A-Za-z0-9_-]{16})\.(?P<kid>[A-Za-z0-9_-]{8})"
    r"\.(?P<holder_key>(?:[A-Za-z0-9_-]{43})?))\.(?P<signature>[A-Za-z0-9_-]{86})"
)
ANY_SCENE: Final = "any"
"""What a paper code says in the place of a scene."""


class CityCodeId(Value):
    """96 random bits that make each code another one. What has been used is remembered by it, never by the code's text:
    of one ECDSA signature anybody can make a second that is as good."""

    __slots__ = ()
    PATTERN = re.compile(r"[A-Za-z0-9_-]{16}")
    TITLE = "id of a city code"


class SceneCode(Value):
    __slots__ = ()
    PATTERN = re.compile(r"[a-z]{2,16}")
    TITLE = "scene of city codes"


class Thumbprint(Value):
    """Source: RFC 7638, SHA-256."""

    __slots__ = ()
    PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")
    TITLE = "thumbprint of a public key"


class CityCodeType(StrEnum):
    PERSON = "P"
    ENTERPRISE = "E"
    PAPER = "PP"
    """Of a person, on paper."""


@dataclass(frozen=True, slots=True)
class CityCode:
    """What a code says. `issued` is in seconds since 1970; `holder_key` is empty when no key of the holder's is bound to it."""

    type: CityCodeType
    handle: str
    scene: str
    issued: int
    life_s: int
    id: CityCodeId
    kid: str
    holder_key: str = ""

    @property
    def expires(self) -> int:
        return self.issued + self.life_s

    def signed_text(self) -> bytes:
        fields = (self.type, self.handle, self.scene, self.issued, self.life_s, self.id, self.kid, self.holder_key)
        return ".".join((_VERSION, *map(str, fields))).encode()


@dataclass(frozen=True, slots=True)
class PresentedCode:
    """A code as somebody shows it: what it says, the bytes that were signed, and the signature (r and s, 32 bytes each)."""

    says: CityCode
    signed: bytes
    signature: bytes

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError for anything that is not a code; that it is genuine, only its signature says."""
        found = _GRAMMAR.fullmatch(text)
        if found is None:
            raise ValueError("not a city code")
        said = found.groupdict()
        says = CityCode(
            type=CityCodeType(said["type"]),
            handle=said["handle"],
            scene=said["scene"],
            issued=int(said["issued"]),
            life_s=int(said["life_s"]),
            id=CityCodeId(said["id"]),
            kid=said["kid"],
            holder_key=said["holder_key"],
        )
        return cls(says, said["signed"].encode(), base64.urlsafe_b64decode(said["signature"] + "=="))


def presentable(signed: bytes, signature: bytes) -> str:
    """The text of a QR code."""
    return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
