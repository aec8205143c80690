"""The features of each space: hashes of what stands around it, and measures of its two sides."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.splitter.alike import likeness, shared
from classifier.splitter.pieces import BAR, CLOSING, OPENING, STOP, Ints, Tokens
from classifier.splitter.sides import Floats, Side, Sides
from classifier.splitter.words import Words

VERSION = 1
"""Of the features: weights learned for one version mean nothing to another."""

N_DENSE = 10

# Lines of fewer runs than this are known by their number, and by their length as such.
_FEW_RUNS = 6
_WIDTHS = np.array([2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 21, 25, 30])
_LINE_WIDTHS = np.array([10, 14, 17, 20, 23, 26, 30, 35, 40, 50, 65, 80])
_NONE = 9


@dataclass(frozen=True, eq=False)
class Features:
    """The features of the spaces of some lines.

    Attributes
    ----------
    sides : the lines, cut
    tokens : their words
    words : what is known of words
    """

    sides: Sides
    tokens: Tokens
    words: Words

    def hashed(self) -> Iterator[Ints]:
        """Yield ``(m,)`` hashes of what stands around each space, one template after the other.

        One by one, for all of them together take 50 times the memory of the text.
        """
        lengths = _Lengths.of(self.sides)
        yield from _length_templates(self.sides, lengths)
        yield from _word_templates(self.sides, self.tokens, lengths)
        yield from _class_templates(self.sides, self.tokens, self.words, lengths)
        yield from _char_templates(self.sides)
        yield from _mark_templates(self.sides, lengths)

    def bags(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield for left and right sides the hashes of all words, and the range of each side's.

        The hashes are ``(n_tokens,)``, of each word as part of such a side; the ranges ``(m, 2)``.
        """
        for name, side in (("left word", self.sides.left), ("right word", self.sides.right)):
            yield hash_of(name, self.tokens.ids), _range(self.tokens, side)

    def dense(self) -> Floats:
        """Return ``(m, N_DENSE)`` measures of how alike both sides are."""
        left, right = self.sides.left, self.sides.right
        measures = (
            shared(self.sides.pieces, self.tokens, left, right),
            likeness(self.sides.line, self.tokens, left, right, self.words),
        )
        return np.concatenate(measures, axis=1)


def _range(tokens: Tokens, side: Side) -> Ints:
    return np.stack([tokens.starts[side[0]], tokens.starts[side[1] + 1]], axis=1)


def word_share(n_words: Ints) -> Floats:
    """Return what each word of a side counts: a long side no more than the square root of it."""
    shares: Floats = 0.7 / np.sqrt(np.maximum(n_words, 1))
    return shares


def hash_of(name: str, *values: NDArray[np.generic]) -> Ints:
    """Return 63-bit hashes of a name with a value of each array: ``(n,)`` int64."""
    hashed = np.full(len(values[0]), zlib.crc32(name.encode("utf-8")), dtype=np.uint64)
    for value in values:
        hashed ^= value.astype(np.int64).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        hashed *= np.uint64(0xBF58476D1CE4E5B9)
        hashed ^= hashed >> np.uint64(29)
        hashed *= np.uint64(0x94D049BB133111EB)
        hashed ^= hashed >> np.uint64(32)
    return (hashed >> np.uint64(1)).astype(np.int64)


# ---- lengths ----


