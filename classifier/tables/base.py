"""What every table has: rows, chunks of rows, a reader and a writer.

The formats themselves stand in one module each; `classifier.tables` opens them.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self

from classifier.errors import DataError
from classifier.tables.cells import as_json
from classifier.tables.columns import Placement, find_tagged_columns, were_changed
from classifier.tables.formats import TableFormat
from classifier.tables.sinks import Sink
from classifier.tables.sources import TextSource


class Row(NamedTuple):
    """One row of a table.

    Attributes
    ----------
    number : line of the file on which the row begins (text, CSV, TSV, JSONL), row of the sheet
        (XLSX), or row (Parquet, JSON); the first is 1, and a header counts
    values : columns and what stands in them, as read; ``{"text": …}`` for plain text
    text : what stands in the text column; ``""`` where the cell is empty
    """

    number: int
    values: dict[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used, and why.

    Attributes
    ----------
    source : the file
    unit : ``"line"`` or ``"row"``, what `number` counts
    number : as `Row.number`
    reason : what is wrong
    content : the row as it stands, whole, so that it can be repaired
    """

    source: str
    unit: str
    number: int
    reason: str
    content: str

    @property
    def message(self) -> str:
        """Where, and what is wrong."""
        return f"{self.source} {self.unit} {self.number}: {self.reason}"


OnBadRow = Callable[[BadRow], None]


class Chunk:
    """Consecutive rows of a table.

    Attributes
    ----------
    rows : the rows
    texts : what stands in their text column, one `str` a row
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows: Sequence[Row] = rows
        self.texts: list[str] = [row.text for row in rows]

    def __len__(self) -> int:
        return len(self.texts)


class TableReader(ABC):
    """Rows of a file, read as they are asked for, once.

    Attributes
    ----------
    name : the file, for messages
    format : its format
    columns : names of the columns in order, made unique; empty for plain text. For JSONL those of
        the first thousand rows
    text_column : name of the column of texts
    encoding : encoding that the file is read in; None where the format has its own
    schema : the `pyarrow.Schema` of a Parquet file, else None
    blank_lines : blank lines passed over until now
    bad_rows : bad rows passed over until now
    """

    format: TableFormat
    unit = "line"

    def __init__(self, name: str, on_bad_row: OnBadRow | None) -> None:
        self.name = name
        self.columns: tuple[str, ...] = ()
        self.text_column = "text"
        self.encoding: str | None = None
        self.schema: Any = None
        self.blank_lines = 0
        self.bad_rows = 0
        self._on_bad_row = on_bad_row
        self._rows = self._read()

    @abstractmethod
    def _read(self) -> Iterator[Row]:
        """Yield the rows."""

    @abstractmethod
    def _head(self) -> Sequence[Mapping[str, object]]:
        """Return the values of some of the first rows without reading on."""

    @property
    @abstractmethod
    def share_read(self) -> float | None:
        """How much of the file was read, 0 to 1; None where its size is unknown."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    @property
    def tagged_columns(self) -> tuple[str, ...]:
        """Columns that an earlier run of ours wrote, by `find_tagged_columns`."""
        return find_tagged_columns(self.columns, self._head())

    def guard_tags(self, tagged: Sequence[str]) -> None:
        """From here on, take for bad a row whose values under `tagged` are not what we wrote.

        They are to be replaced, and somebody's own labels must not be.
        """
        if tagged:
            self._rows = self._unchanged(self._rows, tuple(tagged))

    def _unchanged(self, rows: Iterator[Row], tagged: tuple[str, ...]) -> Iterator[Row]:
        for row in rows:
            if were_changed(row.values, tagged):
                reason = (
                    "the file was tagged before, but this row's topics or decision are not what "
                    "tagging writes and would be lost; move them to a column of another name, or "
                    "empty them"
                )
                self._bad(row.number, reason, as_json(row.values))
            else:
                yield row

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def chunks(self, n_rows: int) -> Iterator[Chunk]:
        """Yield the rows in chunks of `n_rows`; the last may be shorter."""
        while rows := list(itertools.islice(self._rows, n_rows)):
            yield Chunk(rows)

    def _bad(self, number: int, reason: str, content: str) -> None:
        """Hand a bad row to the caller's function, or raise it."""
        bad = BadRow(self.name, self.unit, number, reason, content)
        if self._on_bad_row is None:
            raise DataError(bad.message)
        self.bad_rows += 1
        self._on_bad_row(bad)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SourceReader(TableReader):
    """Rows of a text file, decoded while it is read."""

    def __init__(self, source: TextSource, on_bad_row: OnBadRow | None) -> None:
        super().__init__(source.name, on_bad_row)
        self.encoding = source.encoding
        self._source = source

    @property
    def share_read(self) -> float | None:
        """How much of the file was read, 0 to 1; None for standard input."""
        return self._source.bytes.share_read

    def close(self) -> None:
        """Close the file."""
        self._source.close()


class TableWriter(ABC):
    """Rows to a file that appears under its name when the writer is closed.

    As a context manager it closes at the end, or, when an error comes through, removes what was
    written. Plain write failures (a full disk) are raised as `DataError`.

    Attributes
    ----------
    columns : columns of the table, in order
    n_rows : rows written until now
    """

    format: TableFormat

    def __init__(self, sink: Sink, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.n_rows = 0
        self._sink = sink
        self._known = frozenset(columns)

    @abstractmethod
    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write some rows."""

    def _finish(self) -> None:  # noqa: B027  most formats have no end
        """Write what comes after the last row."""

    def _discard(self) -> None:  # noqa: B027  most formats hold nothing
        """Let go of what the format holds besides the file."""

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows; a column that a row lacks stays empty.

        Raises
        ------
        DataError
            A row has a column that the table has not, or a value that the format cannot hold, or
            the disk is full.
        """
        listed = rows if isinstance(rows, list) else list(rows)
        with self._sink.errors_told():
            self._write(listed)
        self.n_rows += len(listed)

    def write_chunk(
        self, chunk: Chunk, results: Mapping[str, Sequence[object]], placement: Placement
    ) -> None:
        """Write the rows of a chunk with result columns beside them.

        Parameters
        ----------
        chunk : rows as read
        results : result columns, each with one value a row
        placement : where the result columns stand
        """
        self.write(placement.merge_all([row.values for row in chunk.rows], results))

    def close(self) -> None:
        """Finish the file and give it its name; a second time, do nothing."""
        if self._sink.done:
            return
        with self._sink.errors_told():
            try:
                self._finish()
            except BaseException:
                self.abort()
                raise
            self._sink.commit()

    def abort(self) -> None:
        """Remove what was written; after closing, do nothing."""
        if not self._sink.done:
            self._discard()
            self._sink.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _refuse_new_columns(self, row: Mapping[str, Any]) -> None:
        """Refuse a field that came up after the columns were settled: none is lost in silence."""
        if not row.keys() <= self._known:
            new = next(name for name in row if name not in self._known)
            raise DataError(
                f"{self._sink.name}: the field {new!r} comes up in row {self.n_rows + 1} or later "
                f"and is none of the columns settled at the start; write JSONL instead"
            )
