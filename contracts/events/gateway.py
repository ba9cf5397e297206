"""What the gateway's control plane tells the mesh."""

from typing import Any, ClassVar

from contracts.events import Event
from contracts.strict import Instant
from contracts.values import CreditCode, PartyId


class PartyChanged(Event):
    """A party is known, changed or suspended. `jwks` are its public keys; later `changed_at` wins."""

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
