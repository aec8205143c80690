"""``classifier tag``: topics for a list of headlines."""

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

import click

from classifier.cli.options import (
    READ,
    cores,
    encoding_option,
    force_option,
    inputs_or_stdin,
    jobs_option,
    keep_threads_out,
    prediction_options,
    quiet_option,
    read_options,
    say,
)
from classifier.cli.progress import RowProgress

if TYPE_CHECKING:
    from classifier.batch import FileReport, Job, Tagger
    from classifier.model import Prediction

WRITTEN = ("table", "jsonl", "csv", "tsv", "xlsx", "parquet")


@click.command(short_help="Tag a list of headlines.")
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    default="-",
    help="Output file, or a folder for one output an input; '-' is standard output.",
)
@click.option("--from", "read_as", type=click.Choice(READ), help="Format of the input.")
@click.option("--to", "write_as", type=click.Choice(WRITTEN), help="Format of the output.")
@click.option("--text-column", metavar="NAME", help="Column that holds the texts.")
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook; the first by default.")
@click.option("--split", is_flag=True, help="Cut lines that hold a whole front page.")
@click.option(
    "--plain", is_flag=True, help="CSV and TSV for programs: no BOM, no ' before formulas."
)
@click.option(
    "--errors",
    type=click.Choice(["fail", "skip"]),
    default="fail",
    show_default=True,
    help="Stop at a row that cannot be used, or write it to a side file and go on; of several "
    "inputs, pass over one that cannot be read. With --encoding, a row with a byte that is not in "
    "that encoding is one (but in UTF-16).",
)
@click.option("--resume", is_flag=True, help="Go on from where an interrupted run stopped.")
@jobs_option
@encoding_option
@force_option
@quiet_option
@prediction_options
def command(
    inputs: tuple[str, ...],
    output: str,
    read_as: str | None,
    write_as: str | None,
    text_column: str | None,
    sheet: str | None,
    split: bool,
    plain: bool,
    errors: Literal["fail", "skip"],
    resume: bool,
    jobs: int | None,
    encoding: str | None,
    force: bool,
    quiet: bool,
    model: str,
    topics: str | None,
    exclude_topics: str | None,
    min_probability: float,
    max_topics: int | None,
) -> None:
    """Tag each headline of a list with topics.

    INPUT is a text file (a headline a line), CSV, TSV, JSONL, XLSX or Parquet, by its suffix or
    --from; '-' is standard input, and a pattern such as 'lists/*.csv' all files that fit. Rows and
    columns of the input are kept, in order. In a terminal a table is shown; elsewhere, or with
    --to jsonl, one JSON object a line is written.

    A number or bullet before a line of text, and a date, a source or '[详细]' at the end of a
    headline, are kept and have no say in its topics.

    \b
    Examples:
      classifier tag headlines.txt
      classifier tag list.xlsx -o tagged.xlsx
      classifier tag lists/*.csv -o tagged/ --errors skip
      classifier tag archive.parquet -o tagged.parquet --resume
      echo 女子轻信刷单返利损失八千元 | classifier tag - --to jsonl
    """
    keep_threads_out()
    from classifier.batch import Job, Tagger, expand_inputs, refuse_clashes, refuse_existing

    sources = expand_inputs(inputs_or_stdin(inputs), tell=partial(say, quiet=quiet))
    _refuse_what_are_no_lists(sources, read_as)
    targets, write_as = _targets(sources, output, write_as)
    if resume and targets == ["-"] * len(sources):
        raise click.UsageError("--resume needs an output file, named with -o")
    jobs_to_do = [
        Job(
            source,
            target,
            read_as=read_as,
            write_as=None if write_as == "table" else write_as,
            encoding=encoding,
            text_column=text_column,
            sheet=sheet,
            plain=plain,
            errors=errors,
            force=force,
            resume=resume,
            split=_splitter() if split else None,
        )
        for source, target in zip(sources, targets, strict=True)
    ]
    refuse_clashes(jobs_to_do)
    if not resume:  # which leaves outputs that are finished alone
        refuse_existing(jobs_to_do)
    with Tagger(model, jobs=jobs or cores()) as tagger:
        tagger.options = read_options(
            tagger.model, topics, exclude_topics, min_probability, max_topics
        )
        if write_as == "table":
            _each(jobs_to_do, partial(_show, tagger, quiet=quiet))
            return
        _each(jobs_to_do, partial(_tag, tagger, quiet=quiet))


def _refuse_what_are_no_lists(sources: list[str], read_as: str | None) -> None:
    """Tell of a headline or a page in place of a list, and of the verb that is for it."""
    from classifier.errors import DataError

    for source in sources:
        # Not by Path, which raises where a headline is too long for the name of a file.
        if source != "-" and not os.path.exists(source):  # noqa: PTH110
            raise DataError(
                f"{source}: there is no such file; for one headline, use: classifier explain TEXT"
            )
        if read_as is None and source.lower().endswith((".html", ".htm")):
            raise DataError(
                f"{source}: is a page and no list; articles are read by: classifier article"
            )


