"""Rows of cases as values and back, one module for each kind of thing."""

from services.application.repository.cases import CASE_COLUMNS, Cases, add_consent, case_of
from services.application.repository.files import Files
from services.application.repository.history import rebuilt, record
from services.application.repository.numbers import Numbers, forget_requests
from services.application.repository.ownership import in_matters, within_mandate

__all__ = [
    "CASE_COLUMNS",
    "Cases",
    "Files",
    "Numbers",
    "add_consent",
    "case_of",
    "forget_requests",
    "in_matters",
    "rebuilt",
    "record",
    "within_mandate",
]
