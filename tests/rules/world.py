"""A city for the corpus: the rows of its registry as the gateway reads them, and the private halves of its keys."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from contracts.values import PartyId
from gateway.registry import api_document, bootstrap

_DISTRICT_AGENCY, _BUREAU = "11310112TE5T01086X", "11310000TE5T013342"
_SEED: Final = Path(bootstrap.__file__).parent / "seed"
_DAY_S: Final = 86_400.0

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class World:
    """`pems` are private keys by (party, kid)."""

    rows: Rows
    pems: dict[tuple[str, str], bytes]
    now: float


def built(now: float, seed: int) -> World:
    pems: dict[tuple[str, str], bytes] = {}
    parties = [_party(said, now, pems) for said in _PARTIES]
    policies = [{"version": 3, "files": bootstrap.policy_files()}]
    rows = {"parties": parties, "resources": _resources(now, seed), "policies": policies, "channels": _channels(), "masking": []}
    return World(rows, pems, now)


_PARTIES: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "app"},
    {"kind": "app", "channels": ["app", "miniprogram", "kiosk", "hotline"]},
    {"kind": "app", "networks": ["192.0.2.0/24", "2001:db8::/32"]},
    {"kind": "app", "purposes": {"便民查询": 60, "statistics": 100_000}},
    {"kind": "app", "status": "testing"},
    {"kind": "app", "status": "suspended"},
    {"kind": "app", "expires_in": -60.0},
    {"kind": "app", "expires_in": 60.0, "per_day": 120},
    {"kind": "district", "officers": ["qx-001", "qx-002"], "agency": _DISTRICT_AGENCY, "duties": {"qx-002": ["head"]}},
    {"kind": "district", "officers": ["qx-003"], "agency": _DISTRICT_AGENCY, "channels": ["window", "district"], "per_day": 90},
    {"kind": "district", "officers": ["qx-004"], "agency": _DISTRICT_AGENCY, "status": "testing"},
    {"kind": "department", "officers": ["bm-001"], "agency": _BUREAU},
    {"kind": "department", "officers": ["bm-002"], "agency": _BUREAU, "channels": ["hotline", "kiosk"], "networks": ["198.51.100.0/24"]},
    {"kind": "department", "officers": [], "agency": _BUREAU, "status": "withdrawn"},
    {
        "kind": "operator",
        "agency": _BUREAU,
        "officers": ["op-001", "op-002", "op-003", "op-004"],
        "duties": {"op-001": ["system"], "op-002": ["security"], "op-003": ["audit"]},
    },
)


def _party(said: dict[str, Any], now: float, pems: dict[tuple[str, str], bytes]) -> dict[str, Any]:
    party_id = PartyId.new()
    status = said.get("status", "active")
    expires = now + said["expires_in"] if "expires_in" in said else None
    keys = [
        _key(party_id, "sandbox-1", "sandbox", now, pems),
        _key(party_id, "old", "production", now, pems, until=now - 10),
        _key(party_id, "leaving", "production", now, pems, until=now + 3600),
        _key(party_id, "new", "production", now, pems),
        _key(party_id, "to-come", "production", now, pems, since=now + 3600),
    ]
    return {
        "id": party_id,
        "name": f"示例·{said['kind']}",
        "kind": said["kind"],
        "status": status,
        "agency": said.get("agency"),
        "division": "310112" if said["kind"] == "district" else None,
        "officers": said.get("officers", []),
        "duties": said.get("duties", {}),
        "per_second": 1e9,
        "burst": 1_000_000_000,
        "per_day": said.get("per_day"),
        "purposes": said.get("purposes", {}),
        "channels": said.get("channels", []),
        "networks": said.get("networks", []),
        "expires_at": expires,
        "production_at": now - 30 * _DAY_S if status != "testing" else None,
        "keys": keys,
    }


def _key(
    party_id: str,
    kid: str,
    environment: str,
    now: float,
    pems: dict[tuple[str, str], bytes],
    *,
    since: float = 0.0,
    until: float | None = None,
) -> dict[str, Any]:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = pems[party_id, kid] = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    jwk = ECKey.import_key(pem).as_dict(private=False) | {"kid": kid}
    return {
        "party": party_id,
        "kid": kid,
        "environment": environment,
        "use": "signature",
        "thumbprint": ECKey.import_key(pem).thumbprint(),
        "jwk": jwk,
        "not_before": since or now - _DAY_S,
        "not_after": until,
    }


def _resources(now: float, seed: int) -> list[dict[str, Any]]:
    """Everything that the services declare; some of it on its way out."""
    any_ = random.Random(seed)
    return [
        {
            "service": service,
            "method": method,
            "path": path,
            **{name: operation["x-tongban"][name] for name in ("permission", "audience", "assurance", "max_age_s", "grade")},
            "owner": _BUREAU,
            "sharing": "conditional",
            "version": "1",
            "successor": None,
            "personal": [],
            **any_.choice(
                (
                    *[{"state": "active", "deprecated_at": None, "sunset_at": None}] * 9,
                    {"state": "deprecated", "deprecated_at": now - _DAY_S, "sunset_at": now + _DAY_S},
                    {"state": "deprecated", "deprecated_at": now - _DAY_S, "sunset_at": now - 60},
                    {"state": "retired", "deprecated_at": None, "sunset_at": None},
                )
            ),
        }
        for service, document in api_document.documents().items()
        for method, path, operation in api_document.operations(document)
    ]


def _channels() -> list[dict[str, Any]]:
    """Those of the seed, one of them closed."""
    seeded = json.loads((_SEED / "channels.json").read_text())
    return [{"is_open": row["code"] != "miniprogram", "closed_for_zh": None, "closed_for_en": None, **row} for row in seeded]
