"""``classifier explain``: why a text has its topics."""

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from classifier.cli.options import (
    encoding_option,
    load_model,
    prediction_options,
    read_options,
    say,
)

if TYPE_CHECKING:
    from classifier.model import TopicExplanation


@click.command(short_help="Show which pieces of a text carry its topics.")
@click.argument("parts", nargs=-1, required=True, metavar="TEXT")
@click.option("--to", "write_as", type=click.Choice(["table", "jsonl"]), help="Output format.")
@encoding_option
@prediction_options
def command(
    parts: tuple[str, ...],
    write_as: str | None,
    encoding: str | None,
    model: str,
    topics: str | None,
    exclude_topics: str | None,
    min_probability: float,
    max_topics: int | None,
) -> None:
    """Show which pieces of TEXT carry which topic, with their weights.

    TEXT is a headline or a paragraph, spaces and all; '-' reads it from standard input. A piece's
    weight is what it adds to the topic's margin. With --topics, those are explained whether the
    text has them or not.

    \b
    Example:
      classifier explain 县残联开办直播课堂 听障青年找到新岗位
    """
    text = " ".join(parts)
    if encoding is not None and text != "-":
        raise click.UsageError("--encoding is for standard input, '-'; TEXT is read as it is")
    if text == "-":
        from classifier.text import decode

        text, _ = decode(sys.stdin.buffer.read(), encoding=encoding, where="standard input")
        text = text.removesuffix("\n").removesuffix("\r")
    elif os.path.isfile(text):  # noqa: PTH113 - pathlib's raises where a text is too long for a name
        say(f"{text}: is read as a text, though a file has this name; classifier tag reads files")
    loaded = load_model(model)
    options = read_options(loaded, topics, exclude_topics, min_probability, max_topics)
    explanations = loaded.explain(text, options)
    if (write_as or ("table" if sys.stdout.isatty() else "jsonl")) == "jsonl":
        from classifier.batch import explanation_object

        click.echo(json.dumps(explanation_object(text, explanations), ensure_ascii=False))
    else:
        _show(text, explanations)


def _show(text: str, explanations: "tuple[TopicExplanation, ...]") -> None:
    from rich.text import Text

    from classifier.cli.show import console, new_table

    out = console()
    out.print(Text(text))
    if not explanations:
        out.print("no topic 无主题")
    for topic in explanations:
        out.print(f"\n{topic.name} {topic.id} {topic.probability:.2f}")
        table = new_table("piece 片段", "weight 权重", right=["weight 权重"])
        for piece in sorted(topic.pieces, key=lambda piece: -abs(piece.weight)):
            table.add_row(Text(piece.text), f"{piece.weight:+.3f}")
        out.print(table)
