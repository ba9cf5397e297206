import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from chassis.working_days import local_day
from contracts.api.certificate import CertificateType
from contracts.values import (
    CaseNumber,
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    PersonName,
    ResidentId,
    TaskCode,
)
from services.certificate.domain import (
    Certificate,
    CertificateIsNotUsable,
    ContentIsNotValid,
    Holder,
    NotAMaterial,
    annotation,
    errors_in,
    faults,
    fitted,
    last_day,
    last_day_of_copy,
    masked_number,
    number_from,
    out_by,
)
from services.certificate.signing import CertificateSigner
from tests.support.service import private_key

ISSUER = CreditCode("11310101TE5T010192")
TYPE = CertificateTypeCode("11310000TE5T90015G004")
DOG = TaskCode("11310101TE5T0101924310101900000")
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "colour"],
    "properties": {"name": {"type": "string", "minLength": 1}, "colour": {"type": "string"}, "age": {"type": "number"}},
}


def certificate(**other: Any) -> Certificate:
    plain = Certificate(
        id=CertificateId.new(),
        identifier=CertificateIdentifier.of(TYPE, ISSUER, "20230000403", 1),
        type=TYPE,
        number="SH-1",
        issuer=ISSUER,
        state="valid",
        grade="A",
        holder=Holder(PersonName("示例·甲一"), ResidentId("319999195503020025")),
        content={"dog_name": "示例"},
        issued_on=date(2026, 1, 31),
        valid_until=date(2027, 1, 31),
        created_at=datetime(2026, 1, 31, tzinfo=UTC),
        salt="c2FsdA",
    )
    return replace(plain, **other)


def kind(**other: Any) -> CertificateType:
    said = {
        "code": TYPE, "name": "犬类准养证", "en": "Dog licence", "issuer_function": "公安", "holder": "person",
        "fields": SCHEMA, "valid_years": 1, "provenance": "illustrative",
    }  # fmt: skip
    return CertificateType.model_validate(said | other)


def test_a_certificate_is_valid_on_its_last_day_and_expired_on_the_next() -> None:
    assert certificate().state_on(date(2027, 1, 31)) == "valid"
    assert certificate().state_on(date(2027, 2, 1)) == "expired"
    assert certificate(valid_until=None).state_on(date(9999, 12, 31)) == "valid"


def test_a_revoked_certificate_stays_revoked_after_its_last_day() -> None:
    assert certificate(state="revoked").state_on(date(2030, 1, 1)) == "revoked"


@pytest.mark.parametrize("other", [{"state": "suspended"}, {"state": "revoked"}, {"valid_until": date(2026, 2, 1)}])
def test_only_a_valid_certificate_is_usable(other: dict[str, Any]) -> None:
    with pytest.raises(CertificateIsNotUsable):
        certificate(**other).usable_on(date(2026, 6, 1))


def test_a_matter_that_lists_other_types_may_not_use_it() -> None:
    assert certificate().wanted_among({TYPE}).type == TYPE
    with pytest.raises(NotAMaterial):
        certificate().wanted_among({CertificateTypeCode("11310000TE5T90015G001")})


@pytest.mark.parametrize(
    ("issued_on", "years", "ends_on"),
    [
        (date(2026, 11, 24), 1, date(2027, 11, 24)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2026, 11, 24), None, None),
    ],
)
def test_a_validity_ends_on_the_same_day_years_later(issued_on: date, years: int | None, ends_on: date | None) -> None:
    assert last_day(issued_on, years) == ends_on


@pytest.mark.parametrize(("years", "ends_on"), [(1, date(2028, 1, 31)), (10, date(2037, 1, 31)), (None, date(2028, 1, 31))])
def test_a_renewed_certificate_holds_for_another_term_after_its_last_day(years: int | None, ends_on: date) -> None:
    before, at = certificate(), datetime(2027, 2, 1, 1, tzinfo=UTC)
    after = before.renewed(years, since=date(2027, 2, 1), salt="ZnJlc2g", at=at)
    assert after is not None
    assert (after.issued_on, after.valid_until, after.state, after.created_at) == (date(2027, 2, 1), ends_on, "valid", at)
    assert after.identifier.follows(before.identifier)
    assert (after.number, after.content, after.holder) == (before.number, before.content, before.holder)


@pytest.mark.parametrize("other", [{"state": "revoked"}, {"state": "superseded"}, {"valid_until": None}, {"valid_until": date(2027, 2, 1)}])
def test_what_was_ended_or_holds_anyway_is_not_renewed(other: dict[str, Any]) -> None:
    assert certificate(**other).renewed(1, since=date(2027, 2, 1), salt="ZnJlc2g", at=datetime(2027, 2, 1, tzinfo=UTC)) is None


def test_a_certificate_of_the_future_is_not_out() -> None:
    assert out_by(date(2026, 11, 24), date(2026, 11, 24)) == date(2026, 11, 24)
    with pytest.raises(ContentIsNotValid):
        out_by(date(2026, 11, 25), date(2026, 11, 24))


def test_the_day_is_that_of_shanghai() -> None:
    assert local_day(datetime(2026, 11, 24, 15, 59, tzinfo=UTC)) == date(2026, 11, 24)
    assert local_day(datetime(2026, 11, 24, 16, 0, tzinfo=UTC)) == date(2026, 11, 25)


def test_content_keeps_what_the_type_knows() -> None:
    assert fitted({"name": "旺财", "colour": "黄", "applicant_phone": "13800138000"}, SCHEMA) == {"name": "旺财", "colour": "黄"}


