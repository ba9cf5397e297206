"""Exchanges that any two proxies must pass on alike."""

import random
from collections.abc import Iterator
from typing import Final

from tests.integration.gateway.differential.client import Sending
from tests.integration.gateway.differential.recorder import USUAL, Script
from tests.integration.gateway.differential.sides import Exchange

SEED: Final = 20261126
MARKER: Final = b"GET /sign/@@@@@?marker HTTP/1.1\r\nhost: x\r\n\r\n"
OK: Final = b"HTTP/1.1 200 OK\r\n"


def request(method: str = "GET", target: str = "/sign/@@@@@", *headers: str, body: bytes = b"", version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "host: x", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def sized(size: int, seed: int = SEED) -> bytes:
    return random.Random(seed + size).randbytes(size)


def chunked(body: bytes, seed: int = SEED, *, extension: str = "", trailers: bytes = b"") -> bytes:
    """Cut where chance wants."""
    chance, said, at = random.Random(seed), bytearray(), 0
    while at < len(body):
        size = min(
            len(body) - at, chance.choice((1, 2, 15, 16, 255, 4096, 65536, 200_000)) if len(body) > 10_000 else chance.randint(1, 100)
        )
        said += b"%x%b\r\n%b\r\n" % (size, extension.encode(), body[at : at + size])
        at += size
    return bytes(said) + b"0\r\n" + trailers + b"\r\n"


def torn(data: bytes, pieces: int, seed: int = SEED) -> tuple[bytes, ...]:
    """In about so many pieces."""
    cuts = sorted(random.Random(seed).sample(range(1, len(data)), min(pieces, len(data)) - 1))
    return tuple(data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True))


def _exchange(title: str, *pieces: bytes, methods: tuple[str, ...] = ("GET",), script: Script = USUAL, **more: object) -> Exchange:
    return Exchange(title, Sending(pieces, methods, marker=MARKER, **more), script)  # type: ignore[arg-type]  # passed on as they are


SIZES: Final = (0, 1, 65_535, 65_536, 65_537, 300_000, 5 * 1024 * 1024)
_CHUNKED: Final = "transfer-encoding: chunked"


def benign() -> Iterator[Exchange]:
    yield from _requests()
    yield from _bodies()
    yield from _connections()
    yield from _answers()


def _requests() -> Iterator[Exchange]:
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        yield _exchange(
            f"{method} alone",
            request(method, "/sign/@@@@@", *(() if method in {"GET", "HEAD", "DELETE"} else ("content-length: 0",))),
            methods=(method,),
        )
    for number, path in enumerate(("/%E4%B8%AD%E6%96%87", "/a%20b", "/a+b", "/%40", "/a:b,c;d=e", "/~a!$&'()*")):
        yield _exchange(f"path {number}", request("GET", f"/sign/@@@@@{path}"))
    for number, query in enumerate(("a=b&c=%20%2F%00", "?", "a=" + "b" * 7000, "a[]=1&b={}|^`", "a=/../..//;x")):
        yield _exchange(f"query {number}", request("GET", f"/sign/@@@@@?{query}"))
    for number, headers in enumerate(
        (("a: " + "x" * 15_000,), tuple(f"x-{each}: {each}" for each in range(60)), ("a:b", "c:  d \t", "e:"))
    ):
        yield _exchange(f"headers {number}", request("GET", "/sign/@@@@@", *headers))
    yield _exchange("absolute form", request("GET", "http://x/sign/@@@@@?a=b"))
    yield _exchange("lines before the request", b"\r\n\r\n" + request())
    for pieces in (2, 7, 40):
        yield _exchange(f"a head in {pieces} pieces", *torn(request("GET", "/sign/@@@@@?slow", "a: b", "c: d"), pieces), pause_s=0.002)
    yield _exchange(
        "a head byte by byte", *(bytes([each]) for each in request().replace(b"@@@@@", b"@@@@@")[:5]), request()[5:], pause_s=0.002
    )


