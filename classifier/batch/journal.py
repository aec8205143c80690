"""What an interrupted run leaves, so that another goes on from it.

Beside ``out.jsonl``, while it is written, lies the folder ``.out.jsonl.partial`` with the output as
far as it has come and a *journal*: the tags of every finished chunk, some ten bytes a text. A run
that goes on reads the input anew, takes the tags from the journal as far as they go, tags the rest
and writes the whole output. So it gives the same file as a run in one go, in any format, because it
is written in one go; what is spared is the tagging, four fifths of the time or more.

The journal begins with a line of JSON that says what was run: model, options, how the input is
read. Each record then holds one chunk's tags, a checksum of its texts and one of itself. A record
cut off by ``kill -9`` or a full disk fails its own and is dropped, with all after it; a chunk whose
texts are no longer those of the record stops the run.

While a run goes on, the journal is locked, and with it the folder: another run to the same output
would rename what this one has half written.
"""

import contextlib
import json
import os
import shutil
import struct
import sys
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from classifier.batch.lock import lock, unlock
from classifier.errors import DataError, OutputExistsError, shorten
from classifier.model import Tags

_FORMAT = 1
_JOURNAL = "journal"
_OUTPUT = "output"
_BAD_ROWS = "bad-rows"
_MAY_OVERWRITE = "may-overwrite"
# Magic, texts, topics of all texts, checksum of the texts, checksum of what follows.
_RECORD = struct.Struct("<4sIIII")
_MAGIC = b"TAGS"
_CHANGED = {
    "format": "the version of this program",
    "model": "the model",
    "options": "the choice of topics",
    "input_bytes": "the size of the input",
    "reading": "how the input is read",
    "chunk_rows": "the size of a chunk",
}


def partial_folder(target: str | os.PathLike[str]) -> Path:
    """Return the folder of what an interrupted run to `target` leaves; it need not exist."""
    path = Path(os.path.realpath(target))
    return path.with_name(f".{path.name}.partial")


def may_overwrite(target: str | os.PathLike[str]) -> bool:
    """Whether an interrupted run to `target` was told to overwrite it, or had begun to write it."""
    return (partial_folder(target) / _MAY_OVERWRITE).exists()


