import asyncio
import base64
import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc import jws
from joserfc.jwk import KeySet

from chassis.http import CallerFacts
from contracts.events.access import DataAccessed
from contracts.events.certificate import CertificateIssued, CertificatePresented, CertificateTypeRegistered
from contracts.values import BasicCode, CaseNumber, CertificateId, PartyId, TaskCode
from services.certificate.tables import certificates, presentations, uses
from tests.component.certificate.conftest import CARD, DOG, DOG_LICENCE, DOG_MATTER, IDENTITY_CARD, POLICE, SEED, Office, Someone
from tests.support.service import published

APPLICATION = CallerFacts("application")

NOWHERE = CertificateId("0190a3c8-0000-7000-8000-000000000001")


async def test_types_are_imported_once_and_stay_unchanged(bare: Office) -> None:
    types = {"types": json.loads(SEED.read_text())}
    counts, whole = [], len(types["types"])
    for _ in range(2):
        answer = await bare.door.call("POST", "/certificate-types/imports", facts=bare.party(), json=types)
        counts.append(answer.json())
    assert counts == [{"created": whole, "changed": 0, "unchanged": 0}, {"created": 0, "changed": 0, "unchanged": whole}]
    listed = (await bare.door.call("GET", "/certificate-types", facts=bare.party())).json()
    assert [each["code"] for each in listed] == sorted(each["code"] for each in types["types"])


async def test_a_changed_type_replaces_the_one_before(office: Office) -> None:
    types = json.loads(SEED.read_text())
    types[3]["valid_years"] = 2
    answer = await office.door.call("POST", "/certificate-types/imports", facts=office.party(), json={"types": types})
    assert answer.json() == {"created": 0, "changed": 1, "unchanged": len(types) - 1}
    # Others hear of every type once, and once more of the one that changed.
    told = [event.code for event in await published(office.database, CertificateTypeRegistered)]
    assert (len(told), len(set(told)), told[-1]) == (len(types) + 1, len(types), types[3]["code"])


async def test_an_import_with_one_broken_type_takes_nothing(bare: Office) -> None:
    types = json.loads(SEED.read_text())
    types[7]["fields"] = {"type": "nothing"}
    answer = await bare.door.call("POST", "/certificate-types/imports", facts=bare.party(), json={"types": [*types, types[0]]})
    assert (answer.status_code, answer.json()["code"]) == (422, "types-refused")
    assert {(each["row"], each["column"]) for each in answer.json()["errors"]} == {("8", "fields"), (str(len(types) + 1), "code")}
    assert (await bare.door.call("GET", "/certificate-types", facts=bare.party())).json() == []


async def test_content_is_checked_against_its_type_without_issuing_anything(office: Office) -> None:
    async def errors(content: dict[str, Any], code: str = DOG_LICENCE) -> Any:
        return (await office.door.call("POST", f"/certificate-types/{code}/contents", facts=APPLICATION, json={"content": content})).json()

    assert await errors({**DOG, "applicant_phone": "13800138000"}) == {"errors": []}
    assert await errors({**DOG, "dog_name": ""}) == {"errors": [{"field": "dog_name", "rule": "minLength"}]}
    assert [each["field"] for each in (await errors({}))["errors"]] == ["dog_name", "dog_breed", "dog_colour", "address"]
    assert (await errors({}, "11310000TE5T90015G999"))["code"] == "certificate-type-not-found"


