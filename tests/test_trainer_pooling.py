import dataclasses

import numpy as np
import pytest

from classifier.choosing import surest_other
from classifier.corpus import Corpus
from classifier.metrics import sigmoid
from classifier.trainer import Recipe, train
from classifier.trainer.bywords import WordLine
from classifier.trainer.pooling import fit_rivalry, fit_shares, worth_beside
from classifier.trainer.training import _calibrate

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


def drawn_by(stretch: float, shift: float) -> np.ndarray:
    """Draw one topic a text, each by its share of what it would be by itself."""
    shares = sigmoid(stretch * LINES + shift)
    ends = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    one = (np.random.default_rng(8).random((len(LINES), 1)) > ends).sum(axis=1)
    drawn: np.ndarray = np.eye(LINES.shape[1], dtype=np.int8)[one]
    return drawn


@pytest.mark.parametrize(("stretch", "shift"), [(1.0, 0.0), (1.4, -1.0), (0.6, 0.5)])
def test_shares_are_brought_to_what_they_are(stretch: float, shift: float) -> None:
    found = fit_shares(LINES, drawn_by(stretch, shift))
    assert found[0] == pytest.approx(stretch, abs=0.1)
    assert found[1] == pytest.approx(shift, abs=0.4)


def test_few_texts_ask_for_no_great_change_of_shares() -> None:
    sure = np.eye(4)[[0, 1, 2]] * 6 - 3
    stretch, shift = fit_shares(sure, np.eye(4, dtype=np.int8)[[0, 1, 2]])
    assert 1 < stretch < 1.6  # without a prior there would be no end to it
    assert shift == pytest.approx(0, abs=0.2)


def test_of_shares_texts_without_a_label_say_nothing_and_weights_are_heeded() -> None:
    first, second = drawn_by(1.4, -1.0), drawn_by(0.6, 0.5)
    alone = fit_shares(LINES, second)
    both = np.concatenate([LINES, LINES]), np.concatenate([first, second])
    assert fit_shares(*both, np.repeat([1e-9, 1.0], len(LINES))) == pytest.approx(alone, abs=0.01)
    bare = np.concatenate([np.zeros_like(first), second])
    weight = np.ones(2 * len(LINES))
    assert fit_shares(both[0], bare, weight) == pytest.approx(alone, abs=0.01)


def test_where_topics_exclude_each_other_their_probabilities_are_their_shares() -> None:
    margins, known = LINES.astype(np.float32), np.ones(len(LINES), dtype=bool)
    shares = sigmoid(1.5 * LINES - 1)
    shares /= shares.sum(axis=1, keepdims=True)
    calibration, (stretch, shift) = _calibrate(margins, drawn_by(1.5, -1.0), None, exclusive=True)
    found = calibration.of_texts(margins, known, exclusive=True)
    assert np.abs(found - shares).mean() < 0.015
    # A topic known by its words alone competes with the others on the same terms.
    line = WordLine(slope=2.0, offset=-1.0, tag=0.5).sharing(stretch, shift)
    assert line.slope == pytest.approx(2 * stretch)
    assert line.tag - line.offset == pytest.approx(1.5 * stretch)
    assert line.offset == pytest.approx(shift - stretch)
