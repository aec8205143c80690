"""The model: texts in, topics, decisions and reasons out. Knows no disk and no network."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.articles import (
    ArticlePrediction,
    choose_topics,
    decide_article,
    find_carriers,
    roll_up,
)
from classifier.choosing import Calibration, Chooser
from classifier.documents import headline_core
from classifier.errors import UnknownTopicError, near_miss
from classifier.features import Occurrences, TermRows, TfidfFeatures
from classifier.linear import LinearWeights
from classifier.metrics import Thresholds
from classifier.predictions import (
    Decision,
    Options,
    Piece,
    Prediction,
    Tags,
    TopicExplanation,
    TopicScore,
)
from classifier.taxonomy import Taxonomy, Topic
from classifier.text import fold_with_offsets

if TYPE_CHECKING:
    from classifier.documents import Article

__all__ = [
    "ArticlePrediction",
    "Calibration",
    "Decision",
    "Options",
    "Piece",
    "Prediction",
    "Tags",
    "TopicClassifier",
    "TopicExplanation",
    "TopicScore",
]

# Texts worked on at once: enough to drown numpy's overhead, few enough to stay in the cache. Long
# texts are fewer, so that neither time a character nor memory grows with their length.
_CHUNK = 2048
_CHUNK_CHARACTERS = 100 * _CHUNK


@dataclass(frozen=True, slots=True, eq=False)
class TopicClassifier:
    """A trained model.

    Attributes
    ----------
    topics : the topics, in the order of the columns
    features, weights, calibration, thresholds : the parts a text passes through, in this order
    exclusive : whether a text bears exactly one of the topics
    name, version : as in its ``model.json``
    digest : SHA-256 over its ``model.json``, which holds the hashes of all other files; ``""``
        before it is saved
    metadata : the rest of ``model.json``: recipe, corpora, measured scores, library versions

    Examples
    --------
    >>> import classifier
    >>> model = classifier.load()
    >>> [topic.name for topic in model.classify("女子轻信刷单返利损失八千元").topics]
    ['反诈防骗']
    """

    topics: tuple[Topic, ...]
    features: TfidfFeatures
    weights: LinearWeights
    calibration: Calibration
    thresholds: Thresholds
    exclusive: bool = False
    name: str = "unnamed"
    version: str = "0"
    digest: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)
    _default_chooser: Chooser = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_default_chooser", self._make_chooser(Options()))

    def classify(self, text: str, options: Options | None = None) -> Prediction:
        """Return the topics of one text.

        Raises
        ------
        TypeError
            `text` is not a string.
        """
        _refuse_other_than_one(text, "classify")
        return self._prediction(text, self._chooser(options))

    def predict(self, texts: Iterable[str], options: Options | None = None) -> list[Prediction]:
        """Return a prediction for each text, in order.

        Parameters
        ----------
        texts : any number of texts, each a str; an empty one gets no topic. What stands at the ends
            of a headline and is no part of it (a date, an outlet, ``[详细]``) has no say; see
            `classifier.documents.headline_core`
        options : topics to consider, lowest probability, most topics

        Raises
        ------
        TypeError
            `texts` is a bare string, or one of the texts is not a string.
        ValueError
            An option names a topic that the model does not have.
        """
        return list(self.iter_predict(texts, options))

    def iter_predict(
        self, texts: Iterable[str], options: Options | None = None
    ) -> Iterator[Prediction]:
        """Yield a prediction for each text, in order, reading no further ahead than one chunk.

        Takes and raises what `predict` does.
        """
        _refuse_bare_string(texts, "predict")
        chooser = self._chooser(options)
        for chunk in _chunks(texts):
            if len(chunk) == 1:
                yield self._prediction(chunk[0], chooser)
            else:
                yield from self._tags(chunk, chooser).predictions(chunk, self.topics)

    def tags(self, texts: Sequence[str], options: Options | None = None) -> Tags:
        """Return the topics of many texts as arrays; `predict` gives the same as objects.

        Takes and raises what `predict` does.
        """
        _refuse_bare_string(texts, "tags")
        chooser = self._chooser(options)
        return Tags.concatenate(
            [self._tags(chunk, chooser) for chunk in _chunks(texts)] or [self._tags([], chooser)]
        )

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """Return the probability of each topic for each text.

        Returns
        -------
        ``(n_texts, n_topics)`` float32, columns as `topics`. Where topics do not exclude each
        other a row need not sum to 1. A text without a known term gets zeros.

        Raises
        ------
        TypeError
            `texts` is a bare string, or one of the texts is not a string.
        """
        _refuse_bare_string(texts, "predict_proba")
        parts = [np.zeros((0, len(self.topics)), dtype=np.float32)]
        parts += [self._probabilities(self._rows(chunk)) for chunk in _chunks(texts)]
        return np.concatenate(parts)

    def classify_article(
        self, article: "Article", options: Options | None = None
    ) -> ArticlePrediction:
        """Return the topics of an article, its title and its paragraphs.

        Parameters
        ----------
        article : as `classifier.read_article` gives it; of one without title and paragraphs
            nothing is said
        options : as for `predict`, for the whole and for its parts

        Notes
        -----
        How the whole follows from its parts is in `classifier.articles.roll_up`.

        Raises
        ------
        ValueError
            An option names a topic that the model does not have.
        """
        texts = [*([article.title] if article.title else []), *article.paragraphs]
        if not texts:
            return ArticlePrediction((), "none", None, ())
        options = options or Options()
        parts = self.predict(texts, options)
        title = parts[0] if article.title else None
        paragraphs = tuple(parts[1:] if article.title else parts)
        topics, decision = self._whole(texts, parts, options)
        carriers = find_carriers(topics, paragraphs)
        return ArticlePrediction(topics, decision, title, paragraphs, carriers)

    def _whole(
        self, texts: Sequence[str], parts: Sequence[Prediction], options: Options
    ) -> tuple[tuple[TopicScore, ...], Decision]:
        """Return topics and decision of an article of these parts."""
        if len(parts) == 1:
            return parts[0].topics, parts[0].decision
        rolled = roll_up(self.predict_proba(texts))
        rolled[~self._considered(options)] = 0
        columns = choose_topics(
            rolled,
            exclusive=self.exclusive,
            min_probability=options.min_probability,
            max_topics=options.max_topics,
        )
        topics = tuple(
            TopicScore(self.topics[column].id, self.topics[column].name, float(rolled[column]))
            for column in columns
        )
        return topics, decide_article(rolled, columns, parts)

    def decision_function(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """Return the margin of each topic for each text: ``(n_texts, n_topics)`` float32.

        Takes and raises what `predict_proba` does.
        """
        _refuse_bare_string(texts, "decision_function")
        parts = [np.zeros((0, len(self.topics)), dtype=np.float32)]
        parts += [self.weights.margins(self._rows(chunk)) for chunk in _chunks(texts)]
        return np.concatenate(parts)

    def explain(self, text: str, options: Options | None = None) -> tuple[TopicExplanation, ...]:
        """Return for each topic of the text which pieces carried it.

        Parameters
        ----------
        text : one text
        options : as for `predict`; the topics that ``options.topics`` names are explained whether
            the text has them or not

        Notes
        -----
        A term's part of the margin is its weight times its TF-IDF value. It is shared out evenly
        among the places where the term stands, and there among its characters; a piece is a word
        as the segmenter cuts it and gets what its characters got.

        Raises
        ------
        TypeError, ValueError
            As for `classify`.
        """
        _refuse_other_than_one(text, "explain")
        prediction = self._prediction(text, self._chooser(options))
        rows = self._rows([text])
        if options is not None and options.topics is not None:
            probabilities = self._probabilities(rows)[0]
            columns = [self._column(topic) for topic in options.topics]
            asked = [(column, float(probabilities[column])) for column in columns]
        else:
            asked = [(self._column(score.id), score.probability) for score in prediction.topics]
        start, end = headline_core(text)
        spans = _Spans.of(text[start:end], start, self.features)
        return tuple(
            TopicExplanation(
                self.topics[column].id,
                self.topics[column].name,
                probability,
                spans.pieces(rows, self.weights.of_terms(rows.terms, column)),
                float(self.weights.intercept[column]),
            )
            for column, probability in asked
        )

    def _rows(self, texts: Sequence[str]) -> TermRows:
        try:
            return self.features.transform(list(map(_core, texts)))
        except (TypeError, AttributeError) as error:
            for index, text in enumerate(texts):
                if not isinstance(text, str):
                    raise TypeError(
                        f"text {index} is no str but {type(text).__name__}; "
                        "an empty cell is the empty string"
                    ) from error
            raise

    def _probabilities(self, rows: TermRows) -> NDArray[np.float32]:
        margins = self.weights.margins(rows)
        return self.calibration.of_texts(margins, rows.known, exclusive=self.exclusive)

    def _column(self, topic: str) -> int:
        for column, known in enumerate(self.topics):
            if known.id == topic:
                return column
        taxonomy = Taxonomy(self.topics)
        found = taxonomy.find(topic)
        if found is not None:
            return taxonomy.ids.index(found)
        hint = near_miss(topic, [known.id for known in self.topics])
        raise UnknownTopicError(f"the model {self.name!r} has no topic {topic!r}{hint}")

    def _chooser(self, options: Options | None) -> Chooser:
        return self._default_chooser if options is None else self._make_chooser(options)

    def _make_chooser(self, options: Options) -> Chooser:
        considered = self._considered(options)
        return Chooser.of(
            self.calibration, self.thresholds, considered, options, exclusive=self.exclusive
        )

    def _considered(self, options: Options) -> NDArray[np.bool]:
        considered = np.full(len(self.topics), options.topics is None)
        for topic in options.topics or ():
            considered[self._column(topic)] = True
        for topic in options.exclude_topics:
            considered[self._column(topic)] = False
        return considered

    def _prediction(self, text: str, chooser: Chooser) -> Prediction:
        rows = self._rows([text])
        margins = self.weights.margins(rows)
        found, decision = chooser.choose_one(margins, text, known=len(rows.terms) > 0)
        return Prediction.of(text, found, decision, self.topics)

    def _tags(self, texts: Sequence[str], chooser: Chooser) -> Tags:
        rows = self._rows(texts)
        return chooser.choose(self.weights.margins(rows), rows.known, texts)


def _core(text: str) -> str:
    """Return what is tagged of a text: without date, outlet and the like at its ends."""
    start, end = headline_core(text)
    return text[start:end]


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts in lists to be worked on at once, reading no further ahead than `_CHUNK`."""
    stream = iter(texts)
    while chunk := list(islice(stream, _CHUNK)):
        try:
            lengths = list(map(len, chunk))
        except TypeError:  # one is no str, which is told of where they are worked on
            yield chunk
            continue
        if sum(lengths) <= _CHUNK_CHARACTERS:
            yield chunk
            continue
        start, held = 0, 0
        for at, length in enumerate(lengths):
            if held + length > _CHUNK_CHARACTERS and at > start:
                yield chunk[start:at]
                start, held = at, 0
            held += length
        yield chunk[start:]


