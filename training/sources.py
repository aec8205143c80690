"""Where texts come from: what each counts in training, and how a model does on other sources.

For the latter one source is left out, a model trained on the others, and scored on it.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Corpus, Example
from classifier.metrics import Evaluation
from classifier.model import TopicClassifier
from classifier.trainer.evaluation import evaluate_probabilities
from classifier.trainer.fitting import Fitted, Run

# The first part of a row's `source`, and what it is.
FAMILIES = {
    "china-data": "broadcast news",
    "DuckBurnIncense": "broadcast news",
    "vikiboss": "daily digest",
    "justjavac": "trending topics",
    "01joy": "news agency and evening paper",
    "shenxingy": "news agency and evening paper",
}
# What was authored from this round on avoids its topics' plain words, or is in the manner of local
# papers, of which there are few real texts. Few beside the real ones, it counts twice.
FIRST_HARD_ROUND = 7
HARD_WEIGHT = 2.0
PORTALS = "portal and news-app titles"
AUTHORED = "authored"


def family(source: str) -> str:
    """Return the kind of source that a row's ``source`` field names.

    Examples
    --------
    >>> family("china-data/xwlb:assets/2020/20200101.json")
    'broadcast news'
    """
    return FAMILIES.get(source.split("/")[0], PORTALS)


def kind_of_source(example: Example) -> str:
    """Return the kind of source of a text; those that name no source were authored."""
    source = example.extra.get("source")
    return AUTHORED if source is None else family(str(source))


def weights(corpus: Corpus) -> NDArray[np.float64]:
    """Return how much each text counts in training: ``(n_texts,)``.

    Examples
    --------
    >>> from classifier.taxonomy import Taxonomy
    >>> examples = Example("水渠通水", (), extra={"round": 8}), Example("开学", ())
    >>> weights(Corpus(examples, Taxonomy.default())).tolist()
    [2.0, 1.0]
    """
    rounds = [example.extra.get("round", 0) for example in corpus.examples]
    return np.where(np.array(rounds) >= FIRST_HARD_ROUND, HARD_WEIGHT, 1.0)


def leave_one_source_out(
    corpus: Corpus, model: TopicClassifier, run: Run
) -> Iterator[tuple[str, Evaluation]]:
    """Yield the scores on each kind of source by a model of the other texts, less its reprints.

    Parameters
    ----------
    corpus : labelled texts; those with a field ``source`` are scored, the others only trained on
    model : trained on all of `corpus`; its calibration and thresholds are used
    run : settings of the fits
    """
    kinds = np.array([kind_of_source(example) for example in corpus.examples])
    Y, groups = corpus.labels(), corpus.groups()
    for name in sorted(set(kinds.tolist()) - {AUTHORED}):
        outside = np.flatnonzero(kinds == name)
        inside = np.flatnonzero(~np.isin(groups, groups[outside]))
        texts = [corpus.texts[i] for i in inside.tolist()]
        fitted = run.fit(texts, Y[inside], weights(corpus)[inside])
        yield name, score_held_out(corpus.subset(outside), fitted, model)


def score_held_out(held_out: Corpus, fitted: Fitted, model: TopicClassifier) -> Evaluation:
    """Score texts by a fit that did not see them.

    Parameters
    ----------
    held_out : labelled texts
    fitted : features and coefficients
    model : a model of nearly the same texts, whose calibration and thresholds are used: to choose
        them anew would take five more fits
    """
    rows = fitted.features.transform(held_out.texts)
    margins = fitted.margins(rows)
    return evaluate_probabilities(
        held_out,
        held_out.labels(),
        model.calibration.of_texts(margins, rows.known, exclusive=False),
        model.thresholds,
        topics=held_out.taxonomy.ids,
        groups=held_out.groups(),
        exclusive=False,
        seed=0,
    )
