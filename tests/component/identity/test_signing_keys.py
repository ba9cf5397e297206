"""The keys that sign tokens: rotated without a wrong refusal, and verified as strictly as at the door."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc.jwk import ECKey
from joserfc.jws import extract_compact

from chassis.sealing import Sealer
from gateway.tokens import Tokens
from services.identity import app
from services.identity.settings import IdentitySettings
from services.identity.tokens.key_ring import KeyRing
from services.identity.tokens.signer import TokenSigner
from tests.component.identity.clients import basic, operate, secret_of, set_up, token_by
from tests.component.identity.office import Office, sandboxes
from tests.support.forged import forgeries
from tests.support.service import private_key, settings_of


async def published(office: Office) -> dict[str, str]:
    """alg by kid."""
    return {each["kid"]: each["alg"] for each in (await office.browse("GET", "/jwks")).json()["keys"]}


async def token(office: Office, client: str, secret: str) -> str:
    answer = await token_by(office, basic(client, secret), grant_type="client_credentials")
    return str(answer.json()["access_token"])


def kid_of(text: str) -> Any:
    return extract_compact(text.encode()).headers()["kid"]


async def test_only_the_good_token_is_believed(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    good = await token(office, client, secret)
    now = int(office.clock.now().timestamp())

    async def opens(text: str) -> bool:
        answer = await office.browse("POST", "/introspect", {"token": text}, authorization=basic(client, secret))
        return bool(answer.json()["active"])

    for name, forged in forgeries(good, ECKey.import_key(private_key("signing")), now=now).items():
        if len(forged) < 100_000:
            assert not await opens(forged), name
    assert await opens(good)


async def test_no_forged_token_is_read_whatever_its_size(office: Office) -> None:
    client = await set_up(office, "confidential")
    good = await token(office, client, await secret_of(office))
    signer: TokenSigner = office.door.app.state.signer
    at = office.clock.now()
    for name, forged in forgeries(good, ECKey.import_key(private_key("signing")), now=int(at.timestamp())).items():
        assert signer.read_access_token(forged, at) is None, name
    assert signer.read_access_token(good, at) is not None


async def test_the_first_key_is_that_of_the_settings_and_the_rsa_key_is_made_once(office: Office) -> None:
    first = await published(office)
    assert first == await published(office)
    assert sorted(first.values()) == ["ES256", "RS256"]
    assert ECKey.import_key(private_key("signing")).thumbprint() in first


async def test_a_rotation_refuses_nobody_wrongly(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    door = Tokens(office.issuer)
    old = ECKey.import_key(private_key("signing")).thumbprint()
    answer = await operate(office, "POST", "/signing-keys/rotations", {"alg": "ES256"})
    assert answer.status_code == 201, answer.text
    new = answer.json()["kid"]
    seen = set()
    for minute in range(0, 100, 5):
        if minute % 10 == 0:
            door._add_keys((await office.browse("GET", "/jwks")).json())
        now = office.clock.now().timestamp()
        issued = await token(office, client, secret)
        seen.add(kid_of(issued))
        assert kid_of(issued) == (new if minute >= 10 else old)
        assert door.verified(issued, now) is not None
        active = await office.browse("POST", "/introspect", {"token": issued}, authorization=basic(client, secret))
        assert active.json()["active"]
        assert (old in await published(office)) == (minute < 70)
        office.clock.advance(timedelta(minutes=5))
    assert seen == {old, new}


async def test_a_token_of_a_key_that_has_retired_is_refused(office: Office) -> None:
    client = await set_up(office, "confidential")
    await token(office, client, await secret_of(office))
    signer: TokenSigner = office.door.app.state.signer
    await operate(office, "POST", "/signing-keys/rotations", {"alg": "ES256"})
    office.clock.advance(timedelta(minutes=69))
    at = office.clock.now()
    old = signer.keys._keys[ECKey.import_key(private_key("signing")).thumbprint()]
    late = old.sign("at+jwt", {**claims(office), "iat": int(at.timestamp()), "exp": int(at.timestamp()) + 900})
    await signer.keys.freshen()
    assert signer.read_access_token(late, at) is not None
    office.clock.advance(timedelta(minutes=1))
    await signer.keys.freshen()
    assert signer.read_access_token(late, office.clock.now()) is None


def claims(office: Office) -> dict[str, Any]:
    said = {"sub": "x", "subject_type": "client", "client_id": "x", "scope": "", "jti": "x"}
    return {"iss": office.issuer, "aud": office.issuer, **said}


async def test_other_processes_follow_within_seconds(office: Office, tmp_path: Path) -> None:
    sealer = Sealer.from_file(tmp_path / "data.key")
    there = KeyRing(office.database, sealer, office.clock, private_key("signing"))
    await there.freshen()
    kid = (await operate(office, "POST", "/signing-keys/rotations", {"alg": "ES256"})).json()["kid"]
    await there.freshen()
    assert there.verifying(kid) is None
    office.clock.advance(timedelta(seconds=2))
    await there.freshen()
    assert there.verifying(kid) is not None


async def test_processes_that_start_together_make_one_key(office: Office, tmp_path: Path) -> None:
    sealer = Sealer.from_file(tmp_path / "data.key")
    rings = [KeyRing(office.database, sealer, office.clock, private_key("signing")) for _ in range(4)]
    await asyncio.gather(*(ring.freshen("ES256", "RS256") for ring in rings))
    assert len({str(sorted(ring._keys)) for ring in rings}) == 1
    assert len(rings[0]._keys) == 2


async def test_a_process_of_another_first_key_signs_with_the_one_that_is_there(office: Office, tmp_path: Path) -> None:
    sealer = Sealer.from_file(tmp_path / "data.key")
    first = KeyRing(office.database, sealer, office.clock, private_key("signing"))
    await first.freshen()
    other = KeyRing(office.database, sealer, office.clock, private_key("another"))
    await other.freshen()
    assert other.signing("ES256").kid == first.signing("ES256").kid


async def test_keys_are_not_readable_at_rest(office: Office) -> None:
    await published(office)
    async with office.database.reading() as reading:
        rows = (await reading.execute(sa.text("SELECT private_key FROM signing_keys"))).all()
    assert len(rows) == 2
    assert all(b"PRIVATE" not in bytes(row.private_key) for row in rows)


@pytest.mark.parametrize("said", [{"alg": "HS256"}, {}, {"alg": "ES256", "x": 1}])
async def test_only_keys_of_our_algorithms_are_made(office: Office, said: dict[str, Any]) -> None:
    assert (await operate(office, "POST", "/signing-keys/rotations", said)).status_code == 422


async def test_the_wait_is_a_setting(office: Office, tmp_path: Path) -> None:
    async with sandboxes() as providers:
        files = {"data_key_file": "data.key", "signing_key_file": "signing.pem", "city_code_key_file": "city-code.pem"}
        more = {**{name: tmp_path / file for name, file in files.items()}, "signing_key_wait_s": 1}
        identity = app.create(settings_of(IdentitySettings, office.database, tmp_path, **more, **providers), office.database, office.clock)
        office.door.app = identity
        kid = (await operate(office, "POST", "/signing-keys/rotations", {"alg": "RS256"})).json()["kid"]
        office.clock.advance(timedelta(seconds=2))
        await identity.state.signer.keys.freshen()
        assert identity.state.signer.keys.signing("RS256").kid == kid
        await identity.state.providers.close()
