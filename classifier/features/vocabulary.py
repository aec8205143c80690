"""The vocabulary: which terms there are, their numbers, and how n-grams are found quickly."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ABSENT = -1


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

    words: tuple[str, ...]
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
        lengths = np.ones(len(self), dtype=np.int64)
        longest = 1
        while len(self.grams):
            lengths[self.n_atoms :] = lengths[self.grams[:, 0]] + 1
            if lengths.max() == longest:
                break
            longest = int(lengths.max())
        return longest

    def blocks(self) -> NDArray[np.int64]:
        """Return for each term 0 if it is made of words and 1 if of characters: ``(n_terms,)``."""
        of_atoms = np.repeat([0, 1], [len(self.words), len(self.characters)])
        return np.concatenate([of_atoms, of_atoms[self.grams[:, 1]]])

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


class GramIndex:
    """Finds n-grams, many at a time: a cuckoo hash table made of numpy arrays.

    Parameters
    ----------
    grams : ``(n_grams, 2)`` integers; an n-gram is a shorter term followed by one more atom. All
        rows differ.

    Notes
    -----
    A key lies in one of its two slots, so a look-up reads two places and never goes on searching,
    where a binary search would read seventeen: this is what makes counting n-grams cheap. Cuckoo
    hashing: Pagh and Rodler, Journal of Algorithms 51 (2004); slots by Fibonacci multiplication:
    Knuth, The Art of Computer Programming, volume 3, section 6.4.

    Examples
    --------
    >>> index = GramIndex(np.array([[0, 1], [1, 0]]))
    >>> places, rows = index.find(np.array([1, 1]), np.array([0, 1]))
    >>> places.tolist(), rows.tolist()  # the first is row 1, the second is none
    ([0], [1])
    """

    _MULTIPLIERS = np.array([[0x9E3779B97F4A7C15], [0xD6E8FEB86659FD93]], dtype=np.uint64)
    _NO_KEY = np.uint64(2**64 - 1)
    _MOST_ROUNDS = 200

    def __init__(self, grams: NDArray[Any]) -> None:
        # The last key is none that can be asked for; empty slots point at it.
        keys = self._keys_of(grams[:, 0].astype(np.int64), grams[:, 1].astype(np.int64))
        self._keys = np.append(keys, self._NO_KEY)
        # At a quarter full or less the table is built in a few rounds; if ever not, it is doubled.
        bits = max(4, (4 * len(grams)).bit_length())
        while not self._build(bits):
            bits += 1

    def _build(self, bits: int) -> bool:
        """Lay every key in a slot: each round the newcomers push out who lies there."""
        empty = len(self._keys) - 1
        # Two halves, one a multiplier, so that no key has its two slots in one place.
        self._shift = np.uint64(64 - (bits - 1))
        self._halves = np.array([[0], [1 << (bits - 1)]], dtype=np.uint64)
        self._rows = np.full(1 << bits, empty, dtype=np.int32)
        homes = self._slots(self._keys[:-1])
        choice = np.zeros(empty, dtype=np.int64)
        waiting = np.arange(empty, dtype=np.int32)
        for _ in range(self._MOST_ROUNDS):
            slots = homes[choice[waiting], waiting]
            pushed_out = self._rows[slots]
            self._rows[slots] = waiting  # of several for one slot, the last stays
            outdone = waiting[self._rows[slots] != waiting]
            waiting = np.concatenate([outdone, pushed_out[pushed_out != empty]])
            if not len(waiting):
                return True
            waiting.sort()  # several may push out the same one
            waiting = waiting[np.concatenate([[True], waiting[1:] != waiting[:-1]])]
            choice[waiting] ^= 1
        return False

    @staticmethod
    def _keys_of(prefix: NDArray[np.int64], atom: NDArray[np.int64]) -> NDArray[np.uint64]:
        keys: NDArray[np.uint64] = ((prefix << 32) | atom).view(np.uint64)
        return keys

    def _slots(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return both slots of each key: ``(2, n)``."""
        slots: NDArray[np.int64] = (
            ((keys * self._MULTIPLIERS) >> self._shift) | self._halves
        ).view(np.int64)
        return slots

    def find(
        self, prefix: NDArray[np.int64], atom: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return which of the n-grams ``(prefix[i], atom[i])`` there are, and their rows.

        Parameters
        ----------
        prefix, atom : ``(n,)`` int64, at least 0

        Returns
        -------
        places : ``(n_found,)`` int64, places in `prefix`, in no order
        rows : ``(n_found,)`` int32, rows of the `grams` given at first
        """
        keys = self._keys_of(prefix, atom)
        rows = self._rows.take(self._slots(keys))
        table, places = (self._keys.take(rows) == keys).nonzero()
        return places, rows[table, places]
