"""Train the headline splitter, measure it on sources held out, and write its artefact.

    python training/splitter.py --data DIR              measure, train on all sources, write
    python training/splitter.py --data DIR --measure    measure only

DIR holds ``raw.jsonl.gz``: headlines, a row ``{"text", "source"}`` each. Nothing of their text
goes into the artefact but weights, and words that stand in 20 headlines or more, as numbers. The
same input gives the same bytes with the same library versions.
"""

import argparse
import importlib.util
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from classifier.splitter import HeadlineSplitter
from classifier.splitter.pieces import word_id
from classifier.splitter.words import Words
from classifier.text import FoldedTexts
from classifier.tokens import Segmenter
from training.front_pages import (
    AS_FOUND,
    SOURCES,
    Source,
    Variety,
    make_pages,
    make_short_lines,
    read_sources,
)
from training.segmentation import Lines, Settings, fit, lines_of
from training.vectors import train_vectors

HERE = Path(__file__).parent
N_DIMENSIONS = 32
FEWEST_TEXTS = 20
# The two largest sources hold most kinds of headline, and give most pages.
N_PAGES = {"xwlb": 300, "thucnews": 200}
N_PAGES_OF_OTHERS = 100
N_MEASURED = 100
SHARE_MEASURED = 1 / 3
SHARE_TRAINED = (0.1, 0.6)


def main() -> None:
    """Read the arguments; measure, train, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of raw.jsonl.gz")
    parser.add_argument("--measure", action="store_true", help="write nothing")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    headlines = read_sources(arguments.data / "raw.jsonl.gz", authored())


def authored() -> list[str]:
    """Return the repository's own headlines."""
    texts = []
    for path in sorted((HERE / "data").glob("authored*.jsonl")):
        rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        texts += [row["text"] for row in rows if row["kind"] == "headline"]
    return texts


if __name__ == "__main__":
    main()