async def test_a_deposit_becomes_a_certificate_of_grade_a(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    full = (await office.door.call("GET", f"/certificates/{certificate_id}", facts=office.acting(anna))).json()
    assert (full["grade"], full["state"], full["number"], full["issuer"]) == ("A", "valid", "SH-0001", POLICE)
    assert full["content"] == DOG
    assert full["holder_name"] == anna.name
    assert full["holder_id_masked"] == "319***********0025"
    assert full["case_number"] is None
    (issued,) = await published(office.database, CertificateIssued)
    assert (issued.certificate_id, issued.case_number) == (certificate_id, None)


async def test_a_deposit_is_taken_once_for_its_key(office: Office, anna: Someone) -> None:
    facts = office.party()
    first, again = [await office.deposit(anna, facts=facts) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(await published(office.database, CertificateIssued)) == 1
    assert (await office.deposit(anna, facts=facts, number="SH-0002")).json()["code"] == "idempotency-key-reused"


async def test_the_same_number_again_is_refused(office: Office, anna: Someone, berta: Someone) -> None:
    assert (await office.deposit(anna, key="k-1")).status_code == 201
    again = await office.deposit(berta, key="k-2")
    assert (again.status_code, again.json()["code"]) == (409, "certificate-already-there")
    assert (await office.deposit(anna, key="k-3", type=IDENTITY_CARD, content=CARD)).status_code == 201
    assert len(await published(office.database, CertificateIssued)) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"type": "11310000TE5T90015G999"},
        {"content": {"dog_name": "示例犬"}},
        {"content": {**DOG, "dog_name": 7}},
        {"issuer": "11310101TE5T010193"},
        {"holder_id": "319999195503020026"},
        {"number": "沪 1"},
        {"issued_on": "2026-11-25", "valid_until": None},
        {"issued_on": "2026-01-31", "valid_until": "2026-01-30"},
        {"surprise": 1},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_a_deposit_that_is_wrong_leaves_nothing(office: Office, anna: Someone, other: dict[str, Any]) -> None:
    answer = await office.deposit(anna, **other)
    assert answer.status_code == 422, answer.text
    async with office.database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(certificates))).scalar_one() == 0
    assert await published(office.database, CertificateIssued, DataAccessed) == []


async def test_a_deposit_without_a_key_is_refused(office: Office, anna: Someone) -> None:
    answer = await office.deposit(anna, key="")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-required")


async def test_an_agency_hands_in_only_what_it_issued(office: Office, anna: Someone) -> None:
    foreign = await office.deposit(anna, facts=office.party(agency="11310104TE5T010278"))
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not-the-issuer")
    assert (await office.deposit(anna, facts=office.party(agency=POLICE))).status_code == 201


async def test_the_list_reveals_nothing_of_the_holder(office: Office, anna: Someone) -> None:
    await office.holds(anna)
    office.door.disclosed.clear()
    answer = await office.door.call("GET", "/certificates", facts=office.acting(anna, assurance=2))
    assert set(answer.json()[0]) == {"id", "type", "name", "state", "issued_on", "valid_until", "case_number"}
    for secret in (anna.name, anna.resident_id, anna.resident_id[-4:], "SH-0001", *DOG.values()):
        assert secret not in answer.text
    assert office.door.disclosed == []


async def test_the_newest_certificate_comes_first(office: Office, anna: Someone) -> None:
    ids = [await office.holds(anna, number=f"SH-{number}") for number in range(3)]
    listed = (await office.door.call("GET", "/certificates", facts=office.acting(anna))).json()
    assert [each["id"] for each in listed] == ids[::-1]


