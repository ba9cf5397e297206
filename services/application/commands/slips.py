"""办件回执: a short number and a password, with which anybody who has the paper may ask how far a case is. Source: standards.md 4.4."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.values import CaseNumber
from services.application.domain.sight import SlipIsLocked, SlipIsRefused
from services.application.tables import slips

# Without letters and digits that are taken for each other on paper.
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_FAILURES: Final = 5
_LOCKED_FOR: Final = timedelta(hours=1)


async def make(session: WriteSession, number: CaseNumber, sealer: Sealer, *, at: datetime) -> api.Slip:
    """The slip of a case, the same however often it is printed."""
    short = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    row = {
        "short_number": short,
        "number": number,
        "password": sealer.seal(f"{secrets.randbelow(10_000):04d}"),
        "failures": 0,
        "made_at": at,
    }
    await session.execute(upsert(slips).values(row).on_conflict_do_nothing(index_elements=["number"]))
    made = (await session.execute(select(slips).where(slips.c.number == number))).one()
    return api.Slip(short_number=made.short_number, password=sealer.open(made.password))


async def shown(session: WriteSession, asked: api.AskProgress, sealer: Sealer, *, at: datetime) -> CaseNumber | None:
    """The number of the case; None for a wrong password, which counts. Raises SlipIsRefused, SlipIsLocked.

    Five failures lock the slip for an hour: with four digits it is the count that protects.
    """
    row = (await session.execute(select(slips).where(slips.c.short_number == asked.short_number).with_for_update())).one_or_none()
    if row is None:
        raise SlipIsRefused
    is_old = row.failed_at is not None and row.failed_at + _LOCKED_FOR <= at
    failures = 0 if is_old else row.failures
    if failures >= _FAILURES:
        raise SlipIsLocked
    is_right = hmac.compare_digest(sealer.open(row.password), asked.password)
    said = {"failures": 0, "failed_at": None} if is_right else {"failures": failures + 1, "failed_at": at}
    await session.execute(update(slips).where(slips.c.short_number == asked.short_number).values(said))
    return CaseNumber(row.number) if is_right else None
