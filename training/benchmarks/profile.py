"""Where a headline's time goes, stage by stage.

python training/benchmarks/profile.py --data …/headlines
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import classifier
from classifier.text import FoldedTexts
from training.benchmarks.speed import read_headlines

CHUNK = 2048


def main() -> None:
    """Print microseconds a headline for each stage, in batches, on one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with raw.jsonl.gz")
    parser.add_argument("--texts", type=int, default=40_960)
    arguments = parser.parse_args()
    texts = read_headlines(arguments.data, arguments.texts)
    model = classifier.load()
    features = model.features
    chunks = [texts[i : i + CHUNK] for i in range(0, len(texts), CHUNK)]
    model.predict(texts)
    folded = [FoldedTexts.of(chunk) for chunk in chunks]
    rows = [features.transform(chunk) for chunk in chunks]
    stages: list[tuple[str, Callable[[], object]]] = [
        ("fold (normalise)", lambda: [FoldedTexts.of(chunk) for chunk in chunks]),
        ("segment", lambda: [features.segmenter.cut(one.joined) for one in folded]),
        (
            "transform (the two above, look up, count, weigh)",
            lambda: list(map(features.transform, chunks)),
        ),
        ("margins", lambda: [model.weights.margins(one) for one in rows]),
        ("predict (everything)", lambda: model.predict(texts)),
    ]
    for name, run in stages:
        best = min(_seconds(run) for _ in range(5))
        print(f"{best / len(texts) * 1e6:8.2f} µs  {name}")


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
