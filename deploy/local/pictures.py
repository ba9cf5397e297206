"""Small PNG pictures made on the spot, for uploads of the journey and of tests."""

import struct
import zlib
from typing import Final

_HEAD_BYTES: Final = 24
"""The signature, and the first chunk as far as the height."""


def png(width: int, height: int) -> bytes:
    """A grey PNG of that many pixels. Source: W3C PNG specification."""
    rows = b"".join(b"\x00" + bytes([160]) * width for _ in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels. Raises ValueError when it is none."""
    if picture[:8] != b"\x89PNG\r\n\x1a\n" or len(picture) < _HEAD_BYTES:
        msg = "not a PNG"
        raise ValueError(msg)
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
