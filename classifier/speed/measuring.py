"""A model's speed on this machine, to one report."""

import importlib.util
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np

from classifier.artefact import load
from classifier.metrics import as_plain
from classifier.model import TopicClassifier
from classifier.speed.machine import Machine, resident_mb
from classifier.speed.stages import STAGES, StageTime, time_stages
from classifier.speed.timing import Spread, in_turn
from classifier.tokens import Engine, Segmenter

N_TEXTS = 4_096
BATCH = 2_048  # texts that a model works on at once
ROUNDS = 5

_SEED = 0
_ONE_BY_ONE = 400  # texts timed one at a time
_LOOPS = 100
_FEWEST_WORDS, _MOST_WORDS = 6, 15


@dataclass(frozen=True, slots=True)
class TextsUsed:
    """The texts that speed was measured with.

    Attributes
    ----------
    n_texts, mean_characters : how many, and how long they are
    seed : of the draw, where they were made by `made_texts`; None where they were given
    """

    n_texts: int
    mean_characters: float
    seed: int | None


@dataclass(frozen=True, slots=True)
class SpeedReport:
    """What `measure_speed` found. Figures measured in turn have their spread.

    Attributes
    ----------
    model, version, digest : of the model
    n_terms, n_topics : its size
    texts, machine : what was measured with, and on
    load_ms : loading the model, every file checked against its hash
    one_us : one headline at a time in a warm process, with the 5th and the 95th percentile
    batch_per_s : headlines a second in batches of `BATCH`, on one thread
    memory_mb : `resident_mb` when the model was loaded and had tagged one headline
    stages : where the time goes, in the order of a text's way
    segmenter : what segments: ``"rjieba"`` or ``"jieba"``
    segment_us : for reference, segmenting alone, microseconds a headline, in batches
    loop_us : for reference, 1,000 rounds of a fixed loop in Python
    batch_in_segments : time of a headline in batches over `segment_us`, round by round
    one_in_loops : time of a headline, one at a time, over `loop_us`, likewise
    """

    model: str
    version: str
    digest: str
    n_terms: int
    n_topics: int
    texts: TextsUsed
    machine: Machine
    load_ms: Spread
    one_us: Spread
    batch_per_s: Spread
    memory_mb: float | None
    stages: tuple[StageTime, ...]
    segmenter: str
    segment_us: Spread
    loop_us: Spread
    batch_in_segments: Spread
    one_in_loops: Spread

    def to_dict(self) -> dict[str, Any]:
        """Return all of it in what JSON knows."""
        whole: dict[str, Any] = as_plain(self)
        return whole


def measure_speed(
    model: str | os.PathLike[str],
    texts: Sequence[str] | None = None,
    *,
    n_texts: int = N_TEXTS,
    rounds: int = ROUNDS,
) -> SpeedReport:
    """Return how fast a model is on this machine, in some seconds.

    Parameters
    ----------
    model : name or folder of a model
    texts : headlines; by default those of `made_texts`
    n_texts : most headlines used, at least 1
    rounds : times that everything is run, after one not counted, at least 1

    Raises
    ------
    ModelNotFoundError, ArtefactError
        As for `classifier.load`.
    ValueError
        There is no text, or a number is less than 1.
    """
    if n_texts < 1 or rounds < 1:
        raise ValueError(f"n_texts and rounds must be at least 1, got {n_texts} and {rounds}")
    loaded = load(model)
    loaded.classify("修通水渠")
    memory_mb = resident_mb()
    used = made_texts(loaded, n_texts) if texts is None else texts[:n_texts]
    if not used:
        raise ValueError("there is no text to measure with; give one at least, or None")
    runs = _Runs.of(model, loaded, used, rounds)
    few = used[:_ONE_BY_ONE]
    n_few = len(few)
    loops = [seconds / _LOOPS for seconds in runs.loop]
    in_batches = time_stages(loaded, used, size=BATCH, rounds=rounds)
    one_by_one = time_stages(loaded, few, size=1, rounds=rounds)
    return SpeedReport(
        model=loaded.name,
        version=loaded.version,
        digest=loaded.digest,
        n_terms=loaded.features.n_terms,
        n_topics=len(loaded.topics),
        texts=TextsUsed(
            len(used), statistics.fmean(map(len, used)), _SEED if texts is None else None
        ),
        machine=Machine.here(),
        load_ms=Spread.of([seconds * 1e3 for seconds in runs.load]),
        one_us=Spread.of_middle([seconds * 1e6 for seconds in runs.one]),
        batch_per_s=Spread.of([len(used) / seconds for seconds in runs.batch]),
        memory_mb=memory_mb,
        stages=tuple(StageTime(name, in_batches[name], one_by_one[name]) for name in STAGES),
        segmenter=runs.segmenter,
        segment_us=Spread.of([seconds / len(used) * 1e6 for seconds in runs.segment]),
        loop_us=Spread.of([seconds * 1e6 for seconds in loops]),
        batch_in_segments=Spread.of(
            [batch / segment for batch, segment in zip(runs.batch, runs.segment, strict=True)]
        ),
        one_in_loops=Spread.of(
            [
                statistics.median(runs.one[at * n_few : (at + 1) * n_few]) / loop
                for at, loop in enumerate(loops)
            ]
        ),
    )


