"""Bytes to text, and one text to its normal form.

`decode` finds the encoding of a file. `normalize` is the one normal form of a text; `fold` is what
terms are counted in: the normal form with everything but letters and digits turned into spaces.
`FoldedTexts` does the same for many texts at once. Nothing here knows words or files.
"""

import codecs
import functools
import re
import threading
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.errors import DecodingError

# The characters that fill three fifths of Chinese news, with the traditional form of each that has
# one. Every Big5 file is also valid GB18030; read wrongly it shows hardly any of these.
_COMMON = frozenset(
    "的一了人年十上三不个在里家到有来出是老下小公开工业天成大子后二两会四机水车百用市中时地全学新行把员区"
    "万民发分电点这进生场着月名多村门能元手过起他前说和要六长五国部动日县就为口通收次以高法今单第台自户走最"
    "每回位看千去七没关线金管理同对方费从办期道保八报路得头给条省还网教间队被作主提合记入度只查山我可务院面"
    "數當個裡來車開業後會機場學發電點這進說長國動縣為單戶關線對費從辦報頭給條還網間隊記務萬區員過時無與"
)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE = "save what it says as text"
_READ = "classifier tag, check, train and evaluate read it with --from"
_BINARY_FORMATS = {
    b"PK\x03\x04": ("a spreadsheet or another zip file", f"{_READ} xlsx"),
    b"\xd0\xcf\x11\xe0": ("an old Excel or WPS file", f"{_READ} xlsx"),
    b"PAR1": ("a Parquet file", f"{_READ} parquet"),
    b"\x1f\x8b": ("a gzip file", "unpack it first"),
    b"\xfd7zXZ\x00": ("an xz file", "unpack it first"),
    b"%PDF-": ("a PDF", _SAVE),
    b"\x89PNG\r\n": ("a picture (PNG)", _SAVE),
    b"\xff\xd8\xff": ("a picture (JPEG)", _SAVE),
    b"GIF87a": ("a picture (GIF)", _SAVE),
    b"GIF89a": ("a picture (GIF)", _SAVE),
}

# Python's names of the codecs that are character sets. Its others are no business of a file's or
# a page's: hex or zip turn bytes into bytes, unicode-escape runs escapes, and punycode takes time
# by the square of the length. Compiled when one is asked for, not at every start.
_CHARSETS = (
    r"ascii|utf-8(?:-sig)?|utf-(?:16|32)(?:-[bl]e)?|gb(?:2312|k|18030)|hz|big5(?:hkscs)?|euc_\w+|"
    r"shift_jis\w*|iso2022_\w+|iso8859-\d+|cp\d+|koi8-\w|mac-\w+|johab|tis-620|kz1048|ptcp154|"
    r"hp-roman8"
)


def is_charset(name: str) -> bool:
    """Whether `name` names a character set that Python knows.

    Examples
    --------
    >>> is_charset("GBK"), is_charset("hex"), is_charset("klingon")
    (True, False, False)
    """
    try:
        return re.fullmatch(_CHARSETS, codecs.lookup(name).name) is not None
    except (LookupError, ValueError):  # the latter if it holds NUL or half a surrogate pair
        return False


def decode(data: bytes, *, encoding: str | None = None, where: str = "input") -> tuple[str, str]:
    """Return the text of `data` and the name of the encoding it was read in.

    Parameters
    ----------
    data : bytes of a whole file, or of its beginning cut at the end of a line
    encoding : name that the user gave. It is taken at its word: nothing else is tried, and nothing
        is replaced. By default the encoding is found: a byte order mark, then UTF-8, then GB18030
        or Big5, whichever shows more common characters.
    where : name of the file, for the message

    Raises
    ------
    DecodingError
        The bytes are of a binary format, or text in none of the encodings tried, or not in the one
        named, or `encoding` names no character set.

    Examples
    --------
    >>> decode("反诈宣传".encode("gb18030"))
    ('反诈宣传', 'gb18030')
    >>> decode("電信詐騙的案件".encode("big5"))
    ('電信詐騙的案件', 'big5')
    """
    refuse_binary(data, where=where)
    if encoding is not None:
        if not is_charset(encoding):
            raise DecodingError(
                f"{where}: {encoding!r} is no encoding of texts that Python knows; "
                "try utf-8, gb18030 or big5"
            )
        try:
            return data.decode(encoding).removeprefix("\ufeff"), encoding
        except UnicodeDecodeError as error:
            raise misnamed(encoding, f"byte {error.start}", where) from error
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_by(data, (name,), where)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_by(data, ("utf-8", "gb18030", "big5"), where)


