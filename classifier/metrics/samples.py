"""A model's answers to labelled texts, and resamples of them: what `evaluate` computes from."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.decisions import ACCEPT, NONE, REVIEW
from classifier.metrics.evaluation import AverageScores
from classifier.metrics.intervals import (
    Interval,
    intervals_of,
    percentile_interval,
    resample_sums,
    sum_groups,
)
from classifier.metrics.scores import (
    Counts,
    Indicator,
    any_topic,
    as_indicator,
    average_scores,
    check_same_shape,
    exact_matches,
    f1_of,
    occurring,
    outcome_counts,
    share_of,
)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Labels and answers of the same texts.

    Attributes
    ----------
    labels, given : (n_texts, n_topics), bool
    proba : (n_texts, n_topics), float64
    codes : (n_texts,), decisions
    """

    labels: Indicator
    given: Indicator
    proba: NDArray[np.float64]
    codes: NDArray[Any]

    @classmethod
    def of(
        cls, Y: NDArray[Any], proba: NDArray[Any], given: NDArray[Any], codes: NDArray[Any]
    ) -> Self:
        """Return the answers, checked to be of one shape."""
        labels, predicted = as_indicator(Y, "Y"), as_indicator(given, "predicted")
        check_same_shape(labels, predicted, "Y and predicted")
        check_same_shape(labels, proba, "Y and proba")
        codes = np.asarray(codes)
        if codes.shape != (len(labels),):
            raise ValueError(
                f"decisions must be one code a text, {len(labels)} in all; got shape {codes.shape}"
            )
        wrong = codes[~np.isin(codes, (ACCEPT, REVIEW, NONE))]
        if len(wrong):
            raise ValueError(
                f"decisions must be codes, {ACCEPT}, {REVIEW} or {NONE}; got {codes.dtype} with "
                f"{wrong[0]!r}"
            )
        return cls(labels, predicted, np.asarray(proba, dtype=np.float64), codes)

    def of_rows(self, rows: NDArray[Any]) -> "Answers":
        """Return the answers to some of the texts."""
        return Answers(self.labels[rows], self.given[rows], self.proba[rows], self.codes[rows])

    @property
    def exclusive(self) -> bool:
        """Whether every text has exactly one label and one topic given."""
        return all(bool((m.sum(axis=1) == 1).all()) for m in (self.labels, self.given))

    def pairs(self) -> dict[str, NDArray[np.int64]]:
        """Return for each share its part and whole a text, (n_texts, 2)."""
        labelled, exact = any_topic(self.labels), exact_matches(self.labels, self.given)
        first = self.proba.argmax(axis=1)
        hit = self.labels[np.arange(len(first)), first] & self.proba.any(axis=1)
        accept, none = self.codes == ACCEPT, self.codes == NONE
        right = (self.labels & self.given).sum(axis=1)
        parts = {
            "exact": (exact, np.ones_like(exact)),
            "first": (hit, labelled),
            "accept": (right * accept, self.given.sum(axis=1) * accept),
            "accept_exact": (exact & accept, accept),
            "none": (~labelled & none, none),
        }
        return {
            name: np.stack([part, whole], axis=1).astype(np.int64)
            for name, (part, whole) in parts.items()
        }


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Sums over the texts as they are and over resamples of their groups.

    Attributes
    ----------
    outcomes : (1 + n_resamples, n_topics, 3), the texts as they are first
    pairs : share's name to (1 + n_resamples, 2)
    n_groups : groups drawn
    level : of the intervals
    """

    outcomes: Counts
    pairs: dict[str, Counts]
    n_groups: int
    level: float

    @classmethod
    def draw(
        cls,
        answers: Answers,
        groups: NDArray[Any] | None,
        *,
        n_resamples: int,
        seed: int,
        level: float,
    ) -> Self:
        """Return the sums; every score is computed from the same resamples."""
        counts, pairs = outcome_counts(answers.labels, answers.given), answers.pairs()
        n_outcomes = counts[0].size if len(counts) else 0
        columns = np.concatenate([counts.reshape(len(counts), n_outcomes), *pairs.values()], axis=1)
        sums = np.concatenate(
            [
                columns.sum(axis=0, dtype=np.float64)[None],
                resample_sums(columns, groups, n_resamples=n_resamples, seed=seed),
            ]
        )
        starts = range(n_outcomes, sums.shape[1], 2)
        return cls(
            outcomes=sums[:, :n_outcomes].reshape(len(sums), -1, 3),
            pairs={
                name: sums[:, start : start + 2] for name, start in zip(pairs, starts, strict=True)
            },
            n_groups=len(sum_groups(columns[:, :1], groups)),
            level=level,
        )

    def averages(self) -> tuple[AverageScores, AverageScores]:
        """Return micro and macro scores."""
        # A topic that a resample lacks is left out of its means over topics: counted as 0 it would
        # lower them all. One that no text has, given in error, has 0 wherever it stands.
        never_right = occurring(self.outcomes[0]) & (self.outcomes[0, :, 2] == 0)
        scores = average_scores(self.outcomes, occurring(self.outcomes) | never_right)
        intervals = intervals_of(scores[0], scores[1:], self.level)
        return AverageScores(*intervals[:3]), AverageScores(*intervals[3:])

    def f1_of_topics(self) -> tuple[Interval, ...]:
        """Return each topic's F1."""
        scores = f1_of(self.outcomes)
        return intervals_of(scores[0], scores[1:], self.level)

    def share(self, name: str) -> Interval | None:
        """Return a share, None if it is of nothing.

        Resamples in which it is of nothing do not count; where all are such, the share is all that
        is known, and its own interval. Where none or all were right, every resample says the same,
        however few there were; the bound that is then left open is that of Clopper & Pearson
        (1934) for as many answers, or groups of reprints if these are fewer.
        """
        sums = self.pairs[name]
        n_answers = min(sums[0, 1], self.n_groups)
        if not n_answers:
            return None
        shares = share_of(sums)
        value = float(shares[0])
        bound = float(((1 - self.level) / 2) ** (1 / n_answers))
        if value == 1:
            return Interval(value, bound, 1.0)
        if value == 0:
            return Interval(value, 0.0, 1 - bound)
        drawn = shares[1:][sums[1:, 1] > 0]
        return percentile_interval(value, drawn if len(drawn) else shares[:1], self.level)