def _bodies() -> Iterator[Exchange]:
    for size in SIZES:
        body = sized(size)
        yield _exchange(f"{size} bytes by length", request("POST", "/sign/@@@@@", f"content-length: {size}", body=body), methods=("POST",))
        yield _exchange(f"{size} bytes in chunks", request("PUT", "/sign/@@@@@", _CHUNKED, body=chunked(body)), methods=("PUT",))
    for seed in range(12):
        body = sized(random.Random(seed).randint(1, 20_000), seed)
        whole = request("POST", "/sign/@@@@@", _CHUNKED)
        yield _exchange(f"chunks of chance {seed}", whole, *torn(chunked(body, seed), 9, seed), methods=("POST",), pause_s=0.001)
        by_length = request("PATCH", "/sign/@@@@@", f"content-length: {len(body)}")
        yield _exchange(f"pieces of chance {seed}", by_length, *torn(body, min(9, len(body)), seed), methods=("PATCH",), pause_s=0.001)
    small = sized(300)
    yield _exchange(
        "chunk extensions", request("POST", "/sign/@@@@@", _CHUNKED, body=chunked(small, extension=";a=b;c")), methods=("POST",)
    )
    yield _exchange(
        "trailers", request("POST", "/sign/@@@@@", _CHUNKED, "trailer: x", body=chunked(small, trailers=b"x: y\r\n")), methods=("POST",)
    )
    yield _exchange(
        "a chunk size with zeros", request("POST", "/sign/@@@@@", _CHUNKED, body=b"0003\r\nabc\r\n000\r\n\r\n"), methods=("POST",)
    )
    yield _exchange(
        "a chunk size in capitals", request("POST", "/sign/@@@@@", _CHUNKED, body=b"A\r\n0123456789\r\n0\r\n\r\n"), methods=("POST",)
    )
    for framing, sent in (("content-length: 300", small), (_CHUNKED, chunked(small))):
        asking = request("POST", "/sign/@@@@@", framing, "expect: 100-continue")
        yield _exchange(f"100-continue, {framing}", asking, sent, methods=("POST",), waits=True)
        yield _exchange(f"100-continue without waiting, {framing}", asking + sent, methods=("POST",))
    yield _exchange("100-continue without a body", request("GET", "/sign/@@@@@", "expect: 100-continue"))


def _connections() -> Iterator[Exchange]:
    for number in (2, 5, 20):
        yield _exchange(f"{number} at once", request() * number, methods=("GET",) * number)
    posted = request("POST", "/sign/@@@@@", "content-length: 5", body=b"abcde")
    chunks = request("PUT", "/sign/@@@@@", _CHUNKED, body=b"3\r\nabc\r\n0\r\n\r\n")
    yield _exchange("bodies at once", posted + chunks + posted, methods=("POST", "PUT", "POST"))
    yield _exchange("bodies and none at once", request() + posted + request("HEAD") + chunks, methods=("GET", "POST", "HEAD", "PUT"))
    yield _exchange(
        "at once in pieces", *torn(request() + posted + chunks + request(), 12), methods=("GET", "POST", "PUT", "GET"), pause_s=0.002
    )
    yield _exchange("one after another", request(), request(), request(), methods=("GET",) * 3, pause_s=0.02)
    yield _exchange("close", request("GET", "/sign/@@@@@", "connection: close"))
    yield _exchange("Close", request("GET", "/sign/@@@@@", "Connection: Close"))
    yield _exchange(
        "close with a body", request("POST", "/sign/@@@@@", "connection: close", "content-length: 1", body=b"x"), methods=("POST",)
    )
    yield _exchange("HTTP/1.0", request(version="1.0"))
    yield _exchange(
        "HTTP/1.0 with a body", request("POST", "/sign/@@@@@", "content-length: 3", body=b"abc", version="1.0"), methods=("POST",)
    )
    yield _exchange("what follows a last request", request("GET", "/sign/@@@@@", "connection: close") + request())
    yield _exchange(
        "half a connection", request("POST", "/sign/@@@@@", "content-length: 2", "connection: close", body=b"ab"), methods=("POST",)
    )


