"""Drafts: written by one or several, reviewed and published by somebody else. Source: ADR-0038."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, ServiceError
from contracts.api.catalogue import DraftKind, DraftState, Implementation, Matter
from contracts.problems import catalogue as problems
from contracts.rules import Told, in_chinese, rule
from contracts.values import BasicCode, DivisionCode, Id, OfficerId, PartyId, TaskCode
from services.catalogue.domain.differences import together
from services.catalogue.domain.matters import said_of

_CODE: Final = rule("code-changed", "a draft stays about the same thing", "草稿不得改为另一事项")
_KIND: Final = rule("kind-changed", "the content of a {kind} draft", "内容应与草稿类型 {kind} 一致")
_NOTHING_NEW: Final = rule("nothing-new", "a draft says something else than the newest version", "草稿与最新版本相同，没有可发布的内容")


class NoSuchDraft(NotFound):
    problem = problems.DRAFT_NOT_FOUND


class DraftChanged(ServiceError):
    """`revision` is the present one."""

    problem = problems.DRAFT_CHANGED


class DraftRevisionRequired(Invalid):
    problem = problems.DRAFT_REVISION_REQUIRED


class DraftNotInThisState(Conflict):
    problem = problems.DRAFT_STATE


class DraftReviewedByItsAuthor(Forbidden):
    problem = problems.DRAFT_OWN_REVIEW


class DraftRefused(Invalid):
    """`errors` names column, rule and code of everything that is wrong."""

    problem = problems.DRAFT_REFUSED


def of_another_kind(kind: DraftKind) -> DraftRefused:
    return DraftRefused(errors=[said_of(kind, _KIND.broken(kind=kind))])


def nothing_new(kind: DraftKind) -> DraftRefused:
    return DraftRefused(errors=[said_of(kind, _NOTHING_NEW.broken())])


def broken_model(error: Mapping[str, Any]) -> dict[str, str]:
    """What a refusal says of one of pydantic's errors."""
    return said_of(".".join(map(str, error["loc"])), Told(error["msg"][:200], zh=in_chinese(error), code=error["type"]))


class DraftOutdated(Conflict):
    """`newest_version` and the `paths` where it clashes."""

    problem = problems.DRAFT_OUTDATED


class DraftOutOfReach(Forbidden):
    problem = problems.DRAFT_OUT_OF_REACH


@dataclass(frozen=True, slots=True)
class Writer:
    """An officer of a party, and what the party may write: a district its own terms, a department everything."""

    party: PartyId
    officer: OfficerId
    is_district: bool
    division: DivisionCode | None

    def check_matter(self) -> None:
        """Raises DraftOutOfReach unless this party decides about whole matters."""
        if self.is_district:
            raise DraftOutOfReach("a district writes its own terms")

    def check_local(self, task_code: TaskCode) -> None:
        if self.is_district and task_code.agency.division != self.division:
            raise DraftOutOfReach("the implementation is in another division")


@dataclass(frozen=True, slots=True)
class Draft:
    """`content` is a whole matter or one implementation as JSON; it stands on `base_version` (0: a new matter)."""

    id: Id
    kind: DraftKind
    basic_code: BasicCode
    task_code: TaskCode | None
    base_version: int
    content: Mapping[str, Any]
    state: DraftState
    revision: int
    party: PartyId
    authors: tuple[str, ...]
    reviewed_by: str | None
    reason: str | None
    published_version: int | None
    created_at: datetime
    changed_at: datetime

    @classmethod
    def started(cls, content: Matter | Implementation, base_version: int, writer: Writer, at: datetime) -> Self:
        return cls(
            id=Id.new(),
            kind="local" if isinstance(content, Implementation) else "matter",
            basic_code=content.task_code.basic if isinstance(content, Implementation) else content.basic_code,
            task_code=content.task_code if isinstance(content, Implementation) else None,
            base_version=base_version,
            content=content.model_dump(mode="json"),
            state="draft",
            revision=1,
            party=writer.party,
            authors=(writer.officer,),
            reviewed_by=None,
            reason=None,
            published_version=None,
            created_at=at,
            changed_at=at,
        )

    def edited(self, content: Matter | Implementation, base_version: int | None, officer: OfficerId, at: datetime) -> Self:
        """New content, while it is with its authors; whoever edits is one of them. Raises DraftRefused for another thing."""
        self._check_state("draft", "rejected")
        code = content.task_code if isinstance(content, Implementation) else content.basic_code
        if code != (self.task_code or self.basic_code):
            raise DraftRefused(errors=[said_of("basic_code", _CODE.broken())])
        authors = tuple(dict.fromkeys((*self.authors, officer)))
        said = content.model_dump(mode="json")
        return self._after(at, content=said, state="draft", authors=authors, base_version=base_version or self.base_version)

    def submitted(self, at: datetime) -> Self:
        self._check_state("draft")
        return self._after(at, state="submitted", reviewed_by=None, reason=None)

    def reviewed(self, officer: OfficerId, at: datetime, *, approve: bool, reason: str | None) -> Self:
        """Raises DraftReviewedByItsAuthor."""
        self._check_state("submitted")
        self._check_second(officer)
        return self._after(at, state="approved" if approve else "rejected", reviewed_by=officer, reason=reason)

    def published(self, version: int, at: datetime) -> Self:
        return self._after(at, state="published", published_version=version)

    def check_publishable(self, officer: OfficerId) -> None:
        """Raises DraftNotInThisState, DraftReviewedByItsAuthor."""
        self._check_state("approved")
        self._check_second(officer)

    def withdrawn(self, at: datetime) -> Self:
        self._check_state("draft", "submitted", "approved", "rejected")
        return self._after(at, state="withdrawn")

    def check_revision(self, revision: int) -> None:
        if revision != self.revision:
            raise DraftChanged(f"revision {revision} was read, {self.revision} is there", revision=self.revision)

    def _check_state(self, *states: str) -> None:
        if self.state not in states:
            raise DraftNotInThisState(f"the draft is {self.state}", state=self.state)

    def _check_second(self, officer: OfficerId) -> None:
        if officer in self.authors:
            raise DraftReviewedByItsAuthor

    def _after(self, at: datetime, **changed: Any) -> Self:
        return replace(self, revision=self.revision + 1, changed_at=at, **changed)


def on_top(draft: Draft, base: Matter | None, newest: Matter | None) -> tuple[dict[str, Any], list[str]]:
    """The whole matter, as JSON, that the draft makes of the newest version, and where both changed the same thing differently.

    `base` is the version that the draft stands on. What a draft does not touch stays as the newest version says it.
    """
    was = base.model_dump(mode="json") if base else {}
    now = newest.model_dump(mode="json") if newest else {}
    if draft.kind == "matter":
        return together(was, draft.content, now)
    mine = was | {"implementations": [_instead(each, draft) for each in was.get("implementations", [])]}
    found, clashes = together(was, mine, now)
    if draft.task_code not in {each["task_code"] for each in now.get("implementations", [])}:
        clashes.append(f"implementations[{draft.task_code}]")
    return found, list(dict.fromkeys(clashes))


def _instead(said: Mapping[str, Any], draft: Draft) -> Mapping[str, Any]:
    return draft.content if said["task_code"] == draft.task_code else said
