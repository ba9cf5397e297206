"""In which language the pages speak."""

import pytest

from services.identity.pages import language_of


@pytest.mark.parametrize(
    ("ui_locales", "accept_language", "language"),
    [
        (None, None, "zh"),
        ("en", "zh-CN", "en"),
        ("zh-CN en", "en", "zh"),
        (None, "en-GB,zh;q=0.5", "en"),
        (None, "zh-CN,en;q=0.9", "zh"),
        (None, "fr", "zh"),
        ("", " EN", "en"),
    ],
)
def test_the_page_is_in_the_language_that_is_asked_for_first(ui_locales: str | None, accept_language: str | None, language: str) -> None:
    assert language_of(ui_locales, accept_language) == language
