"""What the door itself says to those whose requests cannot be read. No room is entered; the record is told of by the door."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from contracts import problems
from contracts.problems import ProblemType
from contracts.problems import gateway as gateway_problems
from gateway.decision import Room
from gateway.door.exchange import STATUS_LINES
from gateway.snapshot import Headers

PROBLEM: Final[Headers] = ((b"content-type", problems.MEDIA_TYPE.encode()),)


def body(problem: ProblemType, **said: str) -> bytes:
    return json.dumps(problems.body(problem, **said), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Refusal:
    problem: ProblemType
    rule: str

    def answer_to(self, method: bytes) -> bytes:
        """The whole answer, after which nothing follows. None of a body to HEAD."""
        said = body(self.problem, rule=self.rule, room=Room.PROTECTION.value, room_zh=Room.PROTECTION.zh)
        framing = b"content-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % (problems.MEDIA_TYPE.encode(), len(said))
        return STATUS_LINES[self.problem.status] + b"\r\n" + framing + (b"" if method == b"HEAD" else said)


AMBIGUOUS: Final = Refusal(gateway_problems.BAD_REQUEST_LINE, "framing")
NO_UPGRADE: Final = Refusal(gateway_problems.BAD_REQUEST_LINE, "upgrade")
TOO_LARGE: Final = Refusal(gateway_problems.HEADERS_TOO_LARGE, "header-limit")
HEAD_LATE: Final = Refusal(gateway_problems.REQUEST_LATE, "header-deadline")
BODY_LATE: Final = Refusal(gateway_problems.REQUEST_LATE, "body-deadline")
LATE: Final = (HEAD_LATE, BODY_LATE)


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A request that no room has seen although its line was read, at least in part. Without a `refusal` its client went away
    while it waited for the one before it."""

    method: str
    path: str
    refusal: Refusal | None = None


Tell = Callable[[TurnedAway], None]
