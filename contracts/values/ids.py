"""Identifiers of our own: UUIDs, each kind a type."""

import re
from typing import Self
from uuid import UUID

from contracts.uuid7 import uuid7
from contracts.values.value import Value


class Id(Value):
    """A UUID in its canonical lower-case text; new ones are version 7, so they sort by time."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
    TITLE = "UUID in lower case"

    @classmethod
    def canonical(cls, text: str | UUID) -> str:
        return str(text)

    @classmethod
    def new(cls) -> Self:
        return cls(str(uuid7()))


class PersonId(Id):
    __slots__ = ()


class PartyId(Id):
    __slots__ = ()


class CaseId(Id):
    __slots__ = ()


class EventId(Id):
    __slots__ = ()


class CertificateId(Id):
    __slots__ = ()


class RatingId(Id):
    __slots__ = ()


class TicketId(Id):
    __slots__ = ()


class FileId(Id):
    __slots__ = ()


class ConsentId(Id):
    __slots__ = ()


class PresentationId(Id):
    __slots__ = ()


class ImportId(Id):
    __slots__ = ()


class SessionId(Id):
    __slots__ = ()


class DraftId(Id):
    __slots__ = ()


class GrantId(Id):
    """What one client was granted in one session; its refresh tokens are one family."""

    __slots__ = ()


class OrganisationId(Id):
    __slots__ = ()


class DocumentId(Id):
    """A person's document as we keep it."""

    __slots__ = ()


class StatutoryDocumentId(Id):
    """A document 文书 that an agency issued in a case."""

    __slots__ = ()


class MergeId(Id):
    """A request to make two accounts of one person one."""

    __slots__ = ()


class JudgementId(Id):
    __slots__ = ()


class MandateId(Id):
    __slots__ = ()


class StaffId(Id):
    __slots__ = ()


class BatchId(Id):
    __slots__ = ()


class CardId(Id):
    """A card 红黄牌 of electronic supervision."""

    __slots__ = ()
