"""What is signed passes once."""

from chassis.errors import Unavailable
from contracts.problems import common
from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.snapshot import NonceStore
from gateway.unified import access
from gateway.walk import Walk


def _once(walk: Walk) -> tuple[str, int] | None:
    """What passes once, and when it was made."""
    if walk.signed is not None:
        return walk.signed.nonce, walk.signed.created
    return (f"{walk.proof.thumbprint}.{walk.proof.jti}", walk.proof.issued) if walk.proof is not None else None


async def check_replay(walk: Walk, nonces: NonceStore) -> Deny | None:
    """A signed request, or one with a proof, passes once. With the store away none passes: that is the promise of a signature."""
    once = _once(walk)
    if once is None or walk.party is None:
        return None
    try:
        is_first = await nonces.is_first_use(walk.party.id, *once)
    except Unavailable:
        return Deny(common.UNAVAILABLE, "replay-store", headers=(("retry-after", "1"),))
    if is_first:
        return None
    return Deny(problems.REPLAYED_REQUEST, "replay") if walk.signed else access.refuse_holder("replay", "", "invalid_dpop_proof")
