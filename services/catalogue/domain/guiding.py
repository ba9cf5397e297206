"""Guiding as a whole: what keeps it from being published, how sure it is, and pre-review 预审."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator

from chassis.decisions import condition
from contracts.api.catalogue import Element, Guiding, Matter, PrereviewPoint, Provenance, ReviewPoint
from contracts.rules import Told, rule
from services.catalogue.domain import decision_tables, situations

_POINT_TWICE: Final = rule("review-point-twice", "a point is given once", "预审要点不得重复")
_POINT_ABOUT: Final = rule("review-point-about", "a point is about a material or a field", "预审要点应针对一份材料或一个字段")
_POINT_MATERIAL: Final = rule("review-point-material", "the material {code} is one of the matter", "材料 {code} 不在事项材料清单中")
_POINT_FIELD: Final = rule("review-point-field", "the field {name} is in the form of the matter", "字段 {name} 不在事项表单中")
_POINT_HOLDS: Final = rule(
    "review-point-holds", "a field has an expression that must hold, and only it", "针对字段的要点须有应成立的表达式，其他要点不得有"
)


def faults_in(matter: Matter, *, fields: Collection[str]) -> Iterator[Told]:
    """Every rule that the guiding of a matter breaks. `fields` are those of the dictionary."""
    guiding = matter.guiding
    if guiding is None:
        return
    if guiding.situations is not None:
        yield from situations.faults_in(matter, guiding.situations)
    if guiding.eligibility is not None:
        yield from decision_tables.faults_in(guiding.eligibility, fields=fields)
    yield from _broken_points(matter, guiding)


def stated(guiding: Guiding | None) -> list[Element]:
    """The elements that can name their source."""
    if guiding is None:
        return []
    rules = [row.rule for row in guiding.eligibility.rows] if guiding.eligibility else []
    also = [element for each in guiding.situations.situations for element in each.also] if guiding.situations else []
    return [*rules, *also]


def provenances(guiding: Guiding | None) -> set[Provenance]:
    """Of what cannot name its source."""
    if guiding is None:
        return set()
    told = {each.provenance for each in guiding.situations.situations} if guiding.situations else set()
    return told | {each.provenance for each in guiding.prereview}


def is_good(matter: Matter, *, sourced: Collection[str]) -> bool:
    """好办: pre-judgement, prefill and pre-review."""
    guiding = matter.guiding
    return guiding is not None and guiding.eligibility is not None and bool(guiding.prereview) and bool(set(matter.form) & set(sourced))


def _broken_points(matter: Matter, guiding: Guiding) -> Iterator[Told]:
    for name, count in Counter(each.id for each in guiding.prereview).items():
        if count > 1:
            yield _POINT_TWICE.broken().within(f"review point {name}", f"预审要点 {name}")
    for point in guiding.prereview:
        for told in _broken_point(matter, point):
            yield told.within(f"review point {point.id}", f"预审要点 {point.id}")


def _broken_point(matter: Matter, point: ReviewPoint) -> Iterator[Told]:
    if (point.material is None) == (point.field is None):
        yield _POINT_ABOUT.broken()
    if point.material is not None and point.material not in {each.code for each in matter.materials}:
        yield _POINT_MATERIAL.broken(code=point.material)
    if point.field is not None and point.field not in matter.form:
        yield _POINT_FIELD.broken(name=point.field)
    if point.holds is not None and (refusal := decision_tables.unreadable(point.holds)):
        yield refusal
    if (point.holds is not None) != (point.field is not None):
        yield _POINT_HOLDS.broken()


def reviewed(
    matter: Matter,
    *,
    schema: Mapping[str, Any],
    titles: Mapping[str, str],
    values: Mapping[str, Any],
    met: Collection[str],
    sourced: Collection[str],
) -> list[PrereviewPoint]:
    """What stands in the way of a submission: fields and materials that are missing or wrong, then the points of the matter.

    `matter` and `schema` as they are in the situation; `met` are the materials that are at hand, held or waived.
    """
    typed = [name for name in schema["properties"] if name not in sourced and (name in schema["required"] or name in values)]
    points = [_field(name, titles.get(name, name), schema["properties"][name], values) for name in typed]
    points += [_material(each.code, each.name, is_met=each.code in met) for each in matter.materials if each.is_required]
    said = matter.guiding.prereview if matter.guiding else []
    codes = {each.code for each in matter.materials}
    return points + [_point(each, values, met) for each in said if each.material in codes or each.field in typed]


def _field(name: str, title: str, schema: Mapping[str, Any], values: Mapping[str, Any]) -> PrereviewPoint:
    checker = Draft202012Validator(dict(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
    is_met = name in values and checker.is_valid(values[name])
    texts = {"zh": f"已按要求填写：{title}", "en": f"Filled in as asked: {title}"}
    return PrereviewPoint(id=f"field:{name}", subject=name, **texts, status="met" if is_met else "failed")


def _material(code: str, name: str, *, is_met: bool) -> PrereviewPoint:
    texts = {"zh": f"已提供或无需提交：{name}", "en": f"Given, or not needed: {name}"}
    return PrereviewPoint(id=f"material:{code}", subject=code, **texts, status="met" if is_met else "failed")


def _point(said: ReviewPoint, values: Mapping[str, Any], met: Collection[str]) -> PrereviewPoint:
    texts = {"zh": said.zh, "en": said.en}
    if said.field is None:
        code = said.material or ""
        return PrereviewPoint(id=said.id, subject=code, **texts, status="by_hand" if code in met else "failed")
    holds = said.holds is not None and condition(said.holds, "text").holds(values.get(said.field, ""))
    return PrereviewPoint(id=said.id, subject=said.field, **texts, status="met" if holds else "failed")
