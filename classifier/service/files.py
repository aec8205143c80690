"""Dropped files to texts, and results to files: what the page needs beyond tagging."""

import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from classifier.documents import guess_kind, read_headlines
from classifier.documents.html import decode_page
from classifier.errors import DataError
from classifier.service.problems import Problem
from classifier.service.schemas import ExportRow, Kind
from classifier.service.settings import MAX_CHARS, MAX_PAGE_CHARS, MAX_ROWS
from classifier.tables import (
    Chunk,
    Row,
    open_table,
    open_writer,
    place_results,
    result_columns,
    table_in,
)
from classifier.text import GZIP, XZ, decode

TABLES = (".csv", ".tsv", ".jsonl", ".json", ".xlsx", ".xlsm", ".xls", ".et", ".ods")
PAGES = (".html", ".htm", ".xhtml")
TEXTS = ("", ".txt", ".md", *PAGES)
_MAX_UNZIPPED_BYTES = 200 << 20  # a workbook of MAX_ROWS long headlines has a quarter of it
# Who drops a file has no options of the command line.
_ADVICE = {
    "name the column of texts with --text-column": "rename the column of headlines to 标题 or text",
    "name its encoding with --encoding": "save it in UTF-8",
    "classifier tag, check, train and evaluate read it with --from xlsx": "name it .xlsx",
    "classifier tag, check, train and evaluate read it with --from parquet": "save it as CSV",
}


@dataclass(frozen=True, slots=True)
class ReadTexts:
    """What a file holds, in the shape of `ReadResponse`."""

    kind: Kind
    texts: list[str]
    encoding: str | None = None
    column: str | None = None


def read_file(data: bytes, name: str, kind: Kind | None) -> ReadTexts:
    """Return the texts of a file, or of a paste, which has no name.

    Parameters
    ----------
    name : its suffix says how it is read
    kind : what a text file holds; by default it is guessed

    Raises
    ------
    Problem
        415 for a kind of file that is not read, 413 for one too large once unpacked.
    DataError
        The file cannot be read; what to do is said to one who has a browser.
    """
    try:
        return _read(data, name, kind)
    except DataError as error:
        message = str(error)
        for for_a_shell, for_a_browser in _ADVICE.items():
            message = message.replace(for_a_shell, for_a_browser)
        raise DataError(message) from error


def _read(data: bytes, name: str, kind: Kind | None) -> ReadTexts:
    suffix = Path(name).suffix.lower()
    if suffix in TABLES:
        return _read_table(data, suffix)
    if suffix not in TEXTS or data.startswith((GZIP, XZ, b"PK\x03\x04", b"%PDF")):
        raise Problem(
            415, f"{suffix or 'this kind of file'} is not read here; text, HTML, CSV and XLSX are"
        )
    where = name or "the text"
    if suffix in PAGES:
        text, encoding = decode_page(data, where=where), None
    else:
        text, encoding = decode(data, where=where)
        table = table_in(text) if kind in (None, "headlines") else None
        if table is not None:  # copied from a sheet, or saved as text
            return replace(_read_table(text.encode(), f".{table}"), encoding=encoding)
    found = kind or _guess(text)
    return ReadTexts(found, _parts(text, found), encoding)


def _guess(text: str) -> Kind:
    guessed = guess_kind(text)
    return "article" if guessed == "html" else guessed


def _parts(text: str, kind: Kind) -> list[str]:
    if kind == "headlines":
        parts = [item.text for item in read_headlines(text).items]
        _refuse_too_many(len(parts))
        return parts
    if len(text) > MAX_PAGE_CHARS:
        raise Problem(413, f"a text of this kind has at most {MAX_PAGE_CHARS:,} characters")
    return [text.strip()] if kind == "headline" else [text]


def _read_table(data: bytes, suffix: str) -> ReadTexts:
    if data.startswith((GZIP, XZ)):
        raise Problem(415, "compressed files are not read here; unpack the file first")
    _refuse_zip_bomb(data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file" + suffix)
        path.write_bytes(data)
        try:
            return _read_rows(path)
        except DataError as error:  # a path of ours tells a client nothing, or too much
            raise DataError(str(error).replace(str(path), f"the {suffix} file")) from error


def _read_rows(path: Path) -> ReadTexts:
    texts: list[str] = []
    with open_table(path) as reader:
        for row in reader:
            _refuse_too_long(row)
            texts.append(row.text)
            _refuse_too_many(len(texts))
        return ReadTexts("headlines", texts, reader.encoding, reader.text_column)


def _refuse_too_long(row: Row) -> None:
    if len(row.text) > MAX_CHARS:
        raise Problem(
            413,
            f"row {row.number} has a text of {len(row.text):,} characters, and one has at most "
            f"{MAX_CHARS:,} here; shorten it, or run: classifier tag",
        )


def _refuse_too_many(n_rows: int) -> None:
    if n_rows > MAX_ROWS:
        raise Problem(
            413, f"a list has at most {MAX_ROWS:,} rows here; for more run: classifier tag"
        )


def _refuse_zip_bomb(data: bytes) -> None:
    """Refuse a workbook that says it unpacks to more than any honest one."""
    if not data.startswith(b"PK\x03\x04"):
        return
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            size_bytes = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        return  # the reader says what is wrong with it
    if size_bytes > _MAX_UNZIPPED_BYTES:
        raise Problem(413, "the workbook is too large once unpacked; save the sheet as CSV")


def write_file(rows: Sequence[ExportRow], write_as: str) -> bytes:
    """Return results as a CSV or XLSX file, as ``classifier tag -o`` writes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "topics." + write_as)
        placement = place_results(["text"])
        chunk = Chunk([Row(n, {"text": one.text}, one.text) for n, one in enumerate(rows, 1)])
        columns: dict[str, list[object]] = {
            name: [getattr(one, name) for one in rows] for name in result_columns()
        }
        with open_writer(path, columns=placement.columns) as writer:
            writer.write_chunk(chunk, columns, placement)
        return path.read_bytes()
