import numpy as np
import pytest
import scipy.sparse
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from classifier.features import TermRows
from classifier.linear import LinearWeights, fit_linear, fit_with_offset
from tests.conftest import SMALL, make_texts

TEXTS, TOPICS = zip(*make_texts(300), strict=True)
X = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(TEXTS).tocsr()
Y = np.array([[topic in topics for topic in SMALL] for topics in TOPICS], dtype=np.int8)


def as_rows(matrix: scipy.sparse.csr_matrix) -> TermRows:
    matrix = matrix.astype(np.float32)
    matrix.sort_indices()
    return TermRows(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int64),
        matrix.data,
        matrix.shape[1],
    )


def test_coefficients_equal_scikit_learns() -> None:
    coef, intercept = fit_linear(X, Y, C=0.5, seed=3)
    for column in range(Y.shape[1]):
        reference = LinearSVC(C=0.5, tol=0.01, random_state=3).fit(X, Y[:, column] > 0)
        np.testing.assert_allclose(coef[:, column], reference.coef_[0], atol=1e-12)
        np.testing.assert_allclose(intercept[column], reference.intercept_[0], atol=1e-12)


def test_margins_are_those_of_a_fit_to_the_end_nearly() -> None:
    coef, intercept = fit_linear(X, Y, C=0.5)
    reference = LinearSVC(C=0.5, tol=1e-6, random_state=0).fit(X, Y[:, 0] > 0)
    far = np.abs(X @ coef[:, 0] + intercept[0] - reference.decision_function(X))
    assert far.max() < 0.02


def test_naive_bayes_scaling_is_folded_into_the_coefficients() -> None:
    coef, intercept = fit_linear(X, Y, C=0.1, naive_bayes=True)
    positive = Y[:, 0] > 0
    p = 1 + np.asarray(X[positive].sum(axis=0)).ravel()
    q = 1 + np.asarray(X[~positive].sum(axis=0)).ravel()
    ratio = np.log((p / p.sum()) / (q / q.sum()))
    scaled = X.multiply(ratio).tocsr()
    reference = LinearSVC(C=0.1, tol=0.01, random_state=0).fit(scaled, positive)
    np.testing.assert_allclose(
        X @ coef[:, 0] + intercept[0], reference.decision_function(scaled), atol=1e-9
    )


@pytest.mark.parametrize("estimator", ["svc", "logistic", "sgd"])
def test_every_estimator_learns_and_is_deterministic(estimator: str) -> None:
    settings = {"estimator": estimator, "C": 1.0, "seed": 1}
    coef, intercept = fit_linear(X, Y, **settings)  # type: ignore[arg-type]  # a test's shortcut
    again, _ = fit_linear(X, Y, n_jobs=1, **settings)  # type: ignore[arg-type]  # likewise
    assert (coef == again).all()
    assert (((X @ coef + intercept) > 0) == Y).mean() > 0.97


def test_logistic_regression_is_scikit_learns() -> None:
    coef, _ = fit_linear(X, Y[:, :1], estimator="logistic", C=2.0)
    reference = LogisticRegression(C=2.0, max_iter=1000).fit(X, Y[:, 0] > 0)
    np.testing.assert_allclose(coef[:, 0], reference.coef_[0], atol=1e-12)


def test_sample_weights_count() -> None:
    weight = np.where(Y[:, 0] > 0, 3.0, 1.0)
    coef, _ = fit_linear(X, Y, sample_weight=weight)
    reference = LinearSVC(C=0.25, tol=0.01, random_state=0)
    reference.fit(X, Y[:, 0] > 0, sample_weight=weight)
    np.testing.assert_allclose(coef[:, 0], reference.coef_[0], atol=1e-12)


def test_a_topic_that_no_text_or_every_text_bears_gets_a_constant() -> None:
    constant = np.stack([np.zeros(len(Y)), np.ones(len(Y))], axis=1)
    coef, intercept = fit_linear(X, constant)
    assert not coef.any()
    assert intercept.tolist() == [-1.0, 1.0]


