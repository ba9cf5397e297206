"""Who is let in when there is more to do than can be done."""

from gateway.decision import Deny


class Admission:
    """Everybody, for now."""

    def enter(self, priority: int, now: float) -> Deny | None:  # noqa: ARG002 (nobody is refused yet)
        """A refusal when a request of this class must wait. Whoever is let in must `leave` once."""
        return None

    def leave(self, started: float, now: float) -> None:
        """A request that was let in at `started` is over."""
