"""Codes by SMS. Whether a phone is anybody's is told to its owner only, never to who asks."""

import hmac
import secrets
from datetime import datetime
from enum import StrEnum

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.values import Id, Phone
from services.identity.commands import proofs
from services.identity.domain.persons import CODE_LIFE, CODE_PAUSE, SmsCodeIsWrong
from services.identity.neighbours import Providers
from services.identity.repository import SmsCodes


class Purpose(StrEnum):
    """What a code is for. One that somebody was talked into telling opens nothing else."""

    REGISTRATION = "registration"
    """To say that a phone is one's own, at first or later; an application asks for it and may come to know it."""
    SIGN_ON = "sign-on"
    NEW_PASSWORD = "new-password"  # noqa: S105 (a purpose)


_TEXTS = {
    Purpose.REGISTRATION: "【通办】验证码 {code}，5 分钟内有效。Your code is {code}.",
    Purpose.SIGN_ON: "【通办】登录验证码 {code}，5 分钟内有效，请勿告诉他人。Your sign-on code is {code}. Tell it to nobody.",
    Purpose.NEW_PASSWORD: "【通办】重置密码验证码 {code}，5 分钟内有效，请勿告诉他人。Your code for a new password is {code}. Tell it to nobody.",
}
_STRANGER = "【通办】有人用此号码登录，但没有可用此号码登录的账号。如非本人操作请忽略。Somebody asked to sign on with this number; it opens no account."


async def claim(session: WriteSession, phone: Phone, purpose: Purpose, source: str | None, sealer: Sealer, *, at: datetime) -> str | None:
    """A new code, kept before it is sent, so that of many requests at once one sends.

    None when one was sent just now, or too many were to this phone or for this source. Without a source it is a party that
    asks, which has a limit of its own.
    """
    code = f"{secrets.randbelow(10**6):06d}"
    kept = SmsCodes(session, sealer)
    is_claimed = await kept.claim(_about(phone, purpose), code, sent_at=at, expires_at=at + CODE_LIFE, pause=CODE_PAUSE)
    may_send = is_claimed and (source is None or await proofs.may_send(session, phone, source, sealer, at=at))
    return code if may_send else None


async def send(providers: Providers, phone: Phone, purpose: Purpose, code: str, *, is_known: bool = True) -> None:
    """Outside any transaction. A stranger's phone gets a message too, so that time tells nothing. Raises ProviderAway."""
    await providers.send_sms(phone, _TEXTS[purpose].format(code=code) if is_known else _STRANGER, Id.new())


async def forget(session: WriteSession, phone: Phone, purpose: Purpose, sealer: Sealer) -> None:
    await SmsCodes(session, sealer).use(_about(phone, purpose))


async def use(session: WriteSession, phone: Phone, purpose: Purpose, sealer: Sealer) -> None:
    """In the transaction of what the code was for: of two requests with one code, one goes on. Raises SmsCodeIsWrong."""
    refuse_wrong(is_right=await SmsCodes(session, sealer).use(_about(phone, purpose)))


async def try_code(session: WriteSession, phone: Phone, purpose: Purpose, code: str, sealer: Sealer, *, at: datetime) -> bool:
    """Whether the code is right. The attempt counts even when the caller goes on to refuse, so it commits by itself."""
    right = await SmsCodes(session, sealer).tried(_about(phone, purpose), at)
    return right is not None and hmac.compare_digest(right.encode(), code.encode())


def refuse_wrong(*, is_right: bool) -> None:
    """Raises SmsCodeIsWrong."""
    if not is_right:
        raise SmsCodeIsWrong


def _about(phone: Phone, purpose: Purpose) -> str:
    return f"{purpose} {phone}"
