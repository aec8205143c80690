"""What people corrected, kept in SQLite; exported as a corpus that ``classifier train`` takes."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from classifier.errors import DataError

_VERSION = 1
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS corrections (
    id INTEGER PRIMARY KEY,
    corrected_at TEXT NOT NULL,
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    predicted TEXT NOT NULL,
    topics TEXT NOT NULL,
    model TEXT NOT NULL,
    model_digest TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS corrections_text_model ON corrections (text, model, id);
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_LATEST = """
SELECT id, text, topics, kind, predicted, model, model_digest, corrected_at FROM corrections
WHERE id IN (SELECT max(id) FROM corrections GROUP BY text, model) AND id > ? ORDER BY id LIMIT ?
"""
_PAGE = 500


class CorrectionsError(DataError):
    """The file of corrections cannot be used."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A text, the topics that a model gave it, and those that a person says are right."""

    text: str
    topics: tuple[str, ...]
    predicted: tuple[str, ...]
    kind: str
    model: str
    model_digest: str


class Corrections:
    """A file of corrections. Safe to use from several threads.

    Parameters
    ----------
    path : SQLite file; it and its folder are made if missing, readable by their owner alone

    Raises
    ------
    CorrectionsError
        The file cannot be opened, is none of ours, or is of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._told("cannot be opened"):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                path, timeout=10, check_same_thread=False, isolation_level=None
            )
            self._prepare()

    def _prepare(self) -> None:
        try:
            self._check()
            # Readers go on while one writes; what was acknowledged is on the disk, not on its way.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)
        except BaseException:
            self._connection.close()
            raise

    def _check(self) -> None:
        """Refuse what is not ours, or too new, before anything is written to it."""
        names = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if names and ("corrections" not in names or version == 0):
            raise CorrectionsError(
                f"{self.path}: is a database of something else; name another file with "
                "--corrections, or none with --no-corrections"
            )

        if version > _VERSION:
            raise CorrectionsError(
                f"{self.path}: holds corrections of format {version}, this version knows up "
                f"to {_VERSION}; run: pip install --upgrade headline-classifier"
            )

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise CorrectionsError(
                f"{self.path}: the file of corrections {what}: {error}; "
                "name another with --corrections, or none with --no-corrections"
            ) from error

    def add(self, corrections: Sequence[Correction]) -> int:
        """Keep corrections, all or none, and return how many are kept now.

        Raises
        ------
        CorrectionsError
            They cannot be written.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        rows = [
            (
                now,
                one.text,
                one.kind,
                _dump(one.predicted),
                _dump(one.topics),
                one.model,
                one.model_digest,
            )
            for one in corrections
        ]
        with self._lock, self._told("cannot be written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(
                    "INSERT INTO corrections (corrected_at, text, kind, predicted, topics, model, "
                    "model_digest) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    rows,
                )
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            count: int = self._connection.execute("SELECT count(*) FROM corrections").fetchone()[0]
        return count

    def export(self) -> Iterator[str]:
        """Yield the corpus, a JSON line a text and model; corrected twice, the last time counts.

        Raises
        ------
        CorrectionsError
            They cannot be read.
        """
        last = 0
        while True:
            with self._lock, self._told("cannot be read"):
                # The last time a text was corrected decides its place, so pages follow by id.
                rows = self._connection.execute(_LATEST, (last, _PAGE)).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield "".join(map(_line, rows))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def _dump(topics: Sequence[str]) -> str:
    return json.dumps(list(topics), ensure_ascii=False)


def _line(row: tuple[str, ...]) -> str:
    _, text, topics, kind, predicted, model, digest, when = row
    content = {
        "text": text,
        "topics": json.loads(topics),
        "kind": kind,
        "predicted": json.loads(predicted),
        "model": model,
        "model_digest": digest,
        "corrected_at": when,
    }
    return json.dumps(content, ensure_ascii=False) + "\n"
