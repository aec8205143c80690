"""Which column holds the texts, and where our result columns go.

**Ours or not.** A file that was tagged before has our columns already. They are taken for ours when
all of them are there and hold, in the first rows, what we write: in tables ``topics``,
``topic_names``, ``probabilities`` (equally many entries each) and ``decision`` (accept, review or
none); in JSONL ``topics`` (a list of objects with ``id`` and ``probability``) and ``decision``.
Ours are replaced where they stand; a later row that somebody changed since is a bad row, and one
that is empty there was added since. Any other column of such a name, as ``topics`` in a labelled
corpus, belongs to the user and is kept as ``input_topics``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from classifier.errors import DataError, near_miss, shorten

TEXT_COLUMNS = ("text", "title", "headline", "标题", "题目", "新闻标题")
RESULT_COLUMNS = ("topics", "topic_names", "probabilities", "decision")
NESTED_RESULT_COLUMNS = ("topics", "decision")
DECISIONS = ("accept", "review", "none")
_JOIN = "|"


def find_text_column(columns: Sequence[str], *, where: str = "input") -> str:
    """Return the column of texts: the first of `TEXT_COLUMNS` that is there.

    White space and case of the header are forgiven.

    Raises
    ------
    DataError
        No column has such a name; the message shows the header.

    Examples
    --------
    >>> find_text_column(["编号", "标题 ", "日期"])
    '标题 '
    """
    by_name = {column.strip().lower(): column for column in reversed(columns)}
    for name in TEXT_COLUMNS:
        if name in by_name:
            return by_name[name]
    raise DataError(
        f"{where}: no column is named {', '.join(TEXT_COLUMNS[:-1])} or {TEXT_COLUMNS[-1]}; "
        f"its header is {_show(columns)}; name the column of texts with --text-column; where the "
        "first row is no header, put one above it, with a name for each column and 标题 for the "
        "texts; where it is a title, delete it"
    )


def check_text_column(column: str, columns: Sequence[str], *, where: str) -> str:
    """Return the column that the user named; white space and case are forgiven.

    Raises
    ------
    DataError
        There is no such column; the message shows the header.
    """
    if column in columns:
        return column
    by_name = {known.strip().lower(): known for known in reversed(columns)}
    if column.strip().lower() in by_name:
        return by_name[column.strip().lower()]
    raise DataError(
        f"{where}: has no column {column!r}{near_miss(column, columns)}; "
        f"its header is {_show(columns)}"
    )


def choose_text_column(named: str | None, columns: Sequence[str], *, where: str) -> str:
    """Return the column that the user named, or else the one found."""
    if named is None:
        return find_text_column(columns, where=where)
    return check_text_column(named, columns, where=where)


def unique_columns(header: Sequence[object]) -> tuple[str, ...]:
    """Return the names of a header, none empty and none twice.

    Examples
    --------
    >>> unique_columns(["标题", "", "标题"])
    ('标题', 'column_2', '标题_2')
    """
    names: dict[str, None] = {}
    for position, cell in enumerate(header, start=1):
        name = str(cell if cell is not None else "")
        names[_free(name if name.strip() else f"column_{position}", names)] = None
    return tuple(names)


def _free(name: str, taken: Mapping[str, object] | Sequence[str]) -> str:
    """Return `name`, with the first number from 2 on that makes it differ from those taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _show(columns: Sequence[str]) -> str:
    shown = ", ".join(shorten(column, 30) for column in columns[:12])
    return shown + (f" and {len(columns) - 12} more" if len(columns) > 12 else "")


def result_columns(*, nested: bool = False) -> tuple[str, ...]:
    """Return the columns that tagging adds.

    Parameters
    ----------
    nested : the output is JSONL, where the names and probabilities stand inside ``topics``
    """
    return NESTED_RESULT_COLUMNS if nested else RESULT_COLUMNS


