"""Train the splitter: the linear model and the length model together, as one.

The ways to cut a line are given probabilities in proportion to the exponential of their score (a
semi-Markov conditional random field: Sarawagi and Cohen, Semi-Markov Conditional Random Fields for
Information Extraction, NIPS 2004), and the weights are those under which the right ways are
likeliest, with L2 regularisation, by L-BFGS.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.sparse
from numpy.typing import NDArray

from classifier.splitter import HeadlineSplitter
from classifier.splitter.features import Features, word_share
from classifier.splitter.pieces import Pieces, cut_line
from classifier.splitter.segments import (
    MOST_PARTS,
    MOST_PIECES,
    N_WIDTHS,
    LengthModel,
    shapes,
)
from classifier.splitter.sides import Sides
from classifier.splitter.words import Words
from classifier.tokens import Segmenter

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the splitter is trained.

    Attributes
    ----------
    bits : the hashed features have ``2 ** bits`` weights
    l2_hashed, l2_dense, l2_lengths : strengths of regularisation
    min_pages : features of fewer pages than this get no weight
    max_iterations : of L-BFGS
    """

    bits: int = 17
    l2_hashed: float = 10.0
    l2_dense: float = 0.1
    l2_lengths: float = 0.3
    min_pages: int = 4
    max_iterations: int = 100


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Pages as lines, cut into pieces, with what is known of their spaces.

    Attributes
    ----------
    lines : pieces of each page
    is_cut : ``(m,)`` whether each space inside a line parts two headlines
    """

    lines: list[list[str]]
    is_cut: NDArray[np.bool_]


def fit(lines: Lines, words: Words, settings: Settings) -> HeadlineSplitter:
    """Return the splitter trained on these lines."""
    problem = _Problem(lines, words, settings)
    found = scipy.optimize.minimize(
        problem.loss_and_gradient,
        np.zeros(problem.n_weights),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": settings.max_iterations, "maxcor": 8},
    )
    return problem.splitter(found.x, words)


def design(features: Features, bits: int) -> scipy.sparse.csr_matrix:
    """Return the features as a matrix ``(m, 2 ** bits + n_dense)``."""
    mask = (1 << bits) - 1
    hashed = np.stack(list(features.hashed()), axis=1)
    n_spaces, n_templates = hashed.shape
    rows = [np.repeat(np.arange(n_spaces), n_templates)]
    columns = [hashed.ravel() & mask]
    values = [np.ones(hashed.size)]
    for words, ranges in features.bags():
        sizes = ranges[:, 1] - ranges[:, 0]
        places = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        rows.append(np.repeat(np.arange(n_spaces), sizes))
        columns.append(words[np.repeat(ranges[:, 0], sizes) + places] & mask)
        values.append(np.repeat(word_share(sizes), sizes))
    sparse = scipy.sparse.csr_matrix(
        (
            np.concatenate(values).astype(np.float32),
            (np.concatenate(rows), np.concatenate(columns)),
        ),
        shape=(n_spaces, mask + 1),
    )
    dense = scipy.sparse.csr_matrix(features.dense().astype(np.float32))
    return scipy.sparse.hstack([sparse, dense]).tocsr()


class _Problem:
    """The likelihood of the right cuts and its gradient."""

    def __init__(self, lines: Lines, words: Words, settings: Settings) -> None:
        self.settings = settings
        pieces = Pieces.of(lines.lines)
        self._line_of = pieces.line_of
        self._place = np.arange(len(pieces.texts)) - pieces.first_of_line
        self._spaces = pieces.spaces
        sides = Sides(pieces)
        features = Features(sides, pieces.tokens(Segmenter()), words)
        self._cells = shapes(sides)
        X = design(features, settings.bits)
        self._kept = self._frequent(X, sides.line)
        self._X = X[:, self._kept]
        self._XT = self._X.T.tocsr()
        self._n_linear = len(self._kept)
        self._n_bits = 1 << settings.bits
        self._n_all = X.shape[1]
        self._count_right(lines.is_cut)
        self._l2 = np.concatenate(
            [
                np.where(self._kept < self._n_bits, settings.l2_hashed, settings.l2_dense),
                np.full(MOST_PARTS * N_WIDTHS + MOST_PIECES, settings.l2_lengths),
            ]
        )

    def _frequent(self, X: scipy.sparse.csr_matrix, line: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the columns that stand on enough pages; weights of rare ones only memorise."""
        by_page = scipy.sparse.csr_matrix(
            (np.ones(len(line), dtype=np.float32), (line, np.arange(len(line))))
        ) @ abs(X)
        n_pages = np.asarray((by_page > 0).sum(axis=0)).ravel()
        return np.flatnonzero(n_pages >= self.settings.min_pages)

    @property
    def n_weights(self) -> int:
        """How many weights are sought."""
        return self._n_linear + MOST_PARTS * N_WIDTHS + MOST_PIECES

    def _count_right(self, is_cut: NDArray[np.bool_]) -> None:
        """Count the features of the right ways to cut."""
        ends = np.ones(len(self._line_of), dtype=np.bool_)
        ends[self._spaces] = is_cut
        lasts = np.flatnonzero(ends)
        sizes = np.diff(np.concatenate([[-1], lasts]))
        ok = sizes <= MOST_PIECES
        lasts, sizes = lasts[ok], sizes[ok]
        self._right = np.concatenate(
            [
                self._XT @ is_cut.astype(np.float64),
                np.bincount(self._cells[lasts, sizes - 1], minlength=MOST_PARTS * N_WIDTHS),
                np.bincount(sizes - 1, minlength=MOST_PIECES),
            ]
        )

    def loss_and_gradient(self, weights: Floats) -> tuple[float, Floats]:
        """Return the regularised negative log-likelihood for each space, and its gradient."""
        linear, lengths = weights[: self._n_linear], weights[self._n_linear :]
        margins = self._X @ linear
        scores = _length_model(lengths).scores_of(self._cells)
        log_total, is_cut, is_headline = self._expected(margins, scores)
        there = self._cells >= 0
        expected = np.concatenate(
            [
                self._XT @ is_cut,
                np.bincount(
                    self._cells[there], is_headline[there], minlength=MOST_PARTS * N_WIDTHS
                ),
                is_headline.sum(axis=0),
            ]
        )
        loss = log_total - weights @ self._right + 0.5 * (self._l2 * weights) @ weights
        gradient = expected - self._right + self._l2 * weights
        return loss / len(margins), gradient / len(margins)

    def _expected(self, margins: Floats, scores: Floats) -> tuple[float, Floats, Floats]:
        """Return the log of the summed weights of all ways, and the chances of cuts and headlines.

        The forward-backward algorithm over all lines at once, padded to the longest.
        """
        line, place = self._line_of, self._place
        n_lines, longest = int(line[-1]) + 1, int(place.max()) + 1
        cut = np.zeros((n_lines, longest))
        cut[line[self._spaces], place[self._spaces]] = margins
        score = np.full((n_lines, longest, MOST_PIECES), -np.inf)
        score[line, place] = scores
        # open_[:, K + i]: log-weight of the first i pieces with a cut behind them, K pieces early.
        open_ = np.full((n_lines, longest + 1 + MOST_PIECES), -np.inf)
        open_[:, MOST_PIECES] = 0
        forward = np.full((n_lines, longest), -np.inf)
        for end in range(longest):
            before = open_[:, end + 1 : end + 1 + MOST_PIECES][:, ::-1]
            forward[:, end] = _log_sum(before + score[:, end])
            open_[:, end + 1 + MOST_PIECES] = forward[:, end] + cut[:, end]
        last = np.bincount(line) - 1
        every = np.arange(n_lines)
        backward = np.full((n_lines, longest + MOST_PIECES), -np.inf)
        backward[every, last] = 0
        sizes = np.arange(MOST_PIECES)
        padded = np.concatenate([score, np.full((n_lines, MOST_PIECES, MOST_PIECES), -np.inf)], 1)
        for end in range(longest - 2, -1, -1):
            ends = end + 1 + sizes
            after = padded[:, ends, sizes] + backward[:, ends] + cut[:, end, None]
            backward[:, end] = np.where(end < last, _log_sum(after), backward[:, end])
        total = forward[every, last]
        is_cut = np.exp(forward + backward[:, :longest] - total[:, None])
        is_headline = np.empty_like(scores)
        for size in range(MOST_PIECES):
            before = open_[line, place - size + MOST_PIECES]
            weight = before + scores[:, size] + backward[line, place] - total[line]
            is_headline[:, size] = np.exp(weight)
        return (
            float(total.sum()),
            is_cut[line[self._spaces], place[self._spaces]],
            is_headline,
        )

    def splitter(self, weights: Floats, words: Words) -> HeadlineSplitter:
        """Return the splitter with these weights."""
        linear = np.zeros(self._n_all)
        linear[self._kept] = weights[: self._n_linear]
        return HeadlineSplitter(
            hashed=linear[: self._n_bits].astype(np.float16),
            dense=linear[self._n_bits :].astype(np.float32),
            lengths=_length_model(weights[self._n_linear :]),
            words=words,
        )


def _length_model(weights: Floats) -> LengthModel:
    n_cells = MOST_PARTS * N_WIDTHS
    return LengthModel(
        weights[:n_cells].reshape(MOST_PARTS, N_WIDTHS).astype(np.float32),
        weights[n_cells:].astype(np.float32),
    )


def _log_sum(values: Floats) -> Floats:
    """Return the log of the summed exponentials of each row; minus infinity for a row of none."""
    largest = values.max(axis=1)
    safe = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):
        summed: Floats = safe + np.log(np.exp(values - safe[:, None]).sum(axis=1))
    return summed


def lines_of(pages: Sequence[Sequence[str]]) -> Lines:
    """Join the headlines of each page to a line, cut it at its spaces, and tell which are cuts."""
    lines, is_cut = [], []
    for page in pages:
        line: list[str] = []
        for index, headline in enumerate(page):
            pieces = cut_line(headline)
            line += [headline[start:end] for start, end in pieces]
            is_cut += [False] * (len(pieces) - 1) + [True] * (index < len(page) - 1)
        lines.append(line)
    return Lines(lines, np.array(is_cut, dtype=np.bool_))