class Journal:
    """The tags of the chunks that are finished.

    Parameters
    ----------
    target : the output
    about : what is run; one that goes on must agree
    resume : go on from what an earlier run left, if it left anything
    force : else begin anew, whatever an earlier run left, and overwrite what is there

    Attributes
    ----------
    folder : where it lies
    output, bad_rows : where the output and the side file are to be written until they are whole
    n_rows : rows in it

    Raises
    ------
    OutputExistsError
        An earlier run left finished chunks, and neither `force` nor `resume` says what to do.
    DataError
        Another run to the same output is going on, the earlier one was of something else, or the
        folder cannot be written.
    """

    def __init__(
        self,
        target: str | os.PathLike[str],
        about: Mapping[str, Any],
        *,
        force: bool = False,
        resume: bool = False,
    ) -> None:
        self._name = str(target)
        self.folder = partial_folder(target)
        self.output = self.folder / _OUTPUT
        self.bad_rows = self.folder / _BAD_ROWS
        self.n_rows = 0
        self._about = {"format": _FORMAT, **about}
        with self._errors_told():
            self._file = self._open_alone()
        self._replaying = True
        try:
            self._start(force=force, resume=resume)
        except BaseException:
            self.close(finished=False)
            raise

    def _open_alone(self) -> BinaryIO:
        """Open the journal, new or as an earlier run left it, unless another run has it."""
        self.folder.mkdir(exist_ok=True)
        path = self.folder / _JOURNAL
        file = path.open("a+b")
        if not lock(file.fileno(), path):
            file.close()
            raise DataError(
                f"{self._name}: another run is writing it, and {self.folder.name} beside it is "
                "locked; wait until it ends, or name another output"
            )
        file.seek(0)
        return file

    def _start(self, *, force: bool, resume: bool) -> None:
        if not (force or resume) and self._holds_records():
            raise OutputExistsError(
                f"{self._name}: an earlier run was interrupted and its tags are kept; "
                "go on with --resume, or begin anew with --force"
            )
        with self._errors_told():
            if resume:
                self._go_on()
            else:
                self._begin()
        if force:
            self.allow_overwriting()

    def _holds_records(self) -> bool:
        try:
            with (self.folder / _JOURNAL).open("rb") as file:
                return bool(file.readline() and file.read(1))
        except OSError:
            return False

    def _begin(self) -> None:
        (self.folder / _MAY_OVERWRITE).unlink(missing_ok=True)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(self._about, ensure_ascii=False).encode("utf-8") + b"\n")
        self._file.flush()

    def _go_on(self) -> None:
        try:
            before = json.loads(self._file.readline())
        except ValueError:  # new, or cut off in its first line: nothing is lost
            self._begin()
            return
        for name, value in self._about.items():
            if before.get(name) != value:
                raise DataError(
                    f"{self._name}: cannot go on, since {_CHANGED.get(name, name)} changed: was "
                    f"{shorten(before.get(name))}, is {shorten(value)}; begin anew with --force"
                )

    def next(self, texts: Sequence[str]) -> Tags | None:
        """Return the tags of the next chunk, or None if that is not in the journal.

        Raises
        ------
        DataError
            The journal has the tags of other texts there: the input changed.
        """
        if not self._replaying:
            return None
        start = self._file.tell()
        record = self._read()
        if record is None:
            self._replaying = False
            self._file.seek(start)
            with self._errors_told():
                self._file.truncate()
            return None
        checksum, tags = record
        if checksum != _checksum(texts) or len(tags) != len(texts):
            raise DataError(
                f"{self._name}: cannot go on, since the input changed: the texts after row "
                f"{self.n_rows} are not those that were tagged; begin anew with --force"
            )
        self.n_rows += len(tags)
        return tags

    def _read(self) -> tuple[int, Tags] | None:
        head = self._file.read(_RECORD.size)
        if len(head) < _RECORD.size:
            return None
        magic, n_texts, n_topics, checksum, own = _RECORD.unpack(head)
        payload = self._file.read(3 * n_texts + 6 * n_topics) if magic == _MAGIC else b""
        if len(payload) < 3 * n_texts + 6 * n_topics or zlib.crc32(head[:-4] + payload) != own:
            return None
        counts, decisions, columns, probabilities = (
            np.frombuffer(payload, dtype, count, offset)
            for dtype, count, offset in (
                ("<u2", n_texts, 0),
                ("i1", n_texts, 2 * n_texts),
                ("<i2", n_topics, 3 * n_texts),
                ("<f4", n_topics, 3 * n_texts + 2 * n_topics),
            )
        )
        return checksum, Tags(counts.astype(np.int64), columns, probabilities, decisions)

    def append(self, texts: Sequence[str], tags: Tags) -> None:
        """Add the tags of the chunk that follows those in the journal.

        Raises
        ------
        DataError
            The disk is full.
        """
        payload = b"".join(
            (
                tags.counts.astype("<u2").tobytes(),
                tags.decisions.astype("i1").tobytes(),
                tags.columns.astype("<i2").tobytes(),
                tags.probabilities.astype("<f4").tobytes(),
            )
        )
        head = _RECORD.pack(_MAGIC, len(tags), len(tags.columns), _checksum(texts), 0)[:-4]
        with self._errors_told():
            self._file.write(head + zlib.crc32(head + payload).to_bytes(4, "little") + payload)
            self._file.flush()
        self.n_rows += len(tags)

    def allow_overwriting(self) -> None:
        """Let a run that goes on from this one overwrite what stands under the output's name.

        Raises
        ------
        DataError
            The folder cannot be written.
        """
        with self._errors_told():
            (self.folder / _MAY_OVERWRITE).touch()

    def close(self, *, finished: bool) -> None:
        """Close the journal; remove it if the output is finished, or nothing is in it."""
        is_done = finished or not self._holds_records()
        if is_done and sys.platform != "win32":
            # While it is locked, so that what is removed is no other run's.
            shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # of a file system without locks
            unlock(self._file.fileno())
        with contextlib.suppress(OSError):
            self._file.close()
        if is_done and sys.platform == "win32":
            shutil.rmtree(self.folder, ignore_errors=True)  # there, no open file can be removed

    @contextlib.contextmanager
    def _errors_told(self) -> Any:
        try:
            yield
        except OSError as error:
            raise DataError(
                f"{self._name}: cannot be written: {error.strerror or error}"
            ) from error


def _checksum(texts: Sequence[str]) -> int:
    return zlib.crc32("\n".join(texts).encode("utf-8", "surrogatepass"))
