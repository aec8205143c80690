"""The text on both sides of each space, and the lengths of its line.

A piece is what stands between two spaces. On lines set with a space between Chinese and Latin or
digits, or around quotation marks, most spaces are of that kind and say nothing; there a side
reaches over them, to the next space of another kind. What it reaches over is a *run* of pieces.

Lengths are measured by the line's own: a headline of 20 characters is long on one site and short on
another, and what is learned on some sites should hold on others.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from classifier.splitter.pieces import CLOSING, DIGIT, HAN, LATIN, OPENING, Ints, Pieces

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Side = tuple[Ints, Ints]

NOT_TYPOGRAPHIC, BESIDE_LATIN, BESIDE_QUOTE = range(3)
# Share of the places where such a space could stand from which on it is the line's habit.
_HABIT = 0.4
# What a line's own lengths are taken to be before it is seen: a headline of 17 characters.
_USUAL_LOG_WIDTH = float(np.log(17.5))
_USUAL_COUNTS = 3


@dataclass(frozen=True, eq=False)
class Sides:
    """The sides of each space, as ranges of pieces, and the lengths of its line.

    Attributes
    ----------
    pieces : the lines, cut
    """

    pieces: Pieces

    @cached_property
    def edges(self) -> tuple[Ints, Ints]:
        """``(m,)`` the classes of the characters before and after each space."""
        after = self.pieces.starts[self.pieces.spaces + 1]
        return self.pieces.classes[after - 1], self.pieces.classes[after]

    @cached_property
    def types(self) -> Ints:
        """``(m,)`` which typographic habit could have put each space there."""
        before, after = self.edges
        quoted = (after == OPENING) | (before == CLOSING)
        types = np.where(quoted, BESIDE_QUOTE, NOT_TYPOGRAPHIC)
        latin = np.isin(before, (LATIN, DIGIT)) | np.isin(after, (LATIN, DIGIT))
        return np.where(latin, BESIDE_LATIN, types)

    @cached_property
    def habits(self) -> Floats:
        """``(n_lines, 2)`` share of spaces where Chinese meets Latin, and where it meets quotes."""
        pieces = self.pieces
        before, after = pieces.classes[:-1], pieces.classes[1:]
        latin = (before == HAN) & np.isin(after, (LATIN, DIGIT))
        latin |= (after == HAN) & np.isin(before, (LATIN, DIGIT))
        quote = ((before == HAN) & (after == OPENING)) | ((before == CLOSING) & (after == HAN))
        line_of_char = np.repeat(pieces.line_of, np.diff(pieces.starts))
        at_space = np.zeros(len(before), dtype=np.bool_)
        at_space[pieces.starts[1:-1] - 1] = True
        same_line = line_of_char[1:] == line_of_char[:-1]
        shares = []
        for meeting in (latin & same_line, quote & same_line):
            spaced = np.bincount(line_of_char[1:], meeting & at_space, self.n_lines)
            all_places = np.bincount(line_of_char[1:], meeting, self.n_lines)
            shares.append((spaced + 0.5) / (all_places + 2))
        return np.stack(shares, axis=1)

    @property
    def n_lines(self) -> int:
        """How many lines there are."""
        return int(self.pieces.line_of[-1]) + 1

    @cached_property
    def line(self) -> Ints:
        """``(m,)`` the line of each space."""
        return self.pieces.line_of[self.pieces.spaces]

    @cached_property
    def soft(self) -> Flags:
        """``(m,)`` whether each space is one of the line's typographic habit."""
        habit = self.habits[self.line] > _HABIT
        latin = (self.types == BESIDE_LATIN) & habit[:, 0]
        soft: Flags = latin | ((self.types == BESIDE_QUOTE) & habit[:, 1])
        return soft

    @cached_property
    def _runs(self) -> tuple[Ints, Ints]:
        """``(n,)`` the first and the last piece of the run of pieces that each is in."""
        n = len(self.pieces.texts)
        ends = np.ones(n, dtype=np.bool_)
        ends[self.pieces.spaces[self.soft]] = False
        lasts = np.flatnonzero(ends)
        run = np.searchsorted(lasts, np.arange(n))
        firsts = np.concatenate([[0], lasts[:-1] + 1])
        return firsts[run], lasts[run]

    @cached_property
    def left(self) -> Side:
        """``(m,)`` the first and the last piece of the left side of each space."""
        return self._runs[0][self.pieces.spaces], self.pieces.spaces

    @cached_property
    def right(self) -> Side:
        """``(m,)`` the first and the last piece of the right side of each space."""
        return self.pieces.spaces + 1, self._runs[1][self.pieces.spaces + 1]

    def width(self, side: Side) -> Floats:
        """Return the width of each side."""
        return self.pieces.widths[side[1] + 1] - self.pieces.widths[side[0]]

    def count(self, marked: Flags) -> tuple[Ints, Ints]:
        """Return ``(m,)`` how many of the marked characters each left and right side holds."""
        before = self.pieces.count(marked)
        (left, left_end), (right, right_end) = self.left, self.right
        return before[left_end + 1] - before[left], before[right_end + 1] - before[right]

    @cached_property
    def line_widths(self) -> Floats:
        """``(n_lines,)`` the width of each line, spaces left out."""
        widths = np.diff(self.pieces.widths)
        return np.bincount(self.pieces.line_of, widths, self.n_lines).astype(np.float64)

    @cached_property
    def n_runs(self) -> Ints:
        """``(n_lines,)`` how many runs each line has."""
        return np.bincount(self.pieces.line_of[np.unique(self._runs[1])], minlength=self.n_lines)

    @cached_property
    def log_widths(self) -> Floats:
        """``(n_lines, 2)`` a long run of the line (its 80 % quantile) and the mean, in logs."""
        firsts, lasts = np.unique(self._runs[0]), np.unique(self._runs[1])
        logs = np.log(self.width((firsts, lasts)) + 0.5)
        line = self.pieces.line_of[lasts]
        order = np.lexsort((logs, line))
        first = np.searchsorted(line, np.arange(self.n_lines))
        long = logs[order[first + np.rint(0.8 * (self.n_runs - 1)).astype(np.int64)]]
        mean = np.bincount(line, logs, self.n_lines) / self.n_runs
        own = self.n_runs / (self.n_runs + _USUAL_COUNTS)
        return np.stack(
            [
                own * long + (1 - own) * _USUAL_LOG_WIDTH,
                own * mean + (1 - own) * (_USUAL_LOG_WIDTH - 0.3),
            ],
            axis=1,
        )
