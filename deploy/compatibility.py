"""`python -m deploy.compatibility [REVISION]`: what in `contracts/schemas` breaks those who rely on a committed revision.

One question answers everything: does each value that the writer may write fit what the reader accepts? A request is
written by old clients and read by the new service; an answer the other way round; an event both, because old readers
meet new events and new readers meet old ones that are still in the topic.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deploy.schemas import FOLDER
from deploy.subschema import Reading, unfit

_METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options")
_AUDIENCES: Final = {"open": 0, "protocol": 0, "party": 1, "subject": 2, "person": 3, "operator": 4, "internal": 5}


def breaking(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Each sentence is a promise of the old OpenAPI document that the new one does not keep."""
    return [said for path, operations in old["paths"].items() for said in _path(path, operations, old, new)]


def breaking_event(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The same for the JSON Schemas of one version of an event."""
    forward = unfit(Reading(new, old, "event", keeps_fields=True), new, old)
    backward = unfit(Reading(old, new, "event"), old, new)
    return list(dict.fromkeys([*forward, *backward]))


def breaking_since(revision: str, folder: Path = FOLDER) -> list[str]:
    """Broken promises of every document of that revision. Raises: CalledProcessError where there is no such revision."""
    found = []
    for name in _git(folder, "ls-tree", "-r", "--name-only", revision, ".").splitlines():
        old = json.loads(_git(folder, "show", f"{revision}:./{name}"))
        new = json.loads((folder / name).read_text()) if (folder / name).exists() else None
        found += [f"{name}: {said}" for said in _document(name, old, new)]
    return found


def _document(name: str, old: dict[str, Any], new: dict[str, Any] | None) -> list[str]:
    if new is None:
        return ["the document is gone"]
    if name.startswith("openapi/"):
        return breaking(old, new)
    return breaking_event(old, new) if name.startswith("events/") else []


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def _path(path: str, operations: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for method in _METHODS:
        if method not in operations:
            continue
        name = f"{method.upper()} {path}"
        if method not in new["paths"].get(path, {}):
            yield f"{name} is gone"
            continue
        before, after = operations[method], new["paths"][path][method]
        yield from _guard(name, before.get("x-tongban", {}), after.get("x-tongban", {}))
        yield from _parameters(name, (before, old), (after, new))
        yield from _request(name, (before, old), (after, new))
        yield from _answers(name, (before, old), (after, new))


def _guard(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    if old.get("permission") != new.get("permission"):
        yield f"{name} needs another permission, {new.get('permission')}"
    if _AUDIENCES[new.get("audience", "open")] > _AUDIENCES[old.get("audience", "open")]:
        yield f"{name} is for fewer, {new['audience']}"
    if new.get("assurance", 0) > old.get("assurance", 0):
        yield f"{name} needs more assurance, {new['assurance']}"
    age, older = new.get("max_age_s"), old.get("max_age_s")
    if age is not None and (older is None or age < older):
        yield f"{name} needs a sign-on of at most {age} s"
    yield from (f"{name} is no longer for {service}" for service in sorted({*old.get("services", ())} - {*new.get("services", ())}))


Side = tuple[dict[str, Any], dict[str, Any]]


def _parameters(name: str, old: Side, new: Side) -> Iterator[str]:
    before = {(each["in"], each["name"]): each for each in old[0].get("parameters", ())}
    after = {(each["in"], each["name"]): each for each in new[0].get("parameters", ())}
    for key in before.keys() - after.keys():
        yield f"{name} reads the {key[0]} parameter {key[1]} no more"
    for key, parameter in after.items():
        if parameter.get("required") and not before.get(key, {}).get("required"):
            yield f"{name} requires the {key[0]} parameter {key[1]}"
        if key in before:
            where = f"{name} parameter {key[1]}"
            yield from unfit(Reading(old[1], new[1], where), before[key]["schema"], parameter["schema"])


def _request(name: str, old: Side, new: Side) -> Iterator[str]:
    before, after = old[0].get("requestBody", {}), new[0].get("requestBody", {})
    if after.get("required") and not before.get("required"):
        yield f"{name} requires a body"
    for media_type, content in before.get("content", {}).items():
        if media_type not in after.get("content", {}):
            yield f"{name} takes {media_type} no more"
            continue
        accepted = after["content"][media_type].get("schema", {})
        yield from unfit(Reading(old[1], new[1], f"{name} request"), content.get("schema", {}), accepted)


def _answers(name: str, old: Side, new: Side) -> Iterator[str]:
    for status, answer in old[0].get("responses", {}).items():
        after = new[0].get("responses", {}).get(status)
        if after is None:
            yield f"{name} answers {status} no more"
            continue
        for media_type, content in answer.get("content", {}).items():
            if media_type not in after.get("content", {}):
                yield f"{name} answers {status} no more as {media_type}"
                continue
            written = after["content"][media_type].get("schema", {})
            reading = Reading(new[1], old[1], f"{name} {status}", keeps_fields=True)
            yield from unfit(reading, written, content.get("schema", {}))


def main(revision: str) -> int:
    found = breaking_since(revision)
    print("\n".join(found) or f"nothing breaks those who rely on {revision}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "HEAD"))
