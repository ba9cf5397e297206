"""Services of the portal are found by what people call them."""

import pytest

from gateway.registry.domain.search import matching
from gateway.registry.queries.search import services, services_found


def found(text: str) -> list[str]:
    return [each.code for each in matching(services(), text)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("随申码", "city-code"),
        ("亮码", "city-code"),
        ("suishenma", "city-code"),
        ("SSM", "city-code"),
        ("ｓｓｍ", "city-code"),
        ("进度", "progress"),
        ("办件进度", "progress"),
        ("我的办件", "my-cases"),
        ("My Cases", "my-cases"),
        ("好差评", "rate"),
        ("投诉", "rate"),
        ("卡包", "my-certificates"),
        ("隐私", "who-looked"),
        ("谁看过我信息", "who-looked"),
    ],
)
def test_the_nearest_service_comes_first(text: str, first: str) -> None:
    assert found(text)[0] == first


def test_a_whole_name_is_nearer_than_a_part() -> None:
    assert found("我的办件").index("my-cases") == 0
    assert {"my-cases", "my-certificates", "my-file"} <= set(found("我的"))


@pytest.mark.parametrize("text", ["量子计算", "!!!", "%", "a", "\U0001f600"])
def test_what_nobody_calls_anything_finds_nothing_that_is_called_otherwise(text: str) -> None:
    for each in matching(services(), text):
        assert text in (each.zh + each.en + "".join(each.keywords)).casefold()


def test_no_text_finds_all_in_their_order() -> None:
    assert found("") == [each.code for each in services()]


def test_pages_follow_each_other() -> None:
    first = services_found("", 0)
    assert first.next is None
    assert services_found("", len(services())).items == []


def test_every_service_is_named_in_both_languages_and_once() -> None:
    assert len({each.code for each in services()}) == len(services())
    for each in services():
        assert each.en.isascii()
        assert each.says_en.isascii()
        assert not each.zh.isascii()
        assert each.pinyin.isascii()
        assert each.initials.isascii()
        assert len(each.initials) == len(each.zh)
