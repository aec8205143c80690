"""CSV and TSV: fields parted by commas or tabs, quoted ones with line breaks in them."""

import codecs
import csv
import io
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from classifier.errors import DataError, counted
from classifier.tables.base import Chunk, OnBadRow, Row, SourceReader, TableWriter
from classifier.tables.cells import FORMULA_STARTS, as_text, defuse, encode
from classifier.tables.columns import Placement, choose_text_column, unique_columns
from classifier.tables.formats import TableFormat
from classifier.tables.sinks import Sink
from classifier.tables.sources import TextSource
from classifier.text import misnamed

_MAX_FIELD_CHARS = 100_000_000
_MAX_ROW_LINES = 10_000  # more than any cell has; what runs on for longer was never closed
_MOST_READINGS = 10  # of a line, on average
_HEAD_ROWS = 100
_DELIMITERS = {TableFormat.CSV: ",", TableFormat.TSV: "\t"}
_Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE


class _Lines:
    """The lines of a file; all but the first of a row can be put back, to be read again.

    Attributes
    ----------
    row : the lines read since it was last emptied
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self.row: list[str] = []
        self._lines = lines
        self._again: deque[str] = deque()
        self._n_read = self._n_again = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.row) >= _MAX_ROW_LINES:
            raise csv.Error(f"not closed within {_MAX_ROW_LINES:,} lines")
        if self._again:
            line = self._again.popleft()
        else:
            line = next(self._lines)
            self._n_read += 1
        self.row.append(line)
        return line

    def put_back(self) -> bool:
        """Put back all lines of the row but the first; False if that was done too often."""
        self._n_again += len(self.row) - 1
        self._again.extendleft(reversed(self.row[1:]))
        self.row.clear()
        return self._n_again <= _MOST_READINGS * max(self._n_read, _MAX_ROW_LINES)


class DelimitedReader(SourceReader):
    """Read CSV or TSV.

    A row of more or fewer fields than the header is bad. A blank line is an empty cell where the
    table has one column; otherwise it is dropped and counted. Of a row whose quotation marks do not
    match, the first line is bad, and the next begins a row: a mark too many takes no other row
    with it.
    """

    def __init__(
        self,
        source: TextSource,
        format_: TableFormat,
        *,
        text_column: str | None = None,
        on_bad_row: OnBadRow | None = None,
    ) -> None:
        super().__init__(source, on_bad_row)
        self.format = format_
        self._delimiter = self._find_delimiter()
        self._quoting = self._find_quoting()
        # A setting of the whole process, so never lowered for others.
        csv.field_size_limit(max(csv.field_size_limit(), _MAX_FIELD_CHARS))
        self._lines = _Lines(source.lines(newline=""))
        self._reader = self._parse(self._lines, self._quoting)
        self._header = self._read_header()
        self.columns = unique_columns(self._header)
        self.text_column = choose_text_column(text_column, self.columns, where=self.name)

    def _parse(self, lines: Iterable[str], quoting: _Quoting) -> Any:
        # Strict, since the lenient way joins all rows after a stray quotation mark into one.
        return csv.reader(lines, delimiter=self._delimiter, quoting=quoting, strict=True)

    def _sample_rows(self, quoting: _Quoting) -> Iterator[list[str]]:
        """Yield the rows at the beginning of the file; broken ones are told when they are read."""
        rows = self._parse(io.StringIO(self._source.sample, newline=""), quoting)
        while True:
            try:
                yield from filter(None, rows)
            except csv.Error:
                continue
            return

    def _find_delimiter(self) -> str:
        """Return the delimiter; some programs save semicolons or tabs under the name of CSV."""
        header = self._source.sample.partition("\n")[0]
        expected = _DELIMITERS[self.format]
        found = [other for other in (expected, "\t", ";") if other in header]
        return found[0] if found else expected

    def _find_quoting(self) -> _Quoting:
        """Return whether quotation marks quote: in many a TSV file they are part of the text.

        The reading is chosen in which more of the first rows have as many fields as the header.
        """
        header = self._source.sample.partition("\n")[0]
        if self._delimiter != "\t" or "\t" not in header or '"' not in self._source.sample:
            return csv.QUOTE_MINIMAL
        quoted, unquoted = (
            sum(len(row) == header.count("\t") + 1 for row in self._sample_rows(quoting))
            for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)
        )
        return csv.QUOTE_NONE if unquoted > quoted else csv.QUOTE_MINIMAL

    def _read_header(self) -> list[str]:
        try:
            for header in self._reader:
                if header:
                    if self._source.why_broken("".join(self._lines.row)):
                        raise misnamed(str(self.encoding), "the header", self.name)
                    self._n_header_lines = len(self._lines.row)
                    self._lines.row.clear()
                    return list(header)
        except csv.Error as error:
            raise DataError(f"{self.name} line 1: {self._explain(error, 1)}") from error
        raise DataError(f"{self.name}: is empty; its first line must name the columns")

    def _head(self) -> Sequence[Mapping[str, object]]:
        rows = self._sample_rows(self._quoting)
        next(rows)  # the header
        why_broken = self._source.why_broken
        whole = (row for row in rows if not any(map(why_broken, row)))
        first = list(itertools.islice(whole, _HEAD_ROWS))
        return [dict(zip(self.columns, row, strict=False)) for row in first]

    def _read(self) -> Iterator[Row]:
        reader, columns, n_columns = self._reader, self.columns, len(self.columns)
        at = columns.index(self.text_column)
        lines, why_broken = self._lines, self._source.why_broken
        begin = self._n_header_lines + 1
        while True:
            try:
                for fields in reader:
                    number, begin = begin, begin + len(lines.row)
                    broken = why_broken("".join(lines.row))
                    lines.row.clear()
                    if broken:
                        self._bad(number, broken, _join(fields, self._delimiter))
                    elif len(fields) == n_columns:
                        yield Row(number, dict(zip(columns, fields, strict=True)), fields[at])
                    elif fields:
                        self._bad(number, self._ragged(fields), _join(fields, self._delimiter))
                    elif n_columns == 1:
                        yield Row(number, {columns[0]: ""}, "")
                    else:
                        self.blank_lines += 1
            except csv.Error as error:
                reason = self._explain(error, begin)
                self._bad(begin, reason, lines.row[0].rstrip("\r\n"))
                if not lines.put_back():
                    raise DataError(
                        f"{self.name} line {begin}: {reason}; too many rows are like this one"
                    ) from error
                begin += 1
            else:
                return

    def _ragged(self, fields: Sequence[str]) -> str:
        return (
            f"has {counted(len(fields), 'field')} where the header has {len(self.columns)}; "
            f"a field that holds {self._delimiter!r} must stand in quotation marks"
        )

    def _explain(self, error: csv.Error, begin: int) -> str:
        end = begin + len(self._lines.row) - 1
        extent = f" (its row runs on to line {end})" if end > begin else ""
        if "limit" in str(error):
            return f"a field is longer than {_MAX_FIELD_CHARS:,} characters{extent}"
        if "not closed within" in str(error):
            return f"a quotation mark is opened and {error}"
        if "unexpected end" in str(error):
            return f"a quotation mark is opened and never closed{extent}"
        return (
            f"a quotation mark stands where none may{extent}: in a quoted field it is written "
            'twice ("")'
        )


class _Written:
    """What `csv.writer` writes to: the rows as a list."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.write = self.rows.append


