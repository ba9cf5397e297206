"""The text of a city code: every code comes back as it was said, and nothing else is one."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.values import CityCode, CityCodeId, CityCodeType, PresentedCode
from contracts.values.city_codes import presentable

_LETTERS = string.ascii_letters + string.digits + "-_"


def _of(length: int) -> st.SearchStrategy[str]:
    return st.text(_LETTERS, min_size=length, max_size=length)


CODES = st.builds(
    CityCode,
    type=st.sampled_from(CityCodeType),
    handle=_of(22),
    scene=st.text(string.ascii_lowercase, min_size=2, max_size=16),
    issued=st.integers(10**9, 10**10 - 1),
    life_s=st.integers(1, 10**8 - 1),
    id=_of(16).map(CityCodeId),
    kid=_of(8),
    holder_key=st.just("") | _of(43),
)


@given(CODES, st.binary(min_size=64, max_size=64))
def test_a_code_is_read_as_it_was_written_and_fits_a_small_qr_code(code: CityCode, signature: bytes) -> None:
    text = presentable(code.signed_text(), signature)
    assert PresentedCode.read(text) == PresentedCode(code, code.signed_text(), signature)
    assert len(text) <= 300


@given(st.text() | st.text(_LETTERS + ".", max_size=320) | CODES.map(lambda code: code.signed_text().decode()))
@example("")
@example("TB1" + "." * 10)
@example("TB1.P." + "h" * 22 + ".\u0661\u0661.")
def test_nothing_else_is_a_code(text: str) -> None:
    with pytest.raises(ValueError, match="not a city code"):
        PresentedCode.read(text)


@given(CODES, st.integers(0, 300), st.sampled_from(_LETTERS + ". \n\0١"))
def test_a_changed_code_is_another_code_or_none(code: CityCode, position: int, character: str) -> None:
    text = presentable(code.signed_text(), bytes(64))
    changed = text[:position] + character + text[position + 1 :]
    try:
        read = PresentedCode.read(changed)
    except ValueError:
        return
    assert changed == text or (read.says, read.signature) != (code, bytes(64)) or changed[:-1] == text[:-1]
