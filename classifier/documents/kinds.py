"""What a pasted text is: one headline, a list of them, a scraped line, or an article page."""

import re
from typing import Literal

from classifier.documents.lines import TEXT, Line, kind_of_line, split_lines

Kind = Literal["headline", "headlines", "blob", "article", "html"]

# Shapes of a line that holds a front page. The longest single headlines have some eighty characters
# in half a dozen pieces.
_FEWEST_PIECES = 8
_SHORTEST_BLOB = 100
_FEWEST_CHARS_A_PIECE = 4
_MOST_CHARS_A_PIECE = 45
_MOST_LOOKED_AT = 20_000
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_GAP = re.compile(r"(?:(?!\u00a0)\s)+")

_HTML_START = re.compile(
    # A comment ends at its first "-->" and nowhere else: many of them would be parted in
    # exponentially many ways.
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:[^-]|-(?!->)){0,500}-->\s*)*"
    r"<(?:(!doctype\s+html|html[\s>])|[a-z][a-z0-9]*[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(
    r"</(?:p|div|html|body|head|h[1-6]|article|section|table|span|title)\s*>", re.IGNORECASE
)


def is_html(text: str) -> bool:
    """Whether `text` is markup: it starts with a tag and closes one, or holds many.

    Examples
    --------
    >>> is_html("<!DOCTYPE html><html>…"), is_html("<p>春灌开始</p>"), is_html("<春灌>开始")
    (True, True, False)
    """
    beginning = text[:_MOST_LOOKED_AT].lstrip("\ufeff")
    start = _HTML_START.match(beginning)
    if start and start[1]:
        return True
    n_closed = sum(1 for _ in _HTML_TAG.finditer(beginning))
    return n_closed >= (1 if start else 5)


def looks_like_blob(line: str) -> bool:
    """Whether one line plainly holds a whole front page's headlines, parted by white space.

    It has 8 pieces or more, 100 characters or more, pieces as long as headlines or their halves
    are, and hardly a full stop. Only the first 20,000 characters are looked at.

    Examples
    --------
    >>> looks_like_blob("春灌开闸放水 今年用水不用愁")
    False
    >>> looks_like_blob(" ".join(["县医院新楼本周启用", "村里办起了直播课堂 老人学会网上卖货"] * 4))
    True
    """
    line = line[:_MOST_LOOKED_AT].strip()
    pieces = _GAP.split(line)
    if len(pieces) < _FEWEST_PIECES or len(line) < _SHORTEST_BLOB or "\n" in line:
        return False
    n_chinese = len(_CHINESE.findall(line))
    return (
        _FEWEST_CHARS_A_PIECE <= len(line) / len(pieces) <= _MOST_CHARS_A_PIECE
        and n_chinese >= len(line) / 2
        and line.count("。") * 3 <= len(pieces)
    )


def guess_kind(text: str) -> Kind:
    r"""Return what a pasted text most likely is.

    Returns
    -------
    kind : ``"html"``; ``"blob"`` if most of the text stands in lines that are each a front page;
        ``"article"`` for one paragraph, or a page of which a seventh is paragraphs and which has a
        date line, a breadcrumb or an editor, or one mostly of paragraphs; ``"headline"`` for one
        short line, or nothing; else ``"headlines"``

    Examples
    --------
    >>> guess_kind("春灌开闸放水"), guess_kind("春灌开闸放水\n县医院新楼启用")
    ('headline', 'headlines')
    >>> guess_kind("春灌开闸放水\n2021-03-05 来源：沙湖日报\n今天上午，干渠开闸放水。")
    'article'
    """
    if is_html(text):
        return "html"
    text = text[: 10 * _MOST_LOOKED_AT]
    whole = [line.strip() for line in text.split("\n") if line.strip()]
    in_blobs = sum(len(line) for line in whole if looks_like_blob(line))
    if 2 * in_blobs > sum(map(len, whole)):
        return "blob"
    lines = split_lines(text)
    if _is_article(lines):
        return "article"
    return "headlines" if len(lines) > 1 else "headline"


def _is_article(lines: list[Line]) -> bool:
    in_prose = sum(len(line.text) for line in lines if line.is_prose)
    in_all = sum(len(line.text) for line in lines)
    if 2 * in_prose > in_all:
        return True
    # Among thousands of headlines one or two look like a paragraph, and one like a page's tools.
    kinds = {kind_of_line(line) for line in lines}
    return 7 * in_prose > in_all and bool(kinds - {TEXT})
