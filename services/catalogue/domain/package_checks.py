"""What refuses a package: for each broken rule a shortest counter-example. Source: ADR-0043."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from contracts.api.catalogue import FormField, Matter, Package, PackageFault, PackageItem
from contracts.rules import rule
from services.catalogue.domain.packages import MOST_SITUATIONS, Course, Graph, Thing, When, graph_of, state_of, things_of

_SAYS: Final = {
    each.code.removeprefix("package-"): each
    for each in (
        rule("package-unknown", "It names what does not exist: {thing}", "引用了不存在的内容：{thing}"),
        rule("package-incomplete", "It lacks {thing}", "缺少：{thing}"),
        rule("package-too-many-situations", "It has more situations than are allowed", "情形超过上限"),
        rule("package-not-published", "The matter of step {steps} is not published: {thing}", "步骤 {steps} 的事项未发布：{thing}"),
        rule("package-cycle", "These steps wait for one another and never begin: {steps}", "步骤互相等待，无法开始：{steps}"),
        rule("package-unreachable", "No situation ever reaches step {steps}", "步骤 {steps} 在任何情形下都不会办理"),
        rule("package-two-producers", "Steps {steps} both give {thing}", "步骤 {steps} 都产生 {thing}，结果互相冲突"),
        rule(
            "package-too-late",
            "{thing} is given only after, or beside, the step that needs it: {steps}",
            "{thing} 在需要它之后（或与之同时）才产生：{steps}",
        ),
        rule("package-no-producer", "Step {steps} needs {thing}, which nobody gives", "步骤 {steps} 需要 {thing}，但无人提供"),
        rule(
            "package-beyond-promise",
            "Steps {steps} take {days} working days, beyond the promise",
            "步骤 {steps} 连续需要 {days} 个工作日，超过承诺时限",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Broken:
    """A counter-example. The shortest names the fewest steps; among these the first in the order of what was written wins."""

    fault: str
    situation: str | None = None
    steps: tuple[str, ...] = ()
    thing: str | None = None
    days: int | None = None


def faults_in(package: Package, matters: Mapping[str, Matter], dictionary: Mapping[str, FormField]) -> list[PackageFault]:
    """One counter-example for each rule that the package breaks; none for one of which only names are known."""
    names = next(_unknown(package, matters, dictionary), None)
    if names:
        return [_told(names)]
    if state_of(package) != "complete":
        return []
    codes = {item.code: item.basic_code for item in package.items}
    found = [_told(each, codes) for each in broken_in(graph_of(package, matters, dictionary))]
    lacks = [name for name in ("lead", "promised_working_days", "notice", "delivery") if getattr(package, name) is None]
    return [*(_told(Broken("incomplete", thing=name)) for name in lacks[:1]), *found]


def broken_in(graph: Graph) -> list[Broken]:
    """The graph's own rules."""
    if len(graph.situations) > MOST_SITUATIONS:
        return [Broken("too-many-situations")]
    courses = [Course(graph, situation) for situation in graph.situations]
    orderly = [course for course in courses if not course.has_cycle]
    examples: tuple[Iterable[Broken], ...] = (
        (Broken("not-published", steps=(node.code,)) for node in graph.nodes.values() if not node.is_published),
        (each for course in courses for each in _cycles(course)),
        (Broken("unreachable", steps=(code,)) for code in graph.nodes if not any(code in course.nodes for course in courses)),
        (each for course in courses for each in _two_producers(course)),
        (each for course in orderly for each in _too_late(course)),
        (each for course in orderly for each in _no_producer(course)),
        (each for course in orderly for each in _beyond_promise(course)),
    )
    return [shortest for each in examples if (shortest := min(each, key=lambda one: len(one.steps), default=None))]


def _cycles(course: Course) -> Iterator[Broken]:
    """Each step waits for the next one, and the last for the first."""
    for code in course.nodes:
        if code in course.before[code]:
            path = _shortest_way(course.after, code, {code})
            yield Broken("cycle", course.situation.code, tuple(path[:-1]))


def _two_producers(course: Course) -> Iterator[Broken]:
    givers: dict[Thing, str] = {}
    for code, node in course.nodes.items():
        for thing in sorted(node.gives):
            if thing in givers:
                yield Broken("two-producers", course.situation.code, (givers[thing], code), thing.name)
            givers.setdefault(thing, code)


def _missing(course: Course) -> Iterator[tuple[str, Thing]]:
    """Required things that a step can get neither from the applicant, nor from the city, nor from an earlier step."""
    provided = course.graph.held | course.graph.asked
    for code in course.nodes:
        for thing, need in sorted(course.needs(code).items()):
            if need.is_required and thing not in provided and not course.giver(thing, code):
                yield code, thing


def _givers(course: Course, thing: Thing, code: str) -> list[str]:
    return [each for each, node in course.nodes.items() if each != code and thing in node.gives]


