"""What an uploaded file is, by its content, and whether it may be opened without harm.

Nothing is believed of what a file says of itself: sizes are counted while it is unpacked, within limits. Source: ISO 32000-1
(PDF), RFC 2083 (PNG), ISO/IEC 10918-1 (JPEG), GB/T 33190 (OFD, a zip package).
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chassis.errors import BodyTooLarge, Invalid
from contracts.problems import application as problems
from services.application.domain.materials import MEDIA_TYPES


class FileIsNotAcceptable(Invalid):
    """Of no kind that is taken, or not what it is said to be."""

    problem = problems.FILE_NOT_ACCEPTABLE


class FileIsNotSafe(Invalid):
    """`rule` names what is wrong with it."""

    problem = problems.FILE_NOT_SAFE


@dataclass(frozen=True, slots=True)
class FileLimits:
    """`ratio` is the most that unpacking may multiply, `unpacked_bytes` the most that it may come to."""

    size_bytes: int = 1024 * 1024
    unpacked_bytes: int = 32 * 1024 * 1024
    ratio: int = 200
    entries: int = 1000
    pixels: int = 50_000_000


_OPEN: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"%PDF-": "pdf", b"PK\x03\x04": "ofd"}
_ANY: Final = frozenset({"", "application/octet-stream"})
_ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
_CHUNK: Final = 64 * 1024
_SMALL: Final = 64 * 1024
"""What unpacks to less than this is small, however well it was packed."""


def sniffed(said: str, content: bytes, limits: FileLimits) -> str:
    """The media type that the content shows.

    Raises: BodyTooLarge, FileIsNotAcceptable for other kinds and for what is `said` to be another, FileIsNotSafe.
    """
    if len(content) > limits.size_bytes:
        raise BodyTooLarge
    kind = next((kind for magic, kind in _OPEN.items() if content.startswith(magic)), None)
    if kind is None or (said not in _ANY and said != MEDIA_TYPES[kind]):
        raise FileIsNotAcceptable
    if kind == "pdf":
        _check_pdf(content, limits)
    elif kind == "ofd":
        _check_package(content, limits)
    else:
        width, height = _png_size(content) if kind == "png" else _jpeg_size(content)
        if width * height > limits.pixels:
            raise FileIsNotSafe(rule="too-many-pixels")
    return MEDIA_TYPES[kind]


def _png_size(content: bytes) -> tuple[int, int]:
    """The header chunk comes first."""
    if len(content) < 24 or content[12:16] != b"IHDR":
        raise FileIsNotAcceptable
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Of the frame header; the segments before it are passed by their lengths."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
        elif 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        else:
            place += 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]
    raise FileIsNotAcceptable


_DESCRIBED: Final = 4096
"""How far before its stream the dictionary of an object begins, at most."""
_PACKED_OTHERWISE: Final = re.compile(rb"/(?:ASCIIHex|ASCII85|LZW|RunLength|Crypt)Decode|/(?:AHx|A85|LZW|RL)(?![0-9A-Za-z])")
_STREAM: Final = re.compile(rb"stream\r?\n")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_REFUSED: Final = {
    b"/Encrypt": "encrypted",
    b"/JavaScript": "script",
    b"/JS": "script",
    b"/Launch": "starts-programs",
    b"/EmbeddedFile": "embedded-file",
    b"/RichMedia": "embedded-file",
}
_NAMED: Final = re.compile(rb"/(?:Encrypt|JavaScript|JS|Launch|EmbeddedFile|RichMedia)(?![0-9A-Za-z])")


def _check_pdf(content: bytes, limits: FileLimits) -> None:
    """Objects may be packed into streams, so names are looked for there too."""
    _check_names(content)
    budget = min(limits.unpacked_bytes, max(_SMALL, limits.ratio * len(content)))
    for number, match in enumerate(_STREAM.finditer(content)):
        if number >= limits.entries:
            raise FileIsNotSafe(rule="too-many-entries")
        described = content[max(0, match.start() - _DESCRIBED) : match.start()].rpartition(b"endstream")[2]
        is_of_objects, objects = b"/ObjStm" in described, bytearray()
        if is_of_objects and _PACKED_OTHERWISE.search(described):
            raise FileIsNotSafe(rule="packed-otherwise")
        for part in _inflated(memoryview(content)[match.end() :]):
            budget -= len(part)
            if budget < 0:
                raise FileIsNotSafe(rule="unpacks-too-large")
            if is_of_objects:
                objects += part
        _check_names(bytes(objects))


def _check_names(text: bytes) -> None:
    # A name may spell its letters as #hh.
    plain = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), text) if b"#" in text else text
    if found := _NAMED.search(plain):
        raise FileIsNotSafe(rule=_REFUSED[found[0]])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    """What a stream unpacks to, in parts; nothing for one that is packed otherwise."""
    inflating = zlib.decompressobj()
    try:
        part = inflating.decompress(packed, _CHUNK)
        while part:
            yield part
            part = inflating.decompress(inflating.unconsumed_tail, _CHUNK)
    except zlib.error:
        return


def _check_package(content: bytes, limits: FileLimits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            if len(entries) > limits.entries:
                raise FileIsNotSafe(rule="too-many-entries")
            if "OFD.xml" not in {each.filename for each in entries}:
                raise FileIsNotAcceptable
            budget = min(limits.unpacked_bytes, max(_SMALL, limits.ratio * len(content)))
            for each in entries:
                budget -= _check_entry(package, each, budget)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, ValueError) as damage:
        raise FileIsNotAcceptable from damage


def _check_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: int) -> int:
    """How much it really unpacks to, which it may understate."""
    if entry.flag_bits & 1:
        raise FileIsNotSafe(rule="encrypted")
    parts = entry.filename.replace("\\", "/").split("/")
    if entry.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise FileIsNotSafe(rule="names-a-place-outside")
    size = 0
    with package.open(entry) as stream:
        while part := stream.read(_CHUNK):
            if size == 0 and part.startswith(_ARCHIVES):
                raise FileIsNotSafe(rule="archive-in-archive")
            size += len(part)
            if size > budget:
                raise FileIsNotSafe(rule="unpacks-too-large")
    return size
