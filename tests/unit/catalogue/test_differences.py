import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts.api.catalogue import Matter
from services.catalogue.domain.differences import differences, together
from services.catalogue.domain.element_names import name_of
from tests.unit.catalogue.test_domain import material, matter


def content(**other: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = Matter.model_validate_json(json.dumps(matter(**other))).model_dump(mode="json")
    return dumped


_materials = st.lists(
    st.builds(lambda code, need: material(code, is_required=need), st.sampled_from(["card", "photo", "home", "proof"]), st.booleans()),
    max_size=4,
    unique_by=lambda each: each["code"],
)
_contents = st.builds(
    lambda visits, materials, aliases: content(visits=visits, materials=materials, aliases=aliases),
    st.integers(0, 3),
    _materials,
    st.lists(st.sampled_from(["狗证", "养狗证", "犬证"]), unique=True),
)


@given(_contents)
def test_a_content_does_not_differ_from_itself(one: dict[str, Any]) -> None:
    assert differences(one, one) == []


@given(_contents, _contents)
def test_whatever_differs_is_named_and_the_way_back_is_the_same_turned_round(one: dict[str, Any], other: dict[str, Any]) -> None:
    there, back = differences(one, other), differences(other, one)
    assert bool(there) == (one != other)
    assert {(each.path, str(each.before), str(each.after)) for each in there} == {
        (each.path, str(each.after), str(each.before)) for each in back
    }
    assert all(each.zh and each.en for each in there)


@given(_materials.filter(lambda each: len(each) > 1))
def test_items_that_change_places_differ_in_their_order_only(materials: list[dict[str, Any]]) -> None:
    found = differences(content(materials=materials), content(materials=list(reversed(materials))))
    assert [(each.path, each.zh) for each in found] == [("materials[]", "材料：顺序")]


def test_an_item_in_the_middle_is_one_change() -> None:
    found = differences(
        content(materials=[material("card"), material("home")]),
        content(materials=[material("card"), material("photo", name="照片"), material("home")]),
    )
    assert [(each.path, each.zh, each.before) for each in found] == [("materials[photo]", "材料 照片", None)]


def test_every_element_of_a_matter_has_a_name_in_both_languages() -> None:
    unnamed = sorted(f"{parent}.{name}" for parent, name in _elements(Matter, "") if name_of(parent, name) == (name, name))
    assert unnamed == []


def _elements(model: type[BaseModel], parent: str) -> set[tuple[str, str]]:
    """Of what the national standard knows: the elements and the matter; parts of a guide that are ours name themselves."""
    found: set[tuple[str, str]] = set()
    for name, field in model.model_fields.items():
        found.add((parent, name))
        for inner in _models(field.annotation):
            if inner.__module__.endswith((".elements", ".matters")):
                found |= _elements(inner, name)
    return found


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [each for one in get_args(annotation) for each in _models(one)]


@given(_contents, _contents)
def test_what_one_side_left_alone_is_taken_from_the_other(base: dict[str, Any], changed: dict[str, Any]) -> None:
    assert together(base, changed, base) == (changed, [])
    assert together(base, base, changed) == (changed, [])
    assert together(base, changed, changed) == (changed, [])


@given(_contents, _contents, _contents)
def test_two_changes_go_together_or_the_place_where_they_clash_is_named(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    found, clashes = together(base, mine, theirs)
    for element, value in found.items():
        if any(each.split("[")[0] == element for each in clashes):
            assert mine[element] != theirs[element]
        elif mine[element] == base[element]:
            assert value == theirs[element]


@pytest.mark.parametrize(
    ("mine", "theirs", "merged", "clashes"),
    [
        (["a", "b", "new"], ["a"], ["a", "new"], []),
        (["b"], ["a", "b", "other"], ["b", "other"], []),
        (["a", "b", "one"], ["a", "b", "two"], ["a", "b", "two", "one"], []),
    ],
)
def test_lists_are_put_together_item_by_item(mine: list[str], theirs: list[str], merged: list[str], clashes: list[str]) -> None:
    base = {"aliases": ["a", "b"]}
    assert together(base, {"aliases": mine}, {"aliases": theirs}) == ({"aliases": merged}, clashes)


def test_an_item_that_one_changed_and_the_other_took_away_clashes() -> None:
    base = {"materials": [material("card"), material("home")]}
    mine = {"materials": [material("card", is_required=False), material("home")]}
    _, clashes = together(base, mine, {"materials": [material("home")]})
    assert clashes == ["materials[card]"]


def test_two_of_one_name_are_told_apart_by_their_number() -> None:
    step = {"name": "受理", "working_days": 1, "provenance": "illustrative"}
    found = differences(content(steps=[step]), content(steps=[step, step | {"working_days": 2}]))
    assert [(each.path, each.before) for each in found] == [("steps[受理#2]", None)]


def test_contacts_are_named_by_what_they_are_for_and_their_number() -> None:
    contact = {"kind": "consult", "text": "12345", "provenance": "illustrative"}
    found = differences(content(contacts=[contact]), content(contacts=[contact, contact | {"kind": "supervise"}]))
    assert [each.path for each in found] == ["contacts[supervise/12345]"]
