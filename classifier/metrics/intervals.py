"""How sure a score is: bootstrap intervals and paired tests over groups of reprints.

A story that ten papers reprint is one observation, not ten; so groups are drawn, not texts. The
statistics here are functions of sums over texts (`outcome_counts` summed, right answers summed).
Most groups add the same few patterns of counts; so how often a resample draws each pattern is drawn
(multinomially, which is the same as drawing groups), and the sums are one matrix product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]

# Numbers drawn at a time, 32 MB of them, whatever the number of texts.
_DRAWN_AT_ONCE = 2**22


@dataclass(frozen=True)
class Interval:
    """A score and the bounds of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Two models' scores on the same texts, their difference and how easily chance makes it.

    Attributes
    ----------
    first, second : each model's score
    difference : second minus first, with its paired bootstrap interval
    p_value : share of random exchanges of the two models' answers with as large a difference
    n_groups : groups of texts drawn or exchanged together
    """

    first: float
    second: float
    difference: Interval
    p_value: float
    n_groups: int

    @property
    def lead(self) -> Interval:
        """First minus second: the difference as those read it to whom the first comes first.

        Examples
        --------
        >>> Comparison(0.5, 0.25, Interval(-0.25, -0.5, 0.0), 0.1, n_groups=8).lead
        Interval(value=0.25, low=0.0, high=0.5)
        """
        turned = self.difference
        # 0 less it rather than its negative, which may be -0.
        return Interval(0 - turned.value, 0 - turned.high, 0 - turned.low)


def sum_groups(counts: NDArray[Any], groups: NDArray[Any] | None) -> NDArray[np.float32]:
    """Return the sums of per-text `counts` over each group of texts.

    Parameters
    ----------
    counts : (n_texts, …), what each text adds to the sums
    groups : (n_texts,), texts with one value belong together; None: each text by itself

    Returns
    -------
    (n_groups, …), float32, in which counts up to 2**24 are exact; groups in sorted order.

    Raises
    ------
    ValueError
        If `groups` has another length, or there is no text.
    """
    if not len(counts):
        raise ValueError("there is no text to score; give at least one labelled text")
    flat = np.asarray(counts, dtype=np.float32)
    if groups is None:
        return flat
    if len(groups) != len(flat):
        raise ValueError(f"groups must have one value a text; got {len(groups)} for {len(flat)}")
    _, codes = np.unique(np.asarray(groups), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sums: NDArray[np.float32] = np.add.reduceat(flat[order], starts, axis=0)
    return sums


def _patterns(sums: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distinct rows of groups' sums, flattened, and how many groups have each."""
    flat = np.ascontiguousarray(sums.reshape(len(sums), -1))
    as_bytes = flat.view(np.dtype((np.void, flat.dtype.itemsize * flat.shape[1])))[:, 0]
    _, first, n_groups = np.unique(as_bytes, return_index=True, return_counts=True)
    return flat[first].astype(np.float64), n_groups


def _bootstrap(sums: NDArray[np.float32], n_resamples: int, seed: int) -> NDArray[np.float64]:
    """Return the sums over groups drawn with replacement, ``(n_resamples, …)``."""
    patterns, n_groups = _patterns(sums)
    rng = np.random.default_rng(seed)
    shares = n_groups / len(sums)
    rows = [
        rng.multinomial(len(sums), shares, size=size).astype(np.float64) @ patterns
        for size in _block_sizes(n_resamples, len(patterns))
    ]
    return np.concatenate(rows).reshape(n_resamples, *sums.shape[1:])


