"""``classifier bench``: this machine's speed, from text to topics."""

import itertools
import json
from typing import TYPE_CHECKING, Literal

import click

from classifier.cli.options import READ, encoding_option, model_option, quiet_option, say

if TYPE_CHECKING:
    from classifier.speed import SpeedReport, Spread


@click.command(short_help="Measure this machine's speed, from text to topics.")
@click.argument("source", required=False, metavar="[INPUT]")
@model_option
@click.option(
    "--texts",
    "n_texts",
    type=click.IntRange(min=1),
    default=4096,
    show_default=True,
    help="Most texts to measure with.",
)
@click.option("--from", "read_as", type=click.Choice(READ), help="Format of the input.")
@click.option("--text-column", metavar="NAME", help="Column that holds the texts.")
@encoding_option
@click.option(
    "--to",
    "write_as",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Tables for people, or all figures as JSON.",
)
@quiet_option
def command(
    source: str | None,
    model: str,
    n_texts: int,
    read_as: str | None,
    text_column: str | None,
    encoding: str | None,
    write_as: Literal["table", "json"],
    quiet: bool,
) -> None:
    """Measure how fast a model is on this machine, on one thread, in some seconds.

    INPUT is a list of headlines in any format that `classifier tag` reads. Without it texts are
    made of the model's own words, which are no headlines; the same model gives the same texts.

    Segmenting alone and a fixed loop in Python are measured beside it, so that figures of two
    machines can be compared.

    \b
    Examples:
      classifier bench
      classifier bench headlines.txt --to json
    """
    from classifier.speed import measure_speed

    texts = None
    if source is not None:
        texts = _read(source, n_texts, read_as, text_column, encoding)
    say("measuring, which takes some seconds …", quiet=quiet)
    found = measure_speed(model, texts, n_texts=n_texts)
    if write_as == "json":
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        _show(found, source)


def _read(
    source: str,
    n_texts: int,
    read_as: str | None,
    text_column: str | None,
    encoding: str | None,
) -> list[str]:
    from classifier.documents import strip_markers
    from classifier.errors import DataError
    from classifier.tables import TableFormat, open_table

    with open_table(source, format=read_as, encoding=encoding, text_column=text_column) as rows:
        texts = (row.text for row in rows if row.text.strip())
        is_list = rows.format is TableFormat.TEXT
        found = list(itertools.islice(strip_markers(texts) if is_list else texts, n_texts))
    if not found:
        raise DataError(f"{rows.name}: has no text to measure with; name a list of headlines")
    return found


def _show(found: "SpeedReport", source: str | None) -> None:
    from rich.text import Text

    from classifier.cli.show import console, new_table

    out = console()
    for line in _about(found, source):
        # Text objects: a file's name may hold what rich would take for markup.
        out.print(Text(line))
    figures = new_table("what", "median", "from", "to", "unit", right=("median", "from", "to"))
    for what, spread, unit in _figures(found):
        figures.add_row(what, *map(_number, (spread.median, spread.low, spread.high)), unit)
    out.print(figures)
    columns = ("in batches", "one at a time")
    stages = new_table("stage of a headline", *columns, "unit", right=columns)
    for stage in found.stages:
        stages.add_row(stage.name, _number(stage.batch_us), _number(stage.one_us), "µs")
    stages.add_section()
    in_batches = sum(stage.batch_us for stage in found.stages)
    one_by_one = sum(stage.one_us for stage in found.stages)
    stages.add_row("all of them", _number(in_batches), _number(one_by_one), "µs")
    out.print(stages)


def _about(found: "SpeedReport", source: str | None) -> list[str]:
    """Return what was measured, with what and on what, a sentence a line."""
    machine, texts = found.machine, found.texts
    if source is None:
        origin = (
            f"made of the model's own words (seed {texts.seed}); they are no headlines, so name a "
            "list to measure with yours"
        )
    else:
        origin = "from " + ("standard input" if source == "-" else source)
    libraries = ", ".join(f"{name} {version}" for name, version in machine.libraries.items())
    memory = "unknown" if found.memory_mb is None else f"{found.memory_mb:.0f} MB"
    model = (
        f"model {found.model} {found.version} ({found.digest[:12]}): {found.n_terms:,} terms, "
        f"{found.n_topics} topics; resident memory when loaded and used once: {memory}"
    )
    measured_with = f"{texts.n_texts:,} texts of {texts.mean_characters:.1f} characters, {origin}"
    measured_on = (
        f"{machine.processor}, {machine.cores or '?'} cores, {machine.system}; "
        f"Python {machine.python}, headline-classifier {machine.package}, {libraries}"
    )
    return [model, measured_with, measured_on]


def _figures(found: "SpeedReport") -> "list[tuple[str, Spread, str]]":
    segmenting = f"segmenting alone by {found.segmenter}"
    return [
        ("loading the model, verified", found.load_ms, "ms"),
        ("one headline at a time, warm", found.one_us, "µs"),
        ("batches, one thread", found.batch_per_s, "headlines/s"),
        (f"for reference: {segmenting}", found.segment_us, "µs a headline"),
        ("for reference: a loop in Python", found.loop_us, "µs for 1,000 rounds"),
        (f"a headline in batches, over {segmenting}", found.batch_in_segments, "times"),
        ("one headline at a time, over that loop", found.one_in_loops, "times"),
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
