"""How far predicted topics agree with labels: F1s, exact sets, first topics, confused pairs.

Pure functions of indicator matrices ``(n_texts, n_topics)``. Everything that is a ratio of sums is
computed from three counts a topic, so that the bootstrap can resample the counts alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import shorten

Indicator = NDArray[np.bool_]
Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """Precision, recall and F1, each in [0, 1]; 0 where nothing was predicted or labelled."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class TopicScores:
    """One row a topic, in column order: float64 ratios, int64 counts of texts."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]
    predicted: NDArray[np.int64]


@dataclass(frozen=True)
class ConfusedPair:
    """Two topics by column: on `n_texts` texts the first was missed while the second was added."""

    missed: int
    added: int
    n_texts: int


@dataclass(frozen=True)
class ClassScores:
    """Scores of mutually exclusive classes."""

    accuracy: float
    macro_f1: float


def as_indicator(matrix: NDArray[Any], name: str) -> Indicator:
    """Return `matrix` as booleans, after checking that it is two-dimensional and of 0 and 1.

    Parameters
    ----------
    matrix : (n_texts, n_topics), bool or any number type
    name : what to call it in a message

    Raises
    ------
    ValueError
        If it has another number of dimensions or another value.

    Examples
    --------
    >>> as_indicator(np.array([[0.2, 0.9]]), "Y")
    Traceback (most recent call last):
    ValueError: Y must hold 0 and 1 only; got 0.2: apply thresholds to probabilities first
    """
    array = np.asarray(matrix)
    if array.ndim != 2:
        raise ValueError(
            f"{name} must be an indicator matrix (n_texts, n_topics); got shape {array.shape}"
        )
    if array.dtype == np.bool_:
        return array
    wrong = (array != 0) & (array != 1)
    if wrong.any():
        raise ValueError(
            f"{name} must hold 0 and 1 only; got {array[wrong][0].item()!r}: "
            "apply thresholds to probabilities first"
        )
    return array.astype(np.bool_)


def check_same_shape(first: NDArray[Any], second: NDArray[Any], names: str) -> None:
    """Raise ValueError if two arrays that go together differ in shape."""
    if first.shape != second.shape:
        raise ValueError(
            f"{names} must have one shape (n_texts, n_topics); got {first.shape} and {second.shape}"
        )


def as_weights(weight: NDArray[Any] | None, n_texts: int) -> NDArray[np.float64]:
    """Return how much each text counts, ``(n_texts,)``; None is 1 each.

    Raises
    ------
    ValueError
        They are not one number a text, of at least 0 and not all 0.
    """
    weights = np.ones(n_texts) if weight is None else np.asarray(weight, dtype=np.float64)
    if weights.shape != (n_texts,):
        raise ValueError(
            f"weight must have one value a text; got shape {weights.shape} for {n_texts} texts"
        )
    if n_texts and not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise ValueError("weights must be at least 0 and not all 0; check the weights of the texts")
    return weights


def outcome_counts(Y: NDArray[Any], P: NDArray[Any]) -> NDArray[np.int8]:
    """Return what each text adds to the counts that precision, recall and F1 are made of.

    Parameters
    ----------
    Y : (n_texts, n_topics), labels, 0 or 1
    P : (n_texts, n_topics), predictions, 0 or 1

    Returns
    -------
    (n_texts, n_topics, 3), int8; the last axis is right, predicted, labelled. Sums over texts
    (weighted or resampled) go to `micro_scores`, `macro_f1` and `topic_scores`.

    Examples
    --------
    >>> outcome_counts(np.array([[1, 0]]), np.array([[1, 1]])).tolist()
    [[[1, 1, 1], [0, 1, 0]]]
    """
    labels, predicted = as_indicator(Y, "Y"), as_indicator(P, "P")
    check_same_shape(labels, predicted, "Y and P")
    return np.stack([labels & predicted, predicted, labels], axis=-1).astype(np.int8)


def any_topic(indicator: Indicator) -> NDArray[np.bool_]:
    """Return for each text of ``(n_texts, n_topics)`` whether it has a topic."""
    has: NDArray[np.bool_] = np.logical_or.reduce(indicator, axis=1)
    return has


def ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """Return ``part / whole`` as float64, 0 where `whole` is 0."""
    part = np.asarray(part, dtype=np.float64)
    whole = np.asarray(whole, dtype=np.float64)
    result: NDArray[np.float64] = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return result


def f1_of(sums: Counts) -> NDArray[np.float64]:
    """Return F1 = 2 · right / (predicted + labelled) over the last axis of `sums`.

    Parameters
    ----------
    sums : (…, 3), right, predicted, labelled

    Returns
    -------
    (…), float64; 0 where nothing was predicted or labelled.
    """
    return ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


def micro_f1(sums: Counts) -> NDArray[np.float64]:
    """Return micro-F1 of summed counts ``(…, n_topics, 3)``: all topics' counts added first."""
    return f1_of(sums.sum(axis=-2))


