"""Imports the seed through the gateway, as the department that owns the data would."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.working_days import local_day
from contracts.api.catalogue import Package
from deploy.client import TongbanClient
from deploy.local.install import ROOT
from deploy.local.running import NotStarted

CATALOGUE = ROOT / "services" / "catalogue" / "seed"
APPLICATION = ROOT / "services" / "application" / "seed"
CERTIFICATE = ROOT / "services" / "certificate" / "seed"


def files() -> list[Path]:
    return sorted([*CATALOGUE.rglob("*.json"), *CERTIFICATE.glob("*.json"), APPLICATION / "permit_supervisors.json"])


def document() -> dict[str, Any]:
    """What the catalogue's seed is imported as. An overlay says parts of matters, by basic code, in the place of what is said
    where the matter is."""
    base: dict[str, Any] = {name: _table(CATALOGUE, name) for name in ("divisions", "agencies", "fields")}
    matters = [each for path in sorted((CATALOGUE / "matters").glob("*.json")) for each in json.loads(path.read_text())]
    by_code = {each["basic_code"]: each for each in matters}
    for path in sorted((CATALOGUE / "overlays").glob("*.json")):
        for code, parts in json.loads(path.read_text()).items():
            by_code[code] |= parts
    return base | {"matters": matters}


def packages() -> list[dict[str, Any]]:
    """What the catalogue's packages 一件事 are drafted as."""
    return [each for path in sorted((CATALOGUE / "packages").glob("*.json")) for each in json.loads(path.read_text())]


def points() -> dict[str, Any]:
    """What the service points are imported as; they stand in divisions that are imported before."""
    return {"points": _table(CATALOGUE, "points")}


def supervisors() -> dict[str, Any]:
    """Which agency supervises what is granted in a matter."""
    return {"supervisors": _table(APPLICATION, "permit_supervisors")}


def run(gateway_url: str, party: dict[str, Any], operator: dict[str, Any], progress: Callable[[str], None]) -> None:
    """Import everything, then publish the packages, whose steps are imported matters; `progress` is told how many of what. Raises
    NotStarted with the gateway's words when it refuses."""
    types = {"types": _table(CERTIFICATE, "certificate_types")}
    asyncio.run(_import(gateway_url, party, Path(party["key_file"]).read_bytes(), types, progress))
    asyncio.run(_supervise(gateway_url, operator, Path(operator["key_file"]).read_bytes(), progress))


def _table(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text())


async def _import(gateway_url: str, party: dict[str, Any], key: bytes, types: dict[str, Any], progress: Callable[[str], None]) -> None:
    """One officer submits the matters, a second one reviews and publishes them."""
    first, second = party["officers"][:2]
    async with TongbanClient(gateway_url, party["id"], key, officer=first) as department:
        submitted = await _taken(department, "/matters/imports", document(), first)
        if submitted["state"] == "waiting":
            review = {"digest": submitted["digest"], "outcome": "publish"}
            await _taken(department, f"/matters/imports/{submitted['id']}/review", review, second)
        counted = ", ".join(f"{submitted[name]} {name}" for name in ("created", "revised", "unchanged"))
        progress(f"  matters: {counted}")
        pointed = await _taken(department, "/service-points/imports", points(), first)
        await _taken(department, "/certificate-types/imports", types, first)
        progress(f"  service points: {pointed['added']} added, {pointed['changed']} changed; certificate types: {len(types['types'])}")
        news = [await _publish(department, package, reviewer=second) for package in packages()]
        progress(f"  packages: {sum(news)} published, {len(news) - sum(news)} unchanged")


async def _supervise(gateway_url: str, operator: dict[str, Any], key: bytes, progress: Callable[[str], None]) -> None:
    officer = operator["officers"][0]
    async with TongbanClient(gateway_url, operator["id"], key, officer=officer) as client:
        answer = await client.put("/permit-supervisors", json=supervisors(), officer=officer)
    if answer.status_code != 200:
        raise NotStarted(f"the seed was refused: /permit-supervisors {answer.status_code} {answer.text[:500]}")
    progress(f"  supervising agencies: of {len(answer.json())} matters")


async def _taken(department: TongbanClient, path: str, body: dict[str, Any], officer: str) -> dict[str, Any]:
    answer = await department.post(path, json=body, officer=officer)
    if answer.status_code != 200:
        raise NotStarted(f"the seed was refused: {path} {answer.status_code} {answer.text[:500]}")
    said: dict[str, Any] = answer.json()
    return said


async def _publish(department: TongbanClient, package: dict[str, Any], *, reviewer: str) -> bool:
    """One officer drafts and another publishes; False where the same is published already."""
    path = f"/packages/{package['code']}"
    there = await department.get(path)
    published: dict[str, Any] = there.json() if there.status_code == 200 else {"version": 0, "package": None}
    if published["package"] == Package.model_validate_json(json.dumps(package)).model_dump(mode="json"):
        return False
    draft = await department.put(f"{path}/draft", json=package)
    if draft.status_code == 200:
        said = {"revision": draft.json()["revision"], "effective_on": local_day(datetime.now(UTC)).isoformat()}
        draft = await department.put(f"{path}/versions/{published['version'] + 1}", json=said, officer=reviewer)
    if draft.status_code != 200:
        raise NotStarted(f"the seed was refused: {path} {draft.status_code} {draft.text[:500]}")
    return True
