"""What the committed seed may say: nothing unconfirmed cites an article, a document or a fee, and its figures are known."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.api.catalogue import Matter
from contracts.values import MatterType
from deploy import data_report
from deploy.local import seed
from services.catalogue.domain.matters import provenance_of
from tests.support.seed import catalogue, types

ARTICLE_OR_DOCUMENT = re.compile(r"第[一二三四五六七八九十百零〇0-9]+条|〔[^〕]*〕[^号]*号")
AMOUNT = re.compile(r"[0-9]\s*元|[¥￥]\s*[0-9]")
TITLE = re.compile(r"《[^《》]+》")
LICENCE_DAYS = 20
SITUATIONS = ("首次", "变更", "延续", "补证", "注销")


def test_agencies_are_named_by_function_and_plainly_synthetic() -> None:
    agencies = catalogue().agencies
    assert len(agencies) >= 30
    for agency in agencies:
        assert agency.name.startswith("示例·")
        assert agency.code[8:].startswith("TE5T")
        assert agency.code.division == agency.division


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


def test_fifty_certificate_types_are_defined_by_a_synthetic_authority() -> None:
    assert len(types()) >= 50
    assert {code[8:12] for code in types()} == {"TE5T"}
    assert {kind.provenance for kind in types().values()} == {"illustrative"}


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


def _unconfirmed(value: Any, *, sure: bool = False) -> Iterator[str]:
    """The texts that no official element says."""
    if isinstance(value, str) and not sure:
        yield value
    if isinstance(value, dict):
        sure = value["provenance"] == "official" if "provenance" in value else sure
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _unconfirmed(each, sure=sure)


def test_only_an_official_element_may_cite() -> None:
    cited = {"text": "第十二条"}
    assert list(_unconfirmed([{**cited, "provenance": "recalled"}])) == ["第十二条", "recalled"]
    assert list(_unconfirmed({"basis": [{**cited, "provenance": "official"}], "note": "示例"})) == ["示例"]
    assert list(_unconfirmed(cited)) == ["第十二条"]


@pytest.mark.parametrize("path", seed.files(), ids=lambda path: path.name)
def test_nothing_unconfirmed_cites_an_article_a_document_or_a_fee(path: Path) -> None:
    """Packages and what is laid over matters, too."""
    for text in _unconfirmed(json.loads(path.read_text())):
        assert not ARTICLE_OR_DOCUMENT.search(text), text
        assert not AMOUNT.search(text), text


def test_the_only_official_element_is_the_limit_of_licences() -> None:
    for matter in catalogue().matters:
        official = [each for each in _elements(matter.model_dump(mode="json")) if each["provenance"] == "official"]
        assert all(_is_licence_default(matter, each) for each in official), matter.name
        assert (matter.basic_code.matter_type == MatterType.LICENCE) == bool(official), matter.name


def test_no_matter_names_a_fee() -> None:
    assert all(not matter.fees for matter in catalogue().matters)


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
