"""What words say of a topic, besides few labelled texts or without any.

Of a topic without labelled text nothing can be learned: its weights are those of its words and of
their neighbours, and what a sum of them is worth is taken from the topics that have both words and
labels, or, where those are too few, from what was measured once. Where labels are few, the same
sums, the words of topics' names and descriptions counted in, are added to what was learned, as far
as texts held out show that they help.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from classifier.choosing import Calibration
from classifier.features import TfidfFeatures
from classifier.metrics import Thresholds, best_f1_threshold, fit_sigmoid, sigmoid
from classifier.taxonomy import Topic
from classifier.trainer.pooling import worth_beside
from classifier.trainer.priors import STRONG, Priors, lexicon_block, vector_block

# A word whose cosine with the mean of a topic's words is this much above its mean cosine with all
# topics leans towards the topic, the more the nearer it is.
_NEAR = 0.2
_NEIGHBOUR_WEIGHT = 2.5
# With fewer positive pairs of text and topic the measured line is the better guess.
_FEWEST_POSITIVES = 100


@dataclass(frozen=True, slots=True)
class WordLine:
    """From the sum of a text's words to log odds of a topic: ``slope * sum + offset``.

    Attributes
    ----------
    slope, offset : the line
    tag : log odds from which a text gets the topic
    """

    slope: float
    offset: float
    tag: float

    @classmethod
    def of(cls, sums: NDArray[np.float64], Y: NDArray[Any]) -> Self:
        """Fit the line to topics with words and labels, all pairs of text and topic together.

        Parameters
        ----------
        sums : ``(n_texts, n_topics)``, of `word_weights`
        Y : ``(n_texts, n_topics)``, labels

        Notes
        -----
        Pairs without a word are nearly all, and say nothing of the sums of the others: the line is
        fitted to the rest.
        """
        touched = sums > 0
        x, y = sums[touched], Y[touched]
        slope, offset = fit_sigmoid(x, y)
        log_odds = slope * sums.ravel() + offset
        tag = best_f1_threshold(sigmoid(log_odds), Y.ravel())
        return cls(slope, offset, float(np.log(tag / (1 - tag))))

    def sharing(self, stretch: float, shift: float) -> Self:
        """Return the line with its log odds brought to those of topics that exclude each other.

        Parameters
        ----------
        stretch, shift : of `classifier.trainer.pooling.fit_shares`
        """
        return type(self)(
            self.slope * stretch, self.offset * stretch + shift, self.tag * stretch + shift
        )


MEASURED = WordLine(slope=7.5, offset=-3.0, tag=-1.3)
"""The line where no labels are at hand: between those of 8,000 real texts with 30 topics, by ten
words a topic, by thirty, and by 26,000 in all."""


def word_weights(
    priors: Priors, features: TfidfFeatures, topics: Sequence[Topic]
) -> NDArray[np.float64]:
    """Return what each term says for each topic before any label: ``(n_terms, n_topics)``.

    Notes
    -----
    1 for a word that nearly settles the topic, half for one that leans. With word vectors, a word
    that the lexicon does not hold counts ``2.5 * max(0, c - 0.2)``, c its cosine with the mean of
    the topic's words less the mean of its cosines with all topics. On 8,000 real texts with 30
    topics and ten words a topic, that raised micro-F1 from 0.10 to 0.42; with 26,000 words, from
    0.633 to 0.645 (one threshold for all topics, the best).
    """
    block = lexicon_block(priors.lexicon, features, topics).astype(np.float64) / STRONG
    if priors.vectors is None or not priors.vector_weight:
        return block
    of_terms = vector_block(priors.vectors, features)
    rows = np.flatnonzero(of_terms.any(axis=1))
    vectors = of_terms[rows].astype(np.float64)
    means = block[rows].T @ vectors
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    cosines = vectors @ means.T
    nearness = cosines - cosines.mean(axis=1, keepdims=True)
    unlisted = ~block[rows].any(axis=1, keepdims=True)
    block[rows] += _NEIGHBOUR_WEIGHT * np.maximum(nearness - _NEAR, 0) * unlisted
    return block


def line_for(weights: NDArray[np.float64], texts: Any, Y: NDArray[Any]) -> WordLine:
    """Return the line for topics without labels, from those that have words and labels.

    Parameters
    ----------
    weights : of `word_weights`
    texts : ``(n_texts, n_terms)`` sparse, TF-IDF
    Y : ``(n_texts, n_topics)``, labels
    """
    pool = weights.any(axis=0) & Y.any(axis=0)
    sums = texts @ weights[:, pool]
    touched = Y[:, pool][sums > 0]
    if touched.sum() < _FEWEST_POSITIVES:
        return MEASURED
    line = WordLine.of(sums, Y[:, pool])
    # Where words are always right, more of them say no more, and the line is flat: it would give
    # the topic to texts without any.
    return line if line.offset < line.tag else MEASURED


def worth_of_words(
    margins: NDArray[Any],
    sums: NDArray[np.float64],
    Y: NDArray[Any],
    sample_weight: NDArray[Any] | None = None,
) -> float:
    """Return how many times the sums of words to add to the margins, at least 0.

    Parameters
    ----------
    margins : ``(n_texts, n_topics)``, of texts held out
    sums : ``(n_texts, n_topics)``, what the words of those texts say, by `word_weights`
    Y : ``(n_texts, n_topics)``, labels
    sample_weight : ``(n_texts,)``, by default all 1

    Notes
    -----
    See `classifier.trainer.pooling.worth_beside`. Many labels leave the words nothing to add. On
    2,767 real texts with 30 topics and ten labelled texts a topic, mean of two draws, micro-F1 is
    0.691 with a lexicon of 26,000 words, where the words alone reach 0.652, and 0.561 with those of
    names and descriptions: `training/benchmarks/learning.py`.
    """
    labels = np.asarray(Y) > 0
    if not (labels & (sums > 0)).any() or labels.all():
        return 0.0
    return max(worth_beside(margins, sums, Y, sample_weight), 0.0)


def fill_in(
    line: WordLine,
    bare: NDArray[np.bool],
    calibration: Calibration,
    thresholds: Thresholds,
) -> tuple[Calibration, Thresholds]:
    """Return calibration and thresholds of all topics from those of the labelled ones.

    Parameters
    ----------
    line : for the topics without labels
    bare : ``(n_topics,)``, which those are
    calibration, thresholds : of the others, in order

    Notes
    -----
    Nothing was seen to be right of a topic without labels, so it is never accepted. A text without
    topic is only `none` if the labelled topics allow it; without any, everything is for review.
    """
    some = ~bare
    whole = Calibration(
        spread(calibration.slope, some, line.slope),
        spread(calibration.offset, some, line.offset),
        calibration.curve,
        calibration.rivalry,
    )
    tag = float(whole.after_lines(np.array([line.tag]))[0])
    possible = min(tag, float(thresholds.possible.min())) if some.any() else 0.0
    return whole, Thresholds(
        tag=spread(thresholds.tag, some, tag),
        accept=spread(thresholds.accept, some, np.inf),
        possible=spread(thresholds.possible, some, possible),
    )


def spread(values: NDArray[Any], some: NDArray[np.bool], other: float) -> NDArray[Any]:
    """Put the last axis of `values` where `some` is true, and `other` elsewhere."""
    wide = np.full((*values.shape[:-1], len(some)), other, dtype=values.dtype)
    wide[..., some] = values
    return wide
