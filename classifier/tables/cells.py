"""Values to text: the cells of CSV, TSV and XLSX, and the lines of JSONL."""

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

SURROGATES = re.compile("[\ud800-\udfff]")
FORMULA_STARTS = frozenset("=+-@")
_NUMBER = re.compile(r"[+-][0-9.,]+%?")


def as_text(value: object) -> str:
    """Return what stands in a cell for `value`.

    None is empty, a list of plain values is joined by ``|``, anything nested is JSON, a date is in
    ISO 8601.

    Examples
    --------
    >>> as_text(["water", "energy"]), as_text(None), as_text(True)
    ('water|energy', '', 'true')
    """
    # In the order of how often each comes.
    kind = type(value)
    if kind is str:
        return cast("str", value)
    if value is None:
        return ""
    if kind is list:
        return _join(cast("list[object]", value))
    if kind is int or kind is float:
        return repr(value)
    return _as_text_of_rare(value)


def _join(values: Sequence[Any]) -> str:
    kinds = set(map(type, values))
    if kinds <= {str}:
        return "|".join(values)
    if kinds & {dict, list, tuple}:
        return as_json(values)
    return "|".join(map(as_text, values))


def _as_text_of_rare(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            return value.isoformat(sep=" ")
        case dt.date() | dt.time():
            return value.isoformat()
        case dict():
            return as_json(value)
        case tuple():
            return _join(value)
        case bytes():
            return value.decode("utf-8", errors="replace")
        case _:
            return str(value)


def defuse(text: str) -> str:
    """Return `text` with a ``'`` before it if a spreadsheet would take it for a formula.

    A plain number, as ``-3.5``, is left alone: it cannot do harm, and quoted it would no longer be
    a number.

    Examples
    --------
    >>> defuse("=HYPERLINK(…)"), defuse("@所有人"), defuse("-3.5")
    ("'=HYPERLINK(…)", "'@所有人", '-3.5')
    """
    if text[:1] in FORMULA_STARTS and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def encode(text: str) -> bytes:
    """Return `text` in UTF-8; half a surrogate pair, which is no character, becomes U+FFFD."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return SURROGATES.sub("\ufffd", text).encode("utf-8")


def _as_plain(value: object) -> object:
    """Return what JSON has for a value that it has no notion of."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return as_text(value)


_dump = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, default=_as_plain
).encode


def as_json(value: object) -> str:
    """Return `value` in JSON on one line; a number that is none (NaN, infinity) becomes null.

    Examples
    --------
    >>> as_json({"topics": [], "share": float("nan")})
    '{"topics": [], "share": null}'
    """
    try:
        return _dump(value)
    except ValueError:
        return _dump(_without_nan(value))


def _without_nan(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    return [_without_nan(item) for item in value] if isinstance(value, list | tuple) else value
