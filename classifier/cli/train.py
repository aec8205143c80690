"""``classifier train``: a model from labelled texts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from classifier.cli.options import corpus_options, encoding_option, force_option, quiet_option, say

if TYPE_CHECKING:
    from pathlib import Path

    from classifier.corpus import Corpus
    from classifier.trainer import TrainingReport, TrainingResult
    from classifier.trainer.training import Progress

_SHOWN = 5  # shipped topics among topics of one's own


@click.command(short_help="Train a model on labelled texts.")
@click.argument("corpus")
@click.option("-o", "--output", required=True, metavar="DIR", help="Folder of the new model.")
@click.option("--recipe", metavar="FILE", help="Settings, a TOML file; all have defaults.")
@click.option("--taxonomy", metavar="FILE", help="Topics, a TOML file; by default the shipped 30.")
@click.option(
    "--lexicon",
    metavar="FILE",
    help="Words that point to topics, a TSV file: word<TAB>topic:weight topic:weight.",
)
@corpus_options
@click.option("--jobs", type=click.IntRange(min=1), help="Topics fitted at a time; one a core.")
@encoding_option
@force_option
@quiet_option
def command(
    corpus: str,
    output: str,
    recipe: str | None,
    taxonomy: str | None,
    lexicon: str | None,
    read_as: str | None,
    text_column: str | None,
    label_column: str | None,
    jobs: int | None,
    encoding: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Train a model on the labelled texts of CORPUS.

    CORPUS is JSONL, CSV, TSV, XLSX, Parquet, a fastText file, or an export of doccano or Label
    Studio, by its suffix or --from; '-' is standard input. See "Your own topics and labels" in the
    README. The folder gets the model, its card and report.json, the scores on texts held out.

    \b
    Example:
      classifier train labelled.csv -o my-model --taxonomy topics.toml
    """
    from pathlib import Path

    from classifier.artefact import refuse_overwriting, save
    from classifier.corpus import read_corpus
    from classifier.errors import OutputExistsError
    from classifier.taxonomy import Taxonomy
    from classifier.trainer import Lexicon, Recipe, train

    if Path(output).is_dir() and not force:
        raise OutputExistsError(f"{output}: exists already; choose another folder, or use --force")
    # Before the work, not after it.
    refuse_overwriting(Path(output), force=force)
    _refuse_unmakeable(Path(output))
    settings = Recipe() if recipe is None else Recipe.from_toml(recipe)
    topics = None if taxonomy is None else Taxonomy.load(taxonomy)
    labelled = read_corpus(
        corpus,
        taxonomy=topics,
        format=read_as,
        encoding=encoding,
        text_column=text_column,
        label_column=label_column,
    )
    for note in labelled.notes:
        say(f"warning: {note}", quiet=quiet)
    if topics is None:
        if labelled.taxonomy != Taxonomy.default():
            for note in own_topics_notes([topic.name for topic in labelled.taxonomy]):
                say(f"warning: {note}", quiet=quiet)
        labelled = _with_seen_topics(labelled, quiet=quiet)
    words = None if lexicon is None else Lexicon.load(lexicon, labelled.taxonomy)
    with _progress(quiet) as progress:
        result = train(labelled, settings, lexicon=words, progress=progress, n_jobs=jobs)
    report = result.report
    # Less the timings: the same texts, recipe and seed make the same folder.
    scores = {name: value for name, value in report.to_dict().items() if name != "seconds"}
    save(result.model, output, force=force, card=_card(result, corpus), report=scores)
    for warning in report.warnings:
        say(f"warning: {warning}", quiet=quiet)
    say(_summary(output, report), quiet=quiet)


def _refuse_unmakeable(output: "Path") -> None:
    """Tell of a folder that cannot be made before the work of training is done for it."""
    import tempfile

    from classifier.errors import DataError

    above = next(folder for folder in output.absolute().parents if folder.exists())
    try:
        tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=above).cleanup()
    except OSError as error:
        raise DataError(
            f"{output}: cannot be made in {above}: {error.strerror}; name another folder with -o"
        ) from error


def _card(result: "TrainingResult", corpus: str) -> str:
    from pathlib import Path

    from classifier.report import training_card

    model = result.model
    return training_card(
        result.report.to_dict(),
        corpus="standard input" if corpus == "-" else Path(corpus).name,
        is_shipped=False,
        topics=model.topics,
        thresholds=model.thresholds.to_dict(),
    )


def own_topics_notes(names: "Sequence[str]") -> "Iterator[str]":
    """Yield what to say of labels that were made topics, if some of them name shipped topics."""
    from classifier.corpus import shipped_among
    from classifier.errors import counted

    known = shipped_among(names)
    if known:
        more = f" and {len(known) - _SHOWN:,} more" if len(known) > _SHOWN else ""
        of_all = f"of the {len(names):,}"
        shipped = counted(
            len(known), f"{of_all} names a shipped topic", f"{of_all} name shipped topics"
        )
        yield (
            f"the labels are taken for topics of your own, though {shipped} "
            f"({', '.join(map(repr, known[:_SHOWN]))}{more}); "
            "if all are to be shipped topics, mend the others (classifier topics lists the "
            "shipped), else write a taxonomy of your own and give it by --taxonomy"
        )


def _with_seen_topics(corpus: "Corpus", *, quiet: bool) -> "Corpus":
    """Leave out topics that no text bears, and say so: without --taxonomy nobody asked for them."""
    from classifier.errors import counted

    seen = corpus.with_seen_topics()
    if seen is not corpus:
        n_seen, of_all = len(seen.taxonomy), f"of {len(corpus.taxonomy)} topics"
        occur = counted(n_seen, f"{of_all} occurs", f"{of_all} occur")
        say(f"{occur}; the others are left out", quiet=quiet)
    return seen


def _summary(output: str, report: "TrainingReport") -> str:
    from classifier.errors import counted

    made = f"{output}: {counted(report.n_texts, 'text')}, {counted(report.n_terms, 'term')}; "
    if report.evaluation is None:
        return made + "no labelled text, so nothing says how good it is"
    f1 = report.evaluation.micro.f1
    return f"{made}micro-F1 on texts held out {f1.value:.3f} ({f1.low:.3f} to {f1.high:.3f})"


@contextmanager
def _progress(quiet: bool) -> "Iterator[Progress | None]":
    """Show a bar on standard error where it is a terminal, a line a step elsewhere."""
    if quiet:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, total, step: click.echo(f"[{done}/{total}] {step}", err=True)
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, step: bar.update(
            task, completed=done, total=total, description=step
        )
