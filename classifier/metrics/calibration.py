"""Fitting the way from margins to probabilities: one sigmoid a topic, then one curve for all.

A sigmoid has two parameters; margins of a support vector machine, which crowd at -1, need more.
All topics' texts together can afford them: one monotone curve for all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.curve import Curve, sigmoid
from classifier.metrics.scores import as_indicator, as_weights, check_same_shape

_MAX_STEPS = 100
_MAX_HALVINGS = 30
# Keeps a Newton step defined where all margins are the same (as in Lin, Lin & Weng 2007).
_RIDGE = 1e-12
# A knot rests on that many positive texts; more knots than the most add nothing.
_POSITIVES_A_KNOT = 50
_MOST_KNOTS = 30
# Share of the straight line in the curve, which keeps it rising where the fit is level.
_STRAIGHT = 0.02


def fit_sigmoid(
    margins: NDArray[Any], y: NDArray[Any], weight: NDArray[Any] | None = None
) -> tuple[float, float]:
    """Fit ``probability = sigmoid(slope · margin + intercept)`` to labels.

    Parameters
    ----------
    margins : (n_texts,), out-of-fold margins of one topic
    y : (n_texts,), whether the text has the topic
    weight : (n_texts,), how much each text counts, at least 0; None: 1 each

    Returns
    -------
    (slope, intercept); the slope is never negative, so a higher margin never means a lower
    probability. Where the margins say nothing, or mislead, it is 0.

    Raises
    ------
    ValueError
        If lengths differ, a margin is not finite, or no text counts.

    Notes
    -----
    Platt scaling (Platt 1999) with his targets (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2) in place of 1
    and 0, found by Newton's method as in Lin, Lin & Weng (2007). The targets keep the fit finite
    where a margin separates the classes and where a topic has no positive text.

    Examples
    --------
    >>> slope, intercept = fit_sigmoid(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0, 0, 1, 1]))
    >>> round(slope, 3), round(abs(intercept), 3)
    (0.674, 0.0)
    """
    labels = as_indicator(np.asarray(y).reshape(-1, 1), "y")
    column = np.asarray(margins, dtype=np.float64).reshape(-1, 1)
    slopes, intercepts = fit_sigmoids(column, labels, weight, borrow=0)
    return float(slopes[0]), float(intercepts[0])


def fit_sigmoids(
    margins: NDArray[Any],
    Y: NDArray[Any],
    weight: NDArray[Any] | None = None,
    *,
    borrow: float = 100.0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit one sigmoid a topic, each leaning on the sigmoid of all topics together.

    Parameters
    ----------
    margins : (n_texts, n_topics), out-of-fold margins
    Y : (n_texts, n_topics), labels
    weight : (n_texts,), how much each text counts, at least 0; None: 1 each
    borrow : positive texts that the common fit is worth to each topic; 0: each by itself

    Returns
    -------
    (slopes, intercepts), each (n_topics,), float64, as `fit_sigmoid` returns them.

    Raises
    ------
    ValueError
        If shapes differ, a margin is not finite, no text counts, or `borrow` is negative.

    Notes
    -----
    So a topic with few labels takes its calibration from the others. The curvature of the common
    fit, scaled to `borrow` positive texts, is a Gaussian prior on slope and intercept: Laplace's
    approximation of adding that many pooled texts. On 39,901 labelled texts with 30 topics, fits
    from a hundredth of them (13 positives a topic) lost 1.69 nats a text on the rest with it and
    1.76 without; from a tenth (140 positives), 1.678 and 1.681.
    """
    labels, values, weights = _checked(margins, Y, weight)
    if borrow < 0:
        raise ValueError(f"borrow must be at least 0; got {borrow!r}")
    # Newton works on margins of spread 1, whatever the linear model's unit is.
    unit = float(values.std()) or 1.0
    values = values / unit
    prior = _common_prior(labels, values, weights, borrow) if borrow else _NO_PRIOR
    # transposed copies: a topic's margins side by side in memory are read four times as fast
    columns = zip(np.ascontiguousarray(values.T), np.ascontiguousarray(labels.T), strict=True)
    fits = [_fit(_Problem.of(column, y, weights, prior)) for column, y in columns]
    slopes, intercepts = np.array(fits).reshape(-1, 2).T
    return slopes / unit, intercepts


