"""Learning curves: what a user's own topics get from 10 to 100 labelled texts each.

    python training/benchmarks/learning.py --data …   a folder with labelled/ and benchmarks/

On our topics, texts are drawn from ``training/data`` and scored on real ones of
``labelled/real.jsonl.gz``; on NLPCC 2017, from its training split and on its development split. Our
model has what a user has: the default recipe, the shipped word vectors and, on our topics, words.
Beside it, on the same texts, jieba's words in scikit-learn's TF-IDF with `LinearSVC`, and fastText.
Texts that the word vectors were learned from are left out of what is scored.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from classifier.corpus import Corpus, read_corpus
from classifier.metrics import assign_topics, micro_f1, outcome_counts
from classifier.taxonomy import Taxonomy
from classifier.trainer import Lexicon, Recipe, train
from training.benchmarks.learning_peers import Matrix, System, fasttext, svc
from training.benchmarks.learning_report import Point, write_report
from training.benchmarks.sets import SETS, as_corpus, title_key, training_titles
from training.rebuild import HERE, authored, read_texts

SIZES = (10, 20, 50, 100)
# Of the texts drawn, as many more without topic; what a user labels holds some.
NONE_SHARE = 0.15
MOST_SCORED = 6000


@dataclass(frozen=True, slots=True)
class Task:
    """Texts to draw from, texts to score on, and what is known of the topics' words."""

    name: str
    pool: Corpus
    scored: Corpus
    lexicon: Lexicon | None


def main() -> None:
    """Measure, print, and write the report."""
    parser = argparse.ArgumentParser(description="Draw learning curves.")
    parser.add_argument("--data", type=Path, required=True, help="labelled/ and benchmarks/")
    parser.add_argument(
        "--output", type=Path, default=Path("learning"), help="folder of the report"
    )
    parser.add_argument("--seeds", type=int, default=3, help="draws a point")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    arguments = parser.parse_args()
    points = []
    for task in tasks(arguments.data):
        for point in measure(task, range(arguments.seeds), arguments.jobs):
            print(point, flush=True)
            points.append(point)
        write_report(arguments.output, points)


def tasks(data: Path) -> Iterator[Task]:
    """Yield our topics with all their words, with none, and NLPCC."""
    unlabelled = [
        *read_texts(data / "headlines" / "raw.jsonl.gz"),
        *read_texts(data / "headlines" / "paragraphs.jsonl.gz"),
        *training_titles(data / "benchmarks"),
    ]
    seen = set(map(title_key, unlabelled))
    taxonomy, pool = Taxonomy.default(), authored()
    real = read_corpus(data / "labelled" / "real.jsonl.gz", taxonomy=taxonomy)
    scored = some(real, seen)
    lexicon = Lexicon.load(HERE / "lexicon" / "topic-lexicon.tsv", taxonomy)
    yield Task("our topics, with their words", pool, scored, lexicon)
    yield Task("our topics, no words", pool, scored, None)
    nlpcc = SETS["nlpcc"]
    train_split, dev = (as_corpus(*nlpcc.read(data / "benchmarks", s)) for s in ("train", "dev"))
    yield Task(nlpcc.title, train_split, some(dev, seen), None)


def some(corpus: Corpus, seen: Iterable[str]) -> Corpus:
    """Return texts to score on: at most 6,000 by lot, none that the word vectors know."""
    known = set(seen)
    fresh = [i for i, text in enumerate(corpus.texts) if title_key(text) not in known]
    print(f"{len(corpus) - len(fresh):,} of {len(corpus):,} texts left out: seen without labels")
    chosen = np.random.default_rng(0).permutation(fresh)[:MOST_SCORED]
    return corpus.subset(np.sort(chosen))


def draw(pool: Corpus, n_a_topic: int, seed: int) -> Corpus:
    """Draw texts until each topic has `n_a_topic`, rare topics first, and some without topic.

    A text of two topics counts for both, so a frequent second topic may have a few more.
    """
    order = np.random.default_rng(seed).permutation(len(pool))
    Y = pool.labels()[order]
    chosen: list[int] = []
    have = np.zeros(Y.shape[1], dtype=np.int64)
    for topic in np.argsort(Y.sum(axis=0), kind="stable").tolist():
        missing = max(n_a_topic - int(have[topic]), 0)
        fresh = np.setdiff1d(np.flatnonzero(Y[:, topic]), chosen)[:missing]
        chosen.extend(fresh.tolist())
        have += Y[fresh].sum(axis=0)
    without = np.flatnonzero(~Y.any(axis=1))[: round(NONE_SHARE * len(chosen))]
    return pool.subset(np.sort(order[[*chosen, *without.tolist()]]))


def ours(lexicon: Lexicon | None, recipe: Recipe, jobs: int) -> System:
    """Return our model, by the default recipe, as a system."""

    def give(labelled: Corpus, scored: Corpus) -> Matrix:
        model = train(labelled, recipe, lexicon=lexicon, n_jobs=jobs).model
        proba = model.predict_proba(scored.texts)
        return assign_topics(
            proba, np.asarray(proba.any(axis=1)), model.thresholds, exclusive=model.exclusive
        )

    return give


def words_alone(lexicon: Lexicon) -> System:
    """Return our model of a corpus without texts, as a system."""

    def give(labelled: Corpus, scored: Corpus) -> Matrix:
        return ours(lexicon, Recipe(), 1)(Corpus((), labelled.taxonomy), scored)

    return give


def systems(task: Task, jobs: int) -> dict[str, System]:
    """Return what is compared."""
    return {
        "ours": ours(task.lexicon, Recipe(), jobs),
        "TF-IDF + LinearSVC": svc(tuned=False),
        "TF-IDF + LinearSVC, threshold tuned": svc(tuned=True),
        "fastText": fasttext,
    }


def measure(task: Task, seeds: Iterable[int], jobs: int) -> Iterator[Point]:
    """Yield micro-F1 (accuracy where classes exclude each other) of each system, size and seed."""
    Y = task.scored.labels()
    if task.lexicon is not None:
        yield Point(
            task.name,
            "ours, words alone",
            0,
            0,
            _f1(Y, words_alone(task.lexicon)(task.pool, task.scored)),
        )
    for size in SIZES:
        for seed in seeds:
            labelled = draw(task.pool, size, seed)
            for name, system in systems(task, jobs).items():
                if task.pool.exclusive and name.endswith("tuned"):
                    continue
                yield Point(task.name, name, size, seed, _f1(Y, system(labelled, task.scored)))


def _f1(Y: Matrix, given: Matrix) -> float:
    return float(micro_f1(outcome_counts(Y, given).sum(axis=0, dtype=np.int64)))


if __name__ == "__main__":
    main()
