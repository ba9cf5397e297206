"""What the gateway's control plane tells the mesh."""

from typing import Any, ClassVar

from contracts.events import Event
from contracts.strict import Instant
from contracts.values import CreditCode, PartyId


class PartyChanged(Event):
    """A party is known, changed or suspended; later `changed_at` wins.

    `status` is testing, active, suspended, expired or withdrawn. `jwks` are the public keys that are good where the party
    now is: those of the sandbox while it is testing, those of production from then on.
    """

    TYPE: ClassVar[str] = "party.changed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("gateway",)

    party_id: PartyId
    name: str
    kind: str
    status: str
    agency: CreditCode | None = None
    jwks: tuple[dict[str, Any], ...] = ()
    redirect_uris: tuple[str, ...] = ()
    changed_at: Instant

    def key(self) -> str:
        return self.party_id


class PolicyChanged(Event):
    """The gateway decides by another version of the policies from now on."""

    TYPE: ClassVar[str] = "policy.changed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("gateway",)

    version: int

    def key(self) -> str:
        return "policy"
