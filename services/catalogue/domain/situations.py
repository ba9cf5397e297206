"""Situations 办理情形: question trees that end, and what of a matter concerns whoever is in one of them."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from chassis.errors import Invalid, NotFound
from contracts.api.catalogue import GuidingQuestion, Matter, Option, Situation, Situations
from contracts.problems import catalogue as problems
from contracts.rules import Told, rule

T = TypeVar("T")
_NO_QUESTION: Final = rule("answer-question", "the question is one of the tree", "问题不在情形树中")
_NO_ANSWER: Final = rule("answer-option", "the answer is one of its options", "答案不在可选项中")
_QUESTION_TWICE: Final = rule("question-twice", "a question is given once", "问题不得重复")
_SITUATION_TWICE: Final = rule("situation-twice", "a situation is given once", "办理情形不得重复")
_ITEM_TWICE: Final = rule("item-twice", "a business item is one situation", "一个业务办理项对应一个情形")
_VALUE_TWICE: Final = rule("option-value-twice", "two options have the value {value}", "两个选项的值同为 {value}")
_TEXT_TWICE: Final = rule("option-text-twice", "two options have the text {text}", "两个选项的文字同为 {text}")
_LEADS: Final = rule("option-leads", "an option leads to a question or ends in a situation", "选项应通向下一问题或止于一个情形")
_NEXT: Final = rule("option-question", "the question {id} is one of the tree", "问题 {id} 不在情形树中")
_ENDS: Final = rule("option-situation", "the situation {code} is one of the tree", "情形 {code} 不在情形树中")
_CIRCLE: Final = rule("question-circle", "the way goes in a circle: {way}", "问题循环：{way}")
_UNREACHED: Final = rule("unreachable", "no answers lead to it", "没有任何答案通向这里")
_MATERIAL: Final = rule("situation-material", "the material {code} is one of the matter", "材料 {code} 不在事项材料清单中")
_FIELD: Final = rule("situation-field", "the field {name} is in the form of the matter", "字段 {name} 不在事项表单中")
_PLACE: Final = rule(
    "situation-place", "the {what} {place} is one of the {count} of the matter", "{what} 第 {place} 项不存在，事项共 {count} 项"
)
_EMPTY_FORM: Final = rule("situation-form", "a form has a field", "表单至少有一个字段")
_NAMES: Final = {name: Told(name, zh=zh, code="") for name, zh in {"condition": "受理条件", "step": "办理环节", "fee": "收费项目"}.items()}


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
    if unknown := sorted(set(answers) - questions.keys()):
        raise AnswersNotPossible(errors=[strange(each, _NO_QUESTION.broken()) for each in unknown])
    way: dict[str, str] = {}
    question = said.questions[0]
    while question.id in answers:
        option = next((each for each in question.options if each.value == answers[question.id]), None)
        if option is None:
            raise AnswersNotPossible(errors=[strange(question.id, _NO_ANSWER.broken())])
        way[question.id] = option.value
        if option.situation:
            return Reached(way, situation=next(each for each in said.situations if each.code == option.situation))
        question = questions[option.next or ""]
    return Reached(way, question=question)


def strange(question: str, told: Told) -> dict[str, str]:
    """What a refusal says of an answer that is not possible."""
    return {"question": question, "rule": str(told), "zh": told.zh}


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


def faults_in(matter: Matter, said: Situations) -> Iterator[Told]:
    """Every rule that a tree breaks, with the question or situation."""
    yield from _given_once(said)
    yield from _broken_questions(said)
    yield from _broken_ways(said)
    for situation in said.situations:
        for told in _unknown_parts(matter, situation):
            yield told.within(f"situation {situation.code}", f"情形 {situation.code}")


def _given_once(said: Situations) -> Iterator[Told]:
    for code in _twice(each.id for each in said.questions):
        yield _QUESTION_TWICE.broken().within(*_question(code))
    for code in _twice(each.code for each in said.situations):
        yield _SITUATION_TWICE.broken().within(f"situation {code}", f"情形 {code}")
    for item in _twice(each.item for each in said.situations if each.item):
        yield _ITEM_TWICE.broken().within(f"item {item}", f"业务办理项 {item}")


def _broken_questions(said: Situations) -> Iterator[Told]:
    questions, situations = {each.id for each in said.questions}, {each.code for each in said.situations}
    for question in said.questions:
        for option in question.options:
            if told := _leads_nowhere(option, questions, situations):
                yield told.within(f"question {question.id}, option {option.value}", f"问题 {question.id} 选项 {option.value}")
        for value in _twice(each.value for each in question.options):
            yield _VALUE_TWICE.broken(value=value).within(*_question(question.id))
        for texts in ([each.zh for each in question.options], [each.en for each in question.options]):
            for text in _twice(texts):
                yield _TEXT_TWICE.broken(text=text).within(*_question(question.id))


def _question(code: str) -> tuple[str, str]:
    return f"question {code}", f"问题 {code}"


def _leads_nowhere(option: Option, questions: Collection[str], situations: Collection[str]) -> Told | None:
    if (option.next is None) == (option.situation is None):
        return _LEADS.broken()
    if option.next is not None and option.next not in questions:
        return _NEXT.broken(id=option.next)
    if option.situation is not None and option.situation not in situations:
        return _ENDS.broken(code=option.situation)
    return None


def _broken_ways(said: Situations) -> Iterator[Told]:
    """Circles, and what no answers lead to."""
    questions = {each.id: each for each in said.questions}
    following = {each.id: [option.next for option in each.options if option.next in questions] for each in said.questions}
    for circle in _circles(following):
        yield _CIRCLE.broken(way=" → ".join(circle)).within(*_question(circle[0]))
    reached, waiting = set[str](), [said.questions[0].id]
    while waiting:
        now = waiting.pop()
        if now not in reached:
            reached.add(now)
            waiting += [each for each in following[now] if each]
    for question in said.questions:
        if question.id not in reached:
            yield _UNREACHED.broken().within(*_question(question.id))
    ends = {option.situation for each in reached for option in questions[each].options}
    for situation in said.situations:
        if situation.code not in ends:
            yield _UNREACHED.broken().within(f"situation {situation.code}", f"情形 {situation.code}")


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


def _unknown_parts(matter: Matter, situation: Situation) -> Iterator[Told]:
    codes = {each.code for each in matter.materials}
    for code in sorted(set(situation.materials or ()) - codes):
        yield _MATERIAL.broken(code=code)
    for name in sorted(set(situation.fields or ()) - set(matter.form)):
        yield _FIELD.broken(name=name)
    lists = (
        ("condition", situation.conditions, matter.conditions),
        ("step", situation.steps, matter.steps),
        ("fee", situation.fees, matter.fees),
    )
    for what, places, elements in lists:
        for place in places or ():
            if place > len(elements):
                yield _PLACE.broken(what=_NAMES[what], place=place, count=len(elements))
    if situation.fields == []:
        yield _EMPTY_FORM.broken()


def _twice(values: Iterator[str] | Sequence[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]
