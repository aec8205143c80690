"""What a second process brings when a long list is tagged: one job beside two.

    python training/benchmarks/cores.py --data …/headlines [--texts 500000]

Prints one JSON object: seconds a round, in turn, of `classifier.batch.Tagger` with one job; with
two, as a user has it, their start and the rows before it included; and with two that are started
already; and CPU seconds of the first two, children included, which a busy machine changes little.
Imports nothing heavy at its head: each process that a Tagger starts runs this head again.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from classifier.batch import CHUNK_ROWS, Tagger
from classifier.batch.workers import Work


def measure(
    model: str, texts: Sequence[str], *, rounds: int, jobs: int = 2
) -> dict[str, list[float]]:
    """Return seconds a round that tagging takes: by one, by `jobs`, by `jobs` that are started.

    With them ``cpu_one`` and ``cpu_jobs``, CPU seconds.
    """
    from classifier.speed import in_turn

    cpu: dict[str, list[float]] = {"cpu_one": [], "cpu_jobs": []}

    def start_and_tag(name: str, jobs: int) -> None:
        before = _cpu_seconds()
        with Tagger(model, jobs=jobs) as tagger:
            tag(tagger, texts)
        cpu[name].append(_cpu_seconds() - before)

    with Tagger(model, jobs=jobs, rows_alone=0) as started:
        started.start()
        tag(started, texts[: 4 * jobs * CHUNK_ROWS])
        seconds = in_turn(
            {
                "one": lambda: start_and_tag("cpu_one", 1),
                "jobs": lambda: start_and_tag("cpu_jobs", jobs),
                "started": lambda: tag(started, texts),
            },
            rounds,
        )
    # The first round is not counted.
    return seconds | {name: of_rounds[1:] for name, of_rounds in cpu.items()}


def tag(tagger: Tagger, texts: Sequence[str]) -> int:
    """Tag all texts in the chunks of a file; return how many topics they have."""
    works = (Work(None, texts[at : at + CHUNK_ROWS]) for at in range(0, len(texts), CHUNK_ROWS))
    return sum(len(tags.columns) for _, tags in tagger.tag(works))


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
