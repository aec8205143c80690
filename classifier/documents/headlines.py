"""Headline lists: one headline a line, less its number or bullet.

The rules are written down here as data. Each looks at a bounded stretch of text at the start of a
line, so no input makes them slow.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from classifier.documents.rules import Rule
from classifier.text import normalize


@dataclass(frozen=True, slots=True)
class Headline:
    """One headline of a list.

    Attributes
    ----------
    text : the headline, less its number or bullet and the white space around it
    line : number of its line, from 1
    repeats : line of the first headline with the same normal form, or None for a first one
    """

    text: str
    line: int
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class HeadlineList:
    """What `read_headlines` found.

    Attributes
    ----------
    items : the headlines in order, repeated ones among them
    n_blank : blank lines, which are dropped
    n_duplicates : how many of `items` repeat an earlier one
    """

    items: tuple[Headline, ...]
    n_blank: int
    n_duplicates: int


_BULLETS = "•·●○◦▪▫■□◆◇▲△▶►▷★☆※→➤➢✓✔・∙‣⁃"
_NUMERAL = "一二三四五六七八九十"

# A number or bullet that nothing else can be. "1." before a digit is left to `_NUMBERED`, for
# "3.5亿元" begins so too; so is "3、" ("3、4月份") and "一、" ("一、二线城市").
_MARKERS = (
    Rule("bullet", re.compile(rf"[{_BULLETS}]{{1,5}}\s*")),
    Rule("dash or star, then a space", re.compile(r"[-–*+]\s+")),
    Rule("number in a circle or brackets, one character", re.compile(r"[①-⒛⓪⓫-⓿❶-➓㈠-㈩]\s*")),
    Rule(
        "number in brackets", re.compile(rf"[(（［\[](?:\d{{1,3}}|[{_NUMERAL}]{{1,3}})[)）］\]]\s*")
    ),
    Rule("number, then a bracket", re.compile(r"\d{1,3}[)）]\s*")),
    Rule("number, then a stop", re.compile(r"\d{1,3}(?:[.．]\s*(?![\d\s])|、\s*(?![\d\s]))")),
    Rule("number, then a stop and a space", re.compile(r"\d{1,3}[.．、]\s+")),
    Rule("Chinese number", re.compile(rf"[{_NUMERAL}]{{1,3}}、\s*(?![{_NUMERAL}百千万亿]|两)")),
)
# What may be a number and may be part of the headline: it is taken for a number where the lines
# around it count on: 1, 2, 3.
_NUMBERED = re.compile(r"(\d{1,6})([.．、]\s*|\s+)")
_SHORTEST_RUN = 3


def read_headlines(text: str) -> HeadlineList:
    r"""Return the headlines of a text that holds one a line.

    Numbers and bullets at the start of a line (``1.``, ``1、``, ``（1）``, ``①``, ``•``) are taken
    off. ``【…】`` is part of the headline, and so are ``5G``, ``2021年``, ``3.5亿元`` and ``110``.
    A number before white space or before another digit (``1.5G信号…``) is a marker only where it
    is one of three lines or more that count up from 1, written alike. Blank lines are dropped and
    counted; a repeated headline is kept, since a table of results needs its row, and counted. A
    line that holds only a marker keeps it.

    Examples
    --------
    >>> found = read_headlines("1. 县医院新楼启用\n\n2. 5G信号通到牧场\n3.5亿元补贴到账\n")
    >>> [(item.line, item.text) for item in found.items], found.n_blank
    ([(1, '县医院新楼启用'), (3, '5G信号通到牧场'), (4, '3.5亿元补贴到账')], 1)
    """
    # Ends of lines only: a form feed or U+2028 inside a headline does not part it.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    shown = [(number, line.strip().strip("\ufeff\u200b")) for number, line in enumerate(lines, 1)]
    filled = [(number, line) for number, line in shown if line]
    counted = _counted_lines([line for _, line in filled])
    first_line: dict[str, int] = {}
    items: list[Headline] = []
    for index, (number, line) in enumerate(filled):
        headline = _without_marker(line, counted=index in counted)
        first = first_line.setdefault(normalize(headline), number)
        items.append(Headline(headline, number, first if first != number else None))
    n_blank = len(lines) - len(filled) if text else 0
    return HeadlineList(tuple(items), n_blank, len(items) - len(first_line))


def _counted_lines(lines: list[str]) -> set[int]:
    """Return the indices of lines whose first numbers count up from 1, three lines or more."""
    numbers = [
        (index, int(found[1]), found[2])
        for index, line in enumerate(lines)
        if (found := _NUMBERED.match(line))
    ]
    counted: set[int] = set()
    run = numbers[:1]
    for one, following in pairwise([*numbers, (-1, -1, "")]):
        if following == (one[0] + 1, one[1] + 1, one[2]):
            run.append(following)
            continue
        if len(run) >= _SHORTEST_RUN and run[0][1] == 1:
            counted.update(index for index, _, _ in run)
        run = [following]
    return counted


def _without_marker(line: str, *, counted: bool) -> str:
    if counted and (found := _NUMBERED.match(line)) and found.end() < len(line):
        return line[found.end() :]
    # A bullet may stand before a number: two markers at most.
    for _ in range(2):
        for rule in _MARKERS:
            found = rule.pattern.match(line)
            if found and found.end() < len(line):
                line = line[found.end() :]
                break
        else:
            return line
    return line
