"""Plain text: a text a line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from classifier.errors import DataError, shorten
from classifier.tables.base import OnBadRow, Row, SourceReader, TableWriter
from classifier.tables.cells import as_text, encode
from classifier.tables.columns import TEXT_COLUMNS
from classifier.tables.formats import TableFormat
from classifier.tables.sinks import Sink
from classifier.tables.sources import TextSource


def refuse_table(source: TextSource) -> None:
    """Refuse a text that is a table by its first line: its header would become a headline."""
    kind = table_in(source.sample)
    if kind is not None:
        raise DataError(
            f"{source.name}: is a table, by its first line {shorten(_first_line(source.sample))}; "
            "read it with "
            f"--from {kind}, or with --from {TableFormat.TEXT} if it is a list of texts"
        )


def _first_line(text: str) -> str:
    return text.removeprefix("\ufeff").lstrip("\r\n").partition("\n")[0].rstrip("\r")


def table_in(text: str) -> TableFormat | None:
    """Return the format of a table that a text is by its first line, None for any other text.

    Examples
    --------
    >>> table_in("编号,标题"), table_in('{"title": "修渠"}'), table_in("标题")
    (<TableFormat.CSV: 'csv'>, <TableFormat.JSONL: 'jsonl'>, None)
    """
    line = _first_line(text)
    if line.startswith("{"):
        try:
            row = json.loads(line)
        except ValueError:
            return None
        return TableFormat.JSONL if not row.keys().isdisjoint(TEXT_COLUMNS) else None
    for separator, kind in (("\t", TableFormat.TSV), (",", TableFormat.CSV)):
        names = [name.strip().strip('"').lower() for name in line.split(separator)]
        if len(names) > 1 and not set(names).isdisjoint(TEXT_COLUMNS):
            return kind
    return None


class TextReader(SourceReader):
    """Read a text a line; blank lines are dropped and counted."""

    format = TableFormat.TEXT

    def __init__(self, source: TextSource, *, on_bad_row: OnBadRow | None = None) -> None:
        super().__init__(source, on_bad_row)

    def _read(self) -> Iterator[Row]:
        for number, line in enumerate(self._source.lines(), start=1):
            text = line.removesuffix("\n")
            if not text or text.isspace():
                self.blank_lines += 1
            elif reason := self._source.why_broken(text):
                self._bad(number, reason, text)
            else:
                yield Row(number, {"text": text}, text)

    def _head(self) -> Sequence[Mapping[str, object]]:
        return ()


class TextWriter(TableWriter):
    """Write a text a line."""

    format = TableFormat.TEXT

    def __init__(self, sink: Sink, columns: Sequence[str]) -> None:
        if len(columns) != 1:
            raise DataError(
                f"{sink.name}: plain text holds one column, not {len(columns)}; "
                "write CSV, TSV, JSONL, XLSX or Parquet"
            )
        super().__init__(sink, columns)

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        column = self.columns[0]
        texts = [as_text(row.get(column)) for row in rows]
        for text in texts:
            if "\n" in text or "\r" in text:
                raise DataError(
                    f"{self._sink.name}: {shorten(text)} holds a line break, which a file of one "
                    "text a line cannot keep; write CSV or JSONL"
                )
        self._sink.stream.write(encode("".join([text + "\n" for text in texts])))
