"""A party's very first calls are answered: a process that holds nothing of its limits yet waits for a lease, and refuses nobody."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from joserfc.jwk import ECKey

from chassis.database import Database
from contracts.values import PartyId
from gateway.registry.domain.keys import PRODUCTION, key_of
from gateway.registry.domain.parties import Party
from gateway.registry.repository import WritableParties
from gateway.registry.tables import parties
from tests.integration.gateway.door import DUTIES, gateway, register
from tests.support.eventually import eventually
from tests.support.service import private_key

MANY = 40
SHARED = {"limit_shares": 4, "limit_share_fraction": 0.2}


async def districts(database: Database, count: int) -> list[PartyId]:
    jwk, at = ECKey.import_key(private_key("party")).as_dict(private=False), datetime.now(UTC)
    made = [PartyId.new() for _ in range(count)]
    async with database.transaction() as session:
        for each in made:
            keys = (key_of(jwk, PRODUCTION, at=at),)
            await WritableParties(session).add(
                Party(each, "one", "district", "active", at, keys, officers=tuple(DUTIES), duties=DUTIES, production_at=at)
            )
    return made


async def test_the_first_calls_of_parties_just_registered_are_answered_and_the_limit_holds(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str
) -> None:
    database = database_of("gateway.registry")
    known = await register(database)
    async with gateway(database, tmp_path, upstream, parties=known, **SHARED) as door:
        new = await districts(database, MANY)
        one = new[0]
        async with database.transaction() as session:
            await session.execute(sa.update(parties).where(parties.c.id == one).values(per_day=5))
        door.parties |= {str(each): each for each in new}

        async def is_known() -> bool:
            return (await door.signed(str(new[-1]), "GET", "/matters")).status_code != 401

        await eventually(is_known)
        answers = await asyncio.gather(*(door.signed(str(each), "GET", "/matters") for each in new[1:] for _ in range(3)))
        assert Counter(each.status_code for each in answers) == {200: 3 * (MANY - 1)}
        asked = await asyncio.gather(*(door.signed(str(one), "GET", "/matters") for _ in range(9)))
        assert Counter(each.status_code for each in asked) == {200: 5, 429: 4}
        assert {each.json()["limit"] for each in asked if each.status_code == 429} == {"day"}
