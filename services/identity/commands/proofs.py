"""Proofs of who somebody is: what each is worth, and how many wrong ones are one too many."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from chassis.database import ReadSession, WriteSession
from chassis.sealing import Sealer
from contracts.values import Assurance
from services.identity.domain import attempts as limits
from services.identity.domain.methods import Method, MethodCode
from services.identity.repository import Attempts

_SEED: Final = Path(__file__).parents[1] / "seed" / "methods.json"


@cache
def methods() -> dict[MethodCode, Method]:
    rows = json.loads(_SEED.read_text())["methods"]
    found = [Method(MethodCode(row["code"]), row["amr"], Assurance(row["assurance"]), row["zh"], row["en"]) for row in rows]
    return {each.code: each for each in found}


def worth(code: MethodCode, account: Assurance) -> Assurance:
    """What a proof by this method says of an account that the city is so sure of."""
    return min(methods()[code].assurance, account)


async def is_source_locked(session: ReadSession, source: str, sealer: Sealer, *, at: datetime) -> bool:
    return (await Attempts(session).of(_source(source, sealer), at)).is_locked(at)


async def note_failure(session: WriteSession, source: str, sealer: Sealer, *, at: datetime) -> None:
    """One more wrong proof from a source."""
    known, key = Attempts(session), _source(source, sealer)
    await known.save(key, (await known.counting(key, at)).failed(limits.SOURCE, at))


async def note_attempt(session: WriteSession, account: str, source: str, sealer: Sealer, *, is_right: bool, at: datetime) -> bool:
    """Whether the attempt counts as a proof. A locked account stays locked even for the right answer.

    `account` names one that is known or one that is not: both take the same steps.
    """
    known, mine = Attempts(session), sealer.lookup(f"account {account}")
    if not is_right:
        # Always the source before the account, so that two attempts never wait for each other.
        await note_failure(session, source, sealer, at=at)
    failures = await known.counting(mine, at)
    if failures.is_locked(at):
        return False
    if is_right:
        await known.forget(mine)
    else:
        await known.save(mine, failures.failed(limits.ACCOUNT, at))
    return is_right


async def unlock(session: WriteSession, account: str, sealer: Sealer) -> None:
    await Attempts(session).forget(sealer.lookup(f"account {account}"))


async def may_send(session: WriteSession, phone: str, source: str, sealer: Sealer, *, at: datetime) -> bool:
    """Whether one more message may go to this phone and be asked for by this source; counts it."""
    known = Attempts(session)
    for name, limit in ((f"messages from {source}", limits.MESSAGES_FROM_SOURCE), (f"messages to {phone}", limits.MESSAGES)):
        key = sealer.lookup(name)
        sent = await known.counting(key, at)
        if sent.is_locked(at):
            return False
        await known.save(key, sent.failed(limit, at))
    return True


def _source(source: str, sealer: Sealer) -> bytes:
    return sealer.lookup(f"source {source}")