def _targets(sources: list[str], output: str, write_as: str | None) -> tuple[list[str], str | None]:
    """Return the output of each input, and the format of all, None where the suffixes say it."""
    from pathlib import Path

    from classifier.batch import outputs_in

    if output == "-":
        write_as = write_as or ("table" if sys.stdout.isatty() else "jsonl")
        if len(sources) > 1 and write_as not in ("table", "jsonl"):
            raise click.UsageError(
                f"several inputs make no single {write_as}; name a folder with -o"
            )
        return ["-"] * len(sources), write_as
    if write_as == "table":
        raise click.UsageError("a table is for a terminal; write another format to a file")
    ends_as_folder = output.endswith(("/", os.sep))
    if Path(output).is_dir() or ends_as_folder or (len(sources) > 1 and not Path(output).suffix):
        _make_folder(output)
        return outputs_in(output, sources, write_as), write_as
    if len(sources) > 1:
        raise click.UsageError(
            f"{len(sources)} inputs need a folder as output, and {output} is none; "
            f"end its name with '/' to have it made"
        )
    if write_as is None:
        _check_written(output)
    return [output], write_as


def _make_folder(output: str) -> None:
    from pathlib import Path

    from classifier.errors import DataError

    try:
        Path(output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"{output}: cannot be made a folder: {error.strerror}; name another one with -o"
        ) from error


def _check_written(output: str) -> None:
    from classifier.tables import TableFormat

    found = TableFormat.of(output, option="--to")
    if found not in WRITTEN:
        raise click.BadParameter(
            f"{output}: its suffix is that of {found}, which is not written; "
            f"choose one of {', '.join(WRITTEN[1:])}",
            param_hint="--output",
        )


def _splitter() -> "Callable[[str], list[str]]":
    from classifier import split_headlines

    split: Callable[[str], list[str]] = split_headlines
    return split


def _each(jobs: "list[Job]", do: "Callable[[Job], None]") -> None:
    """Do each job; with ``--errors skip``, an input that cannot be read holds up no other."""
    from classifier.errors import DataError

    n_failed = 0
    for job in jobs:
        try:
            do(job)
        except DataError as error:
            if len(jobs) == 1 or job.errors == "fail":
                raise
            n_failed += 1
            say(f"passed over: {error}")
    if n_failed:
        raise DataError(
            f"{n_failed} of {len(jobs)} inputs could not be tagged, for the reasons above; "
            f"the others are done"
        )


def _tag(tagger: "Tagger", job: "Job", *, quiet: bool) -> None:
    from classifier.batch import partial_folder, tag_file

    with RowProgress(quiet=quiet) as progress:
        progress.begin(job.source)
        try:
            report = tag_file(tagger, job, on_rows=progress.update)
        except BaseException as error:
            kept = progress.n_rows and partial_folder(job.target).is_dir()
            if kept and isinstance(error, Exception | KeyboardInterrupt):
                say(
                    f"{job.target}: what was tagged is kept; --resume goes on from there",
                    quiet=quiet,
                )
            raise
    for line in _lines(job, report, seconds=progress.seconds):
        say(line, quiet=quiet)


def _show(tagger: "Tagger", job: "Job", *, quiet: bool) -> None:
    """Show tables in a terminal."""
    from classifier.batch import predict_file
    from classifier.cli.show import console, prediction_table

    def show(predictions: "list[Prediction]") -> None:
        console().print(prediction_table(predictions))

    report = predict_file(tagger, job, show)
    for line in _lines(job, report, seconds=0):
        say(line, quiet=quiet)


def _lines(job: "Job", report: "FileReport", *, seconds: float) -> list[str]:
    """Return what a person should know of a file that was tagged."""
    from classifier.text import USUAL_ENCODINGS

    name = "standard input" if job.source == "-" else job.source
    if report.was_finished:
        changed = f"; {job.source} was changed since, --force tags it anew"
        return [
            f"{job.target}: exists and has no interrupted run; taken as finished, and left as it is"
            + (changed if report.is_outdated else "")
        ]
    lines = []
    if report.encoding not in USUAL_ENCODINGS:
        lines.append(f"{name}: read as {report.encoding}")
    if report.was_tagged:
        lines.append(f"{name}: was tagged before; its topics are replaced")
    if report.blob is not None:
        lines.append(
            f"{name} line {report.blob}: looks like a whole front page; "
            "--split cuts it into headlines"
        )
    if report.left_whole:
        lines.append(f"{name}: is a table; --split cuts lines of plain text alone")
    if report.n_bad:
        lines.append(
            f"{name}: {_count(report.n_bad, 'row')} could not be used, see {job.side_file}"
        )
    details = [
        detail
        for count, detail in (
            (report.n_empty, _count(report.n_empty, "row") + " without text"),
            (report.n_blank, _count(report.n_blank, "blank line") + " left out"),
            (report.n_repeated, _count(report.n_repeated, "repeated text")),
            (report.n_split, _count(report.n_split, "line") + " cut into headlines"),
            (report.n_resumed, f"{report.n_resumed:,} taken over from the interrupted run"),
        )
        if count
    ]
    rate = f" in {seconds:.1f} s" if seconds >= 1 else ""
    tagged = _count(report.n_rows - report.n_empty, "text")
    lines.append("; ".join([f"{name}: {tagged} tagged{rate}", *details]))
    return lines


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" + ("s" if n != 1 else "")
