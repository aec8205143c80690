"""How good a model is on labelled texts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Corpus
from classifier.errors import DataError
from classifier.metrics import (
    Comparison,
    Evaluation,
    Thresholds,
    assign_topics,
    decide,
    length_bands,
    micro_f1,
    outcome_counts,
    paired_test,
)
from classifier.metrics import evaluate as evaluate_answers
from classifier.model import TopicClassifier

# Fields of corrections that say nothing of their texts.
_NO_SLICES = {"corrected_at", "model_digest"}
_FEW_VALUES = 50  # with more values than this, a field is a slice only if they come up again


def evaluate(model: TopicClassifier, corpus: Corpus, *, seed: int = 0) -> Evaluation:
    """Score a model on labelled texts, with intervals by reprint group and slices.

    Parameters
    ----------
    model : the model
    corpus : texts whose topics are all the model's; slices are the kind, the length and every field
        with few values, or whose values stand in two texts or more on average
    seed : of the bootstrap

    Raises
    ------
    DataError
        The corpus is empty or has a topic that the model does not have.
    """
    Y = labels_in_columns(corpus, model)
    return evaluate_probabilities(
        corpus,
        Y,
        model.predict_proba(corpus.texts),
        model.thresholds,
        topics=[topic.id for topic in model.topics],
        groups=corpus.groups(),
        exclusive=model.exclusive,
        seed=seed,
    )


def compare(
    model: TopicClassifier, other: TopicClassifier, corpus: Corpus, *, seed: int = 0
) -> Comparison:
    """Compare the micro-F1 of two models on one corpus by a paired test over reprint groups.

    Raises
    ------
    DataError
        As for `evaluate`.
    """
    # Summed over topics, of which the two models may have different ones.
    counts = [
        outcome_counts(labels_in_columns(corpus, one), given_topics(one, corpus.texts)).sum(
            axis=1, keepdims=True
        )
        for one in (model, other)
    ]
    return paired_test(micro_f1, counts[0], counts[1], corpus.groups(), seed=seed)


def labels_in_columns(corpus: Corpus, model: TopicClassifier) -> NDArray[np.int8]:
    """Return the labels in the order of the model's topics: ``(n_texts, n_topics)`` int8.

    Raises
    ------
    DataError
        The corpus is empty or has a topic that the model does not have.
    """
    if not corpus.examples:
        raise DataError("the corpus has no text; nothing can be evaluated")
    labels = corpus.labels()
    column = {topic.id: place for place, topic in enumerate(model.topics)}
    Y = np.zeros((len(labels), len(model.topics)), dtype=np.int8)
    for place, topic in enumerate(corpus.taxonomy.ids):
        if topic in column:
            Y[:, column[topic]] = labels[:, place]
        elif labels[:, place].any():
            raise DataError(
                f"the corpus has the topic {topic!r}, which {model.name!r} does not have; "
                "evaluate the model that was trained on these topics"
            )
    return Y


def evaluate_probabilities(
    corpus: Corpus,
    Y: NDArray[Any],
    probabilities: NDArray[Any],
    thresholds: Thresholds,
    *,
    topics: Sequence[str],
    groups: NDArray[np.int64],
    exclusive: bool,
    seed: int,
) -> Evaluation:
    """Score probabilities ``(n_texts, n_topics)`` once the thresholds are put to them."""
    known = _known(probabilities)
    given = assign_topics(probabilities, known, thresholds, exclusive=exclusive)
    return evaluate_answers(
        Y,
        probabilities,
        given,
        decide(probabilities, known, thresholds, tagged=given),
        topics=topics,
        groups=groups,
        slices=_slices(corpus),
        seed=seed,
    )


def given_topics(model: TopicClassifier, texts: Sequence[str]) -> NDArray[np.int8]:
    """Return which topics a model gives texts: ``(n_texts, n_topics)`` int8."""
    probabilities = model.predict_proba(texts)
    known = _known(probabilities)
    return assign_topics(probabilities, known, model.thresholds, exclusive=model.exclusive)


def _known(probabilities: NDArray[Any]) -> NDArray[np.bool]:
    """Say which texts hold a known term: the others have no probability but zeros."""
    known: NDArray[np.bool] = np.greater(probabilities, 0).any(axis=1)
    return known


def _slices(corpus: Corpus) -> Mapping[str, Sequence[str]]:
    slices: dict[str, Sequence[str]] = {
        "kind": [example.kind for example in corpus.examples],
        "length": length_bands(corpus.texts),
    }
    fields = {name for example in corpus.examples for name in example.extra}
    for name in sorted(fields - _NO_SLICES):
        found = [example.extra.get(name) for example in corpus.examples]
        values = ["" if value is None else str(value) for value in found]
        n_values = len(set(values))
        if 1 < n_values <= max(_FEW_VALUES, len(values) // 2):
            slices[f"{name} (column)" if name in slices else name] = values
    return slices
