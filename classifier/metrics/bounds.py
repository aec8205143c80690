"""One-sided bounds of a share of right answers. For training: scipy is imported when called."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def lower_bound(
    right: NDArray[Any], total: NDArray[Any], confidence: float = 0.95
) -> NDArray[np.float64]:
    """Return the one-sided lower bound of a proportion.

    Parameters
    ----------
    right : (…), right answers, at least 0; need not be whole
    total : (…), answers, at least `right`
    confidence : chance that the bound lies below the true proportion, above 0 and below 1

    Returns
    -------
    (…), float64; 0 where nothing was right.

    Notes
    -----
    Clopper & Pearson (1934): the (1 - confidence) quantile of Beta(right, total - right + 1). It
    holds for any number of answers. With an effective size in place of a count it is the bound of
    Korn & Graubard (1998) for weighted and clustered answers.

    Examples
    --------
    >>> lower_bound(np.array([0, 58, 59, 980]), np.array([20, 58, 59, 1000])).round(4).tolist()
    [0.0, 0.9497, 0.9505, 0.9711]
    """
    from scipy.special import betaincinv

    right = np.asarray(right, dtype=np.float64)
    missed = np.maximum(np.asarray(total, dtype=np.float64) - right, 0)
    some = right > 0
    bound = betaincinv(np.where(some, right, 1), missed + 1, 1 - confidence)
    result: NDArray[np.float64] = np.where(some, bound, 0.0)
    return result


def upper_bound(
    right: NDArray[Any], total: NDArray[Any], confidence: float = 0.95
) -> NDArray[np.float64]:
    """Return the one-sided upper bound of a proportion: `lower_bound` of the other answers.

    Examples
    --------
    >>> upper_bound(np.array([20, 90]), np.array([20, 100])).round(4).tolist()
    [1.0, 0.9447]
    """
    return 1 - lower_bound(np.asarray(total) - np.asarray(right), total, confidence)


def fewest_for(target: float, confidence: float = 0.95) -> int:
    """Return how many answers, all right, it takes for the lower bound to reach `target`.

    Examples
    --------
    >>> fewest_for(0.95)
    59
    """
    return math.ceil(math.log(1 - confidence) / math.log(target))