def test_missing_and_wrong_members_are_named_without_their_values() -> None:
    found = faults({"name": "", "age": "secret"}, SCHEMA)
    assert {(each["field"], each["rule"]) for each in found} == {("name", "minLength"), ("colour", "required"), ("age", "type")}
    assert "secret" not in json.dumps(found)


def test_every_missing_member_is_named_once() -> None:
    assert [each["field"] for each in faults({}, SCHEMA)] == ["name", "colour"]


@pytest.mark.parametrize("age", [1.5, 2.0, 2**53])
def test_a_number_without_one_form_in_json_is_refused(age: float) -> None:
    assert faults({"name": "旺财", "colour": "黄", "age": age}, SCHEMA) == [{"field": "age", "rule": "exact"}]


def test_two_cases_of_an_issuer_never_share_a_number() -> None:
    other_matter = TaskCode.of(DOG.agency, 4, type(DOG.basic)("310101900001"))
    cases = {
        CaseNumber.of(task, day, serial)
        for task in (DOG, other_matter)
        for day in (date(2026, 11, 24), date(2026, 11, 25))
        for serial in (1, 2)
    }
    assert len({number_from(case) for case in cases}) == len(cases) == 8
    assert all(ISSUER not in number_from(case) for case in cases)


def test_an_annotated_copy_says_for_which_case_and_until_when() -> None:
    case = CaseNumber.of(DOG, date(2026, 11, 24), 7)
    until = last_day_of_copy(datetime(2026, 11, 24, 17, 0, tzinfo=UTC))
    assert until == date(2027, 5, 24)
    text = annotation(certificate(), case, until)
    assert case in text
    assert "2027-05-24" in text
    assert "仅供" in text


def test_numbers_are_masked_but_for_their_ends() -> None:
    assert masked_number("SH20260001") == "SH******01"
    assert masked_number("1234") == "****"


def test_an_import_names_every_broken_rule() -> None:
    remote = {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1/schema"}}}
    kinds = [kind(), kind(), kind(fields={"type": "nothing"}), kind(fields={"type": "string"}), kind(fields=remote)]
    found = [(each["row"], each["column"], each["rule"]) for each in errors_in(kinds)]
    assert ("2", "code", "a code is given once") in found
    assert ("3", "fields", "fields are a JSON Schema") in found
    assert ("4", "fields", "the schema is of an object and names its properties") in found
    assert ("5", "fields", "the schema refers to no other") in found
    assert errors_in([kind()]) == []


def signed(plain: Certificate) -> tuple[CertificateSigner, Certificate]:
    signer = CertificateSigner(private_key("signing"))
    return signer, replace(plain, signature=signer.sign(plain))


@pytest.mark.parametrize(
    "other",
    [
        {"identifier": CertificateIdentifier.of(TYPE, ISSUER, "20230000404", 1)},
        {"type": CertificateTypeCode("11310000TE5T90015G001")},
        {"number": "SH-2"},
        {"issuer": CreditCode("11310104TE5T010278")},
        {"issued_on": date(2026, 1, 30)},
        {"valid_until": date(2028, 1, 31)},
        {"valid_until": None},
        {"holder": Holder(PersonName("示例·甲二"), ResidentId("319999195503020025"))},
        {"holder": Holder(PersonName("示例·甲一"), ResidentId("319999201908150037"))},
        {"content": {"dog_name": "另一只"}},
        {"content": {}},
        {"salt": "YW5kZXJz"},
        {"signature": "a.b.c"},
        {"signature": ""},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_changed_member_breaks_the_signature(other: dict[str, Any]) -> None:
    signer, original = signed(certificate())
    assert signer.is_signed(original)
    assert not signer.is_signed(replace(original, **other))


def test_a_signature_by_another_key_is_not_ours() -> None:
    signer, _ = signed(certificate())
    foreign = CertificateSigner(private_key("stranger")).sign(certificate())
    assert not signer.is_signed(replace(certificate(), signature=foreign))


def test_an_unsigned_token_is_no_signature() -> None:
    signer, original = signed(certificate())
    _, payload, _ = original.signature.split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    assert not signer.is_signed(replace(original, signature=f"{header}.{payload}."))


def _recomputed(facts: list[Any]) -> str:
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def test_a_stranger_with_the_key_set_and_the_certificate_can_check_all_of_it() -> None:
    signer, original = signed(certificate())
    published = json.loads(json.dumps(signer.key_set()))
    read = jws.deserialize_compact(original.signature, KeySet.import_key_set(published), algorithms=["ES256"])
    said = json.loads(read.payload)
    assert said == {
        "identifier": original.identifier,
        "type": TYPE,
        "number": "SH-1",
        "issuer": ISSUER,
        "issued_on": "2026-01-31",
        "valid_until": "2027-01-31",
        "holder": _recomputed([original.salt, "示例·甲一", "319999195503020025"]),
        "content": _recomputed([original.salt, {"dog_name": "示例"}]),
    }


def test_the_signed_text_names_neither_holder_nor_content() -> None:
    _, original = signed(certificate())
    payload = original.signed_facts().decode()
    assert "319999195503020025" not in payload
    assert "示例" not in payload
    assert certificate(salt="b3RoZXI").signed_facts() != original.signed_facts()


def test_the_key_set_holds_no_private_part() -> None:
    signer, original = signed(certificate())
    (key,) = signer.key_set()["keys"]
    assert "d" not in key
    assert key["kid"] == json.loads(base64.urlsafe_b64decode(original.signature.split(".")[0] + "=="))["kid"]
    other = CertificateSigner(private_key("stranger")).key_set()
    with pytest.raises(InvalidKeyIdError):
        jws.deserialize_compact(original.signature, KeySet.import_key_set(other), algorithms=["ES256"])
