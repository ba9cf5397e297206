"""What an upload is, by its content, and what is too dangerous to open. Bombs are built here, small as they are."""

import io
import struct
import zipfile
import zlib

import pytest

from chassis.errors import BodyTooLarge
from services.application.domain.files import FileIsNotAcceptable, FileIsNotSafe, FileLimits, sniffed

LIMITS = FileLimits()
MIB = 1024 * 1024


def png(width: int = 1, height: int = 1) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\x00\x00\x00"


def jpeg(width: int = 1, height: int = 1) -> bytes:
    application = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + bytes(3)
    return b"\xff\xd8" + application + frame + b"\xff\xd9"


def pdf(*objects: bytes) -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def stream(content: bytes, described: bytes = b"") -> bytes:
    packed = zlib.compress(content, 9)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), described, packed)


def ofd(**entries: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("OFD.xml", b"<ofd:OFD/>")
        for name, content in entries.items():
            package.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (png(), "image/png"),
        (jpeg(), "image/jpeg"),
        (pdf(b"<< /Type /Catalog >>", stream(b"BT (hello) Tj ET")), "application/pdf"),
        (ofd(Doc_0=b"<ofd:Document/>"), "application/ofd"),
    ],
)
def test_the_content_says_what_a_file_is(content: bytes, media_type: str) -> None:
    assert sniffed("", content, LIMITS) == media_type
    assert sniffed("application/octet-stream", content, LIMITS) == media_type
    assert sniffed(media_type, content, LIMITS) == media_type


@pytest.mark.parametrize(
    ("said", "content"),
    [
        ("image/gif", b"GIF89a"),
        ("image/png", b"%PDF-1.7"),
        ("application/pdf", b"MZ"),
        ("application/pdf", png()),
        ("", b""),
        ("text/html", b"<html>"),
        ("image/svg+xml", b"<svg onload='x'/>"),
        ("image/png", b"\x89PNG\r\n\x1a\nnothing else"),
        ("image/jpeg", b"\xff\xd8\xff\xe0\x00"),
        ("image/jpeg", b"\xff\xd8\xff\xd9" + b"x" * 20),
        ("application/ofd", b"PK\x03\x04 and no package"),
    ],
)
def test_other_kinds_and_what_lies_about_itself_are_refused(said: str, content: bytes) -> None:
    with pytest.raises(FileIsNotAcceptable):
        sniffed(said, content, LIMITS)


def test_a_zip_that_is_no_ofd_is_refused() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        package.writestr("word/document.xml", b"<w:document/>")
    with pytest.raises(FileIsNotAcceptable):
        sniffed("", held.getvalue(), LIMITS)


def test_a_file_of_exactly_the_limit_is_the_largest() -> None:
    largest = png().ljust(MIB, b"x")
    assert sniffed("image/png", largest, LIMITS) == "image/png"
    with pytest.raises(BodyTooLarge):
        sniffed("image/png", largest + b"x", LIMITS)


def rule_of(content: bytes, limits: FileLimits = LIMITS) -> str:
    with pytest.raises(FileIsNotSafe) as refusal:
        sniffed("", content, limits)
    return str(refusal.value.extensions["rule"])


@pytest.mark.parametrize("picture", [png, jpeg])
def test_a_small_picture_of_very_many_pixels_is_refused(picture: object) -> None:
    assert callable(picture)
    sniffed("", picture(7_000, 7_000), LIMITS)
    assert rule_of(picture(60_000, 60_000)) == "too-many-pixels"


def test_a_package_that_unpacks_too_far_is_refused_however_little_it_says_that_it_holds() -> None:
    bomb = ofd(page=bytes(40 * MIB))
    assert len(bomb) < MIB
    assert rule_of(bomb) == "unpacks-too-large"
    understated = bomb.replace(struct.pack("<I", 40 * MIB), struct.pack("<I", 10))
    assert understated != bomb
    with pytest.raises((FileIsNotSafe, FileIsNotAcceptable)):
        sniffed("", understated, LIMITS)


def test_the_ratio_bounds_what_the_size_alone_would_let_through() -> None:
    content = ofd(page=bytes(2 * MIB))
    sniffed("", content, FileLimits(ratio=2000))
    assert rule_of(content, FileLimits(ratio=20)) == "unpacks-too-large"


def test_many_entries_and_archives_in_archives_are_refused() -> None:
    many = ofd(**{f"page-{number}": b"x" for number in range(LIMITS.entries)})
    assert rule_of(many) == "too-many-entries"
    assert rule_of(ofd(inner=ofd(page=b"x"))) == "archive-in-archive"
    assert rule_of(ofd(inner=b"\x1f\x8b" + b"x" * 20)) == "archive-in-archive"


@pytest.mark.parametrize("name", ["../outside.xml", "/etc/passwd", "a\\..\\b", "C:/x"])
def test_an_entry_that_names_a_place_outside_is_refused(name: str) -> None:
    assert rule_of(ofd(**{name: b"x"})) == "names-a-place-outside"


def test_an_encrypted_package_is_refused() -> None:
    content = bytearray(ofd(page=b"secret"))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rfind(signature) + place] |= 1
    assert rule_of(bytes(content)) == "encrypted"


@pytest.mark.parametrize(
    ("named", "rule"),
    [
        (b"/Encrypt 5 0 R", "encrypted"),
        (b"/S /JavaScript /JS (app.alert)", "script"),
        (b"/S /J#61vaScript", "script"),
        (b"/S /Launch", "starts-programs"),
        (b"/Type /EmbeddedFile", "embedded-file"),
    ],
)
def test_a_pdf_that_does_more_than_show_pages_is_refused(named: bytes, rule: str) -> None:
    assert rule_of(pdf(b"<< %s >>" % named)) == rule
    packed = pdf(stream(b"7 0 << %s >>" % named, b"/Type /ObjStm /N 1 /First 4"))
    assert named not in packed
    assert rule_of(packed) == rule


def test_a_pdf_says_what_it_likes_on_its_pages() -> None:
    assert sniffed("", pdf(stream(b"BT (how to write /JavaScript and /Launch) Tj ET")), LIMITS) == "application/pdf"
    assert sniffed("", pdf(b"<< /JSON 1 /Launcher 2 >>"), LIMITS) == "application/pdf"


def test_streams_of_a_pdf_are_bounded_together() -> None:
    assert rule_of(pdf(stream(bytes(40 * MIB)))) == "unpacks-too-large"
    assert rule_of(pdf(*[stream(bytes(9 * MIB))] * 4), FileLimits(ratio=10_000)) == "unpacks-too-large"
    assert rule_of(pdf(*[stream(b"x")] * (LIMITS.entries + 1))) == "too-many-entries"


def test_objects_packed_in_a_way_that_is_not_looked_into_are_refused() -> None:
    hidden = b"<< /Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n00\nendstream"
    assert rule_of(pdf(hidden)) == "packed-otherwise"
