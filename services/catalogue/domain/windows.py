from typing import Final

from contracts.api.catalogue import ServicePoint
from contracts.problems import Titles
from services.catalogue.domain.metrics import Part

_WHY: Final = Titles(zh="专窗，不受理全部事项", en="a window for some matters only")


def windows_of(window: ServicePoint) -> Part:
    """What windows that serve add to the share of comprehensive ones 综合窗口."""
    count = window.windows or 0
    return Part(count if window.does.is_comprehensive else 0, count, _WHY)
