"""门户集成: through which channel the request comes, and whether that channel is open."""

from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.walk import Walk


def check(walk: Walk) -> Deny | None:
    channel = walk.snapshot.channels.get(walk.kind)
    if channel is None or channel.state != "open":
        return Deny(problems.CHANNEL_CLOSED, "channel", f"the channel of {walk.kind} parties is closed")
    return None
