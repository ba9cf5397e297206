"""Data items 数据项: offered by the agency that answers for them, reviewed, and how they leave."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.api.gateway.resources import GradeNumber, Sharing
from contracts.api.gateway.sharing.words import AgeSeconds, FieldName, ItemCode, Level, Mode, Provenance, SourcedModel, Url
from contracts.strict import Answer, Instant, Line, Model, Paragraph
from contracts.values import CreditCode, OfficerId


class ItemField(Model):
    name: FieldName
    zh: Line
    en: Line
    grade: GradeNumber


class PublishItem(SourcedModel):
    """A data item, or its next version, offered by the agency that answers for it.

    `modes` is how it may be asked: yes or no about what is claimed (verify), or what is known (query). An answer is stale
    when it is older than `max_age_s`; with `refuses_stale` a stale one is not passed on. `quota_per_day` bounds the calls of
    everybody together. `url` is where the supplier answers `POST {url}/verifications` and `POST {url}/queries`.
    The names after it are those of the catalogue. Source: GB/T 39046-2020 table 16.
    """

    code: ItemCode
    name: Line
    en: Line
    level: Level
    about: Literal["person", "organisation"] = "person"
    fields: Annotated[list[ItemField], Field(min_length=1, max_length=100)]
    sharing: Sharing
    modes: Annotated[list[Mode], Field(min_length=1, max_length=2)]
    max_age_s: AgeSeconds
    refuses_stale: bool = False
    quota_per_day: Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
    url: Url
    result_name: Line
    summary: Paragraph
    domain: Line
    update_cycle: Line
    quality_owner: Line

    @model_validator(mode="after")
    def _names_each_once(self) -> "PublishItem":
        names = [each.name for each in self.fields]
        if len(set(names)) != len(names) or len(set(self.modes)) != len(self.modes):
            msg = "a field or a mode is named twice"
            raise ValueError(msg)
        return self


class DataItem(Answer):
    """`grade` is that of its most sensitive field. `url` is shown to its owner and to operators only."""

    code: str
    version: int
    name: str
    en: str
    owner: CreditCode
    owner_name: str
    level: Level
    about: str
    fields: list[ItemField]
    grade: int
    sharing: Sharing
    modes: list[Mode]
    max_age_s: int
    refuses_stale: bool
    quota_per_day: int
    update_cycle: str
    quality_owner: str
    state: Literal["proposed", "refused", "active", "deprecated", "retired"]
    provenance: Provenance
    url: str | None = None
    published_by: OfficerId | None = None
    reviewed_by: OfficerId | None = None
    deprecated_at: Instant | None = None
    sunset_at: Instant | None = None
    successor: str | None = None


class AnswerProposal(Model):
    """A refusal says why."""

    outcome: Literal["approve", "refuse"]
    reason: Paragraph | None = None

    @model_validator(mode="after")
    def _refusals_have_reasons(self) -> "AnswerProposal":
        if self.outcome == "refuse" and not self.reason:
            msg = "a refusal states its reason"
            raise ValueError(msg)
        return self


class LeaveItem(Model):
    """The owner, or an operator, takes an item out of use: announced (deprecated, with an end if known) or at once (retired)."""

    state: Literal["deprecated", "retired"]
    sunset_at: Instant | None = None
    successor: ItemCode | None = None
    reason: Paragraph
