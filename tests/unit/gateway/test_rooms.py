"""Access, users, resources, authorisation and portal: one table a room."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from contracts.values import CreditCode, PartyId, PersonId, SessionId, StaffId
from tests.unit.gateway.city import APP, CONSOLE, DISTRICT, KEY, PERSON, SUSPENDED, City, party, snapshot

Ask = Callable[[City], Any]


@pytest.mark.parametrize(
    ("ask", "rule", "status"),
    [
        (lambda c: c.call("GET", "/matters"), "no-credentials", 401),
        (lambda c: c.call("GET", "/matters", {"authorization": "Basic eDp5"}), "no-credentials", 401),
        (lambda c: c.call("GET", "/matters", {"authorization": "Bearer"}), "no-credentials", 401),
        (lambda c: c.call("GET", "/matters", {"authorization": "Bearer nonsense"}), "access-token", 401),
        (lambda c: c.call("GET", "/matters", {"authorization": "Bearer " + "a" * 9000}), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(header={"typ": "JWT"})), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(header={"kid": "other"})), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(iss="http://other")), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(aud="http://other")), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(aud=["http://city.example", "http://other"])), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(exp=int(c.now))), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(exp=int(c.now) + 3601)), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(exp=str(int(c.now) + 900))), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(iat=int(c.now) + 6)), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(client_id=None)), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(assurance=True)), "access-token", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(PartyId.new())), "unknown-party", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(client_id="no-id")), "unknown-party", 401),
        (lambda c: c.call("GET", "/matters", c.bearer(SUSPENDED)), "party-status", 403),
        (lambda c: c.signed(SUSPENDED, "GET", "/matters"), "party-status", 403),
        (lambda c: c.signed(PartyId.new(), "GET", "/matters"), "unknown-key", 401),
        (lambda c: c.signed(DISTRICT, "GET", "/matters", key="#other"), "signature", 401),
        (lambda c: c.call("GET", "/matters", {"signature-input": "x", **c.bearer()}), "signature", 401),
        (lambda c: c.call("GET", "/unknown"), "no-credentials", 401),
    ],
)  # fmt: skip
async def test_access_admits_registered_parties_only(city: City, ask: Ask, rule: str, status: int) -> None:
    said = await ask(city)
    assert (said.problem()["room"], said.problem()["rule"], said.status) == ("access", rule, status)
    assert said.problem()["room_zh"] == "接入管理"
    assert status != 401 or said.headers["www-authenticate"].startswith('Bearer realm="tongban"')
    assert city.asked == []


@pytest.mark.parametrize("key", ["", "#k1"])
async def test_a_party_is_known_by_any_of_its_keys(city: City, key: str) -> None:
    keys = {"k1": KEY.public_key(), "k2": ec.generate_private_key(ec.SECP256R1()).public_key()}
    city.known = snapshot(parties=(party(DISTRICT, "district", keys=keys),))
    assert (await city.signed(DISTRICT, "GET", "/matters", key=key)).status == 200
    city.known = snapshot(parties=(party(DISTRICT, "district", keys={}),))
    assert (await city.signed(DISTRICT, "GET", "/matters", key=key)).problem()["rule"] == "signature"


async def test_a_party_is_known_by_its_token(city: City) -> None:
    await city.call("GET", "/matters", city.bearer(APP, None))
    caller = city.caller()
    assert (caller.party, caller.party_kind, caller.person, caller.assurance) == (APP, "app", None, 0)


async def test_open_and_protocol_resources_have_no_party(city: City) -> None:
    assert (await city.call("GET", "/docs", city.bearer())).status == 200
    assert (city.caller().party, city.caller().party_kind, city.caller().person) == (None, "portal", None)
    assert city.decision.rooms["access"] == city.decision.rooms["users"] == "not applicable"


@pytest.mark.parametrize("of", ["session", "person"])
async def test_what_a_token_stands_on_may_end_although_it_was_believed(city: City, of: str) -> None:
    ended = {"session": "the-session", "person": PersonId.new()}
    token = {"authorization": f"Bearer {city.token(sid=ended['session'], sub=ended['person'])}"}
    assert (await city.call("GET", "/matters", token)).status == 200
    city.tokens.revoke(ended[of], city.now)
    assert (await city.call("GET", "/matters", token)).problem()["rule"] == "access-token"


async def test_a_token_is_not_believed_after_its_end_although_it_was(city: City) -> None:
    token = city.bearer()
    assert (await city.call("GET", "/matters", token)).status == 200
    city.now += 900
    assert (await city.call("GET", "/matters", token)).problem()["rule"] == "access-token"


async def test_revocations_are_forgotten_when_no_token_can_be_alive(city: City) -> None:
    for number in range(100):
        city.tokens.revoke(f"s{number}", city.now + number)
    city.tokens.revoke("late", city.now + 3650)
    assert len(city.tokens._revoked) == 51


async def test_the_person_is_that_of_the_token(city: City) -> None:
    said = await city.call("GET", "/cases/1", city.bearer())
    assert said.status == 200
    caller = city.caller()
    assert (caller.person, caller.assurance, caller.auth_time) == (PERSON, 2, int(city.now))


@pytest.mark.parametrize("ask", [lambda c: c.call("GET", "/cases/1", c.bearer(APP, None)), lambda c: c.signed(DISTRICT, "GET", "/cases/1")])
async def test_a_resource_for_persons_needs_one(city: City, ask: Ask) -> None:
    said = await ask(city)
    assert (said.problem()["room"], said.problem()["code"], said.status) == ("users", "person-required", 401)


async def test_the_officer_is_believed_when_signed_for(city: City) -> None:
    await city.signed(DISTRICT, "POST", "/cases/1/decision", {"tongban-operator": "qx-001"})
    assert city.caller().officer == "qx-001"
    assert city.decision.officer == "qx-001"


async def test_without_a_signature_the_officer_is_not_there(city: City) -> None:
    said = await city.call("POST", "/cases/1/decision", {**city.bearer(DISTRICT, None), "tongban-operator": "qx-001"})
    assert said.status == 200
    assert city.caller().officer is None
    assert "tongban-operator" not in city.asked[-1][2]


async def test_an_officer_added_after_signing_breaks_the_signature(city: City) -> None:
    headers = city.signature(DISTRICT, "POST", "/cases/1/decision")
    said = await city.call("POST", "/cases/1/decision", {**headers, "tongban-operator": "qx-001"})
    assert said.problem()["rule"] == "signature"


@pytest.mark.parametrize(
    ("caller", "officer"),
    [(DISTRICT, "qx-999"), (DISTRICT, ""), (APP, "qx-001"), (CONSOLE, "qx-001")],
    ids=["unknown officer", "nobody", "an app", "a console"],
)
async def test_an_officer_is_one_of_the_party_s_own(city: City, caller: PartyId, officer: str) -> None:
    said = await city.signed(caller, "GET", "/matters", {"tongban-operator": officer})
    assert (said.problem()["room"], said.problem()["rule"], said.status) == ("users", "officer", 403)


AGENCY, OTHER_AGENCY = CreditCode("11310106TE5T01043T"), "11310101TE5T010192"
DEPARTMENT = PartyId.new()


def at_work(city: City, client: PartyId = DEPARTMENT, **claims: Any) -> dict[str, str]:
    """A token of an officer of AGENCY, in a city in which the department's system and the app are of that agency."""
    city.known = snapshot(
        parties=(party(DEPARTMENT, "department", agency=AGENCY), party(APP, "app", agency=AGENCY), party(DISTRICT, "district"))
    )
    said = {"sub": StaffId.new(), "subject_type": "staff", "officer": "qx-007", "agency": AGENCY, "assurance": 3}
    return city.bearer(client, **{**said, **claims})


