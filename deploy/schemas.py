"""`python -m deploy.schemas write|check`: the documents of what crosses process boundaries, from the code that defines it.

OpenAPI of each service and the gateway, AsyncAPI of the events, JSON Schema of each event version, in `contracts/schemas`.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from chassis.http import document
from contracts import events
from contracts.envelope import CONTENT_TYPE
from contracts.events import Event
from contracts.topics import SERVICES, TOPICS

FOLDER: Final = Path(__file__).resolve().parents[1] / "contracts" / "schemas"
_ATTRIBUTES: Final = ("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_partitionkey", "ce_dataversion")
_HEADERS: Final = {
    "type": "object",
    "description": "CloudEvents 1.0 in binary content mode; traceparent as in W3C Trace Context.",
    "required": list(_ATTRIBUTES),
    "properties": {name: {"type": "string"} for name in (*_ATTRIBUTES, "traceparent")},
}


def main(command: str) -> int:
    wanted = dict(generated())
    if command == "write":
        write(wanted, FOLDER)
        return 0
    stale = stale_files(wanted)
    for file in stale:
        print(f"stale: {file.relative_to(FOLDER)} (make schemas)")
    return 1 if stale else 0


def write(wanted: dict[Path, str], folder: Path) -> None:
    """Bring `folder` to what is wanted, and nothing beside it."""
    for file, text in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for file in set(folder.rglob("*.json")) - wanted.keys():
        file.unlink()


def stale_files(wanted: dict[Path, str], folder: Path = FOLDER) -> list[Path]:
    """Files that differ from what is wanted, are missing, or are nobody's."""
    there = set(folder.rglob("*.json"))
    changed = [file for file, text in wanted.items() if file not in there or file.read_text() != text]
    return sorted([*changed, *(there - wanted.keys())])


def generated(folder: Path = FOLDER, services: Sequence[str] = SERVICES) -> Iterator[tuple[Path, str]]:
    """Every file as it should be."""
    for service in services:
        yield folder / "openapi" / f"{service}.json", _text(openapi(service))
    for name, event in event_types().items():
        yield folder / "events" / f"{name}.json", _text(event.model_json_schema())
    yield folder / "asyncapi.json", _text(asyncapi())


def openapi(service: str) -> dict[str, Any]:
    module = "gateway.registry.routes" if service == "gateway" else f"services.{service}.routes"
    return document(service, importlib.import_module(module).router)


def event_types() -> dict[str, type[Event]]:
    """`case.granted.v1` → its class, of every event that `contracts` declares."""
    for module in pkgutil.iter_modules(events.__path__):
        importlib.import_module(f"contracts.events.{module.name}")
    # Tests declare events of their own in the same registry.
    ours = {key: event for key, event in events.REGISTRY.items() if event.__module__.startswith("contracts.")}
    return {f"{kind}.v{version}": event for (kind, version), event in sorted(ours.items())}


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3: a channel for each topic, a message for each event version that its publisher may send."""
    types = event_types()
    channels = {
        service: {
            "address": topic.name,
            "description": f"Ordered by {topic.key}.",
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name, event in types.items() if service in event.PUBLISHERS},
        }
        for service, topic in TOPICS.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "tongban events", "version": "1"},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {f"{service}.publishes": {"action": "send", "channel": {"$ref": f"#/channels/{service}"}} for service in TOPICS},
        "components": {"messages": {name: _message(name, event) for name, event in types.items()}},
    }


def _message(name: str, event: type[Event]) -> dict[str, Any]:
    said = (event.__doc__ or "").strip().splitlines()
    return {
        "name": event.TYPE,
        "contentType": CONTENT_TYPE,
        **({"summary": said[0]} if said else {}),
        "headers": _HEADERS,
        "payload": {"$ref": f"./events/{name}.json"},
    }


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
