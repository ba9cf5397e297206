"""A larger body than usual passes only under a permission that says so, and a signed one only from who has shown a key."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from chassis.database import Database
from contracts.values import PartyId
from gateway.registry.domain.keys import PRODUCTION, key_of
from gateway.registry.domain.parties import Party
from gateway.registry.priorities import body_limit_of
from gateway.registry.repository import WritableParties
from gateway.registry.tables import resources
from tests.integration.gateway.door import Behind, Door, exchange, gateway, register
from tests.support.service import private_key

MIB = 1024 * 1024
IMPORT, ORDINARY = "/matters/imports", "/certificate-types/imports"


@pytest.fixture
async def department(database_of: Callable[[str], Database], tmp_path: Path, upstream: str) -> AsyncIterator[Door]:
    """A door that knows a department and two of the writes it may make."""
    database, party, at = database_of("gateway.registry"), PartyId.new(), datetime.now(UTC)
    parties = await register(database) | {"department": party}
    jwk = ECKey.import_key(private_key("party")).as_dict(private=False)
    row = {"method": "POST", "audience": "party", "assurance": 0, "max_age_s": None, "grade": 1, "state": "active"}
    writes = [
        row | {"service": "catalogue", "path": IMPORT, "permission": "matter:import"},
        row | {"service": "certificate", "path": ORDINARY, "permission": "certificate-type:import"},
    ]
    async with database.transaction() as session:
        keys = (key_of(jwk, PRODUCTION, at=at),)
        await WritableParties(session).add(Party(party, "department", "department", "active", at, keys, production_at=at))
        await session.execute(sa.insert(resources), writes)
    async with gateway(database, tmp_path, upstream, parties=parties) as door:
        yield door


async def sent(door: Door, path: str, size: int, *, by: bytes | None = None) -> httpx.Response:
    body, headers = b" " * size, {"content-type": "application/json"}
    return await door.call("POST", path, door.signature("department", "POST", path, headers, body, by=by), body)


async def test_an_import_may_be_as_large_as_a_catalogue(department: Door, behind: Behind) -> None:
    answer = await sent(department, IMPORT, 16 * MIB)
    assert answer.status_code == 200, answer.text
    (asked,) = [body for _, path, _, body in behind.asked if path == IMPORT]
    assert len(asked) == 16 * MIB
    port, most = department.settings.listen_port, body_limit_of("matter:import")
    head = f"POST {IMPORT} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncontent-length: {most + 1}\r\n\r\n"
    assert (await exchange(port, head.encode())).startswith(b"HTTP/1.1 413")


async def test_other_writes_keep_the_usual_limit(department: Door, behind: Behind) -> None:
    assert (await sent(department, ORDINARY, MIB)).status_code == 200
    assert (await sent(department, ORDINARY, MIB + 1)).status_code == 413
    assert len([path for _, path, _, _ in behind.asked if path == ORDINARY]) == 1


async def test_nobody_unknown_is_held_for_longer_than_usual(department: Door, behind: Behind) -> None:
    """A signed body is held until it has come, and only a registered key earns the larger limit."""
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert (await sent(department, IMPORT, 2 * MIB, by=other)).status_code == 413
    assert (await sent(department, IMPORT, MIB, by=other)).status_code == 401
    body, headers = b" " * (2 * MIB), {"content-type": "application/json"}
    signed = department.signature("department", "POST", IMPORT, headers, body)
    changed = await department.call("POST", IMPORT, signed, b"x" + body[1:])
    assert (changed.status_code, changed.json()["code"]) == (401, "signature-not-valid")
    assert [path for _, path, _, _ in behind.asked if path == IMPORT] == []
