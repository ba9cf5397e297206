"""Situations 办理情形: question trees that end, and what of a matter concerns whoever is in one of them."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chassis.errors import Invalid, NotFound
from contracts.api.catalogue import GuidingQuestion, Matter, Option, Situation, Situations
from contracts.problems import catalogue as problems

T = TypeVar("T")


class MatterNotGuided(NotFound):
    problem = problems.MATTER_NOT_GUIDED


class AnswersNotPossible(Invalid):
    """`errors` names the answers."""

    problem = problems.ANSWERS_NOT_POSSIBLE


@dataclass(frozen=True, slots=True)
class Reached:
    """Where answers lead: to the next question, or to a situation. `answers` are those on the way."""

    answers: dict[str, str]
    question: GuidingQuestion | None = None
    situation: Situation | None = None


def follow(said: Situations, answers: Mapping[str, str]) -> Reached:
    """Answers to questions that are not on the way are passed over. Raises AnswersNotPossible."""
    questions = {each.id: each for each in said.questions}
    strange = sorted(set(answers) - questions.keys())
    if strange:
        raise AnswersNotPossible(errors=[{"question": each, "rule": "the question is one of the tree"} for each in strange])
    way: dict[str, str] = {}
    question = said.questions[0]
    while question.id in answers:
        option = next((each for each in question.options if each.value == answers[question.id]), None)
        if option is None:
            raise AnswersNotPossible(errors=[{"question": question.id, "rule": "the answer is one of its options"}])
        way[question.id] = option.value
        if option.situation:
            return Reached(way, situation=next(each for each in said.situations if each.code == option.situation))
        question = questions[option.next or ""]
    return Reached(way, question=question)


def narrowed(matter: Matter, situation: Situation) -> Matter:
    """The matter as it is for whoever is in the situation."""
    materials = [each for each in matter.materials if situation.materials is None or each.code in situation.materials]
    parts = {
        "materials": materials,
        "conditions": [*_chosen(matter.conditions, situation.conditions), *situation.also],
        "steps": _chosen(matter.steps, situation.steps),
        "fees": _chosen(matter.fees, situation.fees),
        "form": [each for each in matter.form if situation.fields is None or each in situation.fields],
    }
    return matter.model_copy(update=parts)


def _chosen(elements: Sequence[T], places: Sequence[int] | None) -> list[T]:
    return [each for at, each in enumerate(elements, start=1) if places is None or at in places]


def faults_in(matter: Matter, said: Situations) -> Iterator[str]:
    """Every rule that a tree breaks, with the question or situation."""
    yield from _given_once(said)
    yield from _broken_questions(said)
    yield from _broken_ways(said)
    for situation in said.situations:
        for rule in _unknown_parts(matter, situation):
            yield f"situation {situation.code}: {rule}"


def _given_once(said: Situations) -> Iterator[str]:
    for code in _twice(each.id for each in said.questions):
        yield f"question {code}: a question is given once"
    for code in _twice(each.code for each in said.situations):
        yield f"situation {code}: a situation is given once"
    for item in _twice(each.item for each in said.situations if each.item):
        yield f"item {item}: a business item is one situation"


def _broken_questions(said: Situations) -> Iterator[str]:
    questions, situations = {each.id for each in said.questions}, {each.code for each in said.situations}
    for question in said.questions:
        for option in question.options:
            if rule := _leads_nowhere(option, questions, situations):
                yield f"question {question.id}, option {option.value}: {rule}"
        for what, values in (("value", [each.value for each in question.options]), ("text", [each.zh for each in question.options])):
            for value in _twice(values):
                yield f"question {question.id}: two options have the {what} {value}"
        for text in _twice(each.en for each in question.options):
            yield f"question {question.id}: two options have the text {text}"


def _leads_nowhere(option: Option, questions: Collection[str], situations: Collection[str]) -> str | None:
    if (option.next is None) == (option.situation is None):
        return "an option leads to a question or ends in a situation"
    if option.next is not None and option.next not in questions:
        return f"the question {option.next} is one of the tree"
    if option.situation is not None and option.situation not in situations:
        return f"the situation {option.situation} is one of the tree"
    return None


def _broken_ways(said: Situations) -> Iterator[str]:
    """Circles, and what no answers lead to."""
    questions = {each.id: each for each in said.questions}
    following = {each.id: [option.next for option in each.options if option.next in questions] for each in said.questions}
    for circle in _circles(following):
        yield f"question {circle[0]}: the way goes in a circle: {' → '.join(circle)}"
    reached, waiting = set[str](), [said.questions[0].id]
    while waiting:
        now = waiting.pop()
        if now not in reached:
            reached.add(now)
            waiting += [each for each in following[now] if each]
    for question in said.questions:
        if question.id not in reached:
            yield f"question {question.id}: no answers lead to it"
    ends = {option.situation for each in reached for option in questions[each].options}
    for situation in said.situations:
        if situation.code not in ends:
            yield f"situation {situation.code}: no answers lead to it"


def _circles(following: Mapping[str, Sequence[str | None]]) -> Iterator[list[str]]:
    """The circle in which a question is, for each one that is the first of its circle in the order of the tree."""
    found: set[str] = set()
    for start in following:
        ways: list[list[str]] = [[start]]
        seen: set[str] = set()
        while ways and start not in found:
            way = ways.pop(0)
            for each in following[way[-1]]:
                if each == start:
                    found |= set(way)
                    yield [*way, start]
                    ways = []
                    break
                if each and each not in seen:
                    seen.add(each)
                    ways.append([*way, each])


def _unknown_parts(matter: Matter, situation: Situation) -> Iterator[str]:
    codes = {each.code for each in matter.materials}
    for code in sorted(set(situation.materials or ()) - codes):
        yield f"the material {code} is one of the matter"
    for name in sorted(set(situation.fields or ()) - set(matter.form)):
        yield f"the field {name} is in the form of the matter"
    lists = (
        ("condition", situation.conditions, matter.conditions),
        ("step", situation.steps, matter.steps),
        ("fee", situation.fees, matter.fees),
    )
    for what, places, elements in lists:
        for place in places or ():
            if place > len(elements):
                yield f"the {what} {place} is one of the {len(elements)} of the matter"
    if situation.fields == []:
        yield "a form has a field"


def _twice(values: Iterator[str] | Sequence[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]
