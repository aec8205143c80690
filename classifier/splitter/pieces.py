"""Lines cut into pieces at every space that may part two headlines.

Everything about the pieces lies in flat arrays, so that many lines, or one of a megabyte, are
looked at by a few operations. Spaces that never part headlines, by rule, cut nothing: U+00A0, any
space beside a column mark, and any inside brackets or quotation marks.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from classifier.text import FoldedTexts, code_points_of
from classifier.tokens import Segmenter

Ints = NDArray[np.int64]

_GAP = re.compile(r"\s+")
_NO_BREAK = "\u00a0"
COLUMN_MARKS = "|｜丨"

# Classes of characters, as the features know them.
OTHER, DIGIT, LATIN, HAN, OPENING, CLOSING, COMMA, STOP, BAR = range(9)
_PAIRS = {"《": "》", "「": "」", "『": "』", "“": "”", "‘": "’", "（": "）", "(": ")", "【": "】",
          "〔": "〕", "〈": "〉", "[": "]", "［": "］"}  # fmt: skip
_CLASSES = {
    **dict.fromkeys(_PAIRS, OPENING),
    **dict.fromkeys(_PAIRS.values(), CLOSING),
    **dict.fromkeys("，,、；;：:—-–~～·/", COMMA),
    **dict.fromkeys("。！？!?…", STOP),
    **dict.fromkeys(COLUMN_MARKS, BAR),
}
_MARK = re.compile("[" + re.escape("".join([*_PAIRS, *_PAIRS.values()])) + "]")
# Brackets further apart than this do not belong together.
_LONGEST_BRACKET = 60


@lru_cache(maxsize=65536)
def class_of(code_point: int) -> int:
    """Return the class of a character."""
    char = chr(code_point)
    if char in _CLASSES:
        return _CLASSES[char]
    if char.isdigit():
        return DIGIT
    if char.isascii() and (char.isalpha() or char in "%+&@#."):
        return LATIN
    return HAN if "\u3400" <= char <= "\u9fff" else OTHER


def cut_line(line: str) -> list[tuple[int, int]]:
    """Return where the pieces of a line start and end, white space around them left out.

    Examples
    --------
    >>> cut_line(" 春灌开始 栏目 | 放水 “浇地 不愁” ")
    [(1, 5), (6, 13), (14, 21)]
    """
    end = len(line.rstrip())
    start = len(line) - len(line.lstrip())
    if start >= end:
        return []
    inside = _bracketed(line)
    pieces = []
    for gap in _GAP.finditer(line, start, end):
        if (
            _NO_BREAK not in gap[0]
            and line[gap.start() - 1] not in COLUMN_MARKS
            and line[gap.end()] not in COLUMN_MARKS
            and gap.start() not in inside
        ):
            pieces.append((start, gap.start()))
            start = gap.end()
    return [*pieces, (start, end)]


def _bracketed(line: str) -> set[int]:
    """Return the places between a bracket or quotation mark and the one that closes it."""
    inside: set[int] = set()
    opened: list[int] = []
    for found in _MARK.finditer(line):
        place = found.start()
        while opened and place - opened[-1] > _LONGEST_BRACKET:
            opened.pop()
        if found[0] in _PAIRS:
            opened.append(place)
        elif opened and _PAIRS[line[opened[-1]]] == found[0]:
            inside.update(range(opened.pop(), place))
    return inside


@dataclass(frozen=True, eq=False)
class Pieces:
    """The pieces of some lines, one after the other.

    Attributes
    ----------
    texts : the pieces, less the white space inside them
    line_of : ``(n,)`` the line of each
    """

    texts: Sequence[str]
    line_of: Ints

    @classmethod
    def of(cls, lines: Sequence[Sequence[str]]) -> "Pieces":
        """Take lines that are cut into pieces; none may be empty."""
        texts = ["".join(piece.split()) for line in lines for piece in line]
        return cls(texts, np.repeat(np.arange(len(lines)), [len(line) for line in lines]))

    @cached_property
    def text(self) -> str:
        """All pieces, joined by nothing."""
        return "".join(self.texts)

    @cached_property
    def starts(self) -> Ints:
        """``(n + 1,)`` where each piece starts in `text`."""
        return np.cumsum([0, *map(len, self.texts)])

    @cached_property
    def chars(self) -> Ints:
        """The code points of `text`."""
        return code_points_of(self.text).astype(np.int64)

    @cached_property
    def classes(self) -> Ints:
        """The class of each character of `text`."""
        known, places = np.unique(self.chars, return_inverse=True)
        return np.array([class_of(char) for char in known.tolist()], dtype=np.int64)[places]

    @cached_property
    def widths(self) -> NDArray[np.float64]:
        """``(n + 1,)`` width of all pieces before each: 1 a Chinese character, 1/2 a Latin one."""
        widths = np.where(self.chars < 0x2000, 0.5, 1.0)
        return np.concatenate([[0.0], np.cumsum(widths)])[self.starts]

    @cached_property
    def spaces(self) -> Ints:
        """``(m,)`` the piece before each space inside a line."""
        return np.flatnonzero(self.line_of[1:] == self.line_of[:-1])

    @cached_property
    def first_of_line(self) -> Ints:
        """``(n,)`` the first piece of the line of each piece."""
        return np.searchsorted(self.line_of, self.line_of)

    def count(self, chars: NDArray[np.bool_]) -> Ints:
        """Return ``(n + 1,)`` how many of the marked characters stand before each piece."""
        return np.concatenate([[0], np.cumsum(chars)])[self.starts]

    def tokens(self, segmenter: Segmenter) -> "Tokens":
        """Return the words of the pieces."""
        folded = FoldedTexts.of(self.texts)
        words: list[tuple[int, int]] = []
        starts = [0]
        for word in segmenter.cut(folded.joined):
            if word == "\n":
                starts.append(len(words))
            elif not word.isspace():
                words.append(_known_by(word))
        ids, shapes = zip(*words, strict=True) if words else ((), ())
        return Tokens(
            np.array(ids, dtype=np.uint32),
            np.array(shapes, dtype=np.uint8),
            np.array([*starts, len(words)], dtype=np.int64),
        )


def word_id(word: str) -> int:
    """Return the number that a word is known by: its CRC-32."""
    return zlib.crc32(word.encode("utf-8", "replace"))


N_SHAPES = 6


@lru_cache(maxsize=1 << 17)
def _known_by(word: str) -> tuple[int, int]:
    """Return the number of a word and its shape: digits, Latin, or a count of characters."""
    if word.isdigit():
        return word_id(word), 0
    return word_id(word), 1 if word.isascii() else min(len(word), 4) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The words of some pieces.

    Attributes
    ----------
    ids : ``(n_tokens,)`` uint32, by `word_id`
    shapes : ``(n_tokens,)`` uint8 below `N_SHAPES`
    starts : ``(n + 1,)`` where the words of each piece start in `ids`
    """

    ids: NDArray[np.uint32]
    shapes: NDArray[np.uint8]
    starts: Ints
