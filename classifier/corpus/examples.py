"""A text with its labels, and many of them: what models are trained on and scored with."""

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier.corpus.folds import deal
from classifier.corpus.reprints import group_reprints
from classifier.errors import DataError, UnknownTopicError, counted, shorten
from classifier.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the topics that a person gave it.

    Attributes
    ----------
    text : the text as it stands
    topics : ids of its topics, the most central first; empty for a text known to have none
    kind : ``"headline"`` or ``"paragraph"``
    extra : what else its row held
    """

    text: str
    topics: tuple[str, ...]
    kind: str = "headline"
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Corpus:
    """Labelled texts with their taxonomy.

    Attributes
    ----------
    examples : the texts in order
    taxonomy : their topics, in column order
    exclusive : each text has exactly one topic, as in most public benchmarks
    notes : what was seen when it was read that the person who labelled should know

    Raises
    ------
    DataError
        A topic is not in the taxonomy, or a text of an exclusive corpus has not exactly one.

    Examples
    --------
    >>> corpus = Corpus((Example("修通水渠", ("water",)), Example("人物故事", ())),
    ...                 Taxonomy.from_ids(["water", "energy"]))
    >>> corpus.labels().tolist()
    [[1, 0], [0, 0]]
    """

    examples: tuple[Example, ...]
    taxonomy: Taxonomy
    exclusive: bool = False
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for number, example in enumerate(self.examples, start=1):
            if isinstance(example.topics, str):
                raise TypeError(
                    f"example {number}: topics must be a tuple of ids, got {example.topics!r}"
                )
            if self.exclusive and len(example.topics) != 1:
                raise DataError(
                    f"example {number}, {shorten(example.text, 30)}: has {len(example.topics)} "
                    "topics, and a text of an exclusive corpus has exactly one"
                )
            for topic in example.topics:
                if topic not in self.taxonomy:
                    try:
                        self.taxonomy.index(topic)
                    except UnknownTopicError as error:
                        raise DataError(f"example {number}: {error}") from error

    def __len__(self) -> int:
        return len(self.examples)

    def __iter__(self) -> Iterator[Example]:
        return iter(self.examples)

    def __add__(self, other: "Corpus") -> "Corpus":
        """Return the texts of both, those of `other` last.

        Raises
        ------
        DataError
            Their taxonomies differ, or only one is exclusive.
        """
        if self.taxonomy != other.taxonomy:
            raise DataError(
                f"the corpora have different taxonomies, of {len(self.taxonomy)} and "
                f"{len(other.taxonomy)} topics; read both with the same taxonomy"
            )
        if self.exclusive != other.exclusive:
            raise DataError("one corpus is exclusive and the other is not; read both alike")
        examples, notes = self.examples + other.examples, self.notes + other.notes
        return Corpus(examples, self.taxonomy, self.exclusive, notes)

    @functools.cached_property
    def texts(self) -> tuple[str, ...]:
        """Texts of the examples."""
        return tuple(example.text for example in self.examples)

    @functools.cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of the examples."""
        return tuple(example.kind for example in self.examples)

    def labels(self) -> NDArray[np.int8]:
        """Return which topics the texts have.

        Returns
        -------
        Y : ``(n_texts, n_topics)`` int8, 0 or 1; columns as the taxonomy
        """
        Y = np.zeros((len(self), len(self.taxonomy)), dtype=np.int8)
        index = self.taxonomy.index
        cells = [(n, index(topic)) for n, one in enumerate(self.examples) for topic in one.topics]
        if cells:
            rows, columns = zip(*cells, strict=True)
            Y[rows, columns] = 1
        return Y

    def groups(self) -> NDArray[np.int64]:
        """Return which texts are reprints of each other, as `group_reprints` finds them.

        Returns
        -------
        groups : ``(n_texts,)`` int64, from 0 in the order in which they come up; read-only
        """
        return self._groups

    @functools.cached_property
    def _groups(self) -> NDArray[np.int64]:
        groups = group_reprints(self.texts)
        groups.flags.writeable = False
        return groups

    def fingerprint(self) -> str:
        """Return the SHA-256 of the examples and their order, in hexadecimal digits."""
        digest = hashlib.sha256()
        dump = json.JSONEncoder(ensure_ascii=True, sort_keys=True, default=str).encode
        for one in self.examples:
            row = [one.text, one.topics, one.kind, dict(one.extra)]
            digest.update(dump(row).encode("ascii") + b"\n")
        return digest.hexdigest()

    def subset(self, indices: Sequence[int] | NDArray[np.int64]) -> "Corpus":
        """Return the examples at these positions, in this order."""
        chosen = np.asarray(indices, dtype=np.int64).tolist()
        return Corpus(tuple(self.examples[n] for n in chosen), self.taxonomy, self.exclusive)

    def with_seen_topics(self) -> "Corpus":
        """Return the corpus less the topics that no text has.

        Returns
        -------
        seen : the corpus itself where nothing is to be left out, or no text has a topic

        Examples
        --------
        >>> topics = Taxonomy.from_ids(["water", "energy"])
        >>> Corpus((Example("修通水渠", ("water",)),), topics).with_seen_topics().taxonomy.ids
        ('water',)
        """
        ids = {topic for example in self.examples for topic in example.topics}
        seen = tuple(topic for topic in self.taxonomy if topic.id in ids)
        if len(seen) in (0, len(self.taxonomy)):
            return self
        return Corpus(self.examples, Taxonomy(seen), self.exclusive)

    def folds(self, n_folds: int, *, seed: int = 0) -> NDArray[np.int64]:
        """Return the fold of each text: reprints in one, topics in equal shares in all.

        Returns
        -------
        folds : ``(n_texts,)`` int64, from 0 to ``n_folds - 1``, none empty

        Raises
        ------
        ValueError
            `n_folds` is less than 2.
        DataError
            There are fewer stories than folds.
        """
        if n_folds < 2:
            raise ValueError(f"n_folds must be at least 2, got {n_folds}")
        groups = self.groups()
        n_groups = int(groups.max(initial=-1)) + 1
        if n_groups < n_folds:
            raise DataError(
                f"the corpus has {counted(n_groups, 'different text')}, reprints set aside, too "
                f"few for {n_folds} folds; add texts or lower the number of folds"
            )
        return deal(self.labels(), groups, [1 / n_folds] * n_folds, seed=seed)

    def split(self, *shares: float, seed: int = 0) -> tuple["Corpus", ...]:
        """Return the corpus in parts: reprints in one, topics in their shares in all.

        Parameters
        ----------
        shares : how much of the texts each part is to have; they sum to 1
        seed : of the draw

        Raises
        ------
        ValueError
            There are fewer than two shares, one is not above 0, or they do not sum to 1.

        Examples
        --------
        >>> words = ["修水渠", "建水库", "发电厂", "输电线", "煤矿井", "供水站", "变电所", "河道口"]
        >>> corpus = Corpus(tuple(Example(word, ()) for word in words), Taxonomy.from_ids(["水"]))
        >>> [len(part) for part in corpus.split(0.75, 0.25)]
        [6, 2]
        """
        if len(shares) < 2 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-6:
            raise ValueError(f"shares must be two or more above 0 that sum to 1, got {shares}")
        parts = deal(self.labels(), self.groups(), shares, seed=seed)
        return tuple(self.subset(np.flatnonzero(parts == part)) for part in range(len(shares)))
