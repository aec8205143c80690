"""Many texts folded at once: as `fold` does, by one look-up for all their characters.

What a character becomes wherever it stands is kept in a table; where that depends on its neighbours
the part of the text around it is folded by `folding.py`.
"""

import codecs
import threading
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.text.folding import (
    CUTS,
    END,
    LAST_NARROW,
    LENGTHS,
    START,
    WHITE,
    fold_part,
    is_dropped,
    is_traditional,
)

_NEWLINE = 0x0A
_TABLE_SIZE = 0x30000
_GAP = 0x01  # holds a place; of control characters no other is in a folded text but the newline
# Entries of the table above every code point:
_DROP = 0x110000  # the character disappears
_CONTEXT = 0x110001  # depends on its neighbours, or becomes several: use `fold_part`
_UNKNOWN = 0x110002  # not looked up yet


def _fold_code_point(code_point: int, punctuation: bool) -> int:
    """Return what the character becomes wherever it stands, or ``_DROP`` or ``_CONTEXT``."""
    char = chr(code_point)
    if is_dropped(char):
        return _DROP
    if "\u4e00" <= char <= "\u9fff":
        return _CONTEXT if is_traditional(char) else code_point
    folded = fold_part(char, punctuation)
    if "\ud800" <= char <= "\udfff":  # half of a character, which OpenCC cannot look up
        return ord(folded)
    if not folded.strip(" " + WHITE) and not unicodedata.combining(char):
        return ord(folded[0])
    in_context = (
        len(folded) != 1
        or unicodedata.combining(char)
        or unicodedata.category(char) in ("Mn", "Mc", "Me")
        or "\u1100" <= char <= "\u11ff"  # Hangul letters join into syllables
        or char == "\u03a3"  # the last letter of a word is lower-cased in another form
        or is_traditional(char)
        or any(map(is_traditional, unicodedata.normalize("NFKC", char)))
    )
    return _CONTEXT if in_context else ord(folded)


