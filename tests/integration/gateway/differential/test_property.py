"""Requests that chance makes from the grammar: what is passed on is what was meant, as often as it was answered."""

from typing import Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration.gateway.differential.client import Sending
from tests.integration.gateway.differential.corpus import MARKER, chunked, request
from tests.integration.gateway.differential.sides import Exchange, Sides
from tests.integration.gateway.differential.test_hostile import faults

_EXAMPLES: Final = 30
_AT_ONCE: Final = 10

_names = st.sampled_from(["a", "accept", "x-request-id", "Content-Type", "te", "cookie", "connection", "x_y", "keep-alive", "trailer"])
_values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30)
_fields = st.lists(st.tuples(_names, _values).map(lambda each: f"{each[0]}: {each[1]}"), max_size=6)
_bodies = st.binary(max_size=3000)
_queries = st.text(st.sampled_from("abc=&%20/?;:@-._~!$'()*+,[]"), max_size=30)
_methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
_framings = st.sampled_from(["length", "chunked", "both", "none", "wrong", "twice"])
_breaks = st.sampled_from([b"\r\n"] * 8 + [b"\n", b"\r", b"\r\n ", b"\r\n\t", b"\x00"])


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    method, framing, body = draw(_methods), draw(_framings), draw(_bodies)
    lines = draw(_fields)
    length = f"content-length: {len(body)}"
    coding = "transfer-encoding: chunked"
    more = {
        "length": [length], "chunked": [coding], "both": [length, coding], "none": [], "wrong": [f"content-length: {len(body)}x"], "twice": [length, length],
    }[framing]  # fmt: skip
    sent = {"chunked": chunked(body, len(body)), "none": b""}.get(framing, body)
    whole = request(method, f"/sign/@@@@@?{draw(_queries)}", *lines, *more, body=b"")
    odd = draw(_breaks)
    if odd != b"\r\n" and lines:
        whole = whole.replace(b"\r\n", odd, draw(st.integers(1, 3)))
    return Exchange(f"{whole!r} {framing}", Sending((whole + sent + MARKER,), (method, "GET", "GET"), until=b"?marker"))


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(some=st.lists(exchanges(), min_size=_AT_ONCE, max_size=_AT_ONCE))
async def test_what_chance_makes_is_passed_on_as_it_was_meant_or_refused(both: Sides, some: list[Exchange]) -> None:
    compared = await both.compared(some, at_once=_AT_ONCE)
    found = [each for one in compared for each in faults(*one)]
    assert not found, "\n".join(found)
    assert not both.ours.broken
    assert not both.ours.heard, "asked for by nobody"
