"""Two linear models of one matrix made one: the mean of their margins is linear again."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import scipy.sparse

# Coefficients ``(n_terms, n_topics)`` and intercepts ``(n_topics,)``.
Linear = tuple[NDArray[np.float64], NDArray[np.float64]]


def blend(X: "scipy.sparse.csr_matrix", first: Linear, second: Linear, share: float) -> Linear:
    """Return the weighted mean of two models, once their margins have the same spread.

    Parameters
    ----------
    X : ``(n_texts, n_terms)``, the rows that both were fitted on
    first, second : coefficients ``(n_terms, n_topics)`` and intercepts ``(n_topics,)``
    share : of the second, in [0, 1]

    Notes
    -----
    The second's margins are brought to the standard deviation that the first's have over all texts
    and topics. One scale serves all topics, since where classes exclude each other their margins
    are compared. A second model whose margins are all alike has nothing to add but its intercept.
    """
    spreads = [float((X @ coef + intercept).std()) for coef, intercept in (first, second)]
    scale = spreads[0] / spreads[1] if spreads[1] else 1.0
    coef, intercept = (
        (1 - share) * one + share * scale * other for one, other in zip(first, second, strict=True)
    )
    return coef, intercept
