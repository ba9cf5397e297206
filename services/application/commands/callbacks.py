"""A party's callback, its keys, and telling again."""

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from chassis.database import WriteSession
from chassis.http.addresses import AddressIsNotAcceptable, check_address
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.values import PartyId
from services.application.domain.case import Scope
from services.application.domain.deliveries import CallbackAddressIsNotAcceptable
from services.application.repository.callbacks import CallbackKey, CallbackKeys, Callbacks
from services.application.repository.deliveries import Deliveries


async def register(
    session: WriteSession,
    party: PartyId,
    scope: Scope,
    wanted: api.RegisterCallback,
    sealer: Sealer,
    *,
    may_be_loopback: bool,
    at: datetime,
) -> None:
    """Raises CallbackAddressIsNotAcceptable."""
    try:
        check_address(wanted.url, may_be_loopback=may_be_loopback)
    except AddressIsNotAcceptable as error:
        raise CallbackAddressIsNotAcceptable(str(error)) from error
    callbacks, keys = Callbacks(session), CallbackKeys(session, sealer)
    await callbacks.put(party, scope, wanted.url, per_second=wanted.per_second, at_once=wanted.at_once, at=at)
    if not await keys.of(party):
        await keys.add(party, _new_key(at), at)


async def rotate_key(session: WriteSession, party: PartyId, wanted: api.RotateCallbackKey, sealer: Sealer, *, at: datetime) -> None:
    """Raises NoSuchCallback."""
    await Callbacks(session).of(party)
    await CallbackKeys(session, sealer).add(party, _new_key(at + timedelta(seconds=wanted.overlap_s)), at)


async def redrive(session: WriteSession, party: PartyId, wanted: api.Redrive, *, at: datetime) -> api.Queued:
    """Raises NoSuchCallback."""
    await Callbacks(session).of(party)
    count = await Deliveries(session, party).redrive(wanted.deliveries, at)
    await Callbacks(session).resume(party, at)
    return api.Queued(count=count)


async def replay(session: WriteSession, party: PartyId, wanted: api.Replay, *, at: datetime) -> api.Queued:
    """Raises NoSuchCallback, ReplayIsTooLarge."""
    callback = await Callbacks(session).of(party)
    return api.Queued(count=await Deliveries(session, party).replay(callback, wanted.since, wanted.until, at))


def _new_key(signs_from: datetime) -> CallbackKey:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = ECKey.import_key(pem)
    key_id = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": key_id, "alg": "ES256", "use": "sig"}
    return CallbackKey(key_id, public, pem, signs_from)
