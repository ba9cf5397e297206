"""By which way a submission comes in, and what follows from that."""

from typing import Final

from contracts.api.catalogue import Channel, Definition

_BY_CODE: Final[dict[str, Channel]] = {"app": "mobile", "miniprogram": "mobile", "kiosk": "kiosk", "window": "window"}
_ONLINE: Final = frozenset({"pc", "mobile", "kiosk"})


def channel_of(code: str) -> Channel:
    """As the catalogue calls the gateway's channel of this code; whatever is none of the others is a browser."""
    return _BY_CODE.get(code, "pc")


def is_prereviewed(definition: Definition, channel: Channel) -> bool:
    """Nobody has looked at what comes in online; at a window the officer has, and a letter is read when it is opened."""
    return definition.is_prereviewed and channel in _ONLINE