def random_weights(n_terms: int, n_topics: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    draw = np.random.default_rng(0)
    return draw.normal(size=(n_terms, n_topics)), draw.normal(size=n_topics)


@pytest.mark.parametrize("n_topics", [1, 4, 300])
def test_margins_equal_the_plain_product(n_topics: int) -> None:
    coef, intercept = random_weights(X.shape[1], n_topics)
    weights = LinearWeights.of(coef, intercept, quantize=False)
    np.testing.assert_allclose(weights.margins(as_rows(X)), X @ coef + intercept, atol=1e-5)


def test_a_weight_in_one_byte_is_off_by_half_a_step_at_most() -> None:
    coef, intercept = random_weights(50, 4)
    coef[7] = 0
    weights = LinearWeights.of(coef, intercept)
    assert weights.codes.dtype == np.int8
    restored = np.stack([weights.of_terms(np.arange(50), k) for k in range(4)], axis=1)
    step = np.abs(coef).max(axis=1, keepdims=True) / 127
    assert (np.abs(restored - coef) <= step / 2 + 1e-6).all()
    assert not restored[7].any()


def test_margins_are_the_same_to_the_last_bit_alone_and_among_many() -> None:
    coef, intercept = random_weights(X.shape[1], 30)
    weights = LinearWeights.of(coef, intercept)
    together = weights.margins(as_rows(X))
    for index in range(0, X.shape[0], 7):
        assert (weights.margins(as_rows(X[index]))[0] == together[index]).all()


def test_rows_are_widened_for_many_texts_and_held_once() -> None:
    weights = LinearWeights.of(*random_weights(X.shape[1], 30))
    before = weights.codes.copy()
    alone = weights.margins(as_rows(X[3]))
    assert weights._gathered.shape[1] == 30
    assert (weights.margins(as_rows(X))[3] == alone[0]).all()
    assert weights._gathered.shape[1] == 32
    assert weights._gathered.flags.c_contiguous  # else each look-up would copy it all
    assert np.shares_memory(weights.codes, weights._gathered)
    assert (weights.codes == before).all()


def test_rows_without_terms_get_the_intercept() -> None:
    coef, intercept = random_weights(5, 3)
    weights = LinearWeights.of(coef, intercept)
    empty = scipy.sparse.csr_matrix((2, 5), dtype=np.float32)
    assert (weights.margins(as_rows(empty)) == intercept.astype(np.float32)).all()
    assert weights.margins(as_rows(empty[:0])).shape == (0, 3)


def test_without_log_odds_known_the_change_is_a_logistic_regression() -> None:
    coef, intercept = fit_with_offset(X, Y, np.zeros(Y.shape), C=0.7)
    for topic in range(Y.shape[1]):
        # This solver, too, penalises the intercept, here as strongly.
        model = LogisticRegression(C=0.7, solver="liblinear", tol=1e-8, intercept_scaling=0.3)
        model.fit(X, Y[:, topic])
        np.testing.assert_allclose(coef[:, topic], model.coef_[0], atol=5e-3)
        np.testing.assert_allclose(intercept[topic], model.intercept_[0], atol=5e-3)


def test_of_what_is_known_nothing_is_learned() -> None:
    coef, intercept = fit_with_offset(X, Y, np.where(Y > 0, 30.0, -30.0), C=0.7)
    assert np.abs(coef).max() < 1e-6
    assert np.abs(intercept).max() < 1e-6
    coef, _ = fit_with_offset(X, Y, np.where(Y > 0, -3.0, 3.0), C=0.7)
    assert ((X @ coef > 0) == (Y > 0)).mean() > 0.95


def test_a_text_of_weight_two_counts_as_two() -> None:
    zeros = np.zeros(Y.shape)
    twice = [*range(len(TEXTS)), *range(50)]
    one = fit_with_offset(X, Y, zeros, sample_weight=1.0 + (np.arange(len(TEXTS)) < 50))
    other = fit_with_offset(X[twice], Y[twice], zeros[twice])
    np.testing.assert_allclose(one[0], other[0], atol=5e-3)
    np.testing.assert_allclose(one[1], other[1], atol=5e-3)


def test_a_feature_of_no_text_gets_no_weight() -> None:
    wider = scipy.sparse.hstack([X, scipy.sparse.csr_matrix((len(TEXTS), 3))], format="csr")
    coef, _ = fit_with_offset(wider, Y, np.zeros(Y.shape))
    assert coef.shape == (X.shape[1] + 3, Y.shape[1])
    assert not coef[-3:].any()
    assert coef[:-3].any(axis=1).all()
