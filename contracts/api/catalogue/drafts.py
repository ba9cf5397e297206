"""Drafts of matters and of one implementation's own terms."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.api.catalogue.matters import Implementation, Matter
from contracts.api.catalogue.versions import Change
from contracts.strict import Answer, Instant, Model, Paragraph
from contracts.values import BasicCode, Id, OfficerId, TaskCode

DraftKind = Literal["matter", "local"]
DraftState = Literal["draft", "submitted", "approved", "rejected", "published", "withdrawn"]


class StartDraft(Model):
    """Exactly one of: a whole matter, new or as it shall be; the code of a matter to revise; the code of an implementation whose
    own terms are to change. The last two start from the newest version."""

    matter: Matter | None = None
    revise: BasicCode | None = None
    local: TaskCode | None = None

    @model_validator(mode="after")
    def _one(self) -> "StartDraft":
        if sum(each is not None for each in (self.matter, self.revise, self.local)) != 1:
            msg = "exactly one of matter, revise and local"
            raise ValueError(msg)
        return self


class EditDraft(Model):
    """The whole content anew: `matter` or `local`, as the draft's kind. `base_version` says that the content now stands on that
    version, which is the newest one."""

    matter: Matter | None = None
    local: Implementation | None = None
    base_version: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "EditDraft":
        if (self.matter is None) == (self.local is None):
            msg = "exactly one of matter and local"
            raise ValueError(msg)
        return self


class ReviewDraft(Model):
    """A rejection says why."""

    approve: bool
    reason: Paragraph | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> "ReviewDraft":
        if not self.approve and self.reason is None:
            msg = "a rejection says why"
            raise ValueError(msg)
        return self


class PublishDraft(Model):
    """From when it shall be in force; absent: at once, or together with a version that waits already."""

    effective_at: Instant | None = None


class DraftSummary(Answer):
    """A draft without its content. `revision` is its ETag; `base_version` the version it stands on, 0 for a new matter."""

    id: Id
    kind: DraftKind
    basic_code: BasicCode
    task_code: TaskCode | None
    base_version: int
    state: DraftState
    revision: int
    authors: list[OfficerId]
    created_at: datetime
    changed_at: datetime
    reviewed_by: OfficerId | None
    reason: str | None
    published_version: int | None


class Draft(DraftSummary):
    """`matter` or `local`, as its kind."""

    matter: Matter | None = None
    local: Implementation | None = None


class BrokenRule(Answer):
    """What keeps a draft from being published; `code` where the rule has one."""

    column: str
    rule: str
    code: str | None = None
    zh: str | None = None


class DraftPreview(Answer):
    """What publishing would change in the newest version now; `clashes` are the paths where that and the draft both changed what
    the draft stands on, in different ways."""

    newest_version: int
    changes: list[Change]
    clashes: list[str]
    broken: list[BrokenRule]
