"""The decision point: what is known here, and how a question of the standard becomes one that policies answer.

Of what is registered (parties, routes) the registry's own word counts; of what a policy text names itself, and of the
scene, that of the asking system. Source: OpenID AuthZEN Authorization API 1.0.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chassis.errors import Invalid
from contracts.api.gateway import authzen
from contracts.problems import gateway as problems
from contracts.values import PartyId
from gateway.policies import NOBODY, Entity, Question
from gateway.policies.facts import SCENE
from gateway.policies.questions import type_name
from gateway.snapshot import Resource, Snapshot

_SUBJECTS: Final = frozenset({"person", "organisation"})
"""Types of subjects for whom a party calls: they are in the scene, and the party is who asks."""


class EvaluationIsNotReadable(Invalid):
    problem = problems.EVALUATION_NOT_READABLE


@dataclass(frozen=True, slots=True)
class Registered:
    """How the registry's entities of a type are found: the ids of all of them, and one by its id."""

    ids: Callable[[Snapshot], Iterable[str]]
    one: Callable[[Snapshot, str], Entity | None]


def _party_ids(snapshot: Snapshot) -> Iterable[str]:
    """Those in use, and nobody: what anybody may do without a party of their own can be asked as well."""
    return [NOBODY, *(party.id for party in snapshot.parties.values() if party.is_active)]


def _party(snapshot: Snapshot, key: str) -> Entity | None:
    if key == NOBODY:
        return Entity("Party", NOBODY, {"kind": NOBODY, "agency": "", "division": ""})
    known = PartyId.read(key)
    party = snapshot.parties.get(known) if known else None
    if party is None or not party.is_active:
        return None
    return Entity("Party", party.id, {"kind": party.kind, "agency": party.agency or "", "division": party.division or ""})


def _route_ids(snapshot: Snapshot) -> Iterable[str]:
    return [resource.name for resource in snapshot.routes.resources if resource.state == "active"]


def _route(snapshot: Snapshot, key: str) -> Entity | None:
    resource = _resource(snapshot, key)
    if resource is None:
        return None
    said = {name: getattr(resource, name) for name in ("service", "audience", "assurance", "grade", "sharing", "state", "owner")}
    return Entity("Route", resource.name, said)


def _resource(snapshot: Snapshot, name: str) -> Resource | None:
    """By its registered name (`GET /cases/{number}`) or by a path that leads to it; none that is out of use."""
    method, _, path = name.partition(" ")
    resource = snapshot.routes.find(method, path).resource
    return resource if resource and resource.state == "active" else None


REGISTERED: Final[dict[str, Registered]] = {"Party": Registered(_party_ids, _party), "Route": Registered(_route_ids, _route)}
"""By entity type. A kind of resource becomes known to the decision point by an entry here."""


@dataclass(frozen=True, slots=True)
class World:
    """What is known in one snapshot, asked about by one party."""

    snapshot: Snapshot
    asking: str

    def ids(self, kind: str) -> list[str]:
        """Of every known entity of a type as the standard writes it, in order; none of a type that nobody knows."""
        name = type_name(kind)
        registered = REGISTERED[name].ids(self.snapshot) if name in REGISTERED else ()
        return sorted({*self.snapshot.policies.entities.get(name, {}), *registered})

    def entity(self, kind: str, key: str, properties: Mapping[str, Any]) -> Entity | None:
        name = type_name(kind)
        if name in REGISTERED:
            return REGISTERED[name].one(self.snapshot, key)
        known = self.snapshot.policies.entities.get(name, {}).get(key)
        return Entity(name, key, {**known.attributes, **properties}) if known else None

    def question(self, said: authzen.Evaluation) -> Question | None:
        """None where the subject or the resource is nobody's, or the route is for something else than this action."""
        subject, resource = said.subject, self.entity(said.resource.type, said.resource.id, said.resource.properties)
        is_person = subject.type in _SUBJECTS
        principal = self.entity(*("party", str(said.context.get("party", self.asking)), {}) if is_person else _of(subject))
        if principal is None or resource is None or not self._is_for(resource, said.action.name):
            return None
        context = {**said.context, "action": said.action.properties}
        if principal.type == "Party":
            told = {name: value for name, value in subject.properties.items() if name in SCENE}
            held = {"subject": subject.type, "acts_for": "mandate" in subject.properties} if is_person else {}
            context = SCENE | held | told | context
        return Question(principal, said.action.name, resource, context)

    def actions_on(self, kind: str, key: str) -> list[str]:
        if type_name(kind) != "Route":
            return list(self.snapshot.policies.actions)
        resource = _resource(self.snapshot, key)
        return [resource.permission] if resource else []

    def _is_for(self, resource: Entity, action: str) -> bool:
        return resource.type != "Route" or action in self.actions_on("route", resource.id)


def _of(thing: authzen.Thing) -> tuple[str, str, Mapping[str, Any]]:
    return thing.type, thing.id, thing.properties


def completed(said: authzen.Evaluations) -> Iterator[dict[str, Any]]:
    """Each evaluation with what it leaves out taken from above. An entity replaces the one above but for a name it lacks."""
    for each in said.evaluations:
        yield {
            "subject": _over(each.subject, said.subject, ("type", "id")),
            "action": _over(each.action, said.action, ("name",)),
            "resource": _over(each.resource, said.resource, ("type", "id")),
            "context": each.context if each.context is not None else said.context or {},
        }


def _over(own: Mapping[str, Any] | None, above: Mapping[str, Any] | None, names: tuple[str, ...]) -> Mapping[str, Any] | None:
    if own is None or above is None:
        return above if own is None else own
    return {name: above[name] for name in names if name in above} | dict(own)
