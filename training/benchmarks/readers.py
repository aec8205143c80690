"""How the shipped recipe does on texts that three readers labelled, and how far they agree.

    python training/benchmarks/readers.py                                   the authored texts alone
    python training/benchmarks/readers.py --extra … --headlines … --benchmarks …
    python training/benchmarks/readers.py --extra … --headlines … --benchmarks … --own-alone

``training/readers.tsv`` names 2,000 texts, drawn by lot from the authored texts and from each kind
of source but trending topics, with two blind readings and the label they had before; 900 headlines
of regional news, drawn by lot from training titles of the public sets and portal titles that name a
province or prefecture and read like a newspaper rather than an app; 1,000 headlines and paragraphs
of daily news, drawn by lot from the digest, the news agency and the evening paper; and two files of
texts authored to be scored on: ``training/hard.jsonl``, headlines of the four topics that matter
most in few of their plain words, and near misses, and ``training/local.jsonl``, headlines and
paragraphs in the manner of local papers and portals, nearly half of them hard to place. All but the
2,000 have three blind readings. All readers had first seen some other labelled texts, for the
manner. What two of the three say is taken for true. A model is fitted once without them and without
their reprints, and scored on them with the calibration and the thresholds of the shipped one.
With ``--own-alone`` that model learns from the repository's own texts alone.
Prints a row for each way of drawing and each kind of source, and the same as JSON with ``--json
FILE``.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from classifier.artefact import load
from classifier.corpus import Corpus, Example, read_corpus
from classifier.metrics import Evaluation, micro_f1, outcome_counts
from classifier.taxonomy import Taxonomy
from classifier.trainer import Recipe
from classifier.trainer.fitting import Run
from training.rebuild import HERE, MODELS, joined, labelled, priors, say, text_key
from training.sources import AUTHORED, kind_of_source, score_held_out, weights

READERS = HERE / "readers.tsv"
# Authored to be scored on; trained on nowhere.
HARD = HERE / "hard.jsonl"
LOCAL = HERE / "local.jsonl"
DRAWN = ("source", "regional", "daily", "hard", "local")


@dataclass(frozen=True, slots=True)
class Reading:
    """The topics that three readers gave one text, and what the text was drawn from.

    Attributes
    ----------
    drawn : ``"source"``, from its kind of source, and the third reader is the label before; or
        ``"regional"``, from regional news; or ``"daily"``, from digest, agency and evening paper;
        or ``"hard"`` or ``"local"``, not drawn but authored for it
    """

    readers: tuple[frozenset[str], frozenset[str], frozenset[str]]
    drawn: str

    @property
    def majority(self) -> frozenset[str]:
        """The topics that two of the three gave."""
        counts = Counter(topic for reader in self.readers for topic in reader)
        return frozenset(topic for topic, count in counts.items() if count >= 2)


def main() -> None:
    """Train without the texts, score on them, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--extra", type=Path, help="further labelled texts, JSONL")
    parser.add_argument("--headlines", type=Path, help="folder of headlines without labels")
    parser.add_argument("--json", type=Path, help="file for the scores")
    parser.add_argument("--benchmarks", type=Path, help="folder of the public sets")
    parser.add_argument("--own-alone", action="store_true", help="train on authored texts alone")
    arguments = parser.parse_args()
    sources = arguments.extra, arguments.headlines, arguments.benchmarks
    readings = read_readings(READERS)
    to_score = (read_corpus(file, taxonomy=Taxonomy.default()) for file in (HARD, LOCAL))
    held_out, others = part(joined([*labelled(*sources).values(), *to_score]), readings)
    if arguments.own_alone:
        own = [kind_of_source(example) == AUTHORED for example in others.examples]
        others = others.subset(np.flatnonzero(own))
    say(f"{len(held_out.texts):,} texts of three readers, {len(others.texts):,} to train on")
    recipe = Recipe.from_toml(HERE / "recipes" / "public-affairs.toml")
    run = Run(recipe, others.taxonomy.topics, priors(others, recipe), None)
    fitted = run.fit(others.texts, others.labels(), weights(others))
    found = score_held_out(held_out, fitted, load(MODELS / recipe.name))
    print_scores(found)
    agreed = {}
    used = [readings[text_key(text)] for text in held_out.texts]
    for drawn in DRAWN:
        agreed[drawn] = agreement([reading for reading in used if reading.drawn == drawn])
        for who, f1 in agreed[drawn].items():
            print(f"readers, drawn by {drawn}, micro-F1, {who}: {f1:.4f}")
    if arguments.json:
        result = {"readers": agreed, "model": found.to_dict()}
        arguments.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")


