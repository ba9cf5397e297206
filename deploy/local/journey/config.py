"""Where the mesh of this journey is, which registered parties it may speak for, and whose journey it is."""

import json
from dataclasses import dataclass
from pathlib import Path

_PEOPLE = Path(__file__).parents[1] / "sandbox" / "people.json"


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
    """`zipkin_url` is empty where no trace viewer runs; `folder` is where the mesh keeps its logs."""

    gateway_url: str
    zipkin_url: str
    sms_url: str
    operator: KnownParty
    police: KnownParty
    folder: Path

    @classmethod
    def read(cls, path: Path) -> "Config":
        """From the JSON file that the launcher writes."""
        said = json.loads(path.read_text())
        parties = (_party(said["operator"]), _party(said["police"]))
        return cls(said["gateway_url"], said["zipkin_url"], said["sms_url"], *parties, folder=path.parent)


def _party(said: dict[str, object]) -> KnownParty:
    officers = said["officers"]
    assert isinstance(officers, list)
    return KnownParty(str(said["id"]), Path(str(said["key_file"])), tuple(str(each) for each in officers))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the sandbox's population base knows. `face` is what a camera sees; `division` where they live."""

    name: str
    resident_id: str
    phone: str
    social_security: str
    driving_licence: str
    provident_fund: str
    face: str
    division: str
    address: str


def people() -> list[Person]:
    return [Person(**each) for each in json.loads(_PEOPLE.read_text())]
