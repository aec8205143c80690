"""The model card: Markdown that says what a model is, from what it comes and how far it reaches."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from classifier.errors import counted
from classifier.taxonomy import Topic

_DECISIONS = (
    "A text all of whose topics reach `accept` is `accept` (no second look). One with a topic "
    "below it, or with none but one that reaches `possible`, is `review`. The rest is `none`."
)
_ADAPTED_LIMITS = (
    "Calibration and thresholds are those of {base}: `accept` was not chosen anew.",
    "Where texts were picked because {base} was wrong on them, scores are lower than on any texts.",
)
_MOST_LISTED = 8  # of a setting that is a list
_ANY_PATH = "path/to/this/folder"


@dataclass(frozen=True, slots=True)
class CorpusNote:
    """A corpus that a model was trained from.

    Attributes
    ----------
    name : of the file or collection
    n_texts : labelled texts in it
    sha256 : its fingerprint
    licence : under which terms it stands
    remark : anything a reader should know
    """

    name: str
    n_texts: int
    sha256: str
    licence: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ScoreNote:
    """Scores of a model on one set of texts.

    Attributes
    ----------
    on : which texts, and whether they were held out
    n_texts : how many
    values : name to a number, or to a mapping with ``value``, ``low`` and ``high``
    seed : of split and intervals, or None
    """

    on: str
    n_texts: int
    values: Mapping[str, Any]
    seed: int | None = None


def model_card(
    *,
    name: str,
    version: str,
    summary: str,
    is_shipped: bool = True,
    corpora: Sequence[CorpusNote] = (),
    scores: Sequence[ScoreNote] = (),
    topic_rows: Sequence[Mapping[str, Any]] = (),
    topics: Sequence[Topic] = (),
    thresholds: Mapping[str, Sequence[float | None]] | None = None,
    settings: Mapping[str, Any] | None = None,
    libraries: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
    limits: Sequence[str] = (),
    rebuild: str = "",
) -> str:
    """Return a model card in Markdown.

    Parameters
    ----------
    name, version : of the model
    summary : what it is, in a sentence or two
    is_shipped : whether its name loads it; otherwise the path of its folder does
    corpora : what it was trained from
    scores : what was measured, and on what
    topic_rows : per topic ``topic``, ``support``, ``precision``, ``recall`` and ``f1``, as in an
        evaluation's dictionary
    topics : for their names
    thresholds : ``tag``, ``accept`` and ``possible``, lists in the order of `topic_rows`, None for
        never, as from ``Thresholds.to_dict``
    settings : the recipe
    libraries : name to version
    warnings, limits : sentences
    rebuild : the commands that make the model again

    Returns
    -------
    Markdown without time or date: the same arguments give the same bytes. What is not given is left
    out.
    """
    sections = [
        f"# {_text(name)} {_text(version)}",
        _text(summary),
        _section("Use", _use(name, is_shipped=is_shipped)),
        _section("Scores", "\n\n".join(_scores(note) for note in scores)),
        _topic_section(topic_rows, topics, thresholds),
        _corpus_section(corpora),
        _section("Warnings", _list(warnings)),
        _section("Limits", _list(limits)),
        _section("Recipe", _pairs(settings or {})),
        _section("Libraries", _pairs(libraries or {})),
        _section("Rebuild", f"```sh\n{rebuild}\n```" if rebuild else ""),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def training_card(
    report: Mapping[str, Any],
    *,
    corpus: str,
    is_shipped: bool = True,
    corpora: Sequence[CorpusNote] = (),
    scores: Sequence[ScoreNote] = (),
    topics: Sequence[Topic] = (),
    thresholds: Mapping[str, Sequence[float | None]] | None = None,
    summary: str = "",
    limits: Sequence[str] = (),
    rebuild: str = "",
) -> str:
    """Return the card of a model just trained.

    Parameters
    ----------
    report : the training report's dictionary
    corpus : what the corpus is called
    corpora : the corpora it was put together from; by default `corpus` alone
    scores : measured elsewhere, on texts held out; those out of fold come from the report
    is_shipped, topics, thresholds, summary, limits, rebuild : as in `model_card`

    Examples
    --------
    >>> report = {"n_texts": 2, "corpus_sha256": "ab12", "recipe": {"name": "mine", "version": "1"}}
    >>> print(training_card(report, corpus="labelled.jsonl").split("##")[-1])
     Recipe
    <BLANKLINE>
    - name: mine
    - version: 1
    <BLANKLINE>
    """
    recipe = report["recipe"]
    alone = CorpusNote(corpus, report["n_texts"], report["corpus_sha256"])
    evaluation = report.get("evaluation")
    return model_card(
        name=recipe["name"],
        version=recipe["version"],
        summary=summary or f"Topics for Chinese texts, learned from {report['n_texts']:,} of them.",
        is_shipped=is_shipped,
        corpora=corpora or [alone],
        scores=[*scores, *([out_of_fold_scores(evaluation)] if evaluation else [])],
        topic_rows=evaluation["topics"] if evaluation else (),
        topics=topics,
        thresholds=thresholds,
        settings=recipe,
        libraries=report.get("libraries"),
        warnings=report.get("warnings", ()),
        limits=limits,
        rebuild=rebuild,
    )


def adaptation_card(
    report: Mapping[str, Any],
    *,
    corpus: str,
    topics: Sequence[Topic] = (),
    thresholds: Mapping[str, Sequence[float | None]] | None = None,
) -> str:
    """Return the card of a model that labelled texts changed.

    Parameters
    ----------
    report : the adaptation report's dictionary
    corpus : what the corpus is called
    topics, thresholds : as in `model_card`; thresholds of the topics learned
    """
    settings, evaluation = report["recipe"], report["evaluation"]
    base = f"{settings['base']} {settings['base_version']}"
    n_learned = len(settings["topics"])
    of = "" if n_learned == len(topics) else f", on {counted(n_learned, 'topic')} that it speaks of"
    scores = (
        replace(
            out_of_fold_scores(report["base_evaluation"]), on=f"texts of the corpus{of}, by {base}"
        ),
        replace(
            out_of_fold_scores(evaluation),
            on=f"texts of the corpus{of}, by {base} as the other texts change it",
        ),
    )
    return model_card(
        name=settings["name"],
        version=settings["version"],
        summary=f"{base}, changed by {counted(report['n_texts'], 'labelled text')}.",
        is_shipped=False,
        corpora=[CorpusNote(corpus, report["n_texts"], report["corpus_sha256"])],
        scores=scores,
        topic_rows=evaluation["topics"],
        topics=topics,
        thresholds=thresholds,
        settings=settings,
        libraries=report["libraries"],
        warnings=report["warnings"],
        limits=[limit.format(base=base) for limit in _ADAPTED_LIMITS],
    )


def out_of_fold_scores(evaluation: Mapping[str, Any]) -> ScoreNote:
    """Return the scores of an evaluation's dictionary, as measured by cross-validation."""
    decisions = evaluation["decisions"]
    return ScoreNote(
        on="texts of the corpus, each scored by a model trained without it and its reprints",
        n_texts=evaluation["n_texts"],
        values={
            "micro-F1": evaluation["micro"]["f1"],
            "micro precision": evaluation["micro"]["precision"],
            "micro recall": evaluation["micro"]["recall"],
            "macro-F1": evaluation["macro"]["f1"],
            "all topics right": evaluation["exact_match"],
            "first topic right": evaluation["first_topic"],
            "share of `accept`": decisions["accept_share"],
            "topics right in `accept`": decisions["accept_precision"],
            "all topics right in `accept`": decisions["accept_exact"],
            "share of `none`": decisions["none_share"],
            "none right in `none`": decisions["none_precision"],
            "calibration error": evaluation["calibration"]["error"],
        },
        seed=evaluation["seed"],
    )