@dataclass(frozen=True, slots=True)
class _Runs:
    """Seconds of each run: of all texts, but for `one`, which has each text."""

    load: list[float]
    batch: list[float]
    one: list[float]
    segment: list[float]
    loop: list[float]
    segmenter: str

    @classmethod
    def of(
        cls,
        model: str | os.PathLike[str],
        loaded: TopicClassifier,
        texts: Sequence[str],
        rounds: int,
    ) -> Self:
        engine: Engine = "rjieba" if importlib.util.find_spec("rjieba") else "jieba"
        segmenter = Segmenter(engine=engine)
        starts = range(0, len(texts), BATCH)
        folded = [loaded.features.fold(texts[at : at + BATCH]).joined for at in starts]
        few = texts[:_ONE_BY_ONE]
        ones: list[float] = []
        runs: dict[str, Callable[[], object]] = {
            "load": partial(load, model),
            "batch": partial(loaded.predict, texts),
            "one": lambda: ones.extend(_each(loaded.classify, few)),
            "segment": lambda: [segmenter.cut(joined) for joined in folded],
            "loop": lambda: [_loop() for _ in range(_LOOPS)],
        }
        found = in_turn(runs, rounds)
        return cls(
            load=found["load"],
            batch=found["batch"],
            one=ones[len(few) :],  # less the round that is not counted
            segment=found["segment"],
            loop=found["loop"],
            segmenter=engine,
        )


def made_texts(model: TopicClassifier, n_texts: int) -> list[str]:
    """Return texts of a headline's length made of words that a model knows.

    They are no headlines: each word stands as often as in the texts that the model learned from,
    but beside any other. The same model gives the same texts.
    """
    vocabulary = model.features.vocabulary
    words = vocabulary.words or tuple(vocabulary.characters)
    often = np.exp(-model.features.idf[: len(words)].astype(np.float64)).cumsum()
    draw = np.random.default_rng(_SEED)
    numbers = draw.integers(_FEWEST_WORDS, _MOST_WORDS, n_texts, endpoint=True).cumsum()
    places = np.searchsorted(often, draw.random(int(numbers[-1])) * often[-1], side="right")
    drawn = [words[place] for place in places.tolist()]
    texts = []
    for start, end in zip([0, *numbers.tolist()], numbers.tolist(), strict=False):
        middle = (start + end) // 2
        texts.append("".join(drawn[start:middle]) + " " + "".join(drawn[middle:end]))
    return texts


def _each(run: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Return the seconds that each text takes."""
    seconds = []
    for text in texts:
        start = time.perf_counter()
        run(text)
        seconds.append(time.perf_counter() - start)
    return seconds


def _loop() -> int:
    total = 0
    for number in range(1_000):
        total = (total * 31 + number) % 65_521
    return total