async def test_an_officer_at_work_reaches_what_officers_may(city: City) -> None:
    said = await city.call("GET", "/parties", at_work(city))
    assert said.status == 200
    caller = city.caller()
    assert (caller.officer, caller.agency, caller.person, caller.organisation, caller.assurance) == ("qx-007", AGENCY, None, None, 0)
    assert (city.decision.officer, city.decision.party, city.decision.person) == ("qx-007", DEPARTMENT, None)


@pytest.mark.parametrize(
    ("client", "claims"),
    [
        (DEPARTMENT, {"agency": OTHER_AGENCY}),
        (DEPARTMENT, {"agency": ""}),
        (DEPARTMENT, {"officer": ""}),
        (DISTRICT, {}),
        (DISTRICT, {"agency": ""}),
        (APP, {}),
    ],
    ids=["another agency", "no agency", "nobody", "a system of no agency", "of no agency both", "an app"],
)
async def test_officers_work_through_a_system_of_their_own_agency(city: City, client: PartyId, claims: dict[str, Any]) -> None:
    for path in ("/parties", "/matters"):
        said = await city.call("GET", path, at_work(city, client, **claims))
        assert (said.problem()["room"], said.problem()["rule"], said.status) == ("users", "staff-of-another-agency", 403)
    assert city.asked == []


