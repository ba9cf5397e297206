"""Rows as the bytes of a workbook, and back: what comes from outside is measured before anything of it is unfolded.

Source: ECMA-376 (Office Open XML); OWASP Cheat Sheet, file upload.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from contracts.rules import rule
from services.catalogue.domain.spreadsheets.cells import SpreadsheetRefused
from services.catalogue.domain.spreadsheets.layout import SHEETS, headings
from services.catalogue.domain.spreadsheets.reading import FIRST_ROW, Said
from services.catalogue.domain.spreadsheets.sheets import Sheet
from services.catalogue.domain.spreadsheets.writing import Rows

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTES: Final = 32 * 1024 * 1024
_UNFOLDED_BYTES: Final = 400 * 1024 * 1024
_SHARED_BYTES: Final = 64 * 1024 * 1024
_PACKED: Final = 200
"""No sheet of texts is packed tighter than this."""
_PARTS: Final = 100
_ROWS: Final = 300_000
_COLUMNS: Final = 60
_NO_WORKBOOK: Final = rule("workbook-unreadable", "the file is no readable workbook", "文件不是可读取的工作簿")
_LARGE: Final = rule("workbook-large", "the file is larger than {most} bytes", "文件超过 {most} 字节")
_PARTS_WRONG: Final = rule("workbook-parts", "the package has too many parts, one twice, or a locked one", "文件组成异常或已加密")
_MACROS: Final = rule("workbook-macros", "macros, links and embedded objects are not taken", "不接收宏、外部链接和嵌入对象")
_UNFOLDS: Final = rule("workbook-unfolds", "the file unfolds to more than a catalogue has", "文件解压后过大")
_ROOM: Final = rule("sheet-room", "a sheet has at most {rows} rows and {columns} columns", "每张表最多 {rows} 行、{columns} 列")
_NAMES: Final = rule("sheet-columns", "the second row names columns of this sheet", "第二行应为本表的列名")
_NAME_TWICE: Final = rule("sheet-column-twice", "a column is named once", "列名重复")
_FORMULA: Final = rule("cell-formula", "formulas are not taken", "不接收公式")
_ERROR: Final = rule("cell-error", "a cell holds an error", "单元格为错误值")
_DANGEROUS: Final = ("vba", "macrosheets", "activex", "embeddings", "externallinks", "ctrlprops", "connections.xml")


def written(rows: Rows) -> bytes:
    book = Workbook(write_only=True)
    for sheet in SHEETS:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = f"B{FIRST_ROW}"
        columns = headings(sheet)
        page.append([_heading(page, column.zh) for column in columns])
        page.append([_heading(page, column.name) for column in columns])
        for row in rows[sheet.name]:
            page.append([_cell(page, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes) -> Said:
    """The rows of every sheet that we know. Raises SpreadsheetRefused."""
    _check_package(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            return {sheet.name: _rows(book[sheet.name], sheet) for sheet in SHEETS if sheet.name in book.sheetnames}
        finally:
            book.close()
    except (
        zipfile.BadZipFile,
        zlib.error,
        InvalidFileException,
        ParseError,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        EOFError,
    ):
        # A package whose parts do not fit together: the library has no one name for that.
        raise SpreadsheetRefused(_NO_WORKBOOK.broken()) from None


def _heading(page: Any, text: str) -> Any:
    cell = WriteOnlyCell(page, text)
    cell.font = Font(bold=True)
    return cell


def _cell(page: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(page)
    cell.value = value
    # Also for what begins like a formula: it is a text.
    cell.data_type = "s"
    return cell


def _check_package(content: bytes) -> None:
    if len(content) > BYTES:
        raise SpreadsheetRefused(_LARGE.broken(most=BYTES))
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        raise SpreadsheetRefused(_NO_WORKBOOK.broken()) from None
    names = [part.filename.lower() for part in parts]
    if len(parts) > _PARTS or len(set(names)) != len(names) or any(part.flag_bits & 1 for part in parts):
        raise SpreadsheetRefused(_PARTS_WRONG.broken())
    for part, name in zip(parts, names, strict=True):
        if any(word in name for word in _DANGEROUS):
            raise SpreadsheetRefused(_MACROS.broken())
        most = _SHARED_BYTES if name.endswith("sharedstrings.xml") else _UNFOLDED_BYTES
        if part.file_size > most or (part.file_size > 1024 * 1024 and part.file_size > _PACKED * max(part.compress_size, 1)):
            raise SpreadsheetRefused(_UNFOLDS.broken())
    if sum(part.file_size for part in parts) > _UNFOLDED_BYTES:
        raise SpreadsheetRefused(_UNFOLDS.broken())


def _rows(page: Any, sheet: Sheet) -> list[tuple[int, dict[str, Any]]]:
    page.reset_dimensions()
    found: list[tuple[int, dict[str, Any]]] = []
    names: list[str] = []
    for number, cells in enumerate(page.iter_rows(), start=1):
        if number > _ROWS or len(cells) > _COLUMNS:
            raise SpreadsheetRefused(_ROOM.broken(rows=_ROWS, columns=_COLUMNS), table=sheet.name, row=number)
        if number == FIRST_ROW - 1:
            names = [str(cell.value or "") for cell in cells]
            _check_names(names, sheet)
        elif number >= FIRST_ROW:
            said = dict(_said(cells, names, sheet, number))
            if said:
                found.append((number, said))
    return found


def _check_names(names: list[str], sheet: Sheet) -> None:
    known = {column.name for column in headings(sheet)}
    given = [name for name in names if name]
    if unknown := sorted(set(given) - known):
        raise SpreadsheetRefused(_NAMES.broken(), table=sheet.name, columns=[name[:40] for name in unknown[:10]])
    if len(set(given)) != len(given):
        raise SpreadsheetRefused(_NAME_TWICE.broken(), table=sheet.name)


def _said(cells: Any, names: list[str], sheet: Sheet, number: int) -> Iterator[tuple[str, Any]]:
    for cell, name in zip(cells, names, strict=False):
        if cell.value is None or not name:
            continue
        if cell.data_type == "f":
            raise SpreadsheetRefused(_FORMULA.broken(), table=sheet.name, row=number, column=name)
        if cell.data_type == "e":
            raise SpreadsheetRefused(_ERROR.broken(), table=sheet.name, row=number, column=name)
        yield name, cell.value
