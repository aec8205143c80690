"""Linear models: one weight vector a topic, trained by scikit-learn, multiplied by numpy."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from classifier.features import TermRows
from classifier.metrics import sigmoid

if TYPE_CHECKING:
    import scipy.sparse

Estimator = Literal["svc", "logistic", "sgd"]
ESTIMATORS: tuple[str, ...] = get_args(Estimator)

# Entries to go through, over all topics, from which on another process saves time.
_WORTH_A_PROCESS = 5_000_000

# Of liblinear's stopping rule. Its own 1e-4 takes more rounds for margins that differ by less than
# the rounding of weights to one byte does.
_TOLERANCE = 1e-2
# What stands for 1 in the feature of the intercept: less is a stronger penalty of it.
_INTERCEPT = 0.3
# Share of the loss that a step must win, or L-BFGS stops.
_LOSS_TOLERANCE = 1e-7

# Rows of weights gathered at a time: as many as stay in a core's own cache.
_GATHERED_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class LinearWeights:
    """The weights of all topics, one row a term, in one byte each or four.

    Attributes
    ----------
    codes : ``(n_terms, n_topics)`` int8 or float32
    scales : ``(n_terms,)`` float32; the weights of term i are ``codes[i] * scales[i]``
    intercept : ``(n_topics,)`` float32
    """

    codes: NDArray[Any]
    scales: NDArray[np.float32]
    intercept: NDArray[np.float32]
    _gathered: NDArray[Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_gathered", np.ascontiguousarray(self.codes))

    @classmethod
    def of(
        cls, coef: NDArray[Any], intercept: NDArray[Any], *, quantize: bool = True
    ) -> "LinearWeights":
        """Pack coefficients ``(n_terms, n_topics)``, in one byte each if `quantize`.

        Notes
        -----
        A term's largest weight becomes 127 and the others are rounded to that scale, so a weight is
        off by at most 1/254 of the term's largest. A quarter of the bytes is read from memory.
        """
        coef = coef.astype(np.float32)
        if quantize:
            scales = np.abs(coef).max(axis=1, initial=0) / np.float32(127)
            codes: NDArray[Any] = np.rint(coef / np.maximum(scales, 1e-30)[:, None]).astype(np.int8)
        else:
            codes, scales = coef, np.ones(len(coef), dtype=np.float32)
        return cls(np.ascontiguousarray(codes), scales, intercept.astype(np.float32))

    @property
    def n_topics(self) -> int:
        """Number of topics, the columns of the margins."""
        return len(self.intercept)

    @property
    def coef(self) -> NDArray[np.float32]:
        """The weights themselves: ``(n_terms, n_topics)`` float32."""
        coef: NDArray[np.float32] = self.codes * self.scales[:, None]
        return coef

    def margins(self, rows: TermRows) -> NDArray[np.float32]:
        """Return the decision function: ``(n_texts, n_topics)`` float32.

        The sum over a text's terms runs in their order, whatever stands in the same batch, so a
        text's margins are the same to the last bit alone and among thousands.
        """
        values = rows.values * self.scales.take(rows.terms)
        if rows.n_texts == 1:
            sums = _sums(values[None], self._gathered.take(rows.terms[None], axis=0))
            return sums[:, : self.n_topics] + self.intercept
        self._widen_rows()
        margins = np.empty((rows.n_texts, self.n_topics), dtype=np.float32)
        lengths = np.diff(rows.starts)
        for texts, longest in _groups(lengths, _GATHERED_BYTES // (4 * max(self.n_topics, 1))):
            starts, ends = rows.starts[texts], rows.starts[texts + 1]
            at = starts[:, None] + np.arange(longest)
            padded = at >= ends[:, None]
            at[padded] = 0  # any entry will do: it is multiplied by zero
            weighed = values.take(at)
            weighed[padded] = 0
            sums = _sums(weighed, self._gathered.take(rows.terms.take(at), axis=0))
            margins[texts] = sums[:, : self.n_topics]
        margins += self.intercept
        return margins

    def _widen_rows(self) -> None:
        """Add columns of zeros to codes of one byte, up to 2, 4, 8, 16 or 32 columns.

        Rows of these sizes numpy gathers by one move each, others by a loop over bytes. That pays
        once many texts are asked for, so loading does not wait for it.
        """
        width = 1 << max(self.n_topics - 1, 0).bit_length()
        if self.codes.itemsize > 1 or width > 32 or self._gathered.shape[1] == width:
            return
        wider = np.zeros((len(self.codes), width), dtype=self.codes.dtype)
        wider[:, : self.n_topics] = self.codes
        object.__setattr__(self, "_gathered", wider)
        object.__setattr__(self, "codes", wider[:, : self.n_topics])  # not held twice

    def of_terms(self, terms: NDArray[Any], topic: int) -> NDArray[np.float32]:
        """Return the weights of some terms for the topic in column `topic`."""
        weights: NDArray[np.float32] = self.codes[terms, topic] * self.scales[terms]
        return weights


def _sums(values: NDArray[np.float32], codes: NDArray[Any]) -> NDArray[np.float32]:
    """Return for each text the sum of its terms' rows, weighed: ``(n_texts, n_topics)``.

    Not by matmul: BLAS adds in an order that depends on the shape.

    Parameters
    ----------
    values : ``(n_texts, n_entries)`` float32
    codes : ``(n_texts, n_entries, n_topics)``
    """
    sums: NDArray[np.float32] = np.einsum("nl,nlk->nk", values, codes.astype(np.float32))
    return sums


def _groups(lengths: NDArray[np.int64], budget: int) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Yield groups of texts of like length, with at most `budget` entries once padded."""
    order = np.argsort(lengths, kind="stable")
    first = int(np.searchsorted(lengths, 1, sorter=order))
    if first:
        yield order[:first], 0
    while first < len(order):
        # Lengths ascend: take as many as fit if all were as long as the last of them.
        candidates = lengths[order[first : first + budget]]
        fits = candidates * np.arange(1, len(candidates) + 1) <= budget
        size = max(int(np.argmin(fits)) if not fits.all() else len(fits), 1)
        group = order[first : first + size]
        yield group, int(lengths[group[-1]])
        first += size


