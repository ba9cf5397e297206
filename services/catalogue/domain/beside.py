"""Packages and service points of an import: the same rules as when they come alone. Source: ADR-0039, ADR-0043."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.api.catalogue import FormField, ImportCatalogue, ImportPoints, Matter, Package, ServicePoint
from contracts.rules import Told, rule
from services.catalogue.domain import points as rules_of_points
from services.catalogue.domain.matters import said_of
from services.catalogue.domain.package_checks import faults_in

_TWICE: Final = rule("package-twice", "a package is given once", "一件事编码不得重复")
_AGENCY: Final = rule("package-agency", "a package is handed in by an agency", "一件事须由机构提交")
_OF_ANOTHER: Final = rule("package-of-another", "{code} is kept by this agency", "{code} 由其他机构编制")


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue and the document together know: the matters of steps, the dictionary, by which agency packages are kept,
    divisions, and the points that stand."""

    steps: Mapping[str, Matter]
    fields: Mapping[str, FormField]
    kept_by: Mapping[str, str]
    divisions: Collection[str]
    points: Mapping[str, ServicePoint]


def broken_packages(document: ImportCatalogue, changed: Sequence[Package], known: Known, agency: str | None) -> Iterator[dict[str, str]]:
    """Every rule that a changed package breaks, by its row in the document."""
    codes = [each.code for each in document.packages]
    for row, package in enumerate(document.packages):
        if package.code in codes[:row]:
            yield _error(row, "code", _TWICE.broken())
        if package not in changed:
            continue
        if agency is None:
            yield _error(row, "code", _AGENCY.broken())
        elif known.kept_by.get(package.code, agency) != agency:
            yield _error(row, "code", _OF_ANOTHER.broken(code=package.code))
        for fault in faults_in(package, known.steps, known.fields):
            column = fault.thing if fault.fault == "incomplete" and fault.thing else "items"
            yield _error(row, column, Told(fault.en, zh=fault.zh, code=f"package-{fault.fault}"))


def broken_points(document: ImportCatalogue, changed: Sequence[ServicePoint], known: Known) -> list[dict[str, str]]:
    """Every rule that the document's points break, where any is changed."""
    if not changed:
        return []
    # As a document of points alone: nothing is gone, and whoever imports a catalogue is bound to no division.
    points = ImportPoints.model_construct(points=document.points, gone=[], dry_run=True)
    return rules_of_points.errors_in(points, known=known.points, divisions=known.divisions, own_division=None)


def _error(row: int, column: str, told: Told) -> dict[str, str]:
    return {"table": "packages", "row": str(row + 1), **said_of(column, told)}
