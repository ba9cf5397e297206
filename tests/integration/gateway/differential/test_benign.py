"""What is good HTTP passes as it does through nginx: to the service, and back."""

from typing import Final

from tests.integration.gateway.differential import corpus
from tests.integration.gateway.differential.sides import Exchange, Outcome, Sides

_OPEN: Final = [200, 200]
OTHERWISE: Final = {
    # nginx takes an interim answer for the answer.
    "interim 100 25": (_OPEN, "open"),
    "interim 103 40": (_OPEN, "open"),
    "interim 100 54": (_OPEN, "open"),
    "interim by itself": (_OPEN, "open"),
    # nginx gives the connection up; here the rest of the request goes on to who may still want it.
    "early answer, content-length: 20000": ([400, 200], "open"),
    "early answer, transfer-encoding: chunked": ([400, 200], "open"),
    # nginx passes on as an answer of HTTP/0.9 whatever it does not understand.
    "service says nonsense": ([502, 200], "open"),
    "service says nothing": ([502, 200], "open"),
    "service says another protocol": ([502, 200], "open"),
    # nginx believes the first, or none.
    "service says two lengths": ([502, 200], "open"),
    "service says no number": ([502, 200], "open"),
    # An answer that says that it is small is waited for, so that its failure can still be told.
    "service says 10 bytes too few": ([502, 200], "open"),
}
"""Where the two differ, for a reason: the statuses here, and how the connection ends."""


def seen(outcome: Outcome) -> dict[str, object]:
    """What both must agree in. A HEAD may be put to the service as a GET, and a proxy's own refusals have its own words."""
    heard = [("GET" if each.method == "HEAD" else each.method, each.target, each.body) for each in outcome.heard]
    said = [(each.status, b"" if each.status in {502, 504} else each.body) for each in outcome.talk.said]
    return {"heard": heard, "said": said, "end": outcome.talk.end}


def differences(exchange: Exchange, ours: Outcome, theirs: Outcome) -> list[str]:
    mine, other = seen(ours), seen(theirs)
    if exchange.title in OTHERWISE:
        statuses, end = OTHERWISE[exchange.title]
        mine, other = {"statuses": ours.talk.statuses, "end": ours.talk.end}, {"statuses": statuses, "end": end}
    return [
        f"{exchange.title}: {name}: {str(mine[name])[:200]} and not {str(other[name])[:200]}" for name in mine if mine[name] != other[name]
    ]


async def test_what_is_good_passes_as_it_does_through_nginx(both: Sides) -> None:
    compared = [*await both.compared(corpus.benign()), *await both.compared(corpus.failures(), at_once=1)]
    found = [each for one in compared for each in differences(*one)]
    assert not found, f"{len(found)} of {len(compared)}\n" + "\n".join(found)
    assert not both.ours.broken
    assert len(compared) > 150
