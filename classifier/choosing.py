"""Probabilities to topics and decisions, for many texts at once and quick for one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.metrics import ACCEPT, NONE, REVIEW, Thresholds
from classifier.predictions import Options, Tags
from classifier.text import normalize


@dataclass(frozen=True, slots=True, eq=False)
class Chooser:
    """The thresholds as the options of one call leave them.

    What it gives is what `classifier.metrics.assign_topics` and `decide` give, which work on whole
    indicator matrices; here all but a few entries of a matrix are set aside at once.

    Attributes
    ----------
    tag, accept : ``(n_topics,)`` float64, as in `Thresholds`
    floor : ``(n_topics,)`` float64, below it a probability plays no part; infinite for a topic that
        is not considered
    considered : ``(n_topics,)`` bool
    exclusive : a text gets the most probable topic, whatever `tag` says
    max_topics : most topics a text gets
    """

    tag: NDArray[np.float64]
    accept: NDArray[np.float64]
    floor: NDArray[np.float64]
    considered: NDArray[np.bool]
    exclusive: bool
    max_topics: int | None

    @classmethod
    def of(
        cls,
        thresholds: Thresholds,
        considered: NDArray[np.bool],
        options: Options,
        *,
        exclusive: bool,
    ) -> "Chooser":
        """Put options to thresholds; `considered` says which topics play a part."""
        own = np.zeros_like(thresholds.tag) if exclusive else thresholds.tag
        tag = np.maximum(own, options.min_probability)
        floor = np.minimum(tag, thresholds.possible)
        floor[~considered] = np.inf
        return cls(tag, thresholds.accept, floor, considered, exclusive, options.max_topics)

    def choose(
        self, probabilities: NDArray[np.float32], known: NDArray[np.bool], texts: Sequence[str]
    ) -> Tags:
        """Return the topics and the decision of each text.

        Parameters
        ----------
        probabilities : ``(n_texts, n_topics)`` float32
        known : ``(n_texts,)``, whether the text has a known term
        texts : the texts, looked at only where nothing is known
        """
        n_texts = len(probabilities)
        places, columns = self._candidates(probabilities).nonzero()
        found = probabilities[places, columns]
        nearly = np.bincount(places, minlength=n_texts)
        given = found >= self.tag.take(columns)
        if np.count_nonzero(given) < len(given):
            places, columns, found = places[given], columns[given], found[given]
        if len(places) > 1:
            order = np.lexsort((-found, places))
            places, columns, found = places.take(order), columns.take(order), found.take(order)
        counts = np.bincount(places, minlength=n_texts)
        if self.max_topics is not None:
            first = np.cumsum(counts) - counts
            kept = np.arange(len(places)) - first.take(places) < self.max_topics
            places, columns, found = places[kept], columns[kept], found[kept]
            counts = np.minimum(counts, self.max_topics)
        doubtful = np.bincount(places[found < self.accept.take(columns)], minlength=n_texts)
        decisions = np.where(
            counts > 0,
            np.where(doubtful > 0, REVIEW, ACCEPT),
            np.where((nearly > 0) | ~known, REVIEW, NONE),
        ).astype(np.int8)
        if np.count_nonzero(known) < n_texts:
            for index in (~known).nonzero()[0].tolist():
                if not normalize(texts[index]):
                    decisions[index] = NONE
        return Tags(counts, columns.astype(np.int16), found, decisions)

    def _candidates(self, probabilities: NDArray[np.float32]) -> NDArray[np.bool]:
        """Mark what is or may be a topic: ``(n_texts, n_topics)``."""
        if not self.exclusive:
            candidates: NDArray[np.bool] = probabilities >= self.floor
            return candidates
        allowed = np.where(self.considered, probabilities, 0)
        best = allowed.argmax(axis=1)
        candidates = np.zeros(allowed.shape, dtype=np.bool)
        rows = np.arange(len(allowed))
        candidates[rows, best] = allowed[rows, best] > 0
        return candidates
