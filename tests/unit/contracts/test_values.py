"""Vectors are the standards' own examples, or synthetic ones with right check characters."""

import pytest
from pydantic import BaseModel, ValidationError

from contracts.values import (
    BasicCode,
    CaseNumber,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    Id,
    PersonId,
    PersonName,
    Phone,
    ResidentId,
    TaskCode,
    TaskItemCode,
    credit_check,
    mod37_36,
    organisation_check,
    resident_check,
)

RESIDENT = [
    "11010519491231002X",
    "440524188001010014",
    "31010118950101001X",
    "310115189912310023",
    "310151189202290035",
    "310104189806158882",
    "370202189603011235",
    "430102189707044569",
    "810000189910100012",
    "820000189910100022",
    "830000189910100032",
    "319999202606010017",
    "319999201908150037",
    "319999195503020025",
]

CREDIT = [
    "91350100M000100Y43",
    "11100000000013338W",
    "91110000802100433B",
    "11330105002500287C",
    "11370800MB28559184",
    "12441500196720244T",
    "91310101MA1TE5T0XR",
    "1131000000TE5T029R",
    "52310000MJTE5T044Q",
]


@pytest.mark.parametrize("number", RESIDENT)
def test_a_right_resident_number_is_accepted(number: str) -> None:
    assert ResidentId(number) == number


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310020",
        "11010519491231002",
        "１10105194912310020",
        "11010519491231002X\n",
        "991231194912310020",
        "110105190002290012",
        "31999920990101001X",
        "",
    ],
)
def test_a_wrong_resident_number_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ResidentId(number)


def test_an_impossible_birth_date_is_refused_even_with_a_right_check_character() -> None:
    first = "31999919000229001"
    with pytest.raises(ValueError, match="day"):
        ResidentId(first + resident_check(first))


def test_a_small_x_becomes_a_capital_and_facts_follow_from_the_number() -> None:
    number = ResidentId("11010519491231002x")
    assert (number, number.sex, str(number.birth_date)) == ("11010519491231002X", "female", "1949-12-31")
    assert number.masked() == "110***********002X"


@pytest.mark.parametrize("code", CREDIT)
def test_a_right_credit_code_is_accepted(code: str) -> None:
    assert CreditCode(code) == code


@pytest.mark.parametrize("code", ["91310000607391238H", "91350100M000100Y44", "9135O100M000100Y43", "91350100m000100y43"])
def test_a_wrong_credit_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        CreditCode(code)


def test_check_characters_are_those_of_the_standards() -> None:
    assert resident_check("11010519491231002") == "X"
    assert (credit_check("91350100M000100Y4"), organisation_check("M000100Y")) == ("3", "4")
    assert mod37_36("A12425GABC1234002") == "M"


@pytest.mark.parametrize(
    ("type_code", "issuer", "serial", "version", "check"),
    [
        ("11100000000013338W011", "11430000006122244L", "20230000403", 1, "U"),
        ("11100000000013338W009", "11330105002500287C", "2025052201", 2, "0"),
    ],
)
def test_a_certificate_identifier_ends_with_its_check_character(type_code: str, issuer: str, serial: str, version: int, check: str) -> None:
    identifier = CertificateIdentifier.of(CertificateTypeCode(type_code), CreditCode(issuer), serial, version)
    assert identifier.endswith(f".{check}")
    assert CertificateIdentifier(identifier).issuer == issuer
    with pytest.raises(ValueError, match="check character"):
        CertificateIdentifier(identifier[:-1] + ("A" if check != "A" else "B"))


def test_a_documented_sample_with_a_wrong_check_character_is_refused() -> None:
    with pytest.raises(ValueError, match="check character"):
        CertificateIdentifier("1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M")


def test_codes_of_matters_and_cases_are_built_from_each_other() -> None:
    task = TaskCode("11370800MB285591843370117002011")
    number = CaseNumber("11370800MB28559184337011700201120260302000017")
    assert (task.agency, task.level, task.basic) == ("11370800MB28559184", 3, "370117002011")
    assert TaskCode.of(task.agency, 3, BasicCode("370117002011")) == task
    assert number.task_code == task
    with pytest.raises(ValueError, match=r"."):
        CaseNumber(task + "20260230" + "000017")
    with pytest.raises(ValueError, match=r"."):
        BasicCode("370017002011")


def test_codes_of_12_31_and_33_characters_are_generated_and_checked() -> None:
    basic = BasicCode.of("37", "01", 17, 2, 11)
    assert (basic, BasicCode.of("37", "01", 17, 2), basic.matter_type) == ("370117002011", "370117002000", "01")
    task = TaskCode.of(CreditCode("11370800MB28559184"), 3, basic)
    item = TaskItemCode.of(task, 1)
    assert (len(basic), len(task), len(item)) == (12, 31, 33)
    assert (item.task_code, item.serial, TaskItemCode(str(item))) == (task, 1, item)
    assert TaskItemCode("11370800MB28559184300011711200001").task_code.basic == "000117112000"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (BasicCode, "37011700201"),
        (BasicCode, "3701170020110"),
        (BasicCode, "373117002011"),
        (BasicCode, "37011700201A"),
        (TaskCode, "11370800MB28559184370117002011"),
        (TaskCode, "11370800MB285591843701170020111"[:-1] + "A"),
        (TaskCode, "11370800MB285591808370117002011"),
        (TaskCode, "11370800MB285591843373117002011"[:19] + "373117002011"),
        (TaskItemCode, "11370800MB285591843370117002011"),
        (TaskItemCode, "11370800MB2855918433701170020111"),
        (TaskItemCode, "11370800MB28559174337011700201101"),
    ],
)
def test_a_code_of_another_length_type_or_check_character_is_none(kind: type[BasicCode | TaskCode | TaskItemCode], text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        kind(text)


def test_business_items_are_counted_from_1_to_99() -> None:
    task = TaskCode("11370800MB285591843370117002011")
    assert TaskItemCode.of(task, 99).serial == 99
    for serial in (0, -1, 100):
        with pytest.raises(ValueError, match=r"."):
            TaskItemCode.of(task, serial)


def test_masks_hide_the_middle() -> None:
    assert Phone("13812345678").masked() == "138****5678"
    assert [PersonName(name).masked() for name in ("张", "张三", "张小明", "示例·甲一")] == ["*", "张*", "张*明", "示***一"]


@pytest.mark.parametrize("name", ["", "张\u200b三", "张3", "<b>", " 张三", "a" * 100])
def test_a_name_is_letters(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PersonName(name)


def test_ids_sort_by_time_and_validate_in_models() -> None:
    class Holder(BaseModel):
        person: PersonId

    first, second = Id.new(), Id.new()
    assert len({first, second}) == 2
    assert first[:12] <= second[:12]
    assert isinstance(Holder.model_validate({"person": str(first)}).person, PersonId)
    with pytest.raises(ValidationError):
        Holder.model_validate({"person": first.upper()})
    with pytest.raises(ValidationError):
        Holder.model_validate({"person": 5})


@pytest.mark.parametrize("text", [None, "", "nobody", "x" * 36])
def test_what_is_no_value_reads_as_none(text: str | None) -> None:
    known = PersonId.new()
    assert PersonId.read(known) == known
    assert PersonId.read(text) is None
