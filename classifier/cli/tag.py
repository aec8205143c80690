"""``classifier tag``: topics for a list of headlines."""

import sys
from pathlib import Path

import click

from classifier.cli.options import (
    encoding_option,
    force_option,
    inputs_or_stdin,
    load_model,
    prediction_options,
    quiet_option,
    read_options,
    say,
)

READ = ("text", "csv", "tsv", "jsonl", "json", "xlsx", "parquet")
WRITTEN = ("table", "jsonl", "csv", "tsv", "xlsx", "parquet")


@click.command(short_help="Tag a list of headlines.")
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option("-o", "--output", metavar="OUT", default="-", help="Output file; '-' is the terminal.")
@click.option("--from", "read_as", type=click.Choice(READ), help="Format of the input.")
@click.option("--to", "write_as", type=click.Choice(WRITTEN), help="Format of the output.")
@click.option("--text-column", metavar="NAME", help="Column that holds the texts.")
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook; the first by default.")
@click.option("--plain", is_flag=True, help="Do not quote spreadsheet formulas in CSV and TSV.")
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
    plain: bool,
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
    --from; '-' is standard input. Rows and columns of the input are kept, in order. In a terminal a
    table is shown; elsewhere, or with --to jsonl, one JSON object a line is written.

    \b
    Examples:
      classifier tag headlines.txt
      classifier tag list.xlsx -o tagged.xlsx
      echo 女子轻信刷单返利损失八千元 | classifier tag - --to jsonl
    """
    from classifier.batch import tag_table
    from classifier.tables import open_table, open_writer, place_results

    sources = inputs_or_stdin(inputs)
    if len(sources) > 1:
        raise click.UsageError("one input at a time")
    loaded = load_model(model)
    options = read_options(loaded, topics, exclude_topics, min_probability, max_topics)
    write_as = write_as or _format_of(output)
    with open_table(
        sources[0], format=read_as, encoding=encoding, text_column=text_column, sheet=sheet
    ) as reader:
        if reader.encoding not in (None, "utf-8"):
            say(f"{reader.name}: read as {reader.encoding}", quiet=quiet)
        if reader.tagged_columns:
            say(f"{reader.name}: was tagged before; its topics are replaced", quiet=quiet)
        if write_as == "table":
            from classifier.cli.show import console, prediction_table

            predictions = loaded.predict((row.text for row in reader), options)
            console().print(prediction_table(predictions))
            n_rows = len(predictions)
        else:
            placement = place_results(
                reader.columns, tagged=reader.tagged_columns, nested=write_as == "jsonl"
            )
            with open_writer(
                output,
                format=write_as,
                columns=placement.columns,
                schema=placement.schema(reader.schema),
                plain=plain,
                force=force,
            ) as writer:
                n_rows = tag_table(loaded, reader, writer, options)
        blank = f", {reader.blank_lines:,} blank lines left out" if reader.blank_lines else ""
        say(f"{n_rows:,} texts tagged{blank}", quiet=quiet)


def _format_of(output: str) -> str:
    from classifier.tables import TableFormat

    if output == "-":
        return "table" if sys.stdout.isatty() else "jsonl"
    found = TableFormat.of(Path(output), option="--to")
    if found not in WRITTEN:
        raise click.BadParameter(
            f"{output}: its suffix is that of {found}, which is not written; "
            f"choose one of {', '.join(WRITTEN[1:])}",
            param_hint="--output",
        )
    return str(found)
