"""Which matters are on which list, and what puts them there."""

import json
from typing import Any

import pytest

from contracts.api.catalogue import ListCode, Matter
from contracts.values import DivisionCode
from deploy.local import seed
from services.catalogue.domain.lists import DEFINITIONS, reasons_of
from services.catalogue.domain.terms import as_in, depth_grade, divisions_that_differ

SAID = {"provenance": "illustrative"}
DOG = next(each for each in seed.document()["matters"] if each["basic_code"] == "310101900000")


def matter(**parts: Any) -> Matter:
    """A licence for persons, done at windows of districts, with these parts in the place of its own."""
    return Matter.model_validate_json(json.dumps(DOG | parts))


def with_type(two_digits: str) -> Matter:
    code = f"31{two_digits}01900000"
    implementations = [{"task_code": each["task_code"][:19] + code} for each in DOG["implementations"]]
    return matter(basic_code=code, implementations=implementations)


def material(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": code, "source": "applicant", "is_required": True, **SAID, **more}


PLAIN = matter(materials=[material("photo")], visits=2, commitment=None)

ON: list[tuple[ListCode, Matter, list[tuple[str, str, int | None]]]] = [
    (ListCode.POWERS, with_type("01"), [("basis[0]", DOG["basis"][0]["text"], None)]),
    (ListCode.PUBLIC_SERVICES, with_type("20"), [("basis[0]", DOG["basis"][0]["text"], None)]),
    (ListCode.PUBLIC_SERVICES, with_type("21"), [("basis[0]", DOG["basis"][0]["text"], None)]),
    (ListCode.ZERO_VISIT, matter(visits=0), [("visits", "到办事现场次数：0", None)]),
    (
        ListCode.ONE_VISIT,
        matter(visits=1, visit_reason={"text": "须当面核验", **SAID}),
        [("visits", "到办事现场次数：1", None), ("visit_reason", "须当面核验", None)],
    ),
    (ListCode.ONE_VISIT, matter(visits=0), [("visits", "到办事现场次数：0", None)]),
    (ListCode.AT_HOME, matter(delivery={"at_home": True}), [("delivery.at_home", "可上门办理", None)]),
    (ListCode.AUTOMATIC, matter(automatic={"text": "示例规则", **SAID}), [("automatic", "示例规则", None)]),
    (ListCode.CITY_WIDE, PLAIN, [("served", "面向个人，区级及以下窗口受理，未列入负面清单", None)]),
    (ListCode.NOT_CITY_WIDE, matter(city_wide_exception={"text": "须现场勘验", **SAID}), [("city_wide_exception", "须现场勘验", None)]),
    (
        ListCode.CROSS_PROVINCE,
        matter(cross_region=["nation", "province", "city"]),
        [("cross_region", "全国通办", None), ("cross_region", "跨省通办", None)],
    ),
    (ListCode.TOLERANCE, matter(materials=[material("aa"), material("bb", deferrable_days=5)]), [("materials[1]", "bb", 5)]),
    (
        ListCode.COMMITMENT,
        matter(commitment={"text": "承诺属实", "check": "抽查", **SAID}, materials=[material("aa", exemption="commitment")]),
        [("commitment", "承诺属实", None), ("materials[0]", "aa", None)],
    ),
    (ListCode.FEES, matter(fees=[{"text": "工本费", "standard": "10 元", **SAID}, {"text": "检测费", **SAID}]), [
        ("fees[0]", "工本费：10 元", None), ("fees[1]", "检测费", None),
    ]),
    (ListCode.INTERMEDIARIES, matter(intermediaries=[{"text": "检测报告编制", **SAID}]), [("intermediaries[0]", "检测报告编制", None)]),
    (
        ListCode.SPECIAL_PROCEDURES,
        matter(special_procedures=[
            {"name": "听证", "text": "示例", "working_days": 20, **SAID}, {"name": "检验", "text": "示例", **SAID},
            {"name": "专家评审", "text": "示例", "working_days": 0, **SAID},
        ]),
        [("special_procedures[0]", "听证", 20), ("special_procedures[2]", "专家评审", 0)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "on", "why"), ON)
def test_a_list_says_what_puts_a_matter_on_it(code: ListCode, on: Matter, why: list[tuple[str, str, int | None]]) -> None:
    assert [(each.element, each.text, each.working_days) for each in reasons_of(on)[code]] == why


def test_every_list_has_a_matter_here_and_says_its_rule_in_two_languages() -> None:
    assert {code for code, *_ in ON} == set(ListCode) == set(DEFINITIONS)
    for each in DEFINITIONS.values():
        assert all((each.said.zh, each.said.en, each.said.policy, each.said.rule_zh, each.said.rule_en)), each.said.code


OFF: list[tuple[ListCode, Matter]] = [
    (ListCode.POWERS, with_type("20")),
    (ListCode.POWERS, with_type("11")),
    (ListCode.PUBLIC_SERVICES, with_type("10")),
    (ListCode.ZERO_VISIT, matter(visits=1)),
    (ListCode.ONE_VISIT, matter(visits=2)),
    (ListCode.CITY_WIDE, matter(city_wide_exception={"text": "须现场勘验", **SAID})),
    (ListCode.CITY_WIDE, matter(served=["enterprise"])),
    (ListCode.CITY_WIDE, matter(channels=["pc"])),
    (ListCode.CROSS_PROVINCE, matter(cross_region=["city", "county"])),
    (ListCode.SPECIAL_PROCEDURES, matter(special_procedures=[{"name": "检验", "text": "示例", **SAID}])),
    *((code, PLAIN) for code in ListCode if code not in {ListCode.POWERS, ListCode.CITY_WIDE}),
]


@pytest.mark.parametrize(("code", "off"), OFF)
def test_what_has_no_such_element_is_not_on_the_list(code: ListCode, off: Matter) -> None:
    assert code not in reasons_of(off)


def test_what_an_agency_begins_is_without_a_visit_by_nature_and_not_on_the_list() -> None:
    inspection = matter(
        visits=0, basic_code="310601900000", implementations=[{"task_code": DOG["implementations"][0]["task_code"][:19] + "310601900000"}]
    )
    assert not {ListCode.ZERO_VISIT, ListCode.ONE_VISIT, ListCode.CITY_WIDE} & reasons_of(inspection).keys()
    assert ListCode.POWERS in reasons_of(inspection)


def test_a_district_that_asks_for_less_is_on_fewer_lists() -> None:
    here, there = DivisionCode("310101"), DivisionCode("310104")
    implementations = [
        each | ({"without_materials": ["late"], "promised": {"working_days": 3, **SAID}} if "310101TE5T" in each["task_code"][:18] else {})
        for each in DOG["implementations"]
    ]
    said = matter(materials=[material("photo"), material("late", deferrable_days=5)], implementations=implementations)
    assert divisions_that_differ(said) >= {here}
    assert divisions_that_differ(PLAIN) == set()
    assert ListCode.TOLERANCE not in reasons_of(as_in(said, here))
    assert as_in(said, here).promised.working_days == 3
    assert as_in(said, there) == said


@pytest.mark.parametrize(
    ("depth", "visits", "grade"),
    [([1, 2, 3, 4, 5, 6], 0, 4), ([4, 5, 6], 1, 3), ([3], 1, 3), ([3, 4], 2, 1), ([1, 3], 2, 2), ([2], 0, 2), ([8], 0, 1)],
)
def test_the_four_grades_of_depth(depth: list[int], visits: int, grade: int) -> None:
    assert depth_grade(matter(depth=depth, visits=visits)) == grade
