"""``classifier article``: what article pages are about."""

import json
import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import click

from classifier.cli.options import (
    cores,
    encoding_option,
    inputs_or_stdin,
    jobs_option,
    keep_threads_out,
    prediction_options,
    quiet_option,
    read_options,
    say,
)

if TYPE_CHECKING:
    from classifier.documents import Article
    from classifier.model import ArticlePrediction

_OPENING = 40


@click.command(short_help="Tag article pages.")
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option("--to", "write_as", type=click.Choice(["table", "jsonl"]), help="Output format.")
@jobs_option
@encoding_option
@quiet_option
@prediction_options
def command(
    inputs: tuple[str, ...],
    write_as: str | None,
    jobs: int | None,
    encoding: str | None,
    quiet: bool,
    model: str,
    topics: str | None,
    exclude_topics: str | None,
    min_probability: float,
    max_topics: int | None,
) -> None:
    """Tag article pages: title, paragraphs and the whole.

    INPUT is a page as copied from a browser, or HTML; '-' is standard input, and a pattern such as
    'pages/*.html' all files that fit. Date, source, author and section are read; breadcrumbs, page
    tools, copyright lines and related links are left out, and said to be.

    \b
    Examples:
      classifier article page.txt
      classifier article pages/*.html --to jsonl
    """
    keep_threads_out()
    from classifier.batch import Tagger, article_object, classify_pages, expand_inputs

    sources = expand_inputs(inputs_or_stdin(inputs), tell=partial(say, quiet=quiet))
    as_table = (write_as or ("table" if sys.stdout.isatty() else "jsonl")) == "table"
    with Tagger(model, jobs=jobs or cores()) as tagger:
        tagger.options = read_options(
            tagger.model, topics, exclude_topics, min_probability, max_topics
        )
        for number, (source, article, prediction) in enumerate(
            classify_pages(tagger, sources, encoding=encoding)
        ):
            if as_table:
                _show(article, prediction, first=number == 0)
            else:
                click.echo(json.dumps(article_object(article, prediction), ensure_ascii=False))
            if article.title is None and not article.paragraphs:
                name = "standard input" if source == "-" else source
                say(f"{name}: no title and no paragraph was found", quiet=quiet)


def _show(article: "Article", prediction: "ArticlePrediction", *, first: bool) -> None:
    """Show the article's topics on top, then each paragraph's opening with its own."""
    from rich.text import Text

    from classifier.cli.show import console, decision_text, new_table, show_topics

    out = console()
    if not first:
        out.rule(style="dim")
    out.print(Text(article.title or "(no title 无标题)", "bold"))
    details = (article.published, article.source, article.author, article.section)
    if any(details):
        out.print(Text("  ".join(one for one in details if one), "dim"))
    for topic in prediction.topics:
        carried = ", ".join(f"¶{number + 1}" for number in prediction.carriers[topic.id])
        title_topics = () if prediction.title is None else prediction.title.topics
        by_title = any(topic.id == one.id for one in title_topics)
        where = ", ".join(filter(None, ("title 标题" if by_title else "", carried)))
        out.print(Text(f"{topic.name} {topic.probability:.2f}  ({where or 'all together 合计'})"))
    if not prediction.topics:
        out.print("no topic 无主题")
    out.print(decision_text(prediction.decision))
    table = new_table("¶", "opening 开头", "topics 主题", "decision 决定", right=["¶"])
    for number, one in enumerate(prediction.paragraphs, start=1):
        opening = one.text if len(one.text) <= _OPENING else one.text[:_OPENING] + "…"
        table.add_row(
            str(number), Text(opening), Text(show_topics(one.topics)), decision_text(one.decision)
        )
    if prediction.paragraphs:
        out.print(table)
    if article.left_out:
        counts = Counter(one.reason for one in article.left_out)
        shown = ", ".join(f"{reason} ({count})" for reason, count in counts.items())
        out.print(Text(f"left out 略去: {shown}", "dim"))
