"""门户集成: through which channel the request comes, and whether that channel is open."""

from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.snapshot import Found, Headers, Snapshot
from gateway.walk import Incoming, Walk


def check(walk: Walk) -> Deny | None:
    channel = walk.snapshot.channels.get(walk.kind)
    if channel is None or channel.state != "open":
        return Deny(problems.CHANNEL_CLOSED, "channel", f"the channel of {walk.kind} parties is closed")
    return None


def preflight(snapshot: Snapshot, incoming: Incoming, found: Found) -> tuple[int, Headers] | None:  # noqa: ARG001 (answered here by and by)
    """The answer to a browser that asks before it calls; None when it is not answered here."""
    return None


def cors_headers(walk: Walk) -> Headers:  # noqa: ARG001
    """What lets the pages of another origin read the answer."""
    return ()
