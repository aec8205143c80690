"""What is known of words before any label is seen: a lexicon, and word vectors.

Both are linear in the counts of terms. While a model is trained they stand beside the terms as
further features; afterwards their weights fold into the terms', and prediction never meets them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.artefact import load_vectors
from classifier.errors import DataError, ModelNotFoundError, shorten
from classifier.features import TermRows, TfidfFeatures
from classifier.taxonomy import Taxonomy, Topic
from classifier.text import FoldedTexts, fold
from classifier.tokens import Segmenter
from classifier.trainer.recipe import AUTO, Recipe
from classifier.vectors import WordVectors

if TYPE_CHECKING:
    import scipy.sparse

STRONG, WEAK = 2.0, 1.0
SHIPPED = "word-vectors"
# Labelled texts of the middle topic below which word vectors are worth their room, some 44,000 more
# terms: on NLPCC 2017 (18 classes, a development set of 6,000) their first edition raised accuracy
# from 0.592 to 0.712 with 100 texts a class, from 0.701 to 0.756 with 300, from 0.772 to 0.792 with
# 1,000.
FEW_POSITIVES = 2000
# Texts that a term must stand in to have a context: of fewer, it is theirs rather than the term's.
_FEWEST_TEXTS = 3


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and short phrases with the topics they point to.

    Attributes
    ----------
    entries : word to topic id to weight: 2 where the word nearly settles the topic, 1 where it
        leans
    """

    entries: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def of_topics(cls, topics: Iterable[Topic]) -> "Lexicon":
        """Return the words that a taxonomy's entries list."""
        entries: dict[str, dict[str, float]] = {}
        for topic in topics:
            for words, weight in ((topic.weak, WEAK), (topic.strong, STRONG)):
                for word in words:
                    entries.setdefault(word, {})[topic.id] = weight
        return cls(entries)

    @classmethod
    def of_descriptions(cls, topics: Iterable[Topic], segmenter: Segmenter) -> "Lexicon":
        """Return the words of topics' names and of what they cover, each leaning to its topic.

        Words of one character are left out.
        """
        entries: dict[str, dict[str, float]] = {}
        for topic in topics:
            for word in segmenter.cut(fold(f"{topic.name} {topic.about}")):
                if len(word.strip()) > 1:
                    entries.setdefault(word, {})[topic.id] = WEAK
        return cls(entries)

    @classmethod
    def load(cls, path: str | Path, taxonomy: Taxonomy) -> "Lexicon":
        """Read a TSV file: a header, then ``word<TAB>topic:weight topic:weight``.

        Raises
        ------
        DataError
            The file cannot be read or is no UTF-8, a line is of another shape, or names a topic
            that `taxonomy` does not have.
        """
        try:
            with Path(path).open(encoding="utf-8-sig") as file:
                lines = list(file)
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: is no TSV file in UTF-8: {error}") from error
        entries: dict[str, dict[str, float]] = {}
        for number, line in enumerate(lines, start=1):
            word, _, targets = line.rstrip("\r\n").partition("\t")
            if number == 1 and word == "term":
                continue
            pairs = [target.rpartition(":") for target in targets.split()]
            if not word or not pairs or not all(colon for _, colon, _ in pairs):
                raise DataError(
                    f"{path} line {number}: wanted word<TAB>topic:weight, got {shorten(line)}"
                )
            try:
                entries[word] = {taxonomy.resolve(topic): float(w) for topic, _, w in pairs}
            except ValueError as error:
                raise DataError(f"{path} line {number}: {error}") from error
        return cls(entries)

    def __or__(self, other: "Lexicon") -> "Lexicon":
        """Return both; where both know a word, `other` has the last say."""
        return Lexicon({**self.entries, **other.entries})

    def terms(self, segmenter: Segmenter) -> dict[tuple[str, ...], Mapping[str, float]]:
        """Return each entry as the segmenter cuts it, so that it can be a term.

        An entry that is cut into more than two words is no term, and is left out. Entries that are
        the same once folded point to the topics of all of them.
        """
        found: dict[tuple[str, ...], Mapping[str, float]] = {}
        for term, targets in zip(self._pieces(segmenter), self.entries.values(), strict=True):
            if _may_be_term(term):
                found[term] = {**found.get(term, {}), **targets}
        return found

    def no_terms(self, segmenter: Segmenter, most: int) -> tuple[str, ...]:
        """Return the entries, as written, that are not `most` words or fewer without a space."""
        return tuple(
            entry
            for entry, term in zip(self.entries, self._pieces(segmenter), strict=True)
            if not _may_be_term(term, most)
        )

    def cut_apart(self, segmenter: Segmenter) -> tuple[str, ...]:
        """Return the entries that the segmenter cuts into more than two words, as it folds them."""
        pieces = self._pieces(segmenter)
        return tuple("".join(term) for term in pieces if len(term) > 2 and " " not in term)

    def _pieces(self, segmenter: Segmenter) -> Iterator[tuple[str, ...]]:
        """Yield each entry as the segmenter cuts it."""
        # All at once: word by word it takes five times as long, and every fit asks.
        tokens = segmenter.cut(FoldedTexts.of(list(self.entries)).joined + "\n")
        start = 0
        for _ in self.entries:
            end = tokens.index("\n", start)
            yield _without_spaces_around(tokens[start:end])
            start = end + 1