@dataclass(frozen=True, eq=False)
class _Lengths:
    """Widths of both sides, and their steps on the line's own scale: fine, rough, rougher."""

    left: Floats
    right: Floats
    fine: tuple[Ints, Ints]
    rough: tuple[Ints, Ints]
    rougher: tuple[Ints, Ints]

    @classmethod
    def of(cls, sides: Sides) -> "_Lengths":
        left, right = sides.width(sides.left), sides.width(sides.right)
        logs = [np.log(width + 0.5) - sides.log_widths[sides.line, 0] for width in (left, right)]
        rough_left, rough_right = (_steps(log, 3, -8, 5) for log in logs)
        return cls(
            left,
            right,
            fine=(_steps(logs[0], 5, -12, 8), _steps(logs[1], 5, -12, 8)),
            rough=(rough_left, rough_right),
            rougher=(rough_left // 2, rough_right // 2),
        )


def _steps(log_ratio: Floats, steps: float, low: int, high: int) -> Ints:
    return np.clip(np.rint(log_ratio * steps), low, high).astype(np.int64)


def _length_templates(sides: Sides, lengths: _Lengths) -> Iterator[Ints]:
    line = sides.line
    long, mean = sides.log_widths[line].T
    is_first = np.concatenate([[True], line[1:] != line[:-1]])
    is_last = np.concatenate([line[1:] != line[:-1], [True]])
    before = np.where(is_first, _NONE, np.roll(lengths.rough[0], 1))
    after = np.where(is_last, _NONE, np.roll(lengths.rough[1], -1))
    few = np.minimum(sides.n_runs[line], _FEW_RUNS)
    whole = np.searchsorted(_LINE_WIDTHS, sides.line_widths[line])
    yield hash_of("few", few)
    yield hash_of("line", few, np.where(few < _FEW_RUNS, whole, 0))
    yield hash_of("left", lengths.fine[0])
    yield hash_of("right", lengths.fine[1])
    yield hash_of("both", *lengths.rough)
    yield hash_of("sum", _steps(np.log(lengths.left + lengths.right + 0.5) - long, 5, -12, 8))
    yield hash_of("before", before, lengths.rough[0])
    yield hash_of("after", lengths.rough[1], after)
    yield hash_of("before, both", before // 2, *lengths.rougher)
    yield hash_of("both, after", *lengths.rougher, after // 2)
    yield hash_of("spread", _steps(mean - long, 6, -10, 0))
    difference = np.rint(2 * (lengths.left - lengths.right))
    yield hash_of("difference", np.clip(difference, -6, 6).astype(np.int64))
    # Halves of one length, as couplets are.
    yield hash_of("couplet", difference == 0, np.searchsorted(_WIDTHS, lengths.left, side="right"))


# ---- words and characters ----


def _at(values: Ints, tokens: Tokens, side: Side, place: int) -> Ints:
    """Return what a word of each side has, counted from its start or its end; -1 if none."""
    start, end = tokens.starts[side[0]], tokens.starts[side[1] + 1]
    at = start + place if place >= 0 else end + place
    ok = (at >= start) & (at < end)
    return np.where(ok, np.append(values, -1)[np.clip(at, 0, len(values))], -1)


def _word_templates(sides: Sides, tokens: Tokens, lengths: _Lengths) -> Iterator[Ints]:
    ids = tokens.ids.astype(np.int64)
    left = {place: _at(ids, tokens, sides.left, place) for place in (0, 1, -2, -1)}
    right = {place: _at(ids, tokens, sides.right, place) for place in (0, 1, -2, -1)}
    yield hash_of("left end", left[-1])
    yield hash_of("left end 2", left[-2], left[-1])
    yield hash_of("left end but one", left[-2])
    yield hash_of("left end, length", left[-1], lengths.rougher[1])
    yield hash_of("left start", left[0])
    yield hash_of("left start 2", left[0], left[1])
    yield hash_of("right start", right[0])
    yield hash_of("right start 2", right[0], right[1])
    yield hash_of("right second", right[1])
    yield hash_of("right start, length", right[0], lengths.rougher[0])
    yield hash_of("right end", right[-1])
    yield hash_of("right end 2", right[-2], right[-1])
    yield hash_of("across", left[-1], right[0])
    yield hash_of("starts", left[0], right[0])
    yield hash_of("ends", left[-1], right[-1])


def _class_templates(
    sides: Sides, tokens: Tokens, words: Words, lengths: _Lengths
) -> Iterator[Ints]:
    classes = words.classes_of(tokens)
    left = {place: _at(classes, tokens, sides.left, place) for place in (0, 1, -3, -2, -1)}
    right = {place: _at(classes, tokens, sides.right, place) for place in (0, 1, 2, -2, -1)}
    yield hash_of("class: left end", left[-1], lengths.rougher[0])
    yield hash_of("class: left end 2", left[-2], left[-1])
    yield hash_of("class: left end 3", left[-3], left[-2], left[-1])
    yield hash_of("class: right start", right[0], lengths.rougher[1])
    yield hash_of("class: right start 2", right[0], right[1])
    yield hash_of("class: right start 3", right[0], right[1], right[2])
    yield hash_of("class: across", left[-1], right[0])
    yield hash_of("class: across 3", left[-2], left[-1], right[0])
    yield hash_of("class: across 4", left[-2], left[-1], right[0], right[1])
    yield hash_of("class: starts", left[0], right[0])
    yield hash_of("class: ends", left[-1], right[-1])
    yield hash_of("class: left start 2", left[0], left[1])
    yield hash_of("class: right end 2", right[-2], right[-1])
    yield hash_of(
        "class: start of left, word",
        left[0],
        _at(tokens.ids.astype(np.int64), tokens, sides.right, 0),
    )


def _char_templates(sides: Sides) -> Iterator[Ints]:
    starts, chars = sides.pieces.starts, sides.pieces.chars
    left, left_end = starts[sides.left[0]], starts[sides.left[1] + 1]
    right, right_end = starts[sides.right[0]], starts[sides.right[1] + 1]
    before, after = chars[left_end - 1], chars[right]
    before_2 = np.where(left_end - 2 >= left, chars[left_end - 2], 0)
    after_2 = np.where(right + 1 < right_end, chars[np.minimum(right + 1, len(chars) - 1)], 0)
    yield hash_of("before", before)
    yield hash_of("before 2", before_2, before)
    yield hash_of("after", after)
    yield hash_of("after 2", after, after_2)
    yield hash_of("before and after", before, after)
    yield hash_of("same start", chars[left] == after)
    yield hash_of("same end", before == chars[right_end - 1])


# ---- marks ----


def _mark_templates(sides: Sides, lengths: _Lengths) -> Iterator[Ints]:
    classes = sides.pieces.classes
    before, after = sides.edges
    rates = np.minimum((sides.habits[sides.line] * 4).astype(np.int64), 3)
    yield hash_of("habit", sides.types, rates[:, 0], rates[:, 1])
    yield hash_of("soft", sides.soft, sides.types, *lengths.rougher)
    yield hash_of("classes", before, after)
    yield hash_of("classes, lengths", before, after, *lengths.rougher)
    opened = np.stack(sides.count(classes == OPENING)) - sides.count(classes == CLOSING)
    yield hash_of("open", *np.clip(opened, -2, 2))
    chars = sides.pieces.chars
    for name, marked in (
        ("bar", classes == BAR),
        ("colon", np.isin(chars, [ord(":"), ord("：")])),
        ("comma", np.isin(chars, [ord(","), ord("，"), ord("；")])),
        ("stop", classes == STOP),
        ("straight quote", chars == ord('"')),
    ):
        yield hash_of(name, *np.minimum(np.stack(sides.count(marked)), 2))
    right_end = sides.pieces.starts[sides.right[1] + 1] - 1
    yield hash_of("stop at end", before == STOP, classes[right_end] == STOP)