def refuse_binary(data: bytes, *, where: str) -> None:
    """Raise where the first bytes are those of a format that is no text in any encoding.

    Raises
    ------
    DecodingError
        The message says which format, and which commands read it, if there are any.

    Examples
    --------
    >>> refuse_binary(b"%PDF-1.7", where="page.txt")
    Traceback (most recent call last):
    classifier.errors.DecodingError: page.txt: is a PDF, not text; save what it says as text
    """
    for magic, (what, advice) in _BINARY_FORMATS.items():
        if data.startswith(magic):
            raise DecodingError(f"{where}: is {what}, not text; {advice}")


def misnamed(encoding: str, what: str, where: str) -> DecodingError:
    """Return the error that `what`, as ``byte 7``, is not in the encoding that the user named."""
    return DecodingError(
        f"{where}: {what} is not {encoding}, as --encoding has it; name another, leave it out for "
        "the encoding to be found, or mend the file"
    )


def _decode_by(data: bytes, names: tuple[str, ...], where: str) -> tuple[str, str]:
    found: list[tuple[str, str]] = []
    failures: list[str] = []
    for name in names:
        try:
            found.append((data.decode(name), name))
        except UnicodeDecodeError as error:
            failures.append(f"{name} (byte {error.start})")
    if not found:
        raise DecodingError(
            f"{where}: cannot be read as text; tried {', '.join(failures)}; "
            "name its encoding with --encoding"
        )
    return max(found, key=lambda one: _share_of_common(one[0]))


def _share_of_common(text: str) -> float:
    shown = [char for char in text[:100_000] if char > "\x7f"]
    return sum(char in _COMMON for char in shown) / max(len(shown), 1)


@functools.cache
def _to_simplified() -> Callable[[str], str]:
    """Return OpenCC's converter from traditional to simplified, loaded once."""
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


# A text may be folded in parts, cut before one of these: they join with nothing before them, are in
# no phrase of OpenCC's, and tell the last letter of a word as an end would (a full stop does not).
# NFKC turns each of them into one of them.
_CUTS = " \u3000,;!?，；！？。、"
# And at a line feed, which in `FoldedTexts` is a space, or parts two texts.
_BEFORE_CUTS = re.compile(f"(?=[\n{_CUTS}])")


@functools.lru_cache(maxsize=65536)
def _is_traditional(char: str) -> bool:
    return char >= "\u3400" and _to_simplified()(char) != char


