from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.values import OfficerId
from gateway.registry.domain.channels import Channel, Hours, NoSuchChannel, Policy
from gateway.registry.tables import channels


class Channels:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def locked(self, code: str) -> Channel:
        """Raises NoSuchChannel."""
        row = (await self._session.execute(select(channels).where(channels.c.code == code).with_for_update())).one_or_none()
        if row is None:
            raise NoSuchChannel
        return channel_of(row)

    async def add(self, channel: Channel) -> bool:
        """False when the code is taken."""
        added = await self._session.execute(upsert(channels).values(_row(channel)).on_conflict_do_nothing().returning(channels.c.code))
        return added.one_or_none() is not None

    async def save(self, channel: Channel) -> None:
        row = _row(channel)
        await self._session.execute(upsert(channels).values(row).on_conflict_do_update(index_elements=["code"], set_=row))

    async def seed(self, channel: Channel) -> None:
        """Add it, or bring the known one to this policy unless an officer has given it another; it stays open or closed."""
        row = _row(channel)
        kept = {name: value for name, value in row.items() if name not in {"code", "is_open", "closed_for_zh", "closed_for_en"}}
        untouched = channels.c.changed_by.is_(None)
        await self._session.execute(upsert(channels).values(row).on_conflict_do_update(index_elements=["code"], set_=kept, where=untouched))


async def all_channels(session: ReadSession) -> list[Channel]:
    return [channel_of(row) for row in await session.execute(select(channels).order_by(channels.c.code))]


def channel_of(row: Row[Any]) -> Channel:
    hours = Hours(frozenset(row.hours["days"]), row.hours["opens"], row.hours["closes"]) if row.hours else None
    is_explained = not row.is_open and row.closed_for_zh and row.closed_for_en
    return Channel(
        code=row.code,
        zh=row.zh,
        en=row.en,
        policy=Policy(
            kinds=frozenset(row.kinds),
            audiences=frozenset(row.audiences),
            grade=row.grade,
            assurance=row.assurance,
            may_write=row.may_write,
            origins=frozenset(row.origins),
            hours=hours,
        ),
        is_open=row.is_open,
        changed_at=row.changed_at,
        usual_for=frozenset(row.usual_for),
        closed_for=(row.closed_for_zh, row.closed_for_en) if is_explained else None,
        changed_by=OfficerId.read(row.changed_by),
    )


def _row(channel: Channel) -> dict[str, Any]:
    policy, hours = channel.policy, channel.policy.hours
    zh, en = channel.closed_for or (None, None)
    return {
        "code": channel.code,
        "zh": channel.zh,
        "en": channel.en,
        "is_open": channel.is_open,
        "closed_for_zh": zh,
        "closed_for_en": en,
        "usual_for": sorted(channel.usual_for),
        "kinds": sorted(policy.kinds),
        "audiences": sorted(policy.audiences),
        "grade": policy.grade,
        "assurance": policy.assurance,
        "may_write": policy.may_write,
        "origins": sorted(policy.origins),
        "hours": {"days": sorted(hours.days), "opens": hours.opens, "closes": hours.closes} if hours else None,
        "changed_by": channel.changed_by,
        "changed_at": channel.changed_at,
    }
