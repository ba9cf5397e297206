"""Which addresses somebody outside may be reached at: as they are registered, and as their names resolve."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

_EMBEDDED: Final = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))
"""IPv6 addresses that lead to an IPv4 address which they carry. Source: RFC 6052, 8215, 3056, 4380, 4291."""


_NAMES_INSIDE: Final = ("localhost", ".local", ".internal", ".localdomain", ".home.arpa")


class AddressIsNotAcceptable(Exception):
    """The text says which rule is broken and may be shown."""


def check_address(url: str, *, may_be_loopback: bool) -> None:
    """https on its own port at a name of the Internet; on one machine also http at a loopback address.

    What the name leads to is looked at when it is connected to. Raises AddressIsNotAcceptable.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressIsNotAcceptable("not a URL") from error
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment or not host:
        raise AddressIsNotAcceptable("no user, query or fragment, and a host")
    if parts.scheme == "http":
        if not (may_be_loopback and _is_address(host) and ip_address(host).is_loopback):
            raise AddressIsNotAcceptable("https is needed")
        return
    if parts.scheme != "https" or port is not None:
        raise AddressIsNotAcceptable("https on its own port, which is not written")
    if "." not in host or host.startswith("[") or host.endswith(_NAMES_INSIDE) or _is_address(host):
        raise AddressIsNotAcceptable("a name of the Internet is needed")


def _is_address(host: str) -> bool:
    """In any spelling that a resolver might take for one: `127.1`, `0x7f.1` and `2130706433` are addresses too."""
    try:
        ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return last.isdecimal() or last.startswith("0x")
    return True


def is_global(address: str) -> bool:
    """Whether an IP address is one of the Internet at large, whatever it carries inside."""
    try:
        known: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return is_global(str(known.ipv4_mapped))
        if any(known in network for network in _EMBEDDED):
            return False
    return known.is_global and not known.is_multicast
