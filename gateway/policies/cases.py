"""Policies are tried out by cases, which are data: who asks for what in which scene, and what is expected by which policy."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.policies.engine import Policies
from gateway.policies.facts import NOBODY, SCENE, Facts
from gateway.policies.questions import Entity, Question, type_name
from gateway.policies.text import Fault

_PARTY: Final = {"kind": NOBODY, "agency": "", "division": ""}
_ROUTE: Final = {name: getattr(Facts(), name) for name in ("service", "audience", "grade", "sharing", "state", "owner")} | {"assurance": 0}
USUAL: Final[Mapping[str, Mapping[str, Any]]] = {"Party": _PARTY, "Route": _ROUTE}
"""What is not said of an entity of these types."""


@dataclass(frozen=True, slots=True)
class Case:
    """`policy` must be among those that determine an expected outcome, or must not, where it neither permits nor forbids."""

    file: str
    number: int
    question: Question
    is_granted: bool
    policy: str


def read(files: Mapping[str, str]) -> tuple[list[Case], list[Fault]]:
    cases: list[Case] = []
    faults: list[Fault] = []
    for name in sorted(name for name in files if name.endswith("cases.json")):
        try:
            said = json.loads(files[name])
            cases += [_case(name, number, each) for number, each in enumerate(said, start=1)]
        except (ValueError, TypeError, KeyError, AttributeError) as reason:
            faults.append(Fault(name, getattr(reason, "lineno", 1), "", f"not a list of cases: {type(reason).__name__}"))
    return cases, faults


def _case(file: str, number: int, said: Mapping[str, Any]) -> Case:
    """Raises KeyError or ValueError for what is no case."""
    if said["expect"] not in {"allow", "deny"}:
        raise ValueError("allow or deny")
    who, what = dict(said["who"]), dict(said["what"])
    action = str(what.pop("action"))
    question = Question(_entity(who, "party"), action, _entity(what, "route"), SCENE | said.get("context", {}))
    return Case(file, number, question, said["expect"] == "allow", str(said["policy"]))


def _entity(said: dict[str, Any], usual: str) -> Entity:
    kind = type_name(str(said.pop("type", usual)))
    return Entity(kind, str(said.pop("id", "of-a-case")), {**USUAL.get(kind, {}), **said})


def faults(policies: Policies, files: Mapping[str, str]) -> list[Fault]:
    """Cases that come out otherwise, and policies that no case shows both at work and out of reach."""
    cases, wrong = read(files)
    if wrong:
        return wrong
    seen: set[tuple[str, bool]] = set()
    for case, outcome in zip(cases, policies.ask([case.question for case in cases]), strict=True):
        policy = policies.texts.get(case.policy)
        if policy is None:
            wrong.append(Fault(case.file, case.number, case.policy, f"case {case.number}: no such policy"))
            continue
        has_effect = case.is_granted == (policy.effect == "permit")
        if outcome.failures or outcome.is_granted != case.is_granted or (case.policy in outcome.policies) != has_effect:
            came = "failed" if outcome.failures else "allow" if outcome.is_granted else "deny"
            by = ", ".join(outcome.policies) or "no policy"
            wrong.append(Fault(case.file, case.number, case.policy, f"case {case.number}: {came} by {by}"))
        seen.add((case.policy, case.is_granted))
    untried = [
        Fault(policy.file, policy.line, policy.id, f"no case expects {'allow' if is_granted else 'deny'}")
        for policy in policies.texts.values()
        for is_granted in (True, False)
        if (policy.id, is_granted) not in seen
    ]
    return wrong + untried
