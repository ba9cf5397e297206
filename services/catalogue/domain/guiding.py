"""Guiding as a whole: what keeps it from being published, how sure it is, and pre-review 预审."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from chassis.decisions import condition
from contracts.api.catalogue import DecisionTable, Element, Guiding, Matter, PrereviewPoint, Provenance, ReviewPoint
from services.catalogue.domain import decision_tables, situations


def faults_in(matter: Matter, *, fields: Collection[str]) -> Iterator[str]:
    """Every rule that the guiding of a matter breaks. `fields` are those of the dictionary."""
    guiding = matter.guiding
    if guiding is None:
        return
    if guiding.situations is not None:
        yield from situations.faults_in(matter, guiding.situations)
    if guiding.eligibility is not None:
        yield from decision_tables.faults_in(guiding.eligibility, fields=fields)
    if guiding.approval is not None:
        yield from _faults_in_approval(matter, guiding.approval, fields=fields)
    yield from _broken_points(matter, guiding)


def stated(guiding: Guiding | None) -> list[Element]:
    """The elements that can name their source."""
    if guiding is None:
        return []
    rules = [row.rule for table in (guiding.eligibility, guiding.approval) if table for row in table.rows]
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


def _faults_in_approval(matter: Matter, table: DecisionTable, *, fields: Collection[str]) -> Iterator[str]:
    """秒批: a table may grant and never refuse, and looks at nothing but the case."""
    yield from decision_tables.faults_in(table, fields=fields, outcomes=("yes", "unknown"))
    for each in table.inputs:
        if each.source.kind not in {"field", "certificate"}:
            yield f"table {table.code}, input {each.name}: what decides a case is in the case"
        if each.source.kind == "field" and each.source.name in fields and each.source.name not in matter.form:
            yield f"table {table.code}, input {each.name}: the field {each.source.name} is in the form of the matter"
    if matter.automatic is None:
        yield f"table {table.code}: a matter that is decided by a table says by what rule"


def _broken_points(matter: Matter, guiding: Guiding) -> Iterator[str]:
    materials = {each.code for each in matter.materials}
    for name, count in Counter(each.id for each in guiding.prereview).items():
        if count > 1:
            yield f"review point {name}: a point is given once"
    for point in guiding.prereview:
        if (point.material is None) == (point.field is None):
            yield f"review point {point.id}: a point is about a material or a field"
        if point.material is not None and point.material not in materials:
            yield f"review point {point.id}: the material {point.material} is one of the matter"
        if point.field is not None and point.field not in matter.form:
            yield f"review point {point.id}: the field {point.field} is in the form of the matter"
        if point.holds is not None and (refusal := decision_tables.unreadable(point.holds)):
            yield f"review point {point.id}: {refusal}"
        if (point.holds is not None) != (point.field is not None):
            yield f"review point {point.id}: a field has an expression that must hold, and only it"


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
