from datetime import datetime

from chassis.database import ReadSession, WriteSession
from chassis.messaging import publish
from chassis.working_days import local_day
from contracts.events.access import DataAccessed
from contracts.values import Id
from gateway.registry.domain.data_items import DataItem
from gateway.registry.domain.scenes import Scene
from gateway.registry.domain.sharing import Call, CallsOfSceneAreUsedUp, QuotaOfItemIsUsedUp, check_item, check_scene
from gateway.registry.repository.data_items import DataItems
from gateway.registry.repository.scenes import Scenes, WritableScenes


async def allowed(session: ReadSession, call: Call, scene_id: Id, *, at: datetime) -> tuple[Scene, DataItem]:
    """What a call stands on, as far as nobody else has to be asked. Raises NoSuchItem, and OutsideScene by the rule that is broken."""
    items = DataItems(session)
    item = await items.in_use(call.item) or await items.newest(call.item)
    scene = check_scene(call, await Scenes(session).find(scene_id), day=local_day(at))
    check_item(call, scene, item, await items.negative([call.item]), at=at)
    return scene, item


async def count(session: WriteSession, scene: Scene, item: DataItem, *, at: datetime) -> None:
    """One more call of both, or of neither. Raises CallsOfSceneAreUsedUp, QuotaOfItemIsUsedUp."""
    scenes, day = WritableScenes(session), local_day(at)
    if not await scenes.count(f"scene:{scene.id}", day, limit=scene.daily_cap):
        raise CallsOfSceneAreUsedUp
    if not await scenes.count(f"item:{item.code}", day, limit=item.quota_per_day):
        raise QuotaOfItemIsUsedUp


async def tell(session: WriteSession, access: DataAccessed | None, *, at: datetime) -> None:
    """That the gateway asked a neighbour who somebody is."""
    if access is not None:
        await publish(session, access, at=at)