def _checked(
    margins: NDArray[Any], Y: NDArray[Any], weight: NDArray[Any] | None
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    labels = as_indicator(Y, "Y")
    values = np.asarray(margins, dtype=np.float64)
    check_same_shape(labels, values, "Y and margins")
    weights = as_weights(weight, len(labels))
    if not np.isfinite(values).all():
        raise ValueError(f"margins must be finite; got {values[~np.isfinite(values)][0].item()!r}")
    return labels, values, weights


@dataclass(frozen=True)
class _Prior:
    """A quadratic pull towards common parameters (slope, intercept)."""

    at: NDArray[np.float64]
    curvature: NDArray[np.float64]


_NO_PRIOR = _Prior(np.zeros(2), np.zeros((2, 2)))


@dataclass(frozen=True)
class _Problem:
    """The loss to minimise over theta = (slope, intercept): weighted log loss plus the prior."""

    margins: NDArray[np.float64]
    targets: NDArray[np.float64]
    weights: NDArray[np.float64]
    prior: _Prior

    @classmethod
    def of(
        cls,
        margins: NDArray[np.float64],
        y: NDArray[np.bool_],
        weights: NDArray[np.float64],
        prior: _Prior = _NO_PRIOR,
    ) -> "_Problem":
        positive, negative = float(weights[y].sum()), float(weights[~y].sum())
        targets = np.where(y, (positive + 1) / (positive + 2), 1 / (negative + 2))
        return cls(margins, targets, weights, prior)

    def flat(self) -> NDArray[np.float64]:
        """Return the best theta of slope 0."""
        base = (self.weights * self.targets).sum() / self.weights.sum()
        return np.array([0.0, np.log(base / (1 - base))])

    def loss(self, theta: NDArray[np.float64]) -> float:
        logits = theta[0] * self.margins + theta[1]
        away = theta - self.prior.at
        fit = (self.weights * (np.logaddexp(0, logits) - self.targets * logits)).sum()
        return float(fit + away @ self.prior.curvature @ away / 2)

    def derivatives(
        self, theta: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return gradient (2,) and curvature (2, 2)."""
        p = sigmoid(theta[0] * self.margins + theta[1])
        error, spread = self.weights * (p - self.targets), self.weights * p * (1 - p)
        # sums of products, not BLAS: its threads wait on each other for ten times as long as this
        leaning = spread * self.margins
        across = leaning.sum()
        curvature = np.array([[(leaning * self.margins).sum(), across], [across, spread.sum()]])
        gradient = np.array([(error * self.margins).sum(), error.sum()])
        return (
            gradient + self.prior.curvature @ (theta - self.prior.at),
            curvature + self.prior.curvature + _RIDGE * np.eye(2),
        )


def _fit(problem: _Problem) -> NDArray[np.float64]:
    """Return the theta of least loss among those whose slope is not negative."""
    theta = problem.flat()
    loss = problem.loss(theta)
    for _ in range(_MAX_STEPS):
        gradient, curvature = problem.derivatives(theta)
        if np.abs(gradient).max() <= 1e-9 * problem.weights.sum():
            break
        step = np.linalg.solve(curvature, gradient)
        for _ in range(_MAX_HALVINGS):
            shorter = problem.loss(theta - step)
            if shorter < loss:
                break
            step = step / 2
        else:
            break  # no step lowers the loss: rounding is all that is left
        theta, loss = theta - step, shorter
    return theta if theta[0] > 0 else problem.flat()


def _common_prior(
    labels: NDArray[np.bool_],
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    borrow: float,
) -> _Prior:
    """Return the pull towards the fit of all topics' texts, worth `borrow` positive ones."""
    every = np.repeat(weights, labels.shape[1])
    problem = _Problem.of(values.ravel(), labels.ravel(), every)
    at = _fit(problem)
    _, curvature = problem.derivatives(at)
    positives = max(float(every[labels.ravel()].sum()), 1.0)
    return _Prior(at, curvature * min(borrow / positives, 1.0))


def fit_curve(logits: NDArray[Any], Y: NDArray[Any], weight: NDArray[Any] | None = None) -> Curve:
    """Fit the curve from each topic's log odds, ``slope · margin + intercept``, to true ones.

    Parameters
    ----------
    logits : (n_texts, n_topics), out-of-fold log odds as calibrated topic by topic
    Y : (n_texts, n_topics), labels
    weight : (n_texts,), how much each text counts; None: 1 each

    Returns
    -------
    A curve of up to 30 knots; a straight one with fewer than 50 positive texts.

    Notes
    -----
    Pairs of text and topic are cut by log odds into bins of equally many positives. The bins'
    shares of positives are made monotone by pooling adjacent violators (Ayer et al. 1955; Zadrozny
    & Elkan 2002) and joined in log odds. On out-of-fold margins of linear support vector machines
    (39,901 texts, 30 topics; fitted on one half, measured on the other) the expected calibration
    error of probabilities above 0.05 fell from 0.053 with sigmoids alone to 0.005.
    """
    labels, values, weights = _checked(logits, Y, weight)
    z = values.ravel()
    w = np.repeat(weights, labels.shape[1])
    order = np.argsort(z, kind="stable")
    z, w, positive = z[order], w[order], (w * labels.ravel())[order]
    n_knots = min(int(positive.sum()) // _POSITIVES_A_KNOT, _MOST_KNOTS)
    if not n_knots:
        return Curve.straight()
    reached = np.cumsum(positive) / positive.sum()
    bins = np.minimum((reached * n_knots).astype(int), n_knots - 1)
    sums = np.stack([np.bincount(bins, weights=values) for values in (w, positive, w * z)])
    mass, hits, total = sums[:, sums[0] > 0].astype(np.float64)
    x = total / mass
    share = _pooled((hits + 0.5) / (mass + 1), mass)
    y = np.log(share / (1 - share))
    y += _STRAIGHT * (x - y)
    knots = _rising(x, y)
    return Curve(x[knots], y[knots])


def _rising(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[int]:
    """Return the places of points that rise in both, each above the one before; the first is one.

    Sums of weighted equal log odds, rounded, may stand a trifle apart in either direction.
    """
    knots = [0]
    for place in range(1, len(x)):
        if x[place] > x[knots[-1]] and y[place] > y[knots[-1]]:
            knots.append(place)
    return knots


def _pooled(values: NDArray[np.float64], mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the non-decreasing values nearest to `values` in weighted squares."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), mass.tolist(), strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (a, wa, na), (b, wb, nb) = blocks[-2:]
            blocks[-2:] = [((a * wa + b * wb) / (wa + wb), wa + wb, na + nb)]
    return np.repeat([value for value, _, _ in blocks], [n for _, _, n in blocks])
