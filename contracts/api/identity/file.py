"""What the mesh knows of a person or an organisation, and what a person consented to."""

from typing import Literal

from contracts.api.file import FileRecord
from contracts.strict import Answer, Instant
from contracts.values import CaseNumber, ConsentId, Id

State = Literal["complete", "partial", "away"]


class Section(Answer):
    """`away`: whoever keeps it did not answer in time. `partial`: it keeps more than is shown here."""

    title: str
    state: State
    records: list[FileRecord]


class File(Answer):
    """Sections by name. `is_complete` when every one of them is."""

    subject_id: Id
    made_at: Instant
    is_masked: bool
    is_complete: bool
    sections: dict[str, Section]


class Consent(Answer):
    """`kind` client: to an application that signs the person on; certificate: to one use of a certificate in a case.

    `to` says in words whom. A consent that `is_served` was for something that has been done: withdrawing it marks it, and
    undoes nothing. Source: 个人信息保护法 Art. 15.
    """

    consent_id: ConsentId
    kind: Literal["client", "certificate"]
    to: str
    purpose: str
    items: list[str]
    case_number: CaseNumber | None = None
    given_at: Instant
    withdrawn_at: Instant | None = None
    is_served: bool = False


class Consents(Answer):
    """Newest first. Not complete while the service that keeps the consents of cases is away, or when there are very many."""

    items: list[Consent]
    is_complete: bool
