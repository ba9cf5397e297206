"""What an officer's sign-on becomes: tokens that name the officer and the agency, and nothing of a person."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.values import PartyId, StaffId
from services.identity.domain.sign_on import STAFF_CLIENTS
from services.identity.tables import logout_deliveries, staff
from tests.component.identity.accounts import by_officer
from tests.component.identity.clients import operate, pushed, set_up
from tests.component.identity.office import Office, back, claims_of
from tests.component.identity.officers import AGENCY, NUMBER, activated, officer, system
from tests.component.identity.settings import settle

OTHER_AGENCY = "11310101TE5T010192"
OF_OFFICER = {"officer": NUMBER, "agency": AGENCY, "department": "审批处", "window": "3", "duties": ["case:accept"]}


async def code(office: Office, **more: str) -> str:
    """For the officer who is signed on in the browser."""
    return back(await office.follow(await office.browse("GET", office.request(**{"scope": "openid staff", **more}))))["code"]


async def tokens(office: Office, **more: str) -> dict[str, Any]:
    answer = await office.redeem(await code(office, **more))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def userinfo(office: Office, token: str) -> tuple[int, Any]:
    answer = await office.browse("GET", "/userinfo", authorization=f"Bearer {token}")
    return answer.status_code, answer.json() if answer.content else None


async def refreshed(office: Office, said: dict[str, Any], **more: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await office.ask("/token", grant_type="refresh_token", refresh_token=said["refresh_token"], **more)).json()
    return answer


@pytest.fixture
async def at_work(office: Office) -> StaffId:
    """An officer who is signed on, and `office` a system of the same agency."""
    staff_id = await officer(office)
    await activated(office)
    return staff_id


async def test_an_access_token_names_the_officer_and_the_agency(office: Office, at_work: StaffId) -> None:
    said = claims_of((await tokens(office))["access_token"])
    assert (said["sub"], said["subject_type"], said["client_id"], said["scope"]) == (at_work, "staff", office.client, "openid staff")
    assert said.items() >= OF_OFFICER.items()
    assert (said["assurance"], said["acr"], said["amr"]) == (3, "urn:tongban:assurance:3", ["pwd", "hwk"])
    assert (said["auth_time"], "name" in said) == (int(office.clock.now().timestamp()), False)


async def test_an_id_token_and_userinfo_say_the_same(office: Office, at_work: StaffId) -> None:
    said = await tokens(office)
    identity = claims_of(said["id_token"])
    assert (identity["sub"], identity["acr"], identity["aud"], identity["nonce"]) == (
        at_work,
        "urn:tongban:assurance:3",
        office.client,
        "the-nonce",
    )
    assert await userinfo(office, said["access_token"]) == (200, {"sub": at_work, **OF_OFFICER})
    assert identity.items() >= OF_OFFICER.items()
    known = (await office.browse("GET", "/.well-known/openid-configuration")).json()
    assert identity.keys() - {"at_hash"} <= {*known["claims_supported"]}
    assert "staff" in known["scopes_supported"]


async def test_the_officer_s_name_is_for_the_scope_profile_alone(office: Office, at_work: StaffId) -> None:
    for scope, has_name in (("openid staff", False), ("openid profile staff", True)):
        said = await tokens(office, scope=scope)
        for told in (claims_of(said["id_token"]), (await userinfo(office, said["access_token"]))[1]):
            assert ("name" in told) is has_name
        assert "name" not in claims_of(said["access_token"])


async def test_an_officer_never_comes_with_claims_of_a_person(office: Office, at_work: StaffId) -> None:
    """However the system asks for them."""
    wanted = {place: dict.fromkeys(("name", "gender", "birthdate", "phone_number", "email")) for place in ("id_token", "userinfo")}
    said = await tokens(office, scope="openid phone email address staff", claims=json.dumps(wanted))
    identity, (_, info) = claims_of(said["id_token"]), await userinfo(office, said["access_token"])
    about = {*info} | {*identity}
    assert not about & {"name", "gender", "birthdate", "phone_number", "email", "address", "locale", "zoneinfo"}


async def test_userinfo_of_an_officer_needs_openid(office: Office, at_work: StaffId) -> None:
    said = await tokens(office, scope="staff")
    assert "id_token" not in said
    assert (await userinfo(office, said["access_token"]))[0] == 403


async def test_an_officer_s_token_holds_and_is_refreshed_like_any(office: Office, at_work: StaffId) -> None:
    said = await tokens(office)
    told = (await office.ask("/introspect", token=said["access_token"])).json()
    assert (told["active"], told["sub"], told["subject_type"], told["officer"]) == (True, at_work, "staff", NUMBER)
    assert (await office.ask("/introspect", token=said["refresh_token"])).json()["sub"] == at_work
    fresh = claims_of((await refreshed(office, said))["access_token"])
    assert (fresh["sub"], fresh["subject_type"], fresh["officer"]) == (at_work, "staff", NUMBER)
    narrowed = claims_of((await refreshed(office, said, scope="openid"))["access_token"])
    assert (narrowed["scope"], narrowed["subject_type"]) == ("openid", "staff"), "less scope makes no person of an officer"


async def test_a_refreshed_token_says_where_the_officer_is_now(office: Office, at_work: StaffId) -> None:
    said = await tokens(office)
    moved = await by_officer(office, "PATCH", f"/staff/{at_work}", {"department": "综合窗口", "window": None}, kind="operator", agency=None)
    assert moved.status_code == 200, moved.text
    fresh = claims_of((await refreshed(office, said))["access_token"])
    assert (fresh["department"], "window" in fresh) == ("综合窗口", False)


async def test_a_suspended_officer_s_tokens_are_worth_nothing(office: Office, at_work: StaffId) -> None:
    said, unused = await tokens(office), await code(office)
    suspended = await by_officer(office, "POST", f"/staff/{at_work}/suspension", kind="operator", agency=None)
    assert suspended.status_code == 200, suspended.text
    assert (await refreshed(office, said))["error"] == "invalid_grant"
    assert (await office.redeem(unused)).json()["error"] == "invalid_grant"
    assert (await userinfo(office, said["access_token"]))[0] == 401
    for token in (said["access_token"], said["refresh_token"]):
        assert (await office.ask("/introspect", token=token)).json() == {"active": False}
    assert back(await office.browse("GET", office.request(scope="openid staff", prompt="none")))["error"] == "login_required"


async def test_an_officer_who_left_gets_nothing_while_the_sign_on_lasts(office: Office, at_work: StaffId) -> None:
    said, unused = await tokens(office), await code(office)
    async with office.database.transaction() as session:
        await session.execute(sa.update(staff).values(status="left"))
    assert (await refreshed(office, said))["error"] == "invalid_grant"
    assert (await office.redeem(unused)).json()["error"] == "invalid_grant"
    assert (await userinfo(office, said["access_token"]))[0] == 401


async def test_officers_work_through_systems_of_their_own_agency(office: Office, at_work: StaffId) -> None:
    for kind in sorted(STAFF_CLIENTS):
        await system(office, kind=kind)
        assert (await tokens(office))["access_token"], kind
        await system(office, kind=kind, agency=OTHER_AGENCY)
        answer = await office.redeem(await code(office))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_system_that_became_an_app_has_no_officers_any_more(office: Office, at_work: StaffId) -> None:
    said = await tokens(office)
    office.clock.advance(timedelta(seconds=3))
    await office.know(office.client, kind="app", agency=AGENCY)
    assert (await refreshed(office, said))["error"] == "invalid_grant"


async def test_no_settings_and_no_pushed_request_give_an_app_officers(office: Office) -> None:
    """F93: staff scope from a citizen app."""
    refused = await operate(office, "PUT", f"/clients/{office.client}/settings", {"profile": "standard", "scopes": ["openid", "staff"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "client-settings-not-acceptable")
    await set_up(office, "fapi2")
    answer = await pushed(office, scope="openid staff")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_a_device_and_an_exchange_bring_no_officers(office: Office, at_work: StaffId) -> None:
    said = await tokens(office)
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "actor_token": said["access_token"],
        "actor_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "subject_token": PartyId.new(),
        "subject_token_type": "urn:tongban:params:oauth:token-type:mandate",
    }
    assert (await office.ask("/token", **form)).json()["error"] == "invalid_request"
    assert (await office.ask("/device_authorization", scope="staff")).json()["error"] == "invalid_scope"


async def test_a_system_is_told_that_its_officer_was_suspended(office: Office, at_work: StaffId) -> None:
    await settle(office, backchannel_logout_uri="https://desk.example/told")
    session = claims_of((await tokens(office))["access_token"])["sid"]
    await by_officer(office, "POST", f"/staff/{at_work}/suspension", kind="operator", agency=None)
    async with office.database.reading() as reading:
        row = (await reading.execute(sa.select(logout_deliveries))).one()
    assert (row.client_id, row.session_id, row.account) == (office.client, session, at_work)
