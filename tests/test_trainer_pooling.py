import dataclasses

import numpy as np
import pytest

from classifier.choosing import surest_other
from classifier.corpus import Corpus
from classifier.trainer import Recipe, train
from classifier.trainer.pooling import fit_rivalry, worth_beside

DRAW = np.random.default_rng(0)
LINES = DRAW.normal(-1, 2, (3000, 4))
NOISE = DRAW.logistic(size=LINES.shape)


@pytest.mark.parametrize("worth", [0.5, 0.0, -0.3])
def test_two_figures_are_weighed_against_each_other(worth: float) -> None:
    other = DRAW.normal(size=LINES.shape)
    Y = 2 * (LINES + worth * other) + NOISE > 0
    assert worth_beside(LINES, other, Y) == pytest.approx(worth, abs=0.06)


def test_what_misleads_gives_no_measure() -> None:
    assert worth_beside(-LINES, NOISE, LINES > 0) == 0


def test_weights_of_texts_are_heeded() -> None:
    first, second = (LINES - worth * surest_other(LINES) + NOISE > 0 for worth in (0.0, 0.4))
    both = np.concatenate([LINES, LINES]), np.concatenate([first, second])
    weight = np.repeat([1e-9, 1.0], len(LINES))
    assert fit_rivalry(*both, weight) == pytest.approx(fit_rivalry(LINES, second), abs=0.01)


@pytest.mark.parametrize("rivalry", [0.4, 0.1])
def test_a_topic_that_another_displaces_loses_as_much(rivalry: float) -> None:
    Y = LINES - rivalry * surest_other(LINES) + NOISE > 0
    assert fit_rivalry(LINES, Y) == pytest.approx(rivalry, abs=0.05)


def test_topics_that_stand_together_are_no_rivals() -> None:
    assert fit_rivalry(LINES, LINES + 0.5 * surest_other(LINES) + NOISE > 0) == 0


def test_of_too_little_nothing_is_learned() -> None:
    Y = LINES - surest_other(LINES) + NOISE > 0
    few = np.cumsum(Y.ravel()).reshape(Y.shape) <= 49
    assert fit_rivalry(LINES, Y & few) == 0
    assert fit_rivalry(LINES[:, :1], Y[:, :1]) == 0
    assert fit_rivalry(LINES, np.ones(Y.shape, dtype=bool)) == 0


def test_topics_that_exclude_each_other_have_their_own_way(corpus: Corpus) -> None:
    examples = tuple(example for example in corpus.examples if len(example.topics) == 1)
    for exclusive in (False, True):
        one_each = dataclasses.replace(corpus, examples=examples, exclusive=exclusive)
        model = train(one_each, Recipe(n_folds=3, vectors="")).model
        assert (model.calibration.rivalry == 0) == exclusive
