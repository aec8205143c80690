"""Margins to probabilities, topics and decisions, for many texts at once and quick for one."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.metrics import ACCEPT, NONE, REVIEW, Curve, Thresholds, sigmoid
from classifier.predictions import Options, Tags
from classifier.text import normalize

# Log odds by which a candidate may miss its threshold before rounding decides otherwise.
_ROUNDING = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Turns margins into probabilities: ``sigmoid(curve(line - rivalry * surest other line))``.

    Attributes
    ----------
    slope, offset : ``(n_topics,)`` float64, a straight line a topic from margin to log odds
    curve : one for all topics, which bends the log odds to what was seen on held-out texts
    rivalry : log odds that a topic loses for each of the text's surest other topic
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    curve: Curve = field(default_factory=Curve.straight)
    rivalry: float = 0.0
    _slope: NDArray[np.float32] = field(init=False, repr=False)
    _offset: NDArray[np.float32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_slope", self.slope.astype(np.float32))
        object.__setattr__(self, "_offset", self.offset.astype(np.float32))

    def lines(self, margins: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the log odds before the curve: ``(n_texts, n_topics)`` float32."""
        logits = margins * self._slope
        logits += self._offset
        if self.rivalry and logits.shape[1] > 1:
            logits -= np.float32(self.rivalry) * surest_other(logits)
        return logits

    def probabilities(self, margins: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return probabilities ``(n_texts, n_topics)`` float32."""
        return self.after_lines(self.lines(margins))

    def after_lines(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probabilities that log odds before the curve stand for, of any shape.

        In float64 up to the last step, so that `after_line`, whose exponential may differ in the
        last bit of that, rounds to the same.
        """
        return sigmoid(self.curve.logits(logits.astype(np.float64))).astype(np.float32)

    def after_line(self, logit: float) -> float:
        """Return what `after_lines` returns of one number."""
        after = self.curve.logit(logit)
        small = math.exp(-abs(after))
        return float(np.float32((1.0 if after >= 0 else small) / (1.0 + small)))

    def of_texts(
        self, margins: NDArray[np.float32], known: NDArray[np.bool], *, exclusive: bool
    ) -> NDArray[np.float32]:
        """Return probabilities of texts: zeros where nothing is known, sums of 1 if exclusive."""
        probabilities = self.probabilities(margins)
        probabilities[~known] = 0
        if exclusive:
            probabilities /= np.maximum(probabilities.sum(axis=1, keepdims=True), 1e-12)
        return probabilities

    def line_of(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log odds before the curve that give these probabilities."""
        with np.errstate(divide="ignore"):
            after = np.log(probability) - np.log1p(-probability)
        low, high = self.curve.y[0], self.curve.y[-1]
        inside = np.clip(after, low, high)
        before: NDArray[np.float64] = np.interp(inside, self.curve.y, self.curve.x)
        before += after - inside
        return before


def surest_other(logits: NDArray[Any]) -> NDArray[Any]:
    """Return the highest log odds among a text's other topics, for each topic.

    Parameters
    ----------
    logits : ``(n_texts, n_topics)``, of two topics or more

    Returns
    -------
    ``(n_texts, n_topics)``, in the float type given

    Examples
    --------
    >>> surest_other(np.array([[2.0, -1.0, 0.5]], dtype=np.float32)).tolist()
    [[0.5, 2.0, 2.0]]
    """
    ordered = logits.copy()
    ordered.sort(axis=1)  # of so few topics quicker than np.partition
    first = ordered[:, -1:]
    return np.where(logits < first, first, ordered[:, -2:-1])


@dataclass(frozen=True, slots=True, eq=False)
class Chooser:
    """Calibration and thresholds as the options of one call leave them.

    What it gives is what `classifier.metrics.assign_topics` and `decide` give, which work on whole
    indicator matrices; here all but a few entries of a matrix are set aside at once, and only those
    few become probabilities.

    Attributes
    ----------
    calibration : of the model
    tag, accept : ``(n_topics,)`` float64, as in `Thresholds`
    floor : ``(n_topics,)`` float64, below it a probability plays no part; above 1 for a topic that
        is not considered
    lines : ``(n_topics,)`` float32, log odds before the curve that are surely below `floor`
    exclusive : a text gets the most probable topic, whatever `tag` says
    max_topics : most topics a text gets
    """

    calibration: Calibration
    tag: NDArray[np.float64]
    accept: NDArray[np.float64]
    floor: NDArray[np.float64]
    lines: NDArray[np.float32]
    exclusive: bool
    max_topics: int | None
    # A topic's `tag`, `accept` and `floor` as Python's floats: the few candidates of one text are
    # compared one by one, and to take a number out of an array costs more than to compare it.
    _limits: list[tuple[float, float, float]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        limits = zip(self.tag.tolist(), self.accept.tolist(), self.floor.tolist(), strict=True)
        object.__setattr__(self, "_limits", list(limits))

    @classmethod
    def of(
        cls,
        calibration: Calibration,
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
        lines = calibration.line_of(np.clip(floor, 0, 1)) - _ROUNDING
        floor[~considered] = np.inf
        lines[~considered] = np.inf
        return cls(
            calibration,
            tag,
            thresholds.accept,
            floor,
            lines.astype(np.float32),
            exclusive,
            options.max_topics,
        )

    def choose(
        self, margins: NDArray[np.float32], known: NDArray[np.bool], texts: Sequence[str]
    ) -> Tags:
        """Return the topics and the decision of each text.

        Parameters
        ----------
        margins : ``(n_texts, n_topics)`` float32
        known : ``(n_texts,)``, whether the text has a known term
        texts : the texts, looked at only where nothing is known
        """
        n_texts = len(margins)
        places, columns, found = self._candidates(margins, known)
        decisions = np.empty(n_texts, dtype=np.int8)
        decisions.fill(NONE)
        decisions[places] = REVIEW
        given = found >= self.tag.take(columns)
        if np.count_nonzero(given) < len(given):
            places, columns, found = places[given], columns[given], found[given]
        if len(places) > 1:
            order = np.lexsort((-found, places))
            places, columns, found = places.take(order), columns.take(order), found.take(order)
        counts = np.bincount(places, minlength=n_texts)
        if self.max_topics is not None:
            first = counts.cumsum() - counts
            kept = np.arange(len(places)) - first.take(places) < self.max_topics
            places, columns, found = places[kept], columns[kept], found[kept]
            counts = np.minimum(counts, self.max_topics)
        decisions[places] = ACCEPT
        decisions[places[found < self.accept.take(columns)]] = REVIEW
        if np.count_nonzero(known) < n_texts:
            for index in (~known).nonzero()[0].tolist():
                decisions[index] = REVIEW if normalize(texts[index]) else NONE
        return Tags(counts, columns.astype(np.int16), found, decisions)

    def choose_one(
        self, margins: NDArray[np.float32], text: str, *, known: bool
    ) -> tuple[list[tuple[int, float]], int]:
        """Return the topics and the decision of one text: what `choose` gives, in less time.

        Parameters
        ----------
        margins : ``(1, n_topics)`` float32
        text : looked at only where nothing is known
        known : whether the text has a known term

        Returns
        -------
        topics : column and probability of each, most probable first
        decision : its code
        """
        if not known:
            return [], REVIEW if normalize(text) else NONE
        topics, decision = [], NONE
        for column, probability in self._candidates_of_one(margins):
            decision = REVIEW
            if probability >= self._limits[column][0]:
                topics.append((column, probability))
        topics.sort(key=_minus_probability)
        if self.max_topics is not None:
            del topics[self.max_topics :]
        if topics and all(probability >= self._limits[column][1] for column, probability in topics):
            decision = ACCEPT
        return topics, decision

    def _candidates_of_one(self, margins: NDArray[np.float32]) -> Iterable[tuple[int, float]]:
        """Return topic and probability of all that is or may be a topic of one text."""
        if self.exclusive:
            _, columns, found = self._most_probable(margins, np.ones(1, dtype=np.bool))
            return zip(columns.tolist(), found.tolist(), strict=True)
        logits = self.calibration.lines(margins)[0]
        columns = (logits >= self.lines).nonzero()[0]
        if not len(columns):
            return ()
        probabilities = map(self.calibration.after_line, logits.take(columns).tolist())
        pairs = zip(columns.tolist(), probabilities, strict=True)
        return [pair for pair in pairs if pair[1] >= self._limits[pair[0]][2]]

    def _candidates(
        self, margins: NDArray[np.float32], known: NDArray[np.bool]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Return text, topic and probability of all that is or may be a topic."""
        if self.exclusive:
            return self._most_probable(margins, known)
        logits = self.calibration.lines(margins)
        if np.count_nonzero(known) < len(known):
            logits[~known] = -np.inf  # nothing known, nothing claimed
        places, columns = (logits >= self.lines).nonzero()
        found = self.calibration.after_lines(logits[places, columns])
        high: NDArray[Any] = found >= self.floor.take(columns)
        if np.count_nonzero(high) < len(high):
            return places[high], columns[high], found[high]
        return places, columns, found

    def _most_probable(
        self, margins: NDArray[np.float32], known: NDArray[np.bool]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Return text, topic and probability of the most probable topic, where it is considered."""
        probabilities = self.calibration.of_texts(margins, known, exclusive=True)
        places = np.arange(len(margins))
        columns = probabilities.argmax(axis=1)
        found = probabilities[places, columns]
        claimed = (found > 0) & (self.floor <= 1).take(columns)
        return places[claimed], columns[claimed], found[claimed]


def _minus_probability(topic: tuple[int, float]) -> float:
    return -topic[1]
