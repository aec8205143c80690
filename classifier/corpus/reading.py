"""From a labelled file to a corpus: settle the taxonomy, resolve the labels, tell what is wrong."""

import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from classifier.corpus.examples import Corpus, Example
from classifier.corpus.labels import topics_joined
from classifier.corpus.rows import LabelledRow, LabelledRows, read_rows
from classifier.errors import DataError, UnknownLabelsError, UnknownTopicError, counted, shorten
from classifier.taxonomy import Taxonomy

_SHOWN_ERRORS = 10
_MOSTLY = 0.75


def read_corpus(
    path: str | Path,
    *,
    taxonomy: Taxonomy | None = None,
    format: str | None = None,  # noqa: A002
    encoding: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    exclusive: bool | None = None,
) -> Corpus:
    r"""Return the labelled texts of a file.

    Parameters
    ----------
    path : file, or ``"-"`` for standard input: JSONL, JSON, CSV, TSV, XLSX, Parquet, fastText lines
        (``.txt``), doccano's JSONL, Label Studio's JSON; ``.gz`` and ``.xz`` are unpacked
    taxonomy : topics by whose ids or names the labels are known. By default the package's own, if
        at least three quarters of the labels, each counted as often as it occurs, are in it (any
        other is an error then); otherwise the labels found, in the order of their code points
    format : name of the format; by default what the suffix says, or what the first line of standard
        input shows
    encoding : encoding of a text format; by default it is found
    text_column : by default ``text``, ``title``, ``标题`` and the like
    label_column : by default ``topics``, ``labels``, ``主题`` or ``标签`` (a list, or joined by
        ``|``, ``;`` or ``、``, and by ``,``, ``｜`` or ``/`` where every part is a topic of the
        taxonomy), or ``label``, ``category``, ``类别``, ``分类`` and the like; a column that
        tagging wrote only where there is no other
    exclusive : each text has exactly one class. By default so where the labels are plain texts in
        a column of the second kind

    Returns
    -------
    corpus : the texts in the order of the file. A field ``kind`` is kept as such, other fields as
        `Example.extra`. Rows with neither text nor label are left out, and so are those whose text
        stands further down with a field ``corrected_at``, as exported corrections have it

    Raises
    ------
    DataError
        Rows are broken, lack labels, have labels and no text, or have labels that are not in the
        taxonomy; the message tells the first ten and how many there are. Or the file holds no text.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "train.csv")
    >>> _ = path.write_text("text,topics\n渠水引到旱塬上,水利水务\n人物故事,\n", encoding="utf-8")
    >>> read_corpus(path).examples[0]
    Example(text='渠水引到旱塬上', topics=('water',), kind='headline', extra={})
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
    examples = []
    for row in read.rows:
        topics, problem = settled.resolve(row, exclusive=read.exclusive)
        if problem is not None:
            read.add_bad(row.number, problem, row.text)
        elif not row.is_blank:
            examples.append(Example(row.text, topics, row.kind, row.extra))
    if read.bad:
        raise (UnknownLabelsError if settled.unknown else DataError)(_summary(read, settled))
    if not examples:
        raise DataError(f"{read.name}: holds no labelled text")
    return Corpus(tuple(examples), settled.taxonomy, read.exclusive, tuple(read.notes))


def _summary(read: LabelledRows, settled: "SettledTaxonomy") -> str:
    bad = sorted(read.bad, key=lambda row: row.number)
    lines = [row.message for row in bad[:_SHOWN_ERRORS]]
    if len(bad) > _SHOWN_ERRORS:
        lines.append(f"and {counted(len(bad) - _SHOWN_ERRORS, 'more row')} that cannot be used")
    if settled.origin == "default" and settled.unknown:
        lines.append(
            "the labels are taken for the package's own topics, as most are; "
            "if they are others, give their taxonomy (--taxonomy)"
        )
    return "\n".join(lines)


@dataclass(frozen=True)
class SettledTaxonomy:
    """The taxonomy of a file, and the labels looked up in it.

    Attributes
    ----------
    taxonomy : the taxonomy
    origin : ``"given"``, ``"default"`` or ``"labels"``
    ids : id of each label, or ids of those that it joins; empty where the taxonomy has none
    """

    taxonomy: Taxonomy
    origin: str
    ids: Mapping[str, tuple[str, ...]]

    def resolve(self, row: LabelledRow, *, exclusive: bool) -> tuple[tuple[str, ...], str | None]:
        """Return the topics of a row, each once, and what is wrong with its labels, if anything."""
        topics = tuple(dict.fromkeys(id_ for label in row.labels for id_ in self.ids[label]))
        unknown = [label for label in row.labels if not self.ids[label]]
        if exclusive and unknown and self.joins(unknown[0]):
            return topics, (
                f"{shorten(unknown[0])} names several topics, where each text has exactly one "
                "class; several belong in a column named 'topics' or '主题'"
            )
        if unknown:
            return topics, "; ".join(self.problem(label) for label in unknown)
        if exclusive and len(topics) != 1:
            return topics, f"has {len(topics)} labels, where each text has exactly one class"
        if row.is_blank and topics:
            return topics, "has labels without text; write the text, or delete the row"
        return topics, None

    @property
    def unknown(self) -> list[str]:
        """Labels that are no topic of the taxonomy, nor several joined."""
        return [label for label, ids in self.ids.items() if not ids and not self.joins(label)]

    def joins(self, label: str) -> bool:
        """Say whether a label that is no topic is several, joined."""
        return self.taxonomy.find(label) is None and bool(
            topics_joined([label], self.taxonomy.find)
        )

    def problem(self, label: str) -> str:
        """Return what is told of a label that has no id."""
        if label not in self._problems:
            try:
                self.taxonomy.resolve(label)
            except UnknownTopicError as error:
                self._problems[label] = str(error)
        return self._problems[label]

    @functools.cached_property
    def _problems(self) -> dict[str, str]:
        return {}


def settle_taxonomy(read: LabelledRows, taxonomy: Taxonomy | None) -> SettledTaxonomy:
    """Return the taxonomy of the labels as `read_corpus` says, and each label looked up in it."""
    counts = Counter(label for row in read.rows for label in row.labels)
    labels = sorted(counts)
    find = _find_class if read.exclusive else _find_topics
    if taxonomy is not None:
        return SettledTaxonomy(taxonomy, "given", find(labels, taxonomy))
    default = Taxonomy.default()
    ids = find(labels, default)
    if sum(counts[label] for label in labels if ids[label]) >= _MOSTLY * counts.total():
        return SettledTaxonomy(default, "default", ids)
    own = Taxonomy.from_ids(labels)
    return SettledTaxonomy(own, "labels", _find_class(labels, own))


def _find_class(labels: Iterable[str], taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    """Return the id of each label, taken whole."""
    found = {label: taxonomy.find(label) for label in labels}
    return {label: () if id_ is None else (id_,) for label, id_ in found.items()}


def _find_topics(labels: Iterable[str], taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    """Return the id of each label, or the ids of its parts where each of them has one."""
    return {label: topics_joined([label], taxonomy.find) or () for label in labels}


def shipped_among(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names by which the package's own taxonomy knows a topic."""
    own = Taxonomy.default()
    return tuple(name for name in names if own.find(name) is not None)
