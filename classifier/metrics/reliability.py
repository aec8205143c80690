"""How far probabilities can be taken at their word: expected calibration error, reliability."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.scores import as_indicator


@dataclass(frozen=True)
class ReliabilityBin:
    """Pairs of text and topic of like probability: the mean of it, and how often it was true."""

    probability: float
    share: float
    n_pairs: int


def reliability_curve(
    Y: NDArray[Any], proba: NDArray[Any], n_bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Return how often topics of like probability are labelled, in bins of equal mass.

    Parameters
    ----------
    Y : labels, 0 or 1, any shape
    proba : probabilities, same shape
    n_bins : bins wanted, at least 1

    Returns
    -------
    Bins by rising probability; fewer than `n_bins` where pairs tie or are few.

    Notes
    -----
    Equal probabilities share a bin, so the order of the texts does not matter.

    Examples
    --------
    >>> reliability_curve(np.array([0, 1, 1, 1]), np.array([0.25, 0.25, 0.75, 1.0]), n_bins=2)
    (ReliabilityBin(probability=0.25, share=0.5, n_pairs=2),
     ReliabilityBin(probability=0.875, share=1.0, n_pairs=2))
    """
    labels = as_indicator(np.asarray(Y).reshape(-1, 1), "Y")[:, 0]
    p = np.asarray(proba, dtype=np.float64).ravel()
    if np.shape(Y) != np.shape(proba):
        raise ValueError(f"Y and proba must have one shape; got {np.shape(Y)}, {np.shape(proba)}")
    if n_bins < 1:
        raise ValueError(f"n_bins must be at least 1; got {n_bins!r}")
    if not len(p):
        return ()
    ordered = np.sort(p)
    edges = ordered[np.arange(1, n_bins) * len(p) // n_bins]
    bins = np.searchsorted(edges, p, side="right")
    n_pairs = np.bincount(bins, minlength=n_bins)
    total_p = np.bincount(bins, weights=p, minlength=n_bins)
    total_y = np.bincount(bins, weights=labels, minlength=n_bins)
    return tuple(
        ReliabilityBin(float(total_p[b] / n), float(total_y[b] / n), int(n))
        for b, n in enumerate(n_pairs)
        if n
    )


def expected_calibration_error(Y: NDArray[Any], proba: NDArray[Any], n_bins: int = 10) -> float:
    """Return the mean distance of probability and truth over bins of equal mass, in [0, 1].

    Parameters
    ----------
    Y : labels, 0 or 1, any shape
    proba : probabilities, same shape
    n_bins : bins, at least 1

    Notes
    -----
    The sum over bins of n_b / n · abs(mean probability - share labelled) (Naeini, Cooper &
    Hauskrecht 2015; equal mass as Nguyen & O'Connor 2015). 0 for no pair. Over all pairs of texts
    and topics nearly every probability is near 0 and the error small whatever the model does:
    judge by the pairs that matter, as `evaluate` does.

    Examples
    --------
    >>> expected_calibration_error(np.array([0, 1]), np.array([0.5, 0.5]))
    0.0
    """
    curve = reliability_curve(Y, proba, n_bins)
    total = sum(bin_.n_pairs for bin_ in curve)
    gaps = (bin_.n_pairs * abs(bin_.probability - bin_.share) for bin_ in curve)
    return sum(gaps) / max(total, 1)
