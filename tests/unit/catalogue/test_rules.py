"""Every rule that refuses an import or a draft is told in Chinese and English, by a code that names it."""

import ast
import copy
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chassis import decisions
from contracts.api.catalogue import ImportCatalogue
from contracts.rules import KINDS, REGISTRY, Told, in_chinese, rule
from deploy.local import seed
from services.catalogue import domain, queries

ROOT = Path(__file__).parents[3]
HAN = re.compile(r"[\u4e00-\u9fff]")

for package in (domain, queries, decisions):
    for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(each.name)


@pytest.mark.parametrize("code", sorted(REGISTRY))
def test_a_rule_is_told_in_both_languages(code: str) -> None:
    said = REGISTRY[code]
    # One with nothing but places tells another rule within.
    assert HAN.search(said.zh) or not re.sub(r"{\w+}|\W", "", said.zh), said
    assert said.en.strip()
    # Names of the field, such as 快办, have no English.
    assert not HAN.search(re.sub("快办|是 or 否", "", said.en)), said
    assert said.places[0] == said.places[1]
    assert re.fullmatch(r"[a-z][a-z0-9-]+", code)


def test_a_rule_told_within_another_is_told_in_its_language() -> None:
    inner = Told("the fee", zh="费用", code="fee")
    told = rule("test-outer", "{what} is high", "{what}过高").broken(what=inner).within("row 1", "第 1 行")
    assert (told, told.zh, told.code) == ("row 1: the fee is high", "第 1 行：费用过高", "test-outer")
    del REGISTRY["test-outer"]


def sources() -> list[Path]:
    folders = (ROOT / "services/catalogue/domain", ROOT / "chassis/decisions")
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def codes_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "rule":
            assert isinstance(node.args[0], ast.Constant), ast.unparse(node)
            yield str(node.args[0].value)


def test_the_registry_has_every_rule_that_is_written() -> None:
    written = [code for path in sources() for code in codes_in(path)]
    assert len(written) > 90
    assert set(written) <= set(REGISTRY)
    assert len(set(written)) == len(written)


def test_nothing_is_refused_in_words_that_are_no_rule() -> None:
    """What a check yields as a rule is a rule broken, or handed on from another check; never a text in one language."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                assert not isinstance(node.value.elts[-1], (ast.Constant, ast.JoinedStr)), (path.name, ast.unparse(node))
            elif isinstance(node, ast.Dict):
                said = {key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)}
                assert not isinstance(said.get("rule"), (ast.Constant, ast.JoinedStr)), (path.name, ast.unparse(node))
                assert "rule" not in said or "zh" in said, (path.name, ast.unparse(node))


SPOILT: tuple[Any, ...] = (None, 10**30, 1.5, "", "x" * 5000, "a\nb", [], {"strange": 1})


def places_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a document, of lists the first one."""
    yield path
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places_in(each, (*path, name))
    elif isinstance(value, list) and value:
        yield from places_in(value[0], (*path, 0))


def small() -> dict[str, Any]:
    """A document that has every part: a matter with guiding, of each table beside the first rows that have the most members."""
    whole = seed.document()
    matters = sorted(whole["matters"], key=lambda each: -len(each))
    guided = next(each for each in matters if each.get("guiding", {}).get("eligibility"))
    fields = [max(whole["fields"], key=len), next(each for each in whole["fields"] if each.get("source"))]
    return {"divisions": whole["divisions"][:1], "agencies": whole["agencies"][:1], "fields": fields, "matters": [guided]}


def test_whatever_is_spoilt_in_a_document_is_told_in_chinese() -> None:
    document = small()
    ImportCatalogue.model_validate(document)
    told: set[str] = set()
    for path in places_in(document):
        for bad in SPOILT if path else ():
            spoilt = copy.deepcopy(document)
            at: Any = spoilt
            for part in path[:-1]:
                at = at[part]
            at[path[-1]] = bad
            try:
                ImportCatalogue.model_validate(spoilt)
            except ValidationError as error:
                for each in error.errors(include_url=False):
                    assert HAN.search(in_chinese(each)), each
                    ours = isinstance(each.get("ctx", {}).get("error"), ValueError) or "zh" in each.get("ctx", {})
                    assert ours or each["type"] in KINDS, each
                    told.add(each["type"])
    assert len(told) > 10


def test_what_is_missing_is_told_in_chinese() -> None:
    (matter,) = small()["matters"]
    for name in ("name", "materials", "implementations"):
        with pytest.raises(ValidationError) as refused:
            ImportCatalogue.model_validate_json(json.dumps({"matters": [{key: each for key, each in matter.items() if key != name}]}))
        assert [in_chinese(each) for each in refused.value.errors()] == ["必填"]
