"""What is asked of a model and what it answers: options, predictions, explanations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from classifier.taxonomy import Topic

Decision = Literal["accept", "review", "none"]
_Made = TypeVar("_Made", bound=tuple[Any, ...])

# At the index that is its code, as in `classifier.metrics`.
_DECISIONS: tuple[Decision, ...] = ("accept", "review", "none")


class TopicScore(NamedTuple):
    """One topic of a text.

    Attributes
    ----------
    id, name : of the topic
    probability : that the text bears the topic, calibrated, in [0, 1]
    """

    id: str
    name: str
    probability: float


class Prediction(NamedTuple):
    """What the model says of one text.

    Attributes
    ----------
    text : as it was given
    topics : those whose probability reaches their threshold, most probable first
    decision : ``"accept"`` (every topic is sure enough to go out unseen), ``"review"`` (a person
        should look: a topic is unsure, or none is given but one nearly was, or no term of the text
        is known) or ``"none"`` (no topic, or an empty text)
    """

    text: str
    topics: tuple[TopicScore, ...]
    decision: Decision

    @classmethod
    def of(
        cls,
        text: str,
        found: Iterable[tuple[int, float]],
        decision: int,
        topics: Sequence[Topic],
    ) -> "Prediction":
        """Return what is said of one text.

        Parameters
        ----------
        text : the text
        found : column and probability of each of its topics, most probable first
        decision : place in ``("accept", "review", "none")``
        topics : those of the model
        """
        scores = [
            TopicScore(topics[column].id, topics[column].name, probability)
            for column, probability in found
        ]
        return cls(text, tuple(scores), _DECISIONS[decision])


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text and what it added to a topic's margin.

    Attributes
    ----------
    start, end : code points of the original text, ``text[start:end]``; equal where what counts is
        that the text begins or ends there, or how long it is (of models that count punctuation)
    text : that piece
    weight : its part of the margin; negative where it speaks against the topic
    """

    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class TopicExplanation:
    """Which pieces of a text carried a topic.

    Attributes
    ----------
    id, name, probability : as in `TopicScore`
    pieces : in the order of the text; with `base` their weights sum to the margin
    base : the margin of a text that says nothing
    """

    id: str
    name: str
    probability: float
    pieces: tuple[Piece, ...]
    base: float


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller may ask of a prediction.

    Attributes
    ----------
    topics : ids or names to consider; None considers all
    exclude_topics : ids or names to leave out
    min_probability : below this no topic is given, whatever its own threshold
    max_topics : most topics a text gets, the most probable ones; None is no limit
    """

    topics: tuple[str, ...] | None = None
    exclude_topics: tuple[str, ...] = ()
    min_probability: float = 0.0
    max_topics: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.min_probability <= 1:
            raise ValueError(
                f"min_probability must be between 0 and 1, got {self.min_probability!r}"
            )
        if self.max_topics is not None and self.max_topics < 0:
            raise ValueError(f"max_topics must be at least 0, got {self.max_topics!r}")
        for name, value in (("topics", self.topics), ("exclude_topics", self.exclude_topics)):
            if isinstance(value, str):
                raise TypeError(f"{name} takes several ids, got the string {value!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Tags:
    """The topics of many texts as arrays: what `Prediction` says, small and quick to pass on.

    Attributes
    ----------
    counts : ``(n_texts,)`` int64, topics that each text has
    columns : ``(counts.sum(),)`` int16, the topics of the first text, most probable first, then
        those of the next; numbers of `TopicClassifier.topics`
    probabilities : as long, float32
    decisions : ``(n_texts,)`` int8, numbers of ``("accept", "review", "none")``
    """

    counts: NDArray[np.int64]
    columns: NDArray[np.int16]
    probabilities: NDArray[np.float32]
    decisions: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.counts)

    @classmethod
    def concatenate(cls, parts: "Sequence[Tags]") -> "Tags":
        """Return the tags of all parts in order; there must be one part at least."""
        if len(parts) == 1:
            return parts[0]
        arrays: Any = zip(
            *((one.counts, one.columns, one.probabilities, one.decisions) for one in parts),
            strict=True,
        )
        return cls(*map(np.concatenate, arrays))

    def predictions(self, texts: Sequence[str], topics: Sequence[Topic]) -> list[Prediction]:
        """Return the prediction of each text.

        Parameters
        ----------
        texts : as many as there are tags for
        topics : those of the model
        """
        # By map and zip alone, in C: a loop that makes these objects shows in the rate of batches.
        ids, names = [topic.id for topic in topics], [topic.name for topic in topics]
        columns = self.columns.tolist()
        scores = _make(
            TopicScore,
            zip(
                map(ids.__getitem__, columns),
                map(names.__getitem__, columns),
                self.probabilities.tolist(),
                strict=True,
            ),
        )
        ends = self.counts.cumsum().tolist()
        given = [tuple(scores[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
        decisions = map(_DECISIONS.__getitem__, self.decisions.tolist())
        return _make(Prediction, zip(texts, given, decisions, strict=True))


def _make(kind: type[_Made], rows: Iterable[tuple[Any, ...]]) -> list[_Made]:
    """Return a named tuple of each row."""
    return list(map(tuple.__new__, repeat(kind), rows))
