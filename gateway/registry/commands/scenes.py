import json
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import select

from chassis import working_days
from chassis.database import WriteSession
from chassis.working_days import local_day
from contracts.api.gateway import sharing as api
from contracts.values import CreditCode, Id, OfficerId, PartyId
from gateway.registry.domain.scenes import PLATFORM, Grant, Known, Scene, SceneDoesNotAwaitThis, SceneIsNotAcceptable, sides
from gateway.registry.repository.data_items import DataItems
from gateway.registry.repository.scenes import WritableScenes
from gateway.registry.tables import certificate_types

_SETTINGS = Path(__file__).parents[1] / "seed" / "sharing.json"


@cache
def reply_working_days() -> int:
    """Within how many working days a scene is answered; the file says how sure that is."""
    return int(json.loads(_SETTINGS.read_text())["scene_reply"]["working_days"])


async def apply(
    session: WriteSession,
    wanted: api.ApplyScene,
    *,
    demander: PartyId,
    demander_name: str,
    agency: CreditCode | None,
    by: OfficerId,
    at: datetime,
) -> Scene:
    """Raises SceneIsNotAcceptable naming what cannot be authorised."""
    today = local_day(at)
    if wanted.valid_to < today:
        raise SceneIsNotAcceptable(errors=[{"field": "valid_to", "rule": "is-past"}])
    grants = tuple(Grant(each.item, each.mode, tuple(each.fields), each.why_query) for each in wanted.items)
    types = tuple(str(each) for each in wanted.certificate_types)
    asked = sides(grants, types, await _known(session, grants, types), at=at)
    due = working_days.known().after(today, reply_working_days())
    scene = Scene(
        id=Id.new(),
        demander=demander,
        demander_name=demander_name,
        agency=agency,
        name=wanted.name,
        matters=tuple(str(each) for each in wanted.matters),
        items=grants,
        certificate_types=types,
        purpose=wanted.purpose,
        basis=wanted.basis,
        provenance=wanted.provenance,
        source=wanted.source,
        daily_cap=wanted.daily_cap,
        valid_from=wanted.valid_from,
        valid_to=wanted.valid_to,
        applied_by=by,
        applied_at=at,
        reply_due_on=due.on,
        is_reply_due_provisional=due.is_provisional,
        asked=asked,
    )
    await WritableScenes(session).add(scene)
    return scene


async def answer(
    session: WriteSession,
    scene_id: Id,
    said: api.AnswerProposal,
    *,
    party: PartyId,
    agency: CreditCode | None,
    is_operator: bool,
    by: OfficerId,
    at: datetime,
) -> Scene:
    """For the side that the caller is. Raises NoSuchScene, SceneDoesNotAwaitThis, SameOfficerMayNotAnswer, SceneIsNotAcceptable."""
    scenes = WritableScenes(session)
    scene = await scenes.locked(scene_id)
    side = PLATFORM if is_operator else agency
    if side is None:
        raise SceneDoesNotAwaitThis
    answered = scene.answered(side, said.outcome, said.reason, party=party, by=by, at=at, day=local_day(at))
    if said.outcome == "approve":
        # What could be authorised when it was applied for may not be any more.
        sides(scene.items, scene.certificate_types, await _known(session, scene.items, scene.certificate_types), at=at)
    await scenes.save(answered)
    return answered


async def revoke(
    session: WriteSession,
    scene_id: Id,
    reason: str,
    *,
    party: PartyId,
    agency: CreditCode | None,
    is_operator: bool,
    by: OfficerId,
    at: datetime,
) -> Scene:
    """At once. Raises NoSuchScene, SceneOfAnother, SceneIsNotInForce."""
    scenes = WritableScenes(session)
    scene = await scenes.locked(scene_id)
    scene.check_may_end(party=party, agency=agency, is_operator=is_operator)
    revoked = scene.revoked(reason, by=by, at=at, day=local_day(at))
    await scenes.save(revoked)
    return revoked


async def _known(session: WriteSession, grants: tuple[Grant, ...], types: tuple[str, ...]) -> Known:
    codes = [each.item for each in grants]
    items = DataItems(session)
    in_use = (certificate_types.c.code.in_(types), certificate_types.c.state == "active")
    rows = await session.execute(select(certificate_types.c.code, certificate_types.c.sharing).where(*in_use))
    return Known(await items.all_in_use(codes), await items.negative(codes), {row.code: row.sharing for row in rows})
