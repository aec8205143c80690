"""One text to its normal form.

`normalize` is the one normal form of a text; `fold` is what terms are counted in: the normal form
with everything but letters and digits turned into spaces. `joined.py` folds many texts at once, and
is held to the same results by tests.
"""

import functools
import re
import unicodedata
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

# No writing has more on one letter, by the Stream-Safe Text Format of https://unicode.org/reports/tr15/
_MOST_MARKS = 30

# How white space, the ends and the length of a text show where punctuation counts.
WHITE, START, END = "␣", "␂", "␃"
LENGTHS = "⓪①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟㊱㊲㊳㊴㊵㊶㊷㊸㊹㊺㊻㊼㊽㊾㊿"
LAST_NARROW = "\u00ff"  # in a normal form, which holds no full-width Latin letter


@functools.cache
def _to_simplified() -> Callable[[str], str]:
    """Return OpenCC's converter from traditional to simplified, loaded once."""
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


# A text may be folded in parts, cut before one of these: they join with nothing before them, are in
# no phrase of OpenCC's, and tell the last letter of a word as an end would (a full stop does not).
# NFKC turns each of them into one of them.
CUTS = " \u3000,;!?，；！？。、"
# And at a line feed, which in `FoldedTexts` is a space, or parts two texts.
_BEFORE_CUTS = re.compile(f"(?=[\n{CUTS}])")


@functools.lru_cache(maxsize=65536)
def is_traditional(char: str) -> bool:
    """Whether a character is simplified wherever it stands."""
    return char >= "\u3400" and _to_simplified()(char) != char


def is_dropped(char: str) -> bool:
    """Zero-width, formatting and control characters, and variation selectors."""
    if unicodedata.category(char) in ("Cc", "Cf"):
        return not char.isspace()
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def normalize(text: str) -> str:
    r"""Return the normal form of `text`.

    NFKC (with it, full width becomes half width), traditional characters to simplified ones by
    OpenCC's ``t2s``, lower case; zero-width and control characters dropped; each run of white
    space, U+00A0 and U+3000 among it, one space, and none at the ends. A lone surrogate, which is
    no character, becomes U+FFFD. OpenCC is asked for each part between spaces, commas and the like
    that holds a character which is traditional wherever it stands.

    Examples
    --------
    >>> normalize("　ＡＩ算力\u200b　助力鄉村 ")
    'ai算力 助力乡村'
    """
    return " ".join(_unspaced(text).split())


def _unspaced(text: str) -> str:
    """Do all of `normalize` but the white space."""
    kept = "".join(
        "\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text if not is_dropped(char)
    )
    kept = unicodedata.normalize("NFKC", kept)
    # Part by part: how one is written says nothing of 瞭 or 藉 in another, which are simplified in
    # phrases only.
    kept = "".join(
        _to_simplified()(part) if any(map(is_traditional, part)) else part
        for part in _BEFORE_CUTS.split(kept)
    )
    return kept.lower()


def fold(text: str, *, punctuation: bool = False) -> str:
    """Return the form of `text` that words and characters are counted in.

    Parameters
    ----------
    punctuation : by default all but letters and digits turn into spaces, so punctuation, brackets
        and white space part terms and never make one. With it they stay, white space is ``␣``, the
        text stands between ``␂`` and ``␃``, and after that comes its length in full-width
        characters, rounded up and at most 50, as a circled number (no normal form holds one): terms
        of them tell how a text is written

    Examples
    --------
    >>> fold("“ＡＩ+”，鄉村！")
    ' ai   乡村 '
    >>> fold("“ＡＩ+”，鄉村 ！", punctuation=True)
    '␂“ai+”,乡村␣!␃⑦'
    """
    folded = fold_part(text, punctuation)
    return f"{START}{folded}{END}{_length_of(folded)}" if punctuation else folded


def _length_of(folded: str) -> str:
    """Return the circled number of full-width characters that `folded` is as long as."""
    half_widths = sum(1 if char <= LAST_NARROW or char == WHITE else 2 for char in folded)
    return LENGTHS[min((half_widths + 1) // 2, len(LENGTHS) - 1)]


def fold_part(text: str, punctuation: bool) -> str:
    """Do all of `fold` but the ends."""
    kept = _unspaced(text)
    if punctuation:
        return "".join(WHITE if char.isspace() else char for char in kept)
    return "".join(char if char.isalnum() else " " for char in kept)


def fold_with_offsets(text: str, *, punctuation: bool = False) -> tuple[str, NDArray[np.int64]]:
    """Return `fold` of `text` and where in `text` each of its characters came from.

    Returns
    -------
    folded : the folded text, ``len(folded)`` code points
    offsets : ``(len(folded) + 1,)`` int64; character i of `folded` was made from
        ``text[offsets[i]:offsets[i + 1]]`` or from a part of it (of nothing: ``␂``, ``␃`` and the
        length), and the last is ``len(text)``

    Examples
    --------
    >>> folded, offsets = fold_with_offsets("①號㍿")
    >>> folded, offsets.tolist()
    ('1号株式会社', [0, 1, 2, 2, 2, 2, 3])
    """
    units = _units(text)
    folded = fold_part(text, punctuation)
    pieces = [fold_part(unit, punctuation) for _, unit in units]
    if "".join(pieces) != folded and sum(map(len, pieces)) != len(folded):
        # A phrase of OpenCC's changed the length (none is known to): point at the whole text.
        offsets = [0] * len(folded)
    else:
        offsets = [start for (start, _), piece in zip(units, pieces, strict=True) for _ in piece]
    if punctuation:
        folded = f"{START}{folded}{END}{_length_of(folded)}"
        offsets = [0, *offsets, len(text), len(text)]
    return folded, np.array([*offsets, len(text)], dtype=np.int64)


def _units(text: str) -> list[tuple[int, str]]:
    """Cut `text` where NFKC of the parts, joined, is NFKC of the whole: base plus marks.

    Of marks in a row, each `_MOST_MARKS` make a part, though NFKC orders them all.
    """
    units: list[tuple[int, str]] = []
    for start, char in enumerate(text):
        if units and not char.isascii() and not "\u3400" <= char <= "\u9fff":
            first, unit = units[-1]
            if len(unit) > _MOST_MARKS:
                units.append((start, char))
                continue
            joined = unicodedata.normalize("NFKC", unit + char)
            apart = unicodedata.normalize("NFKC", unit) + unicodedata.normalize("NFKC", char)
            if joined != apart or unicodedata.combining(char):
                units[-1] = (first, unit + char)
                continue
        units.append((start, char))
    return units
