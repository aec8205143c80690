"""Texts to the TF-IDF matrix: words and characters counted, looked up and weighted at once.

A *word* is a token of the segmenter that has letters or digits; a *character* is one of them.
The vocabulary holds single words and characters (*atoms*) and pairs of neighbouring ones. All
work is done on the joined text of many texts, as arrays over its tokens and its characters;
nothing loops over texts in Python. See `classifier.text.FoldedTexts` for the joined text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.features.vocabulary import GramIndex, Vocabulary
from classifier.text import FoldedTexts, code_points_of
from classifier.tokens import Segmenter

if TYPE_CHECKING:
    import scipy.sparse

_NEWLINE = 0x0A
_PARTS_TEXTS = -2  # id of the newline token
_ABSENT = -1  # id of what the vocabulary does not hold
_TABLE_SIZE = 0x30000  # code points of planes 0 to 2, where Chinese is


@dataclass(frozen=True, slots=True)
class TermRows:
    """Sparse rows, one a text, in the layout of a CSR matrix.

    Attributes
    ----------
    starts : ``(n_texts + 1,)`` int64; row i is ``terms[starts[i]:starts[i + 1]]``
    terms : ``(n_entries,)`` int64, term ids, ascending within a row
    values : ``(n_entries,)`` float32, weights of those terms
    n_terms : number of columns
    """

    starts: NDArray[np.int64]
    terms: NDArray[np.int64]
    values: NDArray[np.float32]
    n_terms: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def to_scipy(self) -> "scipy.sparse.csr_matrix":
        """Return the rows as a SciPy matrix ``(n_texts, n_terms)`` float32."""
        from scipy.sparse import csr_matrix

        return csr_matrix((self.values, self.terms, self.starts), shape=(len(self), self.n_terms))


@dataclass(frozen=True, slots=True)
class _Atoms:
    """Every token, then every character, of many texts.

    ids : ``(n,)`` int32, atom ids; negative for what is no atom: it ends an n-gram
    texts : ``(n,)`` int64, number of the text that each stands in
    """

    ids: NDArray[np.int32]
    texts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """Where each term stands in one folded text: code points ``starts[i]`` to ``ends[i]``."""

    terms: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class TfidfFeatures:
    """Turns texts into TF-IDF rows over words and characters.

    Parameters
    ----------
    vocabulary : the terms
    idf : ``(n_terms,)`` float32
    segmenter : cuts texts into words
    sublinear_tf : whether a term that stands n times counts as 1 + ln n rather than n

    Notes
    -----
    A term counts ``tf * idf``, with ``idf = ln((1 + n_texts) / (1 + df)) + 1``. The words' part of a
    row and the characters' part are each divided by their Euclidean length. This is what
    scikit-learn's ``FeatureUnion`` of two ``TfidfVectorizer(sublinear_tf=True)`` gives:
    https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting

    Terms stand within a run of letters and digits: no n-gram reaches over punctuation or a space.
    A text without a known term has an empty row.

    Examples
    --------
    >>> from classifier.features import fit_features
    >>> features = fit_features(["乡村 振兴", "乡村 旅游"], min_df=1, char_ngram_max=1)
    >>> features.vocabulary.terms()
    ['乡村', '振兴', '旅游', '乡', '兴', '振', '旅', '村', '游']
    >>> features.transform(["乡村"]).values
    array([1.        , 0.70710677, 0.70710677], dtype=float32)
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        idf: NDArray[np.float32],
        segmenter: Segmenter,
        *,
        sublinear_tf: bool = True,
    ) -> None:
        self.vocabulary = vocabulary
        self.idf = idf
        self.segmenter = segmenter
        self.sublinear_tf = sublinear_tf
        self._word_ids = dict(zip(vocabulary.words, range(len(vocabulary.words)), strict=True))
        self._word_ids["\n"] = _PARTS_TEXTS
        self._character_ids = np.full(_TABLE_SIZE + 1, _ABSENT, dtype=np.int32)
        characters = np.array([ord(char) for char in vocabulary.characters], dtype=np.int64)
        self._character_ids[characters] = len(vocabulary.words) + np.arange(len(characters))
        self._index = GramIndex(vocabulary.grams)
        self._blocks = vocabulary.blocks()
        self._ngram_max = vocabulary.ngram_max

    @property
    def n_terms(self) -> int:
        """Number of terms, the columns of a row."""
        return len(self.idf)

    def keep(self, wanted: NDArray[np.bool]) -> "TfidfFeatures":
        """Return features of the wanted terms alone and what those are made of.

        Parameters
        ----------
        wanted : ``(n_terms,)`` bool
        """
        vocabulary, old_ids = self.vocabulary.keep(wanted)
        return TfidfFeatures(
            vocabulary, self.idf[old_ids], self.segmenter, sublinear_tf=self.sublinear_tf
        )

    def transform(self, texts: Sequence[str]) -> TermRows:
        """Return the TF-IDF rows of `texts`, ``(n_texts, n_terms)``, in order."""
        atoms = self._atoms(FoldedTexts.of(texts))
        at = np.flatnonzero(atoms.ids >= 0)
        terms, places = [atoms.ids.take(at).astype(np.int64)], [atoms.texts.take(at)]
        for at, grams in self._grams(atoms.ids):
            terms.append(grams)
            places.append(atoms.texts.take(at))
        return self._weigh(np.concatenate(places), np.concatenate(terms), len(texts))

    def occurrences(self, folded: str) -> Occurrences:
        """Return every known term of one folded text and where it stands."""
        tokens = self.segmenter.cut(folded)
        atoms = self._atoms(FoldedTexts(folded, code_points_of(folded), 1), tokens)
        lengths = [len(token) for token in tokens]
        ends_of_tokens = np.cumsum(lengths)
        starts = np.concatenate([ends_of_tokens - lengths, np.arange(len(folded))])
        ends = np.concatenate([ends_of_tokens, np.arange(len(folded)) + 1])
        at = np.flatnonzero(atoms.ids >= 0)
        terms, firsts, lasts = [atoms.ids.take(at).astype(np.int64)], [starts[at]], [ends[at]]
        for order, (at, grams) in enumerate(self._grams(atoms.ids), start=1):
            terms.append(grams)
            firsts.append(starts[at])
            lasts.append(ends[at + order])
        return Occurrences(np.concatenate(terms), np.concatenate(firsts), np.concatenate(lasts))

    def _atoms(self, folded: FoldedTexts, tokens: list[str] | None = None) -> _Atoms:
        if tokens is None:
            tokens = self.segmenter.cut(folded.joined)
        words = np.fromiter(
            map(self._word_ids.get, tokens, repeat(_ABSENT)), dtype=np.int32, count=len(tokens)
        )
        characters = self._character_ids.take(folded.code_points, mode="clip")
        if folded.n_texts == 1:
            texts = np.zeros(len(words) + len(characters), dtype=np.int64)
        else:
            texts = np.concatenate(
                [np.cumsum(words == _PARTS_TEXTS), np.cumsum(folded.code_points == _NEWLINE)]
            )
        return _Atoms(np.concatenate([words, characters]), texts)

    def _grams(
        self, ids: NDArray[np.int32]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield for each length of n-gram, from 2 on, where one begins and its term id."""
        n_atoms = self.vocabulary.n_atoms
        terms = ids.astype(np.int64)
        for order in range(2, self._ngram_max + 1):
            last = ids[order - 1 :]
            prefix = terms[: len(last)]
            at = np.flatnonzero((prefix >= 0) & (last >= 0))
            found = self._index.find(prefix.take(at), last.take(at))
            hit = np.flatnonzero(found >= 0)
            at, grams = at.take(hit), found.take(hit).astype(np.int64) + n_atoms
            yield at, grams
            if order < self._ngram_max:
                terms = np.full(len(ids), _ABSENT, dtype=np.int64)
                terms[at] = grams

    def _weigh(self, texts: NDArray[np.int64], terms: NDArray[np.int64], n_texts: int) -> TermRows:
        """Count (text, term) entries, weigh them by TF-IDF, divide each block by its length.

        Parameters
        ----------
        texts, terms : ``(n_occurrences,)`` int64, in any order
        """
        n_terms = max(self.n_terms, 1)
        # Half as many bytes sort in half the time, and a chunk of texts nearly always fits.
        dtype = np.uint32 if n_texts * n_terms < 2**32 else np.uint64
        entries: NDArray[Any] = (texts * n_terms + terms).astype(dtype)
        entries.sort()
        repeats = entries[1:] == entries[:-1]
        counts = None
        if repeats.any():
            first = np.flatnonzero(np.concatenate([[True], ~repeats]))
            counts = np.diff(first, append=len(entries)).astype(np.float32)
            entries = entries.take(first)
        places = (entries // entries.dtype.type(n_terms)).astype(np.int64)
        terms = entries.astype(np.int64) - places * n_terms
        values = self.idf.take(terms)
        if counts is not None:
            values *= 1 + np.log(counts) if self.sublinear_tf else counts
        segments = places * 2 + self._blocks.take(terms)
        squares = np.bincount(segments, values * values, minlength=2 * n_texts)
        values /= np.sqrt(squares).astype(np.float32).take(segments)
        starts = np.zeros(n_texts + 1, dtype=np.int64)
        np.cumsum(np.bincount(places, minlength=n_texts), out=starts[1:])
        return TermRows(starts, terms, values, self.n_terms)
