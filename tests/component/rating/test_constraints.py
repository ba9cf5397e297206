"""What the database itself refuses."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from contracts.values import PersonId
from services.rating.tables import ratings, tickets
from tests.component.rating.users import Service


def _named_constraints(connection: sa.Connection) -> set[str]:
    inspector = sa.inspect(connection)
    return {str(each["name"]) for table in ("tickets", "ratings") for each in inspector.get_check_constraints(table)}


async def test_every_check_that_is_declared_is_there(rating: Service) -> None:
    async with rating.database.engine.connect() as connection:
        declared = {str(each.name) for each in ratings.constraints if isinstance(each, sa.CheckConstraint)}
        assert await connection.run_sync(_named_constraints) == declared


async def test_a_ticket_cannot_carry_two_ratings(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 5)
    with pytest.raises(IntegrityError, match="uq_ratings_ticket_id"):
        await _insert_again(rating, id="0190a3c8-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"stars": 6}, "ck_ratings_stars"),
        ({"state": "dispatched"}, "ck_ratings_due"),
        ({"reply_kind": "rectified"}, "ck_ratings_reply"),
        ({"state": "replied", "reply_due_on": datetime(2026, 12, 1, tzinfo=UTC).date()}, "ck_ratings_reply"),
    ],
)
async def test_the_database_refuses_a_rating_that_cannot_be(
    rating: Service, person: PersonId, values: dict[str, Any], constraint: str
) -> None:
    await rating.rated(person, 5)
    with pytest.raises(IntegrityError, match=constraint):
        async with rating.database.transaction() as session:
            await session.execute(sa.update(ratings).values(values))


async def test_a_rating_cannot_lose_its_ticket(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 5)
    with pytest.raises(IntegrityError, match="fk_ratings_ticket_id"):
        async with rating.database.transaction() as session:
            await session.execute(sa.delete(tickets))


async def _insert_again(rating: Service, **changed: Any) -> None:
    async with rating.database.transaction() as session:
        row = (await session.execute(sa.select(ratings))).one()
        await session.execute(sa.insert(ratings).values({**row._asdict(), **changed}))
