"""Labelled texts: read them from any format, check them, find reprints, split them fairly.

examples.py   Example, Corpus
rows.py       rows of a labelled file, and what is wrong in each
labels.py     what stands in a row as its labels
reading.py    read_corpus, shipped_among
checking.py   check_corpus: all that is wrong, before training
reprints.py   texts that are one story
folds.py      parts with reprints on one side and topics in their shares
"""

from classifier.corpus.checking import (
    FEW_TEXTS,
    CorpusReport,
    SameText,
    TopicCount,
    UnknownTopic,
    check_corpus,
)
from classifier.corpus.examples import Corpus, Example
from classifier.corpus.reading import read_corpus, shipped_among
from classifier.corpus.reprints import group_reprints

__all__ = [
    "FEW_TEXTS",
    "Corpus",
    "CorpusReport",
    "Example",
    "SameText",
    "TopicCount",
    "UnknownTopic",
    "check_corpus",
    "group_reprints",
    "read_corpus",
    "shipped_among",
]
