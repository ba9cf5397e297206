"""Finding a service of the portal by what people call it."""

import unicodedata
from dataclasses import dataclass
from typing import Final

_NAME, _CONTAINED, _KEYWORD, _SOUND = 5.0, 4.0, 3.0, 2.0
_ENOUGH_PAIRS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the portal 服务. `link` is its resource, `pinyin` its name's sound, run together."""

    code: str
    zh: str
    en: str
    says_zh: str
    says_en: str
    keywords: tuple[str, ...]
    pinyin: str
    initials: str
    link: str


def matching(services: tuple[Service, ...], text: str) -> list[Service]:
    """The nearest first, equally near ones in their order; all of them for no text."""
    wanted = _plain(text)
    if not wanted:
        return [] if text.strip() else list(services)
    ranked = [(_nearness(service, wanted), -at, service) for at, service in enumerate(services)]
    return [service for nearness, _, service in sorted(ranked, key=lambda each: each[:2], reverse=True) if nearness > 0]


def _plain(text: str) -> str:
    """Without case, width, spaces and punctuation."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())


def _nearness(service: Service, wanted: str) -> float:
    names = (_plain(service.zh), _plain(service.en))
    if wanted in names:
        return _NAME
    if any(wanted in name for name in names):
        return _CONTAINED
    keywords = [_plain(each) for each in service.keywords]
    if any(wanted in each for each in keywords):
        return _KEYWORD
    if len(wanted) > 1 and (wanted in service.pinyin or wanted in service.initials):
        return _SOUND
    return max(_shared(wanted, each) for each in (*names, *keywords))


def _shared(wanted: str, name: str) -> float:
    """Which part of the wanted text's pairs of characters the name has, 0 for too small a part."""
    pairs = {wanted[at : at + 2] for at in range(len(wanted) - 1)}
    has = sum(pair in name for pair in pairs)
    return share if pairs and (share := has / len(pairs)) >= _ENOUGH_PAIRS else 0.0
