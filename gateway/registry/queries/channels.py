from chassis.database import ReadSession
from contracts.api import gateway as api
from gateway.registry.domain.channels import Channel, NoSuchChannel
from gateway.registry.repository.channels import all_channels as every


def present(channel: Channel) -> api.Channel:
    policy, hours = channel.policy, channel.policy.hours
    zh, en = channel.closed_for or (None, None)
    return api.Channel(
        code=channel.code,
        zh=channel.zh,
        en=channel.en,
        is_open=channel.is_open,
        closed_for_zh=zh,
        closed_for_en=en,
        usual_for=sorted(channel.usual_for),
        policy=api.ChannelPolicy.model_validate(
            {
                "kinds": sorted(policy.kinds),
                "audiences": sorted(policy.audiences),
                "grade": policy.grade,
                "assurance": policy.assurance,
                "may_write": policy.may_write,
                "origins": sorted(policy.origins),
                "hours": {"days": sorted(hours.days), "opens": hours.opens, "closes": hours.closes} if hours else None,
            }
        ),
        changed_by=channel.changed_by,
        changed_at=channel.changed_at,
    )


async def all_channels(session: ReadSession) -> list[api.Channel]:
    return [present(each) for each in await every(session)]


async def channel(session: ReadSession, code: str) -> api.Channel:
    """Raises NoSuchChannel."""
    for each in await every(session):
        if each.code == code:
            return present(each)
    raise NoSuchChannel
