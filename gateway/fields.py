"""The header fields of a request, and everything that follows from them alone.

Callers send the same fields again and again: a block of them that was read once is known by its bytes.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from contracts.headers import INTERNAL_PREFIX

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_INSIDERS: Final = INTERNAL_PREFIX[:-1]
FROM_EDGES: Final = frozenset({"client-cert", "client-cert-chain", "forwarded", "x-forwarded-for"})
"""What an edge in front of the gateway says of a caller. Source: RFC 7239, RFC 9440."""


class Fields:
    """`given` in their order, names in lower case; `by_name` the first of each. `names_insiders` when one is named as only the
    mesh's own are, `names_edges` when one is what only an edge says; `is_single` when none is given twice. `passing` is what goes on to a service, by audience, once it is known.
    `is_known` for a block that is recognised when it comes again.
    """

    __slots__ = ("by_name", "given", "is_known", "is_single", "names_edges", "names_insiders", "passing")

    def __init__(self, given: Iterable[tuple[str, str]]) -> None:
        self.given: Sequence[tuple[str, str]] = tuple(given)
        self.by_name = dict(reversed(self.given))
        self.is_single = len(self.by_name) == len(self.given)
        self.names_insiders = any(name.startswith(_INSIDERS) for name in self.by_name)
        self.names_edges = not FROM_EDGES.isdisjoint(self.by_name)
        self.is_known = False
        self.passing: dict[bool, tuple[tuple[bytes, bytes], ...]] = {}

    @classmethod
    def arrived(cls, raw: Iterable[tuple[bytes, bytes]]) -> "Fields":
        return cls((str(name, "latin-1"), str(value, "latin-1")) for name, value in raw)

    @property
    def has_one_host(self) -> bool:
        """And it is one: a name or an address, and perhaps a port. Source: RFC 9110 section 7.2."""
        is_single = self.is_single or sum(name == "host" for name, _ in self.given) == 1
        return is_single and _HOST.fullmatch(self.by_name.get("host", "")) is not None
