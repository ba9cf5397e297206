"""The documents of one person."""

from dataclasses import dataclass
from datetime import datetime

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import identity as problems
from contracts.values import Document, DocumentId


class DocumentIsNotAvailable(Conflict):
    """Another account holds it. Says nothing of whose."""

    problem = problems.DOCUMENT_TAKEN


class NoSuchDocument(NotFound):
    problem = problems.DOCUMENT_NOT_FOUND


class NameIsNeeded(Invalid):
    problem = problems.NAME_NEEDED


class SecondProofIsNeeded(Invalid):
    problem = problems.SECOND_PROOF_NEEDED


class ResidentNumberIsHeld(Conflict):
    problem = problems.RESIDENT_NUMBER_HELD


class NoSuchMergeRequest(NotFound):
    problem = problems.MERGE_NOT_FOUND


class MergeNotProven(Invalid):
    problem = problems.MERGE_NOT_PROVEN


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A document of a person. `source` vouches for it."""

    id: DocumentId
    document: Document
    source: str
    recorded_at: datetime
    ended_at: datetime | None = None

    def is_of(self, document: Document) -> bool:
        return (self.document.family, self.document.compared) == (document.family, document.compared)
