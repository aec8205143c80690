"""Spreadsheets: XLSX, and what else Excel and WPS save; read and written whole."""

import datetime as dt
import io
import math
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from classifier.errors import DataError, MissingExtraError, shorten
from classifier.tables.base import OnBadRow, Row, TableReader, TableWriter
from classifier.tables.cells import SURROGATES, as_text
from classifier.tables.columns import choose_text_column, unique_columns
from classifier.tables.formats import TableFormat
from classifier.tables.reach import refuse_far_cells
from classifier.tables.sinks import Sink
from classifier.tables.sources import ByteSource

MAX_ROWS = 1_048_575  # rows of a sheet less its header
_MAX_CELL_CHARS = 32_767
_MAX_EXACT_INT = 2**53
_MEASURED_ROWS = 200
_WIDTHS = (8, 60)  # in characters of a digit's width, of which a Chinese one takes two
_FILLS = {"accept": "#E2F0D9", "review": "#FFF2CC", "none": "#EDEDED"}
_DATE_FORMATS = {
    dt.datetime: "yyyy-mm-dd hh:mm:ss",
    dt.date: "yyyy-mm-dd",
    dt.time: "hh:mm:ss",
    dt.timedelta: "[h]:mm:ss",
}


class SpreadsheetReader(TableReader):
    """Read a sheet: its first row that is not empty names the columns.

    Empty cells are None, whole numbers `int`, dates `datetime.date` or `datetime.datetime`. A
    number or a date in the text column gives its text.
    """

    format = TableFormat.XLSX
    unit = "row"

    def __init__(
        self,
        source: str | Path,
        *,
        text_column: str | None = None,
        sheet: str | None = None,
        on_bad_row: OnBadRow | None = None,
    ) -> None:
        name, cells = _load_sheet(source, sheet)
        super().__init__(name, on_bad_row)
        self._cells = cells
        self._n_read = 0
        self._top = next((i for i, row in enumerate(cells) if _is_filled(row)), None)
        if self._top is None:
            raise DataError(f"{name}: is empty; its first row must name the columns")
        self.columns = unique_columns([_as_value(cell) for cell in cells[self._top]])
        self.text_column = choose_text_column(text_column, self.columns, where=name)
        self._rows = self._read()

    def close(self) -> None:
        """Nothing is open: the file was read whole."""

    def _values(self, cells: Sequence[object]) -> dict[str, object]:
        return dict(zip(self.columns, map(_as_value, cells), strict=True))

    def _head(self) -> Sequence[Mapping[str, object]]:
        first = (self._top or 0) + 1
        return [self._values(cells) for cells in self._cells[first : first + 100]]

    def _read(self) -> Iterator[Row]:
        first = (self._top or 0) + 1
        for number, cells in enumerate(self._cells[first:], start=first + 1):
            values = self._values(cells)
            self._n_read += 1
            yield Row(number, values, as_text(values[self.text_column]))

    @property
    def share_read(self) -> float | None:
        """How many of the rows were read, 0 to 1."""
        return self._n_read / max(1, len(self._cells) - 1 - (self._top or 0))


def _load_sheet(source: str | Path, sheet: str | None) -> tuple[str, list[list[Any]]]:
    """Return the name of the file with that of the sheet, and the sheet's cells from its top."""
    try:
        import python_calamine
    except ImportError as error:
        raise MissingExtraError(
            "python-calamine", extra="tables", purpose="spreadsheets"
        ) from error
    with ByteSource(source) as file:
        data = file.read()
    refuse_far_cells(data, file.name)
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        if sheet is not None and sheet not in book.sheet_names:
            names = ", ".join(map(repr, book.sheet_names))
            raise DataError(f"{file.name}: has no sheet {sheet!r}; its sheets are {names}")
        found = book.get_sheet_by_name(sheet if sheet is not None else book.sheet_names[0])
        return f"{file.name} sheet {found.name!r}", list(found.iter_rows())
    except python_calamine.PasswordError as error:
        raise DataError(f"{file.name}: is protected by a password; save it without one") from error
    except python_calamine.CalamineError as error:
        raise DataError(
            f"{file.name}: is no spreadsheet that can be read: {error}; save it as XLSX anew"
        ) from error


def _is_filled(cells: Sequence[object]) -> bool:
    return any(cell not in ("", None) for cell in cells)


