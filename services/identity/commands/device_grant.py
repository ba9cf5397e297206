"""A device without a keyboard asks, its person lets it in elsewhere, and it comes for its tokens. Source: RFC 8628."""

from dataclasses import dataclass, replace
from datetime import datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.values import GrantId
from services.identity.commands.grants import Issuing, Tokens, tokens_for
from services.identity.domain.clients import DEVICE_CODE, Client
from services.identity.domain.device_grant import CODE_LIFE, POLL_INTERVAL_S, SCOPES, DeviceRequest, Guesses, new_user_code, page_request
from services.identity.domain.secrets import new_secret
from services.identity.domain.sign_on import Grant, ProtocolError, Session
from services.identity.repository import Clients, DeviceRequests, Grants, Requests, Sessions

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Codes:
    """`device` is the device's secret, `user` what it shows."""

    device: str
    user: str


async def ask(session: WriteSession, sealer: Sealer, client: Client, *, scope: str, at: datetime) -> Codes:
    """Raises ProtocolError unauthorized_client, invalid_scope."""
    if DEVICE_CODE not in client.settings.grant_types:
        raise ProtocolError("unauthorized_client", "the client is not registered for devices")
    granted = " ".join(dict.fromkeys(each for each in scope.split() if each in SCOPES and each in client.settings.scopes))
    if not granted:
        raise ProtocolError("invalid_scope")
    request = DeviceRequest(str(client.id), granted, POLL_INTERVAL_S, at, at + CODE_LIFE)
    for _ in range(_TRIES):
        codes = Codes(new_secret(), new_user_code())
        if await DeviceRequests(session).add(request, device_code=codes.device, user_code=codes.user, sealer=sealer):
            return codes
    raise ProtocolError("temporarily_unavailable", "too many devices wait", 503)


async def wait_for_person(session: WriteSession, handle: str, page: str, *, browser: str, at: datetime) -> None:
    """The page's own request, while its person signs on."""
    await DeviceRequests(session).know_ourselves(at)
    await Requests(session).add(handle, page_request(page, at), browser=browser)


async def find(session: WriteSession, sealer: Sealer, user_code: str, *, account: str, at: datetime) -> DeviceRequest | Guesses:
    """The device that waits with this code, or how often this account has now been wrong."""
    requests = DeviceRequests(session)
    guesses = await requests.guesses(account, at)
    if guesses.is_locked(at):
        return guesses
    found = await requests.shown(user_code, sealer, lock=True) if user_code else None
    if found is not None and found.is_open(at):
        return found
    failed = guesses.failed(at)
    await requests.save_guesses(account, failed, at)
    return failed


async def decide(session: WriteSession, sealer: Sealer, user_code: str, sign_on: Session, *, is_allowed: bool, at: datetime) -> None:
    """Let the device that was found in this transaction in, or not."""
    await DeviceRequests(session).decide(user_code, sealer, approved_by=sign_on.id if is_allowed else None, at=at)


async def poll(session: WriteSession, issuing: Issuing, *, device_code: str, at: datetime) -> Tokens | str:
    """Tokens once, or the error to answer with: what a device did wrong is kept although it is refused."""
    requests = DeviceRequests(session)
    request = await requests.kept(device_code, issuing.client.id)
    if request is None:
        return "invalid_grant"
    polled, error = request.polled(at)
    if error:
        await requests.save_poll(device_code, polled)
        return error
    assert request.approved_by is not None
    confirming = await Sessions(session).get(request.approved_by)
    await requests.save_poll(device_code, replace(polled, used_at=at))
    if confirming is None or not confirming.is_live(at):
        return "access_denied"
    return await _let_in(session, issuing, request, request.sign_on(confirming, issuing.client.name, at), at)


async def _let_in(session: WriteSession, issuing: Issuing, request: DeviceRequest, sign_on: Session, at: datetime) -> Tokens:
    # Nobody has this cookie: the device lives by its tokens alone.
    await Sessions(session).add(sign_on, new_secret())
    client, grants = issuing.client, Grants(session)
    grant = Grant(GrantId.new(), sign_on.id, request.client_id, request.scope, at, issuing.key if client.is_public else None)
    await grants.add(grant)
    refresh_token = None
    if "refresh_token" in client.settings.grant_types:
        refresh_token = new_secret()
        await grants.add_refresh(refresh_token, client_id=client.id, grant_id=grant.id, expires_at=sign_on.expires_at)
    return await tokens_for(session, issuing, sign_on, grant, at=at, refresh_token=refresh_token)


async def name_of(session: WriteSession, request: DeviceRequest) -> str:
    """What its client is called; empty when that is no client any more."""
    client = await Clients(session).get(request.client_id)
    return client.name if client else ""
