"""``classifier check``: what is wrong with labelled data before training on it."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from classifier.cli.options import corpus_options, encoding_option, refuse_beside_base

if TYPE_CHECKING:
    from classifier.corpus import CorpusReport
    from classifier.model import TopicClassifier

_SHOWN = 5  # rows of each kind; --json has all


@click.command(short_help="Check labelled texts before training.")
@click.argument("corpus")
@click.option("--recipe", metavar="FILE", help="Settings to train with; as train's --recipe.")
@click.option("--taxonomy", metavar="FILE", help="Topics, a TOML file; by default the shipped 30.")
@click.option("--lexicon", metavar="FILE", help="Words to train with; as train's --lexicon.")
@click.option("--base", metavar="NAME|PATH", help="Model to start from; as train's --base.")
@corpus_options
@click.option("--json", "as_json", is_flag=True, help="Write everything as JSON.")
@encoding_option
def command(
    corpus: str,
    recipe: str | None,
    taxonomy: str | None,
    lexicon: str | None,
    base: str | None,
    read_as: str | None,
    text_column: str | None,
    label_column: str | None,
    as_json: bool,
    encoding: str | None,
) -> None:
    """Tell what the labelled file CORPUS holds and what is wrong with it; '-' is standard input.

    Bad rows, unknown topics, empty texts, duplicates, contradicting labels, reprints and topics
    with few texts are counted and shown with their rows. Exits with 1 if the file cannot be trained
    on as it is, with the recipe, the lexicon or the base model given.

    \b
    Example:
      classifier check labelled.csv
    """
    from classifier.artefact import load
    from classifier.corpus import check_corpus
    from classifier.taxonomy import Taxonomy

    given = {"--recipe": recipe, "--taxonomy": taxonomy, "--lexicon": lexicon}
    refuse_beside_base(base, [name for name, value in given.items() if value is not None])
    started = None if base is None else load(base)
    topics = None if taxonomy is None else Taxonomy.load(taxonomy)
    found = check_corpus(
        corpus,
        taxonomy=topics if started is None else Taxonomy(started.topics),
        format=read_as,
        encoding=encoding,
        text_column=text_column,
        label_column=label_column,
    )
    if started is None:
        refusal, warnings = _training_says(found, recipe, lexicon, topics_given=topics is not None)
    else:
        refusal, warnings = _adapting_says(found, started), []
    is_usable = found.is_usable and refusal is None
    if as_json:
        said = {"is_usable": is_usable, "refusal": refusal, "warnings": warnings}
        click.echo(json.dumps(found.to_dict() | said, ensure_ascii=False))
    else:
        _show(found, refusal, warnings, tell_few=started is None)
    if not is_usable:
        click.get_current_context().exit(1)


def _training_says(
    found: "CorpusReport", recipe: str | None, lexicon: str | None, *, topics_given: bool
) -> tuple[str | None, list[str]]:
    """Return why `train` would refuse a file that can be read, None if not, and its warnings."""
    from classifier.errors import DataError, TrainingError
    from classifier.trainer import Lexicon, Recipe, check_trainable

    settings = Recipe() if recipe is None else Recipe.from_toml(recipe)
    if found.corpus is None:
        return None, []
    corpus = found.corpus if topics_given else found.corpus.with_seen_topics()
    words = None if lexicon is None else Lexicon.load(lexicon, corpus.taxonomy)
    try:
        return None, check_trainable(corpus, settings, lexicon=words)
    except (DataError, TrainingError) as error:
        return str(error), []


def _adapting_says(found: "CorpusReport", base: "TopicClassifier") -> str | None:
    """Return why `train --base` would refuse a file that can be read, None if it would not."""
    from classifier.errors import DataError
    from classifier.trainer import check_adaptable

    if found.corpus is None:
        return None
    try:
        check_adaptable(base, found.corpus)
    except DataError as error:
        return str(error)
    return None


def _show(
    found: "CorpusReport", refusal: str | None, warnings: list[str], *, tell_few: bool
) -> None:
    from rich.text import Text

    from classifier.cli.show import console, new_table
    from classifier.errors import counted

    out = console()
    rows = counted(found.n_rows, found.unit)
    out.print(Text(f"{found.name}: {rows}, {found.n_texts:,} of use"), soft_wrap=True)
    distinct = counted(found.n_distinct, "different text")
    out.print(f"{found.n_without_topic:,} without topic, {distinct}")
    few = _few(found) if tell_few else ()
    for line in (*_problems(found), *few, *warnings):
        out.print(Text(f"- {line}"), soft_wrap=True)
    table = new_table("topic", "name", "texts", right=["texts"])
    for count in found.topics:
        if count.n_texts:
            table.add_row(Text(count.id), Text(count.name), f"{count.n_texts:,}")
    out.print(table)
    if not found.is_usable:
        refusal = _unusable(found)
    verdict = (
        "can be trained on" if refusal is None else f"cannot be trained on as it is: {refusal}"
    )
    out.print(Text(verdict), soft_wrap=True)


def _unusable(found: "CorpusReport") -> str:
    """Return why the file cannot be read as a corpus; what is wrong in its rows was told before."""
    from classifier.errors import counted

    unknown = {row for topic in found.unknown_topics for row in topic.rows}
    n_rows = len(unknown | {bad.number for bad in found.bad_rows})
    if not n_rows:
        return "it holds no labelled text"
    return f"{counted(n_rows, found.unit)} cannot be used; mend or delete what is told above"


def _problems(found: "CorpusReport") -> Iterator[str]:
    """Yield a line for each kind of problem, with the first rows that have it."""
    from classifier.cli.train import own_topics_notes
    from classifier.errors import counted

    unit = found.unit
    yield from found.notes
    if found.taxonomy == "labels":
        yield from own_topics_notes([topic.name for topic in found.topics])
    for bad in found.bad_rows[:_SHOWN]:
        yield f"{unit} {bad.number}: {bad.reason}"
    if len(found.bad_rows) > _SHOWN:
        yield f"and {counted(len(found.bad_rows) - _SHOWN, f'more {unit}')} that cannot be used"
    for unknown in found.unknown_topics:
        yield f"{unknown.problem} ({_at(unit, unknown.rows)})"
    told = {bad.number for bad in found.bad_rows}
    for rows, what in (
        (tuple(row for row in found.empty if row not in told), "without text, left out"),
        (found.short, "with fewer than four characters"),
        (found.long, "with more than 2,000 characters"),
    ):
        if rows:
            yield f"{counted(len(rows), unit)} {what}: {_listed(rows)}"
    for same, labels in ((found.duplicates, "the same labels"), (found.conflicts, "other labels")):
        if same:
            texts = counted(len(same), "text comes", "texts come")
            yield f"{texts} again with {labels}, such as {_at(unit, same[0].rows)}"
    if found.reprints:
        stories = counted(len(found.reprints), "story is", "stories are")
        yield (
            f"{stories} told in nearly the same words more than once, "
            f"such as {_at(unit, found.reprints[0])}; they are kept in one fold"
        )


def _few(found: "CorpusReport") -> Iterator[str]:
    """Yield a line for each topic with too few texts to learn it from nothing else."""
    from classifier.errors import counted

    is_sound = not (found.bad_rows or found.unknown_topics)
    if is_sound and found.n_texts and found.n_without_topic == found.n_texts:
        texts = counted(found.n_texts, "text")
        yield f"the column of labels is empty throughout: {texts}, none with a topic"
    elif unused := [topic.name for topic in found.few if not topic.n_texts]:
        topics = counted(len(unused), "topic has", "topics have")
        yield f"{topics} no text: {', '.join(unused)}; aim at 50 or more of each"
    for few in found.few:
        if not few.n_texts:
            continue
        texts = counted(few.n_texts, "text")
        yield f"topic {few.id!r} ({few.name}) has {texts}; aim at 50 or more"


def _at(unit: str, rows: tuple[int, ...]) -> str:
    return f"{unit if len(rows) == 1 else unit + 's'} {_listed(rows)}"


def _listed(rows: tuple[int, ...]) -> str:
    shown = ", ".join(str(row) for row in rows[:_SHOWN])
    return shown + (f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else "")
