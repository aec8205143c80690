"""Bytes and text in: files and standard input, compression, encodings.

A file is decoded while it is read; its encoding is found on the first megabyte. Nothing here knows
rows.
"""

import codecs
import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from classifier.errors import DataError, DecodingError
from classifier.text import GZIP, XZ, decode, misnamed, refuse_binary

SAMPLE_BYTES = 1 << 20
_MARKS_OF_UTF16 = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE
_MARKS_OF_WIDE = *_MARKS_OF_UTF16, codecs.BOM_UTF32_BE  # that of UTF-32-LE begins as UTF-16-LE's
_PASSED_ON = re.compile("[\udc80-\udcff]")


def open_file(path: str | Path) -> io.BufferedReader:
    """Open a file to read bytes from.

    Raises
    ------
    DataError
        The file is not there or cannot be read.
    """
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error


class ByteSource(io.BufferedIOBase):
    """A file's bytes, decompressed if its first bytes say so, with a count of those read.

    Parameters
    ----------
    source : path, or ``"-"`` for standard input

    Raises
    ------
    DataError
        The file is not there or cannot be read; while reading: its compression is damaged.
    """

    _file: io.BufferedReader | None = None  # until it is opened, so that closing never fails

    def __init__(self, source: str | Path) -> None:
        self.name = "standard input" if str(source) == "-" else str(source)
        self.n_read = 0
        self._size_bytes: int | None = None
        self._file = self._open(source)
        self._damage: tuple[type[Exception], ...] = ()
        with self._damage_told():
            self._stream, self._damage = _decompress(self._file)
        self._head = b""
        self._position = 0

    def _open(self, source: str | Path) -> io.BufferedReader:
        if str(source) == "-":
            # A second buffer: a test's or a caller's stand-in for stdin may not have `peek`.
            return io.BufferedReader(cast("io.RawIOBase", sys.stdin.buffer))
        file = open_file(source)
        self._size_bytes = os.fstat(file.fileno()).st_size
        return file

    def readable(self) -> bool:
        """Return True."""
        return True

    def peek_lines(self, n_bytes: int = SAMPLE_BYTES) -> bytes:
        """Return the first bytes, to the end of a line, and leave them to be read."""
        with self._damage_told():
            self._head = self._stream.read(n_bytes)
            if len(self._head) == n_bytes:
                self._head += self._stream.readline()
        return self._head

    def read1(self, size: int = -1, /) -> bytes:
        """Return some more bytes, at most `size`; none at the end."""
        if self._position < len(self._head):
            end = len(self._head) if size < 0 else self._position + size
            piece = self._head[self._position : end]
            self._position += len(piece)
        else:
            self._head = b""
            with self._damage_told():
                # Typed as BinaryIO, which lacks it; each of the three kinds of stream has it.
                piece = self._stream.read1(size)  # type: ignore[attr-defined]
        self.n_read += len(piece)
        return piece

    def read(self, _size: int | None = -1, /) -> bytes:
        """Return all the bytes that are left."""
        return b"".join(iter(self.read1, b""))

    @property
    def share_read(self) -> float | None:
        """How much of the file was read, 0 to 1; None for standard input."""
        if not self._size_bytes or self._file is None or self._file.closed:
            return None
        return min(1.0, self._file.tell() / self._size_bytes)

    @contextlib.contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except self._damage as error:
            raise DataError(
                f"{self.name}: the compressed data is damaged or cut off: {error}"
            ) from error
        except OSError as error:
            raise DataError(f"{self.name}: cannot be read: {error.strerror}") from error

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self.closed or self._file is None:
            return
        super().close()
        if self._size_bytes is None:
            self._file.detach()
        else:
            self._file.close()


def _decompress(file: io.BufferedReader) -> tuple[BinaryIO, tuple[type[Exception], ...]]:
    """Return the stream of the file's own bytes, and the errors by which damage shows."""
    first = file.peek(6)[:6]
    if first.startswith(GZIP):
        import gzip
        import zlib

        stream = cast("BinaryIO", gzip.GzipFile(fileobj=file))
        return stream, (EOFError, zlib.error, gzip.BadGzipFile)
    if first.startswith(XZ):
        import lzma

        return cast("BinaryIO", lzma.LZMAFile(file)), (EOFError, lzma.LZMAError)
    return file, ()