async def test_an_officer_at_work_is_no_person(city: City) -> None:
    said = await city.call("GET", "/cases/1", at_work(city))
    assert (said.problem()["room"], said.problem()["code"], said.status) == ("users", "person-required", 401)


async def test_an_officer_whose_sign_on_ended_is_refused(city: City) -> None:
    session = SessionId.new()
    bearer = at_work(city, sid=session)
    assert (await city.call("GET", "/parties", bearer)).status == 200
    city.tokens.revoke(session, city.now)
    assert (await city.call("GET", "/parties", bearer)).status == 401


@pytest.mark.parametrize(
    ("method", "path", "code", "status", "allow"),
    [
        ("GET", "/unknown", "resource-not-registered", 404, None),
        ("DELETE", "/matters", "resource-method", 405, "GET, POST"),
        ("GET", "/old-matters", "resource-not-active", 410, None),
    ],
)
async def test_only_registered_resources_in_use_are_reached(
    city: City, method: str, path: str, code: str, status: int, allow: str | None
) -> None:
    said = await city.call(method, path, city.bearer())
    assert (said.problem()["room"], said.problem()["code"], said.status) == ("resources", code, status)
    assert said.headers.get("allow") == allow


async def test_a_public_path_says_which_methods_it_takes_to_strangers_too(city: City) -> None:
    said = await city.call("GET", "/token")
    assert (said.problem()["code"], said.status, said.headers["allow"]) == ("resource-method", 405, "POST")


async def test_what_is_not_granted_is_denied(city: City) -> None:
    said = await city.call("POST", "/matters", city.bearer())
    assert (said.problem()["room"], said.problem()["rule"], said.status) == ("authorisation", "policy:7", 403)


async def test_an_operator_s_resource_needs_a_signed_officer(city: City) -> None:
    said = await city.signed(CONSOLE, "GET", "/parties")
    assert (said.problem()["room"], said.problem()["rule"]) == ("authorisation", "policy:7/officer-required")
    assert (await city.signed(CONSOLE, "GET", "/parties", {"tongban-operator": "op-001"})).status == 200


async def test_too_little_assurance_is_answered_by_a_challenge_to_step_up(city: City) -> None:
    """Source: RFC 9470 section 3."""
    said = await city.call("POST", "/wallet", city.bearer())
    assert (said.status, said.problem()["code"]) == (401, "assurance-too-low")
    challenge = said.headers["www-authenticate"]
    assert challenge.startswith('Bearer error="insufficient_user_authentication"')
    assert 'acr_values="urn:tongban:assurance:3"' in challenge
    assert (said.problem()["required_assurance"], said.problem()["assurance"]) == (3, 2)


@pytest.mark.parametrize(("age", "status"), [(0, 200), (300, 200), (301, 401)])
async def test_too_old_a_sign_on_is_answered_by_a_challenge_with_its_greatest_age(city: City, age: int, status: int) -> None:
    said = await city.call("POST", "/wallet", city.bearer(assurance=3, auth_time=int(city.now) - age))
    assert said.status == status
    assert status == 200 or 'max_age="300"' in said.headers["www-authenticate"]


async def test_assurance_is_nobody_s_without_a_person(city: City) -> None:
    await city.call("GET", "/matters", city.bearer(APP, None, assurance=4))
    assert city.caller().assurance == 0


@pytest.mark.parametrize(
    ("closed", "ask"),
    [
        ("app", lambda c: c.call("GET", "/matters", c.bearer())),
        ("district", lambda c: c.signed(DISTRICT, "GET", "/matters")),
        ("portal", lambda c: c.call("GET", "/docs")),
    ],
)
async def test_a_closed_channel_is_closed_for_its_kind_only(city: City, closed: str, ask: Ask) -> None:
    city.known = snapshot(closed=closed)
    said = await ask(city)
    assert (said.problem()["room"], said.problem()["code"], said.status) == ("portal", "channel-closed", 403)
    others = {
        "app": lambda: city.call("GET", "/docs"),
        "district": lambda: city.call("GET", "/docs"),
        "portal": lambda: city.call("GET", "/matters", city.bearer()),
    }
    assert (await others[closed]()).status == 200


async def test_two_persons_of_one_app_are_two_callers(city: City) -> None:
    other = PersonId.new()
    await city.call("GET", "/cases/1", city.bearer())
    await city.call("GET", "/cases/1", city.bearer(APP, other))
    assert city.caller().person == other
    assert city.asked[0][2]["tongban-mesh-token"] != city.asked[1][2]["tongban-mesh-token"]