def _block_sizes(n_rows: int, n_columns: int) -> list[int]:
    """Return into how many rows at a time to cut a table of random numbers."""
    most = max(1, _DRAWN_AT_ONCE // n_columns)
    return [min(most, n_rows - start) for start in range(0, n_rows, most)]


def _exchanged(pair: NDArray[np.float32], n_trials: int, seed: int) -> NDArray[np.float64]:
    """Return both models' sums after a fair coin for each group exchanged their answers.

    Parameters
    ----------
    pair : (n_groups, 2, …), each group's sums by the first model and by the second

    Returns
    -------
    (n_trials, 2, …)
    """
    patterns, n_groups = _patterns(pair)
    rng = np.random.default_rng(seed)
    rows = [
        rng.binomial(n_groups, 0.5, size=(size, len(n_groups))).astype(np.float64) @ patterns
        for size in _block_sizes(n_trials, len(patterns))
    ]
    moved = np.concatenate(rows).reshape(n_trials, *pair.shape[1:])
    exchanged: NDArray[np.float64] = pair.sum(axis=0, dtype=np.float64) - moved + moved[:, ::-1]
    return exchanged


def resample_sums(
    counts: NDArray[Any],
    groups: NDArray[Any] | None = None,
    *,
    n_resamples: int = 1000,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the sums of `counts` over resamples of the groups, drawn with replacement.

    Parameters
    ----------
    counts : (n_texts, …), what each text adds, as from `outcome_counts`
    groups : (n_texts,), texts of one reprint group share a value; None: each text by itself
    n_resamples : resamples, at least 1
    seed : of the random draws

    Returns
    -------
    (n_resamples, …), float64.

    Examples
    --------
    >>> resample_sums(np.array([[1], [0], [1]]), n_resamples=4, seed=0).ravel().tolist()
    [2.0, 3.0, 3.0, 3.0]
    """
    if n_resamples < 1:
        raise ValueError(f"n_resamples must be at least 1; got {n_resamples!r}")
    return _bootstrap(sum_groups(counts, groups), n_resamples, seed)


def percentile_interval(
    value: float, samples: NDArray[np.float64], level: float = 0.95
) -> Interval:
    """Return `value` with the percentiles of its resampled `samples` that enclose `level`.

    Parameters
    ----------
    value : the score on the texts as they are
    samples : (n_resamples,), the score on each resample
    level : share of the samples inside the interval, above 0 and below 1
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, as 0.95 does; got {level!r}")
    low, high = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(value), float(low), float(high))


def bootstrap_interval(
    statistic: Statistic,
    counts: NDArray[Any],
    groups: NDArray[Any] | None = None,
    *,
    n_resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[Interval, ...]:
    """Return percentile bootstrap intervals of a statistic of sums over texts.

    Parameters
    ----------
    statistic : maps sums (…, n_topics, 3) to (…) or to (…, n_scores), as `micro_f1`, `macro_f1`
        and `f1_of` do
    counts : (n_texts, n_topics, 3) for those; what each text adds to the sums
    groups : (n_texts,), texts of one reprint group share a value; None: each text by itself
    n_resamples : resamples, at least 1
    seed : of the random draws
    level : share of the resamples inside the interval

    Returns
    -------
    One interval for each score of the statistic: one of `micro_f1`, one a topic of `f1_of`.

    Notes
    -----
    Percentile bootstrap over clusters (Efron & Tibshirani 1993, chapters 8 and 13).

    Examples
    --------
    >>> from classifier.metrics import micro_f1, outcome_counts
    >>> Y = np.array([[1, 0], [0, 1], [1, 1], [0, 0]] * 5)
    >>> P = np.array([[1, 0], [0, 0], [1, 1], [0, 1]] * 5)
    >>> bootstrap_interval(micro_f1, outcome_counts(Y, P))
    (Interval(value=0.75, low=0.5333..., high=0.8888...),)
    """
    total = np.asarray(counts).sum(axis=0, dtype=np.float64)
    samples = resample_sums(counts, groups, n_resamples=n_resamples, seed=seed)
    return intervals_of(statistic(total), statistic(samples), level)


def intervals_of(
    values: NDArray[np.float64], samples: NDArray[np.float64], level: float = 0.95
) -> tuple[Interval, ...]:
    """Return an interval for each score.

    Parameters
    ----------
    values : () or (n_scores,), the scores on the texts as they are
    samples : (n_resamples,) or (n_resamples, n_scores), the scores on each resample
    level : share of the samples inside the interval
    """
    columns = samples.reshape(len(samples), -1).T
    return tuple(
        percentile_interval(float(value), column, level)
        for value, column in zip(np.atleast_1d(values), columns, strict=True)
    )


def paired_test(
    statistic: Statistic,
    first: NDArray[Any],
    second: NDArray[Any],
    groups: NDArray[Any] | None = None,
    *,
    n_resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Comparison:
    """Compare two models that answered the same texts.

    Parameters
    ----------
    statistic : maps sums (…, n_topics, 3) to one score (…), as `micro_f1` does
    first : (n_texts, …), the first model's counts, as from `outcome_counts`
    second : (n_texts, …), the second model's, of the same texts in the same order
    groups : (n_texts,), texts of one reprint group share a value
    n_resamples : resamples and exchanges, at least 1
    seed : of the random draws
    level : share of the resamples inside the interval of the difference

    Returns
    -------
    Comparison: scores, difference (second minus first) with interval, p-value.

    Raises
    ------
    ValueError
        If the two cover different texts or topics.

    Notes
    -----
    The interval is the paired bootstrap's (Koehn 2004): both models are scored on the same
    resample. The p-value is approximate randomisation's (Noreen 1989; Yeh 2000): in each trial a
    fair coin for each group exchanges the two models' answers; p = (1 + trials with a difference at
    least as large) / (1 + trials), two-sided.
    """
    if np.shape(first) != np.shape(second):
        raise ValueError(
            "two models are compared on the same texts and topics; "
            f"got counts of shapes {np.shape(first)} and {np.shape(second)}"
        )
    if n_resamples < 1:
        raise ValueError(f"n_resamples must be at least 1; got {n_resamples!r}")
    pair = sum_groups(np.stack([np.asarray(first), np.asarray(second)], axis=1), groups)
    total = pair.sum(axis=0, dtype=np.float64)
    scores = [float(statistic(total[0])), float(statistic(total[1]))]
    drawn = _bootstrap(pair, n_resamples, seed)
    differences = statistic(drawn[:, 1]) - statistic(drawn[:, 0])
    exchanged = _exchanged(pair, n_resamples, seed)
    by_chance = statistic(exchanged[:, 1]) - statistic(exchanged[:, 0])
    difference = scores[1] - scores[0]
    as_large = np.abs(by_chance) >= abs(difference) - 1e-12
    return Comparison(
        first=scores[0],
        second=scores[1],
        difference=percentile_interval(difference, differences, level),
        p_value=float((1 + as_large.sum()) / (1 + n_resamples)),
        n_groups=len(pair),
    )