def _answers() -> Iterator[Exchange]:
    for size in SIZES:
        body = sized(size)
        by_length = OK + b"content-length: %d\r\n\r\n" % size + body
        in_chunks = OK + b"transfer-encoding: chunked\r\n\r\n" + chunked(body)
        until_end = OK + b"\r\n" + body
        for title, said, closes in (("by length", by_length, False), ("in chunks", in_chunks, False), ("until the end", until_end, True)):
            yield _exchange(f"answer of {size} {title}", request(), script=Script((said,), closes=closes))
        yield _exchange(
            f"answer of {size} to a chunked request",
            request("POST", "/sign/@@@@@", _CHUNKED, body=chunked(body)),
            methods=("POST",),
            script=Script((in_chunks,)),
        )
    for seed in range(8):
        body = sized(random.Random(seed).randint(1, 20_000), seed)
        pieces = torn(OK + b"transfer-encoding: chunked\r\n\r\n" + chunked(body, seed), 9, seed)
        yield _exchange(f"answer in pieces of chance {seed}", request(), script=Script(pieces))
    for status in (200, 201, 202, 203, 206, 301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 410, 412, 422, 429, 500, 501, 503, 599):
        yield _exchange(
            f"answer {status}", request(), script=Script((b"HTTP/1.1 %d X\r\ncontent-length: 2\r\nlocation: /a\r\n\r\nab" % status,))
        )
    for status in (204, 304):
        yield _exchange(f"answer {status}", request(), script=Script((b"HTTP/1.1 %d X\r\netag: a\r\n\r\n" % status,)))
    yield _exchange("304 that names a length", request(), script=Script((b"HTTP/1.1 304 X\r\ncontent-length: 9\r\n\r\n",)))
    usual = OK + b"content-length: 2\r\n\r\nab"
    for interim in (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", b"HTTP/1.1 100 C\r\n\r\n" * 3):
        yield _exchange(f"interim {interim[9:12].decode()} {len(interim)}", request(), script=Script((interim + usual,)))
    yield _exchange("interim by itself", request(), script=Script((b"HTTP/1.1 100 Continue\r\n\r\n", usual)))
    yield _exchange(
        "answer with extensions", request(), script=Script((OK + b"transfer-encoding: chunked\r\n\r\n2;a=b\r\nab\r\n0\r\nx: y\r\n\r\n",))
    )
    yield _exchange(
        "answer that closes", request(), script=Script((OK + b"connection: close\r\ncontent-length: 2\r\n\r\nab",), closes=True)
    )
    yield _exchange("answer of HTTP/1.0", request(), script=Script((b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nab",), closes=True))
    yield _exchange("HEAD by length", request("HEAD"), methods=("HEAD",), script=Script((OK + b"content-length: 0\r\n\r\n",)))
    yield _exchange("large answer headers", request(), script=Script((OK + b"a: " + b"x" * 3000 + b"\r\ncontent-length: 2\r\n\r\nab",)))
    early = Script((b"HTTP/1.1 400 No\r\ncontent-length: 2\r\n\r\nno",), is_early=True)
    for framing, sent in (("content-length: 20000", sized(20_000)), (_CHUNKED, chunked(sized(20_000)))):
        yield _exchange(
            f"early answer, {framing}", request("POST", "/sign/@@@@@", framing), sent, methods=("POST",), script=early, pause_s=0.02
        )
    asked_in_chunks = request("GET", "/sign/@@@@@", version="1.0")
    yield _exchange("chunks for HTTP/1.0", asked_in_chunks, script=Script((OK + b"transfer-encoding: chunked\r\n\r\n" + chunked(b"abc"),)))


def failures() -> Iterator[Exchange]:
    """Of the service. Five in a row would make the gateway stop asking it for a while."""
    for title, said in (
        ("nonsense", b"nonsense\r\n\r\n"),
        ("nothing", b" "),
        ("a head cut off", OK + b"content-le"),
        ("headers without end", b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000),
        ("another protocol", b"SSH-2.0-x\r\n\r\n"),
        ("two lengths", OK + b"content-length: 2\r\ncontent-length: 3\r\n\r\nabc"),
        ("no number", OK + b"content-length: x\r\n\r\nabc"),
    ):
        yield _exchange(
            f"service says {title}",
            request("POST", "/sign/@@@@@", "content-length: 0"),
            methods=("POST",),
            script=Script((said,), closes=True),
        )
    yield _exchange(
        "service never answers", request("POST", "/sign/@@@@@", "content-length: 0"), methods=("POST",), script=Script(ignores=True)
    )
    yield _exchange(
        "service ends at once", request("POST", "/sign/@@@@@", "content-length: 0"), methods=("POST",), script=Script((b"",), closes=True)
    )
    for size in (10, 100_000):
        short = OK + b"content-length: %d\r\n\r\n" % (2 * size) + sized(size)
        yield _exchange(f"service says {size} bytes too few", request(), script=Script((short,), closes=True))
        in_chunks = OK + b"transfer-encoding: chunked\r\n\r\n" + chunked(sized(size))[:-9]
        yield _exchange(f"service says {size} bytes of chunks too few", request(), script=Script((in_chunks,), closes=True))
    yield _exchange(
        "service says too much",
        request(),
        script=Script((OK + b"content-length: 2\r\n\r\nabHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad",)),
    )
