"""What the shell leaves to us: patterns to files, a folder's outputs."""

import glob
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from classifier.errors import DataError
from classifier.tables import TableFormat
from classifier.tables.sinks import is_same_file

_LOCK = "~$"  # begins the name of the file by which Excel and WPS keep others out
_SUFFIXES = {TableFormat.TEXT: ".jsonl", TableFormat.JSON: ".jsonl"}


def expand_inputs(inputs: Sequence[str], *, tell: Callable[[str], None] | None = None) -> list[str]:
    """Return the files that the inputs name, patterns such as ``lists/*.csv`` expanded.

    Most shells expand them, that of Windows does not. ``**`` goes through all folders below. A file
    whose name is the pattern itself comes first; ``-`` stays. Each file comes once. The lock file
    that lies beside a workbook while it is open, ``~$list.xlsx``, is passed over among others.

    Parameters
    ----------
    tell : called with a line on each lock file passed over

    Raises
    ------
    DataError
        No file fits a pattern, or an input is a folder, or there are lock files alone.
    """
    found: dict[str, None] = {}
    for one in inputs:
        # Not by Path: a headline in place of a file may be too long for a name, at which it raises.
        if one != "-" and os.path.isdir(one):  # noqa: PTH112
            example = str(Path(one) / "*.txt")
            raise DataError(f"{one}: is a folder; name its files, as in {example!r}")
        if one == "-" or os.path.exists(one) or not glob.has_magic(one):  # noqa: PTH110
            found[one] = None
            continue
        names = glob.glob(one, recursive=True)  # noqa: PTH207 - takes absolute patterns as well
        fitting = sorted(name for name in names if Path(name).is_file())
        if not fitting:
            raise DataError(f"{one}: no file fits this pattern")
        found.update(dict.fromkeys(fitting))
    return _without_locks(list(found), tell)


def _without_locks(found: list[str], tell: Callable[[str], None] | None) -> list[str]:
    locks = [one for one in found if Path(one).name.startswith(_LOCK)]
    if locks and len(locks) == len(found):
        book = Path(locks[0]).name.removeprefix(_LOCK)
        raise DataError(
            f"{locks[0]}: is the lock file of an open workbook; name the workbook, {book!r}"
        )
    if tell is not None:
        for one in locks:
            tell(f"{one}: is the lock file of an open workbook, and passed over")
    return [one for one in found if one not in locks]


def outputs_in(folder: str, inputs: Sequence[str], write_as: str | None = None) -> list[str]:
    """Return the output of each input in a folder: its name, with the suffix of the format.

    Parameters
    ----------
    folder : need not exist
    inputs : files
    write_as : format of the outputs; by default each input's own, and JSONL for text and JSON

    Raises
    ------
    DataError
        Two outputs would have one name, an input has none, or an output would be its own input.
    """
    outputs: dict[str, str] = {}
    for one in inputs:
        if one == "-":
            raise DataError("standard input has no name to give an output in a folder")
        path = str(Path(folder) / (_stem(Path(one)) + _suffix(one, write_as)))
        if path in outputs.values():
            other = next(name for name, output in outputs.items() if output == path)
            raise DataError(
                f"{other} and {one} would both be written to {path}; tag them one by one"
            )
        if is_same_file(path, one):
            raise DataError(f"{one}: its output would take its own place; name another folder")
        outputs[one] = path
    return list(outputs.values())


def _stem(path: Path) -> str:
    return path.with_suffix("").stem if path.suffix.lower() in (".gz", ".xz") else path.stem


def _suffix(source: str, write_as: str | None) -> str:
    kind = TableFormat(write_as) if write_as is not None else TableFormat.of(source)
    return _SUFFIXES.get(kind, f".{kind}")
