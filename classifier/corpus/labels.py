"""What stands in a row as its labels, made a tuple of names: lists, joined cells, choices."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from classifier.errors import DataError, shorten
from classifier.tables.columns import RESULT_COLUMNS

# Columns of lists of topics, the last being what tagging makes of a column "topics" that it found;
# and columns of one class each.
TOPIC_COLUMNS = ("topics", "labels", "主题", "标签", "input_topics")
CLASS_COLUMNS = ("label", "类别", "分类")
# What tagging writes beside "topics": names of the same topics.
NAMES_COLUMN = RESULT_COLUMNS[1]
_NOT_IN_LABELS = re.compile(r"[|\x00-\x1f\x7f]")
_SEPARATORS = re.compile(r"[|;；、]")
# Those, and others that may stand within the name of a class, so that they part known topics alone.
_ANY_SEPARATORS = re.compile(r"[|;；、,，｜/／]")


class LabelError(ValueError):
    """Labels that cannot be read; the message goes into the row's."""


def find_label_column(
    columns: Sequence[str], named: str | None, *, where: str, tagged: Sequence[str] = ()
) -> str:
    """Return the column of labels: the one named, or the first of those known.

    Parameters
    ----------
    tagged : columns that tagging wrote; unless one is named, any other is taken before them

    Raises
    ------
    DataError
        There is no such column; the message shows the header.
    """
    found = None
    if named is None:
        found = _labels_among([column for column in columns if column not in tagged], None)
    if found is None:
        found = _labels_among(columns, named)
    if found is not None:
        return found
    header = ", ".join(shorten(column, 30) for column in columns[:12])
    if named is not None:
        raise DataError(f"{where}: has no column {named!r}; its header is {header}")
    raise DataError(
        f"{where}: no column holds labels: topics (joined by |), or label (one class a text); "
        f"its header is {header}; name the column of labels with --label-column"
    )


def names_labels(columns: Sequence[str], named: str | None) -> bool:
    """Tell whether one of the columns is what `find_label_column` looks for."""
    return _labels_among(columns, named) is not None


def _labels_among(columns: Sequence[str], named: str | None) -> str | None:
    by_name = {column.strip().lower(): column for column in reversed(columns)}
    wanted = TOPIC_COLUMNS + CLASS_COLUMNS if named is None else (named.strip().lower(),)
    return next((by_name[name] for name in wanted if name in by_name), None)


def is_class_column(column: str) -> bool:
    """Tell whether a column holds one class a text, as far as its name says."""
    return column.strip().lower() not in (*TOPIC_COLUMNS, NAMES_COLUMN)


def names_beside(columns: Sequence[str], column: str) -> str | None:
    """Return the column of names that tagging wrote beside the ids in `column`, if there is one."""
    if column.strip().lower() != TOPIC_COLUMNS[0]:
        return None
    return next((other for other in columns if other.strip().lower() == NAMES_COLUMN), None)


def disagreement(
    labels: Sequence[str], names: Any, find: Callable[[str], str | None], *, all_named: bool
) -> str | None:
    """Return what to say where names beside ids are of other topics: a person set one right.

    Parameters
    ----------
    labels : the ids
    names : the cell of names
    find : from a name or an id to an id
    all_named : whether an empty cell says that there is no topic
    """
    written = [names] if isinstance(names, str) else names if isinstance(names, list) else []
    named = [name.strip() for name in written if isinstance(name, str) and name.strip()]
    first, second = topics_joined(labels, find), topics_joined(named, find)
    if first is None or second is None or not (named or all_named) or set(first) == set(second):
        return None
    return (
        f"topics says {'|'.join(labels) or 'nothing'}, {NAMES_COLUMN} says "
        f"{'|'.join(named) or 'nothing'}; put what is right under topics and delete the other "
        "column, or say by --label-column which of them counts"
    )


def topics_joined(
    labels: Iterable[str], find: Callable[[str], str | None]
) -> tuple[str, ...] | None:
    """Return the ids of labels, each one topic or several joined; None if one is of no topic."""
    found: list[str | None] = []
    for label in labels:
        whole = find(label)
        parts = [part.strip() for part in _ANY_SEPARATORS.split(label) if part.strip()]
        found += [whole] if whole is not None else map(find, parts)
    return None if None in found else tuple(id_ for id_ in found if id_ is not None)


def read_labels(value: Any, *, one_class: bool, is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the names of labels that a cell or a field holds, as written, each once.

    Parameters
    ----------
    value : a list of names or of objects with an ``id``, names joined by ``|``, ``;``, ``；`` or
        ``、``, or ``{"choices": …}``; an empty text or list for none
    one_class : a text is one name, whatever it holds, and may not be empty
    is_known : whether a whole cell is a name, so that one with a separator in it is not cut

    Raises
    ------
    LabelError
        It is none of these.
    """
    if isinstance(value, Mapping):
        value = value.get("choices", value)
    if isinstance(value, list | tuple):
        return _each_once(map(_read_name, value))
    if value is None:
        raise LabelError("has no labels: null; write [] for a text known to have no topic")
    name = _read_name(value)
    if one_class and not name:
        raise LabelError("has no label, where each text has exactly one class")
    if one_class or is_known(name):
        return _each_once([name])
    return _each_once(part.strip() for part in _SEPARATORS.split(name) if part.strip())


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(names))
    for name in unique:
        if not name or _NOT_IN_LABELS.search(name):
            raise LabelError(
                f"{shorten(name)} is no label: one is not empty and holds no | and no line break; "
                "labels joined by | belong in a column topics"
            )
    return unique


def _read_name(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise LabelError(f"labels must be texts in a list or joined by |, got {shorten(value)}")
    return value.strip()


def from_fasttext(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the text and the labels of a line of fastText: ``__label__x __label__y text``.

    Examples
    --------
    >>> from_fasttext("__label__water __label__energy 水电站并网")
    ('水电站并网', ('water', 'energy'))
    """
    labels: list[str] = []
    while line.startswith(FASTTEXT_MARK):
        marked, *rest = line.split(maxsplit=1)
        labels.append(marked.removeprefix(FASTTEXT_MARK))
        line = rest[0] if rest else ""
    return line, _each_once(labels)


FASTTEXT_MARK = "__label__"


def from_label_studio(item: Any) -> Any:
    """Return the row of an item of Label Studio's JSON export; anything else as it is.

    The text and other fields stand in ``data``, the labels are the choices of the first annotation
    that was not cancelled. An item without one has no field of labels, and is told.
    """
    if not (isinstance(item, Mapping) and isinstance(item.get("data"), Mapping)):
        return item
    annotations = item.get("annotations", item.get("completions"))
    for annotation in annotations if isinstance(annotations, list) else []:
        if isinstance(annotation, Mapping) and not annotation.get("was_cancelled"):
            return {**item["data"], "topics": _choices(annotation.get("result"))}
    return {name: value for name, value in item["data"].items() if name != "topics"}


def _choices(result: Any) -> list[Any]:
    chosen: list[Any] = []
    for region in result if isinstance(result, list) else []:
        value = region.get("value") if isinstance(region, Mapping) else None
        choices = value.get("choices") if isinstance(value, Mapping) else None
        chosen.extend(choices if isinstance(choices, list) else [])
    return chosen
