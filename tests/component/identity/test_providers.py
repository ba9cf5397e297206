"""What other people's systems say, do not say, or say too late (docs/providers.md)."""

import asyncio
import base64
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from contracts.values import PersonId
from deploy.local.sandbox import registry
from services.identity.domain.persons import ProviderAway
from services.identity.neighbours import HttpProviders
from services.identity.settings import IdentitySettings
from tests.architecture.house_rules import ROOT
from tests.component.identity.accounts import by_officer, code, document, second_proof, with_document
from tests.component.identity.office import PEOPLE, Office
from tests.support.listening import listening

PASSPORT = document("PASSPORT_CN", "E99900001")
_PAUSE = timedelta(minutes=1)
RIC = document("RIC", PEOPLE[0]["resident_id"])
COMPANY = "91310101MA1TE5T0XR"
FACE = {"method": "face", "capture": base64.b64encode(PEOPLE[0]["face"].encode()).decode()}

Asks = Callable[[Office, PersonId], Awaitable[httpx.Response]]


async def registration(office: Office, person: PersonId) -> httpx.Response:
    return await with_document(office, "示例·港一", document("HM_PERMIT", "H9990000101"), phone="13800000011")


async def more(office: Office, person: PersonId) -> httpx.Response:
    return await office.api("POST", "/persons/me/documents", {"document": PASSPORT}, person=person)


async def face(office: Office, person: PersonId) -> httpx.Response:
    return await office.api("POST", "/persons/me/verifications", FACE, person=person)


async def correction(office: Office, person: PersonId) -> httpx.Response:
    return await office.api("POST", "/persons/me/corrections", {"item": "name", "name": PEOPLE[0]["name"]}, person=person)


async def window(office: Office, person: PersonId) -> httpx.Response:
    return await by_officer(office, "POST", "/window-checks", {"name": PEOPLE[0]["name"], "document": RIC})


async def company(office: Office, person: PersonId) -> httpx.Response:
    said = {"credit_code": COMPANY, "name": registry.COMPANIES[COMPANY]["name"]}
    return await office.api("POST", "/organisations/registrations", said, person=person)


ASKS: list[tuple[str, Asks]] = [
    ("population", registration),
    ("population", more),
    ("population", face),
    ("population", correction),
    ("population", window),
    ("registry", company),
]


async def kept(office: Office, person: PersonId) -> tuple[Any, Any]:
    account, history = [await office.api("GET", path, person=person) for path in ("/persons/me", "/persons/me/history")]
    return account.json(), history.json()


@pytest.mark.parametrize("manners", [{"is_down": True}, {"delay_s": 60}], ids=["down", "slow"])
@pytest.mark.parametrize(("provider", "asks"), ASKS, ids=[asks.__name__ for _, asks in ASKS])
async def test_a_provider_that_is_away_changes_nothing_and_may_be_asked_again(
    office: Office, provider: str, asks: Asks, manners: dict[str, Any]
) -> None:
    person = await office.registered()
    before = await kept(office, person)
    office.manners(provider, **manners)
    away = await asks(office, person)
    assert (away.status_code, away.json()["code"], away.headers["retry-after"]) == (503, "verification-provider-away", "1")
    assert await kept(office, person) == before
    office.manners(provider)
    office.clock.advance(_PAUSE)
    assert (await asks(office, person)).is_success


async def test_a_licence_whose_registry_is_away_is_shown_to_a_new_challenge(office: Office) -> None:
    person = await office.registered()
    organisation = (await company(office, person)).json()["organisation_id"]

    async def show() -> httpx.Response:
        asked = (await office.api("POST", f"/organisations/{organisation}/licence-challenges", person=person)).json()["challenge"]
        said = {"challenge": asked, "response": registry.answer_of(asked, registry.COMPANIES[COMPANY]["licence_key"])}
        return await office.api("POST", f"/organisations/{organisation}/licence", said, person=person)

    office.manners("registry", is_down=True)
    assert (await show()).json()["code"] == "verification-provider-away"
    office.manners("registry")
    assert (await show()).json()["assurance"] == 4


