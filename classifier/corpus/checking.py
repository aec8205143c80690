"""What is wrong with a labelled file, all of it, before training on it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from classifier.corpus.examples import Corpus, Example
from classifier.corpus.reading import SettledTaxonomy, settle_taxonomy
from classifier.corpus.reprints import group_reprints, letters_of
from classifier.corpus.rows import LabelledRow, LabelledRows, read_rows
from classifier.tables import BadRow
from classifier.taxonomy import Taxonomy
from classifier.text import normalize

FEW_TEXTS = 10  # a topic with fewer is warned about, here and when a model is trained
SHORT_CHARS, LONG_CHARS = 4, 2000


@dataclass(frozen=True, slots=True)
class TopicCount:
    """How many texts have a topic; with fewer than ten a model can only guess at it."""

    id: str
    name: str
    n_texts: int


@dataclass(frozen=True, slots=True)
class UnknownTopic:
    """A label that is not in the taxonomy.

    Attributes
    ----------
    label : the label as written
    problem : what is told of it, with the nearest topic
    rows : where it stands
    """

    label: str
    problem: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SameText:
    """Rows whose texts are equal once normalised.

    Attributes
    ----------
    text : the first of them
    rows : where it stands
    labels : topics of each of the rows
    """

    text: str
    rows: tuple[int, ...]
    labels: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """What a labelled file holds and what is wrong with it; rows are numbers as in the file.

    Attributes
    ----------
    name, unit, format, encoding : the file, what rows count (``line`` or ``row``), how it was read
    taxonomy : ``given``, ``default``, or ``labels`` if it was made of those found
    exclusive : each text has one class
    n_rows : rows in all, the bad ones too
    n_texts : rows that can be used, as they stand
    n_without_topic : texts known to have no topic
    n_distinct : different texts of those, reprints set aside: what a model really sees
    kinds : how many texts of each kind
    topics : the taxonomy's topics and their texts
    few : topics with fewer than ten texts
    unknown_topics : labels that are not in the taxonomy
    bad_rows : rows that cannot be used, by number
    notes : what else there is to know, as `Corpus.notes`
    empty, short, long : rows without text, which are not of use, with fewer than four characters,
        with more than 2,000
    duplicates : texts that come again with the same labels
    conflicts : texts that come again with other labels
    reprints : groups of rows that tell one story in nearly the same words, equal texts not counted
    corpus : what `read_corpus` returns of the file; None if it would refuse it
    """

    name: str
    unit: str
    format: str
    encoding: str | None
    taxonomy: str
    exclusive: bool
    n_rows: int
    n_texts: int
    n_without_topic: int
    n_distinct: int
    kinds: Mapping[str, int]
    topics: tuple[TopicCount, ...]
    few: tuple[TopicCount, ...]
    unknown_topics: tuple[UnknownTopic, ...]
    bad_rows: tuple[BadRow, ...]
    notes: tuple[str, ...]
    empty: tuple[int, ...]
    short: tuple[int, ...]
    long: tuple[int, ...]
    duplicates: tuple[SameText, ...]
    conflicts: tuple[SameText, ...]
    reprints: tuple[tuple[int, ...], ...]
    corpus: Corpus | None

    @property
    def is_usable(self) -> bool:
        """`read_corpus` takes the file."""
        return self.corpus is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the report, less the corpus, as plain data for JSON."""
        plain = asdict(replace(self, corpus=None))
        del plain["corpus"]
        return plain | {"is_usable": self.is_usable}