def _use(name: str, *, is_shipped: bool) -> str:
    # The path is left to the reader: the same texts make the same card, whatever folder it lies in.
    what = json.dumps(name if is_shipped else _ANY_PATH, ensure_ascii=False)
    return f"```python\nimport classifier\n\nmodel = classifier.load({what})\n```"


def _section(heading: str, body: str) -> str:
    return f"## {heading}\n\n{body}" if body else ""


def _scores(note: ScoreNote) -> str:
    seed = "" if note.seed is None else f", seed {note.seed}"
    rows = [[_text(name), *_number_and_range(value)] for name, value in note.values.items()]
    table = _table(["score", "value", "interval"], rows)
    return f"On {note.n_texts:,} {_text(note.on)}{seed}:\n\n{table}"


def _number_and_range(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{value['value']:.4f}", f"{value['low']:.4f} to {value['high']:.4f}"]
    return ["–" if value is None else f"{value:.4f}", ""]


def _topic_section(
    rows: Sequence[Mapping[str, Any]],
    topics: Sequence[Topic],
    thresholds: Mapping[str, Sequence[float | None]] | None,
) -> str:
    if not rows:
        return ""
    names = {topic.id: topic.name for topic in topics}
    head = ["topic", "name", "texts", "precision", "recall", "F1", "interval"]
    cells = [
        [
            f"`{row['topic']}`",
            _text(names.get(row["topic"], "")),
            f"{row['support']:,}",
            *(_ratios(row) if row["support"] else ("–", "–", "–", "")),
        ]
        for row in rows
    ]
    if thresholds is None:
        return _section("Topics", _table(head, cells))
    for name in ("tag", "accept", "possible"):
        head.append(name)
        for cell, threshold in zip(cells, thresholds[name], strict=True):
            cell.append("never" if threshold is None else f"{threshold:.3f}")
    return _section("Topics", f"{_DECISIONS}\n\n{_table(head, cells)}")


def _ratios(row: Mapping[str, Any]) -> list[str]:
    f1 = row["f1"]
    return [
        *(f"{value:.3f}" for value in (row["precision"], row["recall"], f1["value"])),
        f"{f1['low']:.3f} to {f1['high']:.3f}",
    ]


def _corpus_section(corpora: Sequence[CorpusNote]) -> str:
    rows = [
        [_text(c.name), f"{c.n_texts:,}", f"`{c.sha256}`", _text(c.licence), _text(c.remark)]
        for c in corpora
    ]
    if not rows:
        return ""
    return _section("Trained from", _table(["corpus", "texts", "SHA-256", "licence", ""], rows))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _list(items: Sequence[str]) -> str:
    return "\n".join(f"- {_text(item)}" for item in items)


def _pairs(values: Mapping[str, Any]) -> str:
    return _list([f"{name}: {_plain(value)}" for name, value in values.items()])


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        shown = ", ".join(map(str, value[:_MOST_LISTED])) or "none"
        further = len(value) - _MOST_LISTED
        return f"{shown} and {further:,} more" if further > 0 else shown
    return "none" if value in ("", None) else str(value)


def _text(value: str) -> str:
    """Return `value` on one line, without what would end a table's cell or begin a tag."""
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")
