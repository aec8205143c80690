"""Documents to parts, by rules: headline lists and article pages. Nothing here knows topics.

rules.py      what a rule is; the names of outlets
headlines.py  a list's headlines, less their numbers and bullets
core.py       the part of a headline that is about something
ends.py       what stands before and behind it
stream.py     the same for a list that is read as it comes
details.py    the line of a page that holds its date, source and names
lines.py      what each line of a page is
article.py    the lines put together to an article
html.py       the same for HTML, with trafilatura
kinds.py      what a pasted text is
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.errors import DataError
from classifier.lazy import fetch_on_use

if TYPE_CHECKING:
    from classifier.documents.article import REASONS as REASONS
    from classifier.documents.article import Article as Article
    from classifier.documents.article import LeftOut as LeftOut
    from classifier.documents.core import headline_core as headline_core
    from classifier.documents.ends import HEADS as HEADS
    from classifier.documents.ends import TAILS as TAILS
    from classifier.documents.headlines import Headline as Headline
    from classifier.documents.headlines import HeadlineList as HeadlineList
    from classifier.documents.headlines import read_headlines as read_headlines
    from classifier.documents.kinds import Kind as Kind
    from classifier.documents.kinds import guess_kind as guess_kind
    from classifier.documents.kinds import is_html as is_html
    from classifier.documents.kinds import looks_like_blob as looks_like_blob
    from classifier.documents.stream import strip_markers as strip_markers

# Fetched on first use: compiling the patterns takes as long as importing numpy, and a list of
# headlines needs a few of them only.
_HOME = {
    "article": ("REASONS", "Article", "LeftOut"),
    "core": ("headline_core",),
    "ends": ("HEADS", "TAILS"),
    "headlines": ("Headline", "HeadlineList", "read_headlines"),
    "kinds": ("Kind", "guess_kind", "is_html", "looks_like_blob"),
    "stream": ("strip_markers",),
}
__getattr__ = fetch_on_use(__name__, _HOME)

__all__ = [
    "HEADS",
    "REASONS",
    "TAILS",
    "Article",
    "Headline",
    "HeadlineList",
    "Kind",
    "LeftOut",
    "guess_kind",
    "headline_core",
    "is_html",
    "looks_like_blob",
    "read_article",
    "read_headlines",
    "strip_markers",
]


def read_article(page: str | bytes | os.PathLike[str]) -> "Article":
    r"""Return the parts of one article page.

    Parameters
    ----------
    page : the text of the page, plain or HTML; or its bytes, in any of the encodings that Chinese
        pages come in; or the path of a file. A ``str`` is always a text, never a path.

    Returns
    -------
    article : title, date, source, author, section, paragraphs, and each line left out with the
        reason. An empty page gives an empty article; see `read_plain` for one line alone.

    Raises
    ------
    DataError
        The file cannot be read.
    DecodingError
        The bytes are text in no encoding tried.
    MissingExtraError
        The page is HTML, and trafilatura, of the extra ``html``, is not installed.

    Examples
    --------
    >>> page = "春灌开闸放水\n来源：沙湖日报 时间：2021-03-05\n\n今天，干渠放水。"
    >>> article = read_article(page)
    >>> article.title, article.published, article.source, article.paragraphs
    ('春灌开闸放水', '2021-03-05', '沙湖日报', ('今天，干渠放水。',))
    """
    from classifier.documents.article import read_plain
    from classifier.documents.html import decode_page, read_html
    from classifier.documents.kinds import is_html

    where = "page"
    if isinstance(page, os.PathLike):
        path = Path(page)
        where = str(path)
        try:
            page = path.read_bytes()
        except OSError as error:
            raise DataError(
                f"{where}: cannot be read: {error.strerror}; check the path and its permissions"
            ) from error
    if not isinstance(page, str | bytes):
        raise TypeError(f"page must be a str, bytes or a path, not {type(page).__name__}")
    text = decode_page(page, where=where) if isinstance(page, bytes) else page
    return read_html(text) if is_html(text) else read_plain(text)
