"""How far a long run is: a bar in a terminal, a line now and then elsewhere, on standard error."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from rich.progress import Progress

_LINE_EVERY_S = 10.0


class RowProgress:
    """Shows the rows of one file after another; a context manager.

    Parameters
    ----------
    quiet : show nothing

    Attributes
    ----------
    n_rows : rows of the present file that are done
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._started = self._told = time.monotonic()
        self._name = ""
        self.n_rows = 0
        self._bar: Progress | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the file was begun."""
        return time.monotonic() - self._started

    def begin(self, name: str) -> None:
        """Go on to a file."""
        self._name = name
        self.n_rows = 0
        self._started = self._told = time.monotonic()
        if self._bar is not None:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(name, total=None, rows="0", rate="")

    def update(self, n_rows: int, share: float | None) -> None:
        """Show how many rows are done, and what share of the file, if that is known."""
        now = time.monotonic()
        self.n_rows = n_rows
        rate = n_rows / max(now - self._started, 1e-9)
        if self._bar is not None:
            self._bar.update(
                self._bar.task_ids[0],
                total=None if share is None else 1.0,
                completed=share or 0.0,
                rows=f"{n_rows:,}",
                rate=f"{rate:,.0f}/s",
                refresh=True,
            )
        elif not self._quiet and now - self._told >= _LINE_EVERY_S:
            self._told = now
            done = "" if share is None else f", {share:.0%}"
            click.echo(f"{self._name}: {n_rows:,} rows{done}, {rate:,.0f} a second", err=True)

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    return Progress(
        # No markup: a file's name may hold what rich would take for it.
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TextColumn("{task.fields[rate]}"),
        Remaining(),
        console=Console(file=sys.stderr),
        transient=True,
        auto_refresh=False,  # by a thread, beside which no process could be forked
    )
