"""What is known of words: their vectors, and their classes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from classifier.splitter.pieces import N_SHAPES, Ints, Tokens


@dataclass(frozen=True, eq=False)
class Words:
    """Words known by number, with a vector and a class of each.

    Words that stand in the same headlines have vectors that point alike. The classes are parts of
    speech. A word that is not known has no vector, and for its class its shape.

    Attributes
    ----------
    ids : ``(n_words,)`` uint32, ascending
    codes : ``(n_words, n_dimensions)`` int8; a vector is its row divided by the row's length
    weights : ``(n_words,)`` float16, what each word counts: rare ones more
    classes : ``(n_words,)`` uint8
    """

    ids: NDArray[np.uint32]
    codes: NDArray[np.int8]
    weights: NDArray[np.float16]
    classes: NDArray[np.uint8]

    @cached_property
    def weighted(self) -> NDArray[np.float32]:
        """The vectors, each as long as its word's weight; a last row of zeros for other words."""
        codes = self.codes.astype(np.float32)
        lengths = np.maximum(np.linalg.norm(codes, axis=1, keepdims=True), 1e-6)
        weighted = codes / lengths * self.weights.astype(np.float32)[:, None]
        return np.vstack([weighted, np.zeros((1, codes.shape[1]), dtype=np.float32)])

    def rows_of(self, ids: NDArray[np.uint32]) -> Ints:
        """Return the row of `weighted` for each word."""
        if not len(self.ids):
            return np.zeros(len(ids), dtype=np.int64)
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[places] == ids, places, len(self.ids))

    def classes_of(self, tokens: Tokens) -> Ints:
        """Return the class of each word; for one that is not known, its shape."""
        known = np.append(self.classes.astype(np.int64) + N_SHAPES, 0)[self.rows_of(tokens.ids)]
        return np.where(known > 0, known, tokens.shapes)
