"""The door: HTTP/1.1 as it arrives and leaves. Who is slow, silent or ambiguous does not get as far as the rooms."""

from gateway.door.body import NO_BODY, Body
from gateway.door.exchange import Connection, Exchange
from gateway.door.protocol import App, DoorProtocol
from gateway.door.refusals import Refusal, Tell, TurnedAway

__all__ = ["NO_BODY", "App", "Body", "Connection", "DoorProtocol", "Exchange", "Refusal", "Tell", "TurnedAway"]