class TextSource:
    """A file's text, decoded line by line.

    Parameters
    ----------
    source : path, or ``"-"`` for standard input
    encoding : name of the encoding; by default it is found on the first megabyte
    pass_broken : where an encoding is named, pass on bytes that are not in it, each as the lone
        surrogate that PEP 383 gives it, for `why_broken` to tell of their line. In UTF-16 and
        UTF-32 one such byte may put all that follow out of step, and where more than half of the
        sample's lines hold one, it is the name that is wrong: there they raise all the same, as
        does a byte below 0x80 in a stateful encoding such as HZ

    Attributes
    ----------
    encoding : name of the encoding, as `classifier.text.decode` gives it
    sample : the first megabyte, decoded, to the end of a line

    Raises
    ------
    DataError
        The file cannot be read.
    DecodingError
        It is of a binary format, or text in none of the encodings tried, or not in the one named.
    """

    def __init__(
        self, source: str | Path, *, encoding: str | None = None, pass_broken: bool = False
    ) -> None:
        self.bytes = ByteSource(source)
        self.name = self.bytes.name
        self._is_named = encoding is not None
        try:
            sample = self.bytes.peek_lines()
            refuse_binary(sample, where=self.name)
            self.encoding = self._find_encoding(sample, encoding)
            codec = "utf-8-sig" if _is_utf8(self.encoding) else self.encoding
            self._errors = "strict"
            if pass_broken and self._is_named and not sample.startswith(_MARKS_OF_WIDE):
                wide = codecs.lookup(codec).name.startswith(("utf-16", "utf-32"))
                self._errors = "strict" if wide else "surrogateescape"
            self.sample = self._decode_sample(sample, codec)
            if self._is_mostly_broken():
                self._errors = "strict"
                self._decode_sample(sample, codec)
        except BaseException:
            self.bytes.close()
            raise
        self._wrapper = io.TextIOWrapper(self.bytes, codec, self._errors)

    def _find_encoding(self, sample: bytes, encoding: str | None) -> str:
        if encoding is None and sample.startswith(_MARKS_OF_UTF16):
            # The sample may end within a character. The mark settles it; errors show on the way.
            return "utf-16"
        if encoding is not None:  # only its name is looked at, for the same reason
            sample = b""
        return decode(sample, encoding=encoding, where=self.name)[1]

    def _decode_sample(self, sample: bytes, codec: str) -> str:
        try:
            return codecs.getincrementaldecoder(codec)(self._errors).decode(sample)
        except UnicodeDecodeError as error:
            raise self._undecodable(error, len(sample)) from error
        except UnicodeError as error:  # UTF-16 or UTF-32 without the mark that tells their order
            raise misnamed(self.encoding, "the beginning", self.name) from error

    def _is_mostly_broken(self) -> bool:
        if self._errors == "strict" or self.sample.isascii():
            return False
        lines = self.sample.split("\n")
        n_broken = sum(_PASSED_ON.search(line) is not None for line in lines)
        return 2 * n_broken > sum(not line.isspace() for line in lines if line)

    def refuse_broken(self) -> None:
        """Raise at bytes that are not in the encoding named from here on, wherever they stand."""
        self._errors = "strict"
        self._wrapper.reconfigure(errors="strict")

    def lines(self, *, newline: str | None = None) -> Iterator[str]:
        """Yield the lines with their ends, as `open` does; `newline` too is as there."""
        try:
            self._wrapper.reconfigure(newline=newline)
            yield from self._wrapper
        except UnicodeDecodeError as error:
            raise self._undecodable(error, self.bytes.n_read) from error

    def why_broken(self, line: str) -> str | None:
        """Return what of a line was not in the encoding named, if it was passed on."""
        if self._errors == "strict" or line.isascii():
            return None
        broken = _PASSED_ON.findall(line)
        if not broken:
            return None
        shown = ", ".join(f"0x{ord(half) - 0xDC00:02X}" for half in broken[:4])
        more = ", …" if len(broken) > 4 else ""
        return (
            f"holds bytes that are not {self.encoding}, as --encoding has it ({shown}{more}); "
            "mend the row, or name another encoding"
        )

    def _undecodable(self, error: UnicodeDecodeError, n_read: int) -> DecodingError:
        byte = f"byte {n_read - len(error.object) + error.start}"
        if self._is_named:
            return misnamed(self.encoding, byte, self.name)
        return DecodingError(
            f"{self.name}: {byte} is not {self.encoding}, in which the file begins; "
            "name its encoding with --encoding, or mend the file"
        )

    def close(self) -> None:
        """Close the file."""
        self._wrapper.close()


def _is_utf8(encoding: str) -> bool:
    """Tell UTF-8, by any of its names: a byte order mark is dropped even where it is not named."""
    return codecs.lookup(encoding).name == "utf-8"
