"""What the committed seed says of guiding: 好办 and 快办 as many as the policies ask for, each way read to its end."""

import itertools
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from chassis.decisions import Table
from contracts.api.catalogue import FormField, ImportCatalogue, Matter, Situations
from deploy import data_report
from deploy.local import seed
from services.catalogue.domain import guiding
from services.catalogue.domain.decision_tables import judged, readable
from services.catalogue.domain.forms import QUICK_FIELDS, applying_to, form_of, sources_of
from services.catalogue.domain.situations import follow

AIM = 100
"""So many matters are 好办, and so many situations 快办. Source: the policy's 100 and 100."""


@cache
def said() -> ImportCatalogue:
    return ImportCatalogue.model_validate_json(json.dumps(seed.document()))


def guided() -> list[Matter]:
    return [matter for matter in said().matters if matter.guiding and matter.guiding.eligibility]


def fields_of(matter: Matter) -> list[FormField]:
    return [field for field in said().fields if field.name in matter.form]


def test_a_hundred_matters_are_prejudged_prefilled_and_prereviewed() -> None:
    good = [matter for matter in guided() if guiding.is_good(matter, sourced=sources_of(fields_of(matter), matter))]
    assert len(good) >= AIM


def test_a_hundred_situations_are_typed_in_minutes_without_an_upload() -> None:
    quick = 0
    for matter in guided():
        assert matter.guiding
        for situation in matter.guiding.situations.situations if matter.guiding.situations else ():
            if situation.is_quick:
                forms = [form_of(matter, fields_of(matter), situation, applying) for applying in applying_to(matter)]
                assert any(len(form.typed) <= QUICK_FIELDS and not form.uploads for form in forms), (matter.name, situation.code)
                quick += 1
    assert quick >= AIM


def test_no_guiding_breaks_a_rule() -> None:
    names = {field.name for field in said().fields}
    for matter in said().matters:
        assert list(guiding.faults_in(matter, fields=names)) == [], matter.name


def _ways(tree: Situations, answers: dict[str, str]) -> Iterator[dict[str, str]]:
    question = follow(tree, answers).question
    if question is None:
        yield answers
        return
    for option in question.options:
        yield from _ways(tree, answers | {question.id: option.value})


def test_every_way_ends_in_a_situation_and_every_situation_has_a_way() -> None:
    for matter in guided():
        assert matter.guiding
        assert matter.guiding.situations
        tree = matter.guiding.situations
        ends = [reached.situation.code for way in _ways(tree, {}) if (reached := follow(tree, way)).situation]
        assert set(ends) == {each.code for each in tree.situations}, matter.name


def test_every_table_answers_yes_to_somebody_and_no_or_unknown_to_somebody() -> None:
    for matter in guided():
        assert matter.guiding
        assert matter.guiding.eligibility
        outcomes = {row.outcome for row in matter.guiding.eligibility.rows}
        assert "yes" in outcomes, matter.name
        assert len(outcomes) > 1, matter.name
        assert judged(matter.guiding.eligibility, {})[0] == "unknown", matter.name


def test_every_table_is_read_out_without_a_word_of_code() -> None:
    for matter in guided():
        assert matter.guiding
        assert matter.guiding.eligibility
        for row in readable(matter.guiding.eligibility):
            text = f"{row.zh} {row.en}"
            assert not any(sign in text for sign in ("value", "&&", "||", "==", "{", "}")), (matter.name, text)


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if "zh" in value:
            yield value["zh"], value["en"]
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _texts(each)


def test_texts_are_chinese_and_english() -> None:
    for matter in guided():
        assert matter.guiding
        for zh, en in _texts(matter.guiding.model_dump(mode="json")):
            assert not zh.isascii(), (matter.name, zh)
            assert en.isascii() or "é" in en, (matter.name, en)


def test_facts_of_persons_are_taken_from_where_the_city_has_them() -> None:
    sources = {field.name: field.source.path for field in said().fields if field.source}
    inputs = list(
        itertools.chain.from_iterable(
            matter.guiding.eligibility.inputs for matter in guided() if matter.guiding and matter.guiding.eligibility
        )
    )
    for each in inputs:
        if each.source.kind == "field":
            assert sources[each.source.name or ""] in {"identity.birth_on", "identity.sex"}, each.name
    assert {each.source.kind for each in inputs} == {"asked", "field", "certificate", "data_item"}
    assert all(
        Table.of(matter.guiding.eligibility.inputs, matter.guiding.eligibility.rows).columns
        for matter in guided()
        if matter.guiding and matter.guiding.eligibility
    )


def test_the_report_counts_both(capsys: Any) -> None:
    data_report.main()
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("guided="))
    counted = dict(part.split("=") for part in line.split())
    assert int(counted["guided"]) >= AIM
    assert int(counted["quick"]) >= AIM


def test_some_matters_are_granted_by_a_table_that_leaves_some_cases_to_an_officer() -> None:
    tables = [matter.guiding.approval for matter in said().matters if matter.guiding and matter.guiding.approval]
    assert len(tables) >= 5
    assert all({row.outcome for row in table.rows} == {"yes", "unknown"} for table in tables)
