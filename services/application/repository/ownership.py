"""Whose rows are whose, and which of them somebody who acts for another may see."""

from sqlalchemy import ColumnElement, Table, func

from services.application.domain.applicant import Applicant
from services.application.domain.case import Scope
from services.application.tables import cases


def owned(table: Table, applicant: Applicant) -> ColumnElement[bool]:
    return table.c.person_id == applicant.person if applicant.person else table.c.organisation_id == applicant.organisation


def within_mandate(applicant: Applicant) -> ColumnElement[bool]:
    """Cases of the applicant; those who act for it see the matters that they act in."""
    mine = owned(cases, applicant)
    return mine & in_matters(cases.c.number, applicant) if applicant.matters else mine


def in_matters(number: ColumnElement[str], applicant: Applicant) -> ColumnElement[bool]:
    """A number's basic code follows its credit code and its level."""
    return func.substr(number, 20, 12).in_(applicant.matters)


def within_scope(scope: Scope) -> ColumnElement[bool]:
    """Cases that the handler decides, takes in, or hands the results of out."""
    if scope.agency:
        return (cases.c.agency == scope.agency) | (cases.c.receiving_unit == scope.agency)
    return (
        (cases.c.division == scope.division)
        | (cases.c.receiving_division == scope.division)
        | (cases.c.delivering_division == scope.division)
    )
