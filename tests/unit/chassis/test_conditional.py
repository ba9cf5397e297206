"""Weak comparison of entity tags. Source: RFC 9110 sections 8.8.3.2 and 13.1.2."""

import pytest

from chassis.http.conditional import KnownToClient

TAG = '"abc"'


@pytest.mark.parametrize("said", ['"abc"', 'W/"abc"', '"x", "abc"', '"x,y" , W/"abc"', "*", " * ", '"abc",', ',, "abc"', 'W/"x",W/"abc"'])
def test_a_client_has_what_it_names(said: str) -> None:
    assert KnownToClient(said).has(TAG)
    assert KnownToClient(said).has(f"W/{TAG}")


@pytest.mark.parametrize("said", ["", "abc", '"abcd"', "'abc'", 'w/"abc"', '"x", *', '"abc', '"a bc"', '"x" "abc"', 'W/ "abc"', '"x,"abc"'])
def test_what_names_nothing_or_something_else_gets_the_whole_answer(said: str) -> None:
    assert not KnownToClient(said).has(TAG)


def test_an_answer_says_its_tag_with_and_without_a_body() -> None:
    whole = KnownToClient("").answer(b"{}")
    again = KnownToClient(whole.headers["etag"]).answer(b"{}")
    assert (whole.status_code, whole.body, again.status_code, again.body) == (200, b"{}", 304, b"")
    for name in ("etag", "cache-control"):
        assert again.headers[name] == whole.headers[name]
    assert KnownToClient(whole.headers["etag"]).answer(b"[]").status_code == 200
