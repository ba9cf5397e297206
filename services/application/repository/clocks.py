"""The row of a case's clock."""

from datetime import datetime
from typing import Any, Final

from services.application.domain.alarms import alarms
from services.application.domain.case import Case
from services.application.domain.clock import Term, terms
from services.application.domain.lifecycle import OPEN, Status
from services.application.domain.schedule import Schedule

DUES: Final = {
    "prereview_due_at": ("预审", "pre-review"),
    "intake_due_at": ("受理", "intake"),
    "correction_due_at": ("补正", "correction"),
    "promise_due_at": ("承诺期限", "promised term"),
    "statutory_due_at": ("法定期限", "statutory term"),
    "step_due_at": ("环节", "step"),
    "suspension_due_at": ("特别程序", "special procedure"),
    "result_due_at": ("颁证送达", "result"),
}
"""The columns that are the end of a term, and how the term is called."""

_RUNNING: Final = OPEN | {Status.GRANTED, Status.REFUSED, Status.PRODUCING, Status.DELIVERING}


def clock_row(case: Case, schedule: Schedule, *, at: datetime) -> dict[str, Any]:
    """Everything but which case it is and what was settled. `next_at` may be of something settled: then one look settles that too."""
    found = terms(case, schedule)
    running = (found.intake, found.correction, found.promise, found.statutory, found.step, found.suspension, found.result)
    pressing = [each.at for each in (found.intake, found.correction, found.promise, found.suspension, found.result) if each]
    if found.prereview_due_at:
        pressing.append(found.prereview_due_at)
    coming = alarms(case, found, schedule)
    return {
        "calendar": schedule.version,
        "is_open": case.status in _RUNNING,
        "is_first": bool(found.prereview_due_at and found.prereview_due_at < at),
        "is_provisional": any(each.is_provisional for each in running if each),
        "received_at": found.received_at,
        "due_at": min(pressing, default=None),
        "prereview_due_at": found.prereview_due_at,
        "intake_due_at": _end(found.intake),
        "correction_due_at": _end(found.correction),
        "promise_due_at": _end(found.promise),
        "statutory_due_at": _end(found.statutory),
        "step_due_at": _end(found.step),
        "suspension_due_at": _end(found.suspension),
        "result_due_at": _end(found.result),
        "next_at": coming[0].at if coming else None,
    }


def _end(term: Term | None) -> datetime | None:
    return term.at if term else None
