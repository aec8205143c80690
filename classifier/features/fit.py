"""Learning the vocabulary and the idf from texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.errors import TrainingError
from classifier.features.tfidf import N_CODE_POINTS, TfidfFeatures
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
    punctuation: bool = False,
    ignored_words: Sequence[str] = (),
    extra_terms: Iterable[Sequence[str]] = (),
) -> TfidfFeatures:
    """Learn the vocabulary and the idf of `texts`.

    Parameters
    ----------
    texts : at least one text
    segmenter : by default one without user words
    word_ngram_max, char_ngram_max : longest n-gram of words and of characters; 0 leaves the kind
        out
    min_df : texts that a term must stand in, at least 1
    sublinear_tf, punctuation, ignored_words : see `TfidfFeatures`
    extra_terms : terms, each a sequence of folded words, that are counted however seldom they
        stand in `texts`; one whose weight is known from elsewhere (a lexicon, word vectors) need
        not be seen. Those of more than two words, or than `word_ngram_max`, are left out.

    Raises
    ------
    ValueError
        A limit is out of range.
    TrainingError
        No term stands in `min_df` texts.
    """
    if min(word_ngram_max, char_ngram_max) < 0 or max(word_ngram_max, char_ngram_max) < 1:
        raise ValueError(
            "word_ngram_max and char_ngram_max must be at least 0 and one of them at least 1, "
            f"got {word_ngram_max} and {char_ngram_max}"
        )
    if min_df < 1:
        raise ValueError(f"min_df must be at least 1 text, got {min_df}")
    segmenter = segmenter or Segmenter()
    ignored = frozenset(ignored_words)
    words, characters = _cut(texts, segmenter, punctuation, ignored)
    extra = {tuple(term) for term in extra_terms if may_be_extra(term, word_ngram_max, ignored)}
    never = len(texts) + 1
    words = words.select(min_df if word_ngram_max else never, always={w for t in extra for w in t})
    characters = characters.select(min_df if char_ngram_max else never)
    streams = [
        (words, 0, word_ngram_max, words.pairs(extra)),
        (characters, len(words.names), char_ngram_max, np.zeros((0, 2), dtype=np.int64)),
    ]
    n_terms = len(words.names) + len(characters.names)
    frequencies = [words.df(), characters.df()]
    grams = [np.zeros((0, 2), dtype=np.int32)]
    for stream, offset, longest, always in streams:
        for rows, df in _ngrams(stream, offset, longest, min_df, always, first_id=n_terms):
            grams.append(rows)
            frequencies.append(df)
            n_terms += len(df)
    if not n_terms:
        raise TrainingError(
            f"no term stands in {min_df} of the {len(texts)} texts; add texts, or lower min_df"
        )
    idf = np.log((1 + len(texts)) / (1 + np.concatenate(frequencies))) + 1
    vocabulary = Vocabulary(tuple(words.names), "".join(characters.names), np.concatenate(grams))
    return TfidfFeatures(
        vocabulary,
        idf.astype(np.float32),
        segmenter,
        sublinear_tf=sublinear_tf,
        punctuation=punctuation,
        ignored_words=ignored_words,
    )


def may_be_extra(term: Sequence[str], word_ngram_max: int, ignored: frozenset[str]) -> bool:
    """Whether `fit_features` takes one of its extra terms; `ignored` are the words read over."""
    return 0 < len(term) <= min(word_ngram_max, 2) and ignored.isdisjoint(term)


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
        entries = self.texts[at] * n_names + self.ids[at]
        entries.sort()
        first = np.diff(entries, prepend=-1) > 0
        return np.bincount(entries[first] % n_names, minlength=len(self.names))

    def select(self, min_df: int, *, always: Iterable[str] = ()) -> "_Stream":
        """Keep the names that stand in `min_df` texts and those of `always`; sort them."""
        kept = {self.names[number] for number in np.flatnonzero(self.df() >= min_df).tolist()}
        names = sorted(kept.union(always))
        new_id = {name: number for number, name in enumerate(names)}
        renumber = np.array([new_id.get(name, _ABSENT) for name in self.names] + [_ABSENT])
        return _Stream(renumber[self.ids], self.texts, names)

    def pairs(self, terms: Iterable[Sequence[str]]) -> NDArray[np.int64]:
        """Return the terms of two names as numbers of names, sorted: ``(n, 2)``."""
        number = {name: place for place, name in enumerate(self.names)}
        found = sorted((number[term[0]], number[term[1]]) for term in terms if len(term) == 2)
        return np.array(found, dtype=np.int64).reshape(-1, 2)


def _cut(
    texts: Sequence[str], segmenter: Segmenter, punctuation: bool, ignored: frozenset[str]
) -> tuple[_Stream, _Stream]:
    """Cut all texts into words and into characters; an ignored word becomes a space."""
    numbers: dict[str, int] = {"\n": 0, " ": 1}
    words, points = [], []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        part = texts[start : start + _TEXTS_AT_ONCE]
        folded = FoldedTexts.of(part, punctuation=punctuation)
        tokens = segmenter.cut(folded.joined + "\n")
        found = np.array(
            [
                1 if token in ignored else numbers.setdefault(token, len(numbers))
                for token in tokens
            ],
            dtype=np.int64,
        )
        words.append(found)
        characters = np.append(folded.code_points, np.uint32(_NEWLINE))
        if ignored:
            characters[np.repeat(found == 1, list(map(len, tokens)))] = _SPACE
        points.append(characters)
    word, point = np.concatenate(words), np.concatenate(points)
    seen = np.flatnonzero(np.bincount(point))
    number_of = np.full(int(point.max()) + 1, _ABSENT)
    number_of[seen] = np.arange(len(seen))
    number_of[: _SPACE + 1] = _ABSENT
    number_of[N_CODE_POINTS:] = _ABSENT
    return (
        _Stream(np.maximum(word - 2, _ABSENT), np.cumsum(word == 0), list(numbers)[2:]),
        _Stream(
            number_of.take(point),
            np.cumsum(point == _NEWLINE),
            [chr(value) for value in seen.tolist()],
        ),
    )


def _ngrams(
    stream: _Stream,
    offset: int,
    longest: int,
    min_df: int,
    always: NDArray[np.int64],
    *,
    first_id: int,
) -> list[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Return for each length from 2 to `longest` the n-grams ``(n, 2)`` and their text counts.

    `offset` is the term id of the stream's first name, `first_id` that of the first n-gram; the
    pairs of names in `always` are kept however rare.
    """
    found = []
    atoms = np.where(stream.ids >= 0, stream.ids + offset, _ABSENT)
    terms = atoms
    for length in range(2, longest + 1):
        last = atoms[length - 1 :]
        at = np.flatnonzero((terms[: len(last)] >= 0) & (last >= 0))
        wanted = always + offset if length == 2 else always[:0]
        wanted = wanted[:, 0] << 32 | wanted[:, 1]
        # Those of no text stand before all others.
        keys = np.concatenate([wanted, terms[at] << 32 | last[at]])
        texts = np.concatenate([np.full(len(wanted), _ABSENT), stream.texts[at]])
        order, is_first, df = _sorted_with_df(keys, texts)
        firsts = order[is_first]
        kept = (df >= min_df) | (firsts < len(wanted))
        keys = keys[firsts[kept]]
        grams = np.stack([keys >> 32, keys & 0xFFFFFFFF], axis=1).astype(np.int32)
        found.append((grams, df[kept]))
        if length < longest:
            new_id = np.where(kept, first_id + np.cumsum(kept) - 1, _ABSENT)
            in_texts = order >= len(wanted)
            terms = np.full(len(atoms), _ABSENT, dtype=np.int64)
            terms[at[order[in_texts] - len(wanted)]] = new_id[np.cumsum(is_first) - 1][in_texts]
        first_id += len(grams)
    return found


def _sorted_with_df(
    keys: NDArray[np.int64], texts: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.bool], NDArray[np.int64]]:
    """Sort keys, and count the texts that each stands in.

    Parameters
    ----------
    keys : ``(n,)``, none negative
    texts : ``(n,)``, ascending; a negative one is no text

    Returns
    -------
    order : ``(n,)``, places in `keys`, so that keys ascend and each key's texts do
    is_first : ``(n,)``, in that order, whether it is the first of its key
    df : ``(n_different,)``, texts of each key
    """
    order = np.argsort(keys, kind="stable")
    keys, texts = keys.take(order), texts.take(order)
    is_first = np.diff(keys, prepend=_ABSENT) > 0
    counts = (is_first | (np.diff(texts, prepend=_ABSENT) > 0)) & (texts >= 0)
    begins = np.flatnonzero(is_first)
    df = np.add.reduceat(counts, begins, dtype=np.int64) if len(begins) else begins
    return order, is_first, df
