"""Who looked at a person's data."""

from contracts.strict import Answer, Instant
from contracts.values import CaseNumber, OfficerId


class Access(Answer):
    """One look at the person's data. `who` is a registered party's, service's or person's name in words."""

    at: Instant
    who: str
    officer: OfficerId | None = None
    owner: str
    items: list[str]
    purpose: str
    case_number: CaseNumber | None = None
    grade: int
