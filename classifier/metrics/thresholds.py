"""Choose a model's thresholds from out-of-fold probabilities, and `tag`'s for best F1.

Used while training. `promises.py` chooses `accept` and `possible`; `decisions.py` puts all three to
work.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.decisions import Thresholds, assign_topics
from classifier.metrics.promises import accept_thresholds, possible_threshold
from classifier.metrics.scores import (
    any_topic,
    as_indicator,
    as_weights,
    check_same_shape,
    ratio,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Thresholds tried for `tag`; between two neighbours of that many lie few texts.
_MOST_CANDIDATES = 2000
# A topic's own threshold counts as much as the common one at this many positive texts.
_BORROW = 300.0


def choose_thresholds(
    proba: NDArray[Any],
    Y: NDArray[Any],
    *,
    known: NDArray[np.bool_] | None = None,
    weight: NDArray[Any] | None = None,
    groups: NDArray[Any] | None = None,
    target: float = 0.95,
    none_target: float = 0.95,
    confidence: float = 0.95,
    accept_by: Literal["text", "topic"] = "text",
    borrow: float = _BORROW,
    exclusive: bool = False,
) -> Thresholds:
    """Choose every topic's three thresholds from out-of-fold probabilities.

    Parameters
    ----------
    proba : (n_texts, n_topics), calibrated probabilities of texts not trained on
    Y : (n_texts, n_topics), labels
    known : (n_texts,), whether the text has a term of the vocabulary; None: all have
    weight : (n_texts,), how much each text counts, to stand for another mix of texts than this
        corpus's (see `none_share_weights`); None: 1 each
    groups : (n_texts,), reprints of one story share a value and count once
    target : precision that accepted topics must reach, above 0 and below 1
    none_target : share of ``none`` texts that must truly have no topic, above 0 and below 1
    confidence : one-sided confidence of both promises
    accept_by : what the promise of `accept` is about, see `accept_thresholds`
    borrow : positive texts that the common `tag` threshold is worth, see `tag_thresholds`
    exclusive : the topics exclude each other; `tag` and `possible` are 0 and mean nothing

    Raises
    ------
    ValueError
        If shapes differ, a share lies outside (0, 1), or weights are below 0 or all 0.
    """
    labels = as_indicator(Y, "Y")
    check_same_shape(labels, proba, "Y and proba")
    for name, value in (
        ("target", target),
        ("none_target", none_target),
        ("confidence", confidence),
    ):
        if not 0 < value < 1:
            raise ValueError(f"{name} must lie between 0 and 1, as 0.95 does; got {value!r}")
    n_texts, n_topics = labels.shape
    seen = np.ones(n_texts, dtype=np.bool_) if known is None else np.asarray(known, dtype=np.bool_)
    weights = as_weights(weight, n_texts)
    once = _first_of_groups(groups, n_texts)
    p = np.where(seen[:, None], proba, 0.0)[once]
    labels, weights, seen = labels[once], weights[once], seen[once]

    tag = np.zeros(n_topics) if exclusive else tag_thresholds(p, labels, weights, borrow=borrow)
    never = np.full(n_topics, np.inf)
    tagged = assign_topics(p, seen, Thresholds(tag, never, tag), exclusive=exclusive).astype(bool)
    accept = accept_thresholds(
        p, labels, tagged, weights, target=target, confidence=confidence, by=accept_by
    )
    untagged = seen & ~any_topic(tagged)
    common = possible_threshold(
        p[untagged], labels[untagged], weights[untagged], target=none_target, confidence=confidence
    )
    return Thresholds(tag, np.maximum(accept, tag), np.minimum(common, tag))


def tag_thresholds(
    proba: NDArray[Any],
    Y: NDArray[Any],
    weight: NDArray[Any] | None = None,
    *,
    borrow: float = _BORROW,
) -> Floats:
    """Return each topic's threshold of best F1, leaning on the one that suits all topics together.

    Parameters
    ----------
    proba : (n_texts, n_topics), calibrated out-of-fold probabilities
    Y : (n_texts, n_topics), labels
    weight : (n_texts,), how much each text counts; None: 1 each
    borrow : positive texts of all topics pooled that are added to the topic's own, at least 0

    Returns
    -------
    (n_topics,), float64, between two probabilities that occur; 0.5 if no topic has a positive text.

    Notes
    -----
    The F1 maximised is that of the topic's own counts plus the pooled counts of all topics, scaled
    to `borrow` positives. So a rare topic takes the pooled threshold, and a frequent one moves away
    from it as far as its texts warrant: a threshold chosen on few texts is too fond of them
    (Lewis 1995; Fan & Lin 2007). Chosen on half of 39,901 texts (711 positives a topic), thresholds
    gave the other half micro-F1 0.7068 with `borrow` 300 and 0.7060 with 0; chosen on a hundredth,
    0.7044 and 0.6855.

    Examples
    --------
    >>> proba = np.array([[0.9, 0.6], [0.7, 0.1], [0.5, 0.3], [0.2, 0.1]])
    >>> tag_thresholds(proba, np.array([[1, 1], [1, 0], [0, 0], [0, 0]])).tolist()
    [0.55, 0.55]
    """
    labels = as_indicator(Y, "Y")
    check_same_shape(labels, proba, "Y and proba")
    weights = np.ones(len(labels)) if weight is None else np.asarray(weight, dtype=np.float64)
    candidates = _best_f1_candidates(proba, labels)
    if not len(candidates):
        return np.full(labels.shape[1], 0.5)
    right, given = _counts_at(candidates, proba, labels, weights)
    positives = (weights[:, None] * labels).sum(axis=0)
    scale = borrow / positives.sum() if positives.sum() > 0 else 0.0
    f1 = ratio(
        2 * (right + scale * right.sum(axis=0)),
        given + scale * given.sum(axis=0) + (positives + scale * positives.sum())[:, None],
    )
    # candidates fall, so of equally good thresholds the highest is taken
    best: Floats = candidates[f1.argmax(axis=1)]
    return best


def best_f1_threshold(
    proba: NDArray[Any], y: NDArray[Any], weight: NDArray[Any] | None = None
) -> float:
    """Return the threshold at which one topic's (weighted) F1 is best; 0.5 without a positive text.

    Examples
    --------
    >>> p, y = np.array([0.875, 0.625, 0.5, 0.25]), np.array([1, 0, 1, 0])
    >>> best_f1_threshold(p, y), best_f1_threshold(p, y, weight=np.array([1, 9, 1, 9]))
    (0.375, 0.75)
    """
    column = np.asarray(proba).reshape(-1, 1)
    labels = as_indicator(np.asarray(y).reshape(-1, 1), "y")
    return float(tag_thresholds(column, labels, weight, borrow=0)[0])


def none_share_weights(Y: NDArray[Any], share: float) -> Floats:
    """Return weights of texts under which `share` of them have no topic.

    Parameters
    ----------
    Y : (n_texts, n_topics), labels
    share : of texts without topic where the model will be used, from 0 to below 1

    Returns
    -------
    (n_texts,), float64, of mean 1. All 1 if either kind of text is absent.

    Notes
    -----
    A corpus drawn for training has its own mix. Thresholds for best F1 on many texts without topic
    sit too high where such texts are few; with these weights they are chosen for the mix in use.

    Examples
    --------
    >>> none_share_weights(np.array([[1], [0], [0], [0]]), share=0.5).round(4).tolist()
    [2.0, 0.6667, 0.6667, 0.6667]
    """
    if not 0 <= share < 1:
        raise ValueError(f"share must be at least 0 and below 1; got {share!r}")
    bare = ~any_topic(as_indicator(Y, "Y"))
    if bare.all() or not bare.any():
        return np.ones(len(bare))
    weights: Floats = np.where(bare, share / bare.mean(), (1 - share) / (1 - bare.mean()))
    return weights


def _first_of_groups(groups: NDArray[Any] | None, n_texts: int) -> NDArray[np.intp]:
    """Return the rows that stand for the groups, in order: the first text of each."""
    if groups is None:
        return np.arange(n_texts)
    if len(groups) != n_texts:
        raise ValueError(f"groups must have one value a text; got {len(groups)} for {n_texts}")
    _, first = np.unique(np.asarray(groups), return_index=True)
    return np.sort(first)


def _best_f1_candidates(proba: NDArray[Any], labels: Bools) -> Floats:
    """Return falling thresholds just below positive texts' probabilities: F1 peaks there only."""
    every = np.unique(np.asarray(proba, dtype=np.float64))
    positive = np.unique(np.asarray(proba, dtype=np.float64)[labels])
    positive = positive[positive > 0]
    if len(positive) > _MOST_CANDIDATES:
        positive = positive[np.linspace(0, len(positive) - 1, _MOST_CANDIDATES).astype(int)]
    at = np.searchsorted(every, positive)
    below = np.where(at > 0, every[np.maximum(at - 1, 0)], 0.0)
    return ((positive + below) / 2)[::-1]


def _counts_at(
    candidates: Floats, proba: NDArray[Any], labels: Bools, weights: Floats
) -> tuple[Floats, Floats]:
    """Return weighted right and given topics at each threshold, each (n_topics, n_candidates)."""
    right = np.empty((labels.shape[1], len(candidates)))
    given = np.empty_like(right)
    for topic in range(labels.shape[1]):
        order = np.argsort(proba[:, topic], kind="stable")
        below = np.searchsorted(proba[order, topic].astype(np.float64), candidates)
        for table, amounts in ((right, weights * labels[:, topic]), (given, weights)):
            sums = np.concatenate([[0.0], np.cumsum(amounts[order])])
            table[topic] = sums[-1] - sums[below]
    return right, given
