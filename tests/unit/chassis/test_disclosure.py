from datetime import UTC, datetime

import pytest
from starlette.responses import Response

from chassis.http import Fetched, disclose, disclose_fetched
from chassis.http.disclosure import Disclosure
from contracts.events.access import DataAccessed
from contracts.headers import DATA_ACCESS
from contracts.values import Grade, PersonId

A, B = PersonId.new(), PersonId.new()


def mark(response: Response) -> Disclosure | None:
    header = response.headers.get(DATA_ACCESS)
    return Disclosure.from_header(header) if header else None


def fetched(*subjects: PersonId, grade: Grade, items: tuple[str, ...], purpose: str = "办件 case") -> Fetched[str]:
    access = DataAccessed(subjects=subjects, owner="identity", grade=grade, purpose=purpose, items=items, at=datetime.now(UTC))
    return Fetched("answer", access)


def test_a_mark_says_whose_data_how_sensitive_why_and_which_items() -> None:
    response = disclose(Response(), subjects=[A, B, A], purpose="核验 verify", grade=Grade.SENSITIVE, items=["姓名", "phone"])
    assert mark(response) == Disclosure((A, B), Grade.SENSITIVE, "核验 verify", ("姓名", "phone"))
    assert response.headers[DATA_ACCESS].isascii()


def test_data_is_personal_unless_more_is_said() -> None:
    said = mark(disclose(Response(), subjects=[A], purpose="p"))
    assert said is not None
    assert said.grade == Grade.PERSONAL


def test_an_answer_about_nobody_has_no_mark() -> None:
    assert mark(disclose(Response(), subjects=[], purpose="p")) is None


@pytest.mark.parametrize("item", ["字段 field", '"' * 60, "长" * 200])
def test_a_mark_of_very_many_items_still_fits_a_header(item: str) -> None:
    response = disclose(Response(), subjects=[A], purpose="办件" * 60, items=[item] * 300)
    assert len(response.headers[DATA_ACCESS]) < 8000
    said = mark(response)
    assert said is not None
    *named, rest = said.items
    assert set(named) == {item}
    assert rest == f"…+{300 - len(named)}"


def test_what_neighbours_disclosed_is_passed_on_as_one_mark() -> None:
    first = fetched(A, grade=Grade.PERSONAL, items=("name", "phone"))
    second = fetched(B, A, grade=Grade.SENSITIVE, items=("phone", "photo"))
    response = disclose_fetched(Response(), first, Fetched("no personal data"), second)
    assert mark(response) == Disclosure((A, B), Grade.SENSITIVE, "办件 case", ("name", "phone", "photo"))


def test_what_disclosed_nothing_leaves_no_mark() -> None:
    assert mark(disclose_fetched(Response(), Fetched("no personal data"))) is None
