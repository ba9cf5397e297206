"""The page of a person's mandates in a browser that is signed on."""

import httpx
import pytest

from contracts.events.identity import MandateRevoked
from contracts.values import MandateId
from tests.component.identity.mandates import AGENT, PHONES, ask, exchange, given, two, wanted
from tests.component.identity.office import Office
from tests.support.service import published

PAGE = "/account/mandates"


async def press(office: Office, mandate: str, action: str, **headers: str) -> httpx.Response:
    return await office.browse("POST", f"{PAGE}?lang=en", {"mandate": mandate, "action": action}, **{"origin": office.issuer, **headers})


async def test_a_person_sees_both_sides_in_two_languages_and_names_masked(office: Office) -> None:
    mandate = await given(office, *await two(office))
    await office.login(username=PHONES[0])
    page = await office.browse("GET", PAGE)
    assert (page.status_code, "我的授权" in page.text, "有效" in page.text, mandate in page.text) == (200, True, True, True)
    assert AGENT["name"] not in page.text
    assert "In force" in (await office.browse("GET", f"{PAGE}?lang=en")).text
    await office.login(username=PHONES[1])
    assert mandate in (await office.browse("GET", PAGE)).text


async def test_a_person_accepts_and_revokes(office: Office) -> None:
    grantor, _ = await two(office)
    mandate = (await ask(office, grantor, "POST", "/mandates", wanted(office))).json()["mandate_id"]
    own = (await office.signed_on(username=PHONES[1]))["access_token"]
    assert (await press(office, mandate, "accept")).status_code == 303
    assert (await exchange(office, mandate, own)).status_code == 200
    assert (await press(office, mandate, "revoke")).status_code == 303
    assert (await exchange(office, mandate, own)).status_code == 400
    [event] = await published(office.database, MandateRevoked)
    assert event.mandate_id == mandate


async def test_nobody_s_browser_sees_or_does_nothing(office: Office) -> None:
    mandate = await given(office, *await two(office))
    office.jar.clear()
    assert (await office.browse("GET", PAGE)).status_code == 401
    assert (await press(office, mandate, "revoke")).status_code == 401
    assert await published(office.database, MandateRevoked) == []


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
async def test_a_form_from_elsewhere_does_nothing(office: Office, origin: str) -> None:
    mandate = await given(office, *await two(office))
    await office.login(username=PHONES[0])
    assert (await press(office, mandate, "revoke", origin=origin)).status_code == 403
    assert await published(office.database, MandateRevoked) == []


@pytest.mark.parametrize("mandate", ["", "nonsense", MandateId.new()], ids=["none", "nonsense", "another"])
async def test_a_foreign_mandate_is_refused_in_words(office: Office, mandate: str) -> None:
    await two(office)
    await office.login(username=PHONES[0])
    answer = await press(office, mandate, "revoke")
    assert (answer.status_code, "No such mandate" in answer.text) == (404, True)
