"""三员分立: what widens access is proposed by one officer and comes into force when another approves it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from contracts.api.gateway.channels import ChannelCode, ChannelPolicy
from contracts.api.gateway.parties import Burst, Certificate, Channels, Environment, KeyUse, Networks, Purposes, Rate
from contracts.api.gateway.resources import ReactivateResource, WidenResource
from contracts.api.gateway.sharing.lists import LiftNegative
from contracts.strict import Answer, Count, Document, Instant, Line, Model, Paragraph
from contracts.values import Id, OfficerId, PartyId

Duty = Literal["system", "security", "audit", "head"]


class _OfParty(Model):
    party: PartyId

    def target(self) -> str:
        return f"party {self.party}"


class ResumeParty(_OfParty):
    """A suspended party may call again."""

    kind: Literal["party.resume"]


class RenewParty(_OfParty):
    """Until when the party may call; absent: without end. An expired party may call again."""

    kind: Literal["party.renew"]
    expires_at: Instant | None = None


class PartyLimits(_OfParty):
    """What is absent stays; a `per_day` of null is without bound. `purposes` replaces all, and one not named has no bound."""

    kind: Literal["party.limits"]
    per_second: Rate | None = None
    burst: Burst | None = None
    per_day: Count | None = None
    purposes: Purposes | None = None


class PartyNetworks(_OfParty):
    """From where the party may call, as CIDR blocks; none: from anywhere."""

    kind: Literal["party.networks"]
    networks: Networks


class PartyKeyAdded(_OfParty):
    """A further key: `jwk` on P-256, or a TLS client `certificate` in PEM. The ones before it stay good."""

    kind: Literal["party.key"]
    environment: Environment
    use: KeyUse = "signature"
    jwk: Document | None = None
    certificate: Certificate | None = None
    not_after: Instant | None = None


class PartyOfficers(_OfParty):
    """All the officers that the party may name, of an operators' console each one's duty, and elsewhere who is a `head` 机构负责人."""

    kind: Literal["party.officers"]
    officers: Annotated[list[OfficerId], Field(max_length=1000)]
    duties: dict[OfficerId, Duty] = {}


class PartyChannels(_OfParty):
    """All the channels that the party may come through, the first its usual one; none: the usual one of its kind."""

    kind: Literal["party.channels"]
    channels: Channels


class PartyRedirects(_OfParty):
    """All the addresses to which people may return from their sign-on."""

    kind: Literal["party.redirects"]
    redirect_uris: Annotated[list[Line], Field(max_length=10)]


class OpenChannel(Model):
    kind: Literal["channel.open"]
    channel: ChannelCode

    def target(self) -> str:
        return f"channel {self.channel}"


class ChannelFollows(Model):
    """Another policy for a channel, a wider one too."""

    kind: Literal["channel.policy"]
    channel: ChannelCode
    policy: ChannelPolicy

    def target(self) -> str:
        return f"channel {self.channel}"


Content = Annotated[
    ResumeParty
    | RenewParty
    | PartyLimits
    | PartyNetworks
    | PartyKeyAdded
    | PartyOfficers
    | PartyChannels
    | PartyRedirects
    | ReactivateResource
    | WidenResource
    | LiftNegative
    | OpenChannel
    | ChannelFollows,
    Field(discriminator="kind"),
]
"""What can be proposed; each says what it is about by `target()`."""


class ProposeChange(Model):
    content: Content
    reason: Paragraph


class ReviewChange(Model):
    note: Line


class Change(Answer):
    """`state` is proposed, in-force, refused or withdrawn."""

    id: Id
    kind: str
    target: str
    content: dict[str, object]
    reason: str
    state: str
    proposed_by: OfficerId
    proposed_at: datetime
    reviewed_by: OfficerId | None = None
    reviewed_at: datetime | None = None
    note: str | None = None
