"""The golden events: one of each type and version, as some publisher wrote it once. A committed one is never edited."""

import json
from pathlib import Path
from typing import Any, Final

from contracts.events import Event
from deploy.schemas import event_types

FOLDER: Final = Path(__file__).parent / "golden"
NAMES: Final = sorted(event_types())


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text()


def body_of(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(text_of(name))
    return body


def event_of(name: str) -> Event:
    return event_types()[name].model_validate_json(text_of(name))