def read_readings(file: Path) -> dict[str, Reading]:
    """Return the readings of each text, by `text_key`."""
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {
        key: Reading((frozenset(a.split()), frozenset(b.split()), frozenset(c.split())), drawn)
        for key, a, b, c, drawn in rows
    }


def part(whole: Corpus, readings: Mapping[str, Reading]) -> tuple[Corpus, Corpus]:
    """Return the texts that readers labelled, as they did, and all that are no reprints of them."""
    groups = whole.groups().tolist()
    keys = [text_key(text) for text in whole.texts]
    read = {group for key, group in zip(keys, groups, strict=True) if key in readings}
    held_out, others = [], []
    for example, key, group in zip(whole.examples, keys, groups, strict=True):
        if key in readings:
            topics = [topic for topic in whole.taxonomy.ids if topic in readings[key].majority]
            drawn = {"drawn by": readings[key].drawn, "drawn from": origin(example, readings[key])}
            held_out.append(Example(example.text, tuple(topics), example.kind, drawn))
        elif group not in read:
            others.append(example)
    return Corpus(tuple(held_out), whole.taxonomy), Corpus(tuple(others), whole.taxonomy)


def origin(example: Example, reading: Reading) -> str:
    """Return what a text was drawn from: its kind of source and its own kind."""
    if reading.drawn == "regional":
        return "regional news, headlines"
    if reading.drawn == "hard":
        return "hard headlines"
    if reading.drawn == "daily":
        return f"daily news, {example.kind}s"
    if reading.drawn == "local":
        return f"manner of local papers, {example.kind}s"
    return f"{kind_of_source(example)}, {example.kind}s"


def agreement(readings: Sequence[Reading]) -> dict[str, float]:
    """Return the micro-F1 of each reader with the majority, and of the first two."""
    if not readings:
        return {}
    first, second, third = zip(*(reading.readers for reading in readings), strict=True)
    majority = [reading.majority for reading in readings]
    return {
        "first with the majority": _micro_f1(first, majority),
        "second with the majority": _micro_f1(second, majority),
        "third with the majority": _micro_f1(third, majority),
        "first with second": _micro_f1(first, second),
    }


def _micro_f1(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> float:
    ids = Taxonomy.default().ids
    Y, P = (
        np.array([[topic in topics for topic in ids] for topics in sets]) for sets in (one, other)
    )
    return round(float(micro_f1(outcome_counts(Y, P).sum(axis=0, dtype=np.float64))), 4)


def print_scores(found: Evaluation) -> None:
    """Print a row for each way of drawing and one a kind of source."""
    print(
        "drawn | texts | micro-F1 | first topic | accept | right there | exact there | "
        "none | right there | exact"
    )
    for row in (*found.slices["drawn by"], *found.slices["drawn from"]):
        f1 = f"{row.f1.value:.4f} ({row.f1.low:.4f} to {row.f1.high:.4f})" if row.f1 else "–"
        print(
            f"{row.value} | {row.n_texts:,} | {f1} | {_share(row.first_topic)} | "
            f"{row.accept_share:.3f} | {_share(row.accept_precision)} | "
            f"{_share(row.accept_exact)} | {row.none_share:.3f} | {_share(row.none_precision)} | "
            f"{row.exact_match:.3f}"
        )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
