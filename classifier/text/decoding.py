"""Bytes to text: find the encoding of a file, and tell what is no text in any."""

import codecs
import re

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
# Of these, or of none, nobody need be told.
USUAL_ENCODINGS = (None, "utf-8", "utf-8-sig")
_SAVE = "save what it says as text"
_READ = "classifier tag, check, train and evaluate read it with --from"
# The first bytes of compressed files, which tables are read from and pages are not.
GZIP, XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
_BINARY_FORMATS = {
    b"PK\x03\x04": ("a spreadsheet or another zip file", f"{_READ} xlsx"),
    b"\xd0\xcf\x11\xe0": ("an old Excel or WPS file", f"{_READ} xlsx"),
    b"PAR1": ("a Parquet file", f"{_READ} parquet"),
    GZIP: ("a gzip file", "unpack it first"),
    XZ: ("an xz file", "unpack it first"),
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