def _refuse_other_than_one(text: object, method: str) -> None:
    if not isinstance(text, str):
        raise TypeError(
            f"{method} takes one text, a str, got {type(text).__name__}; "
            + ("predict takes many texts" if method == "classify" else "call it for each text")
        )


def _refuse_bare_string(texts: object, method: str) -> None:
    if isinstance(texts, (str, bytes)):
        raise TypeError(
            f"{method} takes many texts, got one {type(texts).__name__}; "
            "call classify(text), or pass [text]"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Spans:
    """Where the tokens and the terms of a text stand, and where that is in the original.

    text : the part of the original that is tagged
    first : where in the original it starts
    ended : whether its beginning, its end and its length count as characters
    """

    text: str
    first: int
    ended: bool
    offsets: NDArray[np.int64]
    token_ends: NDArray[np.int64]
    occurrences: Occurrences

    @classmethod
    def of(cls, text: str, first: int, features: TfidfFeatures) -> "_Spans":
        folded, offsets = fold_with_offsets(text, punctuation=features.punctuation)
        lengths = [len(token) for token in features.segmenter.cut(folded)]
        ends = np.cumsum(np.array(lengths, dtype=np.int64))
        return cls(text, first, features.punctuation, offsets, ends, features.occurrences(folded))

    def pieces(self, rows: TermRows, weights: NDArray[np.float32]) -> tuple[Piece, ...]:
        """Share the terms' parts of a margin out among the tokens."""
        found = self.occurrences
        if not len(found.terms):
            return ()
        at = np.searchsorted(rows.terms, found.terms)
        times = np.bincount(at, minlength=len(rows.terms))
        a_character = (weights * rows.values / times)[at] / (found.ends - found.starts)
        # Sums over ranges of characters: add where a term begins, take away where it ends.
        change = np.zeros(len(self.offsets))
        np.add.at(change, found.starts, a_character)
        np.add.at(change, found.ends, -a_character)
        total = np.concatenate([[0.0], np.cumsum(np.cumsum(change[:-1]))])
        pieces = []
        for start, end in zip([0, *self.token_ends[:-1]], self.token_ends, strict=True):
            weight = float(total[end] - total[start])
            if not math.isclose(weight, 0, abs_tol=1e-9):
                begin, after = self._place(start, end)
                piece = self.text[begin:after]
                pieces.append(Piece(self.first + begin, self.first + after, piece, weight))
        return tuple(pieces)

    def _place(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the text the folded characters from `start` to `end` came from."""
        begin, last = int(self.offsets[start]), self.offsets[end - 1]
        if self.ended and (start == 0 or begin == len(self.text)):
            return begin, begin  # the text's beginning, end or length, which are no characters
        return begin, int(self.offsets[np.searchsorted(self.offsets, last, side="right")])
