"""What the committed seed may say, and what its figures are. The rules of honest data."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.api.catalogue import ImportCatalogue, ImportPoints, Matter
from contracts.api.certificate import CertificateType, ImportTypes
from contracts.values import MatterType
from deploy import data_report
from deploy.local import seed
from services.catalogue.domain.distance import Position, metres
from services.catalogue.domain.matters import errors_in, provenance_of
from services.catalogue.domain.points import errors_in as errors_in_points

SERVICES = Path(__file__).parents[3] / "services"
ARTICLE_OR_DOCUMENT = re.compile(r"第[一二三四五六七八九十百零〇0-9]+条|〔[^〕]*〕[^号]*号")
DISTRICTS = {
    "310101", "310104", "310105", "310106", "310107", "310109", "310110", "310112", "310113", "310114", "310115", "310116", "310117",
    "310118", "310120", "310151",
}  # fmt: skip
LICENCE_DAYS = 20


@cache
def catalogue() -> ImportCatalogue:
    return ImportCatalogue.model_validate_json(json.dumps(seed.document()))


@cache
def types() -> dict[str, CertificateType]:
    said = {"types": json.loads((SERVICES / "certificate" / "seed" / "certificate_types.json").read_text())}
    return {kind.code: kind for kind in ImportTypes.model_validate_json(json.dumps(said)).types}


def test_the_seed_breaks_no_rule_of_an_import() -> None:
    said = catalogue()
    known = ({each.code for each in said.agencies}, {each.code for each in said.divisions}, {each.name for each in said.fields})
    assert errors_in(said, agencies=known[0], divisions=known[1], fields=known[2]) == []


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


def test_sixty_matters_have_complete_guides() -> None:
    matters = catalogue().matters
    assert len(matters) >= 60
    for matter in matters:
        assert matter.themes, matter.name
        assert matter.served, matter.name
        assert matter.materials, matter.name
        assert sum(step.working_days for step in matter.steps) <= matter.promised.working_days, matter.name
        assert matter.basic_code.startswith("31"), matter.name
        assert 900 <= int(matter.basic_code[6:9]) <= 999, matter.name
        assert matter.basic_code.matter_type in set(MatterType), matter.name


def test_twenty_certificate_types_are_defined_by_a_synthetic_authority() -> None:
    assert len(types()) == 20
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
