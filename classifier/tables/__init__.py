"""Rows in and out: plain text, CSV, TSV, JSONL, JSON, XLSX and Parquet.

`open_table` reads a file row by row or in chunks, `open_writer` writes one; neither holds more than
a chunk of it in memory, XLSX and JSON apart. Which column holds the texts and where our own columns
go is in `columns`. Nothing here knows topics.

formats.py      the formats and their suffixes
base.py         Row, Chunk, TableReader, TableWriter
columns.py      which column holds the texts, where results go
sources.py      bytes and text in: compression, encodings
sinks.py        bytes out: written aside, then renamed
cells.py        values to text
reach.py        how far the cells of an XLSX file reach
lines.py, delimited.py, jsonlines.py, spreadsheet.py, parquet.py    a format each
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from classifier.errors import DataError
from classifier.tables.base import (
    BadRow,
    Chunk,
    OnBadRow,
    Row,
    TableReader,
    TableWriter,
)
from classifier.tables.cells import as_json
from classifier.tables.columns import (
    Placement,
    find_tagged_columns,
    find_text_column,
    place_results,
    result_columns,
)
from classifier.tables.delimited import DelimitedReader, DelimitedWriter
from classifier.tables.formats import TableFormat
from classifier.tables.jsonlines import (
    JsonLinesReader,
    JsonLinesWriter,
    JsonReader,
    Reshape,
    is_json_list,
)
from classifier.tables.lines import TextReader, TextWriter, refuse_table, table_in
from classifier.tables.sinks import Sink
from classifier.tables.sources import TextSource

__all__ = [
    "BadRow",
    "Chunk",
    "OnBadRow",
    "Placement",
    "Row",
    "TableFormat",
    "TableReader",
    "TableWriter",
    "as_json",
    "find_tagged_columns",
    "find_text_column",
    "open_table",
    "open_writer",
    "place_results",
    "result_columns",
    "table_in",
]


def open_table(
    source: str | Path,
    *,
    format: str | None = None,  # noqa: A002
    encoding: str | None = None,
    text_column: str | None = None,
    sheet: str | None = None,
    on_bad_row: OnBadRow | None = None,
    reshape: Reshape | None = None,
    recognize: Callable[[str], TableFormat] | None = None,
) -> TableReader:
    r"""Return a reader of the rows of a file.

    Parameters
    ----------
    source : path, or ``"-"`` for standard input. Gzip and xz are recognised by their first bytes
    format : a `TableFormat` or its name; by default what the suffix says, and text for ``"-"``
    encoding : encoding of a text format; by default it is found on the first megabyte
    text_column : column of the texts; by default found by `find_text_column`
    sheet : sheet of a spreadsheet; by default the first
    on_bad_row : called with each row that cannot be used, which is then passed over; by default
        the first such row raises. Where `encoding` is given, a row that holds a byte of another is
        one, with that byte in its content as Python's ``surrogateescape`` has it
    reshape : called with each value of a JSON list, for what it returns to be read instead: an
        export's nested objects made rows
    recognize : called with the first megabyte of standard input for its format, if none is named

    Returns
    -------
    reader : an iterator of `Row`, to be closed, or used in ``with``

    Raises
    ------
    DataError
        The file cannot be read, has no such column or sheet, is taken for a list of texts though
        its first line is that of a table, or, while reading, has a bad row.
    DecodingError
        It is text in none of the encodings tried, or not in the one named, or, while reading, in
        another than it began in.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "list.csv")
    >>> _ = path.write_text("编号,标题\n7,村里修通水渠\n", encoding="utf-8")
    >>> with open_table(path) as table:
    ...     list(table)
    [Row(number=2, values={'编号': '7', '标题': '村里修通水渠'}, text='村里修通水渠')]
    """
    kind = TableFormat.of(source) if format is None else _format_named(format, "--from")
    if sheet is not None and kind is not TableFormat.XLSX:
        raise DataError(f"{source}: --sheet is for spreadsheets, and this is read as {kind}")
    if kind is TableFormat.XLSX:
        from classifier.tables.spreadsheet import SpreadsheetReader

        return SpreadsheetReader(
            source, text_column=text_column, sheet=sheet, on_bad_row=on_bad_row
        )
    if kind is TableFormat.PARQUET:
        from classifier.tables.parquet import ParquetReader

        return ParquetReader(source, text_column=text_column, on_bad_row=on_bad_row)
    text = TextSource(source, encoding=encoding, pass_broken=on_bad_row is not None)
    try:
        if recognize is not None and format is None and str(source) == "-":
            kind = recognize(text.sample)
        if kind is TableFormat.TEXT and format is None:
            refuse_table(text)
        if kind is TableFormat.JSON and is_json_list(text):
            return JsonReader(text, text_column=text_column, on_bad_row=on_bad_row, reshape=reshape)
        return _open_text(text, kind, text_column, on_bad_row)
    except BaseException:
        text.close()
        raise


def _open_text(
    source: TextSource, kind: TableFormat, text_column: str | None, on_bad_row: OnBadRow | None
) -> TableReader:
    if kind is TableFormat.TEXT:
        if text_column not in (None, "text"):
            raise DataError(f"{source.name}: plain text has no columns; leave out --text-column")
        return TextReader(source, on_bad_row=on_bad_row)
    if kind in (TableFormat.CSV, TableFormat.TSV):
        return DelimitedReader(source, kind, text_column=text_column, on_bad_row=on_bad_row)
    return JsonLinesReader(source, text_column=text_column, on_bad_row=on_bad_row)


def open_writer(
    target: str | Path,
    *,
    format: str | None = None,  # noqa: A002
    columns: Sequence[str],
    schema: Any = None,
    plain: bool = False,
    force: bool = False,
    aside: Path | None = None,
) -> TableWriter:
    """Return a writer of rows to a file.

    Parameters
    ----------
    target : path, or ``"-"`` for standard output; ``.gz`` and ``.xz`` compress the text formats
    format : a `TableFormat` or its name; by default what the suffix says
    columns : columns of the table, in order; JSONL has none and keeps each row's own
    schema : `pyarrow.Schema` whose types Parquet columns keep; other formats have no use for it
    plain : write CSV and TSV for programs rather than spreadsheets, as standard output has it:
        no byte order mark, and no ``'`` before what would be taken for a formula
    force : overwrite a file that stands there
    aside : where to write until the file is whole; by default a new file beside it

    Returns
    -------
    writer : to be closed, or used in ``with``; only then the file has its name

    Raises
    ------
    OutputExistsError
        The file exists and `force` is off.
    DataError
        The format cannot be written, or the file cannot be created.
    """
    if format is None:
        kind = TableFormat.of(target, option="--to")
    else:
        kind = _format_named(format, "--to")
    _refuse_unwritable(str(target), kind)
    sink = Sink(target, force=force, aside=aside)
    try:
        return _open_writer(sink, kind, columns, schema, plain=plain)
    except BaseException:
        sink.abort()
        raise


def _open_writer(
    sink: Sink, kind: TableFormat, columns: Sequence[str], schema: Any, *, plain: bool
) -> TableWriter:
    match kind:
        case TableFormat.TEXT:
            return TextWriter(sink, columns)
        case TableFormat.CSV | TableFormat.TSV:
            return DelimitedWriter(sink, columns, kind, plain=plain)
        case TableFormat.XLSX:
            from classifier.tables.spreadsheet import SpreadsheetWriter

            return SpreadsheetWriter(sink, columns)
        case TableFormat.PARQUET:
            from classifier.tables.parquet import ParquetWriter

            return ParquetWriter(sink, columns, schema=schema)
        case _:
            return JsonLinesWriter(sink, columns)


def _refuse_unwritable(target: str, kind: TableFormat) -> None:
    name = target.lower()
    if kind is TableFormat.JSON:
        raise DataError(f"{target}: JSON is read, not written; write JSONL (.jsonl)")
    if kind is TableFormat.XLSX and name.endswith((".xls", ".xlsm", ".ods", ".et")):
        raise DataError(f"{target}: of spreadsheets only XLSX is written; name it .xlsx")
    if kind in (TableFormat.XLSX, TableFormat.PARQUET) and name.endswith((".gz", ".xz")):
        raise DataError(f"{target}: {kind} is compressed in itself; leave the last suffix out")


def _format_named(name: str, option: str) -> TableFormat:
    try:
        return TableFormat(name)
    except ValueError:
        known = ", ".join(TableFormat)
        raise DataError(f"{option} {name!r}: is no format known; known are {known}") from None
