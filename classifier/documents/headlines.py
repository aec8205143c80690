"""Headline lists: one headline a line, less its number or bullet, and the part that tags it.

`read_headlines` reads a list; `headline_core` says which part of a headline is about something: a
trailing date, outlet or ``[详细]`` stays in the text and is not tagged. Both work by the rules
written down here as data. Every rule looks at a bounded stretch of text at one end of a line, so
no input makes them slow.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from classifier.documents.rules import OUTLET, Rule
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

# A number or bullet that nothing else can be. "1." before a digit is left to `_Numbered`, for
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


# ---- the part of a headline that is about something ----

_LOOKED_AT = 60
_MOST_TAILS = 8
_SHORTEST_CORE = 4

_REMARK = (
    r"(?:详细|详情|详解|查看详情|查看全文|阅读全文|全文|更多|查看更多|点击查看|图|组图|多图|图集|高清|高清组图|图文|附图|附视频|"
    r"附全文|附表|附名单|图表|图片|视频|音频|直播|滚动|快讯|原创|转载|置顶|推荐|热|新|荐|顶|hot|new|图/视频)"
)
_DATE = r"(?:(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:\s*\d{1,2}[:：]\d\d(?:[:：]\d\d)?)?)"
_SHORT_DATE = r"(?:(?:0\d|1[0-2])[-/.](?:[0-2]\d|3[01])|(?:(?:19|20)\d\d年)?\d{1,2}月\d{1,2}日)"
_TIME = r"(?:[0-2]?\d[:：][0-5]\d(?:[:：][0-5]\d)?)"
_WHEN = rf"(?:{_DATE}|{_SHORT_DATE}(?:\s*{_TIME})?|{_TIME})"
_BY = r"(?:记者|通讯员|特约记者|见习记者|实习生|编辑|责编|责任编辑|作者|摄影|文/|图/|来源|稿源)"
_OPEN, _CLOSE = r"[\[［(（【〔]", r"[\]］)）】〕]"
# Columns under which anything may stand: what they say is no subject of the headline.
_COLUMN = (
    r"(?:要闻|今日要闻|本地要闻|头条|今日头条|头版|关注|今日关注|聚焦|焦点|热点|热点聚焦|看点|快讯|短讯|简讯|速览|"
    r"动态|资讯|综合|时讯|新闻|本网讯|本报讯|本台消息|最新消息|最新|基层动态|一线|一线直击|"
    r"新春走基层|走基层|记者走基层|图说|图片新闻|视频新闻|特写|专题|专栏|专稿|独家|评论|微视频|早报|晚报|夜读)"
)

TAILS: tuple[Rule, ...] = (
    Rule("remark in brackets", re.compile(rf"\s*{_OPEN}\s*{_REMARK}\s*{_CLOSE}$", re.IGNORECASE)),
    Rule("date or time in brackets", re.compile(rf"\s*{_OPEN}\s*{_WHEN}\s*{_CLOSE}$")),
    Rule("date in figures", re.compile(rf"\s*(?<![\d.\-/]){_DATE}$")),
    Rule("short date or time after a space", re.compile(rf"\s+{_WHEN}$")),
    Rule("outlet after a mark", re.compile(rf"\s*[_|｜丨]\s*{OUTLET}$")),
    Rule("outlet after a dash", re.compile(rf"(?:\s+[-–—]+\s*|(?<![-–—])-){OUTLET}$")),
    Rule("outlet in brackets", re.compile(rf"\s*{_OPEN}\s*{OUTLET}\s*{_CLOSE}$")),
    Rule("source", re.compile(r"[\s,，。;；]\s*(?:来源|稿源)\s*[:：]\s*[^\s:：]{1,20}$")),
    Rule(
        "byline in brackets",
        re.compile(
            rf"\s*{_OPEN}\s*(?:本报|本网|本台|新华社|中新社)?\s*{_BY}[^()（）\[\]【】［］〔〕]{{0,30}}{_CLOSE}$"
        ),
    ),
    Rule(
        "byline after a space",
        re.compile(r"\s(?:作者|编辑|责编|责任编辑|摄影|文|图)\s*[:：/]\s*[^\s:：/]{1,10}$"),
    ),
    Rule(
        "counter",
        re.compile(
            r"(?:\s+|\s*[\[［(（])(?:阅读|浏览|点击|评论|播放)(?:量|数|次数)?\s*[:：(（]?\s*\d{1,9}\s*次?"
            r"[\]］)）]{0,2}$"
        ),
    ),
)
"""What is left out at the end of a headline, tried again until none matches."""

HEADS: tuple[Rule, ...] = (
    Rule("remark in brackets", re.compile(rf"{_OPEN}\s*{_REMARK}\s*{_CLOSE}\s*", re.IGNORECASE)),
    Rule("date or time in brackets", re.compile(rf"{_OPEN}\s*{_WHEN}\s*{_CLOSE}\s*")),
    Rule("date or time before a space", re.compile(rf"{_WHEN}\s+")),
    Rule("column in brackets", re.compile(rf"{_OPEN}\s*{_COLUMN}\s*{_CLOSE}\s*")),
    Rule("column before a bar", re.compile(rf"{_COLUMN}\s*[｜丨|]\s*")),
)
"""What is left out at the start of a headline."""

# How a headline with one of the `TAILS` ends, and one with one of the `HEADS` begins. Nine of ten
# do neither, and are done with in a tenth of the time.
_MAY_HAVE_TAIL = re.compile(
    r"(?:[\]］)）】〕\d日次]|[_|｜丨\-–—].{0,24}[网社报台端站心道讯闻谈线]|[源者辑编影文图]\s{0,9}[:：/][^:：/]{1,24})$"
)
_MAY_HAVE_HEAD = re.compile(r"[\[［(（【〔\d]|.{2,7}[｜丨|]")


def headline_core(text: str) -> tuple[int, int]:
    """Return where the part of a headline that is about something starts and ends.

    Dates, times, outlets, bylines, counters and remarks such as ``[详细]`` or ``（组图）`` at its
    ends, and columns before it such as ``要闻｜``, are outside; see `HEADS` and `TAILS`. What is
    inside brackets and is none of these, an outlet's name inside the headline, a dash and a
    subtitle are part of the headline.

    Returns
    -------
    start, end : so that ``text[start:end]`` is the part, without white space around it; never less
        than 4 characters of a headline that has as many. An empty text gives ``(0, 0)``.

    Examples
    --------
    >>> text = "[视频] 春灌开闸放水 浇地不用愁（记者 马小山） 2021-03-05 [详细]"
    >>> start, end = headline_core(text)
    >>> text[start:end]
    '春灌开闸放水 浇地不用愁'
    """
    end = len(text.rstrip())
    start = min(len(text) - len(text.lstrip()), end)
    for _ in range(_MOST_TAILS):
        shorter = _before_tail(text, start, end)
        if shorter == end:
            break
        end = shorter
    for _ in range(_MOST_TAILS):
        later = _after_head(text, start, end)
        if later == start:
            break
        start = later
    return start, end


def _before_tail(text: str, start: int, end: int) -> int:
    looked_at = max(start, end - _LOOKED_AT)
    if not _MAY_HAVE_TAIL.search(text, looked_at, end):
        return end
    stretch = text[looked_at:end]
    for rule in TAILS:
        found = rule.pattern.search(stretch)
        if found:
            core_end = looked_at + len(stretch[: found.start()].rstrip())
            if core_end - start >= _SHORTEST_CORE:
                return core_end
    return end


def _after_head(text: str, start: int, end: int) -> int:
    if not _MAY_HAVE_HEAD.match(text, start, end):
        return start
    for rule in HEADS:
        found = rule.pattern.match(text, start, min(end, start + _LOOKED_AT))
        if found and end - found.end() >= _SHORTEST_CORE:
            return found.end()
    return start
