"""Question trees end, every situation can be reached, and names only what its matter has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.api.catalogue import Matter, Situations
from services.catalogue.domain import guiding
from services.catalogue.domain.situations import AnswersNotPossible, faults_in, follow, narrowed

PLAIN = {"text": "示例", "provenance": "illustrative"}
FORM = ["name", "address", *(f"field_{at}" for at in range(9))]


def matter(said: dict[str, Any] | None = None, **more: Any) -> Matter:
    materials = [
        {
            "code": "card",
            "name": "身份证",
            "source": "government",
            "is_required": True,
            "exemption": "agency_help",
            "provenance": "illustrative",
        },
        {"code": "photo", "name": "照片", "source": "applicant", "is_required": True, "provenance": "illustrative"},
    ]
    steps = [{"name": name, "working_days": 1, "provenance": "illustrative"} for name in ("受理", "审查", "决定")]
    return Matter.model_validate_json(
        json.dumps(
            {
                "basic_code": "310101900000", "name": "示例事项", "level": 4, "themes": ["其他"], "served": ["person"], "depth": [1], "visits": 0,
                "is_immediate": False, "channels": ["mobile"], "basis": [PLAIN], "conditions": [PLAIN, PLAIN | {"text": "另一条件"}],
                "materials": materials, "steps": steps, "statutory": {"working_days": 9, "provenance": "illustrative"},
                "promised": {"working_days": 9, "provenance": "illustrative"}, "places": [PLAIN],
                "results": [{"name": "证", "provenance": "illustrative"}], "form": FORM,
                "implementations": [{"task_code": "11310101TE5T0101924310101900000"}], "guiding": {"situations": said, **more},
            }
        )
    )  # fmt: skip


def option(value: str, **to: str) -> dict[str, Any]:
    return {"value": value, "zh": f"选{value}", "en": value, **to}


def question(code: str, *options: dict[str, Any]) -> dict[str, Any]:
    return {"id": code, "zh": f"问{code}？", "en": f"{code}?", "options": list(options)}


def situation(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "zh": f"情形{code}", "en": code, "provenance": "illustrative", **more}


def tree(**more: Any) -> dict[str, Any]:
    """Who applies, and if it is an agent, for the first time or again."""
    return {
        "questions": [
            question("who", option("self", situation="by-self"), option("agent", next="which")),
            question("which", option("first", situation="agent-first"), option("again", situation="agent-again")),
        ],
        "situations": [situation("by-self"), situation("agent-first"), situation("agent-again")],
        **more,
    }


def broken(said: dict[str, Any]) -> list[str]:
    whole = matter(said)
    assert whole.guiding is not None
    assert whole.guiding.situations is not None
    return list(faults_in(whole, whole.guiding.situations))


def test_a_sound_tree_breaks_no_rule() -> None:
    assert broken(tree()) == []


def _with_options(*options: dict[str, Any]) -> dict[str, Any]:
    said = tree()
    said["questions"][1]["options"] = list(options)
    return said


def _with_situation(**more: Any) -> dict[str, Any]:
    said = tree()
    said["situations"][1] |= more
    return said


FIRST, AGAIN = option("first", situation="agent-first"), option("again", situation="agent-again")


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        (_with_options(FIRST, AGAIN, option("lost")), ["question which, option lost: an option leads to a question or ends in a situation"]),
        (
            _with_options(FIRST, AGAIN, option("lost", next="which", situation="by-self")),
            ["question which, option lost: an option leads to a question or ends in a situation", "question which: the way goes in a circle: which → which"],
        ),
        (_with_options(FIRST, AGAIN, option("lost", next="other")), ["question which, option lost: the question other is one of the tree"]),
        (_with_options(FIRST, AGAIN, option("lost", situation="other")), ["question which, option lost: the situation other is one of the tree"]),
        (_with_options(FIRST, AGAIN, option("again", situation="by-self") | {"zh": "x", "en": "y"}), ["question which: two options have the value again"]),
        (_with_options(FIRST, AGAIN, option("lost", situation="by-self") | {"zh": "选first"}), ["question which: two options have the text 选first"]),
        (_with_options(FIRST, AGAIN, option("lost", situation="by-self") | {"en": "again"}), ["question which: two options have the text again"]),
        (_with_options(FIRST, AGAIN, option("back", next="who")), ["question who: the way goes in a circle: who → which → who"]),
        (_with_options(FIRST, option("other", situation="by-self")), ["situation agent-again: no answers lead to it"]),
        (
            tree(questions=[*tree()["questions"], question("alone", option("yes", situation="by-self"), option("not", situation="by-self"))]),
            ["question alone: no answers lead to it"],
        ),
        (tree(situations=[*tree()["situations"], situation("by-self")]), ["situation by-self: a situation is given once"]),
        (_with_situation(materials=["card", "letter"]), ["situation agent-first: the material letter is one of the matter"]),
        (_with_situation(fields=["name", "shoe_size"]), ["situation agent-first: the field shoe_size is in the form of the matter"]),
        (_with_situation(fields=[]), ["situation agent-first: a form has a field"]),
        (_with_situation(conditions=[3]), ["situation agent-first: the condition 3 is one of the 2 of the matter"]),
        (_with_situation(steps=[1, 4]), ["situation agent-first: the step 4 is one of the 3 of the matter"]),
        (_with_situation(fees=[1]), ["situation agent-first: the fee 1 is one of the 0 of the matter"]),
        (
            tree(situations=[situation("by-self", item="01"), situation("agent-first", item="01"), situation("agent-again")]),
            ["item 01: a business item is one situation"],
        ),
        (tree(questions=[*tree()["questions"], tree()["questions"][1]]), ["question which: a question is given once"]),
    ],
)  # fmt: skip
def test_a_broken_tree_is_refused_with_the_place(said: dict[str, Any], rules: list[str]) -> None:
    assert broken(said) == rules


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    """Trees of a few questions and situations, whose options lead anywhere."""
    names = [f"q{at}" for at in range(draw(st.integers(1, 4)))]
    ends = ["s0", "s1", "s2"]
    target = st.sampled_from([("next", each) for each in names] + [("situation", each) for each in ends])
    questions = [question(name, *(option(f"o{at}", **dict([draw(target)])) for at in range(2))) for name in names]
    return {"questions": questions, "situations": [situation(each) for each in ends]}


def _walks(said: dict[str, Any], name: str, passed: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Every way from a question: those passed, and the situation where it ends, None where it comes back to one."""
    if name in passed:
        yield passed, None
        return
    (here,) = [each for each in said["questions"] if each["id"] == name]
    for each in here["options"]:
        if "situation" in each:
            yield (*passed, name), each["situation"]
        else:
            yield from _walks(said, each["next"], (*passed, name))


