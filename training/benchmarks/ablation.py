"""What each part of the shipped recipe brings to texts from elsewhere: leave it out, fit, score.

    python training/benchmarks/ablation.py --extra … --headlines … --benchmarks …

Scored on two sets that no fit sees, nor any reprint of them: all texts of the daily digest, the
news agency and the evening paper; and the headlines of regional news in ``training/readers.tsv``,
with what two of three readers say. One fit a row, some four minutes on two cores; ``--only TEXT``
takes the rows whose name contains TEXT. Micro-F1 is at the best threshold for all topics, known in
hindsight, so that a row tells how well texts are put in order, not how well thresholds were chosen.

The lexicon's candidates were picked from texts without labels, those scored here among them, so
that the lexicon's worth comes out too high. The row "words that only scored texts hold" says by how
much at most: it leaves out what no text that is trained on contains.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from classifier.corpus import Corpus
from classifier.text import FoldedTexts, fold
from classifier.trainer import Lexicon, Recipe
from classifier.trainer.fitting import Run
from training.benchmarks.readers import READERS, part, read_readings
from training.rebuild import HERE, joined, labelled, priors, say
from training.sources import AUTHORED, PORTALS, kind_of_source, weights

SOURCES = ("daily digest", "news agency and evening paper")

# From the run as shipped, the texts to train on and the scored ones: a run and texts with less.
Leave = Callable[[Run, Corpus, Sequence[str]], tuple[Run, Corpus]]


@dataclass(frozen=True, slots=True)
class Scores:
    """How well margins put the topics of texts in order.

    Attributes
    ----------
    f1 : micro-F1 at the best threshold for all topics
    average_precision : over all pairs of text and topic
    first_topic : share of the texts with topics whose largest margin is of one of them
    """

    f1: float
    average_precision: float
    first_topic: float

    @classmethod
    def of(cls, Y: NDArray[Any], margins: NDArray[Any]) -> "Scores":
        """Score ``(n_texts, n_topics)`` margins.

        Examples
        --------
        >>> Y = np.array([[1, 0], [0, 1]])
        >>> Scores.of(Y, np.array([[2.0, 1.0], [0.5, 0.0]]))
        Scores(f1=0.6667, average_precision=0.75, first_topic=0.5)
        """
        order = np.argsort(-margins, axis=None, kind="stable")
        right = Y.ravel()[order].cumsum()
        f1 = 2 * right / (np.arange(1, Y.size + 1) + Y.sum())
        f1 = f1[np.append(np.diff(margins.ravel()[order]) != 0, True)]  # none parts equal margins
        first = Y[np.arange(len(Y)), margins.argmax(axis=1)] == 1
        return cls(
            round(float(f1.max()), 4),
            round(float(average_precision_score(Y, margins, average="micro")), 4),
            round(float(first[Y.any(axis=1)].mean()), 4),
        )


def main() -> None:
    """Read the arguments, fit once a row, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--extra", type=Path, required=True, help="further labelled texts, JSONL")
    parser.add_argument("--headlines", type=Path, required=True, help="folder of headlines")
    parser.add_argument("--benchmarks", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--only", default="", help="the rows whose name contains this")
    arguments = parser.parse_args()
    chosen = [name for name in PARTS if arguments.only in name]
    if not chosen:
        parser.error(f"--only {arguments.only}: no row; there are: {'; '.join(PARTS)}")
    sources = arguments.extra, arguments.headlines, arguments.benchmarks
    held_out, inside = held_out_sets(joined(labelled(*sources).values()))
    scored = [text for corpus in held_out.values() for text in corpus.texts]
    recipe = Recipe.from_toml(HERE / "recipes" / "public-affairs.toml")
    shipped = Run(recipe, inside.taxonomy.topics, priors(inside, recipe), None)
    say(f"{len(inside.texts):,} texts to train on, at most")
    print("|".join(["left out", *(f"{name}: F1|AP|first" for name in held_out)]), flush=True)
    for name in chosen:
        run, corpus = PARTS[name](shipped, inside, scored)
        fitted = run.fit(corpus.texts, corpus.labels(), weights(corpus))
        cells = [name]
        for one in held_out.values():
            found = Scores.of(one.labels(), fitted.margins(fitted.features.transform(one.texts)))
            cells += [f"{found.f1:.4f}|{found.average_precision:.4f}|{found.first_topic:.3f}"]
        print("|".join(cells), flush=True)


def held_out_sets(whole: Corpus) -> tuple[dict[str, Corpus], Corpus]:
    """Return the texts to score on by name, and the others, less their reprints."""
    readings = {key: one for key, one in read_readings(READERS).items() if one.drawn == "regional"}
    regional, others = part(whole, readings)
    local = np.array([kind_of_source(example) in SOURCES for example in others.examples])
    groups = others.groups()
    inside = ~np.isin(groups, groups[local])
    sets = {" and ".join(SOURCES): others.subset(np.flatnonzero(local)), "regional": regional}
    return sets, others.subset(np.flatnonzero(inside))


def seen_in(lexicon: Lexicon, scored: Iterable[str], others: Iterable[str]) -> Lexicon:
    """Return a lexicon without the words that `scored` texts contain and no one of `others` does.

    Examples
    --------
    >>> lexicon = Lexicon({"粮仓": {"agriculture": 2.0}, "稻田": {"agriculture": 2.0}})
    >>> list(seen_in(lexicon, ["稻田旁的粮仓"], ["新粮仓"]).entries)
    ['粮仓']
    """
    first, second = (FoldedTexts.of(list(texts)).joined for texts in (scored, others))
    kept = {
        word: topics
        for word, topics in lexicon.entries.items()
        if (folded := fold(word).strip()) in second or folded not in first
    }
    return Lexicon(kept)


def _without_priors(**changed: Any) -> Leave:
    return lambda run, inside, _: (replace(run, priors=replace(run.priors, **changed)), inside)


def _without_settings(**changed: Any) -> Leave:
    return lambda run, inside, _: (replace(run, recipe=replace(run.recipe, **changed)), inside)


def _without_own_words(run: Run, inside: Corpus, scored: Sequence[str]) -> tuple[Run, Corpus]:
    lexicon = seen_in(run.priors.lexicon, scored, inside.texts)
    return replace(run, priors=replace(run.priors, lexicon=lexicon)), inside


def _without_texts(kind: str) -> Leave:
    def leave(run: Run, inside: Corpus, _: Sequence[str]) -> tuple[Run, Corpus]:
        kinds = [kind_of_source(example) for example in inside.examples]
        return run, inside.subset(np.flatnonzero(np.array(kinds) != kind))

    return leave


def _half(run: Run, inside: Corpus, _: Sequence[str]) -> tuple[Run, Corpus]:
    half = np.random.default_rng(0).random(len(inside.texts)) < 0.5
    return run, inside.subset(np.flatnonzero(half))


PARTS: dict[str, Leave] = {
    "nothing": lambda run, inside, _: (run, inside),
    "lexicon": _without_priors(lexicon_weight=0.0),
    "words that only scored texts hold": _without_own_words,
    "word vectors, and contexts by them": _without_priors(vector_weight=0.0),
    "contexts": _without_priors(context_weight=0.0),
    "second model": _without_settings(blend_naive_bayes=0.0),
    "characters": _without_settings(char_ngram_max=0),
    "pairs of words and characters": _without_settings(word_ngram_max=1, char_ngram_max=1),
    f"texts: {AUTHORED}": _without_texts(AUTHORED),
    "texts: broadcast news": _without_texts("broadcast news"),
    "texts: trending topics": _without_texts("trending topics"),
    f"texts: {PORTALS}": _without_texts(PORTALS),
    "half of all texts": _half,
}


if __name__ == "__main__":
    main()
