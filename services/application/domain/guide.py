"""Nothing beyond the guide: what officers cite must be said in the version that the case runs under.

A material is cited by its code; conditions, steps and special procedures by their place there, counted from 1. A published version
never changes, so that a place in it is a stable name.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from chassis.errors import Invalid
from contracts.api.catalogue import Definition
from contracts.problems import application as problems
from services.application.domain.case import AskedFee, BeyondTheGuide, Citation

_UNKNOWN: Final = {
    "material": ("本版办事指南没有该材料", "the guide of this version asks for no such material"),
    "condition": ("本版办事指南没有该条件", "the guide of this version has no such condition"),
    "step": ("本版办事指南没有该环节", "the guide of this version has no such step"),
    "procedure": ("本版办事指南没有该特别程序", "the guide of this version has no such procedure"),
    "field": ("表单没有该字段", "the form has no such field"),
}


class FeeNotPublished(Invalid):
    """`published` are the fees that may be asked."""

    problem = problems.FEE_NOT_PUBLISHED


def cited(definition: Definition, refs: Iterable[str], *, fields: Sequence[str] = ()) -> tuple[Citation, ...]:
    """Each with the words of the guide. Raises BeyondTheGuide for what is not there, and for `fields` that the form does not have."""
    known = _said(definition)
    wanted = list(dict.fromkeys(refs))
    beyond = [ref for ref in wanted if ref not in known]
    beyond += [f"field:{name}" for name in fields if name not in definition.field_titles]
    if beyond:
        raise BeyondTheGuide(errors=[_error(ref) for ref in beyond])
    return tuple(Citation(ref, known[ref]) for ref in wanted)


def materials(codes: Iterable[str]) -> list[str]:
    """As they are cited."""
    return [f"material:{code}" for code in codes]


def step_of(definition: Definition, number: int) -> Citation:
    """Raises BeyondTheGuide."""
    [step] = cited(definition, [f"step:{number}"])
    return step


def limit_of(definition: Definition, procedure: Citation) -> int:
    """The published limit of a procedure, in working days. Raises BeyondTheGuide where the guide gives it none."""
    days = definition.special_procedures[int(procedure.ref.partition(":")[2]) - 1].working_days
    if days is None:
        raise BeyondTheGuide(errors=[_error(procedure.ref)])
    return days


def published_fee(definition: Definition, name: str, *, amount_fen: int, at: datetime) -> AskedFee:
    """The fee of this name. Raises FeeNotPublished."""
    for fee in definition.fees:
        if fee.text.strip() == name.strip():
            return AskedFee(fee.text, fee.standard, amount_fen, at)
    raise FeeNotPublished(published=[fee.text for fee in definition.fees])


def _said(definition: Definition) -> Mapping[str, str]:
    said = {f"material:{material.code}": material.name for material in definition.materials}
    said |= {f"condition:{place}": element.text for place, element in enumerate(definition.conditions, 1)}
    said |= {f"step:{place}": step.name for place, step in enumerate(definition.steps, 1)}
    return said | {f"procedure:{place}": each.name for place, each in enumerate(definition.special_procedures, 1)}


def _error(ref: str) -> dict[str, str]:
    zh, en = _UNKNOWN[ref.partition(":")[0]]
    return {"cited": ref, "zh": zh, "en": en}
