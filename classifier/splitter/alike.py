"""How alike the two sides of a space are: shared words and characters, and vectors of words.

The two halves of a headline are about one thing. Two headlines that only stand side by side mostly
are not, so what is measured is compared with what stands a few pieces away.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from classifier.splitter.pieces import Ints, Pieces, Tokens
from classifier.splitter.sides import Flags, Floats, Side
from classifier.splitter.words import Words

# Characters and words of a side that are looked at; no half of a headline is longer.
_MOST_CHARS = 40
_MOST_WORDS = 24
# Pieces away of what two sides are compared with, and the likeness assumed where there are none.
_AWAY = (-4, -3, -2, 2, 3, 4)
_USUAL = 0.2


def shared(pieces: Pieces, tokens: Tokens, left: Side, right: Side) -> Floats:
    """Return ``(m, 3)``: words and characters that both sides hold, and the latter by length."""
    text, ids = pieces.text, tokens.ids.tolist()
    measures = []
    for (start, end), (next_start, next_end), (word, word_end), (next_word, next_word_end) in zip(
        _bounds(pieces.starts, left),
        _bounds(pieces.starts, right),
        _bounds(tokens.starts, left),
        _bounds(tokens.starts, right),
        strict=True,
    ):
        start, next_end = max(start, end - _MOST_CHARS), min(next_end, next_start + _MOST_CHARS)
        word = max(word, word_end - _MOST_WORDS)
        next_word_end = min(next_word_end, next_word + _MOST_WORDS)
        chars = len(_han(text[start:end]) & _han(text[next_start:next_end]))
        n_words = len({*ids[word:word_end]} & {*ids[next_word:next_word_end]})
        shorter = min(end - start, next_end - next_start)
        measures.append((min(n_words, 3), min(chars, 5) / 2, chars / (1 + shorter) ** 0.5))
    return np.array(measures, dtype=np.float64).reshape(-1, 3)


def _bounds(starts: Ints, side: Side) -> Iterator[tuple[int, int]]:
    return zip(starts[side[0]].tolist(), starts[side[1] + 1].tolist(), strict=True)


def _han(text: str) -> set[str]:
    return {char for char in text if "\u3400" <= char <= "\u9fff"}


def likeness(line: Ints, tokens: Tokens, left: Side, right: Side, words: Words) -> Floats:
    """Return ``(m, 7)`` measures of the cosine of the two sides' vectors.

    The cosine, its square, whether it is known at all, how far it is above that of the space before
    and of the space after, and above what is usual around here, and what is usual here.
    """
    vectors_left, vectors_right = (_mean_vectors(tokens, side, words) for side in (left, right))
    known = (vectors_left.any(axis=1) & vectors_right.any(axis=1)).astype(np.float64)
    cosine = np.einsum("ij,ij->i", vectors_left, vectors_right).astype(np.float64)
    usual = _usual(line, vectors_left, vectors_right)
    before, after = (np.where(ok, cosine[at], _USUAL) for at, ok in map(_neighbour(line), (-1, 1)))
    return np.stack(
        [
            3 * cosine,
            3 * np.maximum(cosine, 0) ** 2,
            1 - known,
            2 * (cosine - before),
            2 * (cosine - after),
            3 * (cosine - usual),
            2 * usual,
        ],
        axis=1,
    )


def _mean_vectors(tokens: Tokens, side: Side, words: Words) -> NDArray[np.float32]:
    """Return the sum of the words' vectors of each side, made one long; zeros for no known word."""
    by_token = words.weighted[words.rows_of(tokens.ids)].astype(np.float64)
    sums = np.vstack([np.zeros((1, by_token.shape[1])), np.cumsum(by_token, axis=0)])
    summed = sums[tokens.starts[side[1] + 1]] - sums[tokens.starts[side[0]]]
    lengths = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.where(lengths > 1e-3, summed / np.maximum(lengths, 1e-3), 0).astype(np.float32)


def _neighbour(line: Ints) -> Callable[[int], tuple[Ints, Flags]]:
    """Return a function from a distance to each space's neighbour there and whether it has one."""
    places = np.arange(len(line))

    def at(distance: int) -> tuple[Ints, Flags]:
        there = np.clip(places + distance, 0, max(len(line) - 1, 0))
        return there, (there == places + distance) & (line[there] == line)

    return at


def _usual(line: Ints, left: NDArray[np.float32], right: NDArray[np.float32]) -> Floats:
    """Return how like each side is to those that stand a few pieces away, on average."""
    total = np.full(len(line), 2 * _USUAL)
    count = np.full(len(line), 2.0)
    for there, ok in map(_neighbour(line), _AWAY):
        there_and_back = np.einsum("ij,ij->i", left, right[there])
        there_and_back += np.einsum("ij,ij->i", left[there], right)
        total += np.where(ok, there_and_back, 0)
        count += 2 * ok
    usual: Floats = total / count
    return usual
