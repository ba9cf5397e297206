from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, not_, or_, select

from chassis.database import ReadSession
from contracts.api.gateway import sharing as api
from contracts.strict import Page
from contracts.values import CreditCode, Id, PartyId
from gateway.registry.domain.data_items import DataItem
from gateway.registry.domain.scenes import NoSuchScene, Scene
from gateway.registry.repository.scenes import scene_of
from gateway.registry.tables import daily_calls, scenes

_PAGE = 100


def present(scene: Scene, *, day: date) -> api.Scene:
    said = {name: getattr(scene, name) for name in api.Scene.model_fields if name not in {"state", "items", "approvals"}}
    items = [api.SceneItem(item=each.item, mode=each.mode, fields=list(each.fields), why_query=each.why_query) for each in scene.items]  # type: ignore[arg-type]  # a mode is one of its words
    approvals = [
        {"side": each.side, "outcome": each.outcome, "by": each.by, "at": each.at, "reason": each.reason} for each in scene.approvals
    ]
    return api.Scene.model_validate({**said, "state": scene.state_on(day), "items": items, "approvals": approvals})


@dataclass(frozen=True, slots=True)
class Side:
    """As which of a scene's parties somebody calls."""

    party: PartyId
    agency: CreditCode | None
    is_operator: bool


async def scenes_of(session: ReadSession, side: Side, *, day: date, state: str | None, after: Id | None) -> Page[api.Scene]:
    """One's own and those that ask for one's data; operators see all. Oldest first."""
    query = select(scenes).order_by(scenes.c.id).limit(_PAGE + 1)
    if not side.is_operator:
        mine = scenes.c.demander == side.party
        query = query.where(or_(mine, scenes.c.asked.contains([side.agency])) if side.agency else mine)
    if state is not None:
        query = query.where(_in_state(state, day))
    if after is not None:
        query = query.where(scenes.c.id > after)
    rows = (await session.execute(query)).all()
    found = [present(scene_of(row), day=day) for row in rows[:_PAGE]]
    return Page(items=found, next=found[-1].id if len(rows) > _PAGE else None)


def _in_state(state: str, day: date) -> ColumnElement[bool]:
    """As `Scene.state_on` has it."""
    may_expire = scenes.c.state.in_(("applied", "approved"))
    if state == "expired":
        return and_(may_expire, scenes.c.valid_to < day)
    return and_(scenes.c.state == state, or_(not_(may_expire), scenes.c.valid_to >= day))


async def scene(session: ReadSession, scene_id: Id, side: Side) -> Scene:
    """Raises NoSuchScene, also for one that the caller has no part in."""
    row = (await session.execute(select(scenes).where(scenes.c.id == scene_id))).one_or_none()
    if row is None or not (side.is_operator or row.demander == side.party or side.agency in row.asked):
        raise NoSuchScene
    return scene_of(row)


async def calls_of_scene(session: ReadSession, scene: Scene) -> list[api.CallsOfDay]:
    return await _calls(session, f"scene:{scene.id}", scene.daily_cap)


async def calls_of_item(session: ReadSession, item: DataItem) -> list[api.CallsOfDay]:
    return await _calls(session, f"item:{item.code}", item.quota_per_day)


async def _calls(session: ReadSession, what: str, limit: int) -> list[api.CallsOfDay]:
    """Newest day first."""
    query = select(daily_calls).where(daily_calls.c.what == what).order_by(daily_calls.c.day.desc()).limit(400)
    return [api.CallsOfDay(what=row.what, day=row.day, calls=row.calls, limit=limit) for row in await session.execute(query)]
