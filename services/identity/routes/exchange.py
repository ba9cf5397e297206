"""Token exchange for those who act for others. Source: RFC 8693."""

from datetime import datetime

from contracts.values import PersonId
from services.identity.commands import exchange, mandates
from services.identity.commands.exchange import GRANT_TYPE, Acting
from services.identity.commands.grants import Tokens
from services.identity.domain.mandates import Kind
from services.identity.domain.persons import ProviderAway
from services.identity.domain.sign_on import ProtocolError
from services.identity.repository import Persons
from services.identity.routes.grant_types import TokenRequest

__all__ = ["GRANT_TYPE", "by_mandate"]


async def by_mandate(asked: TokenRequest) -> Tokens:
    at = asked.clock.now()
    exchange.check_target(asked.form, issuer=asked.signer.issuer)
    async with asked.database.transaction() as session:
        found = await exchange.acting(session, asked.issuing, asked.form, at=at)
    if found.mandate.kind is Kind.GUARDIAN:
        await _ask_again(asked, found, at)
    return exchange.token(asked.signer, found, at=at)


async def _ask_again(asked: TokenRequest, found: Acting, at: datetime) -> None:
    """Nobody tells us when a court takes a child from its guardian: at every use the population base is asked.

    Raises ProtocolError.
    """
    mandate = found.mandate
    async with asked.database.reading() as reading:
        people = Persons(reading, asked.sealer)
        guardian, ward = [mandates.by_number(await people.get(PersonId(each))) for each in (found.claims["sub"], mandate.principal)]
    try:
        result = await asked.endpoint.providers.guardianship(guardian, ward)
    except ProviderAway:
        raise ProtocolError("temporarily_unavailable", "the guardianship cannot be confirmed now", 503) from None
    if not result.is_match:
        async with asked.database.transaction() as session:
            await mandates.lose_guardianship(session, mandate.id, asked.sealer, at=at)
        raise ProtocolError("invalid_request", "the guardianship has ended")
