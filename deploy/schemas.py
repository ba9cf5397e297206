"""`python -m deploy.schemas write|check`: the documents of what crosses process boundaries, from the code that defines it.

OpenAPI of each service and the gateway, AsyncAPI of the events, JSON Schema of each event version, in `contracts/schemas`.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chassis.http import document
from contracts import events
from contracts.topics import SERVICES, TOPICS

FOLDER = Path(__file__).resolve().parents[1] / "contracts" / "schemas"


def main(command: str) -> int:
    wanted = dict(generated())
    if command == "write":
        for file, text in wanted.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        for file in set(FOLDER.rglob("*.json")) - wanted.keys():
            file.unlink()
        return 0
    stale = stale_files(wanted)
    for file in stale:
        print(f"stale: {file.relative_to(FOLDER)} (make schemas)")
    return 1 if stale else 0


def stale_files(wanted: dict[Path, str]) -> list[Path]:
    there = set(FOLDER.rglob("*.json"))
    changed = [file for file, text in wanted.items() if file not in there or file.read_text() != text]
    return sorted([*changed, *(there - wanted.keys())])


def generated() -> Iterator[tuple[Path, str]]:
    """Every file as it should be."""
    for service in SERVICES:
        module = "gateway.registry.routes" if service == "gateway" else f"services.{service}.routes"
        yield FOLDER / "openapi" / f"{service}.json", _text(document(service, importlib.import_module(module).router))
    for module_info in pkgutil.iter_modules(events.__path__):
        importlib.import_module(f"contracts.events.{module_info.name}")
    for (kind, version), event in sorted(events.REGISTRY.items()):
        yield FOLDER / "events" / f"{kind}.v{version}.json", _text(event.model_json_schema())
    yield FOLDER / "asyncapi.json", _text(asyncapi())


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3: a channel for each topic, a message for each event version that its publisher may send."""
    messages = {
        f"{kind}.v{version}": {
            "name": kind,
            "contentType": "application/json",
            "summary": (event.__doc__ or "").strip().splitlines()[0],
            "payload": {"$ref": f"./events/{kind}.v{version}.json"},
        }
        for (kind, version), event in sorted(events.REGISTRY.items())
    }
    channels = {
        service: {
            "address": topic.name,
            "description": f"Ordered by {topic.key}.",
            "messages": {
                f"{kind}.v{version}": {"$ref": f"#/components/messages/{kind}.v{version}"}
                for (kind, version), event in sorted(events.REGISTRY.items())
                if service in event.PUBLISHERS
            },
        }
        for service, topic in TOPICS.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "tongban events", "version": "1"},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {f"{service}.publishes": {"action": "send", "channel": {"$ref": f"#/channels/{service}"}} for service in TOPICS},
        "components": {"messages": messages},
    }


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
