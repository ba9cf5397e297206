from pathlib import Path

import pytest

from chassis.sealing import Sealer

SEALER = Sealer(b"\x07" * 32)


def test_what_is_sealed_opens_and_never_looks_the_same() -> None:
    sealed = SEALER.seal("示例·甲一")
    assert SEALER.open(sealed) == "示例·甲一"
    assert SEALER.seal("示例·甲一") != sealed
    assert "示例·甲一".encode() not in sealed


@pytest.mark.parametrize("length", [0, 1, 12, 20])
def test_what_was_cut_or_sealed_by_another_key_does_not_open(length: int) -> None:
    sealed = SEALER.seal("示例·甲一")
    for broken in (sealed[:length], Sealer(b"\x08" * 32).seal("示例·甲一"), sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(ValueError, match="not sealed with this key"):
            SEALER.open(broken)


def test_a_lookup_needs_the_key() -> None:
    assert SEALER.lookup("a") == SEALER.lookup("a") != SEALER.lookup("b")
    assert Sealer(b"\x08" * 32).lookup("a") != SEALER.lookup("a")


@pytest.mark.parametrize("content", ["", "07" * 31, "07" * 33, "not hexadecimal"])
def test_a_key_file_holds_32_bytes(tmp_path: Path, content: str) -> None:
    """An empty file would be a key that everybody knows."""
    file = tmp_path / "data.key"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"32 bytes|hexadecimal"):
        Sealer.from_file(file)
    file.write_text("07" * 32 + "\n")
    assert Sealer.from_file(file).open(SEALER.seal("a")) == "a"
