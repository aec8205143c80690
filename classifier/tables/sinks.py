"""Bytes out: to standard output, or to a file that gets its name when it is finished."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from classifier.errors import DataError, OutputExistsError


def is_same_file(first: str | Path, second: str | Path) -> bool:
    """Tell whether two paths are one regular file; ``"-"`` and what cannot be found are none."""
    try:
        return "-" not in (str(first), str(second)) and (
            Path(first).is_file() and Path(first).samefile(second)
        )
    except OSError:
        return False


class Sink:
    """A stream of bytes to a file that appears under its name on `commit`, or to standard output.

    The bytes go to a file beside the target, which is renamed at the end, so no half-written
    file ever has the target's name. A target that is no regular file (``/dev/null``, a pipe)
    is written directly.

    Parameters
    ----------
    target : path, or ``"-"`` for standard output; ``.gz`` and ``.xz`` compress
    force : overwrite a file that stands there
    aside : where to write until then, on the same disk; by default a new file beside the target

    Attributes
    ----------
    stream : where to write to
    done : it was committed or aborted

    Raises
    ------
    OutputExistsError
        The file exists and `force` is off.
    DataError
        The file cannot be created.
    """

    def __init__(
        self, target: str | Path, *, force: bool = False, aside: Path | None = None
    ) -> None:
        self.is_stdout = str(target) == "-"
        self.name = "standard output" if self.is_stdout else str(target)
        self.done = False
        self._aside: Path | None = None
        if self.is_stdout:
            sys.stdout.flush()  # what was printed before comes before
            self._file: BinaryIO = sys.stdout.buffer
        else:
            self._target = Path(os.path.realpath(target))
            with self.errors_told():
                self._file = self._open(force=force, aside=aside)
        self.stream = self._compress(str(target).lower())

    def _open(self, *, force: bool, aside: Path | None) -> BinaryIO:
        if self._target.is_dir():
            raise DataError(f"{self.name}: is a folder; name a file")
        if self._target.exists() and not self._target.is_file():
            return self._target.open("wb")
        if self._target.exists() and not force:
            raise OutputExistsError(
                f"{self.name}: exists already; choose another name or overwrite it with --force"
            )
        if aside is not None:
            self._aside = aside
            return aside.open("wb")
        # Not by tempfile, whose files only their owner may read, also after renaming.
        self._aside = self._target.with_name(f".{self._target.name}.{os.urandom(4).hex()}.part")
        return self._aside.open("xb")

    def _compress(self, name: str) -> BinaryIO:
        if name.endswith(".gz"):
            import gzip

            # No time inside: same rows, same bytes.
            return cast("BinaryIO", gzip.GzipFile("", "wb", 6, self._file, mtime=0))
        if name.endswith(".xz"):
            import lzma

            return cast("BinaryIO", lzma.LZMAFile(self._file, "wb"))
        return self._file

    @contextlib.contextmanager
    def errors_told(self) -> Iterator[None]:
        """Turn a failure to write into a `DataError`; a closed pipe stays what it is."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise DataError(f"{self.name}: cannot be written: {error.strerror or error}") from error

    def commit(self) -> None:
        """Finish the stream and give the file its name."""
        try:
            if self.stream is not self._file:
                self.stream.close()
            self._file.flush()
            if self._aside is not None:
                os.fsync(self._file.fileno())
            if not self.is_stdout:
                self._file.close()
            if self._aside is not None:
                self._aside.replace(self._target)
        except BaseException:
            self.abort()
            raise
        self.done = True

    def abort(self) -> None:
        """Remove what was written."""
        self.done = True
        if not self.is_stdout:
            # Closing flushes, which may fail once more on a full disk.
            for stream in (self.stream, self._file):
                with contextlib.suppress(OSError, ValueError):
                    stream.close()
        if self._aside is not None:
            self._aside.unlink(missing_ok=True)