def _may_be_term(pieces: Sequence[str], most: int = 2) -> bool:
    return 0 < len(pieces) <= most and " " not in pieces


def _without_spaces_around(tokens: Sequence[str]) -> tuple[str, ...]:
    inside = [place for place, one in enumerate(tokens) if one != " "]
    return tuple(tokens[inside[0] : inside[-1] + 1]) if inside else ()


@dataclass(frozen=True, slots=True)
class Priors:
    """What a training run knows beforehand, and how far it counts.

    Attributes
    ----------
    lexicon, lexicon_weight : words listed for topics; a weight of 0 leaves all words out
    vectors, vector_weight : word vectors
    context_weight : how far terms without a word vector count by their contexts
    described : words of topics' names and descriptions; None where labels are many: then no words,
        the listed ones neither, are added to what was learned
    """

    lexicon: Lexicon = field(default_factory=Lexicon)
    lexicon_weight: float = 0.0
    vectors: WordVectors | None = None
    vector_weight: float = 0.0
    context_weight: float = 0.0
    described: Lexicon | None = None

    def with_descriptions(self) -> "Priors":
        """Return priors whose lexicon holds the words of descriptions too, where not listed."""
        return replace(self, lexicon=(self.described or Lexicon()) | self.lexicon)

    def terms(self, segmenter: Segmenter) -> list[tuple[str, ...]]:
        """Return the terms that must be in the vocabulary for all of this to count."""
        found: list[tuple[str, ...]] = []
        if self.lexicon_weight:
            found.extend(self.with_descriptions().lexicon.terms(segmenter))
        if self.vectors is not None and self.vector_weight:
            found.extend((word,) for word in self.vectors.words)
        return found

    def design(self, features: TfidfFeatures, topics: Sequence[Topic], rows: TermRows) -> "Design":
        """Return the further features of every term; `rows` are the texts to train on."""
        blocks = []
        if self.lexicon_weight and self.lexicon.entries:
            blocks.append(self.lexicon_weight * lexicon_block(self.lexicon, features, topics))
        if self.vectors is not None and self.vector_weight:
            of_words = vector_block(self.vectors, features)
            block = self.vector_weight * of_words
            if self.context_weight:
                block += self.context_weight * context_block(of_words, rows)
            blocks.append(block)
        return Design(np.concatenate(blocks, axis=1) if blocks else None)


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The further features that stand beside the terms while a model is trained.

    Attributes
    ----------
    of_terms : ``(n_terms, n_further)`` float32, or None; a text's further features are the sums of
        its terms', weighted by their TF-IDF
    """

    of_terms: NDArray[np.float32] | None

    def matrix(self, rows: TermRows) -> "scipy.sparse.csr_matrix":
        """Return terms and further features side by side: ``(n_texts, n_terms + n_further)``."""
        import scipy.sparse

        X = rows.to_scipy()
        if self.of_terms is None:
            return X
        further = scipy.sparse.csr_matrix((X @ self.of_terms).astype(np.float32))
        return scipy.sparse.hstack([X, further], format="csr")

    def fold(self, coef: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the terms' own coefficients with those of the further features folded in.

        ``X w + (X D) v = X (w + D v)``: ``(n_terms + n_further, n_topics)`` becomes
        ``(n_terms, n_topics)``.
        """
        if self.of_terms is None:
            return coef
        n_terms = len(self.of_terms)
        folded: NDArray[np.float64] = coef[:n_terms] + self.of_terms @ coef[n_terms:]
        return folded


