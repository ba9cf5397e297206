"""Where the mesh of this journey is, and which registered parties it may speak for."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KnownParty:
    """A party registered when the mesh was set up; `officers` are those it may act for."""

    id: str
    key_file: Path
    officers: tuple[str, ...]

    def key(self) -> bytes:
        return self.key_file.read_bytes()


@dataclass(frozen=True, slots=True)
class Config:
    gateway_url: str
    zipkin_url: str
    sms_url: str
    operator: KnownParty
    police: KnownParty

    @classmethod
    def read(cls, path: Path) -> "Config":
        """From the JSON file that the launcher writes."""
        said = json.loads(path.read_text())
        return cls(said["gateway_url"], said["zipkin_url"], said["sms_url"], _party(said["operator"]), _party(said["police"]))


def _party(said: dict[str, object]) -> KnownParty:
    officers = said["officers"]
    assert isinstance(officers, list)
    return KnownParty(str(said["id"]), Path(str(said["key_file"])), tuple(str(each) for each in officers))
