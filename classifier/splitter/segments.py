"""The best way to cut a line: a length model of headlines, and dynamic programming over the line.

A way to cut a line scores the sum of the margins of the spaces that it cuts at, and for each
headline what the length model gives its width and its number of pieces.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.splitter.pieces import Ints
from classifier.splitter.sides import Floats, Sides

MOST_PIECES = 16
"""Pieces that one headline may have."""

# Widths are known by the line's own scale, in steps of a tenth or so: see `Sides.log_widths`.
_STEPS = 8
_LOWEST, _HIGHEST = -12, 12
N_WIDTHS = _HIGHEST - _LOWEST + 1
MOST_PARTS = 4
"""Parts of a headline, spaces of typographic habit not counted, that are told apart."""


@dataclass(frozen=True, eq=False)
class LengthModel:
    """What each shape of a headline scores.

    Attributes
    ----------
    widths : ``(MOST_PARTS, N_WIDTHS)`` by its number of parts and its width
    pieces : ``(MOST_PIECES,)`` by its number of pieces
    """

    widths: NDArray[np.float32]
    pieces: NDArray[np.float32]

    def scores(self, sides: Sides) -> Floats:
        """Return ``(n, MOST_PIECES)``: the score of k + 1 pieces that end with each piece.

        Where the line has not as many pieces, it is minus infinity.
        """
        return self.scores_of(shapes(sides))

    def scores_of(self, cells: Ints) -> Floats:
        """Return the scores of what `shapes` gave."""
        scores = self.widths.ravel()[np.maximum(cells, 0)].astype(np.float64) + self.pieces
        return np.where(cells < 0, -np.inf, scores)


def shapes(sides: Sides) -> Ints:
    """Return ``(n, MOST_PIECES)``: the cell of `LengthModel.widths` of k + 1 pieces up to each.

    Where the line has not as many pieces, it is -1.
    """
    pieces = sides.pieces
    last = np.arange(len(pieces.texts))[:, None]
    first = last - np.arange(MOST_PIECES)
    there = np.maximum(first, 0)
    width = pieces.widths[last + 1] - pieces.widths[there]
    long = sides.log_widths[pieces.line_of, 0][:, None]
    step = np.clip(np.rint((np.log(width + 0.5) - long) * _STEPS), _LOWEST, _HIGHEST) - _LOWEST
    is_soft = np.zeros(len(pieces.texts), dtype=np.int64)
    is_soft[pieces.spaces] = sides.soft
    n_soft = np.concatenate([[0], np.cumsum(is_soft)])
    parts = np.minimum(last - there + 1 - (n_soft[last] - n_soft[there]), MOST_PARTS)
    cells = (parts - 1) * N_WIDTHS + step.astype(np.int64)
    return np.where(first >= pieces.first_of_line[:, None], cells, -1)


def best_cuts(margins: list[float], scores: list[list[float]]) -> list[float]:
    """Return for each space of one line by how much the best way that cuts there beats the others.

    Parameters
    ----------
    margins : of each space, one fewer than pieces
    scores : of each piece, as rows of `LengthModel.scores`

    Returns
    -------
    differences : of each space, the best score with a cut there less the best without; the best way
        of all cuts where it is positive

    Notes
    -----
    Viterbi's algorithm forwards and backwards. With headlines of at most K pieces it takes
    ``n * K`` steps.
    """
    n = len(scores)
    forward = _forward(margins, scores)
    backward = [0.0] * (n + 1)
    # backward[i]: best score of the pieces from i on, if a headline starts there.
    for start in range(n - 1, -1, -1):
        best = -np.inf
        for size in range(1, min(MOST_PIECES, n - start) + 1):
            end = start + size
            joint = margins[end - 1] if end < n else 0.0
            best = max(best, scores[end - 1][size - 1] + joint + backward[end])
        backward[start] = best
    best_over = _best_over(margins, scores, forward, backward)
    return [
        forward[cut] + margins[cut - 1] + backward[cut] - best_over[cut - 1] for cut in range(1, n)
    ]


def _forward(margins: list[float], scores: list[list[float]]) -> list[float]:
    """Return the best score of the pieces up to each place, if a headline ends there."""
    forward = [0.0]
    for end in range(1, len(scores) + 1):
        best = -np.inf
        for size in range(1, min(MOST_PIECES, end) + 1):
            start = end - size
            joint = margins[start - 1] if start else 0.0
            best = max(best, forward[start] + joint + scores[end - 1][size - 1])
        forward.append(best)
    return forward


def _best_over(
    margins: list[float], scores: list[list[float]], forward: list[float], backward: list[float]
) -> list[float]:
    """Return for each space the best score of the ways with a headline that reaches over it."""
    n = len(scores)
    best_over = [-np.inf] * (n - 1)
    for end in range(1, n + 1):
        after = backward[end] + (margins[end - 1] if end < n else 0.0)
        best = -np.inf
        # From the longest headline to the shortest: the best of those that reach over a space.
        for size in range(min(MOST_PIECES, end), 1, -1):
            start = end - size
            before = forward[start] + (margins[start - 1] if start else 0.0)
            best = max(best, before + scores[end - 1][size - 1] + after)
            best_over[start] = max(best_over[start], best)
    return best_over