async def test_looking_at_a_certificate_is_disclosed_to_its_holder(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    await office.door.call("GET", f"/certificates/{certificate_id}", facts=office.acting(anna))
    (said,) = office.door.disclosed
    assert (said.subjects, said.items) == ((anna.id,), ("犬类准养证",))


async def test_a_foreign_certificate_is_as_missing_as_one_that_never_was(office: Office, anna: Someone, berta: Someone) -> None:
    certificate_id = await office.holds(anna)
    await office.verified(berta)
    office.matter_lists(DOG_LICENCE)
    for method, path, body in (("GET", "", None), ("POST", "/presentations", {"purpose": "核验"})):
        answers = [
            await office.door.call(method, f"/certificates/{each}{path}", facts=office.acting(berta), json=body)
            for each in (certificate_id, NOWHERE)
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()
    assert (await office.uses(berta, certificate_id)).status_code == 404


async def test_a_stranger_can_check_a_certificate_with_the_published_keys(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    full = (await office.door.call("GET", f"/certificates/{certificate_id}", facts=office.acting(anna))).json()
    keys = (await office.door.call("GET", "/certificate-keys", facts=office.party("portal"))).json()
    read = jws.deserialize_compact(full["signature"], KeySet.import_key_set(keys), algorithms=["ES256"])
    said = json.loads(read.payload)

    def digest(facts: list[Any]) -> str:
        text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()

    assert {name: said[name] for name in ("identifier", "type", "number", "issuer", "issued_on", "valid_until")} == {
        name: full[name] for name in ("identifier", "type", "number", "issuer", "issued_on", "valid_until")
    }
    assert said["holder"] == digest([full["salt"], full["holder_name"], anna.resident_id])
    assert said["content"] == digest([full["salt"], full["content"]])
    assert anna.resident_id.encode() not in read.payload


async def test_a_shown_code_tells_a_verifier_state_issuer_and_a_masked_holder(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    shown = (await office.presents(anna, certificate_id)).json()
    assert shown["expires_at"] == "2026-11-24T02:01:00Z"
    assert shown["qr_svg"].startswith("<svg")
    verifier = office.party("district")
    answer = await office.verifies(shown["code"], verifier)
    said = answer.json()
    assert said["holder_name_masked"] == "示*甲"
    assert said["holder_id_masked"] == "319***********0025"
    assert (said["name"], said["state"], said["issuer"], said["is_signature_valid"]) == ("犬类准养证", "valid", POLICE, True)
    for secret in (anna.name, anna.resident_id, anna.resident_id[3:14], *DOG.values()):
        assert secret not in answer.text
    (event,) = await published(office.database, CertificatePresented)
    assert (event.certificate_id, event.verifier) == (certificate_id, verifier.party)


async def test_the_holder_learns_who_verified_for_what(office: Office, anna: Someone) -> None:
    shown = (await office.presents(anna, await office.holds(anna))).json()
    office.door.disclosed.clear()
    await office.verifies(shown["code"])
    (said,) = office.door.disclosed
    assert (said.subjects, said.purpose, said.items) == ((anna.id,), "窗口核验", ("犬类准养证",))


async def test_a_code_works_once(office: Office, anna: Someone) -> None:
    code = (await office.presents(anna, await office.holds(anna))).json()["code"]
    assert (await office.verifies(code)).status_code == 200
    replayed = await office.verifies(code)
    assert (replayed.status_code, replayed.json()["code"]) == (409, "presentation-already-used")
    office.clock.advance(timedelta(minutes=5))
    assert (await office.verifies(code)).status_code == 409
    assert len(await published(office.database, CertificatePresented)) == 1


async def test_a_code_lives_sixty_seconds(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    codes = [(await office.presents(anna, certificate_id)).json()["code"] for _ in range(2)]
    office.clock.advance(timedelta(seconds=59))
    assert (await office.verifies(codes[0])).status_code == 200
    office.clock.advance(timedelta(seconds=1))
    late = await office.verifies(codes[1])
    assert (late.status_code, late.json()["code"]) == (410, "presentation-expired")


async def test_an_unknown_code_is_not_found(office: Office) -> None:
    answer = await office.verifies("A" * 43)
    assert (answer.status_code, answer.json()["code"]) == (404, "presentation-not-found")
    assert (await office.verifies("short")).status_code == 422


async def test_of_verifiers_at_once_exactly_one_wins(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    for _ in range(3):
        code = (await office.presents(anna, certificate_id)).json()["code"]
        answers = await asyncio.gather(*(office.verifies(code) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await published(office.database, CertificatePresented)) == 3


async def test_the_table_of_codes_presents_nothing(office: Office, anna: Someone) -> None:
    code = (await office.presents(anna, await office.holds(anna))).json()["code"]
    async with office.database.reading() as session:
        stored = (await session.execute(sa.select(presentations.c.code))).scalar_one()
    assert stored == hashlib.sha256(code.encode()).digest()


async def test_an_expired_certificate_is_not_presented(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna, valid_until="2026-11-24")
    assert (await office.presents(anna, certificate_id)).status_code == 201
    office.clock.advance(timedelta(hours=14))
    answer = await office.presents(anna, certificate_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "certificate-not-usable")


async def test_a_row_that_somebody_changed_is_shown_as_not_signed(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    async with office.database.transaction() as session:
        await session.execute(sa.update(certificates).values(valid_until=date(2099, 1, 1)))
    code = (await office.presents(anna, certificate_id)).json()["code"]
    assert (await office.verifies(code)).json()["is_signature_valid"] is False


async def _holdings(office: Office, person: Someone, *types: str) -> Any:
    body = {"person_id": person.id, "types": list(types)}
    return await office.door.call("POST", "/holdings", facts=CallerFacts("application", purpose="准备材料"), json=body)


async def test_holdings_are_the_newest_valid_of_each_type_asked_for(office: Office, anna: Someone) -> None:
    await office.holds(anna, number="SH-0001")
    newest = await office.holds(anna, number="SH-0002")
    await office.holds(anna, number="SH-0003", valid_until="2026-11-23")
    await office.holds(anna, type=IDENTITY_CARD, content=CARD, number="ID-1")
    answer = await _holdings(office, anna, DOG_LICENCE)
    (holding,) = answer.json()
    assert (holding["certificate_id"], holding["number_masked"]) == (newest, "SH***02")
    assert (office.door.disclosed[-1].subjects, office.door.disclosed[-1].purpose) == ((anna.id,), "准备材料")


async def test_holding_nothing_discloses_nothing(office: Office, anna: Someone) -> None:
    await office.holds(anna)
    office.door.disclosed.clear()
    assert (await _holdings(office, anna, IDENTITY_CARD)).json() == []
    assert office.door.disclosed == []


async def test_a_use_makes_an_annotated_copy_and_is_recorded(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    office.matter_lists(IDENTITY_CARD, DOG_LICENCE)
    answer = await office.uses(anna, certificate_id)
    copy = answer.json()
    case = CaseNumber.of(DOG_MATTER, date(2026, 11, 24), 1)
    assert (copy["content"], copy["grade"], copy["usable_until"]) == (DOG, "A", "2027-05-23")
    assert case in copy["annotation"]
    said = office.door.disclosed[-1]
    assert (said.subjects, said.grade, said.purpose) == ((anna.id,), 4, case)
    async with office.database.reading() as session:
        row = (await session.execute(sa.select(uses))).one()
    assert (row.certificate_id, row.case_number, row.task_code, row.purpose) == (certificate_id, case, DOG_MATTER, "犬类准养证核发")


async def test_a_case_that_asks_again_gets_the_same_copy(office: Office, anna: Someone) -> None:
    """Later, with the certificate run out and the catalogue away: what was made stays what it was."""
    certificate_id = await office.holds(anna)
    office.matter_lists(DOG_LICENCE)
    first = await office.uses(anna, certificate_id)
    office.clock.advance(timedelta(days=100))
    office.beside.answers("catalogue", "GET", f"/matters/{DOG_MATTER}/definition", 503)
    again = await office.uses(anna, certificate_id)
    assert (again.status_code, again.json()) == (200, first.json())
    async with office.database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(uses))).scalar_one() == 1
    assert len([each for each in office.beside.asked if each[0] == "catalogue"]) == 1


async def test_askers_at_once_get_one_copy(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    office.matter_lists(DOG_LICENCE)
    answers = await asyncio.gather(*(office.uses(anna, certificate_id) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 1


async def test_another_case_gets_a_copy_of_its_own(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    office.matter_lists(DOG_LICENCE)
    copies = [(await office.uses(anna, certificate_id, serial=serial)).json() for serial in (1, 2)]
    assert copies[0]["annotation"] != copies[1]["annotation"]


async def test_a_matter_that_does_not_list_the_type_may_not_use_it(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    office.matter_lists(IDENTITY_CARD)
    answer = await office.uses(anna, certificate_id)
    assert (answer.status_code, answer.json()["code"]) == (403, "certificate-not-a-material")
    async with office.database.reading() as session:
        assert (await session.execute(sa.select(uses))).all() == []


async def test_a_case_uses_what_the_version_of_its_matter_lists(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    office.matter_lists(IDENTITY_CARD)
    office.matter_lists(DOG_LICENCE, query="?version=1")
    assert (await office.uses(anna, certificate_id, version=2)).status_code == 403
    assert (await office.uses(anna, certificate_id, version=1)).status_code == 200


async def test_a_matter_that_is_not_published_uses_nothing(office: Office, anna: Someone) -> None:
    answer = await office.uses(anna, await office.holds(anna))
    assert (answer.status_code, answer.json()["code"]) == (403, "certificate-not-a-material")


async def test_without_the_catalogue_nothing_is_used(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    office.beside.answers("catalogue", "GET", f"/matters/{DOG_MATTER}/definition", 503)
    assert (await office.uses(anna, certificate_id)).status_code == 503


async def test_a_case_of_another_matter_is_not_used_under_this_one(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    office.matter_lists(DOG_LICENCE)
    foreign = CaseNumber.of(TaskCode.of(POLICE, 4, BasicCode("310101900001")), date(2026, 11, 24), 1)
    assert (await office.uses(anna, certificate_id, case_number=foreign)).status_code == 422


async def test_an_expired_certificate_is_not_used(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna, valid_until="2026-11-23")
    office.matter_lists(DOG_LICENCE)
    answer = await office.uses(anna, certificate_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "certificate-not-usable")


@pytest.mark.parametrize("missing", ["person_id", "case_number", "task_code", "purpose", "consent_id"])
async def test_a_use_states_holder_case_matter_cause_and_consent(office: Office, anna: Someone, missing: str) -> None:
    certificate_id = await office.holds(anna)
    office.matter_lists(DOG_LICENCE)
    assert (await office.uses(anna, certificate_id, without=missing)).status_code == 422


@pytest.mark.parametrize("purpose", ["", " ", "\u3000"])
async def test_a_blank_cause_is_none(office: Office, anna: Someone, purpose: str) -> None:
    certificate_id = await office.holds(anna)
    office.matter_lists(DOG_LICENCE)
    assert (await office.uses(anna, certificate_id, purpose=purpose)).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/certificate-types/imports"),
        ("GET", "/certificate-types"),
        ("POST", "/certificates/deposits"),
        ("GET", "/certificates"),
        ("GET", f"/certificates/{NOWHERE}"),
        ("POST", f"/certificates/{NOWHERE}/presentations"),
        ("POST", "/presentations/verifications"),
        ("GET", "/certificate-keys"),
    ],
)
async def test_routes_for_the_outside_need_the_gateway_and_its_permission(office: Office, anna: Someone, method: str, path: str) -> None:
    body = {} if method == "POST" else None
    strangers = [
        CallerFacts("application", party=PartyId.new(), person=anna.id, assurance=4, permissions=office.party().permissions),
        CallerFacts("gateway", party=PartyId.new(), person=anna.id, assurance=4),
    ]
    for facts in strangers:
        answer = await office.door.call(method, path, facts=facts, json=body, key="k")
        assert answer.status_code == 403, facts


@pytest.mark.parametrize(
    ("path", "friends"),
    [
        (f"/certificate-types/{DOG_LICENCE}/contents", {"application"}),
        ("/holdings", {"application", "catalogue"}),
        (f"/certificates/{NOWHERE}/uses", {"application"}),
    ],
)
async def test_internal_routes_are_for_the_services_they_name(office: Office, path: str, friends: set[str]) -> None:
    for member in ("gateway", "identity", "catalogue", "application", "rating"):
        facts = office.party() if member == "gateway" else CallerFacts(member)
        answer = await office.door.call("POST", path, facts=facts, json={})
        assert answer.status_code == (422 if member in friends else 403), member


async def test_presenting_needs_a_person_whose_face_was_checked(office: Office, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    path = f"/certificates/{certificate_id}/presentations"
    answer = await office.door.call("POST", path, facts=office.acting(anna, assurance=2), json={"purpose": "核验"})
    assert answer.status_code == 403


async def test_a_party_without_a_person_holds_nothing(office: Office) -> None:
    assert (await office.door.call("GET", "/certificates", facts=office.party())).status_code == 403
