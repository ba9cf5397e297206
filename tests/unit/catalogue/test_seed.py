"""The committed seed is whole: every kind of agency, every element of a guide, every list that the policies ask for."""

import json
from collections import Counter
from collections.abc import Iterator

from contracts.api.catalogue import Implementation, ImportPoints
from deploy.local import seed
from services.catalogue.domain.distance import Position, metres
from services.catalogue.domain.matters import errors_in
from services.catalogue.domain.points import errors_in as errors_in_points
from tests.support.seed import catalogue, types

DISTRICTS = {
    "310101", "310104", "310105", "310106", "310107", "310109", "310110", "310112", "310113", "310114", "310115", "310116", "310117",
    "310118", "310120", "310151",
}  # fmt: skip
ROLES = {
    "公安", "民政", "人力资源社会保障", "卫生健康", "医疗保障", "教育", "住房城乡建设", "自然资源", "市场监管", "税务", "交通", "文化旅游",
    "农业农村", "生态环境", "水务", "应急管理", "司法", "退役军人", "残联", "绿化林业", "烟草专卖", "气象", "发展改革", "经济信息化", "商务",
    "财政", "统计", "城市管理", "消防救援", "民防", "档案", "民族宗教", "公共资源交易", "行政审批",
}  # fmt: skip
BUSINESS_LICENCE = "11310000TE5T90015G016"


def test_the_seed_breaks_no_rule_of_an_import() -> None:
    said = catalogue()
    agencies, divisions = {each.code for each in said.agencies}, {each.code for each in said.divisions}
    fields, areas = {each.name: each for each in said.fields}, {each.code: each.area for each in said.agencies if each.area}
    assert errors_in(said, agencies=agencies, divisions=divisions, fields=fields, areas=areas) == []


def test_the_city_and_its_sixteen_districts_are_there() -> None:
    assert {each.code for each in catalogue().divisions} == DISTRICTS | {"310000"}
    assert {agency.division for agency in catalogue().agencies} == DISTRICTS | {"310000"}


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


def test_themes_are_those_of_whom_a_matter_serves() -> None:
    named = json.loads((seed.CATALOGUE / "themes.json").read_text())
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


def test_every_certificate_type_that_a_matter_names_exists() -> None:
    for matter in catalogue().matters:
        named = {each.certificate_type for each in (*matter.materials, *matter.results) if each.certificate_type}
        assert named <= types().keys(), matter.name


def points() -> ImportPoints:
    return ImportPoints.model_validate_json(json.dumps(seed.points()))


def test_service_points_break_no_rule_and_are_plainly_synthetic() -> None:
    said = points()
    divisions = {each.code for each in catalogue().divisions}
    assert errors_in_points(said, known={}, divisions=divisions, own_division=None) == []
    for point in said.points:
        assert point.zh.startswith("示例·"), point.code
        assert point.en.startswith("Example"), point.code
        assert "示例" in point.address, point.code
        assert (point.provenance, point.phone) == ("illustrative", None), point.code


def test_every_district_has_halls_with_windows_kiosks_and_a_station() -> None:
    said = points().points
    for division in DISTRICTS:
        here = [each for each in said if each.division == division]
        halls = {each.code for each in here if each.kind == "hall"}
        assert halls == {each.hall for each in here if each.kind == "window"}, division
        assert {each.kind for each in here} == {"hall", "window", "kiosk", "station"}, division
    kinds = Counter(each.kind for each in said)
    assert kinds["hall"] >= 16
    assert kinds["kiosk"] >= 60


def test_points_stand_near_the_hall_of_their_district() -> None:
    said = points().points
    halls = {each.division: Position(each.longitude, each.latitude) for each in said if each.code.endswith("-1") and each.kind == "hall"}
    for point in said:
        assert metres(halls[point.division], Position(point.longitude, point.latitude)) < 5_000, point.code
