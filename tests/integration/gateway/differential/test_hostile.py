"""What two readers could read differently is refused, or passed on in one form: never does a service see what was not asked."""

from typing import Final

from tests.integration.gateway.differential import vectors
from tests.integration.gateway.differential.sides import Exchange, Outcome, Sides

_AT_ONCE: Final = 100
LAWFUL: Final = ("length b'\\t3'", "coding b'\\tchunked'", *(f"mix 1.4.0{turned}" for turned in ("", " turned")))
"""What nginx refuses although it has one meaning only: a tab is white space. Source: RFC 9110 section 5.6.3."""


def faults(exchange: Exchange, ours: Outcome, theirs: Outcome) -> list[str]:
    """What is wrong with how the gateway took it."""
    statuses, found = ours.talk.statuses, []
    asked = [each for each in ours.heard if "marker" not in each.target]
    same = exchange.title in LAWFUL or [each.target for each in ours.heard] == [each.target for each in theirs.heard]
    if len(asked) > 1 and not same:
        # Where nginx sees it too, the first request had ended before.
        found.append("a second request was smuggled")
    if ours.talk.end in {"malformed", "cut"}:
        found.append(f"the answer was {ours.talk.end}")
    if len(statuses) < len(ours.heard):
        found.append("more was asked than answered")
    if not statuses:
        found.append(f"it was not answered: {ours.talk.end}")
    if 500 in statuses:
        found.append("it broke something")
    if asked and statuses[0] != 200:
        found.append(f"it was passed on and refused with {statuses}")
    is_refused_there = (
        not theirs.heard and theirs.talk.statuses and theirs.talk.statuses[0] in {400, 405, 408, 411, 413, 414, 431, 494, 501, 505}
    )
    if is_refused_there and asked and not same:
        found.append("nginx refuses it")
    if (
        asked
        and theirs.asked
        and (asked[0].method.replace("HEAD", "GET"), asked[0].body) != (theirs.asked[0][0].replace("HEAD", "GET"), theirs.asked[0][2])
    ):
        found.append("nginx read it otherwise")
    return [
        f"{exchange.title}: {each}; {statuses} {ours.talk.end} {[each.target for each in ours.heard]}; nginx {theirs.talk.statuses} {theirs.talk.end}"
        for each in found
    ]


async def test_what_is_ambiguous_is_refused_or_passed_on_in_one_form(both: Sides) -> None:
    compared = await both.compared(vectors.hostile(), at_once=_AT_ONCE)
    found = [each for one in compared for each in faults(*one)]
    assert not found, f"{len(found)} of {len(compared)}\n" + "\n".join(found)
    assert not both.ours.broken
    assert not both.ours.heard, "asked for by nobody"
    assert len(compared) > 450
