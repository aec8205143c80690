"""The vocabulary: which terms there are, and their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray


class WordLines(Sequence[str]):
    """Words that are one text until one of them is asked for.

    A model has 50,000; cutting them apart shows in the time of loading it, and only saving and
    training need them one by one.

    Parameters
    ----------
    text : the words, each with a newline behind it
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._length = text.count("\n")
        self._words: tuple[str, ...] | None = None

    @classmethod
    def of(cls, words: Sequence[str]) -> "WordLines":
        """Return words as one text."""
        return words if isinstance(words, WordLines) else cls("\n".join([*words, ""]))

    def __len__(self) -> int:
        return self._length

    def __add__(self, other: "WordLines") -> "WordLines":
        return WordLines(self.text + other.text)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...

    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if self._words is None:
            self._words = tuple(self.text.split("\n")[:-1])
        return self._words[index]


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The terms that are counted, numbered: first the words, then the characters, then n-grams.

    Attributes
    ----------
    words : single words, sorted; their term ids are their places here
    characters : single characters, sorted; ids follow the words'
    grams : ``(n_grams, 2)`` int32, ids of the term before and of the last atom; the n-gram in row i
        has the term id ``n_atoms + i``. Its `prefix` stands before it.
    """

    words: Sequence[str]
    characters: str
    grams: NDArray[np.int32]

    @property
    def n_atoms(self) -> int:
        """Number of single words and characters."""
        return len(self.words) + len(self.characters)

    def __len__(self) -> int:
        return self.n_atoms + len(self.grams)

    @property
    def ngram_max(self) -> int:
        """Number of atoms in the longest term."""
        if not len(self.grams):
            return 1
        if (self.grams[:, 0] < self.n_atoms).all():
            return 2
        lengths = np.ones(len(self), dtype=np.int64)
        longest = 1
        while True:
            lengths[self.n_atoms :] = lengths[self.grams[:, 0]] + 1
            if lengths.max() == longest:
                return longest
            longest = int(lengths.max())

    def blocks(self) -> NDArray[np.int8]:
        """Return for each term 0 if it is made of words and 1 if of characters: ``(n_terms,)``."""
        kinds = np.array([0, 1], dtype=np.int8)
        of_atoms = kinds.repeat([len(self.words), len(self.characters)])
        return np.concatenate([of_atoms, of_atoms.take(self.grams[:, 1])])

    def terms(self) -> list[str]:
        """Return every term as text, in the order of ids; words of an n-gram parted by a space."""
        shown = [*self.words, *self.characters]
        n_words = len(self.words)
        for prefix, atom in self.grams.tolist():
            shown.append(shown[prefix] + (" " if atom < n_words else "") + shown[atom])
        return shown

    def word_terms(self) -> dict[str, int]:
        """Return the term id of each word and each n-gram of words, its words parted by spaces."""
        of_words = self.blocks() == 0
        return {term: i for i, term in enumerate(self.terms()) if of_words[i]}

    def keep(self, wanted: NDArray[np.bool]) -> tuple["Vocabulary", NDArray[np.int64]]:
        """Return a smaller vocabulary and the old ids of its terms.

        Parameters
        ----------
        wanted : ``(n_terms,)`` bool; what a wanted n-gram is made of is kept with it
        """
        kept = wanted.copy()
        for row in range(len(self.grams) - 1, -1, -1):  # longest first, so prefixes come after
            if kept[self.n_atoms + row]:
                kept[self.grams[row]] = True
        old_ids = np.flatnonzero(kept)
        new_id = np.cumsum(kept) - 1
        n_words = len(self.words)
        return (
            Vocabulary(
                tuple(word for word, stays in zip(self.words, kept, strict=False) if stays),
                "".join(
                    char
                    for char, stays in zip(self.characters, kept[n_words:], strict=False)
                    if stays
                ),
                new_id[self.grams[kept[self.n_atoms :]]].astype(np.int32),
            ),
            old_ids,
        )
