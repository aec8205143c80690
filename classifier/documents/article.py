"""Article pages: the lines of a page put together to title, details and paragraphs.

The page is read in three stretches. The head goes up to the first paragraph and holds the title and
the line of date and source; the body is the paragraphs; the end begins at the editor's line, the
copyright line or the first list of links. `lines` says what each line is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from classifier.documents.details import Details, ends_sentence, read_details, read_moment
from classifier.documents.lines import (
    BREADCRUMB,
    COPYRIGHT,
    DETAILS,
    EDITOR,
    NAVIGATION,
    RELATED,
    TEXT,
    TOOLS,
    Line,
    kind_of_line,
    read_breadcrumb,
    split_lines,
)
from classifier.documents.rules import OUTLET

REPEATED = "repeated title"
OUTSIDE = "outside the article"
REASONS = (
    BREADCRUMB, DETAILS, EDITOR, TOOLS, COPYRIGHT, RELATED, NAVIGATION, REPEATED, OUTSIDE,
)  # fmt: skip
"""Why a line may be left out."""

_LONGEST_TITLE = 60
_SHORTEST_TITLE = 6
# Lines broken by hand or by a mail program are no longer than this.
_LONGEST_WRAP = 60
_FEWEST_WRAPS = 2
# A line with a full stop and this many characters goes on with the article after an editor's line
# or a list of links in the middle of it.
_SHORTEST_SEQUEL = 30
_DASHES = ("—", "――", "──")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line that is not part of the article, and why: one of `REASONS`."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Article:
    """The parts of an article page. What cannot be read is None, or empty.

    Attributes
    ----------
    title : with its subtitle, where that is a line of its own that begins with a dash
    published : ISO 8601, as exact as the page is: ``2021-01-13T19:03:43`` or ``2021-01-13``
    source : the outlet or office that the page names
    author : as written
    section : last step of the breadcrumb, or the section that the page names
    paragraphs : in order
    left_out : the other lines of the page, in order, each with the reason
    """

    title: str | None = None
    published: str | None = None
    source: str | None = None
    author: str | None = None
    section: str | None = None
    paragraphs: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def read_plain(text: str) -> Article:
    r"""Return the parts of an article page that is plain text, as copied from a browser.

    Notes
    -----
    An empty page gives an empty article. A single line is the title if it looks like one (at most
    60 characters, no full stop, not indented), else the only paragraph. A page of one paragraph has
    no title.

    Examples
    --------
    >>> head = "首页 > 民生关注 >\n春灌开闸放水\n2021-03-05 09:30来源：沙湖日报"
    >>> article = read_plain(head + "\n　　今天，干渠放水。")
    >>> article.title, article.published, article.source, article.section, article.paragraphs
    ('春灌开闸放水', '2021-03-05T09:30', '沙湖日报', '民生关注', ('今天，干渠放水。',))
    """
    lines = split_lines(text)
    kinds = [kind_of_line(line) for line in lines]
    return read_lines(lines, kinds, title_lines(lines, kinds))


def read_lines(lines: list[Line], kinds: list[str], title: range) -> Article:
    """Return the article that these lines make.

    Parameters
    ----------
    kinds : of each line, ``TEXT`` or the reason for leaving it out
    title : the lines of the title
    """
    reading = _Reading(lines, title)
    for index, kind in enumerate(kinds):
        reading.take(index, kind)
    return reading.article()


# ---- title ----


def title_lines(lines: list[Line], kinds: list[str]) -> range:
    """Return which lines are the title: none, one, or two with a subtitle.

    Above the date stand the site's name, a menu or a kicker, and last of all the title. Without
    one, the first of several short lines is the title. An indented line can be the title only above
    the date.
    """
    texts = [index for index, kind in enumerate(kinds) if kind == TEXT]
    sentence = next((index for index in texts if lines[index].is_sentence), len(lines))
    details = next((i for i, kind in enumerate(kinds[:sentence]) if kind == DETAILS), 0)
    title = _last_likely_title(lines, [index for index in texts if index < details])
    if title is None:
        title = next(iter(texts), None)
        if title is None or lines[title].is_prose or len(lines[title].text) > _LONGEST_TITLE:
            return range(0)
    has_subtitle = title + 1 in texts and lines[title + 1].text.startswith(_DASHES)
    return range(title, title + 1 + has_subtitle)


def _last_likely_title(lines: list[Line], above: list[int]) -> int | None:
    likely = [
        index
        for index in above
        if len(lines[index].text) >= _SHORTEST_TITLE
        and not lines[index].text.startswith(_DASHES)
        and not re.fullmatch(OUTLET, lines[index].text)
    ]
    if likely:
        return likely[-1]
    return max(above, key=lambda index: len(lines[index].text), default=None)


# ---- the rest of the page, line by line ----


class _Reading:
    """What became of the lines of one page so far."""

    def __init__(self, lines: list[Line], title: range) -> None:
        self._lines = lines
        self._title_lines = title
        self._title = "".join(lines[index].text for index in title) or None
        self._details: list[tuple[bool, Details]] = []
        self._steps: tuple[str, ...] = ()
        self._body: list[Line] = []
        self._left_out: list[LeftOut] = []
        # Why text is left out now that the end of the article has begun.
        self._ended: str | None = None
        self._is_over = False

    def take(self, index: int, kind: str) -> None:
        """Read the next line."""
        line = self._lines[index]
        if index in self._title_lines:
            return
        if kind == TEXT or self._is_body_date(line, kind):
            self._take_text(index, line)
            return
        reason = self._ended or kind if kind == OUTSIDE else kind
        self._left_out.append(LeftOut(line.text, reason))
        if kind in (DETAILS, EDITOR):
            details = read_details(line.text)
            self._details += [(index < self._title_lines.start, details)] if details else []
        elif kind == BREADCRUMB:
            self._steps = self._steps or read_breadcrumb(line.text) or ()
        if self._body and kind in (EDITOR, COPYRIGHT, RELATED):
            self._ended = RELATED if kind == RELATED else OUTSIDE
            self._is_over = self._is_over or kind == COPYRIGHT

    def _is_body_date(self, line: Line, kind: str) -> bool:
        """Whether the line gives the time of what a notice announces, as "时间：2021年3月5日"."""
        details = read_details(line.text) if kind == DETAILS else None
        if details is None or details.keys not in (("时间",), ("日期",)):
            return False
        return bool(self._body) or any(known.published for _, known in self._details)

    def _take_text(self, index: int, line: Line) -> None:
        reason = self._ended
        if reason and not self._is_over and _is_sequel(line):
            self._ended = reason = None
        if self._title_lines and index < self._title_lines.start:
            reason = REPEATED if line.text.startswith(self._title or line.text) else OUTSIDE
        elif self._title_lines and line.text == self._lines[self._title_lines.start].text:
            reason = REPEATED
        if reason:
            self._left_out.append(LeftOut(line.text, reason))
        else:
            self._body.append(line)

    def article(self) -> Article:
        """Return the article, once all lines are read."""
        steps = [step for step in self._steps if not self._is_title(step)]
        # What stands above the title may be today's date: it comes last.
        details = [one for _, one in sorted(self._details, key=lambda pair: pair[0])]
        title, dated = _without_date(self._title)
        return Article(
            title=title,
            published=_first([*(one.published for one in details), dated]),
            source=_first(one.source for one in details),
            author=_first(one.author for one in details),
            section=steps[-1] if steps else _first(one.section for one in details),
            paragraphs=tuple(_unwrapped(self._body)),
            left_out=tuple(self._left_out),
        )

    def _is_title(self, step: str) -> bool:
        """Whether the last step of a breadcrumb is the article itself, perhaps cut short."""
        start = step.rstrip(".…")
        return self._title is not None and len(start) >= 4 and self._title.startswith(start)


def _without_date(title: str | None) -> tuple[str | None, str | None]:
    """Return the title less the date at its end, and that date."""
    found = re.search(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}[\d:：\sT]{0,12}$", title or "")
    dated = read_moment(found[0]) if found else None
    if title is None or found is None or dated is None:
        return title, None
    undated = title[: found.start()].rstrip()
    return (title, None) if len(undated) < _SHORTEST_TITLE else (undated, dated)


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _is_sequel(line: Line) -> bool:
    return "。" in line.text and len(line.text) >= _SHORTEST_SEQUEL


def _unwrapped(body: list[Line]) -> list[str]:
    """Return the paragraphs, those that were broken into lines of one width joined again."""
    widest = max((len(line.text) for line in body), default=0)
    goes_on = [False] + [
        widest <= _LONGEST_WRAP
        and not line.indented
        and not line.after_blank
        and len(previous.text) >= max(widest - 3, 20)
        and not ends_sentence(previous.text)
        for previous, line in pairwise(body)
    ]
    # A single such line is no habit of the page.
    if sum(goes_on) < _FEWEST_WRAPS:
        return [line.text for line in body]
    paragraphs: list[str] = []
    for line, joined in zip(body, goes_on, strict=False):
        if joined:
            paragraphs[-1] += line.text
        else:
            paragraphs.append(line.text)
    return paragraphs
