"""The rows of a labelled file of any format, and what is wrong in each; labels as written."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifier.corpus.labels import (
    FASTTEXT_MARK,
    LabelError,
    disagreement,
    find_label_column,
    from_fasttext,
    from_label_studio,
    is_class_column,
    names_beside,
    names_labels,
    read_labels,
)
from classifier.errors import DataError, counted, shorten
from classifier.tables import BadRow, Row, TableFormat, TableReader, open_table
from classifier.tables.columns import RESULT_COLUMNS
from classifier.taxonomy import Taxonomy
from classifier.text import USUAL_ENCODINGS

# Formats in which an empty cell is how a text without topic is written.
_CELLS = (TableFormat.CSV, TableFormat.TSV, TableFormat.XLSX)


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """A row whose labels could be read.

    Attributes
    ----------
    number : as `classifier.tables.Row.number`
    labels : names as written
    """

    number: int
    text: str
    labels: tuple[str, ...]
    kind: str
    extra: Mapping[str, object]

    @property
    def is_blank(self) -> bool:
        """There is no text, or white space alone."""
        return not self.text.strip()


@dataclass(slots=True)
class LabelledRows:
    """What was read from a file.

    Attributes
    ----------
    name, unit, format, encoding : as the reader's
    rows : the rows that could be read
    bad : the others
    corrected : numbers of rows left out, since a correction of their text stands below
    notes : what else the person who labelled should know
    exclusive : the labels are classes, one a text
    """

    name: str
    unit: str
    format: str
    encoding: str | None
    rows: list[LabelledRow] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    corrected: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    exclusive: bool = False

    def add_bad(self, number: int, reason: str, content: str) -> None:
        """Note a row that cannot be used."""
        self.bad.append(BadRow(self.name, self.unit, number, reason, content))

    def drop_corrected(self) -> None:
        """Leave out rows whose text stands below once more with a field ``corrected_at``."""
        last = {row.text: row.number for row in self.rows if row.extra.get("corrected_at")}
        self.corrected = [row.number for row in self.rows if row.number < last.get(row.text, 0)]
        left_out = set(self.corrected)
        self.rows = [row for row in self.rows if row.number not in left_out]
        if left_out:
            rows = counted(len(left_out), f"{self.unit} is", f"{self.unit}s are")
            self.notes.append(
                f"{rows} corrected further down and left out, such as {self.unit} "
                f"{self.corrected[0]}"
            )


def read_rows(
    path: str | Path,
    *,
    taxonomy: Taxonomy | None = None,
    format: str | None = None,  # noqa: A002
    encoding: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    exclusive: bool | None = None,
) -> LabelledRows:
    """Return the rows of a labelled file; arguments as `read_corpus`."""
    if str(path) != "-":
        _refuse_missing(Path(path))
    bad: list[BadRow] = []
    with open_table(
        path,
        format=format,
        encoding=encoding,
        text_column=text_column,
        on_bad_row=bad.append,
        reshape=from_label_studio,
        recognize=functools.partial(_recognize, label_column=label_column),
    ) as table:
        read = LabelledRows(table.name, table.unit, str(table.format), table.encoding, bad=bad)
        if encoding is None and table.encoding not in USUAL_ENCODINGS:
            read.notes.append(f"read as {table.encoding}")
        if table.format is TableFormat.TEXT:
            _read_fasttext(table, read)
            read.exclusive = bool(exclusive)
        else:
            _read_table(table, read, label_column, exclusive, taxonomy or Taxonomy.default())
    read.bad.sort(key=lambda row: row.number)
    read.drop_corrected()
    return read


def _refuse_missing(path: Path) -> None:
    """Tell of a file that is not there, before its suffix is found fault with."""
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name a file of labelled texts")
    if not path.exists():
        raise DataError(f"{path}: there is no such file")


def _recognize(sample: str, *, label_column: str | None) -> TableFormat:
    """Return the format that the beginning of standard input shows."""
    first = sample.lstrip().partition("\n")[0].rstrip()
    if first.startswith("{"):
        return TableFormat.JSONL
    if first.startswith("["):
        return TableFormat.JSON
    if first.startswith(FASTTEXT_MARK) or not first:
        return TableFormat.TEXT
    for delimiter, kind in (
        ("\t", TableFormat.TSV),
        (",", TableFormat.CSV),
        (";", TableFormat.CSV),
    ):
        columns = [name.strip(' "') for name in first.split(delimiter)]
        if len(columns) > 1 and names_labels(columns, label_column):
            return kind
    raise DataError(
        f"standard input: its first line is no JSON object, does not begin with {FASTTEXT_MARK} "
        f"and is no header with a column of labels, got {shorten(first)}; "
        "name the format with --from"
    )


def _read_fasttext(table: TableReader, read: LabelledRows) -> None:
    for row in table:
        try:
            text, labels = from_fasttext(row.text)
        except LabelError as error:
            read.add_bad(row.number, str(error), row.text)
            continue
        read.rows.append(LabelledRow(row.number, text, labels, "headline", {}))
    if read.rows and not any(row.labels for row in read.rows):
        raise DataError(
            f"{read.name}: no line begins with {FASTTEXT_MARK}…, so it holds no labels; "
            "write fastText lines, or JSONL or CSV with text and topics"
        )


def _read_table(
    table: TableReader,
    read: LabelledRows,
    label_column: str | None,
    exclusive: bool | None,
    taxonomy: Taxonomy,
) -> None:
    if not table.columns:
        list(table)  # no row can be used; what is wrong goes to the bad ones
        return
    tagged = table.tagged_columns
    column = find_label_column(table.columns, label_column, where=table.name, tagged=tagged)
    if label_column is None and column in tagged:
        read.notes.append(
            f"the column {column!r} is what tagging writes; unless a person went over it, these "
            "are a model's topics and no labels"
        )
    all_named = set(RESULT_COLUMNS) <= set(table.columns)
    names_column = None if label_column is not None else names_beside(table.columns, column)
    one_class = is_class_column(column) if exclusive is None else exclusive
    has_lists = False
    n_empty = n_filled = 0  # cells of labels

    def is_known(name: str) -> bool:
        return taxonomy.find(name) is not None

    for row in table:
        if column not in row.values:
            reason = f"has no field {column!r}; write [] for a text known to have no topic"
            read.add_bad(row.number, reason, row.text)
            continue
        value = row.values[column]
        if value is None and table.format in _CELLS:
            value = ""
        is_empty = isinstance(value, str) and not value.strip()
        n_empty, n_filled = n_empty + is_empty, n_filled + (not is_empty)
        has_lists |= isinstance(value, list | Mapping)
        try:
            labels = read_labels(value, one_class=one_class, is_known=is_known)
            kind = _read_kind(row)
        except LabelError as error:
            read.add_bad(row.number, str(error), row.text)
            continue
        extra = {
            name: value
            for name, value in row.values.items()
            if name not in (table.text_column, column, "kind")
        }
        if names_column is not None:
            names = row.values.get(names_column)
            problem = disagreement(labels, names, taxonomy.find, all_named=all_named)
            if problem is not None:
                read.add_bad(row.number, problem, row.text)
                continue
        read.rows.append(LabelledRow(row.number, row.text, labels, kind, extra))
    if one_class and n_empty and not n_filled:
        raise DataError(
            f"{read.name}: the column of labels {column!r} is empty throughout, where each text "
            "has exactly one class; label the texts, or name another column with --label-column"
        )
    read.exclusive = one_class and (exclusive is not None or not has_lists)


def _read_kind(row: Row) -> str:
    kind: Any = row.values.get("kind")
    if kind is None or kind == "":
        return "headline"
    if not isinstance(kind, str):
        raise LabelError(f"kind must be a text, got {shorten(kind)}")
    return kind
