"""What is kept beside the rows: those that cannot be used, and how many came before."""

from collections.abc import Sequence
from pathlib import Path

from classifier.errors import DataError
from classifier.tables import BadRow, TableWriter, open_writer

# 64-bit numbers of so many texts take some 20 MB.
_MOST_REMEMBERED = 250_000


class BadRows:
    """Writes rows that cannot be used to a side file, which is made when the first one comes.

    Each line is an object with ``file``, ``row``, ``reason`` and ``content``, the row as it stands.

    Parameters
    ----------
    path : the file; one that stands there is replaced

    Attributes
    ----------
    n_rows : rows written
    aside : where to write until the file is whole; by default beside it
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.aside: Path | None = None
        self.n_rows = 0
        self._writer: TableWriter | None = None
        self._waiting: list[dict[str, object]] = []

    def __call__(self, bad: BadRow) -> None:
        """Keep a row."""
        self.n_rows += 1
        self._waiting.append(
            {"file": bad.source, "row": bad.number, "reason": bad.reason, "content": bad.content}
        )
        if len(self._waiting) >= 1000:
            self._flush()

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = open_writer(
                self.path, format="jsonl", columns=(), force=True, aside=self.aside
            )
        rows, self._waiting = self._waiting, []
        self._writer.write(rows)

    def commit(self) -> None:
        """Give the file its name, if there was a row."""
        if self._waiting:
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def remove_old(self) -> None:
        """Remove the file of an earlier run, if this one had no row to replace it with.

        Raises
        ------
        DataError
            It cannot be removed.
        """
        if self.n_rows or not Path(self.path).is_file():
            return
        try:
            Path(self.path).unlink()
        except OSError as error:
            raise DataError(
                f"{self.path}: is of an earlier run and cannot be removed: {error.strerror}; "
                "remove it"
            ) from error

    def close(self) -> None:
        """Remove what was not committed."""
        if self._writer is not None:
            self._writer.abort()


class Repeats:
    """Counts texts that came before.

    Attributes
    ----------
    n_repeated : how many did; at least so many, once a quarter of a million different texts are
        known
    """

    def __init__(self) -> None:
        self.n_repeated = 0
        self._seen: set[int] = set()

    def count(self, texts: Sequence[str]) -> None:
        """Count the texts of a chunk; empty ones never repeat."""
        numbers = [hash(text) for text in texts if text]
        seen = self._seen
        if len(seen) < _MOST_REMEMBERED:
            before = len(seen)
            seen.update(numbers)
            self.n_repeated += len(numbers) - (len(seen) - before)
        else:
            self.n_repeated += sum(number in seen for number in numbers)
