"""What intake asks of an applicant: whose account a document is, and whether their word may stand for a proof."""

from contracts.api.identity.credit import CreditStanding
from contracts.api.identity.persons import GivenDocument
from contracts.strict import Answer, Instant, Model
from contracts.values import OfficerId, PersonId, PersonName

__all__ = ["AskApplicant", "CreditStanding", "KnownApplicant"]


class AskApplicant(Model):
    name: PersonName
    document: GivenDocument


class KnownApplicant(Answer):
    """`seen_at` is when an officer of the asking agency last saw the person and the original document at a window."""

    person_id: PersonId
    assurance: int
    seen_at: Instant | None = None
    seen_by: OfficerId | None = None
