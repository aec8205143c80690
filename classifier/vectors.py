"""Word vectors: what words are used alike, learned from texts without labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """Vectors of words; words used alike have vectors that point alike.

    Attributes
    ----------
    words : folded words, as the segmenter cuts them
    codes : ``(n_words, n_dimensions)`` int8; a vector is its row divided by the row's length
    """

    words: tuple[str, ...]
    codes: NDArray[np.int8]

    @classmethod
    def of(cls, words: tuple[str, ...], vectors: NDArray[np.floating]) -> "WordVectors":
        """Pack vectors ``(n_words, n_dimensions)`` into one byte a number."""
        largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-30)
        return cls(words, np.rint(vectors / largest * 127).astype(np.int8))

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The vectors, each of length 1: ``(n_words, n_dimensions)`` float32."""
        unpacked = self.codes.astype(np.float32)
        lengths = np.linalg.norm(unpacked, axis=1, keepdims=True).astype(np.float32)
        scaled: NDArray[np.float32] = unpacked / np.maximum(lengths, 1e-30)
        return scaled

    def neighbours(self, word: str, n: int = 10) -> list[tuple[str, float]]:
        """Return the `n` words nearest to `word` and their cosines, nearest first.

        Raises
        ------
        KeyError
            `word` has no vector.

        Examples
        --------
        >>> vectors = WordVectors.of(("水渠", "灌溉", "高考"), np.array([[9, 1], [8, 2], [0, 9.0]]))
        >>> [word for word, _ in vectors.neighbours("水渠", 1)]
        ['灌溉']
        """
        if word not in self.words:
            raise KeyError(f"{word!r} has no vector")
        vectors = self.vectors
        place = self.words.index(word)
        cosines = vectors @ vectors[place]
        cosines[place] = -2
        nearest = np.argsort(-cosines, kind="stable")[:n].tolist()
        return [(self.words[i], float(cosines[i])) for i in nearest]
