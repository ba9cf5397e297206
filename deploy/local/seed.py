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
    return sorted([*CATALOGUE.glob("*.json"), *CERTIFICATE.glob("*.json")])


def run(gateway_url: str, party: dict[str, Any]) -> None:
    """Import everything. Raises NotStarted with the gateway's words when it refuses."""
    catalogue = {name: _table(CATALOGUE, name) for name in ("divisions", "agencies", "fields", "matters")}
    types = {"types": _table(CERTIFICATE, "certificate_types")}
    imports = {"/matters/imports": catalogue, "/certificate-types/imports": types}
    asyncio.run(_import(gateway_url, party, Path(party["key_file"]).read_bytes(), imports))


def _table(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text())


async def _import(gateway_url: str, party: dict[str, Any], key: bytes, imports: dict[str, Any]) -> None:
    async with TongbanClient(gateway_url, party["id"], key, officer=party["officers"][0]) as department:
        for path, body in imports.items():
            answer = await department.post(path, json=body)
            if answer.status_code != 200:
                raise NotStarted(f"the seed was refused: {path} {answer.status_code} {answer.text[:500]}")
