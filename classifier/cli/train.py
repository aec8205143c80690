"""``classifier train``: a model from labelled texts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from classifier.cli.options import (
    corpus_options,
    encoding_option,
    force_option,
    quiet_option,
    refuse_beside_base,
    resolve_topics,
    say,
)

if TYPE_CHECKING:
    from pathlib import Path

    from classifier.corpus import Corpus
    from classifier.model import TopicClassifier
    from classifier.trainer import AdaptationResult, TrainingResult
    from classifier.trainer.record import Progress

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
@click.option(
    "--base",
    metavar="NAME|PATH",
    help="A model to start from: its topics, changed as far as the labels ask for it.",
)
@click.option(
    "--topics",
    metavar="ID,…",
    help="With --base: topics that the labels speak of, if not of all; the others stay.",
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
    base: str | None,
    topics: str | None,
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

    With --base a model's topics are kept and so is what it learned, but for what the labels say
    otherwise: a few dozen, such as corrections from the page, can do.

    \b
    Examples:
      classifier train labelled.csv -o my-model --taxonomy topics.toml
      classifier train corrections.jsonl -o corrected --base public-affairs
    """
    from pathlib import Path

    from classifier.artefact import load, refuse_overwriting, save
    from classifier.corpus import read_corpus
    from classifier.errors import OutputExistsError, UnknownLabelsError
    from classifier.taxonomy import Taxonomy
    from classifier.trainer import Lexicon, Recipe, adapt, train

    given = {"--recipe": recipe, "--taxonomy": taxonomy, "--lexicon": lexicon, "--jobs": jobs}
    refuse_beside_base(base, [name for name, value in given.items() if value is not None])
    if base is None and topics is not None:
        raise click.UsageError("--topics goes with --base; other models learn all topics there are")
    if Path(output).is_dir() and not force:
        raise OutputExistsError(f"{output}: exists already; choose another folder, or use --force")
    # Before the work, not after it.
    refuse_overwriting(Path(output), force=force)
    _refuse_unmakeable(Path(output))
    settings = Recipe() if recipe is None else Recipe.from_toml(recipe)
    started = None if base is None else load(base)
    spoken: Sequence[str] | None = None
    if started is not None and topics is not None:
        spoken = resolve_topics(started, topics, "--topics")
    known = None if taxonomy is None else Taxonomy.load(taxonomy)
    try:
        labelled = read_corpus(
            corpus,
            taxonomy=known if started is None else Taxonomy(started.topics),
            format=read_as,
            encoding=encoding,
            text_column=text_column,
            label_column=label_column,
        )
    except UnknownLabelsError as error:
        if started is None:
            raise
        raise UnknownLabelsError(
            f"{error}\n{base} learns nothing but its own topics; rename the others, or train "
            "without --base"
        ) from error
    for note in labelled.notes:
        say(f"warning: {note}", quiet=quiet)
    if known is None and started is None:
        if labelled.taxonomy != Taxonomy.default():
            for note in own_topics_notes([topic.name for topic in labelled.taxonomy]):
                say(f"warning: {note}", quiet=quiet)
        labelled = _with_seen_topics(labelled, quiet=quiet)
    name = "standard input" if corpus == "-" else Path(corpus).name
    if started is None:
        words = None if lexicon is None else Lexicon.load(lexicon, labelled.taxonomy)
        with _progress(quiet) as progress:
            made = _trained(
                name, train(labelled, settings, lexicon=words, progress=progress, n_jobs=jobs)
            )
    else:
        with _progress(quiet) as progress:
            made = _adapted(
                name, started, adapt(started, labelled, topics=spoken, progress=progress)
            )
    # Less the timings: the same texts, recipe and seed make the same folder.
    report = {name: value for name, value in made.report.items() if name != "seconds"}
    save(made.model, output, force=force, card=made.card, report=report)
    for warning in made.warnings:
        say(f"warning: {warning}", quiet=quiet)
    say(f"{output}: {made.summary}", quiet=quiet)


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


@dataclass(frozen=True, slots=True)
class _Made:
    """A model, with what is saved beside it and told of it."""

    model: "TopicClassifier"
    report: dict[str, Any]
    card: str
    warnings: "Sequence[str]"
    summary: str


def _trained(corpus: str, result: "TrainingResult") -> _Made:
    """Return what to save and to tell of a model that learned from `corpus` alone."""
    from classifier.errors import counted
    from classifier.report import training_card

    model, report = result.model, result.report.to_dict()
    card = training_card(
        report,
        corpus=corpus,
        is_shipped=False,
        topics=model.topics,
        thresholds=model.thresholds.to_dict(),
    )
    n_texts = counted(result.report.n_texts, "text")
    summary = f"{n_texts}, {counted(result.report.n_terms, 'term')}; "
    if result.report.evaluation is None:
        summary += "no labelled text, so nothing says how good it is"
    else:
        f1 = result.report.evaluation.micro.f1
        summary += f"micro-F1 on texts held out {f1.value:.3f} ({f1.low:.3f} to {f1.high:.3f})"
    return _Made(model, report, card, result.report.warnings, summary)


def _adapted(corpus: str, base: "TopicClassifier", result: "AdaptationResult") -> _Made:
    """Return what to save and to tell of a model that `corpus` changed."""
    from classifier.errors import counted
    from classifier.report import adaptation_card
    from classifier.taxonomy import Taxonomy

    model, found, report = result.model, result.report, result.report.to_dict()
    columns = [Taxonomy(model.topics).index(topic) for topic in report["recipe"]["topics"]]
    card = adaptation_card(
        report,
        corpus=corpus,
        topics=model.topics,
        thresholds=model.thresholds.of(columns).to_dict(),
    )
    before, after = found.n_right
    by, measure = found.gain.difference, "micro-F1" if found.evaluation.n_labels else "all right"
    summary = (
        f"{base.name} {base.version}, changed by {counted(found.n_texts, 'labelled text')}, of "
        f"which it had {before:,} right and has {after:,} now; of texts held out {measure} "
        f"{found.gain.second:.3f}, before {found.gain.first:.3f}: {by.value:+.3f} "
        f"({by.low:+.3f} to {by.high:+.3f})"
    )
    return _Made(model, report, card, found.warnings, summary)


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
