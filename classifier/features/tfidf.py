"""Texts to the TF-IDF matrix: words and characters counted, looked up and weighted at once.

A *word* is a token of the segmenter that has letters or digits; a *character* is one of them.
The vocabulary holds single words and characters (*atoms*) and n-grams of neighbouring ones. All
work is done on the joined text of many texts, as arrays over its tokens and its characters;
nothing loops over texts in Python. See `classifier.text.FoldedTexts` for the joined text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.features.lookup import GramIndex, WordIndex
from classifier.features.vocabulary import Vocabulary, WordLines
from classifier.text import FoldedTexts, code_points_of
from classifier.tokens import Segmenter

if TYPE_CHECKING:
    import scipy.sparse

_NEWLINE = 0x0A
_ABSENT = -1  # id of what the vocabulary does not hold
N_CODE_POINTS = 0x30000  # of planes 0 to 2, where Chinese is; a character beyond is no term


class TermRows(NamedTuple):
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

    @property
    def n_texts(self) -> int:
        """Number of rows."""
        return len(self.starts) - 1

    @property
    def known(self) -> NDArray[np.bool]:
        """Whether each text has a known term: ``(n_texts,)``."""
        known: NDArray[np.bool] = self.starts[1:] > self.starts[:-1]
        return known

    def to_scipy(self) -> "scipy.sparse.csr_matrix":
        """Return the rows as a SciPy matrix ``(n_texts, n_terms)`` float32."""
        from scipy.sparse import csr_matrix

        return csr_matrix(
            (self.values, self.terms, self.starts), shape=(self.n_texts, self.n_terms)
        )


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
    punctuation : whether punctuation, white space, the ends and the length of a text count as
        characters and words, as in `classifier.text.fold`
    ignored_words : words, folded, that are read over like a space: no term holds them or a
        character of theirs; none of them is in `vocabulary`

    Notes
    -----
    A term counts ``tf * idf``, with ``idf = ln((1 + n_texts) / (1 + df)) + 1``. The words' part of
    a row and the characters' part are each divided by their Euclidean length. This is what
    scikit-learn's ``FeatureUnion`` of two ``TfidfVectorizer(sublinear_tf=True)`` gives:
    https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting

    Without `punctuation` terms stand within a run of letters and digits: no n-gram reaches over
    punctuation or a space.
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
        punctuation: bool = False,
        ignored_words: Sequence[str] = (),
    ) -> None:
        self.vocabulary = vocabulary
        self.idf = idf
        self.segmenter = segmenter
        self.sublinear_tf = sublinear_tf
        self.punctuation = punctuation
        self.ignored_words = tuple(ignored_words)
        # The ignored words' places come after all term ids of words.
        self._words = WordIndex(WordLines.of(vocabulary.words) + WordLines.of(self.ignored_words))
        self._character_ids = np.full(N_CODE_POINTS + 1, _ABSENT, dtype=np.int64)
        characters = code_points_of(vocabulary.characters)
        self._character_ids[characters] = len(vocabulary.words) + np.arange(len(characters))
        self._grams = GramIndex(vocabulary.grams)
        self._blocks = vocabulary.blocks()
        self._n_atoms = np.int64(vocabulary.n_atoms)
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
            vocabulary,
            self.idf[old_ids],
            self.segmenter,
            sublinear_tf=self.sublinear_tf,
            punctuation=self.punctuation,
            ignored_words=self.ignored_words,
        )

    def transform(self, texts: Sequence[str]) -> TermRows:
        """Return the TF-IDF rows of `texts`, ``(n_texts, n_terms)``, in order."""
        folded = self.fold(texts)
        return self.weigh(self.find(folded, self.cut(folded.joined)), len(texts))

    def fold(self, texts: Sequence[str]) -> FoldedTexts:
        """Return the texts in the form that words and characters are counted in."""
        return FoldedTexts.of(texts, punctuation=self.punctuation)

    def cut(self, joined: str) -> NDArray[np.int64]:
        """Return the length of each token, in code points: ``(n_tokens,)``."""
        tokens = self.segmenter.cut(joined)
        return np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))

    def find(self, folded: FoldedTexts, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return every known term wherever it stands, in no order: ``(n_occurrences,)`` int64.

        Each is the number of the text times `n_terms` plus the term. `lengths` are those of the
        tokens, by `cut`.
        """
        atoms = self._atoms(folded.code_points, lengths)
        starts, terms = zip(*self._terms(atoms), strict=True)
        found: NDArray[np.int64] = np.concatenate(terms)
        if folded.n_texts > 1:
            of_characters = np.cumsum(folded.code_points == _NEWLINE)
            of_tokens = of_characters.take(lengths.cumsum() - lengths)
            text = np.concatenate((of_tokens, of_characters)).take(np.concatenate(starts))
            found += text * self.n_terms
        return found

    def occurrences(self, folded: str) -> Occurrences:
        """Return every known term of one folded text and where it stands."""
        lengths = self.cut(folded)
        token_ends = np.cumsum(lengths)
        places = np.arange(len(folded))
        starts_of_atoms = np.concatenate([token_ends - lengths, places])
        ends_of_atoms = np.concatenate([token_ends, places + 1])
        terms, starts, ends = [], [], []
        atoms = self._atoms(code_points_of(folded), lengths)
        for further, (at, found) in enumerate(self._terms(atoms)):
            terms.append(found)
            starts.append(starts_of_atoms[at])
            ends.append(ends_of_atoms[at + further])
        return Occurrences(np.concatenate(terms), np.concatenate(starts), np.concatenate(ends))

    def _atoms(
        self, code_points: NDArray[np.uint32], lengths: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the ids of every token, then of every character: ``(n_atoms,)`` int64.

        A negative one is no atom of the vocabulary, and ends an n-gram.
        """
        words = self._words.find(code_points, lengths)
        characters = self._character_ids.take(code_points, mode="clip")
        if self.ignored_words:
            ignored = words >= len(self.vocabulary.words)
            if np.count_nonzero(ignored):
                words[ignored] = _ABSENT
                characters[ignored.repeat(lengths)] = _ABSENT
        return np.concatenate((words, characters))

    def _terms(
        self, atoms: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield for each length of term, from 1 on, at which atom one begins, and its id."""
        at = (atoms >= 0).nonzero()[0]
        yield at, atoms.take(at)
        terms = atoms
        for length in range(2, self._ngram_max + 1):
            last = atoms[length - 1 :]
            at, rows = self._grams.find(terms[: len(last)], last)
            found = rows + self._n_atoms
            yield at, found
            if length < self._ngram_max:
                terms = np.full(len(atoms), _ABSENT, dtype=np.int64)
                terms[at] = found

    def weigh(self, entries: NDArray[np.int64], n_texts: int) -> TermRows:
        """Count terms, weigh them by TF-IDF, divide each block of a text by its length.

        Parameters
        ----------
        entries : as `find` gives them; may be put in order
        """
        n_terms = self.n_terms
        if n_texts * n_terms < 2**32:  # half as many bytes sort in half the time
            entries = entries.astype(np.uint32)
        entries.sort()
        counts = None
        differs = entries[1:] != entries[:-1]
        if np.count_nonzero(differs) < len(differs):
            bounds = np.concatenate(([True], differs, [True])).nonzero()[0]
            counts = (bounds[1:] - bounds[:-1]).astype(np.float32)
            entries = entries.take(bounds[:-1])
        if n_texts == 1:
            terms, segments = entries.astype(np.int64), self._blocks.take(entries)
            starts = np.array([0, len(terms)])
        else:
            texts = (entries // entries.dtype.type(n_terms)).astype(np.int64)
            terms = entries.astype(np.int64) - texts * n_terms
            segments = texts * 2 + self._blocks.take(terms)
            starts = np.concatenate(([0], np.cumsum(np.bincount(texts, minlength=n_texts))))
        values = self.idf.take(terms)
        if counts is not None:
            values *= 1 + np.log(counts) if self.sublinear_tf else counts
        lengths = np.sqrt(np.bincount(segments, values * values, minlength=2 * n_texts))
        values /= lengths.astype(np.float32).take(segments)
        return TermRows(starts, terms, values, n_terms)
