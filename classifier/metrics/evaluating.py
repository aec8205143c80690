"""Measure a model's answers against labels: `evaluate` and its parts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.decisions import ACCEPT, NONE, REVIEW
from classifier.metrics.evaluation import (
    AcceptPoint,
    CalibrationScores,
    DecisionScores,
    Evaluation,
    Mistake,
    NamedPair,
    SliceScores,
    TopicRow,
)
from classifier.metrics.reliability import expected_calibration_error, reliability_curve
from classifier.metrics.samples import Answers, Samples
from classifier.metrics.scores import Indicator, any_topic, confused_pairs, share_of, topic_scores

FLOOR = 0.05
"""Probabilities below it take no part in the calibration error: nearly all do."""

_LENGTHS = (10, 20, 40, 80)
_CURVE_POINTS = 50
_EXAMPLES = 3


def evaluate(
    Y: NDArray[Any],
    proba: NDArray[Any],
    predicted: NDArray[Any],
    decisions: NDArray[Any],
    *,
    topics: Sequence[str],
    groups: NDArray[Any] | None = None,
    slices: Mapping[str, Sequence[str]] | None = None,
    n_resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    limit: int = 20,
) -> Evaluation:
    """Return every score of a model on labelled texts.

    Parameters
    ----------
    Y : (n_texts, n_topics), labels, 0 or 1
    proba : (n_texts, n_topics), probabilities; zeros for a text with no known term
    predicted : (n_texts, n_topics), topics given, 0 or 1, as from `assign_topics`
    decisions : (n_texts,), codes as from `decide`
    topics : ids in column order
    groups : (n_texts,), reprints of one story share a value; intervals resample groups
    slices : column name to one value a text, such as ``{"kind": ["headline", …]}``
    n_resamples, seed, level : of the bootstrap intervals
    limit : rows at most of confused pairs, of each kind of mistake, and of a slice's values

    Raises
    ------
    ValueError
        If there is no text, or shapes or lengths differ.

    Examples
    --------
    >>> Y = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    >>> proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.3], [0.1, 0.1]])
    >>> scores = evaluate(Y, proba, proba >= 0.5, np.array([0, 0, 0, 2]), topics=["农业", "水利"])
    >>> round(scores.micro.f1.value, 3), scores.exact_match.value
    (0.857, 0.75)
    >>> scores.misses
    (Mistake(row=2, topic='水利', probability=0.3, labels=('农业', '水利'), given=('农业',)),)
    """
    answers = Answers.of(Y, proba, predicted, decisions)
    _check_lengths(answers, topics, slices or {})

    def draw(some: Answers, their_groups: NDArray[Any] | None) -> Samples:
        return Samples.draw(some, their_groups, n_resamples=n_resamples, seed=seed, level=level)

    samples = draw(answers, groups)
    micro, macro = samples.averages()
    exact = samples.share("exact")
    assert exact is not None  # it is of all texts, and there is one
    wrong, missed = answers.given & ~answers.labels, answers.labels & ~answers.given
    return Evaluation(
        n_texts=len(answers.labels),
        n_groups=samples.n_groups,
        n_labels=int(answers.labels.sum()),
        n_predicted=int(answers.given.sum()),
        level=level,
        n_resamples=n_resamples,
        seed=seed,
        exclusive=answers.exclusive,
        micro=micro,
        macro=macro,
        exact_match=exact,
        first_topic=samples.share("first"),
        decisions=_decision_scores(answers, samples),
        accept_curve=_accept_curve(answers),
        calibration=_calibration(answers),
        topics=_topic_rows(samples, topics),
        confused=_named_pairs(answers, topics, limit),
        false_alarms=_mistakes(answers, wrong, topics, limit, highest_first=True),
        misses=_mistakes(answers, missed, topics, limit, highest_first=False),
        slices={
            name: tuple(
                _slice_row(value, answers.of_rows(rows), draw(answers.of_rows(rows), theirs))
                for value, rows, theirs in _by_value(values, groups, limit)
            )
            for name, values in (slices or {}).items()
        },
    )


def length_bands(texts: Iterable[str]) -> list[str]:
    """Return the band of each text's length in characters, for use as a slice.

    Examples
    --------
    >>> length_bands(["春耕", "县水利局组织开展汛前安全检查"])
    ['0-9', '10-19']
    """
    names = ["0-9", *(f"{a}-{b - 1}" for a, b in pairwise(_LENGTHS))]
    names.append(f"{_LENGTHS[-1]}+")
    return [names[sum(len(text) >= length for length in _LENGTHS)] for text in texts]


def _check_lengths(
    answers: Answers, topics: Sequence[str], slices: Mapping[str, Sequence[str]]
) -> None:
    n_texts, n_topics = answers.labels.shape
    if len(topics) != n_topics:
        raise ValueError(f"topics must name {n_topics} columns; got {len(topics)} names")
    if not n_texts or not n_topics:
        raise ValueError(f"nothing to evaluate: got {n_texts} texts and {n_topics} topics")
    for name, values in slices.items():
        if len(values) != n_texts:
            raise ValueError(
                f"slice {name!r} must have one value a text; got {len(values)} for {n_texts}"
            )


def _decision_scores(answers: Answers, samples: Samples) -> DecisionScores:
    return DecisionScores(
        accept_share=float((answers.codes == ACCEPT).mean()),
        review_share=float((answers.codes == REVIEW).mean()),
        none_share=float((answers.codes == NONE).mean()),
        accept_precision=samples.share("accept"),
        accept_exact=samples.share("accept_exact"),
        none_precision=samples.share("none"),
    )


def _accept_curve(answers: Answers) -> tuple[AcceptPoint, ...]:
    """Return what accepting ever more texts would bring, surest texts first."""
    has = any_topic(answers.given)
    if not has.any():
        return ()
    sureness = np.where(answers.given, answers.proba, np.inf).min(axis=1)[has]
    order = np.argsort(-sureness, kind="stable")
    right = np.cumsum((answers.labels & answers.given).sum(axis=1)[has][order])
    total = np.cumsum(answers.given.sum(axis=1)[has][order])
    ordered = sureness[order]
    # texts that tie come in together
    last = np.flatnonzero(np.append(ordered[1:] < ordered[:-1], True))
    shown = np.unique(np.linspace(0, len(last) - 1, _CURVE_POINTS).astype(int))
    return tuple(
        AcceptPoint(float(ordered[at]), float((at + 1) / len(has)), float(right[at] / total[at]))
        for at in last[shown]
    )


def _calibration(answers: Answers) -> CalibrationScores:
    counted = answers.proba >= FLOOR
    labels, p = answers.labels[counted], answers.proba[counted]
    return CalibrationScores(
        error=expected_calibration_error(labels, p),
        error_of_all=expected_calibration_error(answers.labels, answers.proba),
        floor=FLOOR,
        curve=reliability_curve(labels, p),
    )


def _topic_rows(samples: Samples, topics: Sequence[str]) -> tuple[TopicRow, ...]:
    table = topic_scores(samples.outcomes[0])
    return tuple(
        TopicRow(
            topic=topic,
            precision=float(table.precision[j]),
            recall=float(table.recall[j]),
            f1=f1,
            support=int(table.support[j]),
            predicted=int(table.predicted[j]),
        )
        for j, (topic, f1) in enumerate(zip(topics, samples.f1_of_topics(), strict=True))
    )


def _named_pairs(answers: Answers, topics: Sequence[str], limit: int) -> tuple[NamedPair, ...]:
    labels, given = answers.labels, answers.given
    pairs = []
    for pair in confused_pairs(labels, given, limit):
        missed = labels[:, pair.missed] & ~given[:, pair.missed]
        rows = np.flatnonzero(missed & given[:, pair.added] & ~labels[:, pair.added])
        shown = tuple(rows[:_EXAMPLES].tolist())
        pairs.append(NamedPair(topics[pair.missed], topics[pair.added], pair.n_texts, shown))
    return tuple(pairs)


def _mistakes(
    answers: Answers,
    wrong: Indicator,
    topics: Sequence[str],
    limit: int,
    *,
    highest_first: bool,
) -> tuple[Mistake, ...]:
    rows, columns = np.nonzero(wrong)
    p = answers.proba[rows, columns]
    order = np.argsort(-p if highest_first else p, kind="stable")[:limit]

    def named(indicator: Indicator, row: int) -> tuple[str, ...]:
        return tuple(topics[column] for column in np.flatnonzero(indicator[row]).tolist())

    return tuple(
        Mistake(
            row=int(rows[i]),
            topic=topics[columns[i]],
            probability=float(p[i]),
            labels=named(answers.labels, rows[i]),
            given=named(answers.given, rows[i]),
        )
        for i in order
    )


def _by_value(
    values: Sequence[str], groups: NDArray[Any] | None, limit: int
) -> list[tuple[str | None, NDArray[np.intp], NDArray[Any] | None]]:
    """Return the rows and groups of each frequent value, and of the rest as None, largest first."""
    frequent = [value for value, _ in Counter(values).most_common(limit)]
    place = {value: number for number, value in enumerate(frequent)}
    codes = np.array([place.get(value, len(frequent)) for value in values])
    names: list[str | None] = [*frequent, None]
    parts = [(name, np.flatnonzero(codes == number)) for number, name in enumerate(names)]
    return [
        (name, rows, None if groups is None else np.asarray(groups)[rows])
        for name, rows in parts
        if len(rows)
    ]


def _slice_row(value: str | None, answers: Answers, samples: Samples) -> SliceScores:
    micro, _ = samples.averages()

    def share(name: str) -> float | None:
        found = samples.share(name)
        return None if found is None else found.value

    labelled, given = answers.labels.any(), answers.given.any()
    return SliceScores(
        value=value,
        n_texts=len(answers.labels),
        f1=micro.f1 if labelled or given else None,
        precision=micro.precision.value if given else None,
        recall=micro.recall.value if labelled else None,
        exact_match=float(share_of(samples.pairs["exact"][0])),
        first_topic=share("first"),
        accept_share=float((answers.codes == ACCEPT).mean()),
        accept_precision=share("accept"),
        accept_exact=share("accept_exact"),
        none_share=float((answers.codes == NONE).mean()),
        none_precision=share("none"),
    )
