"""``classifier evaluate``: how good a model is on labelled texts."""

import json
from typing import TYPE_CHECKING

import click

from classifier.cli.options import (
    corpus_options,
    encoding_option,
    force_option,
    load_model,
    model_option,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from classifier.cli.scores import Evidence
    from classifier.corpus import Corpus
    from classifier.metrics import Comparison, Evaluation
    from classifier.model import TopicClassifier
    from classifier.predictions import Piece


@click.command(short_help="Score a model on labelled texts.")
@click.argument("corpus")
@model_option
@click.option("--against", metavar="NAME|PATH", help="Another model, compared by a paired test.")
@click.option("--json", "as_json", is_flag=True, help="Write everything as JSON.")
@click.option(
    "--report", metavar="OUT.html", help="Write a page with plots for people; '-' shows it alone."
)
@corpus_options
@encoding_option
@force_option
def command(
    corpus: str,
    model: str,
    against: str | None,
    as_json: bool,
    report: str | None,
    read_as: str | None,
    text_column: str | None,
    label_column: str | None,
    encoding: str | None,
    force: bool,
) -> None:
    """Score a model on the labelled texts of CORPUS, with confidence intervals.

    CORPUS is a file as for train; '-' is standard input.

    \b
    Example:
      classifier evaluate held-out.jsonl --model my-model --report scores.html
    """
    from contextlib import ExitStack

    from classifier.cli.files import open_whole
    from classifier.cli.scores import show_scores
    from classifier.corpus import read_corpus
    from classifier.taxonomy import Taxonomy
    from classifier.trainer import compare, evaluate

    if report == "-" and (as_json or against is not None):
        raise click.UsageError(
            "--report - leaves no room on standard output for --json or --against; name a file"
        )
    if report is not None:
        _refuse_replacing(report, corpus)
    with ExitStack() as stack:
        write = None if report is None else stack.enter_context(open_whole(report, force=force))
        loaded = load_model(model)
        labelled = read_corpus(
            corpus,
            taxonomy=Taxonomy(loaded.topics),
            format=read_as,
            encoding=encoding,
            text_column=text_column,
            label_column=label_column,
        )
        for note in labelled.notes:
            say(f"warning: {note}")
        found = evaluate(loaded, labelled)
        trained_on = _was_trained_on(loaded, labelled)
        evidence = _evidence(found, loaded, labelled.texts)
        comparison = None
        if against is not None:
            other = load_model(against)
            comparison = compare(loaded, other, labelled)
            if _was_trained_on(other, labelled):
                say(f"{against}: was trained on these very texts, which flatters it here")
        if write is not None:
            from classifier.report import evaluation_html

            write(
                evaluation_html(
                    found,
                    loaded.topics,
                    labelled.texts,
                    evidence=evidence,
                    comparison=comparison,
                    compared=(model, against or ""),
                    trained_on=trained_on,
                )
            )
    if as_json:
        whole = found.to_dict() | {"trained_on": trained_on}
        for mistake in (*whole["false_alarms"], *whole["misses"]):
            mistake |= _shown(mistake["row"], mistake["topic"], labelled.texts, evidence)
        if comparison is not None:
            from classifier.metrics import as_plain

            whole["comparison"] = as_plain(comparison)
        click.echo(json.dumps(whole, ensure_ascii=False))
    elif report != "-":
        show_scores(found, loaded, labelled.texts, evidence)
        if comparison is not None:
            click.echo(_compared(comparison, model, against or ""))
    if trained_on:
        say(
            f"{corpus}: the model was trained on these very texts, so the scores flatter it; its "
            "card (classifier models show) has those of texts held out"
        )
    if report not in (None, "-"):
        say(f"{report}: the report, for a browser")


def _was_trained_on(model: "TopicClassifier", corpus: "Corpus") -> bool:
    from classifier.trainer import trained_on

    return corpus.fingerprint() in trained_on(model)


def _evidence(found: "Evaluation", model: "TopicClassifier", texts: "Sequence[str]") -> "Evidence":
    """Return what carried each topic of the worst mistakes, by row and topic."""
    from classifier.predictions import Options
    from classifier.report import mistakes_of

    pieces: dict[tuple[int, str], Sequence[Piece]] = {}
    for row, topic in mistakes_of(found):
        (explained,) = model.explain(texts[row], Options(topics=(topic,)))
        pieces[row, topic] = explained.pieces
    return pieces


def _shown(row: int, topic: str, texts: "Sequence[str]", evidence: "Evidence") -> "dict[str, Any]":
    """Return a mistake's text and what carried its topic, ready for JSON."""
    from classifier.metrics import as_plain

    return {"text": texts[row], "evidence": as_plain(evidence[row, topic])}


def _compared(comparison: "Comparison", model: str, against: str) -> str:
    """Return who leads: by the names given, for two models may well call themselves the same."""
    lead = comparison.lead
    return (
        f"micro-F1: {model} {comparison.first:.4f}, {against} {comparison.second:.4f}; the first "
        f"minus the second {lead.value:+.4f} ({lead.low:+.4f} to {lead.high:+.4f}), "
        f"p = {comparison.p_value:.3f}"
    )


def _refuse_replacing(report: str, corpus: str) -> None:
    """Refuse a report in the place of what is evaluated, or of a file of any model."""
    from pathlib import Path

    from classifier.artefact import own_files
    from classifier.errors import OutputExistsError
    from classifier.tables.sinks import is_same_file

    if is_same_file(report, corpus):
        raise OutputExistsError(f"{report}: is the corpus itself; name another file with --report")
    folder = Path(report).resolve().parent
    if any(is_same_file(report, folder / name) for name in own_files(folder)):
        raise OutputExistsError(
            f"{report}: is a file of the model in its folder; name another one with --report"
        )
