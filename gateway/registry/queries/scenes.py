from datetime import date

from sqlalchemy import or_, select

from chassis.database import ReadSession
from contracts.api.gateway import sharing as api
from contracts.values import CreditCode, Id, PartyId
from gateway.registry.domain.data_items import DataItem
from gateway.registry.domain.scenes import NoSuchScene, Scene
from gateway.registry.repository.scenes import scene_of
from gateway.registry.tables import daily_calls, scenes


def present(scene: Scene, *, day: date) -> api.Scene:
    said = {name: getattr(scene, name) for name in api.Scene.model_fields if name not in {"state", "items", "approvals"}}
    items = [api.SceneItem(item=each.item, mode=each.mode, fields=list(each.fields), why_query=each.why_query) for each in scene.items]  # type: ignore[arg-type]  # a mode is one of its words
    approvals = [
        {"side": each.side, "outcome": each.outcome, "by": each.by, "at": each.at, "reason": each.reason} for each in scene.approvals
    ]
    return api.Scene.model_validate({**said, "state": scene.state_on(day), "items": items, "approvals": approvals})


async def scenes_of(
    session: ReadSession, *, party: PartyId, agency: CreditCode | None, is_operator: bool, day: date, state: str | None
) -> list[api.Scene]:
    """One's own and those that ask for one's data; operators see all."""
    query = select(scenes).order_by(scenes.c.id)
    if not is_operator:
        mine = scenes.c.demander == party
        query = query.where(or_(mine, scenes.c.asked.contains([agency])) if agency else mine)
    found = [present(scene_of(row), day=day) for row in await session.execute(query)]
    return [each for each in found if state is None or each.state == state]


async def scene(session: ReadSession, scene_id: Id, *, party: PartyId, agency: CreditCode | None, is_operator: bool) -> Scene:
    """Raises NoSuchScene, also for one that the caller has no part in."""
    row = (await session.execute(select(scenes).where(scenes.c.id == scene_id))).one_or_none()
    if row is None or not (is_operator or row.demander == party or agency in row.asked):
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
