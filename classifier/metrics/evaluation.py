"""One evaluation of a model on labelled texts, as one tree of plain values.

These say what is measured; `evaluate` in `evaluating.py` measures it, and the report draws it.
"""

from dataclasses import dataclass
from typing import Any

from classifier.metrics.intervals import Interval
from classifier.metrics.plain import as_plain
from classifier.metrics.reliability import ReliabilityBin


@dataclass(frozen=True, slots=True)
class AverageScores:
    """Precision, recall and F1 over all topics, each with its interval."""

    precision: Interval
    recall: Interval
    f1: Interval


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic's scores; `support` texts are labelled with it, `predicted` texts got it."""

    topic: str
    precision: float
    recall: float
    f1: Interval
    support: int
    predicted: int


@dataclass(frozen=True, slots=True)
class DecisionScores:
    """What the decisions are worth.

    Attributes
    ----------
    accept_share, review_share, none_share : shares of all texts; they sum to 1
    accept_precision : share of the topics of ``accept`` texts that are labels
    accept_exact : share of ``accept`` texts whose topics are their labels, no more and no fewer
    none_precision : share of ``none`` texts that have no label

    Notes
    -----
    A share of nothing (no text was accepted) is None.
    """

    accept_share: float
    review_share: float
    none_share: float
    accept_precision: Interval | None
    accept_exact: Interval | None
    none_precision: Interval | None


@dataclass(frozen=True, slots=True)
class AcceptPoint:
    """Accepting texts down to `probability` (of their least sure topic): how many, how right."""

    probability: float
    coverage: float
    precision: float


@dataclass(frozen=True, slots=True)
class CalibrationScores:
    """How far probabilities can be taken at their word, over pairs of text and topic.

    Attributes
    ----------
    error : expected calibration error of pairs whose probability is at least `floor`; below it lie
        nearly all pairs, near 0 and right whatever the model does
    error_of_all : the same of all pairs
    floor : see `error`
    curve : share labelled in bins of equal mass, of pairs at or above `floor`
    """

    error: float
    error_of_all: float
    floor: float
    curve: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True)
class NamedPair:
    """On `n_texts` texts the topic `missed` was missed while `added` was added; rows of some."""

    missed: str
    added: str
    n_texts: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A topic wrongly given to the text in `row`, or wrongly withheld.

    Attributes
    ----------
    row : of the text, from 0
    topic, probability : what was wrong, and how sure the model was of it
    labels, given : all topics that a person gave the text, and all that the model gave
    """

    row: int
    topic: str
    probability: float
    labels: tuple[str, ...]
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SliceScores:
    """Scores of the texts that share a value; None stands for all values too rare to list.

    A share of nothing is None, and so is F1 where no text was given or labelled with a topic.
    """

    value: str | None
    n_texts: int
    f1: Interval | None
    precision: float | None
    recall: float | None
    exact_match: float
    first_topic: float | None
    accept_share: float
    accept_precision: float | None
    accept_exact: float | None
    none_share: float
    none_precision: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every score of a model on a set of labelled texts.

    Attributes
    ----------
    n_texts, n_groups : texts, and groups of reprints among which the intervals resample
    n_labels, n_predicted : pairs of text and topic labelled, and given
    level, n_resamples, seed : of the bootstrap intervals
    exclusive : every text has exactly one label and one prediction; `exact_match` is accuracy then
    micro, macro : averages over all pairs, and over topics
    exact_match : share of texts whose topics are their labels, no more and no fewer
    first_topic : share of labelled texts whose most probable topic is a label; None without any
    decisions, accept_curve, calibration : how far the model can be left alone
    topics : a row a topic, in column order
    confused : topics missed and added on the same text, most frequent first
    false_alarms : wrongly given topics, most probable first
    misses : labels not given, least probable first
    slices : column name to a row a value, largest first
    """

    n_texts: int
    n_groups: int
    n_labels: int
    n_predicted: int
    level: float
    n_resamples: int
    seed: int
    exclusive: bool
    micro: AverageScores
    macro: AverageScores
    exact_match: Interval
    first_topic: Interval | None
    decisions: DecisionScores
    accept_curve: tuple[AcceptPoint, ...]
    calibration: CalibrationScores
    topics: tuple[TopicRow, ...]
    confused: tuple[NamedPair, ...]
    false_alarms: tuple[Mistake, ...]
    misses: tuple[Mistake, ...]
    slices: dict[str, tuple[SliceScores, ...]]

    @property
    def has_topics(self) -> bool:
        """Whether a topic was labelled or given; where none was, averages of 0 mean nothing."""
        return bool(self.n_labels or self.n_predicted)

    def to_dict(self) -> dict[str, Any]:
        """Return the whole as dicts, lists and numbers, ready for JSON."""
        plain: dict[str, Any] = as_plain(self)
        return plain
