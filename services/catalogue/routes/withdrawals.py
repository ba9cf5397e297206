from typing import Final

from chassis.http import Audience, Caller, Clock, Database, Router, guard
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.values import BasicCode, Grade
from services.catalogue.commands import withdrawing
from services.catalogue.routes.drafts import writer_of
from services.catalogue.routes.versions import Number

router = Router()

_ASK: Final = guard(Permission.MATTER_DRAFT, audience=Audience.PARTY, grade=Grade.INTERNAL)
_REVIEW: Final = guard(Permission.MATTER_REVIEW, audience=Audience.PARTY, grade=Grade.INTERNAL)


@router.post("/matters/{basic_code}/versions/{number}/withdrawal", **_ASK)
async def ask_version(
    basic_code: BasicCode, number: Number, body: api.AskWithdrawal, caller: Caller, database: Database, clock: Clock
) -> api.Withdrawal:
    """Ask that a version which is still to come into force is taken back. Asked again while it waits, the same."""
    found = withdrawing.version_of(basic_code, number)
    async with database.transaction() as session:
        return await withdrawing.ask(session, basic_code, found, body, writer_of(caller), at=clock.now())


@router.post("/matters/{basic_code}/versions/{number}/withdrawal/review", **_REVIEW)
async def review_version(
    basic_code: BasicCode, number: Number, body: api.ReviewWithdrawal, caller: Caller, database: Database, clock: Clock
) -> api.Withdrawal:
    """Another officer of the same party takes it back, or leaves it."""
    found = withdrawing.version_of(basic_code, number)
    async with database.transaction() as session:
        return await withdrawing.review(session, basic_code, found, body, writer_of(caller), at=clock.now())


@router.post("/matters/{basic_code}/retirement/withdrawal", **_ASK)
async def ask_retirement(
    basic_code: BasicCode, body: api.AskWithdrawal, caller: Caller, database: Database, clock: Clock
) -> api.Withdrawal:
    """Ask that a retirement which is still to come is taken back: what widens needs two, also where one officer narrowed."""
    async with database.transaction() as session:
        found = withdrawing.retirement_of(basic_code)
        return await withdrawing.ask(session, basic_code, found, body, writer_of(caller), at=clock.now())


@router.post("/matters/{basic_code}/retirement/withdrawal/review", **_REVIEW)
async def review_retirement(
    basic_code: BasicCode, body: api.ReviewWithdrawal, caller: Caller, database: Database, clock: Clock
) -> api.Withdrawal:
    async with database.transaction() as session:
        found = withdrawing.retirement_of(basic_code)
        return await withdrawing.review(session, basic_code, found, body, writer_of(caller), at=clock.now())
