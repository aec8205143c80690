"""Scores, their intervals and paired tests."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as reference

from classifier.metrics import (
    Interval,
    as_plain,
    bootstrap_interval,
    class_scores,
    confused_pairs,
    exact_matches,
    f1_of,
    first_topic_hits,
    macro_f1,
    macro_scores,
    micro_f1,
    micro_scores,
    outcome_counts,
    paired_test,
    share_of,
    topic_scores,
)
from classifier.metrics.intervals import percentile_interval, resample_sums
from classifier.metrics.scores import ConfusedPair, Scores

# Worked by hand. Topic 0: 2 right, 1 added; 1: 1 right, 1 missed; 2: 1 missed, 1 added; 3: nowhere.
Y = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
P = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]])


def drawn(
    seed: int, n_texts: int = 200, n_topics: int = 6
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    rng = np.random.default_rng(seed)
    labels = rng.random((n_texts, n_topics)) < 0.25
    flipped = rng.random((n_texts, n_topics)) < 0.1
    return labels.astype(np.int8), (labels ^ flipped).astype(np.int8)


def test_scores_equal_a_table_worked_by_hand() -> None:
    table = topic_scores(outcome_counts(Y, P).sum(axis=0))
    assert table.support.tolist() == [2, 2, 1, 0]
    assert table.predicted.tolist() == [3, 1, 1, 0]
    assert table.precision.tolist() == pytest.approx([2 / 3, 1, 0, 0])
    assert table.recall.tolist() == pytest.approx([1, 1 / 2, 0, 0])
    assert table.f1.tolist() == pytest.approx([4 / 5, 2 / 3, 0, 0])
    assert micro_scores(Y, P) == Scores(3 / 5, 3 / 5, 3 / 5)
    macro = macro_scores(Y, P)
    assert macro.precision == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert macro.recall == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert macro.f1 == pytest.approx((4 / 5 + 2 / 3 + 0) / 3)


@pytest.mark.parametrize("seed", range(3))
def test_scores_equal_scikit_learns(seed: int) -> None:
    labels, predicted = drawn(seed)
    labels[:, 0] = predicted[:, 0] = 0  # a topic that occurs nowhere
    for average, ours in (("micro", micro_scores), ("macro", macro_scores)):
        wanted = reference.precision_recall_fscore_support(
            labels[:, 1:], predicted[:, 1:], average=average, zero_division=0
        )
        got = ours(labels, predicted)
        assert (got.precision, got.recall, got.f1) == pytest.approx(wanted[:3])
    assert macro_scores(labels, predicted).f1 == pytest.approx(
        reference.f1_score(labels, predicted, average="macro", zero_division=np.nan)
    )
    table = topic_scores(outcome_counts(labels, predicted).sum(axis=0))
    columns = (table.precision, table.recall, table.f1, table.support)
    each = reference.precision_recall_fscore_support(labels, predicted, zero_division=0)
    for column, wanted_column in zip(columns, each, strict=True):
        assert column.tolist() == pytest.approx(wanted_column.tolist())
    assert exact_matches(labels, predicted).mean() == reference.accuracy_score(labels, predicted)


def test_class_scores_equal_scikit_learns() -> None:
    rng = np.random.default_rng(1)
    labels, predicted = rng.integers(0, 5, 100), rng.integers(0, 6, 100)
    got = class_scores(labels, predicted)
    assert got.accuracy == reference.accuracy_score(labels, predicted)
    assert got.macro_f1 == pytest.approx(reference.f1_score(labels, predicted, average="macro"))


def test_class_scores_refuse_vectors_of_two_lengths_and_none() -> None:
    with pytest.raises(ValueError, match=r"non-empty vectors of one length; got shapes \(2,\)"):
        class_scores(np.array(["农", "水"]), np.array(["农"]))
    with pytest.raises(ValueError, match="non-empty vectors"):
        class_scores(np.array([]), np.array([]))


def test_an_empty_prediction_of_no_label_scores_zero_without_warning() -> None:
    nothing = np.zeros((3, 2), dtype=np.int8)
    assert micro_scores(nothing, nothing) == Scores(0, 0, 0)
    assert macro_scores(nothing, nothing) == Scores(0, 0, 0)
    assert exact_matches(nothing, nothing).all()


def test_first_topic_counts_texts_that_have_a_label() -> None:
    labels = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 0]])
    proba = np.array([[0.1, 0.2, 0.3], [0.9, 0.8, 0], [0.9, 0, 0], [0, 0, 0.2], [0, 0, 0]])
    # the last text has no known term: column 0 comes first among zeros, which is no hit
    assert first_topic_hits(labels, proba).tolist() == [True, False, True, False]


def test_confused_pairs_count_one_missed_and_one_added_on_the_same_text() -> None:
    labels = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1], [1, 1, 0], [1, 0, 0]])
    predicted = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0]])
    # the fourth misses one and adds none, the fifth adds one and misses none
    assert confused_pairs(labels, predicted) == (ConfusedPair(0, 1, 2), ConfusedPair(2, 1, 1))
    assert confused_pairs(labels, predicted, limit=1) == (ConfusedPair(0, 1, 2),)
    assert confused_pairs(labels, labels) == ()


def test_scores_refuse_probabilities_and_other_shapes() -> None:
    with pytest.raises(ValueError, match=r"P must hold 0 and 1 only; got 0\.5: apply thresholds"):
        outcome_counts(Y, P * 0.5)
    with pytest.raises(ValueError, match=r"Y must be an indicator matrix .* got shape \(5,\)"):
        outcome_counts(Y[:, 0], P)
    with pytest.raises(ValueError, match=r"one shape .* got \(5, 4\) and \(5, 3\)"):
        exact_matches(Y, P[:, :3])
    with pytest.raises(ValueError, match="Y and proba must have one shape"):
        first_topic_hits(Y, P[:2])


@given(st.integers(0, 10_000))
def test_order_of_texts_does_not_change_a_score(seed: int) -> None:
    labels, predicted = drawn(seed, n_texts=30)
    order = np.random.default_rng(seed).permutation(30)
    assert micro_scores(labels, predicted) == micro_scores(labels[order], predicted[order])
    assert confused_pairs(labels, predicted) == confused_pairs(labels[order], predicted[order])


def test_an_interval_holds_the_score_and_narrows_with_texts() -> None:
    widths = []
    for n_texts in (100, 1600):
        labels, predicted = drawn(0, n_texts)
        (got,) = bootstrap_interval(micro_f1, outcome_counts(labels, predicted))
        assert got.value == pytest.approx(micro_scores(labels, predicted).f1)
        assert got.low < got.value < got.high
        widths.append(got.high - got.low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.25)  # the root of 16


def test_the_bootstrap_spreads_as_the_theory_of_a_proportion_says() -> None:
    right = np.random.default_rng(0).random(400) < 0.8
    counts = np.stack([right, np.ones_like(right)], axis=1).astype(int)
    (got,) = bootstrap_interval(share_of, counts, n_resamples=4000)
    share = right.mean()
    half = 1.96 * np.sqrt(share * (1 - share) / 400)
    assert (got.high - got.low) / 2 == pytest.approx(half, rel=0.1)


def test_reprints_are_drawn_together() -> None:
    labels, predicted = drawn(0, 50)
    once = outcome_counts(labels, predicted)
    reprinted, groups = np.repeat(once, 9, axis=0), np.repeat(np.arange(50), 9)
    (alone,) = bootstrap_interval(micro_f1, once)
    (grouped,) = bootstrap_interval(micro_f1, reprinted, groups)
    (ignored,) = bootstrap_interval(micro_f1, reprinted)
    assert grouped.value == alone.value
    assert grouped.high - grouped.low == pytest.approx(alone.high - alone.low, rel=0.1)
    assert ignored.high - ignored.low < 0.5 * (grouped.high - grouped.low)


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    counts = outcome_counts(*drawn(0))
    first = bootstrap_interval(macro_f1, counts, seed=3)
    assert first == bootstrap_interval(macro_f1, counts, seed=3)
    assert first != bootstrap_interval(macro_f1, counts, seed=4)


def test_every_topic_gets_an_interval_of_its_own() -> None:
    labels, predicted = drawn(0)
    counts = outcome_counts(labels, predicted)
    intervals = bootstrap_interval(f1_of, counts)
    assert [interval.value for interval in intervals] == pytest.approx(
        f1_of(counts.sum(axis=0)).tolist()
    )
    (alone,) = bootstrap_interval(f1_of, counts[:, 2:3])
    assert intervals[2].low == pytest.approx(alone.low, abs=0.03)


def test_many_texts_of_many_patterns_are_resampled_block_by_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = outcome_counts(*drawn(0))
    whole = resample_sums(counts, n_resamples=50, seed=1)
    monkeypatch.setattr("classifier.metrics.intervals._DRAWN_AT_ONCE", 500)
    assert (resample_sums(counts, n_resamples=50, seed=1) == whole).all()


def test_intervals_refuse_what_cannot_be_resampled() -> None:
    counts = outcome_counts(Y, P)
    with pytest.raises(ValueError, match="there is no text to score"):
        bootstrap_interval(micro_f1, counts[:0])
    with pytest.raises(ValueError, match="one value a text; got 2 for 5"):
        bootstrap_interval(micro_f1, counts, np.array([0, 1]))
    with pytest.raises(ValueError, match="n_resamples must be at least 1; got 0"):
        bootstrap_interval(micro_f1, counts, n_resamples=0)
    with pytest.raises(ValueError, match=r"level must lie between 0 and 1, as 0\.95 does; got 95"):
        percentile_interval(0.5, np.zeros(3), level=95)


def test_a_better_model_differs_and_its_twin_does_not() -> None:
    labels, worse = drawn(0, 400)
    better = np.where(np.random.default_rng(9).random(labels.shape) < 0.6, labels, worse)
    got = paired_test(micro_f1, outcome_counts(labels, worse), outcome_counts(labels, better))
    assert got.second > got.first
    assert got.difference.value == pytest.approx(got.second - got.first)
    assert got.difference.low > 0
    assert got.p_value == pytest.approx(1 / 1001)
    twin = paired_test(micro_f1, outcome_counts(labels, worse), outcome_counts(labels, worse))
    assert twin.difference == Interval(0, 0, 0)
    assert twin.p_value == 1


def test_two_models_of_like_worth_differ_by_chance_only() -> None:
    p_values = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        labels = rng.random((100, 4)) < 0.3
        first, second = (labels ^ (rng.random(labels.shape) < 0.1) for _ in range(2))
        test = paired_test(
            micro_f1, outcome_counts(labels, first), outcome_counts(labels, second), n_resamples=200
        )
        p_values.append(test.p_value)
    # under the null p-values are uniform: 40 of them average 0.5 with a standard error of 0.046
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.14)
    assert np.mean(np.array(p_values) < 0.05) <= 0.15


def test_the_exchange_of_answers_goes_by_group() -> None:
    labels, first = drawn(0, 30)
    _, second = drawn(1, 30)
    second = np.where(np.arange(30)[:, None] < 20, labels, second)  # about as good as the first
    ones, others = outcome_counts(labels, first), outcome_counts(labels, second)
    groups = np.repeat(np.arange(30), 20)
    repeated = [np.repeat(counts, 20, axis=0) for counts in (ones, others)]
    grouped = paired_test(micro_f1, repeated[0], repeated[1], groups)
    alone = paired_test(micro_f1, ones, others)
    assert grouped.n_groups == alone.n_groups == 30
    assert grouped.p_value == pytest.approx(alone.p_value, abs=0.01)
    assert grouped.p_value > 0.3 > 0.01 > paired_test(micro_f1, *repeated).p_value


def test_two_models_must_have_answered_the_same_texts() -> None:
    counts = outcome_counts(Y, P)
    with pytest.raises(
        ValueError, match=r"same texts and topics; got counts of shapes \(5, 4, 3\)"
    ):
        paired_test(micro_f1, counts, counts[:4])
    with pytest.raises(ValueError, match="n_resamples must be at least 1"):
        paired_test(micro_f1, counts, counts, n_resamples=0)


def test_results_become_plain_values_that_json_writes() -> None:
    @dataclass
    class Row:
        name: str
        scores: NDArray[np.float64]
        n: np.int64

    rows = {"a": (Row("水利", np.array([0.5, np.nan, np.inf]), np.int64(3)),), 1: [None, True]}
    got = as_plain(rows)
    assert got == {"a": [{"name": "水利", "scores": [0.5, None, None], "n": 3}], "1": [None, True]}
    assert json.loads(json.dumps(got)) == got
    with pytest.raises(TypeError, match=r"a set cannot be written as plain data; got \{1\}"):
        as_plain({1})
    with pytest.raises(TypeError, match="a type cannot be written"):
        as_plain(Row)
