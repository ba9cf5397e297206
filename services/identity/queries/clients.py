from datetime import datetime

from chassis.database import ReadSession
from contracts.api.identity import clients as api
from contracts.values import PartyId
from services.identity.domain.clients import Client, NoSuchClient
from services.identity.repository import Clients


async def client(reading: ReadSession, party_id: PartyId, at: datetime) -> api.Client:
    """Raises NoSuchClient."""
    found = await Clients(reading).find(party_id)
    if found is None:
        raise NoSuchClient
    return present(found, at)


def present(found: Client, at: datetime) -> api.Client:
    settings = found.settings
    return api.Client(
        party_id=found.id,
        name=found.name,
        kind=found.kind,
        is_active=found.is_active,
        profile=settings.profile.value,
        auth_method=settings.auth_method,
        id_token_alg=settings.id_token_alg,
        grant_types=list(settings.grant_types),
        scopes=list(settings.scopes),
        redirect_uris=list(found.redirect_uris),
        post_logout_redirect_uris=list(settings.post_logout_redirect_uris),
        backchannel_logout_uri=settings.backchannel_logout_uri,
        asks_consent=settings.asks_consent,
        key_ids=[str(jwk.get("kid", "")) for jwk in found.jwks],
        secrets=sum(each.expires_at is None or at < each.expires_at for each in found.secrets),
    )
