"""Tags to what an output holds: columns of a table, or members of a JSON object.

A topic's probability has four decimals everywhere. Each of the 10,001, and every topic's own part,
is written once and then looked up, since a million rows hold a million of them.
"""

import functools
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.model import Prediction, Tags, TopicExplanation
from classifier.tables import TableFormat, as_json
from classifier.taxonomy import Topic

_ROUND = 4
_STEPS = 10**_ROUND
_DECISIONS = ("accept", "review", "none")


def as_object(prediction: Prediction) -> dict[str, object]:
    """Return a prediction in the shape of the JSON outputs, without its text."""
    return {
        "topics": [
            {"id": topic.id, "name": topic.name, "probability": round(topic.probability, _ROUND)}
            for topic in prediction.topics
        ],
        "decision": prediction.decision,
    }


class Shaper:
    """Turns tags into result columns.

    Parameters
    ----------
    topics : those of the model
    format_ : what is written: JSONL has objects in ``topics``, Parquet lists, others joined texts
    """

    def __init__(self, topics: Sequence[Topic], format_: TableFormat) -> None:
        self._ids = [topic.id for topic in topics]
        self._names = [topic.name for topic in topics]
        self._openings = [
            f'{{"id": {as_json(topic.id)}, "name": {as_json(topic.name)}, "probability": '
            for topic in topics
        ]
        self.format = format_

    @property
    def nested(self) -> bool:
        """Whether names and probabilities stand inside ``topics``."""
        return self.format is TableFormat.JSONL

    def members(self, tags: Tags) -> list[str]:
        """Return for each text its two members of a JSON object, as text."""
        openings = self._openings
        topics = iter(
            [
                f"{openings[column]}{_written(step)}}}"
                for column, step in zip(tags.columns.tolist(), _steps(tags), strict=True)
            ]
        )
        ends = [f'], "decision": "{decision}"' for decision in _DECISIONS]
        return [
            f'"topics": [{", ".join(islice(topics, count))}{ends[decision]}'
            for count, decision in zip(tags.counts.tolist(), tags.decisions.tolist(), strict=True)
        ]

    def columns(self, tags: Tags) -> dict[str, Any]:
        """Return the result columns, each with one value a text."""
        if self.format is TableFormat.JSONL:
            return self._objects(tags)
        if self.format is TableFormat.PARQUET:
            return self._arrow(tags)
        columns, counts = tags.columns.tolist(), tags.counts.tolist()
        probabilities = list(map(_written, _steps(tags)))
        return {
            "topics": _joined([self._ids[column] for column in columns], counts),
            "topic_names": _joined([self._names[column] for column in columns], counts),
            "probabilities": _joined(probabilities, counts),
            "decision": [_DECISIONS[decision] for decision in tags.decisions.tolist()],
        }

    def _objects(self, tags: Tags) -> dict[str, Any]:
        topics = iter(
            [
                {
                    "id": self._ids[column],
                    "name": self._names[column],
                    "probability": step / _STEPS,
                }
                for column, step in zip(tags.columns.tolist(), _steps(tags), strict=True)
            ]
        )
        return {
            "topics": [list(islice(topics, count)) for count in tags.counts.tolist()],
            "decision": [_DECISIONS[decision] for decision in tags.decisions.tolist()],
        }

    def _arrow(self, tags: Tags) -> dict[str, Any]:
        from classifier.tables.parquet import list_column, text_column

        return {
            "topics": list_column(tags.counts, text_column(tags.columns, self._ids)),
            "topic_names": list_column(tags.counts, text_column(tags.columns, self._names)),
            "probabilities": list_column(tags.counts, _rounded(tags) / _STEPS),
            "decision": text_column(tags.decisions, _DECISIONS),
        }


def _rounded(tags: Tags) -> NDArray[np.float64]:
    # Exact: a float32 times ten thousand has fewer digits than a float64 holds.
    rounded: NDArray[np.float64] = np.rint(tags.probabilities.astype(np.float64) * _STEPS)
    return rounded


def _steps(tags: Tags) -> list[int]:
    steps: list[int] = _rounded(tags).astype(np.int64).tolist()
    return steps


@functools.cache
def _written(step: int) -> str:
    return repr(step / _STEPS)


def _joined(values: list[str], counts: list[int]) -> list[str]:
    stream = iter(values)
    return ["|".join(islice(stream, count)) for count in counts]


def explanation_object(text: str, explanations: Sequence[TopicExplanation]) -> dict[str, object]:
    """Return explanations in the shape of the JSON outputs."""
    return {
        "text": text,
        "topics": [
            {
                "id": topic.id,
                "name": topic.name,
                "probability": round(topic.probability, _ROUND),
                "pieces": [
                    {
                        "start": piece.start,
                        "end": piece.end,
                        "text": piece.text,
                        "weight": round(piece.weight, _ROUND),
                    }
                    for piece in topic.pieces
                ],
            }
            for topic in explanations
        ],
    }
