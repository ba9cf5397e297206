"""The parties that a new mesh begins with: those who register everybody else, and the owners of the seed."""

import json
from pathlib import Path
from typing import Any

from contracts.values import PartyId
from deploy.local import keys

_DESCRIBED = Path(__file__).parent / "bootstrap_parties.json"
_ITEMS = Path(__file__).parent / "data_items.json"


class Founders:
    """The parties of `bootstrap_parties.json`, each with an id and a key of this mesh's own, kept in its `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, slug: str) -> dict[str, Any]:
        """One of them, with its key file: operator, data-bureau or police."""
        return next(party for party in self.all() if party["slug"] == slug)

    def all(self) -> list[dict[str, Any]]:
        described: list[dict[str, Any]] = json.loads(_DESCRIBED.read_text())
        ids = self._folder / "party_ids.json"
        before = json.loads(ids.read_text()) if ids.exists() else {}
        known = dict(before)
        for party in described:
            party["id"] = known.setdefault(party["slug"], str(PartyId.new()))
            party["key_file"] = str(keys.private_key(self._folder / "keys" / f"party-{party['slug']}.pem"))
        if known != before:
            ids.write_text(json.dumps(known))
        return described

    def register(self, database_url: str, *, suppliers: str) -> None:
        """Register at the gateway the founders, every resource and policy, and the data items that `suppliers` answer for."""
        from gateway.registry.bootstrap import bootstrap

        file = self._folder / "parties.json"
        said = {"parties": [_registration(party) for party in self.all()], "data_items": _items(suppliers)}
        file.write_text(json.dumps(said, ensure_ascii=False))
        bootstrap(file, database_url)


def _registration(party: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in party.items() if name not in {"slug", "key_file"}}
    return {**said, "jwk": keys.public_jwk(Path(party["key_file"]))}


def _items(suppliers: str) -> list[dict[str, Any]]:
    """Each at the service of its name."""
    described: list[dict[str, Any]] = json.loads(_ITEMS.read_text())
    return [
        {name: value for name, value in each.items() if name != "service"} | {"url": f"{suppliers}/{each['service']}"} for each in described
    ]
