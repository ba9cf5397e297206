"""接入管理: what an edge in front of the gateway says of a caller is believed only from the city's own edges."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from gateway.fields import FROM_EDGES

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CERTIFICATE: Final = re.compile(r":([A-Za-z0-9+/]+={0,2}):")


class Edges:
    """`trusted` are the networks of the edges that end TLS for the gateway."""

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        self._trusted = tuple(trusted)

    def seen(self, peer: str, headers: Sequence[tuple[str, str]]) -> tuple[str, str, Sequence[tuple[str, str]]]:
        """The caller's address, the x5t#S256 of its certificate ("" for none), and the headers without what only edges say.

        `headers` are those of the request with names in lower case. Source: RFC 9440 for Client-Cert, RFC 8705 section 3.1.
        """
        if not any(name in FROM_EDGES for name, _ in headers):
            return peer, "", headers
        said = [each for each in headers if each[0] in FROM_EDGES]
        others = [each for each in headers if each[0] not in FROM_EDGES]
        if not self._are_trusted(peer):
            return peer, "", others
        hops = [hop for name, value in said if name == "x-forwarded-for" for hop in value.split(",")]
        return self._client(peer, hops), _thumbprint([value for name, value in said if name == "client-cert"]), others

    def _client(self, peer: str, hops: list[str]) -> str:
        """The nearest hop that is none of ours: what is further left was said by a stranger."""
        for hop in reversed(hops):
            address = address_of(hop.strip())
            if address is None:
                break
            peer = str(address)
            if not self._are_trusted(peer):
                break
        return peer

    def _are_trusted(self, peer: str) -> bool:
        return is_within(address_of(peer), self._trusted)


def address_of(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_within(address: Address | None, networks: Sequence[Network]) -> bool:
    return address is not None and any(address in each for each in networks)


def _thumbprint(said: list[str]) -> str:
    """Of exactly one certificate: two would leave open whose connection it is."""
    stated = _CERTIFICATE.fullmatch(said[0].strip()) if len(said) == 1 else None
    if stated is None:
        return ""
    try:
        certificate = base64.b64decode(stated.group(1), validate=True)
    except binascii.Error:
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()
