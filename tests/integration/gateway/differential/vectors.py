"""Requests that two readers could read differently, and those that would go where they must not. Source: F77 to F83."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from tests.integration.gateway.differential.client import Sending
from tests.integration.gateway.differential.corpus import MARKER
from tests.integration.gateway.differential.sides import Exchange

SMUGGLED: Final = b"GET /sign/@@@@@?smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
_CHUNKED_BODY: Final = b"3\r\nabc\r\n0\r\n\r\n"
_LENGTH: Final = b"content-length: %d"


def hostile() -> Iterator[Exchange]:
    """Each is followed by the marker at once, on the same connection."""
    for title, data in [*_framing(), *_mixes(), *_lines(), *_hosts(), *_fields(), *_chunks(), *_targets(), *_others()]:
        yield Exchange(title, Sending((data + MARKER,), ("HEAD" if data.startswith(b"HEAD") else "GET", *("GET",) * 3), until=b"?marker"))


def _post(*headers: bytes, body: bytes = b"", line: bytes = b"POST /sign/@@@@@ HTTP/1.1", host: bytes = b"host: x") -> bytes:
    return b"\r\n".join([line, host, *headers, b"", b""]) + body


def _get(target: bytes = b"/sign/@@@@@", *headers: bytes, method: bytes = b"GET") -> bytes:
    return b"\r\n".join([method + b" " + target + b" HTTP/1.1", b"host: x", *headers, b"", b""])


def _framing() -> Iterator[tuple[str, bytes]]:
    te, both = b"transfer-encoding: chunked", _CHUNKED_BODY + SMUGGLED
    length = _LENGTH % len(both)
    yield "length then coding", _post(length, te, body=both)
    yield "coding then length", _post(te, length, body=both)
    yield "coding and a short length", _post(te, _LENGTH % 3, body=both)
    yield "coding and length 0", _post(_LENGTH % 0, te, body=both)
    yield "equal lengths", _post(_LENGTH % 3, _LENGTH % 3, body=b"abc")
    yield "different lengths", _post(_LENGTH % 3, _LENGTH % (3 + len(SMUGGLED)), body=b"abc" + SMUGGLED)
    yield "different lengths, other way round", _post(_LENGTH % (3 + len(SMUGGLED)), _LENGTH % 3, body=b"abc" + SMUGGLED)
    for value in (
        b"3, 3",
        b"3,4",
        b"+3",
        b"-3",
        b"0x3",
        b"3 ",
        b" 3",
        b"\t3",
        b"3\x0b",
        b"03",
        b"3.0",
        b"3e0",
        b"",
        b" ",
        b"\xb3",
        b"3;a",
        b"1 3",
        b"99999999999999999999",
        b"18446744073709551619",
        b"4294967299",
        b'"3"',
        b"three",
    ):
        yield f"length {value!r}", _post(b"content-length:" + value, body=b"abc")
    codings = (
        b"xchunked",
        b"chunkedx",
        b"chunked, chunked",
        b"chunked, identity",
        b"identity, chunked",
        b"identity",
        b"gzip, chunked",
        b"chunked, gzip",
        b"gzip",
        b"chunked\t",
        b"\tchunked",
        b"chunked;a=b",
        b'"chunked"',
        b"CHUNKED",
        b"chun\tked",
        b"x chunked",
        b"chunked ,",
        b", chunked",
        b"",
        b"chunked\x00",
        b"\x0bchunked",
        b"chunked\x0b",
        b"deflate, chunked",
        b"chunked\xff",
        b"trailers",
    )
    for value in codings:
        yield f"coding {value!r}", _post(b"transfer-encoding:" + value, body=both)
        yield f"coding {value!r} and a length", _post(b"transfer-encoding:" + value, length, body=both)
    for name in (
        b"Transfer_Encoding: chunked",
        b"transfer-encoding : chunked",
        b" transfer-encoding: chunked",
        b"transfer-encoding\t: chunked",
        b"x: y\r\n transfer-encoding: chunked",
        b"transfer-encoding:\r\n chunked",
        b"transfer-encoding\r\n: chunked",
        b"\x00transfer-encoding: chunked",
        b"transfer-encoding\x00: chunked",
        b"x: y\ntransfer-encoding: chunked",
        b"x: y\rtransfer-encoding: chunked",
        b"x: y\r\rtransfer-encoding: chunked",
        b"X-Transfer-Encoding: chunked",
        b"transfer-encoding chunked",
        b"transfer\xadencoding: chunked",
    ):
        yield f"coding named {name!r}", _post(name, length, body=both)
    yield "two codings", _post(te, te, body=both)
    yield "coding and identity", _post(te, b"transfer-encoding: identity", body=both)
    yield "identity and coding", _post(b"transfer-encoding: identity", te, body=both)
    yield "coding in HTTP/1.0", _post(te, body=both, line=b"POST /sign/@@@@@ HTTP/1.0")
    yield "coding and length in HTTP/1.0", _post(te, length, body=both, line=b"POST /sign/@@@@@ HTTP/1.0")
    yield "a GET with a body", _post(length, body=both, line=b"GET /sign/@@@@@ HTTP/1.1")
    yield "a GET with chunks", _post(te, body=both, line=b"GET /sign/@@@@@ HTTP/1.1")
    yield "a HEAD with a body", _post(_LENGTH % len(SMUGGLED), body=SMUGGLED, line=b"HEAD /sign/@@@@@ HTTP/1.1")
    yield "a DELETE with a body", _post(_LENGTH % len(SMUGGLED), body=SMUGGLED, line=b"DELETE /sign/@@@@@ HTTP/1.1")


def _mixes() -> Iterator[tuple[str, bytes]]:
    """Of two things each of which is doubtful."""
    body = _CHUNKED_BODY + SMUGGLED
    codings = (
        b"transfer-encoding: chunked",
        b"Transfer-Encoding:\tchunked",
        b"transfer-encoding: xchunked",
        b"transfer-encoding : chunked",
        b"transfer-encoding: identity",
        b"TRANSFER-ENCODING: Chunked",
    )
    lengths = (
        b"content-length: 3",
        b"content-length: +3",
        b"content-length: 3\r\ncontent-length: 3",
        b"Content-Length : 3",
        b"content_length: 3",
        b"content-length: 3,3",
    )
    breaks = (b"\r\n", b"\n", b"\r\n x")
    for (a, coding), (b, length), (c, ending) in product(enumerate(codings), enumerate(lengths), enumerate(breaks)):
        yield (
            f"mix {a}.{b}.{c}",
            b"POST /sign/@@@@@ HTTP/1.1\r\nhost: x\r\n" + coding + ending + b"\r\n" * (c == 2) + length + b"\r\n\r\n" + body,
        )
        yield (
            f"mix {a}.{b}.{c} turned",
            b"POST /sign/@@@@@ HTTP/1.1\r\nhost: x\r\n" + length + ending + b"\r\n" * (c == 2) + coding + b"\r\n\r\n" + body,
        )


def _lines() -> Iterator[tuple[str, bytes]]:
    rest = b"\r\nhost: x\r\n\r\n"
    t = b"/sign/@@@@@"
    for line in (
        b"GET " + t + b" http/1.1",
        b"GET " + t + b" HTTP/1.2",
        b"GET " + t + b" HTTP/3.0",
        b"GET " + t + b" HTTP/2.0",
        b"GET " + t + b" HTTP/0.9",
        b"GET " + t + b" HTTP/1.01",
        b"GET " + t + b" HTTP/01.1",
        b"GET " + t + b" HTTP/1.1 x",
        b"GET " + t + b" HTTP/1",
        b"GET " + t + b" HTTP/1.",
        b"GET " + t + b" HTTPS/1.1",
        b"GET " + t + b" ICE/1.0",
        b"GET " + t,
        b"GET  " + t + b" HTTP/1.1",
        b"GET " + t + b"  HTTP/1.1",
        b"GET\t" + t + b" HTTP/1.1",
        b"GET " + t + b"\tHTTP/1.1",
        b" GET " + t + b" HTTP/1.1",
        b"get " + t + b" HTTP/1.1",
        b"GE T " + t + b" HTTP/1.1",
        b"G\x00ET " + t + b" HTTP/1.1",
        b"GET " + t + b" HTTP/1.1 ",
        b"GET " + t + b" HTTP/1.1\t",
        b"GET" + t + b" HTTP/1.1",
        b"FOO " + t + b" HTTP/1.1",
        b"GET, " + t + b" HTTP/1.1",
        b"GET " + t + b"\x00 HTTP/1.1",
        b"GET " + t + b"\x0b HTTP/1.1",
        b"GET " + t + b"\x7f HTTP/1.1",
        b"GET " + t + b"\xc3\xa9 HTTP/1.1",
        b"GET " + t + b" a HTTP/1.1",
        b"PRI * HTTP/2.0\r\n\r\nSM",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\x80\x2e\x01\x03",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2",
        b"\x00",
        b":",
        b"GET",
    ):
        yield f"line {line!r}", line + rest
    yield "bare line feeds", b"GET " + t + b" HTTP/1.1\nhost: x\n\n"
    yield "one bare line feed", b"GET " + t + b" HTTP/1.1\r\nhost: x\r\na: b\nc: d\r\n\r\n"
    yield "a bare line feed at the end", b"GET " + t + b" HTTP/1.1\r\nhost: x\r\n\n"
    yield "a bare line feed after the line", b"GET " + t + b" HTTP/1.1\nhost: x\r\n\r\n"
    yield "bare carriage returns", b"GET " + t + b" HTTP/1.1\rhost: x\r\r"
    yield "a bare carriage return", b"GET " + t + b" HTTP/1.1\r\nhost: x\r\na: b\rc: d\r\n\r\n"
    yield "a bare carriage return in the line", b"GET " + t + b"\r HTTP/1.1\r\nhost: x\r\n\r\n"
    yield "two carriage returns", b"GET " + t + b" HTTP/1.1\r\nhost: x\r\r\n\r\n"


def _hosts() -> Iterator[tuple[str, bytes]]:
    line = b"GET /sign/@@@@@ HTTP/1.1\r\n"
    for title, host in (
        ("no", b""),
        ("an empty", b"host:\r\n"),
        ("a blank", b"host:  \r\n"),
        ("two equal", b"host: x\r\nhost: x\r\n"),
        ("two", b"host: x\r\nHOST: y\r\n"),
        ("a list as", b"host: x, y\r\n"),
        ("a user in the", b"host: user@x\r\n"),
        ("a password in the", b"host: a:b@x\r\n"),
        ("a path in the", b"host: x/../y\r\n"),
        ("a query in the", b"host: x?a\r\n"),
        ("a fragment in the", b"host: x#a\r\n"),
        ("a space in the", b"host: x y\r\n"),
        ("a bad port in the", b"host: x:abc\r\n"),
        ("a backslash in the", b"host: x\\y\r\n"),
        ("a NUL in the", b"host: x\x00y\r\n"),
        ("letters beyond ASCII in the", b"host: \xe4\xb8\xad\r\n"),
        ("a comma in the", b"host: x,y\r\n"),
        ("a scheme in the", b"host: http://x\r\n"),
        ("a percent in the", b"host: x%00\r\n"),
        ("brackets in the", b"host: [x\r\n"),
        ("a quote in the", b'host: "x"\r\n'),
        ("an angle in the", b"host: <x>\r\n"),
    ):
        yield f"{title} Host", line + host + b"\r\n"
    for target in (
        b"http://evil/sign/@@@@@",
        b"http://x@evil/sign/@@@@@",
        b"http://evil@x/sign/@@@@@",
        b"http:///sign/@@@@@",
        b"ftp://x/sign/@@@@@",
        b"http:/sign/@@@@@",
        b"HTTP://X/sign/@@@@@",
        b"//x/sign/@@@@@",
        b"http://x:80/sign/@@@@@",
        b"http://x",
        b"x",
        b"*",
        b"x:80",
        b"javascript:1",
        b"http://x?/sign/@@@@@",
        b"http://x#/sign/@@@@@",
        b"http://x\\/sign/@@@@@",
        b"http://[::1]/sign/@@@@@",
        b"http://x%2f/sign/@@@@@",
    ):
        yield f"target {target!r}", _get(target)
    yield "no Host in absolute form", b"GET http://x/sign/@@@@@ HTTP/1.1\r\n\r\n"
    yield "no Host in HTTP/1.0", b"GET /sign/@@@@@ HTTP/1.0\r\n\r\n"


def _fields() -> Iterator[tuple[str, bytes]]:
    for line in (
        b"a : b",
        b" a: b",
        b"a\t: b",
        b": b",
        b"a",
        b"",
        b"a(: b",
        b"a b: c",
        b"a\x00: b",
        b"a: b\x00c",
        b"a: \x01",
        b"a: b\x7f",
        b"a: b\x0bc",
        b"a: b\x0cc",
        b"a\xe9: b",
        b'"a": b',
        b"a@b: c",
        b"{a}: b",
        b"a;b: c",
        b"a/b: c",
        b"a: b\r\n c",
        b"a: b\r\n\tc",
        b"a:\r\n b",
        b"a: b\r\n",
        b"a\r\n: b",
        b"\x7f: b",
        b"a,b: c",
        b"a=b: c",
        b"a\\b: c",
        b"[a]: c",
        b"a<: c",
        b"a?: c",
    ):
        if line in {b"", b"a: b\r\n"}:
            continue
        yield f"field {line!r}", _get(b"/sign/@@@@@", line)
    yield "a first field folded", b"GET /sign/@@@@@ HTTP/1.1\r\n host: x\r\n\r\n"
    yield "65 fields", _get(b"/sign/@@@@@", *(b"a%d: b" % number for number in range(65)))
    yield "a field of 64 KiB", _get(b"/sign/@@@@@", b"a: " + b"x" * 65_536)
    yield "a name of 64 KiB", _get(b"/sign/@@@@@", b"x" * 65_536 + b": a")
    yield "a target of 64 KiB", _get(b"/sign/@@@@@?" + b"x" * 65_536)
    yield "100,000 fields", _get(b"/sign/@@@@@", *[b"a: b"] * 100_000)


def _chunks() -> Iterator[tuple[str, bytes]]:
    for body in (
        b"10000000000000003\r\nabc\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        b"7fffffffffffffff\r\nabc\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"+3\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b"3 \r\nabc\r\n0\r\n\r\n",
        b" 3\r\nabc\r\n0\r\n\r\n",
        b"3x\r\nabc\r\n0\r\n\r\n",
        b"3\nabc\n0\n\n",
        b"3\r\nabc\n0\r\n\r\n",
        b"3\nabc\r\n0\r\n\r\n",
        b"3\r\nabc0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"3\r\nab\r\n0\r\n\r\n",
        b"\r\nabc\r\n0\r\n\r\n",
        b"3;a\nb\r\nabc\r\n0\r\n\r\n",
        b"3;a\rb\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabc\r\n0\n\r\n",
        b"3\r\nabc\r\n0\r\n\n",
        b"3\r\nabc\r\n0\r\nhost: y\r\n\r\n",
        b"3\r\nabc\r\n0\r\ncontent-length: 9\r\n\r\n",
        b"3\r\nabc\r\n0\r\ntransfer-encoding: chunked\r\n\r\n",
        b"3\r\nabc\r\n0\r\na : b\r\n\r\n",
        b"3\r\nabc\r\n0\r\na: b\r\n c\r\n\r\n",
        b"3\r\nabc\r\n0\r\na\r\n\r\n",
        b"3\r\nabc\r\n0\r\nx: y\n\r\n",
        b"3_0\r\nabc\r\n0\r\n\r\n",
        b"3\x00\r\nabc\r\n0\r\n\r\n",
        b"\xef\xbc\x93\r\nabc\r\n0\r\n\r\n",
        b"3;" + b"a" * 100_000 + b"\r\nabc\r\n0\r\n\r\n",
        b"0" * 100_000 + b"3\r\nabc\r\n0\r\n\r\n",
        b"1;a\r\nx\r\n" * 3000 + b"0\r\n\r\n",
        b"3\r\nabc\r\n0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
        b"3\r\nabc\r\n0;\r\n\r\n",
        b'3;="\r\n"\r\nabc\r\n0\r\n\r\n',
        b"\t3\r\nabc\r\n0\r\n\r\n",
    ):
        yield f"chunks {body[:40]!r} of {len(body)}", _post(b"transfer-encoding: chunked", body=body)
    yield "no end of the chunks", _post(b"transfer-encoding: chunked", body=b"3\r\nabc\r\n")
    yield "no end of the trailer", _post(b"transfer-encoding: chunked", body=b"3\r\nabc\r\n0\r\n")


def _targets() -> Iterator[tuple[str, bytes]]:
    for path in (
        b"/a/..%2f..%2fadmin",
        b"/../admin",
        b"/./a",
        b"/%2e%2e/admin",
        b"/%2E%2E/admin",
        b"/%2e/a",
        b"//a",
        b"/a//b",
        b"/..;/admin",
        b"/a;x/../admin",
        b"/%00",
        b"/a%00b",
        b"/a\\b",
        b"/..\\admin",
        b"/%5c..%5cadmin",
        b"/%252e%252e/admin",
        b"/%25%32%65",
        b"/a#b",
        b"/#/../admin",
        b"/%2f",
        b"/a%2Fb",
        b"/%c0%ae%c0%ae/admin",
        b"/%u002e",
        b"/%",
        b"/%2",
        b"/%zz",
        b"/%0d%0aa:b",
        b"/%0a",
        b"/%09",
        b"/%7f",
        b"/%61",
        b"/%41dmin",
        b"/a/.",
        b"/a/..",
        b"/..",
        b"/.",
        b"/",
        b"/a/",
        b"/\xe4\xb8\xad",
        b"/a|b",
        b"/a^b",
        b"/a`b",
        b"/{a}",
        b"/<a>",
        b'/"a"',
        b"/[a]",
    ):
        yield f"path {path!r}", _get(b"/sign/@@@@@" + path)
    for target in (
        b"/SIGN/@@@@@",
        b"/sign./@@@@@",
        b"/sign%2f@@@@@",
        b"/%73ign/@@@@@",
        b"//sign/@@@@@",
        b"/./sign/@@@@@",
        b"/x/../sign/@@@@@",
        b"/sign;x/@@@@@",
        b"/sign/@@@@@;x",
        b"/sign/@@@@@%3fa",
        b"/sign/@@@@@?a#b",
        b"/sign/@@@@@?\x01",
        b"/sign/@@@@@?\xe9",
        b"/sign/@@@@@.json",
        b"/sign/@@@@@/",
    ):
        yield f"target {target!r}", _get(target)


def _others() -> Iterator[tuple[str, bytes]]:
    for method in (
        b"CONNECT",
        b"TRACE",
        b"TRACK",
        b"OPTIONS",
        b"PROPFIND",
        b"PURGE",
        b"LOCK",
        b"M-SEARCH",
        b"SOURCE",
        b"UNLINK",
        b"SEARCH",
        b"BREW",
    ):
        yield f"method {method.decode()}", _get(method=method)
    yield "CONNECT with an authority", _get(b"x:443", method=b"CONNECT")
    yield "OPTIONS *", _get(b"*", method=b"OPTIONS")
    for upgrade in (b"h2c", b"websocket", b"HTTP/2.0", b"TLS/1.0", b"x"):
        yield (
            f"upgrade to {upgrade.decode()}",
            _get(b"/sign/@@@@@", b"connection: upgrade, http2-settings", b"upgrade: " + upgrade, b"http2-settings: AAMAAABkAAQAAP__"),
        )
    yield "an upgrade with a body", _post(b"connection: upgrade", b"upgrade: h2c", _LENGTH % len(SMUGGLED), body=SMUGGLED)
    for value in (
        b"authorization",
        b"host",
        b"content-length",
        b"transfer-encoding",
        b"cookie, close",
        b"keep-alive, x",
        b"close, keep-alive",
        b"tongban-request-id",
        b"x y",
        b"\x00",
    ):
        yield f"connection names {value!r}", _post(b"connection: " + value, _LENGTH % 3, b"authorization: Basic eDp5", body=b"abc")
    yield "two connections", _get(b"/sign/@@@@@", b"connection: keep-alive", b"connection: close")
    for header in (
        b"x-http-method-override: DELETE",
        b"x-http-method: DELETE",
        b"x-method-override: DELETE",
        b"x-original-url: /admin",
        b"x-rewrite-url: /admin",
        b"x-forwarded-for: 1.2.3.4",
        b"forwarded: for=1.2.3.4",
        b"x-forwarded-host: evil",
        b"x-forwarded-prefix: /admin",
        b"x-real-ip: 1.2.3.4",
        b"client-cert: :YQ==:",
    ):
        yield f"{header.decode()}", _get(b"/sign/@@@@@", header)
    for header in (
        b"te: chunked",
        b"te: trailers",
        b"trailer: content-length",
        b"keep-alive: timeout=9",
        b"proxy-connection: keep-alive",
        b"proxy-authorization: Basic eDp5",
        b"expect: 200-ok",
        b"expect: 100-continue, x",
        b"max-forwards: 0",
        b"range: bytes=0-0",
        b"content-range: bytes 0-0/9",
        b"via: 1.1 x",
    ):
        yield f"{header.decode()} ", _get(b"/sign/@@@@@", header)
