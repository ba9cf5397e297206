"""The decision point: what is known here, and how a question of the standard becomes one that policies answer.

Of what is registered (parties, routes) the registry's own word counts; of what a policy text names itself, and of the
scene, that of the asking system. Source: OpenID AuthZEN Authorization API 1.0.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chassis.errors import Invalid
from contracts.api.gateway import authzen
from contracts.problems import gateway as problems
from gateway.policies import NOBODY, Entity, Question
from gateway.policies.facts import SCENE
from gateway.policies.questions import type_name
from gateway.snapshot import Resource, Snapshot

_SUBJECTS: Final = frozenset({"person", "organisation"})
"""Types of subjects for whom a party calls: they are in the scene, and the party is who asks."""


class EvaluationIsNotReadable(Invalid):
    problem = problems.EVALUATION_NOT_READABLE


def _parties(snapshot: Snapshot) -> Mapping[str, Entity]:
    """Those in use, and nobody: what anybody may do without a party of their own can be asked as well."""
    known = [
        _party(NOBODY, NOBODY),
        *(_party(each.id, each.kind, each.agency, each.division) for each in snapshot.parties.values() if each.is_active),
    ]
    return {party.id: party for party in known}


def _party(key: str, kind: str, agency: str | None = None, division: str | None = None) -> Entity:
    return Entity("Party", key, {"kind": kind, "agency": agency or "", "division": division or ""})


def _routes(snapshot: Snapshot) -> Mapping[str, Entity]:
    return {resource.name: _route(resource) for resource in snapshot.routes.resources}


def _route(resource: Resource) -> Entity:
    said = {name: getattr(resource, name) for name in ("service", "audience", "assurance", "grade", "sharing", "state", "owner")}
    return Entity("Route", resource.name, said)


REGISTERED: Final[dict[str, Callable[[Snapshot], Mapping[str, Entity]]]] = {"Party": _parties, "Route": _routes}
"""Entity type → those of the registry. A kind of resource becomes known to the decision point by an entry here."""


@dataclass(frozen=True, slots=True)
class World:
    """What is known in one snapshot, asked about by one party."""

    snapshot: Snapshot
    asking: str

    def known(self, kind: str) -> Mapping[str, Entity]:
        """Every entity of a type as the standard writes it, by id; none of a type that nobody knows."""
        name = type_name(kind)
        registered = REGISTERED[name](self.snapshot) if name in REGISTERED else {}
        return {**self.snapshot.policies.entities.get(name, {}), **registered}

    def entity(self, kind: str, key: str, properties: Mapping[str, Any]) -> Entity | None:
        name = type_name(kind)
        if name == "Route":
            resource = self._resource(key)
            return _route(resource) if resource else None
        if name in REGISTERED:
            return REGISTERED[name](self.snapshot).get(key)
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
        resource = self._resource(key)
        return [resource.permission] if resource else []

    def _is_for(self, resource: Entity, action: str) -> bool:
        return resource.type != "Route" or action in self.actions_on("route", resource.id)

    def _resource(self, name: str) -> Resource | None:
        """By its registered name (`GET /cases/{number}`) or by a path that leads to it."""
        method, _, path = name.partition(" ")
        return self.snapshot.routes.find(method, path).resource


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
