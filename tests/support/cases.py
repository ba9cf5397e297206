"""What a test about cases says of persons, matters and callers. Synthetic throughout."""

from datetime import date
from typing import Any

from chassis.http.mesh_token import CallerFacts
from contracts.api import catalogue, certificate
from contracts.api.identity import persons as identity
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.standing import CreditStanding
from contracts.values import (
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    DivisionCode,
    MandateId,
    OfficerId,
    OrganisationId,
    PartyId,
    PersonId,
    TaskCode,
)
from tests.support.clock import TODAY
from tests.support.service import EVERYTHING

TASK = TaskCode("11310101TE5T0101924310101900000")
AGENCY = CreditCode("11310101TE5T010192")
OTHER_AGENCY = CreditCode("11310000TE5T013342")
HUANGPU, XUHUI = DivisionCode("310101"), DivisionCode("310104")
CARD, LICENCE = CertificateTypeCode("11310000TE5T90015G001"), CertificateTypeCode("11310000TE5T90015G004")
PERSON, STRANGER, AGENT = PersonId.new(), PersonId.new(), PersonId.new()
ORGANISATION, MANDATE = OrganisationId.new(), MandateId.new()
CARD_ID = CertificateId.new()
CARD_IDENTIFIER = CertificateIdentifier.of(CARD, AGENCY, "0000000001", 1)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01" + b"a picture"


def applicant(person: PersonId = PERSON, *, assurance: int = 3) -> CallerFacts:
    return CallerFacts("gateway", _APP, "app", person=person, assurance=assurance, permissions=EVERYTHING)


def by_mandate(
    subject: PersonId | OrganisationId = PERSON, *, actor: PersonId = AGENT, matters: tuple[str, ...] = (), assurance: int = 3
) -> CallerFacts:
    """The agent, acting for the subject."""
    return CallerFacts(
        "gateway", _APP, "app", assurance=assurance, permissions=EVERYTHING, actor=actor, mandate=MANDATE, mandate_matters=matters,
        person=subject if isinstance(subject, PersonId) else None,
        organisation=subject if isinstance(subject, OrganisationId) else None,
    )  # fmt: skip


def handler(officer: str = "hp-001", *, division: DivisionCode = HUANGPU, kind: str = "district") -> CallerFacts:
    return CallerFacts(
        "gateway", _PARTY, kind, agency=AGENCY, division=division, officer=OfficerId(officer), permissions=EVERYTHING
    )  # fmt: skip


def operator(officer: str = "op-001") -> CallerFacts:
    return CallerFacts("gateway", _PARTY, "operator", officer=OfficerId(officer), permissions=EVERYTHING)


_PARTY, _APP = PartyId.new(), PartyId.new()


def definition(**changes: Any) -> catalogue.Definition:
    said = {
        "task_code": TASK,
        "version": 1,
        "name": "犬类准养证核发",
        "matter_type": "01",
        "agency": AGENCY,
        "agency_name": "示例·黄浦区公安分局",
        "division": HUANGPU,
        "is_immediate": False,
        "promised_working_days": 9,
        "statutory_working_days": 20,
        "form_schema": {
            "type": "object",
            "additionalProperties": False,
            "required": ["applicant_name", "applicant_id", "dog_name", "address"],
            "properties": {
                "applicant_name": {"type": "string", "maxLength": 50},
                "applicant_id": {"type": "string", "maxLength": 18},
                "dog_name": {"type": "string", "minLength": 1, "maxLength": 30},
                "address": {"type": "string", "minLength": 1, "maxLength": 200},
            },
        },
        "field_titles": {"applicant_name": "申请人姓名", "applicant_id": "身份证号码", "dog_name": "犬名", "address": "地址"},
        "field_sources": {"applicant_name": "identity.name", "applicant_id": "identity.resident_id"},
        "materials": [
            material("identity-card", exemption="certificate", certificate_type=CARD),
            material("vaccination-proof"),
            material("home-proof", is_required=False, exemption="commitment"),
            material("household", exemption="data_check"),
        ],
        "result_certificate_type": LICENCE,
        "illustrative": True,
        "conditions": [element("犬只已接种狂犬病疫苗"), element("申请人有固定居所")],
        "steps": [step("受理"), step("审查"), step("决定")],
        "fees": [element("工本费", standard="每证 10 元")],
        "special_procedures": [element("现场勘验", name="现场勘验", working_days=5), element("专家评审", name="专家评审")],
    }
    return catalogue.Definition.model_validate(said | changes)


def material(code: str, **changes: Any) -> catalogue.Material:
    said = {"code": code, "name": f"示例·{code}", "source": "applicant", "is_required": True, "provenance": "illustrative"}
    return catalogue.Material.model_validate(said | changes)


def element(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "provenance": "illustrative", **more}


def step(name: str) -> dict[str, Any]:
    return {"name": name, "working_days": 2, "provenance": "illustrative"}


def profile(person: PersonId = PERSON, *, name: str = "示例·甲一") -> identity.Profile:
    def sourced(value: str) -> dict[str, Any]:
        return {"value": value, "source": "population-base", "at": TODAY}

    return identity.Profile.model_validate(
        {
            "person_id": person,
            "assurance": 3,
            "name": sourced(name),
            "resident_id": sourced("31999919900515001X"),
            "phone": sourced("13900000001"),
            "sex": sourced("male"),
            "birth_on": sourced("1990-05-15"),
            "born": date(1990, 5, 15),
        }
    )


def organisation() -> OrganisationProfile:
    def sourced(value: str) -> dict[str, Any]:
        return {"value": value, "source": "registration-base", "at": TODAY}

    return OrganisationProfile.model_validate(
        {
            "organisation_id": ORGANISATION,
            "assurance": 3,
            "credit_code": sourced("91350100M000100Y43"),
            "name": sourced("示例·某某科技有限公司"),
            "status": "active",
            "representative": AGENT,
            "representative_name": sourced("示例·乙二"),
        }
    )


def credit(*, is_barred: bool = False) -> CreditStanding:
    return CreditStanding(is_barred=is_barred, source="credit-registry", reference="sandbox-1", at=TODAY)


def holding() -> certificate.Holding:
    return certificate.Holding(
        certificate_id=CARD_ID, type=CARD, name="居民身份证", number_masked="31****1X", issuer=AGENCY, valid_until=None
    )


def used() -> certificate.UsedCertificate:
    return certificate.UsedCertificate(
        certificate_id=CARD_ID,
        identifier=CARD_IDENTIFIER,
        type=CARD,
        name="居民身份证",
        grade="A",
        content={"name": "示例·甲一"},
        annotation="此件仅供办理本件使用",
        usable_until=date(2027, 5, 1),
    )
