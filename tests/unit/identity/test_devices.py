"""What a browser is called."""

import pytest

from services.identity.domain.devices import device_label

_SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
_CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (_SAFARI, "Safari · iPhone"),
        (_CHROME, "Chrome · Windows"),
        (_CHROME + " Edg/140.0", "Edge · Windows"),
        (_SAFARI + " MicroMessenger/8.0", "微信 WeChat · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("python-httpx/0.28", ""),
        ("", ""),
        ("Android" * 10_000, "Android"),
    ],
)
def test_a_device_is_named_in_a_few_words_and_no_more_is_kept(user_agent: str, label: str) -> None:
    assert device_label(user_agent) == label
