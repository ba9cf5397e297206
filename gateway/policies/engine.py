"""Decides by the policies of one version. They are parsed once; what was decided is remembered as long as the snapshot lives.

Cedar passes over a policy that cannot be evaluated, so a forbid that fails would allow: here any failure denies.
Source: ADR-0032; the Cedar policy language, section on authorisation.
"""

import json
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import cedarpy
import structlog

from gateway.policies import text
from gateway.policies.facts import Facts
from gateway.policies.questions import Entity, Question, type_name
from gateway.policies.text import Policy

log = structlog.get_logger()

NOT_GRANTED: Final = "permission-not-granted"
_REMEMBERED: Final = 20_000
_MATTER: Final = re.compile(r"\bcontext\s*\.\s*matter\b")
_ACTION: Final = re.compile(r'\bAction::"([^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Outcome:
    """`policies` are the ids of those that determined it, in the order of the text; none when nothing permits.

    `failures` are the engine's words on policies that could not be evaluated, which denies.
    """

    is_granted: bool
    policies: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the room answers by. `refusal` is the code of the problem, "" when granted; `because` the refusing policy."""

    is_granted: bool
    rule: str
    refusal: str = ""
    because: Policy | None = None
    policies: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    permissions: frozenset[str] = frozenset()

    @property
    def result(self) -> str:
        """As the record of a decision has it."""
        return "granted" if self.is_granted else f"refused: {self.rule}"


class Engine:
    """The parsed policies of a text, and the entities that it names. Raises ValueError for a text with faults."""

    def __init__(self, files: Mapping[str, str]) -> None:
        policies, faults = text.read(files)
        if faults:
            raise ValueError(f"{faults[0].file}:{faults[0].line}: {faults[0].message}")
        self.policies: Final = {policy.id: policy for policy in policies}
        self._places = {policy.id: place for place, policy in enumerate(policies)}
        self._all = _policy_set(policies)
        self._permits = _policy_set(policy for policy in policies if policy.effect == "permit")
        self.entities: Final = _entities(files)
        self.reads_matter: Final = any(_MATTER.search(policy.text) for policy in policies)
        self.actions: Final = sorted({name for policy in policies for name in _ACTION.findall(policy.text)})

    def judge(self, questions: Sequence[Question]) -> list[Outcome]:
        """What the policies say, question by question."""
        return [self._outcome(question) for question in questions]

    def _outcome(self, question: Question) -> Outcome:
        said = cedarpy.is_authorized(question.request(), self._all, question.entities())
        if said.diagnostics.errors:
            return Outcome(False, failures=tuple(said.diagnostics.errors))
        named = said.diagnostics.id_annotations_by_reason.values()
        return Outcome(said.decision is cedarpy.Decision.Allow, tuple(sorted(named, key=self._places.__getitem__)))

    def is_permitted(self, question: Question) -> bool:
        """Whether anything permits it, whatever forbids it."""
        return cedarpy.is_authorized(question.request(), self._permits, question.entities()).decision is cedarpy.Decision.Allow


class Policies:
    """A version of the policies at work in one snapshot, whose parties and resources do not change under it.

    So a decision may be remembered by the names of who asks and of what is asked for.
    """

    __slots__ = ("_engine", "_verdicts", "reads_matter", "recall", "version")

    def __init__(self, version: int, files: Mapping[str, str]) -> None:
        self.version = version
        self._engine = _parsed(tuple(sorted(files.items())))
        # So many matters are read about that they are told apart only where a policy does.
        self.reads_matter = self._engine.reads_matter
        self._verdicts: dict[Hashable, Verdict] = {}
        self.recall = self._verdicts.get

    @property
    def texts(self) -> Mapping[str, Policy]:
        """The policies by their id, in the order of the text."""
        return self._engine.policies

    @property
    def actions(self) -> Sequence[str]:
        """What any policy names that can be done."""
        return self._engine.actions

    @property
    def entities(self) -> Mapping[str, Mapping[str, Entity]]:
        """What the text itself names beside parties and resources: by type, then by id."""
        return self._engine.entities

    def decide(self, key: Hashable, facts: Facts) -> Verdict:
        """Decide and remember under `key`, which must tell everything in `facts` apart within this snapshot."""
        if len(self._verdicts) >= _REMEMBERED:
            del self._verdicts[next(iter(self._verdicts))]
        verdict = self._verdicts[key] = self.judge(facts)
        return verdict

    def judge(self, facts: Facts) -> Verdict:
        """The same for the same facts, now and at any later time."""
        question = facts.question()
        [outcome] = self._engine.judge([question])
        said = facts.as_json()
        if outcome.is_granted:
            granted = frozenset({facts.permission})
            return Verdict(True, f"policy:{self.version}", policies=outcome.policies, facts=said, permissions=granted)
        if outcome.failures:
            log.error("policy_not_evaluated", version=self.version, errors=outcome.failures[:3])
            return Verdict(False, f"policy:{self.version}/not-evaluated", NOT_GRANTED, facts=said)
        # Whoever may not at all is not told what would be missing if they might.
        if not outcome.policies or not self._engine.is_permitted(question):
            return Verdict(False, f"policy:{self.version}", NOT_GRANTED, facts=said)
        first = self._engine.policies[outcome.policies[0]]
        return Verdict(False, f"policy:{self.version}/{first.id}", first.refuses, first, outcome.policies, said)

    def ask(self, questions: Sequence[Question]) -> list[Outcome]:
        """Of anything that the text speaks of, remembered by nobody."""
        return self._engine.judge(questions)


@lru_cache(maxsize=16)
def _parsed(files: tuple[tuple[str, str], ...]) -> Engine:
    return Engine(dict(files))


def _policy_set(policies: Iterable[Policy]) -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_str("\n".join(policy.text for policy in policies), release_gil=True)


def _entities(files: Mapping[str, str]) -> Mapping[str, Mapping[str, Entity]]:
    """Of every `…entities.json`: type → id → attributes. Raises ValueError for anything else."""
    known: dict[str, dict[str, Entity]] = {}
    for name in sorted(files):
        if not name.endswith("entities.json"):
            continue
        said = json.loads(files[name])
        if not _is_nested(said, 3):
            raise ValueError(f"{name}: type, then id, then attributes")
        for kind, each in said.items():
            known.setdefault(type_name(kind), {}).update({key: Entity(type_name(kind), key, value) for key, value in each.items()})
    return known


def _is_nested(value: Any, depth: int) -> bool:
    return depth == 0 or (isinstance(value, dict) and all(depth == 1 or _is_nested(each, depth - 1) for each in value.values()))


NO_POLICIES: Final = Policies(0, {})
