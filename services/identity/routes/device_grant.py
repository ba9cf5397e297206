"""The grant type of devices. Source: RFC 8628 sections 3.4 and 3.5."""

from services.identity.commands import device_grant
from services.identity.commands.grants import Tokens
from services.identity.domain.sign_on import ProtocolError
from services.identity.routes.grant_types import TokenRequest


async def granted(asked: TokenRequest) -> Tokens:
    code, at = asked.form.get("device_code", ""), asked.clock.now()
    async with asked.database.transaction() as session:
        polled = await device_grant.poll(session, asked.issuing, device_code=code, at=at)
    if isinstance(polled, str):
        raise ProtocolError(polled)
    return polled
