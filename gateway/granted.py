"""What the rooms have granted before is granted again while nothing that they looked at has changed.

The rooms are pure: what they say follows from the snapshot, the header fields, the caller's address, the route and the time.
So what they granted is kept in the snapshot under the others, and until the moment at which time would change it. Refusals
are not kept, nor is what follows from more than that: signatures, proofs, certificates, the hours of a channel, the matter in
a path. Revocation and limits are not said by these alone and are asked again by every request. Source: ADR-0029.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.decision import Alike
from gateway.fields import Fields
from gateway.snapshot import Channel, Found, Snapshot
from gateway.tokens import Tokens
from gateway.unified.protection import Mask
from gateway.walk import AccessToken, Incoming, Walk

_KEPT: Final = 20_000

Key = tuple[Fields, str, str]


@dataclass(frozen=True, slots=True)
class Granted:
    """`walk` is one that all rooms granted, `rooms` what each said, `lines` the header lines to the service that do
    not depend on the request; all holds before `until`, as long as `token` does."""

    walk: Walk
    rooms: Mapping[str, str]
    token: AccessToken
    lines: bytes
    mask: Mask | None
    until: float
    alike: Alike


def recall(snapshot: Snapshot, incoming: Incoming, found: Found, tokens: Tokens, now: float) -> Granted | None:
    resource = found.resource
    if resource is None or not incoming.fields.is_known:
        return None
    granted: Granted | None = snapshot.granted.get((incoming.fields, incoming.client, resource.name))
    if granted is None or now >= granted.until or not tokens.has_keys or not tokens.holds(granted.token, now):
        return None
    return granted


def remember(walk: Walk, rooms: Mapping[str, str], headers: Iterable[tuple[bytes, bytes]], mask: Mask | None, until: float) -> None:
    """`until` is that of the headers. Does nothing where more than the key and the time has been looked at."""
    resource, token, kept = walk.found.resource, walk.token, walk.snapshot.granted
    if resource is None or token is None or not walk.incoming.fields.is_known or not _follows_from_key(walk):
        return
    if len(kept) >= _KEPT:
        del kept[next(iter(kept))]
    key: Key = (walk.incoming.fields, walk.incoming.client, resource.name)
    lines = b"\r\n".join(map(b": ".join, headers))
    kept[key] = Granted(walk, dict(rooms), token, lines, mask, min(until, _until(walk, token)), Alike())


def _follows_from_key(walk: Walk) -> bool:
    resource, party, channel = walk.found.resource, walk.party, walk.snapshot.channels.get(walk.channel)
    return (
        resource is not None
        and resource.method == walk.incoming.method
        and party is not None
        and not party.certificates
        and walk.signed is None
        and walk.proof is None
        and not walk.incoming.certificate
        and _is_always_open(channel)
        and not walk.snapshot.policies.reads_matter
    )


def _is_always_open(channel: Channel | None) -> bool:
    return channel is not None and channel.hours is None


def _until(walk: Walk, token: AccessToken) -> float:
    """When the first of what the rooms compare with the time is over."""
    resource, party = walk.found.resource, walk.party
    assert resource is not None
    assert party is not None
    ends = [float(token.expires)]
    ends += [each for each in (party.expires_at, resource.sunset_at) if each is not None]
    if resource.max_age_s is not None:
        age_ends = walk.auth_time + resource.max_age_s
        # What is too old already stays so: it was granted although.
        ends.append(age_ends if walk.now <= age_ends else math.inf)
    return min(ends)
