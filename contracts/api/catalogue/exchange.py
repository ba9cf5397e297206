"""How the catalogue leaves and comes in as a whole: the feed of changes, imports that a second person reviews."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.api.catalogue.versions import Change
from contracts.strict import Answer, Day, Instant, Model, Paragraph
from contracts.values import BasicCode, ImportId, OfficerId, TaskCode

ChangeKind = Literal["published", "withdrawn", "suspended", "resumed", "retired"]
ImportState = Literal["waiting", "published", "rejected", "superseded"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class MatterChange(Answer):
    """One thing that became of a matter; it holds from `from_at` on. `cursor` is its place in the feed."""

    cursor: str
    basic_code: BasicCode
    version: int
    kind: ChangeKind
    from_at: Instant
    at: Instant


class MatterChanges(Answer):
    """Changes in the order in which they were committed. `next` is where to go on, also when there is nothing yet;
    `is_last` says that nothing more has been committed so far."""

    items: list[MatterChange]
    next: str
    is_last: bool


class CatalogueChange(Answer):
    """One thing that became of a matter or a package; it holds from `from_at` on. `cursor` is its place in the feed of all."""

    cursor: str
    about: Literal["matter", "package"]
    code: str
    version: int
    kind: Literal["published", "withdrawn", "suspended", "resumed", "retired"]
    from_at: Instant
    at: Instant


class CatalogueChanges(Answer):
    """As `MatterChanges`, of matters and of packages, in one order."""

    items: list[CatalogueChange]
    next: str
    is_last: bool


class ImportChange(Answer):
    """`parts` are the first things said otherwise than before; `because` names the fields of the dictionary whose change revises a matter that the document does not have."""

    basic_code: BasicCode
    name: str
    kind: Literal["created", "revised"]
    parts: list[Change] = []
    because: list[str] = []


class BaseChanges(Answer):
    """Codes and names of what stands beside the matters that is new or said otherwise."""

    divisions: list[str] = []
    agencies: list[str] = []
    fields: list[str] = []
    packages: list[str] = []
    points: list[str] = []


class LeftOut(Answer):
    """Implementations that have words of their own, in places, hours, contacts, promise, materials or delegations, which the
    document leaves out: kept as they stand, or dropped where the document says `replace`."""

    basic_code: BasicCode
    became: Literal["kept", "dropped"]
    task_codes: list[TaskCode]


class ImportFindings(Answer):
    """What a document would change or has changed. `left_out` is also of matters that are otherwise unchanged."""

    created: int
    revised: int
    unchanged: int
    dry_run: bool
    beside: BaseChanges = BaseChanges()
    changes: list[ImportChange] = []
    left_out: list[LeftOut] = []


class ImportSummary(Answer):
    """An import without what it changes. `digest` is the SHA-256 of the document, by which it is reviewed."""

    id: ImportId
    state: ImportState
    digest: str
    created: int
    revised: int
    unchanged: int
    submitted_by: OfficerId
    submitted_at: Instant
    reviewed_by: OfficerId | None = None
    reviewed_at: Instant | None = None
    note: str | None = None
    effective_on: Day | None = None


class Import(ImportSummary):
    """An import with all that it changes, against what was published when it was submitted."""

    dry_run: bool
    findings: ImportFindings


class ReviewImport(Model):
    """`digest` is that of the document which was read. `effective_on` is the day, in the city's zone, from which what is
    published is in force; without it, at once."""

    digest: Digest
    outcome: Literal["publish", "reject"]
    note: Paragraph | None = None
    effective_on: Day | None = None