def _format(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    lines = _Written()
    # Before Python 3.13 a field is quoted for the sake of a carriage return only if that ends the
    # rows too; so it does, and is taken off.
    csv.writer(lines, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return "".join([row[:-2] + "\n" for row in lines.rows])


def _join(fields: Sequence[str], delimiter: str) -> str:
    return _format([fields], delimiter).removesuffix("\n")


class DelimitedWriter(TableWriter):
    """Write CSV or TSV.

    Parameters
    ----------
    sink : where to
    columns : columns of the table
    format_ : CSV or TSV
    plain : for programs: without the byte order mark that tells a spreadsheet UTF-8, and without
        the ``'`` before what it would take for a formula. Standard output is always plain
    """

    def __init__(
        self, sink: Sink, columns: Sequence[str], format_: TableFormat, *, plain: bool = False
    ) -> None:
        super().__init__(sink, columns)
        self.format = format_
        self._delimiter = _DELIMITERS[format_]
        self._is_plain = plain or sink.is_stdout
        mark = b"" if self._is_plain else codecs.BOM_UTF8
        with sink.errors_told():
            sink.stream.write(mark + self._encode([list(columns)]))

    def _encode(self, cells: list[list[str]]) -> bytes:
        if not self._is_plain:
            cells = [
                [defuse(text) if text[:1] in FORMULA_STARTS else text for text in row]
                for row in cells
            ]
        return encode(_format(cells, self._delimiter))

    def write_chunk(
        self, chunk: Chunk, results: Mapping[str, Sequence[object]], placement: Placement
    ) -> None:
        """Write the rows of a chunk with result columns beside them."""
        own = self.columns[: len(self.columns) - len(results)]
        follow = self.columns[len(own) :] == tuple(results)
        values = [row.values for row in chunk.rows]
        if not follow or placement.renamed or any(tuple(one) != own for one in values):
            super().write_chunk(chunk, results, placement)
            return
        rows = [
            [cell if type(cell) is str else as_text(cell) for cell in (*one.values(), *ours)]
            for one, ours in zip(values, zip(*results.values(), strict=True), strict=True)
        ]
        with self._sink.errors_told():
            self._sink.stream.write(self._encode(rows))
        self.n_rows += len(chunk)

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        columns = self.columns
        cells: list[list[str]] = []
        for row in rows:
            self._refuse_new_columns(row)
            values = [row.get(column) for column in columns]
            cells.append([value if type(value) is str else as_text(value) for value in values])
        self._sink.stream.write(self._encode(cells))
