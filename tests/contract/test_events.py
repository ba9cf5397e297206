import json

import jsonschema
import pytest
from pydantic import ValidationError

from deploy.schemas import event_types
from tests.contract.golden_events import FOLDER, NAMES, body_of, event_of, text_of


def test_every_event_has_a_golden_one_and_every_golden_one_its_event() -> None:
    assert sorted(file.name.removesuffix(".json") for file in FOLDER.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_event_is_read_and_written_again_unchanged(name: str) -> None:
    assert json.loads(event_of(name).model_dump_json(exclude_unset=True)) == body_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_event_keeps_to_its_schema(name: str) -> None:
    schema = event_types()[name].model_json_schema()
    jsonschema.validate(body_of(name), schema, cls=jsonschema.Draft202012Validator, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_ignores_what_it_does_not_know(name: str) -> None:
    grown = json.dumps(body_of(name) | {"added_in_ten_years": {"deep": [1, None]}})
    assert event_types()[name].model_validate_json(grown) == event_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_an_event_without_a_fact_it_promises_is_not_read(name: str) -> None:
    for field in event_types()[name].model_json_schema()["required"]:
        lacking = {key: value for key, value in body_of(name).items() if key != field}
        with pytest.raises(ValidationError):
            event_types()[name].model_validate_json(json.dumps(lacking))


@pytest.mark.parametrize("name", NAMES)
def test_an_event_is_ordered_by_something_that_it_says(name: str) -> None:
    key = event_of(name).key()
    assert key == "policy" or f'"{key}"' in text_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_an_event_carries_nobodys_secret(name: str) -> None:
    """Ids and facts only: whoever may know more asks the owner."""
    fields = event_types()[name].model_json_schema()["properties"].keys()
    assert fields.isdisjoint({"resident_id", "phone", "address", "birth_on", "content", "form", "password", "token"})
