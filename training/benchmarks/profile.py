"""Where a headline's time goes, stage by stage, on real headlines.

python training/benchmarks/profile.py --data …/headlines

The stages are those of ``classifier bench``, timed by the same code; ``everything`` is what
`TopicClassifier.predict`, or `classify`, takes in the same run.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import classifier
from classifier.speed import BATCH, in_turn, time_stages
from training.benchmarks.speed import read_headlines

ROUNDS = 5
ONE_BY_ONE = 1_000


def main() -> None:
    """Print microseconds a headline for each stage, in batches and one at a time, on one thread."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with raw.jsonl.gz")
    parser.add_argument("--texts", type=int, default=40_960)
    arguments = parser.parse_args()
    texts = read_headlines(arguments.data, arguments.texts)
    few = texts[:ONE_BY_ONE]
    model = classifier.load()
    in_batches = time_stages(model, texts, size=BATCH, rounds=ROUNDS)
    one_by_one = time_stages(model, few, size=1, rounds=ROUNDS)
    whole = in_turn(
        {
            "predict": lambda: model.predict(texts),
            "classify": lambda: [model.classify(text) for text in few],
        },
        ROUNDS,
    )
    print("µs a headline: in batches, one at a time")
    for name in in_batches:
        print(f"{in_batches[name]:8.2f} {one_by_one[name]:8.2f}  {name}")
    together = statistics.median(whole["predict"]) / len(texts) * 1e6
    alone = statistics.median(whole["classify"]) / len(few) * 1e6
    print(f"{together:8.2f} {alone:8.2f}  everything")


if __name__ == "__main__":
    main()
