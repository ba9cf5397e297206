"""A key from the client makes a write happen once: every retry of the same request gets the same answer.

The key, the work and its answer are one transaction, so a crash forgets all three. While the first request runs, an
advisory lock on the key answers its twin with 409; nobody waits. A key is kept for a week: a client that retries later
asks anew. Source: ADR-0014; IETF draft Idempotency-Key.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from pydantic import BaseModel
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
)
from starlette.responses import Response

from chassis.database import Database as DatabaseOfService
from chassis.database import ReadSession, WriteSession
from chassis.errors import IdempotencyKeyRequired, IdempotencyKeyReused, RequestInProgress
from chassis.forgetting import Kept
from chassis.http.caller import Caller
from chassis.http.dependencies import Clock, Database
from contracts.headers import IDEMPOTENCY_KEY

_KEY: Final = re.compile(r"[\x21-\x7e]{1,64}")
_FORGOTTEN_AT_ONCE: Final = 5000
_metadata = MetaData()


def keys_table(metadata: MetaData) -> Table:
    """The table `idempotency_keys`, part of the database of every service that takes keys."""
    return Table(
        "idempotency_keys",
        metadata,
        Column("client", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False, info={"plain": "digest of a request"}),
        Column("status", SmallInteger, nullable=False),
        Column("body", LargeBinary, nullable=False, info={"plain": "answers to writes say what became of them, by id and number"}),
        Column("created_at", DateTime(timezone=True), nullable=False, index=True),
    )


def create(op: Any) -> None:
    """For migrations: the table as it is at the first revision of a service."""
    op.create_table(
        "idempotency_keys",
        Column("client", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


_keys = keys_table(_metadata)
# Built once: to build a statement anew costs as much as to send it.
_LOCK: Final = select(func.pg_try_advisory_xact_lock(bindparam("lock", type_=BigInteger)))
_ANSWERED: Final = select(_keys.c.fingerprint, _keys.c.status, _keys.c.body).where(
    _keys.c.client == bindparam("client"), _keys.c.key == bindparam("key")
)
KEEP: Final = insert(_keys)


async def _forget_before(session: WriteSession, moment: datetime) -> int:
    key = (_keys.c.client, _keys.c.key)
    old = select(*key).where(_keys.c.created_at < moment).limit(_FORGOTTEN_AT_ONCE)
    return (await session.execute(delete(_keys).where(tuple_(*key).in_(old)))).rowcount


KEYS: Final = Kept(timedelta(days=7), _forget_before)
"""For the part of a process that forgets: keys, with their answers."""


class OnceOnly:
    """The idempotent execution of this request."""

    def __init__(self, database: DatabaseOfService, clock: Clock, client: str, key: str, fingerprint: bytes) -> None:
        self._database = database
        self._clock = clock
        self._fingerprint = fingerprint
        self.name = client, key
        """Whose key, and the key: no two requests that are not the same have both alike."""

    @property
    def request_digest(self) -> bytes:
        """The same for every retry of this request and for no other request."""
        return hashlib.sha256("\0".join((*self.name, "")).encode() + self._fingerprint).digest()

    @property
    def lock(self) -> int:
        """What PostgreSQL calls an advisory lock of the key: 64 bits."""
        return int.from_bytes(hashlib.sha256("\0".join(self.name).encode()).digest()[:8], signed=True)

    async def stored(self) -> Response | None:
        """The answer already given to this key, before costly work outside the transaction.

        Raises: IdempotencyKeyReused when the key belongs to another request.
        """
        async with self._database.reading() as session:
            return await self._answered(session)

    async def answer(self, work: Callable[[WriteSession], Awaitable[BaseModel]], *, status: int = 200) -> Response:
        """Do `work` and answer with what it returns, once; a retry gets the stored answer.

        Raises: RequestInProgress while the first is running, IdempotencyKeyReused for another request under the key.
        """
        async with self._database.transaction() as session:
            if not (await session.execute(_LOCK, {"lock": self.lock})).scalar_one():
                raise RequestInProgress
            if earlier := await self._answered(session):
                return earlier
            body = (await work(session)).model_dump_json().encode()
            await session.execute(KEEP, self.kept(status, body))
        return Response(body, status, media_type="application/json")

    def kept(self, status: int, body: bytes) -> dict[str, Any]:
        """The row that remembers the answer."""
        client, key = self.name
        return {
            "client": client, "key": key, "fingerprint": self._fingerprint, "status": status, "body": body, "created_at": self._clock.now(),
        }  # fmt: skip

    def replayed(self, row: Any) -> Response:
        """The answer of a row. Raises IdempotencyKeyReused when it answered another request."""
        if row.fingerprint != self._fingerprint:
            raise IdempotencyKeyReused
        return Response(row.body, row.status, {"idempotency-replayed": "true"}, "application/json")

    async def _answered(self, session: ReadSession) -> Response | None:
        client, key = self.name
        row = (await session.execute(_ANSWERED, {"client": client, "key": key})).one_or_none()
        return None if row is None else self.replayed(row)


async def once_of(request: Request, caller: Caller, database: Database, clock: Clock) -> OnceOnly:
    key = request.headers.get(IDEMPOTENCY_KEY, "")
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyRequired("1 to 64 visible ASCII characters")
    fingerprint = hashlib.sha256(f"{request.method} {request.url.path}\0".encode() + await request.body()).digest()
    return OnceOnly(database, clock, _client_of(caller), key, fingerprint)


def _client_of(caller: Caller) -> str:
    """Whose keys these are: somebody who acts for another has keys of their own in that other's name."""
    subject = caller.person or caller.organisation or caller.officer or ""
    return f"{caller.party}/{subject}/{caller.actor}" if caller.actor else f"{caller.party}/{subject}"


Once = Annotated[OnceOnly, Depends(once_of)]