def find_tagged_columns(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    """Return those of `columns` that tagging wrote, in the order of `result_columns`, or none.

    Parameters
    ----------
    columns : columns of the file
    rows : values of some of its rows, in which what we write is looked for

    Examples
    --------
    >>> find_tagged_columns(["text", "topics", "decision"],
    ...     [{"text": "…", "topics": [{"id": "water", "probability": 0.9}], "decision": "accept"}])
    ('topics', 'decision')
    >>> find_tagged_columns(["text", "topics"], [{"text": "…", "topics": ["water"]}])
    ()
    """
    if set(RESULT_COLUMNS) <= set(columns) and all(map(_is_flat_result, rows)):
        return RESULT_COLUMNS
    if set(NESTED_RESULT_COLUMNS) <= set(columns) and rows and all(map(_is_nested_result, rows)):
        return NESTED_RESULT_COLUMNS
    return ()


def were_changed(values: Mapping[str, Any], tagged: Sequence[str]) -> bool:
    """Say whether a row of a file that tagging wrote has something else under its columns.

    A row that has nothing there was added since, and loses nothing.

    Examples
    --------
    >>> were_changed({"text": "…", "topics": ["water"], "decision": ""}, ["topics", "decision"])
    True
    >>> were_changed({"text": "…"}, ["topics", "decision"])
    False
    """
    if all(values.get(column) in (None, "") for column in tagged):
        return False
    is_result = _is_nested_result if set(tagged) == set(NESTED_RESULT_COLUMNS) else _is_flat_result
    return not is_result(values)


def _is_flat_result(values: Mapping[str, Any]) -> bool:
    counts = {_count(values.get(column)) for column in RESULT_COLUMNS[:-1]}
    return values.get("decision") in DECISIONS and len(counts) == 1


def _count(cell: object) -> int:
    """Return how many entries a list has, or a list joined in a cell."""
    if cell is None or cell == "":
        return 0
    if isinstance(cell, list | tuple):
        return len(cell)
    return str(cell).count(_JOIN) + 1


def _is_nested_result(values: Mapping[str, Any]) -> bool:
    topics = values.get("topics")
    return (
        values.get("decision") in DECISIONS
        and isinstance(topics, list)
        and all(
            isinstance(topic, dict) and {"id", "probability"} <= topic.keys() for topic in topics
        )
    )


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the input's columns and ours stand in the output; made by `place_results`.

    Attributes
    ----------
    columns : columns of the output, in order
    replaced : columns of an earlier run, whose values are not kept
    renamed : columns of the input that have one of our names, and their names in the output
    """

    columns: tuple[str, ...]
    replaced: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def merge(self, values: Mapping[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row of the output.

        Examples
        --------
        >>> place_results(["text", "topics"], nested=True).merge(
        ...     {"text": "修渠", "topics": ["water"]}, {"topics": [], "decision": "none"})
        {'text': '修渠', 'input_topics': ['water'], 'topics': [], 'decision': 'none'}
        """
        if not self.replaced and results.keys().isdisjoint(values):
            return {**values, **results}
        merged: dict[str, Any] = {}
        for name, value in values.items():
            if name in self.replaced:
                if name in results:
                    merged[name] = results[name]
            elif name in results:
                # In JSONL a field may come up in a later row: `renamed` may not know it, or the row
                # may have a field of the new name.
                merged[_free(self.renamed.get(name, f"input_{name}"), values)] = value
            else:
                merged[name] = value
        merged.update(results)
        return merged

    def merge_all(
        self, rows: Sequence[Mapping[str, Any]], results: Mapping[str, Sequence[Any]]
    ) -> list[dict[str, Any]]:
        """Return `merge` of many rows, of results given as columns with one value a row."""
        names = tuple(results)
        by_row = zip(*results.values(), strict=True)
        return [
            self.merge(values, dict(zip(names, ours, strict=True)))
            for values, ours in zip(rows, by_row, strict=True)
        ]

    def schema(self, schema: Any) -> Any:
        """Return a Parquet schema as it is after placing: ours taken out, others renamed.

        Parameters
        ----------
        schema : `pyarrow.Schema` of the input, or None, which is returned as it is
        """
        if schema is None:
            return None
        for name in self.replaced:
            schema = schema.remove(schema.get_field_index(name))
        for name, new_name in self.renamed.items():
            index = schema.get_field_index(name)
            schema = schema.set(index, schema.field(index).with_name(new_name))
        return schema


def place_results(
    columns: Sequence[str], *, tagged: Sequence[str] = (), nested: bool = False
) -> Placement:
    """Return where our columns stand beside those of the input.

    New columns follow the input's. Those of an earlier run are replaced where they stand; when
    that run wrote the other shape (JSONL, now a table, or the reverse), all stand where the first
    of them stood.

    Parameters
    ----------
    columns : columns of the input; none stands for plain text and gives ``text``
    tagged : those of an earlier run, from `TableReader.tagged_columns`
    nested : as in `result_columns`

    Examples
    --------
    >>> place_results(["标题", "日期"]).columns
    ('标题', '日期', 'topics', 'topic_names', 'probabilities', 'decision')
    >>> place_results(["text", "topics", "decision", "日期"], tagged=["topics", "decision"]).columns
    ('text', 'topics', 'topic_names', 'probabilities', 'decision', '日期')
    """
    columns = tuple(columns) or ("text",)
    ours = result_columns(nested=nested)
    renamed: dict[str, str] = {}
    for name in columns:
        if name in ours and name not in tagged:
            renamed[name] = _free(f"input_{name}", [*columns, *ours])
    placed: list[str] = []
    for name in columns:
        if name not in tagged:
            placed.append(renamed.get(name, name))
        elif set(tagged) == set(ours):
            placed.append(name)
        elif not set(ours) & set(placed):
            placed.extend(ours)
    placed.extend(name for name in ours if name not in placed)
    return Placement(tuple(placed), tuple(tagged), renamed)