class _FoldTable:
    """Code point to folded code point, filled as characters are first met.

    Looking all characters up beforehand would cost 0.2 s at every start; a text in Chinese meets
    a few thousand. Filling is idempotent, so a race between threads is harmless.
    """

    def __init__(self, *, punctuation: bool) -> None:
        self._punctuation = punctuation
        self._table = np.full(_TABLE_SIZE + 1, _UNKNOWN, dtype=np.uint32)
        self._table[_NEWLINE] = _NEWLINE  # it parts the texts of `FoldedTexts`
        self._table[_TABLE_SIZE] = _CONTEXT  # beyond plane 2, by np.take's clipping
        self._lock = threading.Lock()

    def take(self, code_points: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return what the characters become; what is above every code point is no character."""
        return self._table.take(code_points, mode="clip")

    def learn(self, code_points: NDArray[np.uint32]) -> None:
        """Look up characters that are met for the first time."""
        folded = self.take(code_points)
        with self._lock:
            for code_point in set(code_points[folded == _UNKNOWN].tolist()):
                self._table[code_point] = _fold_code_point(code_point, self._punctuation)


_PLAIN, _PUNCTUATED = _FoldTable(punctuation=False), _FoldTable(punctuation=True)


class FoldedTexts(NamedTuple):
    r"""Many texts, folded, as one: joined by newlines, of which a folded text holds none.

    Attributes
    ----------
    joined : the folded texts joined by ``"\n"``
    code_points : ``(len(joined),)`` uint32, the code points of `joined`
    n_texts : how many texts were joined
    """

    joined: str
    code_points: NDArray[np.uint32]
    n_texts: int

    @classmethod
    def of(cls, texts: Sequence[str], *, punctuation: bool = False) -> "FoldedTexts":
        r"""Fold many texts at once: `fold` of each, but for the number of spaces in a row.

        Examples
        --------
        >>> FoldedTexts.of(["ＡＩ+鄉村", "", "两\n行"]).joined
        'ai 乡村\n\n两 行'
        """
        joined = "\n".join(texts)
        if joined.count("\n") >= len(texts) > 0:
            texts = [text.replace("\n", " ") for text in texts]
            joined = "\n".join(texts)
        if punctuation and texts:
            between = END + "\n" + START
            joined = START + joined.replace("\n", between) + END
        joined, folded = _fold_joined(joined, punctuation)
        if punctuation and texts:
            folded = _with_lengths(folded)
            joined = _text_of(folded)
        return cls(joined, folded, len(texts))


def _fold_joined(joined: str, punctuation: bool) -> tuple[str, NDArray[np.uint32]]:
    """Do all of `fold_part` for texts joined by newlines; return them and their code points."""
    table = _PUNCTUATED if punctuation else _PLAIN
    code_points = code_points_of(joined)
    folded = table.take(code_points)
    try:
        return _text_of(folded), folded
    except UnicodeDecodeError:  # not every entry is a character
        pass
    table.learn(code_points)
    folded = table.take(code_points)
    starts, ends = _surroundings((folded == _CONTEXT).nonzero()[0], code_points)
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    one_by_one = [fold_part(joined[start:end], punctuation) for start, end in spans]
    turns = np.zeros(len(folded) + 1, dtype=np.int8)
    turns[starts] += 1
    turns[ends] -= 1
    folded[turns.cumsum(dtype=np.int8)[:-1] > 0] = _DROP
    folded[starts] = _GAP
    in_place = _text_of(folded[folded != _DROP]).split(chr(_GAP))
    pieces = [""] * (len(in_place) + len(one_by_one))
    pieces[::2], pieces[1::2] = in_place, one_by_one
    joined = "".join(pieces)
    return joined, code_points_of(joined)


def _with_lengths(folded: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Write its length behind each of the texts joined by newlines."""
    is_wide = (folded > ord(LAST_NARROW)) & (folded != ord(WHITE))
    half_widths = np.concatenate([[0], np.cumsum(1 + is_wide)])
    newlines = (folded == _NEWLINE).nonzero()[0]
    starts, ends = np.append(0, newlines + 1), np.append(newlines, len(folded))
    both_ends = 2 * len(START + END)
    lengths = (half_widths[ends] - half_widths[starts] - both_ends + 1) // 2
    numbers = code_points_of(LENGTHS).take(lengths, mode="clip")
    return np.insert(folded, ends, numbers)


def _surroundings(
    places: NDArray[np.int64], code_points: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the parts around some places that may be folded alone.

    Parameters
    ----------
    places : ``(n_places,)``, rising, of characters that are no newline
    code_points : ``(n_characters,)``, texts joined by newlines

    Returns
    -------
    starts, ends : ``(n_parts,)`` each, rising; parts that touch each other are one, and none
        reaches beyond its text
    """
    is_newline = code_points == _NEWLINE
    is_cut = is_newline.copy()
    is_cut[1:] |= is_newline[:-1]
    for cut in CUTS:
        is_cut |= code_points == ord(cut)
    cuts = np.concatenate([[0], is_cut.nonzero()[0], [len(code_points)]])
    part = cuts.searchsorted(places, side="right")  # the number of the cut that ends it
    first = np.ones(len(part), dtype=np.bool)
    first[1:] = part[1:] > part[:-1] + 1
    last = np.ones(len(part), dtype=np.bool)
    last[:-1] = first[1:]
    return cuts[part[first] - 1], cuts[part[last]]


def code_points_of(text: str) -> NDArray[np.uint32]:
    """Return the code points of `text`: ``(len(text),)`` uint32, lone surrogates included."""
    # Not str.encode, which looks the codec up by its name in each call.
    return np.frombuffer(codecs.utf_32_le_encode(text, "surrogatepass")[0], dtype=np.uint32)


def _text_of(code_points: NDArray[np.uint32]) -> str:
    """Return the text of code points; raises UnicodeDecodeError where an entry is none."""
    return codecs.utf_32_le_decode(code_points.tobytes())[0]
