"""The words that lists and metrics share, as predicates of a matter."""

from typing import Final

from contracts.api.catalogue import Matter
from contracts.values import DivisionCode, MatterType
from services.catalogue.domain.levels import terms_of

_APPLIED_FOR: Final = frozenset(
    {
        MatterType.LICENCE,
        MatterType.BENEFIT,
        MatterType.CONFIRMATION,
        MatterType.REWARD,
        MatterType.ADJUDICATION,
        MatterType.OTHER,
        MatterType.PUBLIC_SERVICE,
    }
)
_DISTRICT: Final = 4


def is_power(matter: Matter) -> bool:
    return MatterType.LICENCE <= matter.basic_code.matter_type <= MatterType.OTHER


def is_public_service(matter: Matter) -> bool:
    """20, or one of its local extensions."""
    return matter.basic_code.matter_type >= MatterType.PUBLIC_SERVICE


def is_applied_for(matter: Matter) -> bool:
    """依申请: begun by applicants, who are persons or organisations; the agency begins the others."""
    return matter.basic_code.matter_type in _APPLIED_FOR


def is_city_wide_kind(matter: Matter) -> bool:
    """A personal matter that street centres could accept: applied for at a window of a district's agency or below it."""
    below = any(each.task_code.level >= _DISTRICT for each in matter.implementations)
    return is_applied_for(matter) and "person" in matter.served and "window" in matter.channels and below


def depth_grade(matter: Matter) -> int:
    """网办深度 I-IV from the element codes. 4: the whole process without a visit; 3: applied for and reviewed online, one visit at
    most."""
    depth, visits = set(matter.depth), matter.visits
    if {4, 5, 6} <= depth and visits == 0:
        return 4
    if depth & {3, 4} and visits <= 1:
        return 3
    return 2 if depth & {1, 2} else 1


def as_in(matter: Matter, division: DivisionCode) -> Matter:
    """The matter as the division's highest agency offers it: its promise, and the materials that it asks for."""
    here = [each.task_code for each in matter.implementations if each.task_code.agency.division == division]
    if not here:
        return matter
    terms = terms_of(matter, min(here, key=lambda each: (each.level, each)))
    return matter.model_copy(update={"promised": terms.promised, "materials": list(terms.materials)})


def divisions_that_differ(matter: Matter) -> set[DivisionCode]:
    """Those for which `as_in` may be another matter: what a level says holds below it too."""
    if not any(each.promised or each.without_materials for each in matter.implementations):
        return set()
    return {each.task_code.agency.division for each in matter.implementations}
