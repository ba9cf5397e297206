"""门户集成: through which channel the request comes, whether that channel is open, and what its policy lets through."""

from typing import Final

from contracts.headers import CHANNEL
from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.snapshot import Channel, Found, Headers, Party, Resource, Snapshot
from gateway.walk import Incoming, Walk

PUBLIC: Final = "portal"
"""The channel of whoever calls without being a party."""

_READING: Final = frozenset({"GET", "HEAD"})
_FOR_SUBJECTS: Final = frozenset({"person", "subject"})

_VARY: Final = (b"vary", b"origin")
_UNKNOWN: Final[Headers] = (_VARY,)
_MAY_SEND: Final = (
    b"accept, accept-language, authorization, channel, content-digest, content-type, dpop, idempotency-key, if-match, if-none-match, purpose, "
    b"signature, signature-input"
)
_MAY_SEE: Final = (
    b"deprecation, etag, link, location, ratelimit, ratelimit-policy, request-id, retry-after, sunset, traceparent, www-authenticate"
)
_REMEMBERED_S: Final = b"600"


def named(walk: Walk) -> str:
    """The code of the channel that the request comes through: the one it names, if its party is registered for it, or the
    usual one; "" for one that it may not name. Policies read it, so it is known before this room judges it."""
    return PUBLIC if walk.party is None else _code(walk.incoming, walk.snapshot, walk.party)


def check(walk: Walk) -> Deny | None:
    walk.channel = walk.channel or named(walk)
    channel = walk.snapshot.channels.get(walk.channel)
    if channel is None:
        return Deny(problems.CHANNEL_NOT_REGISTERED, "channel-registered", "the party is not registered for such a channel")
    if not channel.is_open:
        said = {"channel": channel.code}
        if channel.closed_for is not None:
            said |= {"reason_zh": channel.closed_for[0], "reason_en": channel.closed_for[1]}
        return Deny(problems.CHANNEL_CLOSED, "channel", f"the channel {channel.code} is closed", extensions=said)
    if channel.hours is not None and not channel.hours.include(walk.now):
        return Deny(
            problems.CHANNEL_CLOSED, "hours", f"the channel {channel.code} is closed at this hour", extensions={"channel": channel.code}
        )
    resource = walk.found.resource
    clause = _clause(channel, walk, resource) if resource is not None else ""
    if clause:
        said = {"channel": channel.code, "clause": clause}
        return Deny(
            problems.CHANNEL_NOT_ALLOWED, f"channel:{clause}", f"beyond the {clause} of the channel {channel.code}", extensions=said
        )
    return None


def _code(incoming: Incoming, snapshot: Snapshot, party: Party) -> str:
    own = party.channels
    usual = own[0] if own else snapshot.usual_channels.get(party.kind, "")
    named = incoming.header(CHANNEL)
    if named is None or named == usual:
        return usual
    return named if named in own else ""


def _clause(channel: Channel, walk: Walk, resource: Resource) -> str:
    """The first clause of the channel's policy that does not let this through, "" for none."""
    if walk.kind not in channel.kinds:
        return "kinds"
    if resource.audience not in channel.audiences:
        return "audiences"
    if resource.grade > channel.grade:
        return "grade"
    if not channel.may_write and resource.method not in _READING:
        return "may_write"
    if walk.assurance < channel.assurance and resource.audience in _FOR_SUBJECTS:
        return "assurance"
    return ""


# Scripts from elsewhere. Source: Fetch, "CORS protocol". No answer ever allows credentials: a browser's cookies are for the
# sign-on pages alone, everything else is asked with a token. So no origin can act with what another one left behind.


def preflight(snapshot: Snapshot, incoming: Incoming, found: Found) -> tuple[int, Headers] | None:
    """What a browser is told that asks whether a script may call: 204 or 403, and headers.

    None for what is no preflight, or asks for what is not there: that is for the rooms to answer. No party is known yet, so the
    origin decides the channel.
    """
    wanted = incoming.header("access-control-request-method")
    origin = incoming.header("origin")
    if incoming.method != "OPTIONS" or wanted is None or origin is None or wanted not in found.allowed:
        return None
    is_reading = wanted in _READING
    if not any(is_reading or channel.may_write for channel in snapshot.channels.values() if _is_for(channel, origin)):
        return 403, _UNKNOWN
    return 204, (
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-methods", wanted.encode("latin-1")),
        (b"access-control-allow-headers", _MAY_SEND),
        (b"access-control-max-age", _REMEMBERED_S),
        _VARY,
    )


def cors_headers(walk: Walk) -> Headers:
    """Who may read the answer: scripts of the channel that the request came through, and while none is known, of any.

    At the sign-on protocol it is the client whose origin counts: its service knows it and says so itself.
    """
    if walk.audience == "protocol":
        return ()
    origin = walk.incoming.header("origin")
    if origin is None:
        return _UNKNOWN
    channels = walk.snapshot.channels
    own = channels.get(walk.channel) if walk.party is not None else None
    if not (_is_for(own, origin) if own is not None else any(_is_for(each, origin) for each in channels.values())):
        return _UNKNOWN
    return (
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", _MAY_SEE),
        _VARY,
    )


def _is_for(channel: Channel, origin: str) -> bool:
    return channel.is_open and origin in channel.origins
