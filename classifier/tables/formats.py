"""The formats that tables have, and the suffixes that name them."""

import enum
from pathlib import Path

from classifier.errors import DataError


class TableFormat(enum.StrEnum):
    """A file format that can be read; all but JSON can be written as well."""

    TEXT = "text"
    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    JSON = "json"
    XLSX = "xlsx"
    PARQUET = "parquet"

    @classmethod
    def of(cls, path: str | Path, *, option: str = "--from") -> "TableFormat":
        """Return the format that the suffix of `path` names, a ``.gz`` or ``.xz`` set aside.

        Parameters
        ----------
        path : name of a file, which need not exist; ``"-"`` is text
        option : option that names a format, for the message

        Raises
        ------
        DataError
            The suffix is none of those known.

        Examples
        --------
        >>> TableFormat.of("headlines.CSV.gz")
        <TableFormat.CSV: 'csv'>
        """
        if str(path) == "-":
            return cls.TEXT
        suffix = Path(_uncompressed(str(path))).suffix.lower()
        if suffix not in _FORMATS:
            raise DataError(
                f"{path}: the suffix {suffix!r} names no known format; known are "
                f"{' '.join(_FORMATS)}; name the format with {option}"
            )
        return _FORMATS[suffix]


_FORMATS = {
    ".txt": TableFormat.TEXT,
    ".csv": TableFormat.CSV,
    ".tsv": TableFormat.TSV,
    ".jsonl": TableFormat.JSONL,
    ".ndjson": TableFormat.JSONL,
    ".json": TableFormat.JSON,
    ".xlsx": TableFormat.XLSX,
    ".xlsm": TableFormat.XLSX,
    ".xls": TableFormat.XLSX,
    ".ods": TableFormat.XLSX,
    ".et": TableFormat.XLSX,
    ".parquet": TableFormat.PARQUET,
}


def _uncompressed(name: str) -> str:
    return name[:-3] if name.lower().endswith((".gz", ".xz")) else name
