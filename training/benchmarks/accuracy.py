"""Accuracy on public sets of Chinese headlines, beside what others reach on the same texts.

python training/benchmarks/accuracy.py NAME --data …/benchmarks [--final] [--out DIR]

NAME is thucnews, tnews or nlpcc; the recipe is training/recipes/NAME.toml. Without ``--final`` no
text is scored that results are quoted on: THUCNews and NLPCC are scored on dev, TNEWS, whose dev is
final, on a fifth of train that is held out. ``--try C=0.1 C=0.3,min_df=1`` scores variations of the
recipe there, each a fit of its own: this is how the recipes' settings were chosen. With ``--final``
and a dev set that is not itself final, our model is trained twice: on train, as the others are, and
on train and dev, where nothing is left to choose.

Our model is fitted as `classifier.train` fits it, weights in one byte each, but without the five
further fits that its calibration and thresholds need: where classes exclude each other, the class
with the largest margin is the answer. Each system trains in a process of its own, which is how its
memory is told apart; seconds run from the texts to the trained model, cutting into words included.

Where the recipe has word vectors of its own and ``--headlines`` names a folder with raw.jsonl.gz,
they are learned from the set's training titles, those headlines and the training titles of the
other sets, all without labels and without any title that is scored.
"""

import argparse
import multiprocessing
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib.externals.loky import get_reusable_executor

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from classifier.linear import LinearWeights
from classifier.trainer import Recipe
from classifier.trainer.fitting import Run
from classifier.trainer.priors import Priors
from training.benchmarks import peers
from training.benchmarks.accuracy_report import Outcome, Report, score, write_report
from training.benchmarks.sets import (
    SETS,
    BenchmarkSet,
    as_corpus,
    training_titles,
    without,
)
from training.rebuild import read_texts
from training.vectors import train_vectors

Texts = Sequence[str]
System = Callable[[Texts, Texts, Texts], tuple[list[str], float, int]]

OURS = "this package"
FROM_THIS_RUN = "own"  # value of `vectors` in a recipe: learn them from the texts at hand
VECTORS_MIN_DF = 3


