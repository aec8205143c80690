"""Margins to probabilities, and how far probabilities can be taken at their word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from classifier.metrics import (
    Curve,
    expected_calibration_error,
    fit_curve,
    fit_sigmoid,
    fit_sigmoids,
    reliability_curve,
    sigmoid,
)
from classifier.metrics.calibration import _pooled
from classifier.metrics.reliability import ReliabilityBin


def margins_and_labels(
    n_texts: int, slope: float = 3.0, intercept: float = 1.0, seed: int = 0, centre: float = -0.6
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)
    margins = rng.normal(centre, 0.7, n_texts)
    return margins, rng.random(n_texts) < sigmoid(slope * margins + intercept)


def test_sigmoid_keeps_the_float_type_and_never_overflows() -> None:
    x = np.array([-1e4, -2, 0, 2, 1e4], dtype=np.float32)
    got = sigmoid(x)
    assert got.dtype == np.float32
    assert got.tolist() == pytest.approx([0, 0.1192029, 0.5, 0.8807971, 1])


def test_a_sigmoid_equals_an_unpenalised_logistic_regression_of_many_texts() -> None:
    margins, y = margins_and_labels(20_000)
    wanted = LogisticRegression(C=1e9, tol=1e-10).fit(margins[:, None], y)
    slope, intercept = fit_sigmoid(margins, y)
    assert slope == pytest.approx(wanted.coef_[0, 0], rel=5e-3)
    assert intercept == pytest.approx(wanted.intercept_[0], rel=5e-3)


def test_a_weight_of_two_is_the_text_given_twice() -> None:
    margins, y = margins_and_labels(300)
    weight = np.random.default_rng(1).integers(0, 3, 300)
    by_weight = fit_sigmoid(margins, y, weight)
    by_copies = fit_sigmoid(np.repeat(margins, weight), np.repeat(y, weight))
    assert by_weight == pytest.approx(by_copies, rel=1e-6)


def test_the_unit_of_the_margins_does_not_matter() -> None:
    margins, y = margins_and_labels(500)
    slope, intercept = fit_sigmoid(margins, y)
    for unit in (1e-6, 1e6):
        got = fit_sigmoid(margins * unit, y)
        assert (got[0] * unit, got[1]) == pytest.approx((slope, intercept), rel=1e-5)


def test_separable_classes_keep_a_finite_slope() -> None:
    slope, intercept = fit_sigmoid(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0, 0, 1, 1]))
    assert 0 < slope < 5
    # Platt's targets for two and two: 3/4 and 1/4
    assert sigmoid(np.array([slope * 1.5 + intercept]))[0] == pytest.approx(0.73, abs=0.02)


def test_a_topic_without_a_positive_text_gets_one_low_probability() -> None:
    slope, intercept = fit_sigmoid(np.linspace(-2, 2, 50), np.zeros(50))
    assert slope == 0
    assert sigmoid(np.array([intercept]))[0] == pytest.approx(1 / 52)


def test_margins_that_mislead_or_say_nothing_give_a_level_sigmoid() -> None:
    assert fit_sigmoid(np.array([2.0, 1.0, -1.0, -2.0]), np.array([0, 0, 1, 1])) == (0, 0)
    slope, intercept = fit_sigmoid(np.ones(4), np.array([1, 0, 0, 0]))
    assert slope == 0
    assert sigmoid(np.array([intercept]))[0] == pytest.approx((2 / 3 + 3 / 5) / 4)


@given(st.integers(0, 10_000), st.integers(2, 40))
def test_a_higher_margin_never_means_a_lower_probability(seed: int, n_texts: int) -> None:
    margins, y = margins_and_labels(n_texts, slope=0.1, seed=seed)
    slope, intercept = fit_sigmoid(margins, y)
    assert slope >= 0
    assert np.isfinite([slope, intercept]).all()


def test_sigmoids_without_borrowing_are_each_topics_own() -> None:
    columns = [margins_and_labels(400, slope, seed=seed) for seed, slope in enumerate((2, 4, 6))]
    margins, Y = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
    slopes, intercepts = fit_sigmoids(margins, Y, borrow=0)
    for topic in range(3):
        own = fit_sigmoid(margins[:, topic], Y[:, topic])
        assert (slopes[topic], intercepts[topic]) == pytest.approx(own, rel=1e-5)


def test_a_rare_topic_leans_on_the_others_and_so_fits_other_texts_better() -> None:
    def log_loss(slope: float, intercept: float) -> float:
        margins, y = margins_and_labels(20_000, seed=99, centre=-1.8)
        logits = slope * margins + intercept
        return float((np.logaddexp(0, logits) - y * logits).mean())

    alone, leaning = [], []
    for seed in range(20):
        columns = [margins_and_labels(150, seed=50 * seed + topic) for topic in range(9)]
        columns.append(margins_and_labels(150, seed=50 * seed + 9, centre=-1.8))  # 7 positives
        margins, Y = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
        alone.append(log_loss(*fit_sigmoid(margins[:, -1], Y[:, -1])))
        slopes, intercepts = fit_sigmoids(margins, Y, borrow=20)
        leaning.append(log_loss(slopes[-1], intercepts[-1]))
    assert np.mean(leaning) < np.mean(alone)


def test_a_frequent_topic_hardly_borrows() -> None:
    columns = [margins_and_labels(20_000, slope, seed=seed) for seed, slope in enumerate((2, 4))]
    margins, Y = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
    slopes, _ = fit_sigmoids(margins, Y)
    alone, _ = fit_sigmoids(margins, Y, borrow=0)
    assert slopes.tolist() == pytest.approx(alone.tolist(), rel=0.02)
    assert slopes.tolist() != alone.tolist()


def test_fitting_refuses_what_it_cannot_use() -> None:
    margins, y = margins_and_labels(4)
    with pytest.raises(ValueError, match="margins must be finite; got inf"):
        fit_sigmoid(np.array([0.0, np.inf, 1.0, 2.0]), y)
    with pytest.raises(ValueError, match=r"Y and margins must have one shape"):
        fit_sigmoid(margins[:3], y)
    with pytest.raises(
        ValueError, match=r"weight must have one value a text; got shape \(2,\) for 4"
    ):
        fit_sigmoid(margins, y, np.ones(2))
    with pytest.raises(ValueError, match="weights must be at least 0 and not all 0"):
        fit_sigmoid(margins, y, np.zeros(4))
    with pytest.raises(ValueError, match="weights must be at least 0"):
        fit_sigmoid(margins, y, np.array([1, 1, 1, -1]))
    with pytest.raises(ValueError, match="y must hold 0 and 1 only; got 2"):
        fit_sigmoid(margins, np.array([0, 1, 2, 0]))
    with pytest.raises(ValueError, match="weights must be at least 0"):
        fit_sigmoid(margins, y, np.array([1, 1, 1, np.inf]))
    with pytest.raises(ValueError, match=r"Y and margins must have one shape"):
        fit_curve(margins[:3, None], y[:, None])
    with pytest.raises(ValueError, match="margins must be finite; got nan"):
        fit_curve(margins[:, None] * np.nan, y[:, None])
    with pytest.raises(ValueError, match="borrow must be at least 0; got -1"):
        fit_sigmoids(margins[:, None], y[:, None], borrow=-1)


def test_a_curve_mends_probabilities_of_the_wrong_shape() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(-2, 3, (20_000, 3))
    Y = rng.random(logits.shape) < sigmoid(0.5 * logits)  # half as sure as they claim to be
    curve = fit_curve(logits[:10_000], Y[:10_000])
    claimed, mended = sigmoid(logits[10_000:]), sigmoid(curve.logits(logits[10_000:]))
    assert expected_calibration_error(Y[10_000:], claimed) > 0.08
    assert expected_calibration_error(Y[10_000:], mended) < 0.01


def test_a_curve_of_few_positive_texts_is_straight() -> None:
    logits = np.linspace(-3, 3, 49)[:, None]
    curve = fit_curve(logits, np.ones((49, 1)))
    assert curve.logits(logits).tolist() == logits.tolist()


@given(st.integers(0, 10_000))
def test_a_curve_rises_whatever_it_is_fitted_to(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (400, 2)).round(1)
    curve = fit_curve(logits, rng.random(logits.shape) < 0.5, rng.integers(0, 5, 400))
    grid = np.linspace(-9, 9, 200)
    assert (np.diff(curve.logits(grid)) > 0).all()


@pytest.mark.parametrize("seed", range(30))
def test_a_curve_rises_where_weighted_log_odds_are_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits = np.repeat(rng.normal(0, 2, (3, 2)), 200, axis=0)
    curve = fit_curve(logits, rng.random(logits.shape) < 0.5, rng.uniform(0.1, 3, 600))
    assert (np.diff(curve.logits(np.linspace(-9, 9, 200))) > 0).all()


def test_a_curve_keeps_the_float_type() -> None:
    assert Curve.straight().logits(np.zeros(2, dtype=np.float32)).dtype == np.float32
    assert Curve.straight().logits(np.zeros(2)).dtype == np.float64


def test_a_curve_refuses_knots_that_do_not_rise() -> None:
    with pytest.raises(ValueError, match=r"a curve's x must be rising numbers; got \[1.0, 1.0\]"):
        Curve(np.array([1, 1]), np.array([0, 1]))
    with pytest.raises(ValueError, match=r"a curve's x must be rising numbers; got \[nan\]"):
        Curve(np.array([np.nan]), np.array([0]))
    with pytest.raises(ValueError, match="a curve's y must be rising numbers"):
        Curve(np.array([0, 1]), np.array([1, 0]))
    with pytest.raises(ValueError, match="of one length; got 2 and 1"):
        Curve(np.array([0, 1]), np.array([1]))


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 9)), min_size=1, max_size=12))
def test_pooling_adjacent_violators_equals_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    values, mass = np.array(pairs).T
    wanted = IsotonicRegression().fit_transform(np.arange(len(values)), values, sample_weight=mass)
    assert _pooled(values, mass).tolist() == pytest.approx(wanted.tolist(), abs=1e-9)


def test_reliability_equals_scikit_learns_quantile_bins_without_ties() -> None:
    rng = np.random.default_rng(0)
    proba = rng.random(1000)
    y = rng.random(1000) < proba**2
    share, probability = calibration_curve(y, proba, n_bins=10, strategy="quantile")
    bins = reliability_curve(y, proba)
    assert [b.n_pairs for b in bins] == [100] * 10
    assert [b.share for b in bins] == pytest.approx(share, abs=0.02)
    assert [b.probability for b in bins] == pytest.approx(probability, abs=0.01)


def test_equal_probabilities_share_a_bin_in_any_order() -> None:
    proba, y = np.array([0.1] * 6 + [0.9] * 2), np.array([0, 0, 0, 1, 1, 1, 1, 1])
    for order in (slice(None), slice(None, None, -1)):
        low, high = reliability_curve(y[order], proba[order], n_bins=4)
        assert low.probability == pytest.approx(0.1)
        assert (low.share, low.n_pairs) == (0.5, 6)
        assert high == ReliabilityBin(0.9, 1, 2)


def test_calibration_error_equals_a_case_worked_by_hand() -> None:
    proba, y = np.array([0.2, 0.2, 0.8, 0.8]), np.array([0, 1, 1, 1])
    assert expected_calibration_error(y, proba, n_bins=2) == pytest.approx(0.5 * 0.3 + 0.5 * 0.2)


def test_no_pair_has_no_curve_and_no_error() -> None:
    assert reliability_curve(np.zeros(0), np.zeros(0)) == ()
    assert expected_calibration_error(np.zeros(0), np.zeros(0)) == 0


def test_reliability_refuses_other_shapes_and_no_bin() -> None:
    with pytest.raises(ValueError, match=r"one shape; got \(2,\), \(3,\)"):
        reliability_curve(np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match="n_bins must be at least 1; got 0"):
        reliability_curve(np.zeros(2), np.zeros(2), n_bins=0)
