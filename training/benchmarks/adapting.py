"""What a model gains from a few labels of a source that it never saw.

    python training/benchmarks/adapting.py --extra … --headlines … --benchmarks …

For each of three kinds of source: a model of all other texts is changed, as ``classifier train
--base`` does, by so many labelled texts of that source, and scored on others of it, reprints of
neither being on both sides. The labelled texts are drawn by lot, or by lot from those that the
model gets wrong, which is what somebody corrects. Mean of two draws. Beside it what
``classifier train`` makes of the same texts and the lexicon alone, and, to see what is unlearned,
micro-F1 on ``training/local.jsonl``, texts of another manner that no model is trained on.
Calibration and thresholds are the shipped model's. Prints a table, and the same as JSON with
``--json FILE``.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from classifier.artefact import load
from classifier.corpus import Corpus, read_corpus
from classifier.linear import LinearWeights
from classifier.metrics import Interval, as_plain
from classifier.model import TopicClassifier
from classifier.trainer import Lexicon, Recipe, adapt, evaluate, train
from classifier.trainer.evaluation import given_topics, labels_in_columns
from classifier.trainer.fitting import Run
from training.rebuild import HERE, MODELS, joined, labelled, priors, say
from training.sources import kind_of_source, weights

SOURCES = ("portal and news-app titles", "trending topics", "news agency and evening paper")
N_LABELS = (50, 200, 1000)
SEEDS = (0, 1)
# Of a source with fewer texts, half are scored.
MOST_SCORED = 6000
MOST_DRAWN_FROM = 12000


@dataclass(frozen=True, slots=True)
class Row:
    """One model's scores on one source.

    Attributes
    ----------
    source : what was left out
    labels : which labels the model was changed by, ``"none"`` for the one it started from
    n_labels : how many
    micro_f1, first_topic, accept_share, accept_precision : means over the draws
    elsewhere : micro-F1 on texts of another manner, likewise
    """

    source: str
    labels: str
    n_labels: int
    micro_f1: float
    first_topic: float
    accept_share: float
    accept_precision: float
    elsewhere: float


def main() -> None:
    """Leave each source out, change the model by a few of its texts, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--extra", type=Path, help="further labelled texts, JSONL")
    parser.add_argument("--headlines", type=Path, help="folder of headlines without labels")
    parser.add_argument("--benchmarks", type=Path, help="folder of the public sets")
    parser.add_argument("--json", type=Path, help="file for the scores")
    arguments = parser.parse_args()
    whole = joined(labelled(arguments.extra, arguments.headlines, arguments.benchmarks).values())
    found = []
    print("source | labels | number | micro-F1 | first topic | accept | right there | elsewhere")
    for source in SOURCES:
        for row in rows_of(source, whole):
            found.append(row)
            print(
                f"{row.source} | {row.labels} | {row.n_labels:,} | {row.micro_f1:.4f} | "
                f"{row.first_topic:.4f} | {row.accept_share:.3f} | {row.accept_precision:.3f} | "
                f"{row.elsewhere:.4f}",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(as_plain(found), indent=1), "utf-8")


def rows_of(source: str, whole: Corpus) -> Iterator[Row]:
    """Yield the scores of models on texts of a source that the first of them never saw."""
    kinds = np.array([kind_of_source(example) for example in whole.examples])
    own = np.flatnonzero(kinds == source)
    groups = whole.groups()
    base = without(np.isin(groups, groups[own]), whole)
    scored, drawn_from = parted(own, groups)
    held_out, pool = whole.subset(scored), whole.subset(drawn_from)
    elsewhere = read_corpus(HERE / "local.jsonl", taxonomy=whole.taxonomy)

    def row(labels: str, n_labels: int, models: Sequence[TopicClassifier]) -> Row:
        found = [evaluate(model, held_out) for model in models]
        others = [evaluate(model, elsewhere) for model in models]
        return Row(
            source,
            labels,
            n_labels,
            micro_f1=mean(one.micro.f1 for one in found),
            first_topic=mean(one.first_topic for one in found),
            accept_share=float(np.mean([one.decisions.accept_share for one in found])),
            accept_precision=mean(one.decisions.accept_precision for one in found),
            elsewhere=mean(one.micro.f1 for one in others),
        )

    yield row("none", 0, [base])
    wrong = np.flatnonzero(is_wrong(base, pool))
    words = Lexicon.load(HERE / "lexicon" / "topic-lexicon.tsv", whole.taxonomy)
    for labels, among in (("drawn by lot", np.arange(len(pool))), ("corrections", wrong)):
        for n_labels in (n for n in N_LABELS if n <= len(among)):
            draws = [
                pool.subset(np.random.default_rng(seed).choice(among, n_labels, replace=False))
                for seed in SEEDS
            ]
            yield row(labels, n_labels, [adapt(base, draw).model for draw in draws])
            if labels == "drawn by lot":
                alone = [train(draw, lexicon=words).model for draw in draws]
                yield row("the same alone", n_labels, alone)


def without(left_out: NDArray[np.bool], whole: Corpus) -> TopicClassifier:
    """Return a model of the other texts, with calibration and thresholds of the shipped one."""
    shipped = load(MODELS / "public-affairs")
    recipe = Recipe.from_toml(HERE / "recipes" / "public-affairs.toml")
    others = whole.subset(np.flatnonzero(~left_out))
    say(f"training on {len(others):,} texts")
    run = Run(recipe, others.taxonomy.topics, priors(others, recipe), None)
    fitted = run.fit(others.texts, others.labels(), weights(others))
    return TopicClassifier(
        topics=shipped.topics,
        features=fitted.features,
        weights=LinearWeights.of(fitted.coef, fitted.intercept),
        calibration=shipped.calibration,
        thresholds=shipped.thresholds,
    )


def parted(
    own: NDArray[np.int64], groups: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return texts to score and texts to draw labels from, no story in both.

    Parameters
    ----------
    own : ``(n_own,)``, places of a source's texts
    groups : ``(n_texts,)``, of all texts: which are reprints of each other
    """
    drawn = np.random.default_rng(0).permutation(own)
    scored, rest = np.split(drawn, [min(MOST_SCORED, len(own) // 2)])
    rest = rest[~np.isin(groups[rest], groups[scored])]
    return scored, rest[:MOST_DRAWN_FROM]


def is_wrong(model: TopicClassifier, corpus: Corpus) -> NDArray[np.bool]:
    """Say which texts get other topics than they have: ``(n_texts,)``."""
    given = given_topics(model, corpus.texts)
    wrong: NDArray[np.bool] = (given != labels_in_columns(corpus, model)).any(axis=1)
    return wrong


def mean(values: Iterable[Interval | None]) -> float:
    """Return the mean of scores, NaN if one of them is of nothing."""
    return float(np.mean([np.nan if one is None else one.value for one in values]))


if __name__ == "__main__":
    main()