def _as_value(cell: Any) -> object:
    if cell == "":
        return None
    # A spreadsheet has no whole numbers of their own.
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= _MAX_EXACT_INT:
        return int(cell)
    return cell


class SpreadsheetWriter(TableWriter):
    """Write a sheet with a frozen header, filters, a colour a decision, and widths to read by."""

    format = TableFormat.XLSX

    def __init__(self, sink: Sink, columns: Sequence[str]) -> None:
        super().__init__(sink, columns)
        try:
            import xlsxwriter
        except ImportError as error:
            raise MissingExtraError(
                "xlsxwriter", extra="tables", purpose="writing spreadsheets"
            ) from error
        # Rows go to a temporary file as they come. The packed book is small enough for memory, from
        # where a full disk does not leave a zip file half open.
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._packed = io.BytesIO()
        options = {"constant_memory": True, "tmpdir": self._folder.name}
        self._book = xlsxwriter.Workbook(self._packed, options)
        self._sheet = self._book.add_worksheet()
        self._date_formats = {
            kind: self._book.add_format({"num_format": text, "align": "left"})
            for kind, text in _DATE_FORMATS.items()
        }
        self._fills = {
            decision: self._book.add_format({"bg_color": colour})
            for decision, colour in _FILLS.items()
        }
        self._widths = [_display_width(column) + 4 for column in columns]  # and the filter's arrow
        bold = self._book.add_format({"bold": True, "bottom": 1})
        for position, column in enumerate(columns):
            self._sheet.write_string(0, position, column, bold)
        self._sheet.freeze_panes(1, 0)

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if self.n_rows + len(rows) > MAX_ROWS:
            raise DataError(
                f"{self._sink.name}: more than {MAX_ROWS:,} rows, which is all that a sheet "
                "holds; write CSV or Parquet"
            )
        for number, row in enumerate(rows, start=self.n_rows + 1):
            self._refuse_new_columns(row)
            for position, column in enumerate(self.columns):
                if (value := row.get(column)) is not None and value != "":
                    self._write_cell(number, position, value)

    def _write_cell(self, number: int, position: int, value: Any) -> None:
        sheet = self._sheet
        if isinstance(value, bool):
            sheet.write_boolean(number, position, value)
        elif _is_number(value):
            sheet.write_number(number, position, value)
        elif _is_date(value):
            sheet.write_datetime(number, position, value, self._date_formats[type(value)])
            value = "2000-01-01 00:00"
        else:
            value = self._checked(as_text(value), number)
            fill = self._fills.get(value) if self.columns[position] == "decision" else None
            sheet.write_string(number, position, value, fill)
        if number <= _MEASURED_ROWS:
            self._widths[position] = max(self._widths[position], _display_width(str(value)))

    def _checked(self, text: str, number: int) -> str:
        if len(text) > _MAX_CELL_CHARS:
            raise DataError(
                f"{self._sink.name}: row {number} holds a text of {len(text):,} characters, "
                f"{shorten(text, 30)}, of which a cell holds {_MAX_CELL_CHARS:,}; "
                "write CSV or Parquet"
            )
        return SURROGATES.sub("\ufffd", text)

    def _finish(self) -> None:
        low, high = _WIDTHS
        for position, width in enumerate(self._widths):
            self._sheet.set_column(position, position, min(max(width + 1, low), high))
        self._sheet.autofilter(0, 0, self.n_rows, len(self.columns) - 1)
        self._book.use_zip64()  # where a part is beyond 4 GB
        self._book.close()
        self._folder.cleanup()
        self._sink.stream.write(self._packed.getbuffer())

    def _discard(self) -> None:
        self._sheet._opt_close()  # the temporary file, for which there is no public door
        self._folder.cleanup()


def _is_number(value: object) -> bool:
    """Tell a number that a cell holds exactly; others are written as text."""
    if isinstance(value, int):
        return abs(value) <= _MAX_EXACT_INT
    return isinstance(value, float) and math.isfinite(value)


def _is_date(value: object) -> bool:
    """Tell a date that a cell can hold: without a time zone, from 1900 on."""
    if type(value) not in _DATE_FORMATS:
        return False
    if isinstance(value, dt.date) and value.year < 1900:
        return False
    return getattr(value, "tzinfo", None) is None


def _display_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text[:80])
