"""Scores of a headline splitter, and of two simple ways to split beside it."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.splitter import HeadlineSplitter
from training.front_pages import width
from training.segmentation import Lines

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Score:
    """How well spaces were told apart.

    Attributes
    ----------
    precision, recall, f1 : of cuts among the spaces
    exact : share of the headlines that come out whole, and alone
    """

    precision: float
    recall: float
    f1: float
    exact: float

    @classmethod
    def of(cls, lines: Lines, found: Flags) -> "Score":
        """Compare the cuts found with the right ones."""
        right = int((found & lines.is_cut).sum())
        precision = right / max(int(found.sum()), 1)
        recall = right / max(int(lines.is_cut.sum()), 1)
        wanted, got = (_headlines(lines, cuts) for cuts in (lines.is_cut, found))
        return cls(
            precision=precision,
            recall=recall,
            f1=2 * precision * recall / max(precision + recall, 1e-9),
            exact=len(wanted & got) / len(wanted),
        )

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f}  recall {self.recall:.3f}  F1 {self.f1:.3f}  "
            f"exact {self.exact:.3f}"
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a splitter on one source.

    Attributes
    ----------
    n_pages, n_headlines, n_spaces : what it was measured on
    splitter, every_space, by_width : of the splitter, of cutting at every space, and of cutting
        once a headline is `width` wide
    alone : share of lines of one headline with spaces inside that are left whole
    """

    n_pages: int
    n_headlines: int
    n_spaces: int
    splitter: Score
    every_space: Score
    by_width: Score
    width: int
    alone: float

    def lines(self, name: str) -> list[str]:
        """Return the scores as lines to print."""
        size = f"{self.n_pages} pages, {self.n_headlines:,} headlines, {self.n_spaces:,} spaces"
        return [
            f"{name}: {size}",
            f"  splitter        {self.splitter}",
            f"  every space     {self.every_space}",
            f"  {self.width:2} characters   {self.by_width}",
            f"  one headline on a line left whole: {self.alone:.3f}",
        ]

    def to_dict(self) -> dict[str, object]:
        """Return the scores for ``model.json``, rounded to 4 decimals."""
        rounded = {
            key: {name: round(value, 4) for name, value in found.items()}
            if isinstance(found, dict)
            else found
            for key, found in asdict(self).items()
        }
        return {**rounded, "alone": round(self.alone, 4)}


def score(splitter: HeadlineSplitter, pages: Lines, alone: Lines, *, width: int) -> Scores:
    """Measure a splitter on pages, and on lines of one headline with spaces inside."""
    found = np.array(splitter.margins(pages.lines)) > 0
    cut_alone = np.array(splitter.margins(alone.lines)) > 0
    line_of = np.repeat(np.arange(len(alone.lines)), [len(line) - 1 for line in alone.lines])
    n_cut = len(np.unique(line_of[cut_alone]))
    return Scores(
        n_pages=len(pages.lines),
        n_headlines=int(pages.is_cut.sum()) + len(pages.lines),
        n_spaces=len(pages.is_cut),
        splitter=Score.of(pages, found),
        every_space=Score.of(pages, np.ones(len(found), dtype=np.bool_)),
        by_width=Score.of(pages, cut_by_width(pages, width)),
        width=width,
        alone=1 - n_cut / len(alone.lines),
    )


def cut_by_width(lines: Lines, least: float) -> Flags:
    """Cut each line at the first space once the headline is as wide as `least`."""
    cuts: list[bool] = []
    for line in lines.lines:
        so_far = 0.0
        for piece in line[:-1]:
            so_far += width(piece)
            cuts.append(so_far >= least)
            so_far = 0.0 if cuts[-1] else so_far
    return np.array(cuts, dtype=np.bool_)


def best_width(lines: Lines) -> int:
    """Return the width at which cutting by width has the best F1."""
    return max(range(4, 41), key=lambda least: Score.of(lines, cut_by_width(lines, least)).f1)


def _headlines(lines: Lines, cuts: Flags) -> set[tuple[int, int]]:
    """Return the headlines that these cuts make, as ranges of pieces."""
    ends, n_pieces, n_spaces = [], 0, 0
    for line in lines.lines:
        own = cuts[n_spaces : n_spaces + len(line) - 1]
        ends += [n_pieces + place + 1 for place in np.flatnonzero(own).tolist()]
        n_pieces += len(line)
        n_spaces += len(line) - 1
        ends.append(n_pieces)
    return set(zip([0, *ends[:-1]], ends, strict=True))
