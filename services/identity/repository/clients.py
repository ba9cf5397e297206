from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from contracts.events.gateway import PartyChanged
from contracts.values import PartyId
from services.identity.domain.clients import Client, Profile, Secret, Settings, origins_of
from services.identity.domain.secrets import digest
from services.identity.tables import assertions, client_secrets, client_settings, clients, proofs

# A party that is still testing has tokens for the sandbox, by its keys of the sandbox.
_IN_USE = frozenset({"testing", "active"})


class Clients:
    """Parties as OAuth clients, as the gateway last told of them, with how an operator set them up."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def get(self, client_id: str) -> Client | None:
        """An active one."""
        client = await self.find(client_id)
        return client if client and client.is_active else None

    async def find(self, client_id: str) -> Client | None:
        """Also a suspended one."""
        own = client_settings.c.client_id == clients.c.id
        columns = [column.label(f"settings_{column.name}") for column in client_settings.c]
        query = select(clients, *columns).outerjoin(client_settings, own).where(clients.c.id == client_id)
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            return None
        secrets = await self._session.execute(select(client_secrets).where(client_secrets.c.client_id == client_id))
        return _client(row, secrets.all())

    async def put(self, event: PartyChanged) -> None:
        row = {
            "id": event.party_id,
            "name": event.name,
            "kind": event.kind,
            "is_active": event.status in _IN_USE,
            "jwks": list(event.jwks),
            "redirect_uris": list(event.redirect_uris),
            "agency": event.agency,
            "changed_at": event.changed_at,
        }
        statement = upsert(clients).values(row)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=row, where=clients.c.changed_at < event.changed_at)
        )

    async def set_up(self, client_id: PartyId, settings: Settings, *, by: str, at: datetime) -> None:
        row = {
            "client_id": client_id,
            "profile": settings.profile.value,
            "auth_method": settings.auth_method,
            "id_token_alg": settings.id_token_alg,
            "grant_types": list(settings.grant_types),
            "scopes": list(settings.scopes),
            "post_logout_redirect_uris": list(settings.post_logout_redirect_uris),
            "backchannel_logout_uri": settings.backchannel_logout_uri,
            "asks_consent": settings.asks_consent,
            "jwks": [dict(each) for each in settings.jwks],
            "changed_by": by,
            "changed_at": at,
        }
        await self._session.execute(upsert(client_settings).values(row).on_conflict_do_update(index_elements=["client_id"], set_=row))

    async def add_secret(self, client_id: PartyId, secret: str, at: datetime) -> None:
        await self._session.execute(insert(client_secrets).values(secret=digest(secret), client_id=client_id, created_at=at))

    async def end_secrets(self, client_id: PartyId, at: datetime) -> None:
        """Those that would be good for longer end at `at`."""
        longer = or_(client_secrets.c.expires_at.is_(None), client_secrets.c.expires_at > at)
        await self._session.execute(update(client_secrets).where(client_secrets.c.client_id == client_id, longer).values(expires_at=at))

    async def origins(self) -> frozenset[str]:
        """From where the scripts of all public clients may call."""
        public = select(clients.c.redirect_uris).join(client_settings, client_settings.c.client_id == clients.c.id)
        public = public.where(clients.c.is_active, client_settings.c.profile == Profile.PUBLIC.value)
        return frozenset(origin for row in await self._session.execute(public) for origin in origins_of(row.redirect_uris))

    async def is_first_use(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        """True once per assertion."""
        row = {"client_id": client_id, "jti": jti, "expires_at": expires_at}
        inserted = await self._session.execute(upsert(assertions).values(row).on_conflict_do_nothing())
        return inserted.rowcount == 1

    async def is_first_proof(self, thumbprint: str, jti: str, expires_at: datetime) -> bool:
        """True once per proof of possession."""
        row = {"thumbprint": thumbprint, "jti": jti, "expires_at": expires_at}
        inserted = await self._session.execute(upsert(proofs).values(row).on_conflict_do_nothing())
        return inserted.rowcount == 1


def _client(row: Row[Any], secrets: Sequence[Row[Any]]) -> Client:
    return Client(
        id=PartyId(row.id),
        name=row.name,
        kind=row.kind,
        agency=row.agency,
        redirect_uris=tuple(row.redirect_uris),
        party_jwks=tuple(row.jwks),
        is_active=row.is_active,
        settings=_settings(row) if row.settings_client_id else Settings(),
        secrets=tuple(Secret(each.secret, each.expires_at) for each in secrets),
    )


def _settings(row: Row[Any]) -> Settings:
    return Settings(
        profile=Profile(row.settings_profile),
        auth_method=row.settings_auth_method,
        id_token_alg=row.settings_id_token_alg,
        grant_types=tuple(row.settings_grant_types),
        scopes=tuple(row.settings_scopes),
        post_logout_redirect_uris=tuple(row.settings_post_logout_redirect_uris),
        backchannel_logout_uri=row.settings_backchannel_logout_uri,
        asks_consent=row.settings_asks_consent,
        jwks=tuple(row.settings_jwks),
    )
