"""What stands before and behind a headline and is no part of it, by rules.

The rules are written down here as data. Each looks at a bounded stretch of text at one end, so no
input makes them slow. `classifier.documents.core` decides which texts need them.
"""

import re

from classifier.documents.rules import OUTLET, Rule

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

# How a headline with one of the `TAILS` ends: one look instead of eleven.
_MAY_HAVE_TAIL = re.compile(
    r"(?:[\]］)）】〕\d日次]|[_|｜丨\-–—].{0,24}[网社报台端站心道讯闻谈线]|[源者辑编影文图]\s{0,9}[:：/][^:：/]{1,24})$"
)


def before_tails(text: str) -> int:
    """Return where the headline ends before what stands behind it."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    for _ in range(_MOST_TAILS):
        shorter = _before_tail(text, start, end)
        if shorter == end:
            break
        end = shorter
    return end


def after_heads(text: str, end: int) -> int:
    """Return where a headline that ends at `end` starts, after what stands before it."""
    start = min(len(text) - len(text.lstrip()), end)
    for _ in range(_MOST_TAILS):
        later = _after_head(text, start, end)
        if later == start:
            break
        start = later
    return start


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
    for rule in HEADS:
        found = rule.pattern.match(text, start, min(end, start + _LOOKED_AT))
        if found and end - found.end() >= _SHORTEST_CORE:
            return found.end()
    return start
