"""What leaves by the door: a service's answer or a refusal, with what every answer carries."""

import json
from typing import Any, Final

from contracts import problems
from gateway.decision import Decision, Deny, Room
from gateway.door import Exchange
from gateway.proxy import headers as passing
from gateway.proxy.answer import Answer, Broken
from gateway.snapshot import Headers
from gateway.walk import Incoming

_PROBLEM: Final = (b"content-type", problems.MEDIA_TYPE.encode())


def refused(deny: Deny, decision: Decision, incoming: Incoming) -> Answer:
    """Problem details in the caller's language, naming the first rule that refused. Source: RFC 9457."""
    said: dict[str, Any] = {**deny.extensions, "rule": deny.rule}
    if decision.refused_by:
        said |= {"room": decision.refused_by, "room_zh": Room(decision.refused_by).zh}
    body = problems.body(
        deny.problem,
        language=problems.preferred_language(incoming.header("accept-language") or ""),
        detail=deny.detail,
        request_id=decision.request_id,
        **said,
    )
    headers = [_PROBLEM, *((name.encode(), value.encode()) for name, value in deny.headers)]
    return Answer(deny.problem.status, headers, json.dumps(body, ensure_ascii=False).encode())


def lines_of(answer: Answer, protecting: Headers) -> bytes:
    """The headers of the answer that may leave, and those `protecting` whoever reads it, unless the service has its own."""
    leaving = answer.leaving
    if leaving is None:
        own = passing.from_service(answer.headers)
        named = {name for name, _ in own}
        leaving = b"\r\n".join(map(b": ".join, (*own, *(each for each in protecting if each[0] not in named))))
        if answer.known is not None:
            answer.known.leaving = leaving
    return leaving


async def flow(exchange: Exchange, answer: Answer, headers: Headers, lines: bytes) -> bool:
    """An answer that is still coming, piece by piece. True when it went out whole."""
    rest = answer.rest
    assert rest is not None
    try:
        exchange.begin(answer.status, headers, answer.length, lines)
        if exchange.incoming.method != "HEAD":
            await exchange.write(answer.body)
            while piece := await rest.next():
                await exchange.write(piece)
        exchange.end()
    except (Broken, TimeoutError):
        # Its beginning has gone out: only a connection that ends in the midst of it can say that the rest will not come.
        exchange.abort()
        return False
    finally:
        answer.close()
    return True
