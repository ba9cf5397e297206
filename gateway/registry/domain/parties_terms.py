"""How much a party may call, from where and until when; and which of two terms are the wider."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from chassis.errors import Conflict, Invalid
from contracts.problems import gateway as problems

Network = IPv4Network | IPv6Network


class NetworkIsNotAcceptable(Invalid):
    problem = problems.NETWORK_NOT_ACCEPTABLE


class WidensAccess(Conflict):
    problem = problems.WIDENS_ACCESS


@dataclass(frozen=True, slots=True)
class Terms:
    """`per_second` and `burst` bound its rate; `per_day` its calls a day, `purposes` those by purpose (None, absent: no bound).

    `networks` are where it may call from (none: anywhere), `expires_at` until when (None: without end).
    """

    per_second: float = 200.0
    burst: int = 400
    per_day: int | None = None
    purposes: Mapping[str, int] = field(default_factory=dict)
    networks: tuple[Network, ...] = ()
    expires_at: datetime | None = None

    def wider(self, before: "Terms") -> list[str]:
        """The names of what these terms allow more of than those before."""
        is_wider = {
            "per_second": self.per_second > before.per_second,
            "burst": self.burst > before.burst,
            "per_day": _more(self.per_day, before.per_day),
            "purposes": any(_more(self.purposes.get(name), bound) for name, bound in before.purposes.items()),
            "networks": bool(before.networks) and not (self.networks and all(_within(each, before.networks) for each in self.networks)),
            "expires_at": _later(self.expires_at, before.expires_at),
        }
        return [each.name for each in fields(self) if is_wider[each.name]]


def check_narrower(new: Terms, before: Terms) -> None:
    """Raises WidensAccess naming what would be wider."""
    if wider := new.wider(before):
        raise WidensAccess(f"wider than now: {', '.join(wider)}")


def networks_of(blocks: Iterable[str]) -> tuple[Network, ...]:
    """Raises NetworkIsNotAcceptable."""
    try:
        return tuple(ip_network(each) for each in blocks)
    except ValueError as error:
        raise NetworkIsNotAcceptable from error


def _more(new: int | None, before: int | None) -> bool:
    return before is not None and (new is None or new > before)


def _later(new: datetime | None, before: datetime | None) -> bool:
    return before is not None and (new is None or new > before)


def _within(network: Network, known: tuple[Network, ...]) -> bool:
    return any(
        (isinstance(network, IPv4Network) and isinstance(each, IPv4Network) and network.subnet_of(each))
        or (isinstance(network, IPv6Network) and isinstance(each, IPv6Network) and network.subnet_of(each))
        for each in known
    )
