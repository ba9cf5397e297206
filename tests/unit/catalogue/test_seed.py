"""What the committed seed may say, and what its figures are. The rules of honest data."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.api.catalogue import Implementation, ImportCatalogue, Matter
from contracts.api.certificate import CertificateType, ImportTypes
from contracts.values import MatterType
from deploy import data_report
from deploy.local import seed
from services.catalogue.domain.matters import errors_in, provenance_of

SERVICES = Path(__file__).parents[3] / "services"
ARTICLE_OR_DOCUMENT = re.compile(r"第[一二三四五六七八九十百零〇0-9]+条|〔[^〕]*〕[^号]*号")
AMOUNT = re.compile(r"[0-9]\s*元|[¥￥]\s*[0-9]")
TITLE = re.compile(r"《[^《》]+》")
DISTRICTS = {
    "310101", "310104", "310105", "310106", "310107", "310109", "310110", "310112", "310113", "310114", "310115", "310116", "310117",
    "310118", "310120", "310151",
}  # fmt: skip
LICENCE_DAYS = 20
ROLES = {
    "公安", "民政", "人力资源社会保障", "卫生健康", "医疗保障", "教育", "住房城乡建设", "自然资源", "市场监管", "税务", "交通", "文化旅游",
    "农业农村", "生态环境", "水务", "应急管理", "司法", "退役军人", "残联", "绿化林业", "烟草专卖", "气象", "发展改革", "经济信息化", "商务",
    "财政", "统计", "城市管理", "消防救援", "民防", "档案", "民族宗教", "公共资源交易", "行政审批",
}  # fmt: skip
SITUATIONS = ("首次", "变更", "延续", "补证", "注销")
BUSINESS_LICENCE = "11310000TE5T90015G016"


@cache
def catalogue() -> ImportCatalogue:
    return ImportCatalogue.model_validate_json(json.dumps(seed.document()))


@cache
def types() -> dict[str, CertificateType]:
    said = {"types": json.loads((SERVICES / "certificate" / "seed" / "certificate_types.json").read_text())}
    return {kind.code: kind for kind in ImportTypes.model_validate_json(json.dumps(said)).types}


def test_the_seed_breaks_no_rule_of_an_import() -> None:
    said = catalogue()
    agencies, divisions = {each.code for each in said.agencies}, {each.code for each in said.divisions}
    assert errors_in(said, agencies=agencies, divisions=divisions, fields={each.name: each for each in said.fields}) == []


def test_the_city_and_its_sixteen_districts_are_there() -> None:
    assert {each.code for each in catalogue().divisions} == DISTRICTS | {"310000"}


def test_agencies_are_named_by_function_and_plainly_synthetic() -> None:
    agencies = catalogue().agencies
    assert len(agencies) >= 30
    assert {agency.division for agency in agencies} >= DISTRICTS
    for agency in agencies:
        assert agency.name.startswith("示例·")
        assert agency.code[8:].startswith("TE5T")
        assert agency.code.division == agency.division


def test_every_function_has_an_agency_that_answers_for_a_matter() -> None:
    functions = {agency.code: agency.function for agency in catalogue().agencies}
    answering = {functions[each.task_code.agency] for matter in catalogue().matters for each in matter.implementations}
    assert answering >= ROLES


def test_streets_and_communities_serve_parts_of_a_district() -> None:
    served = {agency.area: agency for agency in catalogue().agencies if agency.area}
    assert {len(area) for area in served} == {9, 12}
    assert all(area.startswith(agency.division) for area, agency in served.items())
    places = {agency.code: agency.area for agency in served.values()}
    levels = {(each.task_code.level, len(places.get(each.task_code.agency) or "")) for each in _implementations()}
    assert levels == {(2, 0), (4, 0), (5, 9), (6, 12)}


def _implementations() -> Iterator[Implementation]:
    for matter in catalogue().matters:
        yield from matter.implementations


def test_six_hundred_matters_have_complete_guides() -> None:
    matters = catalogue().matters
    assert len(matters) >= 600
    for matter in matters:
        parts = ("en", "themes", "served", "basis", "conditions", "materials", "steps", "places", "hours", "contacts", "results", "rights")
        assert not [part for part in (*parts, "duties", "questions", "form") if not getattr(matter, part)], matter.name
        assert {contact.kind for contact in matter.contacts} == {"consult", "supervise"}, matter.name
        assert sum(step.working_days for step in matter.steps) <= matter.promised.working_days, matter.name
        assert (matter.visits > 0) == (matter.visit_reason is not None), matter.name


def test_codes_are_of_the_city_and_plainly_invented() -> None:
    for matter in catalogue().matters:
        assert matter.basic_code.startswith("31"), matter.name
        assert 900 <= int(matter.basic_code[6:9]) <= 999, matter.name
        assert matter.basic_code.matter_type in set(MatterType), matter.name
    assert _once(matter.name for matter in catalogue().matters)


def _once(texts: Iterable[str]) -> bool:
    return all(count == 1 for count in Counter(texts).values())


def test_a_matter_that_is_split_by_situation_says_so() -> None:
    split = [matter for matter in catalogue().matters if matter.name.endswith(tuple(f"（{each}）" for each in SITUATIONS))]
    alone = {matter.name for matter in catalogue().matters if matter.name == "网络预约出租汽车运输证发放（注销）"}
    assert len(split) > 100
    for matter in split:
        assert matter.name in alone or "情形" in matter.conditions[0].text, matter.name


def test_themes_are_those_of_whom_a_matter_serves() -> None:
    named = json.loads((SERVICES / "catalogue" / "seed" / "themes.json").read_text())
    for matter in catalogue().matters:
        whom = {"person" if each == "person" else "organisation" for each in matter.served}
        assert set(matter.themes) <= {theme for each in whom for theme in named["themes"][each]}, matter.name
        assert set(matter.life_events) <= {event for events in named["life_events"].values() for event in events}, matter.name


def test_both_lives_are_covered_from_beginning_to_end() -> None:
    events = {event for matter in catalogue().matters for event in matter.life_events}
    assert events >= {"新生儿出生", "入学", "就业", "婚姻", "就医", "军人退役", "退休", "身后"}
    assert events >= {"企业开办", "企业准营", "员工录用", "企业变更", "用地审批", "施工许可", "联合验收", "企业注销"}


def test_a_material_of_the_government_names_what_replaces_it() -> None:
    for matter in catalogue().matters:
        for material in matter.materials:
            assert (material.exemption == "certificate") == (material.certificate_type is not None), matter.name
            assert (material.exemption == "data_check") == (material.data_item is not None), (matter.name, material.code)
    said = {material.exemption for matter in catalogue().matters for material in matter.materials}
    assert said == {"certificate", "data_check", "commitment", "agency_help", None}


def test_nobody_is_asked_for_what_is_not_theirs() -> None:
    """A person has no business licence, and who founds a company has none yet."""
    for matter in catalogue().matters:
        required = {material.certificate_type for material in matter.materials if material.is_required}
        if matter.served == ["person"] or matter.name in {"公司设立登记", "个人独资企业设立登记", "合伙企业设立登记", "个体工商户设立登记"}:
            assert BUSINESS_LICENCE not in required, matter.name


def test_what_an_organisation_gets_is_for_an_organisation() -> None:
    for matter in catalogue().matters:
        given = [types()[each.certificate_type] for each in matter.results if each.certificate_type]
        if "person" not in matter.served:
            assert all(kind.holder == "organisation" for kind in given), matter.name


def test_lower_levels_say_less_and_never_more() -> None:
    """A shorter promise, fewer materials, other places and hours: some do each of these, and some have delegated."""
    seen = Counter[str]()
    for matter in catalogue().matters:
        codes = {material.code for material in matter.materials}
        for each in matter.implementations:
            assert set(each.without_materials) <= codes, matter.name
            assert each.promised is None or each.promised.working_days < matter.promised.working_days, matter.name
            seen.update(name for name in Implementation.model_fields if getattr(each, name))
    assert {"promised", "without_materials", "places", "hours", "contacts", "delegations", "reason"} <= seen.keys()


def test_the_lists_that_the_policies_ask_for_have_members() -> None:
    matters = catalogue().matters
    tolerant = [matter for matter in matters if any(each.deferrable_days for each in matter.materials)]
    exceptions = [matter for matter in matters if matter.city_wide_exception]
    assert all("city" not in matter.cross_region and "person" in matter.served for matter in exceptions)
    listed = (
        tolerant,
        exceptions,
        [matter for matter in matters if "city" in matter.cross_region],
        [matter for matter in matters if "province" in matter.cross_region],
        [matter for matter in matters if matter.commitment],
        [matter for matter in matters if matter.intermediaries],
        [matter for matter in matters if any(each.working_days for each in matter.special_procedures)],
        [matter for matter in matters if matter.quantity_limit],
        [matter for matter in matters if matter.visits == 1],
    )
    assert all(listed)


def test_fifty_certificate_types_are_defined_by_a_synthetic_authority() -> None:
    assert len(types()) >= 50
    assert {code[8:12] for code in types()} == {"TE5T"}
    assert {kind.provenance for kind in types().values()} == {"illustrative"}


def test_every_certificate_type_that_a_matter_names_exists() -> None:
    for matter in catalogue().matters:
        named = {each.certificate_type for each in (*matter.materials, *matter.results) if each.certificate_type}
        assert named <= types().keys(), matter.name


def _elements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "provenance" in value:
            yield value
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _elements(each)


def _is_licence_default(matter: Matter, element: dict[str, Any]) -> bool:
    return (
        matter.basic_code.matter_type == MatterType.LICENCE
        and element == matter.statutory.model_dump(mode="json")
        and element["working_days"] == LICENCE_DAYS
        and element["source"] == "《中华人民共和国行政许可法》第四十二条"
    )


def test_nothing_unconfirmed_cites_an_article_or_a_document() -> None:
    for matter in catalogue().matters:
        for element in _elements(matter.model_dump(mode="json")):
            if element["provenance"] != "official":
                assert not ARTICLE_OR_DOCUMENT.search(json.dumps(element, ensure_ascii=False)), (matter.name, element)


def test_the_only_official_element_is_the_limit_of_licences() -> None:
    for matter in catalogue().matters:
        official = [each for each in _elements(matter.model_dump(mode="json")) if each["provenance"] == "official"]
        assert all(_is_licence_default(matter, each) for each in official), matter.name
        assert (matter.basic_code.matter_type == MatterType.LICENCE) == bool(official), matter.name


def test_no_matter_names_a_fee() -> None:
    assert all(not matter.fees for matter in catalogue().matters)
    for matter in catalogue().matters:
        assert not AMOUNT.search(matter.model_dump_json()), matter.name


@pytest.mark.parametrize("said", ["依据某法第十二条办理", "依据第3条", "国发〔2024〕3号", "收费 20 元", "每件 1.5元", "¥20"])
def test_what_may_not_be_said_is_recognised(said: str) -> None:
    assert ARTICLE_OR_DOCUMENT.search(said) or AMOUNT.search(said)


def test_each_title_of_a_law_is_recalled() -> None:
    said = [each for matter in catalogue().matters for each in matter.basis]
    titles = [each for each in said if each.provenance == "recalled"]
    assert titles
    assert all(TITLE.fullmatch(each.text) for each in titles)
    assert all(each.text.startswith("示例") for each in said if each.provenance == "illustrative")


def test_every_matter_says_that_it_is_illustrative() -> None:
    assert {provenance_of(matter) for matter in catalogue().matters} == {"illustrative"}


def test_the_mix_is_that_of_the_published_figures() -> None:
    matters = catalogue().matters
    online = [matter for matter in matters if {"pc", "mobile"} & set(matter.channels) and matter.visits == 0]
    issued = [material for matter in matters for material in matter.materials if material.source == "government"]
    days = Counter[str]()
    for matter in matters:
        days.update(statutory=matter.statutory.working_days, promised=matter.promised.working_days)
    assert len(online) / len(matters) >= 0.9
    assert sum(matter.is_immediate for matter in matters) / len(matters) >= 0.3
    assert round(1 - days["promised"] / days["statutory"], 3) == 0.598
    assert round(sum(material.exemption is not None for material in issued) / len(issued), 2) == 0.96


def test_the_report_prints_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    data_report.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"matters={len(catalogue().matters)} official=0 recalled=0 illustrative={len(catalogue().matters)}"
    assert any(line.split() == ["promise", "under", "59.8%"] for line in lines)
