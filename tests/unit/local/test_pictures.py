import pytest

from deploy.local.pictures import png, size_of


def test_a_picture_says_its_size() -> None:
    assert size_of(png(640, 120)) == (640, 120)


@pytest.mark.parametrize("content", [b"", b"GIF89a", png(1, 1)[:8], png(1, 1)[:23]])
def test_what_is_no_picture_has_no_size(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a PNG"):
        size_of(content)
