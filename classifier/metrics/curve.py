"""Log odds to probabilities as a model that tags does it; `calibration` fits what stands here."""

import bisect
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


def sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    """Return 1 / (1 + exp(-x)) without overflow, in the float type of `x`.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(x))
    result: NDArray[Any] = np.where(x >= 0, small.dtype.type(1), small) / (1 + small)
    return result


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
            rises = np.isfinite(values).all() and (np.diff(values) > 0).all()
            if values.ndim != 1 or not len(values) or not rises:
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
