"""Thresholds that keep a promise on texts not yet seen: `accept` and `possible`.

Used while training. Each is the most generous threshold at which the share of right answers, judged
by a bound and not by its value, reaches a target.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.bounds import fewest_for, lower_bound, upper_bound
from classifier.metrics.scores import (
    any_topic,
    as_indicator,
    as_weights,
    check_same_shape,
    ratio,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# What trying many thresholds costs; found by simulation, see `accept_thresholds`.
_RISK_SHARE = 0.25


def accept_thresholds(
    proba: NDArray[Any],
    Y: NDArray[Any],
    tagged: NDArray[Any],
    weight: NDArray[Any] | None = None,
    *,
    target: float = 0.95,
    confidence: float = 0.95,
    by: Literal["text", "topic"] = "text",
) -> Floats:
    """Return the thresholds from which topics are right often enough to stand unread.

    Parameters
    ----------
    proba : (n_texts, n_topics), calibrated out-of-fold probabilities
    Y : (n_texts, n_topics), labels
    tagged : (n_texts, n_topics), the topics given by `tag`
    weight : (n_texts,), how much each text counts; None: 1 each
    target : precision to reach
    confidence : one-sided confidence that it is reached
    by : "text": one threshold for all topics, the smallest at which the topics of those texts all
        of whose topics reach it keep the promise. "topic": to each topic its own, the smallest at
        which its own texts keep it

    Returns
    -------
    (n_topics,), float64; infinite (never) for a topic given to fewer texts than it takes to show
    the target with every one of them right (59 for 0.95), for one that no text reaches the common
    threshold with, since nothing shows how it does there, or if nothing keeps the promise.

    Raises
    ------
    ValueError
        If shapes differ, weights are below 0 or all 0, or `by` is another word.

    Notes
    -----
    The promise is about the next texts, not about those looked at: as many new ones shall reach the
    target in `confidence` of all cases. Their share scatters as well, which doubles the variance;
    so the bound of Clopper & Pearson (1934) is taken at half the effective number of answers
    (prediction bounds: Hahn & Meeker 1991; effective number, for weights and for several topics of
    one text: Korn & Graubard 1998). The risk, 1 - confidence, is quartered to pay for trying many
    nested thresholds (where Learn then Test, Angelopoulos et al. 2021, would divide it by their
    number): simulated precision curves, flat, steep and with a knee, broke the promise in at most
    1 % of cases at a quarter, in up to 7.5 % undivided. On real out-of-fold probabilities of
    30 topics, halved 200 times, the second half reached 0.95 in 98 % of splits; with a plain 95 %
    bound, in 88 %, for 8 % more accepted texts.

    By text, a topic whose own accepted texts speak against the target (their upper bound is below
    it) is raised until they do not. By topic, each topic has the plain one-sided bound on its own
    texts. 30 bounds on 30 small samples are more careful than one on all: there it accepted 9 % of
    the texts at a precision of 0.976, by text 18 % at 0.961.
    """
    labels, given = as_indicator(Y, "Y"), as_indicator(tagged, "tagged")
    p = np.asarray(proba, dtype=np.float64)
    check_same_shape(labels, given, "Y and tagged")
    check_same_shape(labels, p, "Y and proba")
    weights = as_weights(weight, len(labels))
    too_few = given.sum(axis=0) < fewest_for(target, confidence)
    if by == "text":
        # A text of a topic that is never accepted proves nothing of those that are.
        may = given & ~(given & too_few).any(axis=1, keepdims=True)
        thresholds = _common_accept(p, labels, may, weights, target, confidence)
    elif by == "topic":
        thresholds = np.array(
            [
                _own_accept(p[has, j], labels[has, j], weights[has], target, confidence)
                for j, has in enumerate(given.T)
            ]
        )
    else:
        raise ValueError(f"accept is chosen by 'text' or by 'topic'; got {by!r}")
    return np.where(too_few, np.inf, np.maximum(thresholds, 0.0))


def possible_threshold(
    proba: NDArray[Any],
    Y: NDArray[Any],
    weight: NDArray[Any] | None = None,
    *,
    target: float = 0.95,
    confidence: float = 0.95,
) -> float:
    """Return the probability below which a text's topics are no longer worth a look.

    Parameters
    ----------
    proba : (n_untagged, n_topics), out-of-fold probabilities of texts that got no topic
    Y : (n_untagged, n_topics), their labels
    weight : (n_untagged,), how much each text counts; None: 1 each
    target : share of the texts below it that must truly have no topic
    confidence : one-sided confidence that they do

    Returns
    -------
    The greatest common threshold such that texts with every probability below it keep the promise,
    judged as in `accept_thresholds`; infinite if all do, 0 if none do: then every text without
    topic is reviewed.

    Notes
    -----
    Whether a text has none is a matter of all topics at once, so one level is chosen for all, on
    the text's highest probability. On real texts, a level in proportion to each topic's `tag` left
    as many texts alone.
    """
    labels = as_indicator(Y, "Y")
    check_same_shape(labels, proba, "Y and proba")
    if not labels.size:
        return 0.0
    weights = as_weights(weight, len(labels))
    highest = np.asarray(proba, dtype=np.float64).max(axis=1)
    bare = ~any_topic(labels)
    edge = _edge(-highest, bare, np.ones_like(bare), weights, target, confidence)
    return max(-edge, 0.0)


def _common_accept(
    p: Floats, labels: Bools, given: Bools, weights: Floats, target: float, confidence: float
) -> Floats:
    """Return one threshold for all topics, raised for those that their own texts speak against."""
    doubt = np.where(given, p, np.inf).min(axis=1)  # the least sure topic decides over the text
    has = any_topic(given)
    right, total = (labels & given).sum(axis=1), given.sum(axis=1)
    common = _edge(doubt[has], right[has], total[has], weights[has], target, confidence)
    thresholds = np.full(given.shape[1], common)
    accepted = has & (doubt >= common)
    for topic in range(given.shape[1]):
        rows = accepted & given[:, topic]
        own = _uncontradicted(
            p[rows, topic], labels[rows, topic], weights[rows], target, confidence
        )
        thresholds[topic] = max(common, own)
    return thresholds


def _edge(
    sureness: Floats,
    right: NDArray[Any],
    total: NDArray[Any],
    weights: Floats,
    target: float,
    confidence: float,
) -> float:
    """Return the smallest threshold of `sureness` at which the next texts keep the promise.

    Infinite if there is none, minus infinity if all texts do.
    """
    ordered, last, share, n = _by_falling(sureness, right, total, weights)
    # half the answers: twice the variance, for the scatter of the next texts' share beside ours
    bound = lower_bound(share * n / 2, n / 2, 1 - (1 - confidence) * _RISK_SHARE)
    return _between(ordered, last, bound >= target)


def _own_accept(
    sureness: Floats, right: Bools, weights: Floats, target: float, confidence: float
) -> float:
    """Return the smallest threshold whose texts show, by a plain lower bound, the target."""
    ordered, last, share, n = _by_falling(sureness, right, np.ones_like(right), weights)
    return _between(ordered, last, lower_bound(share * n, n, confidence) >= target)


def _uncontradicted(
    sureness: Floats, right: Bools, weights: Floats, target: float, confidence: float
) -> float:
    """Return the smallest threshold whose texts do not show that the target is missed."""
    ordered, last, share, n = _by_falling(sureness, right, np.ones_like(right), weights)
    return _between(ordered, last, upper_bound(share * n, n, confidence) >= target)


def _by_falling(
    sureness: Floats, right: NDArray[Any], total: NDArray[Any], weights: Floats
) -> tuple[Floats, NDArray[np.intp], Floats, Floats]:
    """Return sureness sorted from high to low, the last row of each tie, and there share and size.

    The share is of right answers among all at least as sure; the size is their effective number.
    """
    order = np.argsort(-sureness, kind="stable")
    ordered = sureness[order]
    last = np.flatnonzero(np.append(ordered[1:] < ordered[:-1], np.ones(len(ordered[:1]), bool)))
    k, n, w = (np.asarray(values, dtype=np.float64)[order] for values in (right, total, weights))
    share, size = _effective_size(k, n, w)
    return ordered, last, share[last], size[last]


def _effective_size(k: Floats, n: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Return running weighted shares of right answers and how many independent ones they weigh.

    `k` of `n` topics of each text are right, `w` is its weight. The effective number is that at
    which a simple random sample has the share's variance (of a ratio, linearised over texts), at
    most what it would be were topics of one text independent. If all are right the variance says
    nothing, and texts are counted.
    """
    sum_n = np.cumsum(w * n)
    share = ratio(np.cumsum(w * k), sum_n)
    squares = np.cumsum((w * n) ** 2)
    spread = np.cumsum((w * k) ** 2) - 2 * share * np.cumsum(w**2 * k * n) + share**2 * squares
    mixed = (share > 0) & (share < 1) & (spread > 0)
    by_variance = ratio(share * (1 - share) * sum_n**2, np.where(mixed, spread, 0.0))
    independent = ratio(sum_n**2, np.cumsum(w**2 * n))
    by_text = ratio(sum_n**2, squares)
    return share, np.where(mixed, np.minimum(by_variance, independent), by_text)


def _between(ordered: Floats, last: NDArray[np.intp], passes: Bools) -> float:
    """Return the threshold between the last row that passes and the next one."""
    passed = last[passes]
    if not len(passed):
        return np.inf
    at = passed[-1]
    return float((ordered[at] + ordered[at + 1]) / 2) if at + 1 < len(ordered) else -np.inf
