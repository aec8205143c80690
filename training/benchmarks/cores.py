"""What a second process brings when a long list is tagged: one job beside two.

    python training/benchmarks/cores.py --data …/headlines [--texts 500000]

Prints one JSON object: seconds a round, in turn, of `classifier.batch.Tagger` with one job; with
two, as a user of a long file has it, their start included; with two that are started already; and
with two that share nothing, each with its half of the texts beforehand, which is what the machine
itself allows. Further CPU seconds of the first two, children included, which a busy machine changes
little.
Imports nothing heavy at its head: each process that a Tagger starts runs this head again.
"""

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Sequence
from multiprocessing.pool import Pool
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from classifier.batch import CHUNK_ROWS, Tagger
from classifier.batch.workers import Work

if TYPE_CHECKING:
    from classifier import TopicClassifier


def measure(
    model: str, texts: Sequence[str], *, rounds: int, jobs: int = 2
) -> dict[str, list[float]]:
    """Return seconds a round that tagging takes: by one, by `jobs`, started or apart.

    With them ``cpu_one`` and ``cpu_jobs``, CPU seconds.
    """
    from classifier.speed import in_turn

    cpu: dict[str, list[float]] = {"cpu_one": [], "cpu_jobs": []}

    def start_and_tag(name: str, jobs: int) -> None:
        before = _cpu_seconds()
        with Tagger(model, jobs=jobs) as tagger:
            tagger.expect(len(texts))
            tag(tagger, texts)
        cpu[name].append(_cpu_seconds() - before)

    with Tagger(model, jobs=jobs, rows_alone=0) as started, _apart(model, texts, jobs) as pool:
        started.start()
        tag(started, texts[: 4 * jobs * CHUNK_ROWS])
        seconds = in_turn(
            {
                "one": lambda: start_and_tag("cpu_one", 1),
                "jobs": lambda: start_and_tag("cpu_jobs", jobs),
                "started": lambda: tag(started, texts),
                "apart": lambda: sum(pool.map(_tag_part, range(jobs), chunksize=1)),
            },
            rounds,
        )
    # The first round is not counted.
    return seconds | {name: of_rounds[1:] for name, of_rounds in cpu.items()}


def tag(tagger: Tagger, texts: Sequence[str]) -> int:
    """Tag all texts in the chunks of a file; return how many topics they have."""
    works = (Work(None, texts[at : at + CHUNK_ROWS]) for at in range(0, len(texts), CHUNK_ROWS))
    return sum(len(tags.columns) for _, tags in tagger.tag(works))


def _apart(model: str, texts: Sequence[str], jobs: int) -> Pool:
    """Return processes that have the model and all texts already, and tag when told to."""
    context = multiprocessing.get_context("spawn")
    return context.Pool(jobs, initializer=_hold, initargs=(model, texts, jobs))


_held: "tuple[TopicClassifier, Sequence[str], int] | None" = None


def _hold(model: str, texts: Sequence[str], jobs: int) -> None:
    global _held
    import classifier

    loaded = classifier.load(model)
    loaded.tags(texts[:CHUNK_ROWS])
    _held = loaded, texts, jobs


def _tag_part(part: int) -> int:
    """Tag every `jobs`-th text; return how many topics they have."""
    assert _held is not None
    model, texts, jobs = _held
    return len(model.tags(texts[part::jobs]).columns)


def _cpu_seconds() -> float:
    """Return what this process and those that it saw end have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with raw.jsonl.gz")
    parser.add_argument("--texts", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="public-affairs")
    arguments = parser.parse_args()
    from training.benchmarks.speed import read_headlines

    texts = read_headlines(arguments.data, arguments.texts)
    print(json.dumps(measure(arguments.model, texts, rounds=arguments.rounds)))


if __name__ == "__main__":
    main()
