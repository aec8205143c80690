"""Bytes to text, and texts to their normal form. Nothing here knows words or files.

decoding.py   bytes to text: which encoding, which are no text at all
folding.py    one text to its normal form, and to the form that terms are counted in
joined.py     the same for many texts at once
"""

from classifier.text.decoding import (
    GZIP,
    USUAL_ENCODINGS,
    XZ,
    decode,
    is_charset,
    misnamed,
    refuse_binary,
)
from classifier.text.folding import fold, fold_with_offsets, normalize
from classifier.text.joined import FoldedTexts, code_points_of

__all__ = [
    "GZIP",
    "USUAL_ENCODINGS",
    "XZ",
    "FoldedTexts",
    "code_points_of",
    "decode",
    "fold",
    "fold_with_offsets",
    "is_charset",
    "misnamed",
    "normalize",
    "refuse_binary",
]
