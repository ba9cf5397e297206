"""How a package goes in one situation: one form, one set of materials, parallel stages. Source: ADR-0043."""

from collections.abc import Mapping
from typing import Any, Literal

from contracts.api.catalogue import FormField, Matter, Package, PackagePlan, PlannedInput, PlannedStep, Things
from services.catalogue.domain.packages import (
    Course,
    NoSuchSituation,
    NotToBeApplied,
    PackageHalted,
    Thing,
    graph_of,
    provenance_of_package,
    state_of,
)


def plan(package: Package, version: int, situation: str, matters: Mapping[str, Matter], dictionary: Mapping[str, FormField]) -> PackagePlan:
    """The plan of a package without faults. Raises NoSuchSituation, NotToBeApplied, PackageHalted."""
    if state_of(package) != "complete":
        raise NotToBeApplied
    missing = [item.code for item in package.items if item.basic_code not in matters]
    if missing:
        raise PackageHalted(steps=missing)
    graph = graph_of(package, matters, dictionary)
    found = next((each for each in graph.situations if each.code == situation), None)
    if found is None:
        raise NoSuchSituation
    course = Course(graph, found)
    inputs = _inputs(course, matters, package, dictionary)
    before = sum(len(course.needs(code)) for code in course.nodes)
    after = sum(each.how == "asked" for each in inputs)
    items = {item.code: item for item in package.items}
    provenance = provenance_of_package(package, (matters[items[code].basic_code] for code in course.nodes))
    return PackagePlan(
        code=package.code,
        version=version,
        name=package.name,
        situation=found,
        stages=course.stages(),
        steps=[_step(course, code, package, matters) for code in course.order],
        inputs=inputs,
        form_schema=_schema([each for each in inputs if each.kind == "field" and each.how == "asked"], dictionary),
        inputs_before=before,
        inputs_after=after,
        removed=round(1 - after / before, 3) if before else 0.0,
        longest_path=course.longest_path(),
        longest_working_days=max(course.ends.values(), default=0),
        promised_working_days=package.promised_working_days or 0,
        notice=package.notice,
        delivery=package.delivery,
        delivered_together=[code for code in course.nodes if items[code].delivered == "together"],
        provenance=provenance,
        illustrative=provenance == "illustrative",
    )


def _step(course: Course, code: str, package: Package, matters: Mapping[str, Matter]) -> PlannedStep:
    item = next(each for each in package.items if each.code == code)
    return PlannedStep(
        code=code,
        basic_code=item.basic_code,
        name=matters[item.basic_code].name,
        after=list(course.after[code]),
        starts_after_days=course.starts_at(code, course.ends),
        ends_after_days=course.ends[code],
        delivered=item.delivered,
        needs=_said(list(course.needs(code))),
        produces=item.produces,
    )


def _said(things: list[Thing]) -> Things:
    return Things(
        fields=[thing.name for thing in things if thing.kind == "field"],
        materials=[thing.name for thing in things if thing.kind == "material"],
    )


def _inputs(course: Course, matters: Mapping[str, Matter], package: Package, dictionary: Mapping[str, FormField]) -> list[PlannedInput]:
    needed: dict[Thing, list[str]] = {}
    required = set()
    for code in course.order:
        for thing, need in course.needs(code).items():
            needed.setdefault(thing, []).append(code)
            required |= {thing} if need.is_required else set()
    used = [matters[item.basic_code] for item in package.items if item.code in course.nodes]
    names = {material.code: material.name for matter in used for material in matter.materials}
    found = []
    for thing, steps in needed.items():
        how, source = _how(course, thing, steps, dictionary)
        field = dictionary.get(thing.name) if thing.kind == "field" else None
        found.append(
            PlannedInput(
                kind=thing.kind,
                name=thing.name,
                zh=field.zh if field else names.get(thing.name, thing.name),
                en=field.en if field else None,
                how=how,
                source=source,
                is_required=thing in required,
                steps=steps,
            )
        )
    return found


def _how(
    course: Course, thing: Thing, steps: list[str], dictionary: Mapping[str, FormField]
) -> tuple[Literal["asked", "held", "produced"], str | None]:
    """What an earlier step gives to all who need it is not asked; neither is what the city holds."""
    givers = [course.giver(thing, code) for code in steps]
    if all(givers):
        return "produced", givers[0]
    if thing in course.graph.held:
        source = dictionary[thing.name].source if thing.kind == "field" else None
        return "held", source.path if source else None
    return "asked", None


def _schema(asked: list[PlannedInput], dictionary: Mapping[str, FormField]) -> dict[str, Any]:
    """JSON Schema of the one form."""
    return {
        "type": "object",
        "properties": {each.name: _schema_of(dictionary[each.name]) for each in asked},
        "required": [each.name for each in asked],
        "additionalProperties": False,
    }


def _schema_of(field: FormField) -> dict[str, Any]:
    choices = {"enum": [each.value for each in field.options]} if field.options else {}
    return {"title": field.zh, **field.value, **choices}
