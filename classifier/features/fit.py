"""Learning the vocabulary and the idf from texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.features.tfidf import TfidfFeatures
from classifier.features.vocabulary import Vocabulary
from classifier.text import FoldedTexts
from classifier.tokens import Segmenter

_NEWLINE = 0x0A
_SPACE = 0x20
_ABSENT = -1
_TEXTS_AT_ONCE = 10_000


def fit_features(
    texts: Sequence[str],
    *,
    segmenter: Segmenter | None = None,
    word_ngram_max: int = 2,
    char_ngram_max: int = 2,
    min_df: int = 2,
    sublinear_tf: bool = True,
    extra_words: Iterable[str] = (),
) -> TfidfFeatures:
    """Learn the vocabulary and the idf of `texts`.

    Parameters
    ----------
    texts : at least one text
    segmenter : by default one without user words
    word_ngram_max, char_ngram_max : longest n-gram of words and of characters; 0 leaves the kind out
    min_df : texts that a term must stand in, at least 1
    sublinear_tf : see `TfidfFeatures`
    extra_words : folded words that are terms however seldom they stand in `texts`; one whose weight
        is known from elsewhere (a lexicon, word vectors) need not be seen

    Raises
    ------
    ValueError
        A limit is out of range, or no term is left.
    """
    if min(word_ngram_max, char_ngram_max) < 0 or max(word_ngram_max, char_ngram_max) < 1:
        raise ValueError(
            "word_ngram_max and char_ngram_max must be at least 0 and one of them at least 1, "
            f"got {word_ngram_max} and {char_ngram_max}"
        )
    if min_df < 1:
        raise ValueError(f"min_df must be at least 1 text, got {min_df}")
    segmenter = segmenter or Segmenter()
    words, characters = _cut(texts, segmenter)
    if word_ngram_max:
        words = words.select(min_df, always=extra_words)
    else:
        words = words.select(len(texts) + 1)
    characters = characters.select(min_df if char_ngram_max else len(texts) + 1)
    streams = [(words, 0, word_ngram_max), (characters, len(words.names), char_ngram_max)]
    n_terms = len(words.names) + len(characters.names)
    frequencies = [words.df(), characters.df()]
    grams = [np.zeros((0, 2), dtype=np.int32)]
    for stream, offset, longest in streams:
        for rows, df in _ngrams(stream, offset, longest, min_df, first_id=n_terms):
            grams.append(rows)
            frequencies.append(df)
            n_terms += len(df)
    if not n_terms:
        raise ValueError(f"no term stands in {min_df} of the {len(texts)} texts; lower min_df")
    idf = np.log((1 + len(texts)) / (1 + np.concatenate(frequencies))) + 1
    vocabulary = Vocabulary(tuple(words.names), "".join(characters.names), np.concatenate(grams))
    return TfidfFeatures(
        vocabulary, idf.astype(np.float32), segmenter, sublinear_tf=sublinear_tf
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Stream:
    """The words, or the characters, of all texts one after the other.

    ids : ``(n,)`` int64, place in `names`; -1 for what ends an n-gram
    texts : ``(n,)`` int64, number of the text
    names : the distinct words or characters
    """

    ids: NDArray[np.int64]
    texts: NDArray[np.int64]
    names: list[str]

    def df(self) -> NDArray[np.int64]:
        """Return in how many texts each name stands: ``(n_names,)``."""
        at = np.flatnonzero(self.ids >= 0)
        n_names = max(len(self.names), 1)
        entries = np.unique(self.texts[at] * n_names + self.ids[at])
        return np.bincount(entries % n_names, minlength=len(self.names))

    def select(self, min_df: int, *, always: Iterable[str] = ()) -> "_Stream":
        """Keep the names that stand in `min_df` texts and those of `always`; sort them."""
        kept = {self.names[number] for number in np.flatnonzero(self.df() >= min_df).tolist()}
        names = sorted(kept.union(always))
        new_id = {name: number for number, name in enumerate(names)}
        renumber = np.array([new_id.get(name, _ABSENT) for name in self.names] + [_ABSENT])
        return _Stream(renumber[self.ids], self.texts, names)


def _cut(texts: Sequence[str], segmenter: Segmenter) -> tuple[_Stream, _Stream]:
    """Cut all texts into words and into characters."""
    numbers: dict[str, int] = {"\n": 0, " ": 1}
    words, points = [], []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        folded = FoldedTexts.of(texts[start : start + _TEXTS_AT_ONCE])
        tokens = segmenter.cut(folded.joined + "\n")
        found = [numbers.setdefault(token, len(numbers)) for token in tokens]
        words.append(np.array(found, dtype=np.int64))
        points.append(np.append(folded.code_points, np.uint32(_NEWLINE)))
    word, point = np.concatenate(words), np.concatenate(points)
    known, number = np.unique(point, return_inverse=True)
    return (
        _Stream(np.maximum(word - 2, _ABSENT), np.cumsum(word == 0), list(numbers)[2:]),
        _Stream(
            np.where(point > _SPACE, number, _ABSENT),
            np.cumsum(point == _NEWLINE),
            [chr(value) for value in known.tolist()],
        ),
    )


def _ngrams(
    stream: _Stream, offset: int, longest: int, min_df: int, *, first_id: int
) -> list[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Return for each length from 2 to `longest` the n-grams ``(n, 2)`` and their text counts.

    `offset` is the term id of the stream's first name, `first_id` that of the first n-gram.
    """
    found = []
    atoms = np.where(stream.ids >= 0, stream.ids + offset, _ABSENT)
    terms = atoms
    for length in range(2, longest + 1):
        last = atoms[length - 1 :]
        at = np.flatnonzero((terms[: len(last)] >= 0) & (last >= 0))
        keys, number = np.unique(terms[at] << 32 | last[at], return_inverse=True)
        df = _Stream(number, stream.texts[at], [""] * len(keys)).df()
        kept = df >= min_df
        grams = np.stack([keys[kept] >> 32, keys[kept] & 0xFFFFFFFF], axis=1).astype(np.int32)
        found.append((grams, df[kept]))
        new_id = np.where(kept, first_id + np.cumsum(kept) - 1, _ABSENT)
        terms = np.full(len(atoms), _ABSENT, dtype=np.int64)
        terms[at] = new_id[number]
        first_id += len(grams)
    return found
