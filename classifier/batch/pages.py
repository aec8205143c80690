"""Many article pages: read, tagged, in order, in several processes where it pays."""

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.batch.shapes import as_object
from classifier.batch.workers import Tagger
from classifier.documents import read_article
from classifier.errors import DataError
from classifier.model import ArticlePrediction, Options, Prediction, TopicClassifier
from classifier.text import decode

if TYPE_CHECKING:
    # Its patterns take as long to compile as numpy to import; a list of headlines needs none.
    from classifier.documents import Article

PAGES_ALONE = 200

Page = tuple[str, "Article", ArticlePrediction]


def classify_pages(
    tagger: Tagger, sources: Sequence[str], *, encoding: str | None = None
) -> Iterator[Page]:
    """Yield each page with what it holds and what it is about.

    Parameters
    ----------
    tagger : the model, its options and its processes, which are started for the pages after the
        first two hundred
    sources : paths of pages, plain text or HTML; ``"-"`` is one page on standard input
    encoding : of all pages; by default found for each

    Yields
    ------
    source, article, prediction : in the order of `sources`

    Raises
    ------
    DataError
        A page cannot be read.
    DecodingError
        It is text in none of the encodings tried.
    """
    rest = iter(sources)
    for source in islice(rest, PAGES_ALONE):
        article = read_page(source, encoding)
        yield source, article, tagger.model.classify_article(article, tagger.options)
    # Standard input is this process's alone.
    pages = ((source, encoding, _read(source) if source == "-" else None) for source in rest)
    for (source, _, _), (article, prediction) in tagger.map(_classify, pages):
        yield source, article, prediction


def _classify(
    model: TopicClassifier, options: Options | None, page: tuple[str, str | None, bytes | None]
) -> tuple["Article", ArticlePrediction]:
    article = read_page(*page)
    return article, model.classify_article(article, options)


def read_page(source: str, encoding: str | None = None, data: bytes | None = None) -> "Article":
    """Return the parts of the page in a file, or of the one on standard input.

    Parameters
    ----------
    source : path, or ``"-"``
    encoding : by default it is found
    data : its bytes, if they were read before

    Raises
    ------
    DataError, DecodingError
        As for `classifier.read_article`.
    """
    name = _name(source)
    if data is None:
        data = _read(source)
    if encoding is not None:
        return read_article(decode(data, encoding=encoding, where=name)[0])
    if source != "-":
        return read_article(Path(source))
    return read_article(data)


def _read(source: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise DataError(f"{_name(source)}: cannot be read: {error.strerror}") from error


def _name(source: str) -> str:
    return "standard input" if source == "-" else source


def article_object(article: "Article", prediction: ArticlePrediction) -> dict[str, object]:
    """Return a page in the shape of the JSON outputs."""
    whole = as_object(Prediction("", prediction.topics, prediction.decision))
    title = None if prediction.title is None else as_object(prediction.title)
    return {
        "title": article.title,
        "published": article.published,
        "source": article.source,
        **whole,
        "author": article.author,
        "section": article.section,
        "title_topics": [] if title is None else title["topics"],
        "paragraphs": [{"text": one.text, **as_object(one)} for one in prediction.paragraphs],
        "left_out": [{"text": one.text, "reason": one.reason} for one in article.left_out],
    }
