"""Texts to the TF-IDF matrix.

`vocabulary` numbers the terms, `lookup` finds them, `tfidf` counts, `fit` learns.
"""

from classifier.features.fit import fit_features
from classifier.features.lookup import GramIndex, KeyTable, WordIndex
from classifier.features.tfidf import Occurrences, TermRows, TfidfFeatures
from classifier.features.vocabulary import Vocabulary, WordLines

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
]
