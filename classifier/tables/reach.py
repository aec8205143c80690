"""How far the cells of an XLSX file reach, found before it is read.

The library that reads it makes room for every cell from A1 to the last row and column that hold
something, so one stray cell in a file of 5 kB asks for half a terabyte, and the process is ended.
"""

import functools
import io
import re
import zipfile
import zlib
from typing import IO, NamedTuple
from xml.parsers import expat

from classifier.errors import DataError

MAX_CELLS = 50_000_000  # of a sheet, empty ones too: 2 GB before any text

_PIECE = 1 << 20
# All cells of most sheets say that they stand in the first 45 columns and 1,099,999 rows, of which
# there are fewer than `MAX_CELLS`: two searches, for any other cell and for tags with a prefix,
# pass them ten times as fast as they are parsed. Both start with plain bytes, for speed.
_OTHER_CELL = re.compile(rb'<c[\s/>](?!r="(?:[A-Z]|A[A-S])(?:[0-9]{1,6}|10[0-9]{5})")')
_WITH_PREFIX = re.compile(rb":c[\s/>]")
_REFERENCE = re.compile(r"([A-Za-z]{1,6})([0-9]{1,12})")


def refuse_far_cells(data: bytes, name: str) -> None:
    """Refuse an XLSX file with a sheet of more than `MAX_CELLS` cells; pass over other files.

    Raises
    ------
    DataError
        It has such a sheet, or a part of it is damaged.
    """
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            parts = book.namelist()
            if not any(part.lower().endswith("workbook.xml") for part in parts):
                return  # ODS, or XLSB, whose sheets are no XML
            for part in parts:
                if "sheets" in part.lower() and _needs_closer_look(book, part):
                    _refuse_far(book, part, name)
    # The last: a part is encrypted, or compressed in an unknown way.
    except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, RuntimeError) as error:
        raise DataError(
            f"{name}: is no spreadsheet that can be read: {error}; save it as XLSX anew"
        ) from error


def _needs_closer_look(book: zipfile.ZipFile, part: str) -> bool:
    with book.open(part) as stream:
        rest = b""
        while piece := stream.read(_PIECE):
            piece = rest + piece
            # What begins with the last bracket may be cut off; if it is as long as this, it is no
            # sheet of the usual kind.
            end = piece.rfind(b"<")
            if _is_unusual(piece[:end]) or len(piece) - end > _PIECE:
                return True
            rest = piece[end:]
    return _is_unusual(rest)


def _is_unusual(piece: bytes) -> bool:
    return bool(_OTHER_CELL.search(piece) or _WITH_PREFIX.search(piece))


def _refuse_far(book: zipfile.ZipFile, part: str, name: str) -> None:
    with book.open(part) as stream:
        last = _last_cell(stream)
    n_cells = last.row * last.column
    if n_cells > MAX_CELLS:
        raise DataError(
            f"{name}: {part} reaches to cell {last.reference}, {n_cells:,} cells, of which "
            f"{MAX_CELLS:,} can be read; delete the rows and columns that stand far out"
        )


class _Cell(NamedTuple):
    row: int
    column: int

    @property
    def reference(self) -> str:
        letters, column = "", self.column
        while column:
            column, letter = divmod(column - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.row}"


def _last_cell(stream: IO[bytes]) -> _Cell:
    """Return the last row and the last column of a sheet in which something stands."""
    last_row = last_column = 0  # of those that hold something
    in_row = row = column = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal last_row, last_column, in_row, row, column
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            found = _REFERENCE.fullmatch(attributes.get("r", ""))
            if found:
                column, row = _column_number(found[1]), int(found[2])
            else:  # it follows the one before it
                column, row = column + 1, in_row
        elif tag in ("v", "is"):  # a cell without these is empty, and no room is made for it
            last_row, last_column = max(last_row, row), max(last_column, column)
        elif tag == "row":
            number = attributes.get("r", "")
            in_row = int(number) if number.isdecimal() else in_row + 1
            column = 0

    def refuse(*_: object) -> None:
        raise expat.ExpatError("a sheet declares a document type, which none may")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse  # entities of entities grow without end
    parser.ParseFile(stream)
    return _Cell(last_row, last_column)


@functools.lru_cache(maxsize=16384)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
