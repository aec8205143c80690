"""Texts to the TF-IDF matrix.

`vocabulary` numbers the terms, `lookup` finds them, `tfidf` counts, `fit` learns.
"""

from typing import TYPE_CHECKING

from classifier.features.lookup import GramIndex, KeyTable, WordIndex
from classifier.features.tfidf import Occurrences, TermRows, TfidfFeatures
from classifier.features.vocabulary import Vocabulary, WordLines
from classifier.lazy import fetch_on_use

if TYPE_CHECKING:
    from classifier.features.fit import fit_features as fit_features
    from classifier.features.fit import may_be_extra as may_be_extra

# Tagging learns no vocabulary.
__getattr__ = fetch_on_use(__name__, {"fit": ("fit_features", "may_be_extra")})

__all__ = [
    "GramIndex",
    "KeyTable",
    "Occurrences",
    "TermRows",
    "TfidfFeatures",
    "Vocabulary",
    "WordIndex",
    "WordLines",
    "fit_features",
    "may_be_extra",
]
