"""A common correction of calibrated probabilities, where sigmoids have the wrong shape.

A sigmoid a topic has two parameters; margins of a support vector machine, which crowd at -1, need
more. All topics' texts together can afford them: one monotone curve for all. Fitting and applying
are numpy alone.
"""

import bisect
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.scores import as_indicator

# A knot rests on that many positive texts; more knots than the most add nothing.
_POSITIVES_A_KNOT = 50
_MOST_KNOTS = 30
# Share of the straight line in the curve, which keeps it rising where the fit is level.
_STRAIGHT = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A rising curve from log odds to log odds, straight between knots and of slope 1 outside.

    Attributes
    ----------
    x, y : (n_knots,), float64, rising; log odds before and after

    Raises
    ------
    ValueError
        If there is no knot, the two differ in length, or one does not rise.

    Examples
    --------
    >>> Curve([-2.0, 2.0], [-1.0, 1.0]).logits(np.array([-4.0, 0.0, 2.0, 3.0])).tolist()
    [-3.0, 0.0, 1.0, 2.0]
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    # Of the piece before each knot, and of the one behind the last: log odds after are
    # ``slope * before + base``.
    _slope: NDArray[np.float64] = field(init=False, repr=False)
    _base: NDArray[np.float64] = field(init=False, repr=False)
    # The same as Python's floats, for one number at a time.
    _knots: list[float] = field(init=False, repr=False)
    _pieces: list[tuple[float, float]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, values)
            if values.ndim != 1 or not len(values) or not (np.diff(values) > 0).all():
                raise ValueError(
                    f"a curve's {name} must be rising numbers; got {values.tolist()!r}"
                )
        if len(self.x) != len(self.y):
            raise ValueError(
                f"a curve's x and y must be of one length; got {len(self.x)} and {len(self.y)}"
            )

        slope = np.concatenate([[1.0], np.diff(self.y) / np.diff(self.x), [1.0]])
        at = np.concatenate([[0], np.arange(len(self.x))])  # the knot that each piece leans on
        object.__setattr__(self, "_slope", slope)
        base = self.y[at] - slope * self.x[at]
        object.__setattr__(self, "_base", base)
        object.__setattr__(self, "_knots", self.x.tolist())
        object.__setattr__(self, "_pieces", list(zip(slope.tolist(), base.tolist(), strict=True)))

    @classmethod
    def straight(cls) -> "Curve":
        """Return the curve that changes nothing."""
        return cls(np.zeros(1), np.zeros(1))

    def logits(self, logits: NDArray[Any]) -> NDArray[Any]:
        """Return the log odds after the curve, in the float type given."""
        # Not np.interp: its Python part takes longer than looking up the few values of one text.
        piece = self.x.searchsorted(logits)
        result: NDArray[Any] = logits * self._slope.take(piece) + self._base.take(piece)
        return result.astype(np.result_type(logits, np.float32), copy=False)

    def logit(self, logit: float) -> float:
        """Return what `logits` returns of one number in float64, in a tenth of the time."""
        slope, base = self._pieces[bisect.bisect_left(self._knots, logit)]
        return logit * slope + base


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
    labels = as_indicator(Y, "Y")
    weights = np.ones(len(labels)) if weight is None else np.asarray(weight, dtype=np.float64)
    z = np.asarray(logits, dtype=np.float64).ravel()
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
    rising = np.append(True, np.diff(x) > 0)
    return Curve(x[rising], (y + _STRAIGHT * (x - y))[rising])


def _pooled(values: NDArray[np.float64], mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the non-decreasing values nearest to `values` in weighted squares."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), mass.tolist(), strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (a, wa, na), (b, wb, nb) = blocks[-2:]
            blocks[-2:] = [((a * wa + b * wb) / (wa + wb), wa + wb, na + nb)]
    return np.repeat([value for value, _, _ in blocks], [n for _, _, n in blocks])