def check_corpus(
    path: str | Path,
    *,
    taxonomy: Taxonomy | None = None,
    format: str | None = None,  # noqa: A002
    encoding: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    exclusive: bool | None = None,
) -> CorpusReport:
    """Return what a labelled file holds and all that is wrong with it.

    Parameters
    ----------
    path, taxonomy, format, encoding, text_column, label_column, exclusive : as `read_corpus`

    Raises
    ------
    DataError
        The file as a whole cannot be read: it is missing, damaged, or has no column of texts or of
        labels. What is wrong with rows is in the report.
    """
    read = read_rows(
        path,
        taxonomy=taxonomy,
        format=format,
        encoding=encoding,
        text_column=text_column,
        label_column=label_column,
        exclusive=exclusive,
    )
    settled = settle_taxonomy(read, taxonomy)
    n_rows = len(read.rows) + len(read.bad) + len(read.corrected)
    usable: list[tuple[LabelledRow, tuple[str, ...]]] = []
    for row in read.rows:
        topics, problem = settled.resolve(row, exclusive=read.exclusive)
        if problem is None and not row.is_blank:
            usable.append((row, topics))
        elif problem is not None and all(settled.ids[label] for label in row.labels):
            read.add_bad(row.number, problem, row.text)
    topic_counts = _count_topics(settled, [topics for _, topics in usable])
    same = _same_texts(usable)
    unknown = _unknown_topics(settled, read)
    corpus = None
    if usable and not read.bad and not unknown:
        examples = tuple(Example(row.text, topics, row.kind, row.extra) for row, topics in usable)
        corpus = Corpus(examples, settled.taxonomy, read.exclusive, tuple(read.notes))
    reprints, n_distinct = _reprints([row for row, _ in usable], corpus)
    return CorpusReport(
        name=read.name,
        unit=read.unit,
        format=read.format,
        encoding=read.encoding,
        taxonomy=settled.origin,
        exclusive=read.exclusive,
        n_rows=n_rows,
        n_texts=len(usable),
        n_without_topic=sum(not topics for _, topics in usable),
        n_distinct=n_distinct,
        kinds=dict(Counter(row.kind for row, _ in usable).most_common()),
        topics=topic_counts,
        few=tuple(topic for topic in topic_counts if topic.n_texts < FEW_TEXTS),
        unknown_topics=unknown,
        bad_rows=tuple(sorted(read.bad, key=lambda row: row.number)),
        notes=tuple(read.notes),
        empty=tuple(row.number for row in read.rows if row.is_blank),
        short=tuple(row.number for row in read.rows if 0 < len(row.text.strip()) < SHORT_CHARS),
        long=tuple(row.number for row in read.rows if len(row.text) > LONG_CHARS),
        duplicates=tuple(one for one in same if _agree(one)),
        conflicts=tuple(one for one in same if not _agree(one)),
        reprints=reprints,
        corpus=corpus,
    )


def _count_topics(
    settled: SettledTaxonomy, topics: list[tuple[str, ...]]
) -> tuple[TopicCount, ...]:
    counts = Counter(topic for listed in topics for topic in listed)
    return tuple(TopicCount(one.id, one.name, counts[one.id]) for one in settled.taxonomy)


def _unknown_topics(settled: SettledTaxonomy, read: LabelledRows) -> tuple[UnknownTopic, ...]:
    """Return the unknown labels, the most frequent first."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row in read.rows:
        for label in row.labels:
            if not settled.ids[label]:
                rows[label].append(row.number)
    listed = sorted(rows.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(UnknownTopic(label, settled.problem(label), tuple(at)) for label, at in listed)


def _same_texts(usable: list[tuple[LabelledRow, tuple[str, ...]]]) -> list[SameText]:
    letters = letters_of([row.text for row, _ in usable])
    n_alike = Counter(letters)  # normalising is slow, so only where it can matter
    by_text: dict[str, list[tuple[LabelledRow, tuple[str, ...]]]] = defaultdict(list)
    for (row, topics), key in zip(usable, letters, strict=True):
        if n_alike[key] > 1 and (text := normalize(row.text)):
            by_text[text].append((row, topics))
    return [
        SameText(
            same[0][0].text,
            tuple(row.number for row, _ in same),
            tuple(topics for _, topics in same),
        )
        for same in by_text.values()
        if len(same) > 1
    ]


def _agree(same: SameText) -> bool:
    return len({frozenset(topics) for topics in same.labels}) == 1


def _reprints(
    rows: list[LabelledRow], corpus: Corpus | None
) -> tuple[tuple[tuple[int, ...], ...], int]:
    """Return the groups of reprints whose texts are not all equal, and the number of all groups.

    A corpus of the rows is asked, since it is asked again when it is trained on and finds the
    groups only once.
    """
    groups = group_reprints([row.text for row in rows]) if corpus is None else corpus.groups()
    order = np.argsort(groups, kind="stable")
    ends = np.flatnonzero(np.diff(groups[order])) + 1
    stories = [[rows[n] for n in members.tolist()] for members in np.split(order, ends)]
    found = tuple(
        tuple(row.number for row in story)
        for story in stories
        if len(story) > 1 and len({normalize(row.text) for row in story}) > 1
    )
    return found, len(np.unique(groups))
