"""三清单一目录: demands, duties, what may not be shared, and the catalogue made of all."""

from typing import Literal

from contracts.api.gateway.resources import ResourceState, Sharing
from contracts.api.gateway.sharing.words import ItemCode, Level, Mode, Provenance, SourcedModel
from contracts.strict import Answer, Day, Instant, Line, Model
from contracts.values import BasicCode, CreditCode, Id, OfficerId, PartyId


class FileDemand(SourcedModel):
    """需求清单: which item is needed for which matter, and why. The item need not exist yet."""

    matter: BasicCode
    item: ItemCode
    item_name: Line
    purpose: Line
    basis: Line
    frequency: Line


class Demand(Answer):
    """`is_open` while no agency has the duty to supply it."""

    id: Id
    demander: PartyId
    demander_name: str
    agency: CreditCode | None = None
    matter: BasicCode
    item: str
    item_name: str
    purpose: str
    basis: str
    frequency: str
    provenance: Provenance
    source: str | None = None
    filed_by: OfficerId
    filed_at: Instant
    withdrawn_at: Instant | None = None
    is_open: bool


class AssignDuty(SourcedModel):
    """责任清单: which agency must supply the item, and how fresh. An agency that publishes an item takes its duty itself."""

    item: ItemCode
    supplier: CreditCode
    supplier_name: Line
    update_cycle: Line
    quality_owner: Line
    basis: Line
    due_on: Day | None = None


class Duty(Answer):
    """`is_met` while the item is in use."""

    item: str
    supplier: CreditCode
    supplier_name: str
    update_cycle: str
    quality_owner: str
    basis: str
    due_on: Day | None = None
    provenance: Provenance
    source: str | None = None
    since: Instant
    is_met: bool


class EnterNegative(SourcedModel):
    """负面清单: an item that may not be shared, on which basis, and when that is looked at again."""

    item: ItemCode
    reason: Line
    basis: Line
    review_on: Day


class Negative(Answer):
    item: str
    reason: str
    basis: str
    review_on: Day
    provenance: Provenance
    source: str | None = None
    entered_by: OfficerId
    entered_at: Instant
    is_review_due: bool


class LiftNegative(Model):
    """Content of a change by two officers: the item may be shared again."""

    kind: Literal["negative.lift"] = "negative.lift"
    item: ItemCode
    reason: Line

    def target(self) -> str:
        return f"data item {self.item}"


class CatalogueEntry(Answer):
    """公共数据资源目录. Source: GB/T 39046-2020 table 16: 事项名称 (here codes), 办结结果名称, 是否电子证照, 应用场景, 提供方, 摘要,
    提供渠道, 所属领域, 更新周期."""

    kind: Literal["data-item", "certificate-type"]
    code: str
    name: str
    en: str
    matters: list[BasicCode]
    result_name: str
    is_certificate: bool
    scenes: list[str]
    supplier: str
    summary: str
    channel: str
    domain: str
    update_cycle: str
    level: Level | None = None
    grade: int
    sharing: Sharing
    modes: list[Mode]
    version: int
    state: ResourceState
    provenance: Provenance
    is_refused_by_list: bool
    """On the negative list."""
