from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.values import CreditCode, Id, OfficerId, PartyId
from gateway.registry.domain.scenes import Grant, NoSuchScene, Reply, Scene
from gateway.registry.tables import daily_calls, scenes


class Scenes:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def find(self, scene_id: Id) -> Scene | None:
        row = (await self._session.execute(select(scenes).where(scenes.c.id == scene_id))).one_or_none()
        return scene_of(row) if row is not None else None

    async def locked(self, scene_id: Id) -> Scene:
        """Raises NoSuchScene."""
        row = (await self._session.execute(select(scenes).where(scenes.c.id == scene_id).with_for_update())).one_or_none()
        if row is None:
            raise NoSuchScene
        return scene_of(row)


class WritableScenes(Scenes):
    def __init__(self, session: WriteSession) -> None:
        super().__init__(session)

    async def add(self, scene: Scene) -> None:
        await self._session.execute(insert(scenes).values(_row(scene)))

    async def save(self, scene: Scene) -> None:
        await self._session.execute(update(scenes).where(scenes.c.id == scene.id).values(_row(scene)))

    async def count(self, what: str, day: date, *, limit: int) -> bool:
        """One more call today, unless that would be more than `limit`: true when it was counted."""
        first = upsert(daily_calls).values(what=what, day=day, calls=1)
        another = first.on_conflict_do_update(
            index_elements=["what", "day"], set_={"calls": daily_calls.c.calls + 1}, where=daily_calls.c.calls < limit
        )
        return (await self._session.execute(another)).rowcount == 1


def scene_of(row: Row[Any]) -> Scene:
    said = row._asdict()
    said |= {
        "demander": PartyId(row.demander),
        "agency": CreditCode.read(row.agency),
        "matters": tuple(row.matters),
        "items": tuple(Grant(**{**each, "fields": tuple(each["fields"])}) for each in row.items),
        "certificate_types": tuple(row.certificate_types),
        "asked": tuple(row.asked),
        "approvals": tuple(_reply(each) for each in row.approvals),
        "applied_by": OfficerId(row.applied_by),
        "revoked_by": OfficerId.read(row.revoked_by),
    }
    return Scene(**said)


def _reply(said: dict[str, Any]) -> Reply:
    return Reply(**{**said, "by": OfficerId(said["by"]), "at": datetime.fromisoformat(said["at"])})


def _row(scene: Scene) -> dict[str, Any]:
    return {
        **asdict(scene),
        "matters": list(scene.matters),
        "certificate_types": list(scene.certificate_types),
        "asked": list(scene.asked),
        "items": [{**asdict(each), "fields": list(each.fields)} for each in scene.items],
        "approvals": [{**asdict(each), "at": each.at.isoformat()} for each in scene.approvals],
    }
