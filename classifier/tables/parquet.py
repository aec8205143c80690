"""Parquet, read and written in batches; the columns of the input keep their types."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from classifier.errors import DataError, MissingExtraError, shorten
from classifier.tables.base import Chunk, OnBadRow, Row, TableReader, TableWriter
from classifier.tables.cells import SURROGATES, as_text
from classifier.tables.columns import Placement, choose_text_column
from classifier.tables.formats import TableFormat
from classifier.tables.sinks import Sink
from classifier.tables.sources import ByteSource, open_file

ROW_GROUP_ROWS = 32_768
_BATCH_ROWS = 8192
_HEAD_ROWS = 100


def _import_pyarrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", extra="tables", purpose="Parquet files") from error
    return pa


class ArrowChunk(Chunk):
    """Consecutive rows of a Parquet file; only their texts are made objects of Python.

    Attributes
    ----------
    batch : the rows as a `pyarrow.RecordBatch`, all columns as they were read
    """

    def __init__(self, batch: Any, first_number: int, text_column: str) -> None:
        self.batch = batch
        self.texts = [text or "" for text in batch.column(text_column).to_pylist()]
        self._first_number = first_number

    @property
    def rows(self) -> Sequence[Row]:  # type: ignore[override]  # made when asked for
        """The rows."""
        values = _without_nanoseconds(self.batch).to_pylist()
        numbered = enumerate(zip(values, self.texts, strict=True), start=self._first_number)
        return [Row(number, row, text) for number, (row, text) in numbered]


def _without_nanoseconds(batch: Any) -> Any:
    """Return the batch with times cut to microseconds, the finest that Python has."""
    import pyarrow as pa

    schema = batch.schema
    for position, field in enumerate(schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            schema = schema.set(position, field.with_type(pa.timestamp("us", field.type.tz)))
    if schema is batch.schema:
        return batch
    return pa.Table.from_batches([batch]).cast(schema, safe=False)


class ParquetReader(TableReader):
    """Read the rows of a Parquet file; null in the text column is an empty text.

    Rows or chunks are asked for, not both: each begins at the first row.
    """

    format = TableFormat.PARQUET
    unit = "row"

    def __init__(
        self,
        source: str | Path,
        *,
        text_column: str | None = None,
        on_bad_row: OnBadRow | None = None,
    ) -> None:
        self._pa = _import_pyarrow()
        is_stdin = str(source) == "-"
        super().__init__("standard input" if is_stdin else str(source), on_bad_row)
        self._n_read = 0
        try:
            self._file = self._pa.parquet.ParquetFile(_seekable(self._pa, source))
        except (self._pa.ArrowException, OSError) as error:
            raise DataError(f"{self.name}: is no valid Parquet file: {error}") from error
        try:
            self._settle_columns(text_column)
        except BaseException:
            self.close()
            raise

    def _settle_columns(self, text_column: str | None) -> None:
        self.schema = self._file.schema_arrow
        self.columns = tuple(self.schema.names)
        twice = next((name for name in self.columns if self.columns.count(name) > 1), None)
        if twice is not None:
            raise DataError(f"{self.name}: has two columns {twice!r}; rename one")
        self.text_column = choose_text_column(text_column, self.columns, where=self.name)
        kind = self.schema.field(self.text_column).type
        if not _is_text(self._pa, kind):
            raise DataError(
                f"{self.name}: the column {self.text_column!r} must hold texts, it holds {kind}; "
                "name another with --text-column"
            )

    def _batches(self, n_rows: int) -> Iterator[Any]:
        try:
            for batch in self._file.iter_batches(batch_size=n_rows):
                self._n_read += batch.num_rows
                yield batch
        except (self._pa.ArrowException, OSError) as error:
            raise DataError(f"{self.name}: is damaged after row {self._n_read}: {error}") from error

    def _read(self) -> Iterator[Row]:
        for chunk in self.chunks(_BATCH_ROWS):
            yield from chunk.rows

    def chunks(self, n_rows: int) -> Iterator[Chunk]:
        """Yield the rows in chunks of at most `n_rows`; one may end where a row group does."""
        for batch in self._batches(n_rows):
            yield ArrowChunk(batch, self._n_read - len(batch) + 1, self.text_column)

    def _head(self) -> Sequence[Mapping[str, object]]:
        batch = next(self._file.iter_batches(batch_size=_HEAD_ROWS), None)
        rows: list[dict[str, object]] = (
            [] if batch is None else _without_nanoseconds(batch).to_pylist()
        )
        return rows

    @property
    def share_read(self) -> float | None:
        """How many of the rows were read, 0 to 1."""
        return self._n_read / max(1, int(self._file.metadata.num_rows))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _seekable(pa: Any, source: str | Path) -> Any:
    """Return what pyarrow can go back and forth in: standard input has to be read whole."""
    if str(source) == "-":
        with ByteSource(source) as stream:
            return pa.BufferReader(stream.read())
    open_file(source).close()  # pyarrow's own message on a missing file is long
    return str(source)


def _is_text(pa: Any, kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(pa, kind.value_type)
    kinds = (pa.string(), pa.large_string(), pa.string_view(), pa.null())
    return any(kind.equals(known) for known in kinds)


class ParquetWriter(TableWriter):
    """Write Parquet.

    Columns of `schema` keep its types. Of others, ours are lists of strings or numbers, and the
    rest take the type of their values in the first 32,768 rows: text, where those differ in kind
    or are nested.

    Parameters
    ----------
    sink : where to
    columns : columns of the table
    schema : `pyarrow.Schema` of the columns that were read, as `Placement.schema` gives it
    """

    format = TableFormat.PARQUET

    def __init__(self, sink: Sink, columns: Sequence[str], *, schema: Any = None) -> None:
        super().__init__(sink, columns)
        self._pa = pa = _import_pyarrow()
        texts = pa.list_(pa.string())
        self._fields = {field.name: field for field in schema or ()}
        self._types = {
            "topics": texts,
            "topic_names": texts,
            "probabilities": pa.list_(pa.float64()),
            "decision": pa.string(),
        }
        self._metadata = schema.metadata if schema is not None else None
        self._file: Any = None
        self._schema: Any = None
        self._rows: list[Mapping[str, Any]] = []
        self._tables: list[Any] = []

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            self._refuse_new_columns(row)
        self._rows.extend(rows)
        if len(self._rows) >= ROW_GROUP_ROWS:
            self._take_rows()
            self._flush(ROW_GROUP_ROWS)

    def write_chunk(
        self, chunk: Chunk, results: Mapping[str, Sequence[object]], placement: Placement
    ) -> None:
        """Write the rows of a chunk with result columns; those of a Parquet file as they are."""
        untyped = self._known - self._fields.keys() - self._types.keys()
        if self._schema is None and untyped and not isinstance(chunk, ArrowChunk):
            super().write_chunk(chunk, _as_lists(self._pa, results), placement)
            return
        with self._sink.errors_told():
            self._take_rows()
            schema = self._settle_schema([])
            own = self._own_columns(chunk, placement, results)
            arrays = [self._as_array(name, {**own, **results}[name]) for name in self.columns]
            self._tables.append(self._pa.Table.from_arrays(arrays, schema=schema))
            self.n_rows += len(chunk)
            self._flush(ROW_GROUP_ROWS)

    def _own_columns(
        self, chunk: Chunk, placement: Placement, results: Mapping[str, Sequence[object]]
    ) -> dict[str, Any]:
        """Return the chunk's own columns, by their names in the output."""
        if isinstance(chunk, ArrowChunk):
            names = chunk.batch.schema.names
            return {placement.renamed.get(name, name): chunk.batch.column(name) for name in names}
        nothing = dict.fromkeys(results)
        rows = [placement.merge(row.values, nothing) for row in chunk.rows]
        for row in rows:
            self._refuse_new_columns(row)
        return {name: [row.get(name) for row in rows] for name in self.columns}

    def _take_rows(self) -> None:
        """Make a table of the rows that wait."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        schema = self._settle_schema(rows)
        arrays = [self._as_array(name, [row.get(name) for row in rows]) for name in self.columns]
        self._tables.append(self._pa.Table.from_arrays(arrays, schema=schema))

    def _settle_schema(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        if self._schema is None:
            for name in self.columns:
                if name not in self._fields:
                    kind = self._choose_type(name, [row.get(name) for row in rows])
                    self._fields[name] = self._pa.field(name, kind)
            fields = [self._fields[name] for name in self.columns]
            self._schema = self._pa.schema(fields, metadata=self._metadata)
        return self._schema

    def _choose_type(self, name: str, values: Sequence[object]) -> Any:
        kind = self._types.get(name)
        if kind is None or not self._fit(values, kind):
            kind = _infer(self._pa, values)
        return kind

    def _as_array(self, name: str, values: Sequence[object]) -> Any:
        kind = self._fields[name].type
        if isinstance(values, self._pa.Array):
            return values
        if self._pa.types.is_string(kind):
            values = [None if value is None else _clean(as_text(value)) for value in values]
        try:
            return self._convert(values, kind)
        except (self._pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            misfit = next((value for value in values if not self._fit([value], kind)), None)
            raise DataError(
                f"{self._sink.name}: the column {name!r} holds {kind} and cannot take "
                f"{shorten(misfit)}, which a row up to "
                f"{self.n_rows + len(values)} has; write JSONL or CSV instead"
            ) from error

    def _convert(self, values: Sequence[object], kind: Any) -> Any:
        if self._pa.types.is_list(kind) and str in map(type, values):
            raise TypeError("a text would be taken for the list of its characters")
        return self._pa.array(values, type=kind)

    def _fit(self, values: Sequence[object], kind: Any) -> bool:
        try:
            self._convert(values, kind)
        except (self._pa.ArrowException, TypeError, ValueError, OverflowError):
            return False
        return True

    def _flush(self, at_least: int) -> None:
        """Write the tables that wait as one row group, if they have rows enough."""
        if sum(table.num_rows for table in self._tables) < at_least:
            return
        if self._file is None:
            self._file = self._pa.parquet.ParquetWriter(self._sink.stream, self._settle_schema([]))
        tables, self._tables = self._tables, []
        if tables:
            self._file.write_table(self._pa.concat_tables(tables))

    def _finish(self) -> None:
        self._take_rows()
        self._flush(0)
        self._file.close()

    def _discard(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file.is_open = False  # or it would try again when it is collected


def _as_lists(pa: Any, results: Mapping[str, Any]) -> dict[str, Sequence[object]]:
    return {
        name: values.to_pylist() if isinstance(values, pa.Array) else values
        for name, values in results.items()
    }


def _infer(pa: Any, values: Sequence[object]) -> Any:
    """Return the type of a column: text where its values differ in kind or are nested."""
    try:
        kind = pa.array(values).type
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.string()
    plain = kind.value_type if pa.types.is_list(kind) else kind
    if pa.types.is_null(plain) or pa.types.is_nested(plain):
        return pa.string()
    return kind


def _clean(text: str) -> str:
    return text if text.isascii() else SURROGATES.sub("\ufffd", text)


def text_column(codes: Any, texts: Sequence[str]) -> Any:
    """Return a `pyarrow.Array` of texts, given as numbers of `texts` in an array of numpy."""
    pa = _import_pyarrow()
    return pa.array(texts, pa.string()).take(pa.array(codes))


def list_column(counts: Any, values: Any) -> Any:
    """Return a `pyarrow.ListArray` of the first ``counts[0]`` values, the next ``counts[1]`` etc.

    Parameters
    ----------
    counts : ``(n_rows,)`` of numpy
    values : ``(counts.sum(),)``, a `pyarrow.Array`, or of numpy
    """
    pa = _import_pyarrow()
    ends = counts.cumsum(dtype="int32")
    offsets = pa.array([0, *ends.tolist()], pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.array(values))


def text_schema() -> Any:
    """Return the `pyarrow.Schema` of plain text."""
    pa = _import_pyarrow()
    return pa.schema([("text", pa.string())])
