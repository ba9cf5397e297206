"""The sandbox province as identity knows it, and identity as the province knows it: two files with one secret."""

import json
import secrets
from pathlib import Path
from typing import Any

from deploy.local import keys

FEDERATION, CLIENTS = "federation.json", "province-clients.json"
_DESCRIBED = Path(__file__).parent / "platforms.json"


def write(folder: Path, *, province: str, issuer: str) -> None:
    """Both files, with a new secret; whoever is signed on stays so."""
    known: list[dict[str, Any]] = json.loads(_DESCRIBED.read_text())["platforms"]
    given = [{**each, "url": province, "client_id": f"tongban-{each['id']}", "secret": secrets.token_urlsafe(32)} for each in known]
    clients = {
        each["client_id"]: {"secret": each["secret"], "return_urls": [f"{issuer}/federation/{each['id']}/callback"]} for each in given
    }
    keys.write_secret(folder / FEDERATION, json.dumps(given, ensure_ascii=False))
    keys.write_secret(folder / CLIENTS, json.dumps({"url": province, "clients": clients}))


def settings(folder: Path) -> dict[str, str]:
    """The environment variables that name the files."""
    return {"IDENTITY_FEDERATION_FILE": str(folder / FEDERATION), "PROVINCE_CLIENTS_FILE": str(folder / CLIENTS)}