def _too_late(course: Course) -> Iterator[Broken]:
    """From the step that needs it along those that wait for it to the one that gives it; the two alone if neither waits."""
    followers = {code: [each for each in course.nodes if code in course.after[each]] for code in course.nodes}
    for code, thing in _missing(course):
        for giver in _givers(course, thing, code):
            path = _shortest_way(followers, code, {giver}) if code in course.before[giver] else [code, giver]
            yield Broken("too-late", course.situation.code, tuple(path), thing.name)


def _no_producer(course: Course) -> Iterator[Broken]:
    for code, thing in _missing(course):
        if not _givers(course, thing, code):
            yield Broken("no-producer", course.situation.code, (code,), thing.name)


def _beyond_promise(course: Course) -> Iterator[Broken]:
    """The fewest steps in a row that take longer than is promised, and of these rows the one that takes longest."""
    if course.graph.promised is None or max(course.ends.values(), default=0) <= course.graph.promised:
        return
    rows: dict[str, tuple[int, tuple[str, ...]]] = {code: (node.days, (code,)) for code, node in course.nodes.items()}
    while rows:
        days, row = max(rows.values(), key=lambda each: each[0])
        if days > course.graph.promised:
            yield Broken("beyond-promise", course.situation.code, row, days=days)
            return
        longer: dict[str, tuple[int, tuple[str, ...]]] = {}
        for code in course.order:
            before = [rows[each] for each in course.after[code] if each in rows]
            if before:
                days, row = max(before, key=lambda each: each[0])
                longer[code] = (days + course.nodes[code].days, (*row, code))
        rows = longer


def _shortest_way(edges: Mapping[str, Collection[str]], start: str, ends: Collection[str]) -> list[str]:
    """Breadth first, so the first way found has the fewest steps. There must be one."""
    waiting = deque([[start]])
    seen: set[str] = set()
    while True:
        way = waiting.popleft()
        for each in edges[way[-1]]:
            if each in ends:
                return [*way, each]
            if each not in seen:
                seen.add(each)
                waiting.append([*way, each])


def _unknown(package: Package, matters: Mapping[str, Matter], dictionary: Mapping[str, FormField]) -> Iterator[Broken]:
    """Names that name nothing, or more than one thing."""
    codes = [item.code for item in package.items]
    questions = [question.code for question in package.questions]
    # A situation is written by its choices alone, so that each has a code of its own.
    choices = [choice.code for question in package.questions for choice in question.choices]
    for named in (codes, questions, choices):
        yield from (Broken("unknown", thing=each) for each in named if named.count(each) > 1)
    for position, question in enumerate(package.questions):
        yield from _unknown_conditions(question.when, package, questions[:position])
    for item in package.items:
        yield from _unknown_to_step(item, package, codes)
        yield from _unknown_things(item, matters.get(item.basic_code), dictionary)
    materials = {each.code for item in package.items if item.basic_code in matters for each in matters[item.basic_code].materials}
    for thing in things_of(package.asks):
        if thing.name not in (dictionary if thing.kind == "field" else materials):
            yield Broken("unknown", thing=thing.name)


def _unknown_to_step(item: PackageItem, package: Package, codes: Collection[str]) -> Iterator[Broken]:
    yield from (Broken("unknown", steps=(item.code,), thing=each) for each in item.depends_on if each not in codes)
    for when in (item.when, *(only.when for only in item.only_when)):
        yield from _unknown_conditions(when, package, [question.code for question in package.questions])


def _unknown_things(item: PackageItem, matter: Matter | None, dictionary: Mapping[str, FormField]) -> Iterator[Broken]:
    """What a step gives is a field of the dictionary, or a material of any name; what it needs at times, its matter asks for."""
    asked = {*matter.form, *(material.code for material in matter.materials)} if matter else set()
    strange = [name for name in item.produces.fields if name not in dictionary]
    strange += [thing.name for only in item.only_when for thing in things_of(only) if matter and thing.name not in asked]
    yield from (Broken("unknown", steps=(item.code,), thing=name) for name in strange)


def _unknown_conditions(when: When, package: Package, questions: Collection[str]) -> Iterator[Broken]:
    choices = {question.code: {choice.code for choice in question.choices} for question in package.questions}
    for question, wanted in when.items():
        if question not in questions:
            yield Broken("unknown", thing=question)
        else:
            yield from (Broken("unknown", thing=f"{question}={each}") for each in wanted if each not in choices[question])


def _told(broken: Broken, codes: Mapping[str, str] | None = None) -> PackageFault:
    thing = broken.thing or (codes[broken.steps[0]] if codes and broken.fault == "not-published" else None)
    told = _SAYS[broken.fault].broken(steps=" → ".join(broken.steps), thing=thing, days=broken.days)
    return PackageFault.model_validate(
        {
            "fault": broken.fault,
            "situation": broken.situation,
            "steps": list(broken.steps),
            "thing": thing,
            "working_days": broken.days,
            "zh": told.zh,
            "en": str(told),
        }
    )
