"""门户集成: the channels 渠道 of the city and the policy of each."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.strict import Answer, Instant, Line, Model
from contracts.values import OfficerId

ChannelCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
PartyKind = Literal["portal", "app", "district", "department", "operator"]
ChannelAudience = Literal["open", "protocol", "party", "person", "subject", "operator"]
Origin = Annotated[str, Field(max_length=200)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Hours(Model):
    """Opening hours in the city's time: `days` from 1 (Monday) to 7, from `opens` until just before `closes`."""

    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]
    opens: TimeOfDay
    closes: TimeOfDay


class ChannelPolicy(Model):
    """What may come through a channel.

    `kinds` of parties, to routes of these `audiences`, up to data of this `grade`, for people whose sign-on has at least this
    `assurance`. Without `may_write` it only reads (GET, HEAD). `origins` are the web origins whose scripts may call (RFC 6454),
    each exact, https or on loopback. No `hours`: at any time.
    """

    kinds: Annotated[list[PartyKind], Field(min_length=1, max_length=5)]
    audiences: Annotated[list[ChannelAudience], Field(min_length=1, max_length=6)]
    grade: Annotated[int, Field(ge=1, le=4)]
    assurance: Annotated[int, Field(ge=0, le=4)] = 0
    may_write: bool
    origins: Annotated[list[Origin], Field(max_length=50)] = []
    hours: Hours | None = None


class RegisterChannel(Model):
    """A new channel. It is registered closed; opening it is a change that another officer approves."""

    code: ChannelCode
    zh: Line
    en: Line
    policy: ChannelPolicy


class CloseChannel(Model):
    """Why it closes, as everybody who comes through it is told."""

    zh: Line
    en: Line


class Channel(Answer):
    """`usual_for` are the kinds of parties that come through it when they are registered for no other."""

    code: str
    zh: str
    en: str
    is_open: bool
    closed_for_zh: str | None = None
    closed_for_en: str | None = None
    usual_for: list[str]
    policy: ChannelPolicy
    changed_by: OfficerId | None = None
    changed_at: Instant