def macro_f1(sums: Counts, present: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Return macro-F1 of summed counts ``(…, n_topics, 3)``: the mean of the topics' F1s.

    Parameters
    ----------
    present : (…, n_topics), topics that each mean is taken over; None: those that occur in it

    Notes
    -----
    A topic that is neither labelled nor predicted anywhere is left out of the mean, as
    scikit-learn's ``f1_score(…, zero_division=np.nan)`` does: a corpus of sports news says nothing
    about how well water news is tagged.
    """
    occurs = occurring(sums) if present is None else present
    return ratio((f1_of(sums) * occurs).sum(axis=-1), occurs.sum(axis=-1))


def occurring(sums: Counts) -> NDArray[np.bool_]:
    """Say which topics are labelled or predicted anywhere."""
    occurs: NDArray[np.bool_] = (sums[..., 1] + sums[..., 2]) > 0
    return occurs


def average_scores(sums: Counts, present: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Return micro and macro precision, recall and F1 of summed counts ``(…, n_topics, 3)``.

    Parameters
    ----------
    present : (…, n_topics), topics that each mean is taken over; None: those that occur in it

    Returns
    -------
    (…, 6), float64: micro precision, recall, F1, then macro precision, recall, F1.

    Notes
    -----
    Topics that occur nowhere are left out of the means, as in `macro_f1`. Macro-F1 is the mean of
    the F1s, not the F1 of the means.
    """
    right, predicted, labelled = (sums[..., i] for i in range(3))
    total = sums.sum(axis=-2)
    n_present = (occurring(sums) if present is None else present).sum(axis=-1)
    return np.stack(
        [
            ratio(total[..., 0], total[..., 1]),
            ratio(total[..., 0], total[..., 2]),
            micro_f1(sums),
            ratio(ratio(right, predicted).sum(axis=-1), n_present),
            ratio(ratio(right, labelled).sum(axis=-1), n_present),
            macro_f1(sums, present),
        ],
        axis=-1,
    )


def micro_scores(Y: NDArray[Any], P: NDArray[Any]) -> Scores:
    """Return precision, recall and F1 over all pairs of text and topic.

    Examples
    --------
    >>> micro_scores(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]))
    Scores(precision=1.0, recall=0.6666666666666666, f1=0.8)
    """
    return Scores(*average_scores(_sums(Y, P))[:3].tolist())


def macro_scores(Y: NDArray[Any], P: NDArray[Any]) -> Scores:
    """Return the means over topics of precision, recall and F1; topics that occur nowhere left out.

    Examples
    --------
    >>> macro_scores(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]))
    Scores(precision=1.0, recall=0.75, f1=0.8333333333333333)
    """
    return Scores(*average_scores(_sums(Y, P))[3:].tolist())


def _sums(Y: NDArray[Any], P: NDArray[Any]) -> Counts:
    sums: Counts = outcome_counts(Y, P).sum(axis=0, dtype=np.float64)
    return sums


def share_of(sums: Counts) -> NDArray[np.float64]:
    """Return part / whole of summed pairs ``(…, 2)``, as of right answers and answers."""
    return ratio(sums[..., 0], sums[..., 1])


def topic_scores(sums: Counts) -> TopicScores:
    """Return the per-topic table of summed counts ``(n_topics, 3)``.

    Examples
    --------
    >>> Y, P = np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]])
    >>> topic_scores(outcome_counts(Y, P).sum(axis=0)).recall.tolist()
    [0.5, 1.0]
    """
    return TopicScores(
        precision=ratio(sums[:, 0], sums[:, 1]),
        recall=ratio(sums[:, 0], sums[:, 2]),
        f1=f1_of(sums),
        support=sums[:, 2].astype(np.int64),
        predicted=sums[:, 1].astype(np.int64),
    )


def exact_matches(Y: NDArray[Any], P: NDArray[Any]) -> NDArray[np.bool_]:
    """Return for each text whether its predicted topics are its labels, no more and no fewer.

    Examples
    --------
    >>> exact_matches(np.array([[1, 0], [0, 0]]), np.array([[1, 1], [0, 0]])).tolist()
    [False, True]
    """
    labels, predicted = as_indicator(Y, "Y"), as_indicator(P, "P")
    check_same_shape(labels, predicted, "Y and P")
    matches: NDArray[np.bool_] = (labels == predicted).all(axis=1)
    return matches


def first_topic_hits(Y: NDArray[Any], proba: NDArray[Any]) -> NDArray[np.bool_]:
    """Return for each text that has labels whether its most probable topic is one of them.

    Parameters
    ----------
    Y : (n_texts, n_topics), labels
    proba : (n_texts, n_topics), probabilities or any score that ranks; a row of zeros (a text with
        no known term) is a miss

    Returns
    -------
    (n_labelled_texts,), bool, in the order of the texts; the mean is the hit rate.
    """
    labels = as_indicator(Y, "Y")
    check_same_shape(labels, proba, "Y and proba")
    labelled = any_topic(labels)
    first = proba[labelled].argmax(axis=1) if proba.shape[1] else np.zeros(0, dtype=np.intp)
    rows = np.arange(len(first))
    hits: NDArray[np.bool_] = labels[labelled][rows, first] & proba[labelled].any(axis=1)
    return hits


def confused_pairs(Y: NDArray[Any], P: NDArray[Any], limit: int = 20) -> tuple[ConfusedPair, ...]:
    """Return the pairs of topics of which one was missed and the other added on the same text.

    Parameters
    ----------
    Y : (n_texts, n_topics), labels
    P : (n_texts, n_topics), predictions
    limit : pairs to return at most

    Returns
    -------
    Pairs, most frequent first, then in column order. A text with two missed and two added topics
    counts in four pairs.

    Examples
    --------
    >>> confused_pairs(np.array([[1, 0], [1, 0]]), np.array([[0, 1], [0, 1]]))
    (ConfusedPair(missed=0, added=1, n_texts=2),)
    """
    labels, predicted = as_indicator(Y, "Y"), as_indicator(P, "P")
    check_same_shape(labels, predicted, "Y and P")
    # float32 counts texts exactly up to 2**24 and multiplies in BLAS; integers do not
    missed = (labels & ~predicted).astype(np.float32)
    table = (missed.T @ (predicted & ~labels).astype(np.float32)).astype(np.int64)
    order = np.argsort(-table, axis=None, kind="stable")[:limit]
    rows, columns = np.unravel_index(order, table.shape)
    return tuple(
        ConfusedPair(int(row), int(column), int(table[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if table[row, column]
    )


def class_scores(labels: NDArray[Any], predicted: NDArray[Any]) -> ClassScores:
    """Return accuracy and macro-F1 of mutually exclusive classes.

    Parameters
    ----------
    labels : (n_texts,), class of each text, as integers or strings
    predicted : (n_texts,), class given to each text

    Raises
    ------
    ValueError
        If the two differ in length, are not one-dimensional, or are empty.

    Notes
    -----
    Macro-F1 is the mean over the classes that occur in either, as in scikit-learn.

    Examples
    --------
    >>> class_scores(np.array(["体育", "财经", "体育"]), np.array(["体育", "财经", "财经"]))
    ClassScores(accuracy=0.6666666666666666, macro_f1=0.6666666666666666)
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    if labels.ndim != 1 or labels.shape != predicted.shape or not len(labels):
        raise ValueError(
            "labels and predicted must be two non-empty vectors of one length; "
            f"got shapes {labels.shape} and {predicted.shape}: {shorten(labels)}"
        )
    classes, codes = np.unique(np.concatenate([labels, predicted]), return_inverse=True)
    gold, given = codes[: len(labels)], codes[len(labels) :]
    right = np.bincount(gold[gold == given], minlength=len(classes))
    sums = np.stack(
        [
            right,
            np.bincount(given, minlength=len(classes)),
            np.bincount(gold, minlength=len(classes)),
        ],
        axis=-1,
    ).astype(np.float64)
    return ClassScores(accuracy=float((gold == given).mean()), macro_f1=float(macro_f1(sums)))
