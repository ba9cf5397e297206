"""Rows of cases as values and back, one module for each kind of thing."""

from services.application.repository.case_rows import CASE_COLUMNS, case_of
from services.application.repository.cases import Cases, add_consent
from services.application.repository.documents import Documents, Issued, NoSuchDocument, put_sheet
from services.application.repository.drafts import Draft, Drafts, forget_drafts, take_draft
from services.application.repository.files import Files, remove_file
from services.application.repository.history import rebuilt, record
from services.application.repository.judgements import (
    add_judgement,
    attach_judgement,
    check_judgement,
    forget_judgements,
    judgement_of,
)
from services.application.repository.numbers import Numbers, forget_requests
from services.application.repository.outages import forget_outages, note_outage, outages_since, see_outage
from services.application.repository.ownership import in_matters, within_mandate

__all__ = [
    "CASE_COLUMNS",
    "Cases",
    "Documents",
    "Draft",
    "Drafts",
    "Files",
    "Issued",
    "NoSuchDocument",
    "Numbers",
    "add_consent",
    "add_judgement",
    "attach_judgement",
    "case_of",
    "check_judgement",
    "forget_drafts",
    "forget_judgements",
    "forget_outages",
    "forget_requests",
    "in_matters",
    "judgement_of",
    "note_outage",
    "outages_since",
    "put_sheet",
    "rebuilt",
    "record",
    "remove_file",
    "see_outage",
    "take_draft",
    "within_mandate",
]
