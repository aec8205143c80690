"""Texts to the TF-IDF matrix: `vocabulary` numbers the terms, `tfidf` counts, `fit` learns."""

from classifier.features.fit import fit_features
from classifier.features.tfidf import Occurrences, TermRows, TfidfFeatures
from classifier.features.vocabulary import GramIndex, Vocabulary

__all__ = [
    "GramIndex",
    "Occurrences",
    "TermRows",
    "TfidfFeatures",
    "Vocabulary",
    "fit_features",
]
