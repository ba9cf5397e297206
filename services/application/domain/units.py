"""一窗受理、全市通办: the unit that takes a case in, the one that decides it and the one that hands its result out may be three.

The case has one number and one clock all the same. Source: ADR-0050; 全市通办 and its negative list.
"""

from typing import Final

from chassis.errors import Conflict, Forbidden
from contracts.api.catalogue import Definition
from contracts.problems import application as problems
from contracts.values import DivisionCode
from services.application.domain.case import Case, Scope
from services.application.domain.lifecycle import INTAKE, Act, Status

TAKING_IN: Final = INTAKE | {Status.CORRECTION}
"""While these last, a case is the work of who takes it in."""
HANDING_OUT: Final = frozenset({Status.GRANTED, Status.REFUSED, Status.PRODUCING, Status.DELIVERING})
"""And of who hands its result out."""
_OF_INTAKE: Final = frozenset({Act.BEGIN_PREREVIEW, Act.REQUEST_CORRECTION, Act.ACCEPT})
_OF_DELIVERY: Final = frozenset({Act.DELIVER, Act.CLOSE})


class NotCityWide(Conflict):
    """`reason` is why the matter is on the negative list."""

    problem = problems.NOT_CITY_WIDE


class NotTheUnit(Forbidden):
    """The case is theirs to take in or to hand out, and not to decide, or the other way round."""

    problem = problems.NOT_THE_UNIT


class NobodyIsCompetent(Conflict):
    """No agency decides the matter for the `place`."""

    problem = problems.NOBODY_IS_COMPETENT


class CompetenceIsUnclear(Conflict):
    """The place does not say which of the `candidates` decides."""

    problem = problems.COMPETENCE_IS_UNCLEAR


def check_city_wide(definition: Definition, division: DivisionCode | None) -> None:
    """Whether a centre of this division may take the matter in, or hand its result out. Raises NotCityWide."""
    if division is None or division == definition.division:
        return
    if definition.city_wide_exception is not None:
        raise NotCityWide(reason=definition.city_wide_exception, division=definition.division)
    if "person" not in definition.served:
        raise NotCityWide(reason="非个人事项 it is not a matter of persons", division=definition.division)


def check_unit(case: Case, scope: Scope, act: Act | None) -> None:
    """Who takes in asks and accepts, who hands out delivers, and all else is the competent unit's. Raises NotTheUnit."""
    if act is None or _is_competent(case, scope):
        return
    if act in _OF_INTAKE and scope.unit in (case.receiving_unit, case.receiving_division):
        return
    if act in _OF_DELIVERY and scope.unit == case.delivering_division:
        return
    raise NotTheUnit


def _is_competent(case: Case, scope: Scope) -> bool:
    return scope.unit in (case.agency, case.division)
