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
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from classifier.artefact import save_splitter
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
from training.splitter_card import splitter_card
from training.splitter_scores import Scores, best_width, score
from training.vectors import train_vectors

HERE = Path(__file__).parent
ARTEFACT = HERE.parent / "models" / "headline-splitter"
VERSION = "1.0.0"
N_DIMENSIONS = 48
FEWEST_TEXTS = 20
# Pages of each source for training. The two largest hold most kinds of headline.
N_PAGES = {"xwlb": 150, "thucnews": 100}
N_PAGES_OF_OTHERS = 50
SHORT_LINES_A_PAGE = 3
SHARES_TRAINED = (0.1, 0.6)
# Pages to measure on, and lines that hold one headline, with spaces inside.
N_MEASURED = 60
N_LINES_MEASURED = 1000
SHARE_MEASURED = 1 / 3
# Of the headlines that the shipped splitter is measured on, not trained on.
SHARE_KEPT_BACK = 0.1


def main() -> None:
    """Read the arguments; measure, train, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of raw.jsonl.gz")
    parser.add_argument("--measure", action="store_true", help="write nothing")
    parser.add_argument("--output", type=Path, default=ARTEFACT)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    headlines = read_sources(arguments.data / "raw.jsonl.gz", authored())
    held_out = {}
    for name in SOURCES:
        held_out[name] = measure_held_out(headlines, name, arguments.seed)
        for line in held_out[name].lines(name):
            say(line)
    splitter, kept_back = train_and_measure(headlines, arguments.seed)
    for name, scores in kept_back.items():
        for line in scores.lines(f"{name}, headlines kept back"):
            say(line)
    if not arguments.measure:
        save(splitter, held_out, kept_back, headlines, arguments.output)


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def authored() -> list[str]:
    """Return the repository's own headlines."""
    texts = []
    for path in sorted((HERE / "data").glob("authored*.jsonl")):
        rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        texts += [row["text"] for row in rows if row["kind"] == "headline"]
    return texts


# ---- words ----


def learn_words(texts: Sequence[str], *, seed: int) -> Words:
    """Return vectors, weights and classes of the words that stand in enough texts."""
    vectors = train_vectors(texts, n_dimensions=N_DIMENSIONS, min_df=FEWEST_TEXTS, seed=seed)
    df = _document_frequencies(texts)
    ids = np.array([word_id(word) for word in vectors.words], dtype=np.uint32)
    order = np.argsort(ids)
    weights = np.array([np.log(len(texts) / df[word]) for word in vectors.words])
    classes = parts_of_speech(vectors.words)
    return Words(
        ids[order],
        vectors.codes[order],
        weights[order].astype(np.float16),
        classes[order],
    )


def _document_frequencies(texts: Sequence[str]) -> dict[str, int]:
    df: dict[str, int] = {}
    words: set[str] = set()
    for word in [*Segmenter().cut(FoldedTexts.of(texts).joined), "\n"]:
        if word != "\n":
            words.add(word)
            continue
        for one in words:
            df[one] = df.get(one, 0) + 1
        words = set()
    return df


# The first letters of the tags in jieba's dictionary; the kinds of proper noun are told apart.
_TAGS = "x n nr ns nt nz v vn vd a ad an d m q t p c u r f j i l s b z k h y e o g".split()  # noqa: SIM905


