"""What all pairs of text and topic say together, where those of one topic are too few."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.choosing import surest_other
from classifier.metrics import sigmoid

# With fewer positive pairs of text and topic no rivalry is learned.
_FEWEST_POSITIVES = 50


def worth_beside(
    one: NDArray[Any],
    other: NDArray[Any],
    Y: NDArray[Any],
    weight: NDArray[Any] | None = None,
) -> float:
    """Return how many times `other` to add to `one`, for the best log odds of `Y`.

    Parameters
    ----------
    one, other : ``(n_texts, n_topics)``, two figures for each pair, of texts held out
    Y : ``(n_texts, n_topics)``, labels, of both kinds
    weight : ``(n_texts,)``, by default all 1

    Returns
    -------
    below 0 if `other` speaks against the topic, 0 if `one` does not speak for it

    Notes
    -----
    Logistic regression of all pairs together, ``a * one + b * other + c``, and of that ``b / a``:
    stacking (Wolpert, Stacked generalization, Neural Networks 5, 1992).
    """
    from sklearn.linear_model import LogisticRegression

    labels = np.asarray(Y).ravel() > 0
    every = None if weight is None else np.repeat(weight, np.shape(Y)[1])
    both = np.stack([one.ravel(), other.ravel()], axis=1).astype(np.float64)
    # So little of a penalty that two numbers are as good as free.
    of_one, of_other = LogisticRegression(C=100.0).fit(both, labels, every).coef_[0].tolist()
    return float(of_other / of_one) if of_one > 0 else 0.0


def fit_rivalry(lines: NDArray[Any], Y: NDArray[Any], weight: NDArray[Any] | None = None) -> float:
    """Return the log odds that a topic loses for each of the text's surest other topic, at least 0.

    Parameters
    ----------
    lines : ``(n_texts, n_topics)``, log odds of texts held out, calibrated topic by topic
    Y : ``(n_texts, n_topics)``, labels
    weight : ``(n_texts,)``, by default all 1

    Notes
    -----
    Topics are fitted one by one, and none of them knows that a text is already well told by
    another. Annotators do: they give a second topic only where it stands on its own.
    """
    n_topics = np.shape(Y)[1]
    if n_topics < 2 or np.count_nonzero(Y) < _FEWEST_POSITIVES or np.all(Y):
        return 0.0
    return max(-worth_beside(lines, surest_other(lines), Y, weight), 0.0)


def fit_shares(
    lines: NDArray[Any], Y: NDArray[Any], weight: NDArray[Any] | None = None
) -> tuple[float, float]:
    """Return by what to multiply log odds of topics that exclude each other, and what to add then.

    Parameters
    ----------
    lines : ``(n_texts, n_topics)``, log odds of texts held out, calibrated topic by topic
    Y : ``(n_texts, n_topics)``, labels; texts without one have no say
    weight : ``(n_texts,)``, by default all 1

    Returns
    -------
    stretch, shift : of all topics alike, so that their order in a text stays

    Notes
    -----
    Each topic's probability is calibrated by itself, and is wrong once they are divided by their
    sum. These two make the quotients most likely: temperature scaling (Guo et al., On Calibration
    of Modern Neural Networks, ICML 2017) with a shift beside it. A Gaussian prior, of deviation 1
    around no change, keeps few texts from asking for much.
    """
    from scipy.optimize import minimize

    some = np.any(Y, axis=1)
    known, labels = lines[some].astype(np.float64), np.asarray(Y)[some] > 0
    every = np.ones((len(known), 1)) if weight is None else weight[some][:, None]

    def loss(of: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        stretched = np.exp(of[0]) * known
        odds = sigmoid(stretched + of[1])
        total = np.maximum(odds.sum(axis=1, keepdims=True), 1e-300)
        missed = np.log(total) - np.log(np.maximum((labels * odds).sum(axis=1), 1e-300))[:, None]
        slope = every * (odds * (1 - odds) / total - labels * (1 - odds))
        gradient = np.array([(slope * stretched).sum(), slope.sum()])
        return float((every * missed).sum() + of @ of / 2), gradient + of

    stretch, shift = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B").x.tolist()
    return float(np.exp(stretch)), float(shift)
