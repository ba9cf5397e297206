"""Clients: how an operator sets them up, and how they prove themselves. Source: RFC 6749 section 2.3, RFC 7523."""

from datetime import UTC, datetime, timedelta

from chassis.database import WriteSession
from chassis.http.dpop import Proof
from contracts.values import OfficerId, PartyId
from services.identity.domain.clients import Client, ClientHasNoSecret, NoSuchClient, Settings
from services.identity.domain.secrets import new_secret
from services.identity.domain.sign_on import ProtocolError
from services.identity.repository import Clients
from services.identity.tokens import assertions


async def set_up(session: WriteSession, client_id: PartyId, settings: Settings, *, by: OfficerId, at: datetime) -> Client:
    """Raises NoSuchClient, ClientSettingsNotAcceptable."""
    if await Clients(session).find(client_id) is None:
        raise NoSuchClient
    await Clients(session).set_up(client_id, settings.check(), by=by, at=at)
    return await _found(session, client_id)


async def new_client_secret(session: WriteSession, client_id: PartyId, *, overlap: timedelta | None, at: datetime) -> str:
    """A further secret of a client. With an overlap the ones before it end after that time.

    Raises NoSuchClient, ClientHasNoSecret.
    """
    client = await _found(session, client_id)
    if not client.settings.auth_method.startswith("client_secret_"):
        raise ClientHasNoSecret
    if overlap is not None:
        await Clients(session).end_secrets(client_id, at + overlap)
    secret = new_secret()
    await Clients(session).add_secret(client_id, secret, at)
    return secret


async def prove(session: WriteSession, client: Client, assertion: str, *, issuer: str, at: datetime) -> None:
    """Raises ProtocolError invalid_client unless the assertion that names this client is by it, for us, and new."""
    proven = assertions.read_assertion(assertion, client.jwks, issuer=issuer, at=at)
    if not await Clients(session).is_first_use(client.id, proven.jti, datetime.fromtimestamp(proven.expires, UTC)):
        raise ProtocolError("invalid_client", "the client assertion was used before", 401)


async def use_proof(session: WriteSession, proof: Proof) -> bool:
    """True once for each proof of possession."""
    return await Clients(session).is_first_proof(proof.thumbprint, proof.jti, datetime.fromtimestamp(proof.useless_after, UTC))


async def _found(session: WriteSession, client_id: PartyId) -> Client:
    client = await Clients(session).find(client_id)
    if client is None:
        raise NoSuchClient
    return client
