"""Versions of a matter, how they differ, and whether it is in use."""

from datetime import datetime
from typing import Any, Literal

from contracts.api.catalogue.elements import Element
from contracts.api.catalogue.forms import FormField
from contracts.api.catalogue.matters import Matter
from contracts.strict import Answer, Instant, Model, Paragraph
from contracts.values import BasicCode, CreditCode, DivisionCode, OfficerId, TaskCode

MatterState = Literal["in_use", "suspended", "retired"]
"""事项状态: 在用, 暂停, 取消."""


class Standing(Answer):
    """What was decided about the use of a matter."""

    state: MatterState
    from_at: datetime
    reason: str
    officer: OfficerId
    decided_at: datetime
    withdrawn_at: datetime | None = None


class Version(Answer):
    """A published version, which never changes. `is_in_force` says that a new case would start under it now, `withdrawn_at` that it
    was taken back before its day and never comes into force."""

    basic_code: BasicCode
    version: int
    published_at: datetime
    effective_at: datetime
    is_in_force: bool
    withdrawn_at: datetime | None = None


class Versions(Answer):
    """All versions of a matter, the newest first, and what was decided about its use, in its order."""

    basic_code: BasicCode
    name: str
    state: MatterState
    versions: list[Version]
    standings: list[Standing]


class VersionContent(Version):
    """A version whole, with the fields of its form as they were."""

    matter: Matter
    fields: list[FormField]


class Change(Answer):
    """One thing that differs: `path` names items of lists by their codes (`materials[identity-card].is_required`), `zh` and `en`
    say it for people. None before: it is new; None after: it is gone."""

    path: str
    zh: str
    en: str
    before: Any = None
    after: Any = None


class Difference(Answer):
    """How one version of a matter differs from another."""

    basic_code: BasicCode
    before: int
    after: int
    changes: list[Change]


class DecideStanding(Model):
    """Why a matter is suspended, resumed or retired, and from when; at once where that is absent."""

    reason: Paragraph
    from_at: Instant | None = None


class AskWithdrawal(Model):
    """Why what is scheduled shall not come into force."""

    reason: Paragraph


class ReviewWithdrawal(Model):
    approve: bool


class Withdrawal(Answer):
    """A version, or the retirement of a matter, that was to come into force at `from_at`, asked to be taken back by one officer and
    decided by another of the same party."""

    basic_code: BasicCode
    version: int | None
    from_at: datetime
    reason: str
    outcome: Literal["waiting", "approved", "rejected"]
    asked_by: OfficerId
    asked_at: datetime
    decided_by: OfficerId | None = None
    decided_at: datetime | None = None


class Drift(Answer):
    """How one implementation differs from the level above, which is the matter itself where `above` is None.

    `changes` say before what the level above says. `reason` is the implementation's own; None: it gave none.
    """

    basic_code: BasicCode
    version: int
    name: str
    task_code: TaskCode
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    level: int
    above: TaskCode | None
    changes: list[Change]
    reason: Element | None
