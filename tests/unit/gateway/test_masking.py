"""What is shown of a person's data: the forms, who sees them clear, and that nothing unreadable leaves."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.personal import Form
from contracts.values import CreditCode, OrganisationId, PersonId, PersonName, Phone, ResidentId, credit_check, organisation_check
from gateway.proxy.answer import Answer
from gateway.registry.masking import seeded
from gateway.registry.personal_fields import personal_fields
from gateway.registry.snapshots import masking as snapshots
from gateway.snapshot import NOTHING_KNOWN, Found, MaskingRule, Resource, RouteTable
from gateway.unified.protection import Mask, NotMaskable, mask_for
from gateway.unified.protection.masks import masked
from gateway.walk import Incoming, Walk
from tests.unit.gateway.city import APP, DISTRICT, City, party, resource

RULES = snapshots.build(seeded())
PERSONAL = ("applicant/name:name", "applicant/number:document", "values/value:value")
_UNCHECKED = f"91310000MA1FL000{organisation_check('MA1FL000')}"
CREDIT_CODE = _UNCHECKED + credit_check(_UNCHECKED)
RESIDENT_ID = "31010119900101001X"

_digits = st.text("0123456789", min_size=1, max_size=20)
_texts = st.one_of(
    st.text(max_size=60),
    _digits,
    st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"[a-z0-9.]{1,12}@[a-z]{1,9}\.(com|cn)", fullmatch=True),
    st.from_regex(r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]", fullmatch=True),
    st.from_regex(r"[EG][0-9]{8}", fullmatch=True),
)
_forms = st.sampled_from(list(Form))


@pytest.mark.parametrize(
    ("form", "clear", "shown"),
    [
        (Form.RESIDENT_ID, RESIDENT_ID, "310***********001X"),
        (Form.DOCUMENT, RESIDENT_ID, "310***********001X"),
        (Form.PHONE, "13812345678", "138****5678"),
        (Form.NAME, "张三", "张*"),
        (Form.NAME, "张三明", "张*明"),
        (Form.NAME, "欧阳小明", "欧**明"),
        (Form.NAME, "张", "*"),
        (Form.DOCUMENT, "E12345678", "E1*****78"),
        (Form.DOCUMENT, "123", "***"),
        (Form.DOCUMENT, CREDIT_CODE, CREDIT_CODE),
        (Form.ADDRESS, "上海市黄浦区人民大道200号5楼", "上海市黄浦区人民大道***"),
        (Form.ADDRESS, "某处", "***"),
        (Form.BANK_CARD, "6222021234567890123", "***************0123"),
        (Form.BANK_CARD, "12", "***"),
        (Form.EMAIL, "zhang.san@example.cn", "z***@example.cn"),
        (Form.EMAIL, "nobody", "***"),
        (Form.DATE, "1990-01-01", "1990-**-**"),
        (Form.VALUE, RESIDENT_ID, "310***********001X"),
        (Form.VALUE, "13812345678", "138****5678"),
        (Form.VALUE, "张三明", "张***"),
        (Form.VALUE, "310***********001X", "310***********001X"),
        (Form.VALUE, {"n": 5, "t": ["张三明", True, None]}, {"n": "***", "t": ["张***", True, None]}),
        ("unheard-of", "张三明", "***"),
    ],
)
def test_each_form_shows_what_is_usual_and_no_more(form: str, clear: Any, shown: Any) -> None:
    assert masked(form, clear) == shown


@given(_forms, _texts)
def test_masking_what_is_masked_changes_nothing(form: Form, text: str) -> None:
    once = masked(form, text)
    assert masked(form, once) == once


@given(_forms, _texts)
def test_no_text_comes_through_as_it_was(form: Form, text: str) -> None:
    shown = masked(form, text)
    is_public = form is Form.DOCUMENT and CreditCode.read(text) is not None
    assert shown != text or not text or 3 * text.count("*") >= len(text) or "**" in text or is_public


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.from_regex(r"[张王李赵]{2,4}", fullmatch=True))
def test_the_gateway_masks_as_the_services_do(phone: str, name: str) -> None:
    assert masked(Form.PHONE, phone) == Phone(phone).masked()
    assert masked(Form.NAME, name) == PersonName(name).masked()
    assert masked(Form.RESIDENT_ID, "11010519491231002X") == ResidentId("11010519491231002X").masked()


def dossier(**more: Any) -> Resource:
    known = resource("GET", "/cases/{number}/dossier", "case:handle", "party", grade=4, personal=PERSONAL)
    return replace(known, **more)


def walk(kind: str = "district", *, found: Resource | None = None, **more: Any) -> Walk:
    known = replace(NOTHING_KNOWN, masking=more.pop("rules", RULES))
    incoming = Incoming("GET", "/cases/1/dossier", "", (), b"")
    return Walk(incoming, known, Found(found or dossier()), 0.0, party=more.pop("party", party(DISTRICT, kind)), kind=kind, **more)


def test_who_handles_a_case_sees_it_clear_and_an_operator_or_an_app_does_not() -> None:
    assert mask_for(walk("district")) is None
    assert mask_for(walk("department")) is None
    assert mask_for(walk("operator")) is not None
    assert mask_for(walk("app")) is not None


def test_a_hotline_sees_everything_masked_and_a_hall_window_unless_an_officer_is_named() -> None:
    assert mask_for(walk(channel="hotline", officer="qx-001")) is not None
    assert mask_for(walk(channel="window")) is not None
    assert mask_for(walk(channel="window", officer="qx-001")) is None


def test_a_person_sees_their_own_as_the_service_answers_it_but_not_through_the_hotline() -> None:
    own = dossier(audience="subject", grade=3)
    assert mask_for(walk("app", found=own, person=PersonId.new())) is None
    assert mask_for(walk("app", found=own, organisation=OrganisationId.new())) is None
    assert mask_for(walk("app", found=own, person=PersonId.new(), channel="hotline")) is not None
    # To be signed in does not make somebody else's data one's own.
    assert mask_for(walk("app", person=PersonId.new())) is not None


def test_what_is_of_low_grade_or_tells_of_nobody_is_not_touched() -> None:
    assert mask_for(walk("app", found=dossier(grade=2))) is None
    assert mask_for(walk("app", found=dossier(personal=()))) is None
    assert mask_for(replace(walk("app"), found=Found(None))) is None


def test_without_any_rule_nothing_is_clear() -> None:
    assert mask_for(walk("district", rules=())) is not None


def test_a_rule_may_be_of_duties_permissions_and_grades_and_clear_some_forms_only() -> None:
    auditor = MaskingRule(duties=frozenset({"audit"}), permissions=frozenset({"case:handle"}), grade=3, clear=frozenset({"name"}))
    officers = party(DISTRICT, "operator", duties={"op-001": frozenset({"audit"}), "op-002": frozenset({"system"})})
    said = {"applicant": {"name": "张三明", "number": "E12345678"}}

    def shown(**more: Any) -> Any:
        mask = mask_for(walk("operator", rules=(auditor,), party=officers, **more))
        assert mask is not None
        return json.loads(mask.apply(json.dumps(said).encode()))["applicant"]["name"]

    assert shown(found=dossier(grade=3), officer="op-001") == "张三明"
    assert shown(found=dossier(grade=3), officer="op-002") == "张*明"
    assert shown(found=dossier(grade=4), officer="op-001") == "张*明"
    assert shown(found=dossier(grade=3, permission="case:read"), officer="op-001") == "张*明"
    everything = MaskingRule(clear=frozenset({"name", "document", "value"}))
    assert mask_for(walk("operator", rules=(everything,))) is None


def test_a_mask_reaches_into_arrays_and_leaves_everything_else() -> None:
    said = {"number": "310000", "name": "事项", "applicant": {"name": "张三明", "number": RESIDENT_ID, "kind": "person"}}
    said |= {"values": [{"name": "phone", "value": "13812345678"}, {"name": "size", "value": 5}], "big": 12345678901234567890123}
    shown = json.loads(Mask(PERSONAL, frozenset()).apply(json.dumps(said).encode()))
    assert shown == said | {
        "applicant": {"name": "张*明", "number": "310***********001X", "kind": "person"},
        "values": [{"name": "phone", "value": "138****5678"}, {"name": "size", "value": "***"}],
    }
    assert json.loads(Mask(("*/name:name",), frozenset()).apply('[{"a":{"name":"张三明"}}]'.encode())) == [{"a": {"name": "张*明"}}]
    assert Mask(PERSONAL, frozenset()).apply(b"") == b""


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a":NaN}', b'{"a":"\\ud800"}', b"[" * 100_000, b"\x1f\x8b\x08", b"<html>"])
def test_what_cannot_be_read_cannot_be_masked(body: bytes) -> None:
    with pytest.raises(NotMaskable):
        Mask(PERSONAL, frozenset()).apply(body)


def test_of_a_name_given_twice_none_comes_through() -> None:
    shown = Mask(PERSONAL, frozenset()).apply('{"applicant":{"name":"张三明"},"applicant":{"name":"李四光"}}'.encode())
    assert "张三明" not in shown.decode()
    assert "李四光" not in shown.decode()


def test_fields_come_from_the_marks_of_the_contracts() -> None:
    schemas = {
        "Page": {"properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Own"}}}},
        "Own": {
            "properties": {
                "name": {"anyOf": [{"type": "string"}, {"type": "null"}], "x-personal": "name"},
                "id": {"anyOf": [{"type": "string", "x-personal": "resident-id"}, {"type": "null"}]},
                "by": {"additionalProperties": {"properties": {"phone": {"x-personal": "phone"}}}},
                "more": {"anyOf": [{"$ref": "#/components/schemas/Own"}, {"type": "null"}]},
                "state": {"type": "string"},
            }
        },
    }
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}
    found = personal_fields({"components": {"schemas": schemas}}, {"responses": {"200": answer, "404": answer, "204": {}}})
    assert found == ["items/by/*/phone:phone", "items/id:resident-id", "items/more:value", "items/name:name"]


async def test_at_the_door_an_app_sees_masked_what_it_is_not_to_see(city: City) -> None:
    route = resource("GET", "/matters", "matter:read", "party", grade=3, personal=PERSONAL)
    city.known = replace(city.known, routes=RouteTable([route]), masking=RULES)
    body = json.dumps({"applicant": {"name": "张三明"}}).encode()
    city.answer = Answer(200, [(b"content-type", b"application/json")], body)
    said = await city.call("GET", "/matters", city.bearer(APP))
    assert json.loads(said.body) == {"applicant": {"name": "张*明"}}
    assert int(said.headers["content-length"]) == len(said.body)


@pytest.mark.parametrize(("media_type", "body"), [(b"application/json", b'{"a":'), (b"text/csv", b"a,b")])
async def test_what_cannot_be_masked_is_withheld(city: City, media_type: bytes, body: bytes) -> None:
    route = resource("GET", "/matters", "matter:read", "party", grade=3, personal=PERSONAL)
    city.known = replace(city.known, routes=RouteTable([route]), masking=RULES)
    city.answer = Answer(200, [(b"content-type", media_type)], body)
    said = await city.call("GET", "/matters", city.bearer(APP))
    assert (said.status, said.problem()["rule"]) == (502, "masking")
