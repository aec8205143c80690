"""Finding words and n-grams, many at a time: hash tables made of numpy arrays."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.features.vocabulary import WordLines
from classifier.text import code_points_of

_NEWLINE = 0x0A
_ABSENT = -1


class GramIndex:
    """Finds n-grams, many at a time.

    Parameters
    ----------
    grams : ``(n_grams, 2)`` integers; an n-gram is a shorter term followed by one more atom. All
        rows differ.

    Examples
    --------
    >>> index = GramIndex(np.array([[0, 1], [1, 0]]))
    >>> places, rows = index.find(np.array([1, 1]), np.array([0, 1]))
    >>> places.tolist(), rows.tolist()  # the first is row 1, the second is none
    ([0], [1])
    """

    def __init__(self, grams: NDArray[Any]) -> None:
        prefix, atom = grams.astype(np.int64).T
        self._table = KeyTable(_keys_of_grams(prefix, atom))

    def find(
        self, prefix: NDArray[np.int64], atom: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return which of the n-grams ``(prefix[i], atom[i])`` there are, and their rows.

        Parameters
        ----------
        prefix, atom : ``(n,)`` int64; a negative one is part of no n-gram

        Returns
        -------
        places : ``(n_found,)`` int64, places in `prefix`, in no order
        rows : ``(n_found,)`` int32, rows of the `grams` given at first
        """
        return self._table.find(_keys_of_grams(prefix, atom))


class WordIndex:
    """Finds words in a text that is cut already, all at a time.

    Parameters
    ----------
    words : distinct words, none of them empty or with a newline

    Notes
    -----
    A word's key is the sum, modulo 2^64, of its code points, each multiplied by a random number of
    its place in the word: multilinear hashing, see Lemire and Kaser, Strongly universal string
    hashing is fast, The Computer Journal 57 (2014). Keys alone are compared. That some word is
    taken for one of 50,000 others has a chance of 3 in 10^15.

    Examples
    --------
    >>> index = WordIndex(["水渠", "修"])
    >>> text = np.array([ord(char) for char in "修通水渠"], dtype=np.uint32)
    >>> index.find(text, np.array([1, 1, 2])).tolist()
    [1, -1, 0]
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._multipliers = _random_numbers(16)
        code_points = code_points_of(WordLines.of(words).text)
        ends = code_points == _NEWLINE
        lengths = np.diff(ends.nonzero()[0], prepend=-1) - 1
        self._table = KeyTable(self._keys(code_points[~ends], lengths))

    def find(
        self, code_points: NDArray[np.uint32], lengths: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the place in `words` of each token, -1 for one that is none: ``(n_tokens,)``.

        Parameters
        ----------
        code_points : ``(n,)`` uint32, the text
        lengths : ``(n_tokens,)``, at least 1 each; together they are n
        """
        found = np.empty(len(lengths), dtype=np.int64)
        found.fill(_ABSENT)
        places, rows = self._table.find(self._keys(code_points, lengths))
        found[places] = rows
        return found

    def _keys(
        self, code_points: NDArray[np.uint32], lengths: NDArray[np.int64]
    ) -> NDArray[np.uint64]:
        ends = lengths.cumsum()
        places = np.arange(len(code_points)) - (ends - lengths).repeat(lengths)
        try:
            multipliers = self._multipliers.take(places)
        except IndexError:  # a token longer than any before
            self._multipliers = _random_numbers(2 * int(places.max()))
            multipliers = self._multipliers.take(places)
        # Sums from the text's beginning to each token's end, less those to the one before.
        sums = (multipliers * code_points).cumsum().take(ends - 1)
        sums[1:] -= sums[:-1]
        return sums


class KeyTable:
    """Finds 64-bit keys, many at a time: a cuckoo hash table made of numpy arrays.

    Parameters
    ----------
    keys : ``(n_keys,)`` uint64, all different, none of them 2^63

    Raises
    ------
    ValueError
        Keys find no place, as one does that stands there three times.

    Notes
    -----
    A key lies in one of its two slots, so a look-up reads two places and never goes on searching,
    where a binary search would read seventeen. Cuckoo hashing: Pagh and Rodler, Journal of
    Algorithms 51 (2004); slots by Fibonacci multiplication: Knuth, The Art of Computer Programming,
    volume 3, section 6.4.
    """

    _MULTIPLIERS = np.array([[0x9E3779B97F4A7C15], [0xD6E8FEB86659FD93]], dtype=np.uint64)
    _NO_KEY = np.uint64(2**63)
    _MOST_ROUNDS = 200

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        # The last key is none that can be asked for; empty slots point at it.
        self._keys = np.append(keys, self._NO_KEY)
        # At a third full or less the table is built in a few rounds; if ever not, it is doubled.
        bits = max(4, (3 * len(keys)).bit_length())
        for more in range(4):
            if self._build(bits + more):
                return
        raise ValueError(f"{len(keys)} keys find no place, so some of them repeat")

    def _build(self, bits: int) -> bool:
        """Lay every key in a slot: each round the newcomers push out who lies there."""
        keys, empty = self._keys[:-1], len(self._keys) - 1
        # Two halves, one a multiplier, so that no key has its two slots in one place.
        self._shift = np.uint64(64 - (bits - 1))
        self._halves = np.array([[0], [1 << (bits - 1)]], dtype=np.uint64)
        self._rows = np.empty(1 << bits, dtype=np.int32)
        self._rows.fill(empty)
        in_second = np.zeros(empty, dtype=np.bool)  # the half that a key is to lie in
        newcomers = np.arange(empty, dtype=np.int32)
        slots = self._slots(keys, half=0)  # in the first round there is nobody to push out
        self._rows[slots] = newcomers  # of several for one slot, the last stays
        waiting = newcomers[self._rows.take(slots) != newcomers]
        for _ in range(self._MOST_ROUNDS):
            if not len(waiting):
                return True
            waiting.sort()  # several may push out the same one
            newcomers = waiting[np.concatenate(([True], waiting[1:] != waiting[:-1]))]
            in_second[newcomers] ^= True
            both = self._slots(keys.take(newcomers))
            slots = np.where(in_second.take(newcomers), both[1], both[0])
            pushed_out = self._rows.take(slots)
            self._rows[slots] = newcomers
            outdone = newcomers[self._rows.take(slots) != newcomers]
            waiting = np.concatenate((outdone, pushed_out[pushed_out != empty]))
        return False

    def _slots(
        self, keys: NDArray[np.uint64], half: int | slice = slice(None)
    ) -> NDArray[np.int64]:
        """Return both slots of each key, ``(2, n)``, or the one in half 0 or 1, ``(n,)``."""
        slots = keys * self._MULTIPLIERS[half]
        slots >>= self._shift
        slots |= self._halves[half]
        return slots.view(np.int64)

    def find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return which of some keys there are, and their rows.

        Parameters
        ----------
        keys : ``(n,)`` uint64

        Returns
        -------
        places : ``(n_found,)`` int64, places in `keys`, in no order
        rows : ``(n_found,)`` int32, places in the keys given at first
        """
        rows = self._rows.take(self._slots(keys))
        table, places = (self._keys.take(rows) == keys).nonzero()
        return places, rows[table, places]


def _keys_of_grams(prefix: NDArray[np.int64], atom: NDArray[np.int64]) -> NDArray[np.uint64]:
    return ((prefix << 32) | atom).view(np.uint64)


def _random_numbers(n: int) -> NDArray[np.uint64]:
    """Return the first `n` of a fixed sequence of odd 64-bit numbers: SplitMix64 (Steele 2014)."""
    z = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) | np.uint64(1)
