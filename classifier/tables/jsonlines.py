"""JSON Lines: an object a line. And JSON: one list of objects, read whole."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from classifier.errors import DataError, shorten
from classifier.tables.base import Chunk, OnBadRow, Row, SourceReader, TableWriter
from classifier.tables.cells import SURROGATES, as_json
from classifier.tables.columns import choose_text_column
from classifier.tables.formats import TableFormat
from classifier.tables.sources import TextSource

_HEAD_ROWS = 1000
Reshape = Callable[[Any], Any]


class _ObjectReader(SourceReader):
    """Read objects of JSON; the text column must be there, and null is an empty text."""

    def __init__(
        self,
        source: TextSource,
        *,
        text_column: str | None = None,
        on_bad_row: OnBadRow | None = None,
        reshape: Reshape | None = None,
    ) -> None:
        super().__init__(source, on_bad_row)
        self._reshape = reshape
        self._load()
        self.columns = tuple(dict.fromkeys(name for row in self._head() for name in row))
        if not self.columns:  # empty, or broken, which is told when the rows are read
            self.text_column = text_column or "text"
        else:
            self.text_column = choose_text_column(text_column, self.columns, where=self.name)

    def _load(self) -> None:
        """Read what the columns are found from."""

    def _reason(self, values: object) -> str | None:
        """Return why a row with no text in its text column cannot be used, or None if it can."""
        column = self.text_column
        if not isinstance(values, dict):
            return f"expected an object with the field {column!r}, got {shorten(values)}"
        if column not in values:
            return f"has no field {column!r}; its fields are {shorten(list(values))}"
        if values[column] is None:
            return None
        return f"the field {column!r} must be a text, got {shorten(values[column])}"


class JsonLinesReader(_ObjectReader):
    """Read an object a line; blank lines are dropped and counted."""

    format = TableFormat.JSONL

    def _head(self) -> Sequence[Mapping[str, object]]:
        lines = self._source.sample.split("\n", _HEAD_ROWS)[:_HEAD_ROWS]
        whole = [line for line in lines if not self._source.why_broken(line)]
        return [values for line in whole if isinstance(values := _try_loads(line), dict)]

    def _read(self) -> Iterator[Row]:
        loads, column = json.loads, self.text_column
        for number, line in enumerate(self._source.lines(), start=1):
            if reason := self._source.why_broken(line):
                self._bad(number, reason, line.removesuffix("\n"))
                continue
            try:
                values = loads(line)
            except (ValueError, RecursionError) as error:
                if line.isspace():
                    self.blank_lines += 1
                else:
                    self._bad(number, f"is no valid JSON: {error}", line.removesuffix("\n"))
                continue
            text = values.get(column) if type(values) is dict else None
            if type(text) is str:
                yield Row(number, values, text)
            elif (reason := self._reason(values)) is None:
                yield Row(number, values, "")
            else:
                self._bad(number, reason, line.removesuffix("\n"))


def _try_loads(line: str) -> object:
    """Return the value of a line, or None if it is broken, which is told when it is read."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


class JsonReader(_ObjectReader):
    """Read one list of objects, whole; each goes through `reshape` first, if that is given."""

    format = TableFormat.JSON
    unit = "row"

    def _load(self) -> None:
        items = _load_list(self._source)
        self._items = items if self._reshape is None else list(map(self._reshape, items))

    def _head(self) -> Sequence[Mapping[str, object]]:
        return [values for values in self._items[:_HEAD_ROWS] if isinstance(values, dict)]

    def _read(self) -> Iterator[Row]:
        for number, values in enumerate(self._items, start=1):
            text = values.get(self.text_column) if isinstance(values, dict) else None
            if isinstance(text, str):
                yield Row(number, values, text)
            elif (reason := self._reason(values)) is None:
                yield Row(number, values, "")
            else:
                self._bad(number, reason, as_json(values))


def is_json_list(source: TextSource) -> bool:
    """Tell whether a file holds one list rather than an object a line."""
    return source.sample.lstrip().startswith("[")


def _load_list(source: TextSource) -> list[Any]:
    """Return the values of a file that holds one list, as `is_json_list` tells."""
    source.refuse_broken()  # no row can be told from another before the whole is read
    text = "".join(source.lines())
    try:
        items: list[Any] = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{source.name} line {error.lineno}: is no valid JSON: {error}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{source.name}: cannot be read as JSON: {error}") from error
    return items


class JsonLinesWriter(TableWriter):
    """Write an object a line, its fields in the row's own order."""

    format = TableFormat.JSONL

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._sink.stream.write(_as_lines(rows))

    def write_encoded(self, chunk: Chunk, members: Sequence[str]) -> None:
        """Write the rows of a chunk with members of JSON after their own.

        Parameters
        ----------
        chunk : rows as read
        members : for each row, such as ``"topics": [], "decision": "none"``; none of these names
            may be one of the row's own
        """
        if all(len(row.values) == 1 for row in chunk.rows):
            bodies = [
                f"{{{encode_basestring(name)}: {encode_basestring(value)}"
                if type(value) is str
                else as_json({name: value})[:-1]
                for row in chunk.rows
                for name, value in row.values.items()
            ]
        else:
            bodies = [body[:-1] for body in _as_objects([row.values for row in chunk.rows])]
        pairs = zip(bodies, members, strict=True)
        with self._sink.errors_told():
            self._sink.stream.write(_encode("".join([f"{a}, {b}}}\n" for a, b in pairs])))
        self.n_rows += len(chunk)


# A text that no row holds.
_END = os.urandom(16).hex()


def _as_objects(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    # All rows in one call, which takes two thirds of the time of one call a row; so the ends of the
    # rows have to be found again.
    joined = as_json([item for row in rows for item in (row, _END)])[1:-1] + ", "
    return joined.split(f', "{_END}", ')[:-1]


def _as_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return _encode("".join([f"{row}\n" for row in _as_objects(rows)]))


def _encode(lines: str) -> bytes:
    try:
        return lines.encode("utf-8")
    except UnicodeEncodeError:
        # Half a surrogate pair: written as the escape that it was read from.
        return SURROGATES.sub(lambda half: f"\\u{ord(half[0]):04x}", lines).encode("utf-8")