def _is_dropped(char: str) -> bool:
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
        "\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text if not _is_dropped(char)
    )
    kept = unicodedata.normalize("NFKC", kept)
    # Part by part: how one is written says nothing of 瞭 or 藉 in another, which are simplified in
    # phrases only.
    kept = "".join(
        _to_simplified()(part) if any(map(_is_traditional, part)) else part
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
    folded = _folded(text, punctuation)
    return f"{_START}{folded}{_END}{_length_of(folded)}" if punctuation else folded


def _length_of(folded: str) -> str:
    """Return the circled number of full-width characters that `folded` is as long as."""
    half_widths = sum(1 if char <= _LAST_NARROW or char == _WHITE else 2 for char in folded)
    return _LENGTHS[min((half_widths + 1) // 2, len(_LENGTHS) - 1)]


def _folded(text: str, punctuation: bool) -> str:
    """Do all of `fold` but the ends."""
    kept = _unspaced(text)
    if punctuation:
        return "".join(_WHITE if char.isspace() else char for char in kept)
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
    folded = _folded(text, punctuation)
    pieces = [_folded(unit, punctuation) for _, unit in units]
    if "".join(pieces) != folded and sum(map(len, pieces)) != len(folded):
        # A phrase of OpenCC's changed the length (none is known to): point at the whole text.
        offsets = [0] * len(folded)
    else:
        offsets = [start for (start, _), piece in zip(units, pieces, strict=True) for _ in piece]
    if punctuation:
        folded = f"{_START}{folded}{_END}{_length_of(folded)}"
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


# No writing has more on one letter, by the Stream-Safe Text Format of https://unicode.org/reports/tr15/
_MOST_MARKS = 30

# How white space, the ends and the length of a text show where punctuation counts.
_WHITE, _START, _END = "␣", "␂", "␃"
_LENGTHS = "⓪①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟㊱㊲㊳㊴㊵㊶㊷㊸㊹㊺㊻㊼㊽㊾㊿"
_LAST_NARROW = "\u00ff"  # in a normal form, which holds no full-width Latin letter

_SPACE = 0x20
_NEWLINE = 0x0A
_TABLE_SIZE = 0x30000
_GAP = 0x01  # holds a place; of control characters no other is in a folded text but the newline
# Entries of the table above every code point:
_DROP = 0x110000  # the character disappears
_CONTEXT = 0x110001  # what it becomes depends on its neighbours, or becomes several: use `_folded`
_UNKNOWN = 0x110002  # not looked up yet


def _fold_code_point(code_point: int, punctuation: bool) -> int:
    """Return what the character becomes wherever it stands, or ``_DROP`` or ``_CONTEXT``."""
    char = chr(code_point)
    if _is_dropped(char):
        return _DROP
    if "\u4e00" <= char <= "\u9fff":
        return _CONTEXT if _is_traditional(char) else code_point
    folded = _folded(char, punctuation)
    if "\ud800" <= char <= "\udfff":  # half of a character, which OpenCC cannot look up
        return ord(folded)
    if not folded.strip(" " + _WHITE) and not unicodedata.combining(char):
        return ord(folded[0])
    in_context = (
        len(folded) != 1
        or unicodedata.combining(char)
        or unicodedata.category(char) in ("Mn", "Mc", "Me")
        or "\u1100" <= char <= "\u11ff"  # Hangul letters join into syllables
        or char == "\u03a3"  # the last letter of a word is lower-cased in another form
        or _is_traditional(char)
        or any(map(_is_traditional, unicodedata.normalize("NFKC", char)))
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
            between = _END + "\n" + _START
            joined = _START + joined.replace("\n", between) + _END
        joined, folded = _fold_joined(joined, punctuation)
        if punctuation and texts:
            folded = _with_lengths(folded)
            joined = _text_of(folded)
        return cls(joined, folded, len(texts))


def _fold_joined(joined: str, punctuation: bool) -> tuple[str, NDArray[np.uint32]]:
    """Do all of `_folded` for texts joined by newlines; return them and their code points."""
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
    one_by_one = [_folded(joined[start:end], punctuation) for start, end in spans]
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
    is_wide = (folded > ord(_LAST_NARROW)) & (folded != ord(_WHITE))
    half_widths = np.concatenate([[0], np.cumsum(1 + is_wide)])
    newlines = (folded == _NEWLINE).nonzero()[0]
    starts, ends = np.append(0, newlines + 1), np.append(newlines, len(folded))
    both_ends = 2 * len(_START + _END)
    lengths = (half_widths[ends] - half_widths[starts] - both_ends + 1) // 2
    numbers = code_points_of(_LENGTHS).take(lengths, mode="clip")
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
    for cut in _CUTS:
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
