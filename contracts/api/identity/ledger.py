"""Who looked at the data of a person or an organisation."""

from typing import Literal

from contracts.strict import Answer, Instant
from contracts.values import CaseNumber, CreditCode, MandateId, OfficerId, PartyId

By = Literal["self", "mandate", "officer", "party", "service"]


class Access(Answer):
    """One look at the subject's data. `who` is a registered party's, service's or person's name in words.

    `by` says in which role: the subject, somebody who acts for them under `mandate`, an officer, a registered party on its
    own, or a service of the mesh. `agency` is the one whose system `party` is, where it is an agency's.
    """

    at: Instant
    by: By
    who: str
    party: PartyId | None = None
    agency: CreditCode | None = None
    officer: OfficerId | None = None
    mandate: MandateId | None = None
    owner: str
    items: list[str]
    purpose: str
    case_number: CaseNumber | None = None
    grade: int