def main() -> None:
    """Train, score, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=sorted(SETS))
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--headlines", type=Path, help="folder with raw.jsonl.gz, for word vectors")
    parser.add_argument(
        "--final", action="store_true", help="score the split results are quoted on"
    )
    parser.add_argument("--try", dest="variations", nargs="*", default=[], metavar="SETTING=VALUE")
    parser.add_argument("--out", type=Path, help="folder for NAME.json and NAME.md")
    arguments = parser.parse_args()
    if arguments.final and arguments.variations:
        parser.error("--try chooses settings, and nothing is chosen on the final split")
    chosen = SETS[arguments.name]
    recipe = Recipe.from_toml(ROOT / "training" / "recipes" / f"{chosen.name}.toml")
    split, train, held_out = parts(chosen, arguments.data, final=arguments.final)
    further: list[str] = []
    left_out = None
    if recipe.vectors == FROM_THIS_RUN and arguments.headlines:
        unlabelled = list(read_texts(arguments.headlines / "raw.jsonl.gz"))
        unlabelled += training_titles(arguments.data, but=chosen.name)
        further, left_out = without(unlabelled, never_seen(chosen, arguments.data, held_out[0]))
    systems: dict[str, System] = {
        OURS if not text else f"{OURS}, {text}": Ours(replace(recipe, **settings), further)
        for text, settings in [("", {}), *map(_variation, arguments.variations)]
    }
    if arguments.final and chosen.final != "dev":
        dev = chosen.read(arguments.data, "dev")
        systems[f"{OURS}, trained on dev too"] = Ours(recipe, further, dev)
    if not arguments.variations:
        systems |= {"fastText": fasttext, "jieba + TfidfVectorizer + LinearSVC": plain}
    outcomes = []
    for name, system in systems.items():
        with own_process() as pool:
            answers, seconds, peak = pool.submit(system, *train, held_out[0]).result()
        outcomes.append(Outcome(name, *score(held_out[1], answers), seconds, peak))
        print(outcomes[-1], flush=True)
    report = Report(chosen, split, len(train[0]), len(held_out[0]), recipe, left_out, outcomes)
    print(report.to_markdown())
    if arguments.out:
        write_report(arguments.out, report)


def parts(
    chosen: BenchmarkSet, data: Path, *, final: bool
) -> tuple[str, tuple[list[str], list[str]], tuple[list[str], list[str]]]:
    """Return the name of the split scored, the training texts and labels, and the scored ones."""
    train = chosen.read(data, "train")
    if final or chosen.final != "dev":
        split = chosen.final if final else "dev"
        return split, train, chosen.read(data, split)
    held_out = np.random.default_rng(0).permutation(len(train[0])) < len(train[0]) // 5
    kept, scored = (
        ([t for t, out in zip(train[0], held_out, strict=True) if out == wanted],
         [y for y, out in zip(train[1], held_out, strict=True) if out == wanted])
        for wanted in (False, True)
    )  # fmt: skip
    return "a fifth of train", kept, scored


def never_seen(chosen: BenchmarkSet, data: Path, held_out: Texts) -> list[str]:
    """Return every text that is ever scored, so that word vectors are learned without them."""
    splits = sorted({"dev", chosen.final})
    return [*held_out, *(text for split in splits for text in chosen.read(data, split)[0])]


class Ours:
    """The package's own features and linear model, by a recipe.

    Where the recipe's `vectors` is ``"own"``, word vectors are learned from the training texts and
    from further titles without labels.

    Parameters
    ----------
    recipe : settings
    further : titles without labels
    beside : texts and labels that are trained on beside those of a call
    """

    def __init__(
        self, recipe: Recipe, further: Texts, beside: tuple[Texts, Texts] = ((), ())
    ) -> None:
        self.recipe = recipe
        self.further = further
        self.beside = beside

    def __call__(
        self, texts: Texts, labels: Texts, held_out: Texts
    ) -> tuple[list[str], float, int]:
        """Train, and return the answers, seconds of training and bytes at most held meanwhile."""
        texts, labels = [*texts, *self.beside[0]], [*labels, *self.beside[1]]
        corpus = as_corpus(texts, labels)
        with Meter() as meter:
            run = Run(self.recipe, corpus.taxonomy.topics, self._priors(texts), None)
            fitted = run.fit(corpus.texts, corpus.labels(), None)
            weights = LinearWeights.of(fitted.coef, fitted.intercept, quantize=self.recipe.quantize)
        # Idle workers would keep this process from ending for minutes.
        get_reusable_executor().shutdown(wait=True)
        margins = weights.margins(fitted.features.transform(held_out))
        names = [topic.name for topic in corpus.taxonomy.topics]
        return [names[best] for best in margins.argmax(axis=1)], meter.seconds, meter.peak_bytes

    def _priors(self, texts: Texts) -> Priors:
        if self.recipe.vectors != FROM_THIS_RUN:
            return Priors()
        vectors = train_vectors([*texts, *self.further], min_df=VECTORS_MIN_DF)
        return Priors(
            vectors=vectors,
            vector_weight=self.recipe.vector_weight,
            context_weight=self.recipe.context_weight,
        )


def fasttext(texts: Texts, labels: Texts, held_out: Texts) -> tuple[list[str], float, int]:
    """Train fastText on words and pairs, as `Ours` says."""
    with Meter() as meter:
        predict = peers.fasttext_classes(texts, labels)
    return predict(held_out), meter.seconds, meter.peak_bytes


def plain(texts: Texts, labels: Texts, held_out: Texts) -> tuple[list[str], float, int]:
    """Train scikit-learn's pipeline on jieba's words, as `Ours` says."""
    with Meter() as meter:
        predict = peers.jieba_classes(texts, labels)
    return predict(held_out), meter.seconds, meter.peak_bytes


class Meter:
    """Seconds, and bytes held at most by this process and those it started, while in a block.

    What processes share is counted once for each, so the peak is an upper bound.
    """

    def __enter__(self) -> "Meter":
        import psutil

        self._process = psutil.Process()
        self._done = threading.Event()
        self.peak_bytes = 0
        self._watch = threading.Thread(target=self._sample, daemon=True)
        self._watch.start()
        self._since = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._since
        self._done.set()
        self._watch.join()

    def _sample(self) -> None:
        import psutil

        while not self._done.wait(0.2):
            held = 0
            for process in [self._process, *self._process.children(recursive=True)]:
                try:
                    held += process.memory_info().rss
                except psutil.NoSuchProcess:  # it ended between the two calls
                    continue
            self.peak_bytes = max(self.peak_bytes, held)


def own_process() -> ProcessPoolExecutor:
    """Return a pool of one new process, whose memory is its own."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def _variation(text: str) -> tuple[str, dict[str, Any]]:
    """Read ``C=0.1,min_df=1``, values as TOML has them."""
    return text, tomllib.loads("\n".join(text.split(",")))


if __name__ == "__main__":
    main()
