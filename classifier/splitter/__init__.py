"""A scraped one-line blob to headlines, by a learned model.

    pieces.py    lines cut at every space that may part two headlines
    sides.py     the text on both sides of each space, and the lengths of its line
    alike.py     how alike the two sides are
    features.py  the features of each space
    segments.py  the length model, and the best way to cut a line

A space is a *cut* where it parts two headlines, and an inner space where it does not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ArtefactDamagedError, ArtefactTooNewError, ArtefactTooOldError
from classifier.splitter.features import N_DENSE, VERSION, Features, word_share
from classifier.splitter.pieces import Pieces, cut_line
from classifier.splitter.segments import (
    MOST_PARTS,
    MOST_PIECES,
    N_WIDTHS,
    LengthModel,
    best_cuts,
)
from classifier.splitter.sides import Floats, Sides
from classifier.splitter.words import Words
from classifier.tokens import Segmenter

__all__ = ["Boundary", "HeadlineSplitter"]

# Pieces looked at together: enough for numpy, and little memory for a file of a million lines.
_PIECES_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Boundary:
    """A space of a text that may part two headlines.

    Attributes
    ----------
    start, end : the white space, in code points of the text
    margin : by how much the best way to cut the line there scores above the best way not to; it is
        a cut if that is positive
    """

    start: int
    end: int
    margin: float


@dataclass(frozen=True, eq=False)
class HeadlineSplitter:
    """Splits lines that hold several headlines parted by spaces.

    Attributes
    ----------
    hashed : ``(2 ** bits,)`` weights of hashed features
    dense : ``(n_dense,)`` weights of measures
    lengths : the length model
    words : what is known of words
    """

    hashed: NDArray[np.float16]
    dense: NDArray[np.float32]
    lengths: LengthModel
    words: Words

    def split(self, blob: str) -> list[str]:
        """Return the headlines of a text, in order, each as written.

        Each line is split by itself: a headline never reaches over the end of a line. U+00A0, a
        space beside a column mark (``|``) and one inside brackets or quotation marks never part
        two headlines. Blank lines give nothing.

        Parameters
        ----------
        blob : any text; its spaces may be of any kind and number
        """
        cuts = {boundary.start for boundary in self.boundary_margins(blob) if boundary.margin > 0}
        headlines = []
        for pieces in _cut(blob):
            start = pieces[0][0]
            for (_, end), (following, _) in pairwise(pieces):
                if end in cuts:
                    headlines.append(blob[start:end])
                    start = following
            headlines.append(blob[start : pieces[-1][1]])
        return headlines

    def boundary_margins(self, blob: str) -> list[Boundary]:
        """Return every space of a text that may part two headlines, with its margin, in order."""
        lines = [pieces for pieces in _cut(blob) if len(pieces) > 1]
        boundaries = []
        for group in _groups(lines):
            texts = [[blob[start:end] for start, end in pieces] for pieces in group]
            margins = iter(self.margins(texts))
            for pieces in group:
                for (_, end), (following, _) in pairwise(pieces):
                    boundaries.append(Boundary(end, following, next(margins)))
        return boundaries

    def margins(self, lines: Sequence[Sequence[str]]) -> list[float]:
        """Return the margin of each space of some lines that are cut into pieces, line by line."""
        pieces = Pieces.of(lines)
        if not len(pieces.spaces):
            return []
        sides = Sides(pieces)
        features = Features(sides, pieces.tokens(_segmenter()), self.words)
        by_space = self._by_context(features).tolist()
        scores = self.lengths.scores(sides).tolist()
        margins: list[float] = []
        first = 0
        for line in lines:
            last = first + len(line)
            n_margins = len(margins)
            own = by_space[n_margins : n_margins + len(line) - 1]
            margins += best_cuts(own, scores[first:last])
            first = last
        return margins

    def _by_context(self, features: Features) -> Floats:
        """Return ``(m,)`` what the linear model says of each space by what stands around it."""
        mask = len(self.hashed) - 1
        weights = self.hashed.astype(np.float64)
        margins = features.dense() @ self.dense.astype(np.float64)
        for hashes in features.hashed():
            margins += weights[hashes & mask]
        for words, ranges in features.bags():
            sums = np.concatenate([[0.0], np.cumsum(weights[words & mask])])
            n_words = ranges[:, 1] - ranges[:, 0]
            margins += (sums[ranges[:, 1]] - sums[ranges[:, 0]]) * word_share(n_words)
        return margins

    def to_state(self) -> tuple[dict[str, object], dict[str, NDArray[Any]]]:
        """Return the settings, to be kept as JSON, and the arrays by name."""
        settings: dict[str, object] = {"features": VERSION, "most_pieces": MOST_PIECES}
        return settings, {
            "hashed": self.hashed,
            "dense": self.dense,
            "widths": self.lengths.widths,
            "pieces": self.lengths.pieces,
            "word_ids": self.words.ids,
            "word_codes": self.words.codes,
            "word_weights": self.words.weights,
            "word_classes": self.words.classes,
        }

    @classmethod
    def from_state(
        cls,
        settings: Mapping[str, object],
        arrays: Mapping[str, NDArray[Any]],
        *,
        where: str = "headline splitter",
    ) -> "HeadlineSplitter":
        """Return the splitter of which `to_state` gave these settings and arrays.

        Parameters
        ----------
        where : what the messages call it, such as its path

        Raises
        ------
        ArtefactTooNewError, ArtefactTooOldError
            The features are those of another version of this package.
        ArtefactDamagedError
            An array is missing, or has not the shape and type that it should have.
        """
        _check_version(settings, where)
        _check_arrays(arrays, where)
        return cls(
            hashed=arrays["hashed"],
            dense=arrays["dense"],
            lengths=LengthModel(arrays["widths"], arrays["pieces"]),
            words=Words(
                arrays["word_ids"],
                arrays["word_codes"],
                arrays["word_weights"],
                arrays["word_classes"],
            ),
        )


def _check_version(settings: Mapping[str, object], where: str) -> None:
    version = settings.get("features")
    if not isinstance(version, int):
        raise ArtefactDamagedError(
            f"{where}: 'features' is {version!r}, wanted a whole number; get the model again"
        )
    if version > VERSION:
        raise ArtefactTooNewError(
            f"{where}: made for features {version}, this version of the package has "
            f"{VERSION}; upgrade it"
        )
    if version < VERSION or settings.get("most_pieces") != MOST_PIECES:
        raise ArtefactTooOldError(
            f"{where}: made for features {version} and headlines of "
            f"{settings.get('most_pieces')!r} pieces, this version of the package has {VERSION} "
            f"and {MOST_PIECES}; train it again"
        )


def _check_arrays(arrays: Mapping[str, NDArray[Any]], where: str) -> None:
    shapes: dict[str, tuple[type[np.generic], tuple[int | None, ...]]] = {
        "hashed": (np.float16, (None,)),
        "dense": (np.float32, (N_DENSE,)),
        "widths": (np.float32, (MOST_PARTS, N_WIDTHS)),
        "pieces": (np.float32, (MOST_PIECES,)),
        "word_ids": (np.uint32, (None,)),
        "word_codes": (np.int8, (None, None)),
        "word_weights": (np.float16, (None,)),
        "word_classes": (np.uint8, (None,)),
    }
    for name, (dtype, shape) in shapes.items():
        array = arrays.get(name)
        fits = (
            array is not None
            and array.dtype == dtype
            and array.ndim == len(shape)
            and all(want in (None, size) for want, size in zip(shape, array.shape, strict=True))
        )
        if not fits:
            got = "nothing" if array is None else f"{array.dtype} of shape {array.shape}"
            raise ArtefactDamagedError(
                f"{where}: array {name!r} is {got}, wanted {dtype.__name__} of shape "
                f"{tuple(size or 'any' for size in shape)}; get the model again"
            )
    n_words = {len(array) for name, array in arrays.items() if name.startswith("word_")}
    if len(arrays["hashed"]).bit_count() != 1 or len(n_words) != 1:
        raise ArtefactDamagedError(
            f"{where}: the number of hashed weights is no power of two, or the "
            "arrays of words differ in length; get the model again"
        )


def _cut(blob: str) -> Iterator[list[tuple[int, int]]]:
    """Yield the pieces of each line that is not blank, as offsets into the text."""
    offset = 0
    for line in blob.splitlines(keepends=True):
        pieces = cut_line(line)
        if pieces:
            yield [(offset + start, offset + end) for start, end in pieces]
        offset += len(line)


def _groups(lines: list[list[tuple[int, int]]]) -> Iterator[list[list[tuple[int, int]]]]:
    """Yield the lines in groups of some thousand pieces."""
    group: list[list[tuple[int, int]]] = []
    n_pieces = 0
    for line in lines:
        group.append(line)
        n_pieces += len(line)
        if n_pieces >= _PIECES_AT_ONCE:
            yield group
            group, n_pieces = [], 0
    if group:
        yield group


@cache
def _segmenter() -> Segmenter:
    return Segmenter()
