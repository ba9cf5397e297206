"""Imports the seed through the gateway, as the department that owns the data would."""

import asyncio
import json
from pathlib import Path
from typing import Any

from deploy.client import TongbanClient
from deploy.local.install import ROOT

CATALOGUE = ROOT / "services" / "catalogue" / "seed"
CERTIFICATE = ROOT / "services" / "certificate" / "seed"


def files() -> list[Path]:
    return sorted([*CATALOGUE.glob("*.json"), *CERTIFICATE.glob("*.json")])


def run(gateway_url: str, party: dict[str, Any]) -> None:
    """Import everything. Raises RuntimeError with the gateway's words when it refuses."""
    asyncio.run(_run(gateway_url, party))


async def _run(gateway_url: str, party: dict[str, Any]) -> None:
    key = Path(party["key_file"]).read_bytes()
    async with TongbanClient(gateway_url, party["id"], key, officer=party["officers"][0]) as department:
        names = ("divisions", "agencies", "fields", "matters")
        catalogue = {name: json.loads((CATALOGUE / f"{name}.json").read_text()) for name in names}
        types = {"types": json.loads((CERTIFICATE / "certificate_types.json").read_text())}
        for path, body in (("/matters/imports", catalogue), ("/certificate-types/imports", types)):
            answer = await department.post(path, json=body)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
