"""The steps of a text's way, in the order that a model takes them, each timed."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier.choosing import Chooser
from classifier.documents import headline_core
from classifier.features import TermRows
from classifier.model import Options, Prediction, Tags, TopicClassifier
from classifier.text import FoldedTexts


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage takes.

    Attributes
    ----------
    name : a key of `STAGES`
    batch_us : microseconds a headline, in batches
    one_us : microseconds, one headline at a time
    """

    name: str
    batch_us: float
    one_us: float


@dataclass(slots=True, eq=False)
class _Way:
    """Some texts on their way, step by step; what `TopicClassifier.predict` does to a batch.

    The last two steps are others where one text goes alone.
    """

    model: TopicClassifier
    chooser: Chooser
    texts: Sequence[str]
    core: list[str] = field(init=False)
    folded: FoldedTexts = field(init=False)
    lengths: NDArray[np.int64] = field(init=False)
    found: NDArray[np.int64] = field(init=False)
    rows: TermRows = field(init=False)
    margins: NDArray[np.float32] = field(init=False)
    tags: Tags = field(init=False)
    found_of_one: tuple[list[tuple[int, float]], int] = field(init=False)
    predictions: list[Prediction] = field(init=False)

    def trim(self) -> None:
        self.core = [text[slice(*headline_core(text))] for text in self.texts]

    def fold(self) -> None:
        self.folded = self.model.features.fold(self.core)

    def segment(self) -> None:
        self.lengths = self.model.features.cut(self.folded.joined)

    def find(self) -> None:
        self.found = self.model.features.find(self.folded, self.lengths)

    def weigh(self) -> None:
        self.rows = self.model.features.weigh(self.found, len(self.texts))

    def multiply(self) -> None:
        self.margins = self.model.weights.margins(self.rows)

    def decide(self) -> None:
        if len(self.texts) == 1:
            self.found_of_one = self.chooser.choose_one(
                self.margins, self.texts[0], known=len(self.rows.terms) > 0
            )
        else:
            self.tags = self.chooser.choose(self.margins, self.rows.known, self.texts)

    def make_objects(self) -> None:
        if len(self.texts) == 1:
            topics, decision = self.found_of_one
            self.predictions = [Prediction.of(self.texts[0], topics, decision, self.model.topics)]
        else:
            self.predictions = self.tags.predictions(self.texts, self.model.topics)


# What a person reads, and the step.
STAGES = {
    "trim what is no headline": _Way.trim,
    "fold": _Way.fold,
    "segment": _Way.segment,
    "look up terms": _Way.find,
    "count and weigh": _Way.weigh,
    "margins": _Way.multiply,
    "probabilities and decision": _Way.decide,
    "make objects": _Way.make_objects,
}


def time_stages(
    model: TopicClassifier, texts: Sequence[str], *, size: int, rounds: int
) -> dict[str, float]:
    """Return how long each stage takes: microseconds a text, the median over rounds.

    Parameters
    ----------
    model : the model
    texts : at least one
    size : texts that go the way together, at least 1
    rounds : times that all go it, after one not counted

    Notes
    -----
    Each group goes its whole way before the next begins, as in use, so that what a stage leaves in
    the cache is there for the next one.
    """
    chooser = set_up_once(model)
    groups = [texts[at : at + size] for at in range(0, len(texts), size)]
    seconds: dict[str, list[float]] = {name: [] for name in STAGES}
    for number in range(rounds + 1):
        took = dict.fromkeys(STAGES, 0.0)
        for group in groups:
            way = _Way(model, chooser, group)
            for name, step in STAGES.items():
                start = time.perf_counter()
                step(way)
                took[name] += time.perf_counter() - start
        if number:
            for name, of_round in took.items():
                seconds[name].append(of_round)
    return {name: statistics.median(s) / len(texts) * 1e6 for name, s in seconds.items()}


def set_up_once(model: TopicClassifier) -> Chooser:
    """Return what a call without options decides by."""
    considered = np.ones(len(model.topics), dtype=np.bool)
    return Chooser.of(
        model.calibration, model.thresholds, considered, Options(), exclusive=model.exclusive
    )