def parts_of_speech(words: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return the class of each word, by jieba's dictionary; 0 for one that it does not have."""
    spec = importlib.util.find_spec("jieba")
    if spec is None or spec.origin is None:
        raise SystemExit("jieba is needed, for its dictionary; run: pip install jieba")
    dictionary = (Path(spec.origin).parent / "dict.txt").read_text(encoding="utf-8")
    tags = {line.split(" ")[0]: line.split(" ")[2] for line in dictionary.splitlines()}
    numbers = {tag: number for number, tag in enumerate(_TAGS)}
    found = [tags.get(word, "x") for word in words]
    return np.array([numbers.get(tag, numbers.get(tag[:1], 0)) for tag in found], dtype=np.uint8)


# ---- training ----


def train(
    headlines: Mapping[str, Sequence[str]], names: Sequence[str], seed: int
) -> HeadlineSplitter:
    """Return a splitter trained on pages of the named sources; words are learned from all given."""
    words = learn_words([text for texts in headlines.values() for text in texts], seed=seed)
    draw = random.Random(seed)  # noqa: S311 - headlines are drawn, not keys
    pages: list[list[str]] = []
    for name in names:
        source = Source(headlines[name])
        n_pages = N_PAGES.get(name, N_PAGES_OF_OTHERS)
        pages += make_pages(source, n_pages, share=SHARES_TRAINED, variety=Variety(), draw=draw)
        pages += make_short_lines(source, SHORT_LINES_A_PAGE * n_pages, draw)
    return fit(lines_of(pages), words, Settings())


def measured_lines(source: Source, seed: int) -> tuple[Lines, Lines]:
    """Return front pages, and lines of one headline, to measure on."""
    draw = random.Random(seed + 1)  # noqa: S311 - likewise
    pages = make_pages(source, N_MEASURED, share=SHARE_MEASURED, variety=AS_FOUND, draw=draw)
    alone = [[draw.choice(source.spaced)] for _ in range(N_LINES_MEASURED)]
    return lines_of(list(pages)), lines_of(alone)


def measure_held_out(headlines: Mapping[str, Sequence[str]], held: str, seed: int) -> Scores:
    """Return the scores on one source of a splitter trained on the others."""
    others = {name: texts for name, texts in headlines.items() if name != held}
    names = [name for name in SOURCES if name != held]
    splitter = train(others, names, seed)
    known = [page for name in names for page in _few_pages(headlines[name], seed)]
    pages, alone = measured_lines(Source(headlines[held]), seed)
    return score(splitter, pages, alone, width=best_width(lines_of(known)))


def _few_pages(headlines: Sequence[str], seed: int) -> Iterator[list[str]]:
    source = Source(headlines)
    draw = random.Random(seed)  # noqa: S311 - headlines are drawn, not keys
    return make_pages(source, 10, share=SHARE_MEASURED, variety=AS_FOUND, draw=draw)


def train_and_measure(
    headlines: Mapping[str, Sequence[str]], seed: int
) -> tuple[HeadlineSplitter, dict[str, Scores]]:
    """Return the splitter to ship, and its scores on headlines of each source kept back."""
    draw = random.Random(seed)  # noqa: S311 - headlines are drawn, not keys
    known: dict[str, list[str]] = {}
    kept_back: dict[str, list[str]] = {}
    for name, texts in headlines.items():
        shuffled = draw.sample(texts, len(texts))
        n_back = round(SHARE_KEPT_BACK * len(texts))
        kept_back[name], known[name] = shuffled[:n_back], shuffled[n_back:]
    splitter = train(known, SOURCES, seed)
    pages = [page for name in SOURCES for page in _few_pages(known[name], seed)]
    width = best_width(lines_of(pages))
    return splitter, {
        name: score(splitter, *measured_lines(Source(kept_back[name]), seed), width=width)
        for name in SOURCES
    }


# ---- writing ----


def save(
    splitter: HeadlineSplitter,
    held_out: Mapping[str, Scores],
    kept_back: Mapping[str, Scores],
    headlines: Mapping[str, Sequence[str]],
    path: Path,
) -> None:
    """Write the artefact, with its scores and its card."""
    counts = {name: len(texts) for name, texts in headlines.items()}
    metadata = {
        "name": path.name,
        "version": VERSION,
        "trained_on": counts,
        "scores": {
            "sources_held_out": {name: one.to_dict() for name, one in held_out.items()},
            "headlines_kept_back": {name: one.to_dict() for name, one in kept_back.items()},
        },
    }
    card = splitter_card(held_out, kept_back, counts)
    save_splitter(splitter, path, metadata=metadata, card=card, force=True)
    size = sum(file.stat().st_size for file in path.iterdir())
    say(f"wrote {path.name}, {size:,} bytes")


if __name__ == "__main__":
    main()