def fit_linear(
    X: "scipy.sparse.csr_matrix",
    Y: NDArray[Any],
    *,
    estimator: Estimator = "svc",
    C: float = 0.25,
    naive_bayes: bool = False,
    n_counted: int | None = None,
    sample_weight: NDArray[Any] | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit one binary linear model a topic.

    Parameters
    ----------
    X : ``(n_texts, n_features)`` sparse
    Y : ``(n_texts, n_topics)`` indicators, 1 where the text has the topic
    estimator : ``"svc"`` (squared hinge loss), ``"logistic"``, or ``"sgd"`` for corpora too large
        for either
    C : inverse of the strength of the L2 penalty, above 0
    naive_bayes : scale features by the topic's log-count ratios before fitting
    n_counted : of the features, how many of the first are counts, none negative, that `naive_bayes`
        scales; by default all. The others stay as they are
    sample_weight : ``(n_texts,)``, by default all 1
    seed : of the solvers' shuffling
    n_jobs : topics fitted at a time, by default one a core

    Returns
    -------
    coef : ``(n_features, n_topics)`` float64, the scaling of `naive_bayes` folded in
    intercept : ``(n_topics,)`` float64

    Notes
    -----
    The log-count ratio is ``r = ln((p / |p|) / (q / |q|))``, p and q the smoothed sums of a feature
    over the texts with and without the topic: Wang and Manning, Baselines and Bigrams (ACL 2012). A
    topic that no text, or every text, bears gets zero weights and the intercept -1 or 1.
    """
    import os

    import scipy.sparse
    from joblib import Parallel, delayed

    X = scipy.sparse.csr_matrix(X, dtype=np.float64)  # once, instead of in each fit
    X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)
    fit_one = functools.partial(
        _fit_topic,
        X,
        estimator=estimator,
        C=C,
        n_scaled=0 if not naive_bayes else X.shape[1] if n_counted is None else n_counted,
        sample_weight=sample_weight,
        seed=seed,
    )
    # Processes, not threads: liblinear draws from one generator a process, so fits that run beside
    # each other in one would depend on chance. A small problem is done before a process starts.
    small = X.nnz * np.shape(Y)[1] < _WORTH_A_PROCESS
    fitted = Parallel(n_jobs=1 if small else n_jobs or os.cpu_count())(
        delayed(fit_one)(y) for y in np.asarray(Y).T
    )
    coef = np.stack([weights for weights, _ in fitted], axis=1)
    return coef, np.array([intercept for _, intercept in fitted])


def _fit_topic(
    X: "scipy.sparse.csr_matrix",
    y: NDArray[Any],
    *,
    estimator: Estimator,
    C: float,
    n_scaled: int,
    sample_weight: NDArray[Any] | None,
    seed: int,
) -> tuple[NDArray[np.float64], float]:
    positive = y > 0
    if positive.all() or not positive.any():
        return np.zeros(X.shape[1]), 1.0 if positive.all() else -1.0
    scale = None
    if n_scaled:
        scale = np.ones(X.shape[1])
        scale[:n_scaled] = _log_count_ratio(X[:, :n_scaled], positive)
    model = _solver(estimator, C, len(y), seed)
    scaled = X if scale is None else X.multiply(scale[None, :]).tocsr()
    model.fit(scaled, positive, sample_weight=sample_weight)
    weights: NDArray[np.float64] = model.coef_[0]
    return weights if scale is None else weights * scale, float(model.intercept_[0])


def _solver(estimator: Estimator, C: float, n_texts: int, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.svm import LinearSVC

    if estimator == "svc":
        return LinearSVC(C=C, tol=_TOLERANCE, random_state=seed)
    if estimator == "logistic":
        return LogisticRegression(C=C, max_iter=1000)
    return SGDClassifier(loss="squared_hinge", alpha=1 / (C * n_texts), random_state=seed)


def _log_count_ratio(
    X: "scipy.sparse.csr_matrix", positive: NDArray[np.bool]
) -> NDArray[np.float64]:
    with_topic = 1 + np.asarray(X[positive].sum(axis=0)).ravel()
    without = 1 + np.asarray(X[~positive].sum(axis=0)).ravel()
    ratio: NDArray[np.float64] = np.log((with_topic / with_topic.sum()) / (without / without.sum()))
    return ratio


def fit_with_offset(
    X: "scipy.sparse.csr_matrix",
    Y: NDArray[Any],
    offset: NDArray[Any],
    *,
    C: float = 1.0,
    sample_weight: NDArray[Any] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit by logistic regression what to add to log odds that are known, one model a topic.

    Parameters
    ----------
    X : ``(n_texts, n_features)`` sparse
    Y : ``(n_texts, n_topics)`` indicators, 1 where the text has the topic
    offset : ``(n_texts, n_topics)``, the log odds known
    C : inverse of the strength of the L2 penalty, above 0; that of the intercept is eleven times as
        strong, since texts that somebody picked say little of how common a topic is
    sample_weight : ``(n_texts,)``, by default all 1

    Returns
    -------
    coef : ``(n_features, n_topics)`` float64
    intercept : ``(n_topics,)`` float64

    Notes
    -----
    The most probable weights where a Gaussian prior stands around those of a model of other texts:
    Chelba and Acero, Adaptation of Maximum Entropy Capitalizer (EMNLP 2004).

    Examples
    --------
    >>> import scipy.sparse
    >>> X = scipy.sparse.csr_matrix([[1.0, 0.0], [0.0, 1.0]])
    >>> coef, _ = fit_with_offset(X, np.array([[1], [0]]), np.array([[-2.0], [-2.0]]))
    >>> np.sign(coef).tolist()
    [[1.0], [-1.0]]
    """
    import scipy.sparse
    from scipy.optimize import minimize

    X = scipy.sparse.csr_matrix(X, dtype=np.float64)
    # Of a feature that no text has nothing is learned; few texts leave most of them out.
    present = np.unique(X.indices)
    constant = scipy.sparse.csr_matrix(np.full((X.shape[0], 1), _INTERCEPT))
    inside = scipy.sparse.hstack([X[:, present], constant], format="csr")
    turned = inside.T.tocsr()
    labels, known = np.asarray(Y, dtype=np.float64), np.asarray(offset, dtype=np.float64)
    weight = np.ones((len(labels), 1)) if sample_weight is None else sample_weight[:, None]
    shape = inside.shape[1], labels.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape)
        logits = known + inside @ weights
        away = sigmoid(logits) - labels
        missed = weight * (np.logaddexp(0, logits) - labels * logits)
        slope = turned @ (weight * away) + weights / C
        return float(missed.sum() + (flat @ flat) / (2 * C)), slope.ravel()

    start = np.zeros(shape[0] * shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"ftol": _LOSS_TOLERANCE})
    weights = found.x.reshape(shape)
    coef = np.zeros((X.shape[1], shape[1]))
    coef[present] = weights[:-1]
    return coef, weights[-1] * _INTERCEPT