@asynccontextmanager
async def answering(office: Office, content: bytes, status: int = 200) -> AsyncIterator[list[dict[str, Any]]]:
    """Every provider answers this, whatever it is asked; what they were asked."""
    stranger, asked = FastAPI(openapi_url=None), []

    @stranger.post("/{path:path}")
    async def answer(path: str, request: Request) -> Response:
        asked.append({"path": f"/{path}", **await request.json()})
        return Response(content, status, media_type="application/json")

    own = office.door.app.state.providers
    async with listening(stranger) as url:
        urls = dict.fromkeys(("population_base_url", "exit_entry_url", "face_check_url", "enterprise_registry_url"), url)
        other = HttpProviders(own._settings.model_copy(update=urls))
        office.door.app.state.providers = other
        try:
            yield asked
        finally:
            await other.close()
            office.door.app.state.providers = own


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 200),
        (b"<html>", 200),
        (b'{"is_match": "yes", "reference": "r"}', 200),
        (b'{"is_match": 1, "reference": "r"}', 200),
        (b'{"is_match": true}', 200),
        (b'{"is_match": true, "reference": "r"}', 302),
        (b'{"is_match": true, "reference": "r"}', 404),
        (b'{"is_match": true, "reference": "r"}', 500),
    ],
)
async def test_what_is_not_as_agreed_is_no_yes(office: Office, content: bytes, status: int) -> None:
    person = await office.registered()
    async with answering(office, content, status):
        for asks in (more, company):
            assert (await asks(office, person)).json()["code"] == "verification-provider-away"


async def test_a_provider_is_asked_what_the_contract_says_and_no_more(office: Office) -> None:
    person = await office.registered()
    async with answering(office, b'{"is_match": false, "reference": "r", "state": null}') as asked:
        await more(office, person)
        await registration(office, person)
        await face(office, person)
        await window(office, person)
        await company(office, person)
        await with_document(office, PEOPLE[0]["name"], document("OFFICER", "示字第0002号"), phone="13800000012")
        refused = await office.api(
            "POST",
            "/registrations",
            office.form(1, phone="13800000013", code=await code(office, "13800000013"), second_proof=second_proof(1)),
        )
        assert refused.status_code == 422
    name, number = PEOPLE[0]["name"], PEOPLE[0]["resident_id"]
    assert asked == [
        {"path": "/document-checks", "name": name, "type": "PASSPORT_CN", "number": "E99900001"},
        {"path": "/document-checks", "name": "示例·港一", "type": "HM_PERMIT", "number": "H9990000101"},
        {"path": "/face-checks", "name": name, "capture": FACE["capture"], "resident_id": number},
        {"path": "/real-name-checks", "name": name, "resident_id": number},
        {
            "path": "/organisation-checks",
            "credit_code": COMPANY,
            "name": registry.COMPANIES[COMPANY]["name"],
            "representative_name": name,
            "representative_document": {"type": "RIC", "number": number},
        },
        {"path": "/document-checks", "name": name, "type": "OFFICER", "number": "示字第0002号"},
        {"path": "/real-name-checks", "name": PEOPLE[1]["name"], "resident_id": PEOPLE[1]["resident_id"]},
    ]
    documented = set(re.findall(r"`(/[a-z-]+)`", (ROOT / "docs" / "providers.md").read_text()))
    assert {each["path"] for each in asked} < documented


async def test_every_type_of_document_has_a_name_in_both_languages(office: Office) -> None:
    items = (await office.api("GET", "/document-types")).json()["items"]
    assert len({each["type"] for each in items}) == len(items) == 13
    assert all(each["zh"] and each["en"].isascii() for each in items)


@asynccontextmanager
async def forgetful(*, once: bool) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A sender that answers once a connection and closes it at the next request; `once`: afterwards it answers on none."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(2):
            with contextlib.suppress(asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]  # always there
                asked.append(await reader.readexactly(length))
                if number or (once and len(asked) > 1):
                    break
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()


@pytest.mark.parametrize("once", [False, True], ids=["there", "gone"])
async def test_a_kept_connection_that_was_closed_over_there_loses_no_message(once: bool) -> None:
    async with forgetful(once=once) as (url, asked):
        settings = IdentitySettings.model_construct(sms_url=url, provider_timeout_ms=5000)
        providers = HttpProviders(settings)
        await providers.send_sms("13800000001", "验证码 1", "key-1")
        if once:
            with pytest.raises(ProviderAway):
                await providers.send_sms("13800000001", "验证码 2", "key-2")
        else:
            await providers.send_sms("13800000001", "验证码 2", "key-2")
        keys = [json.loads(each)["key"] for each in asked]
        # Under its own key both times: whoever received the first does not send the second.
        assert keys == ["key-1", "key-2", "key-2"]
        await providers.close()
