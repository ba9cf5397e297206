"""A workbook as a document that can be imported, its errors told by sheet, row and column; and a catalogue as a workbook."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from contracts.api.catalogue import ImportCatalogue
from contracts.rules import Told, in_chinese
from services.catalogue.domain.imports import ERRORS_SHOWN
from services.catalogue.domain.matters import ImportRefused
from services.catalogue.domain.spreadsheets import reading, workbook, writing
from services.catalogue.domain.spreadsheets.layout import SHEETS


@dataclass(frozen=True, slots=True)
class Taken:
    """A document and where in the workbook each of its elements stands."""

    document: ImportCatalogue
    said: reading.Document

    def refused(self, reason: ImportRefused) -> ImportRefused:
        """The same refusal by sheets and rows of the workbook."""
        errors = [self._placed(each) for each in reason.extensions["errors"]]
        return ImportRefused(reason.detail, errors=errors)

    def _placed(self, error: Mapping[str, str]) -> dict[str, str]:
        sheet, row, column = self.said.where((error["table"], int(error["row"]) - 1, error["column"]))
        return {**error, "table": sheet.name, "row": str(row), "column": column}


def take(content: bytes, *, dry_run: bool, local_terms: Literal["keep", "replace"] = "keep") -> Taken:
    """Raises SpreadsheetRefused for what is no workbook of ours, ImportRefused for every cell that breaks a rule of its own."""
    said = reading.document_of(workbook.read(content))
    try:
        document = ImportCatalogue.model_validate({**said.content, "dry_run": dry_run, "local_terms": local_terms})
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            sheet, row, column = said.where(each["loc"])
            said.add_error(sheet, row, column, Told(each["msg"][:200], zh=in_chinese(each), code=each["type"]))
    if said.errors:
        order = [sheet.name for sheet in SHEETS]
        said.errors.sort(key=lambda each: (order.index(each["table"]), int(each["row"])))
        raise ImportRefused(f"{len(said.errors)} rules are broken", errors=said.errors[:ERRORS_SHOWN])
    return Taken(document, said)


def give(catalogue: Mapping[str, Any]) -> bytes:
    """A document in JSON as a workbook. Raises SpreadsheetRefused where a text is longer than a cell."""
    return workbook.written(writing.rows_of(catalogue))
