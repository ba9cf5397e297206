"""What the database tells of (NOTIFY), heard over a connection of its own that comes back when it is lost."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NoReturn

import asyncpg
import structlog
from sqlalchemy.engine import make_url

log = structlog.get_logger()

_CONNECTED_WITHIN_S: Final = 5.0
_AGAIN_S: Final = 1.0
_LOST: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

Heard = Callable[[str], object]


async def listen(
    url: str,
    channels: Mapping[str, Heard],
    *,
    begun: Callable[[], object],
    ended: Callable[[], object],
    asked_every_s: float = 30.0,
    answers_within_s: float = 5.0,
) -> NoReturn:
    """Hand on what is said in each of the `channels`, until cancelled.

    `begun` is called when listening begins, `ended` when it has ended: of what is told between the two nobody here hears. A way that
    swallows everything loses no connection, so the database is asked `asked_every_s` whether it is still there.
    """
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            connection = await asyncpg.connect(dsn, timeout=_CONNECTED_WITHIN_S, command_timeout=_CONNECTED_WITHIN_S)
            try:
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                for channel, heard in channels.items():
                    await connection.add_listener(channel, partial(_hear, heard))
                begun()
                while not lost.is_set():
                    await connection.execute("SELECT", timeout=answers_within_s)
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(asked_every_s):
                            await lost.wait()
            finally:
                ended()
                connection.terminate()
        except _LOST as error:
            log.warning("listening_lost", channels=list(channels), error=type(error).__name__)
        await asyncio.sleep(_AGAIN_S)


def _hear(heard: Heard, _connection: Any, _pid: int, _channel: str, said: object) -> None:
    heard(str(said))
