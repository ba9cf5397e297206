"""What of a walk goes into its record."""

import asyncio
import contextlib
import json
from typing import Final

from opentelemetry.trace import Span

from chassis.clock import Clock
from contracts import uuid7
from contracts.headers import SCENE
from contracts.problems import MEDIA_TYPE, common
from gateway.decision import Decision, Deny, Ledger, Room
from gateway.door import Exchange, Tell, TurnedAway
from gateway.proxy.answer import Answer
from gateway.walk import Walk

_PROBLEM: Final = MEDIA_TYPE.encode()
_SCENE: Final = SCENE.encode()
_PROTECTION: Final = Room.PROTECTION.value
_HUNG_UP: Final = 499
"""The status of the record when the caller went away before there was an answer."""


def note(decision: Decision, room: str, deny: Deny) -> Deny:
    room = str(room)
    decision.rooms[room] = f"refused: {deny.rule}"
    decision.refused_by, decision.rule, decision.code = room, deny.rule, deny.problem.code
    return deny


def copy(walk: Walk, decision: Decision) -> None:
    """What the rooms have found out, into the record."""
    if walk.party is not None:
        decision.party = walk.party.id
    decision.party_kind = walk.kind
    decision.person, decision.organisation, decision.officer = walk.person, walk.organisation, walk.officer
    decision.actor, decision.mandate = walk.actor, walk.mandate
    decision.environment, decision.channel = walk.environment, walk.channel
    decision.scene, decision.purpose = walk.scene, walk.purpose
    decision.facts, decision.limit = walk.facts, walk.limit
    if decision.names_insiders:
        decision.rooms[_PROTECTION] = f"{decision.rooms[_PROTECTION]}; forged headers removed"


def ended(decision: Decision, exchange: Exchange, reason: BaseException) -> None:
    """The walk did not come to its end: the door cut the request off, its caller went away, or something failed."""
    if exchange.cut is not None:
        note(decision, Room.PROTECTION, Deny(exchange.cut.problem, exchange.cut.rule))
        decision.status = decision.status or exchange.cut.problem.status
        return
    hung_up = isinstance(reason, asyncio.CancelledError)
    decision.status = decision.status or (_HUNG_UP if hung_up else common.INTERNAL.status)
    decision.rule = "hung-up" if hung_up else common.INTERNAL.code


def turned_away(ledger: Ledger, clock: Clock) -> Tell:
    """Records what the door refuses before any room is entered."""

    def tell(away: TurnedAway) -> None:
        decision = Decision(uuid7.quick(), clock.now(), away.method, away.path, status=_HUNG_UP, rule="hung-up")
        if away.refusal is not None:
            note(decision, Room.PROTECTION, Deny(away.refusal.problem, away.refusal.rule))
            decision.status = away.refusal.problem.status
        ledger.record(decision)

    return tell


def describe(span: Span, decision: Decision) -> None:
    span.update_name(decision.route or f"{decision.method} unregistered")
    span.set_attribute("http.route", decision.route)
    span.set_attribute("http.response.status_code", decision.status)
    if decision.case_number:
        span.set_attribute("case.number", decision.case_number)
    if decision.refused_by:
        span.set_attribute("tongban.refused_by", decision.refused_by)


def tell(answer: Answer, decision: Decision) -> None:
    """What the service behind adds to the record: in which scene it answered, or by which rule it refused."""
    if answer.status >= 400 and answer.rest is None and (b"content-type", _PROBLEM) in answer.headers:
        with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
            said = json.loads(answer.body)
            decision.code, decision.rule = str(said["code"]), str(said.get("rule", said["code"]))
    for name, value in answer.headers:
        if name == _SCENE:
            # It is not in what this decision has in common with others.
            decision.scene, decision.alike = value.decode(), None
