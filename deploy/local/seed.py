"""Imports the seed through the gateway, as the department that owns the data would."""

import asyncio
import json
from pathlib import Path
from typing import Any

from deploy.client import TongbanClient
from deploy.local.install import ROOT
from deploy.local.running import NotStarted

CATALOGUE = ROOT / "services" / "catalogue" / "seed"
CERTIFICATE = ROOT / "services" / "certificate" / "seed"


def files() -> list[Path]:
    return sorted([*CATALOGUE.rglob("*.json"), *CERTIFICATE.glob("*.json")])


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


def points() -> dict[str, Any]:
    """What the service points are imported as; they stand in divisions that are imported before."""
    return {"points": _table(CATALOGUE, "points")}


def run(gateway_url: str, party: dict[str, Any]) -> None:
    """Import everything. Raises NotStarted with the gateway's words when it refuses."""
    types = {"types": _table(CERTIFICATE, "certificate_types")}
    imports = {"/matters/imports": document(), "/service-points/imports": points(), "/certificate-types/imports": types}
    asyncio.run(_import(gateway_url, party, Path(party["key_file"]).read_bytes(), imports))


def _table(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text())


async def _import(gateway_url: str, party: dict[str, Any], key: bytes, imports: dict[str, Any]) -> None:
    async with TongbanClient(gateway_url, party["id"], key, officer=party["officers"][0]) as department:
        for path, body in imports.items():
            answer = await department.post(path, json=body)
            if answer.status_code != 200:
                raise NotStarted(f"the seed was refused: {path} {answer.status_code} {answer.text[:500]}")
