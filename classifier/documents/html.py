"""Article pages in HTML: the paragraphs by trafilatura, what stands around them by our own rules.

The page's visible text, one block a line, goes through the rules for a page copied from a browser.
They give date, source and section as the page writes them, which trafilatura does not.
"""

import logging
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from classifier.documents.article import OUTSIDE, Article, read_lines, title_lines
from classifier.documents.lines import TEXT, Line, kind_of_line, split_lines
from classifier.errors import MissingExtraError
from classifier.text import decode, is_charset

_BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hr", "html", "li", "main", "nav", "ol", "option", "p", "pre", "section",
        "table", "tbody", "td", "th", "thead", "title", "tr", "ul",
    )
)  # fmt: skip
_HIDDEN = frozenset(("script", "style", "noscript", "template", "svg", "head", "select"))
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,40})""", re.IGNORECASE
)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Pages that declare the older two hold characters that only GB18030 has.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030"}


def decode_page(data: bytes, *, where: str) -> str:
    """Return the text of a page: in the encoding that its HTML declares, else as `decode` finds.

    A byte order mark goes before the declaration, and so do bytes that are not what it says.

    Raises
    ------
    DecodingError
        The bytes are text in no encoding tried.
    """
    declared = _META_CHARSET.search(data[:4096])
    if declared and not data.startswith(_BYTE_ORDER_MARKS):
        name = declared[1].decode("ascii", "replace").lower()
        name = _WIDER.get(name, name)
        try:
            if is_charset(name):
                return data.decode(name)
        except UnicodeDecodeError:
            pass
    return decode(data, where=where)[0]


def read_html(page: str) -> Article:
    """Return the parts of an article page in HTML.

    Raises
    ------
    MissingExtraError
        trafilatura, of the extra ``html``, is not installed.

    Notes
    -----
    trafilatura says which lines of the visible text are the article. Where it finds none, the
    visible text is read as plain text is.
    """
    found = _extracted(page)
    visible = _VisibleText.of(page)
    lines = split_lines(visible.text)
    kinds = [kind_of_line(line) for line in lines]
    title = _title(lines, kinds, visible.only_h1 or (found and found.title))
    inside = _squeezed(found.text) if found else ""
    if inside:
        kinds = [
            OUTSIDE if kind == TEXT and _squeezed(line.text) not in inside else kind
            for kind, line in zip(kinds, lines, strict=True)
        ]
    article = read_lines(lines, kinds, title)
    if article.published is None and found and found.date:
        article = replace(article, published=found.date)
    return article


def _title(lines: list[Line], kinds: list[str], wanted: str | None) -> range:
    """Return the line that is the heading; if it is not among them, the one that looks like it."""
    heading = _squeezed(wanted or "")
    for index, line in enumerate(lines):
        if heading and _squeezed(line.text) == heading:
            return range(index, index + 1)
    return title_lines(lines, kinds)


def _extracted(page: str) -> Any:
    """Return trafilatura's document, or None where it finds no article."""
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("trafilatura", extra="html", purpose="HTML pages") from error
    # It reports pages that hold no article as errors; without a handler they go to standard error.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    # A lone surrogate cannot be encoded, and NUL ends a string in the parser beneath.
    page = page.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    return trafilatura.bare_extraction(
        page,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={"original_date": True, "extensive_search": False},
    )


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _squeezed(text: str) -> str:
    return "".join(text.split())


class _VisibleText(HTMLParser):
    """Collects the text of a page that a reader sees, a line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._hidden: list[str] = []
        self._headings: list[str] = []
        self._in_h1 = False

    @classmethod
    def of(cls, page: str) -> "_VisibleText":
        parser = cls()
        parser.feed(page)
        parser.close()
        return parser

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def only_h1(self) -> str | None:
        """The page's one ``h1``; None if it has none or several."""
        headings = [line for heading in self._headings if (line := _line(heading))]
        return headings[0] if len(headings) == 1 else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _HIDDEN:
            self._hidden.append(tag)
        if tag in _BLOCKS:
            self._parts.append("\n")
        if tag == "h1":
            self._in_h1 = True
            self._headings.append("")
        elif tag == "body":
            self._hidden.clear()

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[-1]:
            self._hidden.pop()
        if tag in _BLOCKS:
            self._parts.append("\n")
        if tag == "h1":
            self._in_h1 = False

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        # White space in the source means nothing; a full-width space is a character of the text.
        line = re.sub(r"[ \t\r\n\f]+", " ", data)
        self._parts.append(line)
        if self._in_h1:
            self._headings[-1] += line
