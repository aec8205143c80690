"""One file to tag, and what became of it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from classifier.errors import DataError, OutputExistsError
from classifier.tables import TableFormat
from classifier.tables.sinks import is_same_file

Split = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Job:
    """One file to tag.

    Attributes
    ----------
    source, target : paths, or ``"-"``
    read_as, write_as : formats; by default what the suffixes say, and JSONL for standard output
    encoding, text_column, sheet : as for `classifier.tables.open_table`
    plain : as for `classifier.tables.open_writer`
    errors : ``"fail"`` stops at the first row that cannot be used; ``"skip"`` passes over such rows
        and writes them to a side file
    force : overwrite what is there; a side file of an earlier run does not outlive its output
    resume : go on from an interrupted run; an output that is there without one is
        taken as finished, and left alone
    split : cuts a line of plain text that holds a whole front page into its headlines
    """

    source: str
    target: str = "-"
    read_as: str | None = None
    write_as: str | None = None
    encoding: str | None = None
    text_column: str | None = None
    sheet: str | None = None
    plain: bool = False
    errors: Literal["fail", "skip"] = "fail"
    force: bool = False
    resume: bool = False
    split: Split | None = None

    @property
    def format(self) -> TableFormat:
        """Format of the output."""
        if self.write_as is not None:
            return TableFormat(self.write_as)
        if self.target == "-":
            return TableFormat.JSONL
        return TableFormat.of(self.target, option="--to")

    @property
    def side_file(self) -> str:
        """Where rows passed over are written: ``out.csv.errors.jsonl`` beside ``out.csv``."""
        if self.target != "-":
            return f"{self.target}.errors.jsonl"
        return f"{'stdin' if self.source == '-' else Path(self.source).name}.errors.jsonl"


def refuse_clashes(jobs: Sequence[Job]) -> None:
    """Refuse before any work what would write one file twice.

    Raises
    ------
    DataError
        An output or a side file of one job is one of another's, too, or a side file is an input.
    """
    sources = {os.path.realpath(job.source): job.source for job in jobs}
    writers: dict[str, str] = {}
    for job in jobs:
        if job.errors == "skip" and (other := sources.get(os.path.realpath(job.side_file))):
            raise DataError(
                f"{other}: is where rows of {job.source} that cannot be used would be written; "
                "name another output, or rename this input"
            )
        for path in (job.target, *([job.side_file] if job.errors == "skip" else [])):
            other = writers.setdefault(path, job.source)
            if path != "-" and other != job.source:
                raise DataError(
                    f"{other} and {job.source} would both write to {path}; tag them one by one"
                )


def refuse_existing(jobs: Sequence[Job]) -> None:
    """Refuse before any work what would be refused after it.

    Raises
    ------
    OutputExistsError
        Outputs or side files are there already, of jobs that may not overwrite; or an output is the
        input itself, a workbook.
    """
    there: list[str] = []
    for job in jobs:
        if is_same_file(job.target, job.source):
            _refuse_in_place(job)
        outputs = [] if job.target == "-" else [job.target]
        if job.errors == "skip":
            outputs.append(job.side_file)
        if not job.force:
            there += [path for path in outputs if Path(path).is_file()]
    if there:
        more = f" (and {len(there) - 1:,} more of the outputs)" if len(there) > 1 else ""
        raise OutputExistsError(
            f"{there[0]}: exists already{more}; choose another name or overwrite it with --force"
        )


def _refuse_in_place(job: Job) -> None:
    if TableFormat.XLSX in (job.format, job.read_as or TableFormat.of(job.source)):
        raise OutputExistsError(
            f"{job.target}: is the input itself, and a workbook written anew loses its other "
            "sheets, formats and formulas; choose another name"
        )
    if not job.force:
        raise OutputExistsError(
            f"{job.target}: is the input itself; choose another name or overwrite it with --force"
        )


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file.

    Attributes
    ----------
    n_rows : rows written
    n_empty : of these, rows whose cell holds no text, so that they have no topic
    n_resumed : of these, rows whose tags an earlier run had left
    n_blank : blank lines left out
    n_repeated : rows whose text came before; at least so many where there are over a quarter of a
        million different texts
    n_bad : rows passed over; they are in the job's `side_file`
    n_split : lines cut into headlines
    left_whole : `split` was asked for and the input is a table, whose cells stay as they are
    encoding : that the input was read in, where it is a text format
    was_tagged : the input had our columns, which are replaced
    blob : number of a line that looks like a whole front page and was not split, else None
    was_finished : the output was there already, and `resume` leaves it alone
    is_outdated : such an output is older than its input
    """

    n_rows: int = 0
    n_empty: int = 0
    n_resumed: int = 0
    n_blank: int = 0
    n_repeated: int = 0
    n_bad: int = 0
    n_split: int = 0
    left_whole: bool = False
    encoding: str | None = None
    was_tagged: bool = False
    blob: int | None = None
    was_finished: bool = False
    is_outdated: bool = False