@settings(max_examples=200, deadline=None)
@given(trees())
def test_a_tree_passes_if_and_only_if_every_way_ends_and_leads_everywhere(said: dict[str, Any]) -> None:
    walks = list(_walks(said, "q0"))
    ends = all(end is not None for _, end in walks)
    passed, reached = {each for way, _ in walks for each in way}, {end for _, end in walks if end}
    circles_elsewhere = any(end is None for each in said["questions"] for _, end in _walks(said, each["id"]))
    is_sound = ends and len(passed) == len(said["questions"]) and len(reached) == 3 and not circles_elsewhere
    assert (broken(said) == []) == is_sound


def _tree() -> Situations:
    return Situations.model_validate_json(json.dumps(tree()))


def test_answers_lead_to_the_next_question_or_to_a_situation() -> None:
    reached = follow(_tree(), {})
    assert reached.question is not None
    assert reached.question.id == "who"
    reached = follow(_tree(), {"who": "agent"})
    assert reached.question is not None
    assert reached.question.id == "which"
    reached = follow(_tree(), {"who": "agent", "which": "again"})
    assert reached.situation is not None
    assert reached.situation.code == "agent-again"


def test_an_answer_that_is_not_on_the_way_is_passed_over() -> None:
    reached = follow(_tree(), {"who": "self", "which": "again"})
    assert reached.situation is not None
    assert (reached.situation.code, reached.answers) == ("by-self", {"who": "self"})


@pytest.mark.parametrize("answers", [{"who": "nobody"}, {"other": "self"}, {"who": "agent", "which": "third"}])
def test_an_answer_is_one_of_those_that_are_asked_for(answers: dict[str, str]) -> None:
    with pytest.raises(AnswersNotPossible):
        follow(_tree(), answers)


def test_a_matter_is_narrowed_to_the_situation() -> None:
    said = _with_situation(materials=["card"], conditions=[2], also=[PLAIN | {"text": "受托人身份真实"}], steps=[1, 3], fields=["name"])
    whole = matter(said)
    assert whole.guiding is not None
    assert whole.guiding.situations is not None
    narrow = narrowed(whole, whole.guiding.situations.situations[1])
    assert [each.code for each in narrow.materials] == ["card"]
    assert [each.text for each in narrow.conditions] == ["另一条件", "受托人身份真实"]
    assert [each.name for each in narrow.steps] == ["受理", "决定"]
    assert narrow.form == ["name"]
    assert narrowed(whole, whole.guiding.situations.situations[0]) == whole


POINT = {"id": "photo-clear", "zh": "照片清晰", "en": "The photo is clear", "provenance": "illustrative"}


@pytest.mark.parametrize(
    ("points", "rules"),
    [
        ([POINT | {"material": "photo"}], []),
        ([POINT | {"field": "name", "holds": "value != ''"}], []),
        ([POINT | {"material": "photo"}] * 2, ["review point photo-clear: a point is given once"]),
        ([POINT], ["review point photo-clear: a point is about a material or a field"]),
        ([POINT | {"material": "letter"}], ["review point photo-clear: the material letter is one of the matter"]),
        (
            [POINT | {"field": "shoe_size", "holds": "value != ''"}],
            ["review point photo-clear: the field shoe_size is in the form of the matter"],
        ),
        ([POINT | {"field": "name"}], ["review point photo-clear: a field has an expression that must hold, and only it"]),
        ([POINT | {"field": "name", "holds": "size(value) > 1"}], ["review point photo-clear: a condition calls no function"]),
    ],
)
def test_points_of_review_are_about_what_the_matter_has(points: list[dict[str, Any]], rules: list[str]) -> None:
    assert list(guiding.faults_in(matter(None, prereview=points), fields=FORM)) == rules
