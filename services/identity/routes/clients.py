"""How operators set clients up, and rotate the keys that sign tokens."""

from datetime import timedelta

from fastapi import Response

from chassis.http import Audience, Caller, Router, guard
from contracts.api.identity import clients as api
from contracts.permissions import Permission
from contracts.values import Grade, PartyId
from services.identity.commands import clients
from services.identity.domain.clients import AUTH_METHODS, GRANT_TYPES, SCOPES, Profile, Settings
from services.identity.queries import clients as queries
from services.identity.routes.dependencies import AtEndpoint
from services.identity.routes.protocol import NO_STORE

router = Router()


@router.get("/clients/{party_id}", **guard(Permission.CLIENT_READ, audience=Audience.OPERATOR))
async def client(party_id: PartyId, endpoint: AtEndpoint) -> api.Client:
    async with endpoint.database.reading() as reading:
        return await queries.client(reading, party_id, endpoint.clock.now())


@router.put("/clients/{party_id}/settings", **guard(Permission.CLIENT_MANAGE, audience=Audience.OPERATOR))
async def set_up(party_id: PartyId, body: api.ClientSettings, caller: Caller, endpoint: AtEndpoint) -> api.Client:
    """How a party speaks the sign-on protocol from now on; it takes the place of what was set before."""
    at = endpoint.clock.now()
    async with endpoint.database.transaction() as session:
        found = await clients.set_up(session, party_id, _settings(body), by=caller.required_officer(), at=at)
    endpoint.clients.forget(party_id)
    return queries.present(found, at)


@router.post("/clients/{party_id}/secrets", status_code=201, **guard(Permission.CLIENT_MANAGE, audience=Audience.OPERATOR))
async def new_secret(party_id: PartyId, body: api.NewSecret, endpoint: AtEndpoint, response: Response) -> api.ClientSecret:
    """A further secret of a client, said this once.

    There is no idempotency key: its stored answer would keep the secret. Who missed the answer asks for another one.
    """
    overlap = timedelta(seconds=body.overlap_s) if body.overlap_s is not None else None
    async with endpoint.database.transaction() as session:
        secret = await clients.new_client_secret(session, party_id, overlap=overlap, at=endpoint.clock.now())
    endpoint.clients.forget(party_id)
    response.headers.update(NO_STORE)
    return api.ClientSecret(client_id=party_id, client_secret=secret)


@router.post(
    "/signing-keys/rotations", status_code=201, **guard(Permission.SIGNING_KEY_ROTATE, audience=Audience.OPERATOR, grade=Grade.INTERNAL)
)
async def rotate(body: api.RotateKey, caller: Caller, endpoint: AtEndpoint) -> api.SigningKey:
    """Publish a new key at once. It signs after the stated wait; the old one is believed until its last token is over."""
    keys, wait = endpoint.signer.keys, endpoint.timings.signing_key_wait
    await keys.freshen(body.alg)
    made = await keys.made(body.alg, wait=wait)
    async with endpoint.database.transaction() as session:
        await keys.rotate(session, made, by=caller.required_officer())
    keys.outdated()
    return api.SigningKey(kid=made.kid, alg=made.alg, signs_from=made.signs_from)


def _settings(body: api.ClientSettings) -> Settings:
    profile = Profile(body.profile)
    usual_alg = "RS256" if profile is Profile.CONFIDENTIAL else "ES256"
    usual_grants = tuple(each for each in GRANT_TYPES if profile is not Profile.PUBLIC or each != "client_credentials")
    return Settings(
        profile=profile,
        auth_method=body.auth_method or AUTH_METHODS[profile][0],
        id_token_alg=body.id_token_alg or usual_alg,
        grant_types=tuple(body.grant_types) if body.grant_types is not None else usual_grants,
        scopes=tuple(body.scopes) if body.scopes is not None else SCOPES,
        post_logout_redirect_uris=tuple(body.post_logout_redirect_uris),
        backchannel_logout_uri=body.backchannel_logout_uri,
        asks_consent=body.asks_consent,
        jwks=tuple(body.jwks),
    )
