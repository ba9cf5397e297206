"""An agency keeps its officers; nobody else does, but an operator."""

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from contracts.events.identity import SessionRevoked
from contracts.values import Assurance, OfficerId, SessionId, StaffId
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import Session
from services.identity.domain.staff import ACTIVATION_LIFE, MANAGES_STAFF
from services.identity.repository import Sessions
from services.identity.tables import staff
from tests.component.identity.accounts import OFFICER, OTHER_AGENCY, POLICE, by_officer
from tests.component.identity.office import Office
from tests.support.service import published

NEW = {"number": "mh-0002", "name": "示例·窗口员", "department": "出入境科", "window": "3", "duties": ["intake"]}


async def by_operator(office: Office, method: str, path: str, said: Any = None) -> httpx.Response:
    return await by_officer(office, method, path, said, kind="operator", agency=None)


@pytest.fixture
async def manager(office: Office) -> StaffId:
    """Enrolled by an operator, as the first of an agency always is."""
    said = NEW | {"agency": POLICE, "number": OFFICER, "name": "示例·科长", "duties": [MANAGES_STAFF]}
    answer = await by_operator(office, "POST", "/staff", said)
    assert answer.status_code == 201, answer.text
    return StaffId(answer.json()["staff_id"])


async def enrolled(office: Office) -> dict[str, Any]:
    answer = await by_officer(office, "POST", "/staff", NEW)
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def row_of(office: Office, staff_id: str) -> Any:
    async with office.database.reading() as session:
        return (await session.execute(sa.select(staff).where(staff.c.id == staff_id))).one()


async def test_an_officer_with_the_duty_enrols_others_and_the_code_is_told_once(office: Office, manager: StaffId) -> None:
    said = await enrolled(office)
    row = await row_of(office, said["staff_id"])
    assert (row.activation, row.activation_expires_at) == (digest(said["activation_code"]), office.clock.now() + ACTIVATION_LIFE)
    assert "示例".encode() not in row.name
    [_, member] = (await by_officer(office, "GET", "/staff")).json()["items"]
    assert (member["name"], member["window"], member["duties"], member["has_password"]) == ("示例·窗口员", "3", ["intake"], False)
    assert said["activation_code"] not in str(member)


async def test_a_number_is_enrolled_once_and_a_lost_code_is_renewed(office: Office, manager: StaffId) -> None:
    first = await enrolled(office)
    again = await by_officer(office, "POST", "/staff", NEW)
    assert (again.status_code, again.json()["code"]) == (409, "staff-number-taken")
    renewed = (await by_officer(office, "POST", f"/staff/{first['staff_id']}/activation")).json()
    assert renewed["activation_code"] != first["activation_code"]
    assert (await row_of(office, first["staff_id"])).activation == digest(renewed["activation_code"])


async def test_an_officer_without_the_duty_keeps_nobody(office: Office, manager: StaffId) -> None:
    await enrolled(office)
    for officer in (OfficerId("mh-0002"), OfficerId("nobody")):
        refused = await by_officer(office, "GET", "/staff", officer=officer)
        assert (refused.status_code, refused.json()["code"]) == (403, "not-a-staff-manager")


async def test_a_suspended_manager_keeps_nobody(office: Office, manager: StaffId) -> None:
    assert (await by_operator(office, "POST", f"/staff/{manager}/suspension")).json()["status"] == "suspended"
    assert (await by_officer(office, "GET", "/staff")).status_code == 403
    assert (await by_operator(office, "DELETE", f"/staff/{manager}/suspension")).json()["status"] == "active"
    assert (await by_officer(office, "GET", "/staff")).status_code == 200


async def test_another_agency_s_staff_do_not_exist(office: Office, manager: StaffId) -> None:
    said = NEW | {"agency": OTHER_AGENCY}
    foreign = (await by_operator(office, "POST", "/staff", said)).json()["staff_id"]
    assert (await by_officer(office, "POST", "/staff", said)).json()["code"] == "not-a-staff-manager"
    assert (await by_officer(office, "GET", f"/staff?agency={OTHER_AGENCY}")).json()["code"] == "not-a-staff-manager"
    for method, path, body in (("PATCH", "", {"window": "9"}), ("POST", "/suspension", None), ("POST", "/activation", None)):
        refused = await by_officer(office, method, f"/staff/{foreign}{path}", body)
        assert (refused.status_code, refused.json()["code"]) == (404, "staff-not-found")
    assert (await by_officer(office, "GET", "/staff", agency=OTHER_AGENCY)).status_code == 403, "the duty is in the other agency"


async def test_an_operator_names_the_agency(office: Office) -> None:
    assert (await by_operator(office, "POST", "/staff", NEW)).json()["code"] == "not-a-staff-manager"
    assert (await by_operator(office, "GET", "/staff")).status_code == 403
    assert (await by_operator(office, "GET", f"/staff?agency={POLICE}")).json()["items"] == []


async def test_a_move_changes_what_it_names(office: Office, manager: StaffId) -> None:
    member = (await enrolled(office))["staff_id"]
    moved = (await by_officer(office, "PATCH", f"/staff/{member}", {"window": None, "duties": ["decide", "decide"]})).json()
    assert (moved["department"], moved["window"], moved["duties"]) == ("出入境科", None, ["decide"])
    moved = (await by_officer(office, "PATCH", f"/staff/{member}", {"department": "户政科"})).json()
    assert (moved["department"], moved["duties"]) == ("户政科", ["decide"])


async def test_a_suspension_ends_the_officer_s_sign_ons(office: Office, manager: StaffId) -> None:
    member, at = StaffId((await enrolled(office))["staff_id"]), office.clock.now()
    sign_on = Session(SessionId.new(), None, at, at, at, at, ("pwd",), Assurance.REAL_PERSON, staff_id=member)
    async with office.database.transaction() as session:
        await Sessions(session).add(sign_on, "cookie")
    assert (await by_officer(office, "POST", f"/staff/{member}/suspension")).json()["status"] == "suspended"
    [event] = await published(office.database, SessionRevoked)
    assert (event.session_id, event.person_id) == (sign_on.id, member)
