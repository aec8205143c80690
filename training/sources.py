"""How a model does on texts from elsewhere: leave one source out, train on the others, score it."""

from collections.abc import Iterator

import numpy as np

from classifier.corpus import Corpus, Example
from classifier.metrics import Evaluation
from classifier.model import TopicClassifier
from classifier.trainer.evaluation import evaluate_probabilities
from classifier.trainer.fitting import Run

# The first part of a row's `source`, and what it is.
FAMILIES = {
    "china-data": "broadcast news",
    "DuckBurnIncense": "broadcast news",
    "vikiboss": "daily digest",
    "justjavac": "trending topics",
    "01joy": "news agency and evening paper",
    "shenxingy": "news agency and evening paper",
}
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
        fitted = run.fit([corpus.texts[i] for i in inside.tolist()], Y[inside], None)
        held_out = corpus.subset(outside)
        rows = fitted.features.transform(held_out.texts)
        margins = fitted.margins(rows)
        probabilities = model.calibration.of_texts(margins, rows.known, exclusive=False)
        yield (
            name,
            evaluate_probabilities(
                held_out,
                Y[outside],
                probabilities,
                model.thresholds,
                topics=corpus.taxonomy.ids,
                groups=held_out.groups(),
                exclusive=False,
                seed=0,
            ),
        )