def lexicon_block(
    lexicon: Lexicon, features: TfidfFeatures, topics: Sequence[Topic]
) -> NDArray[Any]:
    """Return how far each term points to each topic: ``(n_terms, n_topics)`` float32."""
    column = {topic.id: number for number, topic in enumerate(topics)}
    place = features.vocabulary.word_terms()
    block = np.zeros((features.n_terms, len(topics)), dtype=np.float32)
    for term, targets in lexicon.terms(features.segmenter).items():
        row = place.get(" ".join(term))
        if row is not None:
            for topic, weight in targets.items():
                if topic in column:
                    block[row, column[topic]] = weight
    return block


def vector_block(vectors: WordVectors, features: TfidfFeatures) -> NDArray[Any]:
    """Return the vector of each term that is a word with one, else zeros."""
    place = {word: number for number, word in enumerate(features.vocabulary.words)}
    block = np.zeros((features.n_terms, vectors.codes.shape[1]), dtype=np.float32)
    rows = np.array([place.get(word, -1) for word in vectors.words], dtype=np.int64)
    block[rows[rows >= 0]] = vectors.vectors[rows >= 0]
    return block


def context_block(of_words: NDArray[np.float32], rows: TermRows) -> NDArray[Any]:
    """Return for each term without a word vector where its texts lie, else zeros.

    Parameters
    ----------
    of_words : ``(n_terms, n_dimensions)``, of `vector_block`
    rows : texts; terms that stand in fewer than three have no context

    Returns
    -------
    block : ``(n_terms, n_dimensions)`` float32, rows of length 1

    Notes
    -----
    A text lies where the weighted sum of its words' vectors points, less the mean of all texts; one
    without such a word nowhere. A term lies in the direction of the mean of its texts. After
    Schütze, Automatic Word Sense Discrimination (Computational Linguistics 24, 1998), who so places
    an occurrence of a word.
    """
    X = rows.to_scipy()
    texts = X @ of_words
    texts = _unit((texts - texts.mean(axis=0)) * texts.any(axis=1, keepdims=True))
    n_texts = np.bincount(rows.terms, minlength=rows.n_terms)
    wanted = np.flatnonzero(~of_words.any(axis=1) & (n_texts >= _FEWEST_TEXTS))
    present = X[:, wanted]
    present.data[:] = 1
    block = np.zeros_like(of_words)
    block[wanted] = _unit(present.T @ texts)
    return block


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows with length 1; one of zeros stays so."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = rows / np.maximum(lengths, np.float32(1e-30))
    return scaled


def are_few(Y: NDArray[Any]) -> bool:
    """Return whether the middle topic of ``(n_texts, n_topics)`` labels has few of them."""
    return bool(np.median(Y.sum(axis=0)) < FEW_POSITIVES)


def resolve_vectors(
    recipe: Recipe, Y: NDArray[Any], given: WordVectors | None
) -> tuple[Recipe, WordVectors | None]:
    """Return the word vectors to train with, and the recipe that names them.

    Parameters
    ----------
    Y : ``(n_texts, n_topics)``, labels, by which ``"auto"`` decides
    given : vectors that the caller brought; they win

    Raises
    ------
    ModelNotFoundError, ArtefactError
        The recipe names vectors that are not there or cannot be read. If ``"auto"`` finds none
        shipped, there are none.
    """
    if given is not None or not recipe.vectors:
        return recipe, given
    if recipe.vectors != AUTO:
        return recipe, load_vectors(recipe.vectors)
    if not are_few(Y) or not recipe.vector_weight:
        return replace(recipe, vectors=""), None
    shipped = shipped_vectors()
    return replace(recipe, vectors="" if shipped is None else SHIPPED), shipped


def shipped_vectors() -> WordVectors | None:
    """Return the shipped word vectors, None where there are none.

    Raises
    ------
    ArtefactError
        They cannot be read.
    """
    try:
        return load_vectors(SHIPPED)
    except ModelNotFoundError:
        return None
