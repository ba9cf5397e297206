from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.database import WriteSession
from contracts.api.gateway import sharing as api
from contracts.values import CreditCode, OfficerId
from gateway.registry.commands import lists
from gateway.registry.domain.data_items import DataItem, ItemIsInReview, ItemIsNotInUse, ItemIsOfAnother, check_address
from gateway.registry.repository.data_items import WritableDataItems


async def publish(
    session: WriteSession,
    wanted: api.PublishItem,
    *,
    owner: CreditCode,
    owner_name: str,
    by: OfficerId,
    at: datetime,
    may_be_loopback: bool,
) -> DataItem:
    """The item's next version, which awaits its review. Raises SupplierAddressIsNotAcceptable, ItemIsOfAnother, ItemIsInReview."""
    check_address(wanted.url, may_be_loopback=may_be_loopback)
    items = WritableDataItems(session)
    await items.lock(wanted.code)
    known = await items.find_newest(wanted.code)
    if known is not None and known.owner != owner:
        raise ItemIsOfAnother
    if known is not None and known.state == "proposed":
        raise ItemIsInReview
    version = known.version + 1 if known else 1
    item = replace(_item(wanted, version, owner, owner_name, at=at), published_by=by)
    await items.add(item)
    return item


async def review(session: WriteSession, code: str, said: api.AnswerProposal, *, by: OfficerId, at: datetime) -> DataItem:
    """In use, it takes the place of the version before it, and its owner has the duty to supply it. Raises NoSuchItem, ItemIsNotProposed."""
    items = WritableDataItems(session)
    await items.lock(code)
    reviewed = (await items.newest(code)).reviewed(said.outcome, said.reason, by=by)
    await _put(items, reviewed)
    if reviewed.state == "active":
        await lists.take_duty(session, reviewed, at=at)
    return reviewed


async def leave(
    session: WriteSession, code: str, said: api.LeaveItem, *, agency: CreditCode | None, is_operator: bool, at: datetime
) -> DataItem:
    """Raises NoSuchItem, ItemIsNotInUse, ItemIsOfAnother."""
    items = WritableDataItems(session)
    await items.lock(code)
    known = await items.in_use(code, lock=True)
    if known is None:
        await items.newest(code)
        raise ItemIsNotInUse
    if not is_operator and known.owner != agency:
        raise ItemIsOfAnother
    left = known.left(said.state, said.sunset_at, said.successor, said.reason, at=at)
    await items.save(left)
    return left


async def put(session: WriteSession, said: dict[str, Any], *, at: datetime) -> None:
    """An item of the set-up, in use without a review, unless this very version of it is known."""
    offered = {name: value for name, value in said.items() if name not in {"owner", "owner_name"}}
    wanted = _item(api.PublishItem.model_validate(offered), 1, CreditCode(said["owner"]), said["owner_name"], at=at)
    items = WritableDataItems(session)
    await items.lock(wanted.code)
    known = await items.find_newest(wanted.code)
    if known is None:
        await items.add(replace(wanted, state="active"))
        await lists.take_duty(session, wanted, at=at)
    elif known.published_by is None and known.url != wanted.url:
        # The set-up moved; whatever else became of the item since is somebody's decision.
        await items.save(replace(known, url=wanted.url))


async def _put(items: WritableDataItems, reviewed: DataItem) -> None:
    if reviewed.state == "active" and (before := await items.in_use(reviewed.code, lock=True)):
        await items.save(replace(before, state="retired"))
    await items.save(reviewed)


def _item(wanted: api.PublishItem, version: int, owner: CreditCode, owner_name: str, *, at: datetime) -> DataItem:
    said = wanted.model_dump()
    return DataItem(
        **{**said, "fields": tuple(said["fields"]), "modes": tuple(said["modes"])},
        version=version,
        owner=owner,
        owner_name=owner_name,
        published_at=at,
    )
