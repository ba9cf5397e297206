"""What a person has given and holds, in a browser that is signed on."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from chassis.database import ReadSession, WriteSession
from chassis.errors import ServiceError
from chassis.http import Clock, Database, Router, Sealer, disclose
from chassis.sealing import Sealer as DataSealer
from chassis.working_days import local_day
from contracts.values import MandateId, PersonId
from services.identity.commands import mandates
from services.identity.domain.mandates import NoSuchMandate
from services.identity.domain.sign_on import Session
from services.identity.pages import Display
from services.identity.pages import Pages as PagesOfSignOn
from services.identity.queries import mandates as queries
from services.identity.repository import Sessions
from services.identity.routes import cookies
from services.identity.routes.dependencies import Pages, Signer
from services.identity.routes.desk import display_of
from services.identity.routes.protocol import NO_STORE, PROTOCOL, form_of

router = Router()

_TEXTS: Final = {
    "zh": {
        "title": "我的授权",
        "given": "我授权他人",
        "held": "我为他人代办",
        "none": "没有授权。",
        "principal": "授权人：",
        "agent": "代办人：",
        "matters": "事项：",
        "every": "全部事项",
        "time": "期限：",
        "open": "任职期间",
        "waiting": "待确认",
        "coming": "未开始",
        "active": "有效",
        "ended": "已到期",
        "revoked": "已撤销",
        "accept": "接受",
        "revoke": "撤销",
        "sign_on": "请先登录。",
        "foreign": "此表单须由本页面提交。",
    },
    "en": {
        "title": "My mandates",
        "given": "Who acts for me",
        "held": "For whom I act",
        "none": "There are no mandates.",
        "principal": "Given by:",
        "agent": "Acts:",
        "matters": "Matters:",
        "every": "every matter",
        "time": "From and until:",
        "open": "while in office",
        "waiting": "Awaits acceptance",
        "coming": "Not begun",
        "active": "In force",
        "ended": "Ended",
        "revoked": "Revoked",
        "accept": "Accept",
        "revoke": "Revoke",
        "sign_on": "Please sign on first.",
        "foreign": "This form is sent by its own page only.",
    },
}


@router.get("/account/mandates", **PROTOCOL)
async def listed(request: Request, database: Database, clock: Clock, sealer: Sealer, signer: Signer, pages: Pages) -> Response:
    """What I have given and hold; the sign-on of this browser says who I am."""
    display = _display(request, signer.issuer)
    language = display.language
    async with database.reading() as session:
        person = _person(await _running(session, request, signer.issuer), clock.now())
        if person is None:
            return pages.error(_TEXTS[language]["sign_on"], language=language, status=401)
        return await _page(session, person, sealer, pages, display, at=clock.now())


@router.post("/account/mandates", **PROTOCOL)
async def change(request: Request, database: Database, clock: Clock, sealer: Sealer, signer: Signer, pages: Pages) -> Response:
    """Accept or revoke one of mine. A page elsewhere cannot send this form: a browser names the page that it comes from."""
    display, form, at = _display(request, signer.issuer), await form_of(request), clock.now()
    language = display.language
    if request.headers.get("origin") != signer.issuer:
        return pages.error(_TEXTS[language]["foreign"], language=language, status=403)
    async with database.reading() as reading:
        running = await _running(reading, request, signer.issuer)
    person = _person(running, at)
    if running is None or person is None:
        return pages.error(_TEXTS[language]["sign_on"], language=language, status=401)
    try:
        async with database.transaction() as session:
            await _do(session, form, person, sealer, assurance=running.level(at), at=at)
    except ServiceError as refusal:
        async with database.reading() as reading:
            return await _page(reading, person, sealer, pages, display, at=at, refusal=refusal)
    return RedirectResponse(f"/account/mandates?{urlencode({'lang': language})}", 303, headers=NO_STORE)


async def _page(
    session: ReadSession,
    person: PersonId,
    sealer: DataSealer,
    pages: PagesOfSignOn,
    display: Display,
    *,
    at: datetime,
    refusal: ServiceError | None = None,
) -> Response:
    found, seen = await queries.of(session, person, sealer, at=at)
    message = getattr(refusal.problem, display.language) if refusal else ""
    said = {"found": found, "day": local_day, "message": message}
    status = refusal.problem.status if refusal else 200
    answer = pages.account("mandates.html", _TEXTS[display.language], said, display, status=status)
    return disclose(answer, subjects=seen, purpose="授权 mandates", items=("name",))


async def _do(session: WriteSession, form: dict[str, str], person: PersonId, sealer: DataSealer, *, assurance: int, at: datetime) -> None:
    mandate = MandateId.read(form.get("mandate"))
    if mandate is None:
        raise NoSuchMandate
    if form.get("action") == "accept":
        await mandates.accept(session, mandate, person, sealer, assurance=assurance, at=at)
    elif form.get("action") == "revoke":
        await mandates.revoke(session, mandate, person, sealer, reason=None, at=at)


async def _running(session: ReadSession, request: Request, issuer: str) -> Session | None:
    cookie = cookies.read(request, issuer, cookies.SIGN_ON)
    return await Sessions(session).of_cookie(cookie) if cookie else None


def _person(running: Session | None, at: datetime) -> PersonId | None:
    return running.person_id if running is not None and running.is_live(at) else None


def _display(request: Request, issuer: str) -> Display:
    return display_of(request, issuer).changed(request.query_params.get("lang", ""))
