"""The line of a page that holds its date, source and names."""

import re
from dataclasses import dataclass
from datetime import datetime

from classifier.documents.rules import ENDS_OF_SENTENCES, OUTLET

# Longer lines are text whatever they hold.
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Details:
    """What a line of date, source and names says.

    Attributes
    ----------
    published : ISO 8601, as exact as the line is
    source, author, section : as written, or None
    edited : the line names an editor
    keys : the keys found, such as ``("来源", "作者")``
    """

    published: str | None = None
    source: str | None = None
    author: str | None = None
    section: str | None = None
    edited: bool = False
    keys: tuple[str, ...] = ()


# White space is not given back, since in a long run of it three would share it in all ways.
_COUNTER = (
    r"(?:(?:浏览|阅读|点击|访问|评论|播放|收藏)(?:次数|量|数|率|人数)?\s*+[:：]?\s*+"
    r"[\[(（【]?\s*+\d{1,9}\s*+[\])）】]?\s*+(?:次|人|条)?)"
)
TOOL = re.compile(
    rf"{_COUNTER}|字\s?[体号](?:大小)?|(?<![\w])[大中小特](?![\w])|A[+-]|"
    r"(?:我要|点此)?(?:打印|纠错|投稿|收藏|举报|点赞|评论)(?:本[页文]|此[页文]|页面|该页|文章)?|"
    r"关闭(?:本页|窗口|页面|此页)?|下载(?:本文|文件)|复制链接|语音播报|听新闻|播报|放大|缩小|"
    r"(?:一键)?分享(?:到|至|给|本文|文章)?|转发(?:到|至)?|微信(?:好友)?|朋友圈|微博|新浪微博|腾讯微博|QQ(?:好友|空间)?|"
    r"扫一扫[^。]{0,24}|扫码[^。]{0,24}|(?:微信)?扫描?二维码[^。]{0,24}|手机(?:看|版|阅读)|"
    r"点击(?:查看)?(?:大图|原图|下载)|查看原图|加载更多|展开(?:全文|更多)?|"
    r"浏览次数|浏览量|点击数|点击量|访问量|阅读量|阅读|登录|注册|保护视力色|视力保护色|背景色|保存|T",
    re.IGNORECASE,
)
_SOURCE_KEYS = (
    "来源", "稿源", "信息来源", "文章来源", "新闻来源", "稿件来源", "来源媒体", "发布机构",
    "发布单位", "供稿单位",
)  # fmt: skip
_DATE_KEYS = (
    "发布时间", "发布日期", "发表时间", "发稿时间", "更新时间", "更新日期", "公开日期", "成文日期",
    "生成日期", "日期", "时间",
)  # fmt: skip
_AUTHOR_KEYS = ("作者", "撰稿", "撰文", "供稿", "记者", "本报记者", "通讯员")
_EDITOR_KEYS = (
    "责任编辑", "责编", "编辑", "审核", "校对", "编审", "终审", "监制", "值班主任", "初审",
    "复审", "审签", "签发", "美编", "排版", "值班编委", "值班编辑", "网络编辑", "本期编辑",
    "一审", "二审", "三审",
)  # fmt: skip
_SECTION_KEYS = ("栏目", "所属栏目", "所属频道", "频道", "信息分类")
_OTHER_KEYS = (
    "浏览次数", "浏览量", "浏览", "点击数", "点击量", "点击率", "点击", "阅读次数", "阅读量",
    "阅读", "访问量", "访问次数", "字体", "字号", "字体大小", "分享到", "分享", "分享至", "评论",
    "收藏", "打印", "索引号", "文号", "发文字号", "主题分类", "有效性", "标签", "关键词", "关键字",
    "人气",
)  # fmt: skip
_ALL_KEYS = sorted(
    _SOURCE_KEYS + _DATE_KEYS + _AUTHOR_KEYS + _EDITOR_KEYS + _SECTION_KEYS + _OTHER_KEYS,
    key=lambda key: -len(key),
)
# Keys are set with spaces to look wider: "来 源："
_KEY = re.compile(
    "(" + "|".join(r"[ \u3000]{0,4}".join(key) for key in _ALL_KEYS) + r")[ \u3000]{0,2}[:：]"
)
_MOMENT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)\s?日?"
    r"(?:[\sT,，]{0,4}(\d{1,2})\s?[:：时点]\s?(\d{1,2})(?:\s?[:：分]\s?(\d{1,2})(?!\d))?分?秒?)?"
    r"(?:\s?(?:北京时间|星期[一二三四五六日天]|周[一二三四五六日]))?"
)
_FILLER = re.compile(
    rf"(?:发布|发表|更新|刊发|推送)?于?|本文|原文链接|第\s?\d{{1,3}}\s?版|by|\d{{1,9}}|[次人条]|{TOOL.pattern}",
    re.IGNORECASE,
)
# Values of these may be anything, and a headline may begin with them: "评论：…".
_UNCERTAIN_KEYS = frozenset(
    ("时间", "日期", "浏览", "点击", "阅读", "评论", "收藏", "分享", "打印", "人气", "频道", "栏目")
)
_BYLINE = re.compile(
    r"[□◎■●]?\s?((?:本报|本网|本台|本刊|新华社|中新社)?(?:见习|特约|全媒体)?记者[\s:：]{1,3}"
    r"[\u4e00-\u9fff·]{2,4}(?:[\s、]{1,3}(?:通讯员\s{0,2})?[\u4e00-\u9fff·]{2,4}){0,5})(?:\s?文/图|\s?摄)?"
)
# Traditional forms of the characters that the keys and rules hold.
SIMPLIFIED = str.maketrans(
    "來時間發佈編輯責審記訊員網頁當處欄類關鍵點擊閱讀訪問瀏覽號標籤場體報導鏈結權聲聯機構單",
    "来时间发布编辑责审记讯员网页当处栏类关键点击阅读访问浏览号标签场体报导链结权声联机构单",
)
_EDGES = " \t\u3000\u00a0|｜丨【】[]［］()（）〔〕,，、;；·•-—_/:："
_PARTS = re.compile("[" + re.escape(_EDGES) + "]+")
_SENTENCE_MARKS = re.compile(r"[。！？!?；“”《》]")
_LONGEST_VALUE = 40


def read_moment(text: str) -> str | None:
    """Return the first date of `text`, with its time where there is one, in ISO 8601.

    Examples
    --------
    >>> read_moment("2021年1月3日 9时05分"), read_moment("2021-01-13 19:03:43")
    ('2021-01-03T09:05', '2021-01-13T19:03:43')
    >>> read_moment("2021-13-45") is None
    True
    """
    found = _MOMENT.search(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (
        int(part) if part else None for part in found.groups()
    )
    try:
        moment = datetime(year or 0, month or 0, day or 0, hour or 0, minute or 0, second or 0)
    except ValueError:
        return None
    if hour is None:
        return moment.date().isoformat()
    return moment.isoformat(timespec="minutes" if second is None else "seconds")


def read_details(text: str) -> Details | None:
    """Return what a line of date, source and names says; None for any other line.

    Nothing but such pieces may stand in the line, so that a sentence with a date is not one.

    Examples
    --------
    >>> details = read_details("2021-01-13 19:03:43来源:央广网 作者：马小山")
    >>> details.published, details.source, details.author
    ('2021-01-13T19:03:43', '央广网', '马小山')
    >>> read_details("2021年1月13日，县医院新楼启用。") is None
    True
    """
    if len(text) > _LONGEST:
        return None
    byline = _BYLINE.fullmatch(text)
    if byline:
        return Details(author=byline[1], keys=("记者",))
    # Same length as `text`, so that values are cut from the line as written. A date ends whatever
    # stands before it: a bar takes its place.
    plain = _MOMENT.sub(lambda found: "|" + " " * (len(found[0]) - 1), text.translate(SIMPLIFIED))
    values = _values(text, plain)
    published = read_moment(text)
    lead = plain[: found.start()] if (found := _KEY.search(plain)) else plain
    lead = " ".join(part for part in _PARTS.split(lead) if part and not _FILLER.fullmatch(part))
    if values is None or (lead and not _is_outlet(lead, dated=published is not None)):
        return None
    if not published and set(values) <= _UNCERTAIN_KEYS:
        return None
    return Details(
        published=published,
        source=_first(values, _SOURCE_KEYS) or lead or None,
        author=_first(values, _AUTHOR_KEYS),
        section=_first(values, _SECTION_KEYS),
        edited=any(key in values for key in _EDITOR_KEYS),
        keys=tuple(values),
    )


def _values(text: str, plain: str) -> dict[str, str] | None:
    """Return what follows each key of the line; None if it is too long to be a name or number."""
    values: dict[str, str] = {}
    keys = list(_KEY.finditer(plain))
    ends = [*(following.start() for following in keys[1:]), len(plain)]
    for found, end in zip(keys, ends, strict=bool(keys)):
        value, rest = _value_and_rest(text, plain, found.end(), end)
        longest = _LONGEST_VALUE // 2 if "，" in value else _LONGEST_VALUE
        if len(value) > longest or len(rest) > 20 or _SENTENCE_MARKS.search(value + rest):
            return None
        values.setdefault(re.sub(r"\s", "", found[1]), value)
    return values


def _value_and_rest(text: str, plain: str, start: int, end: int) -> tuple[str, str]:
    """Return a value up to a bar or a wide gap, less the tools of the page, and what is behind."""
    start += len(plain[start:end]) - len(plain[start:end].lstrip())
    gap = _GAP.search(plain, start, end)
    value = text[start : gap.start() if gap else end]
    rest = plain[gap.end() : end] if gap else ""
    return _TOOL_AT_END.sub("", value).strip(_EDGES), TOOL.sub("", rest).strip(_EDGES)


_GAP = re.compile(r"[|｜丨]|\s{2,}|\u3000")
_TOOL_AT_END = re.compile(
    rf"{_COUNTER}|【?(?:打印|关闭|收藏|分享)】?$|【[大中小]\s*[大中小]\s*[大中小]】"
)


def _is_outlet(lead: str, *, dated: bool) -> bool:
    """Whether what stands before the first key can name an outlet or author beside a date."""
    if re.fullmatch(OUTLET, lead):
        return True
    return (
        dated
        and len(lead) <= 14
        and not _SENTENCE_MARKS.search(lead)
        and not re.search(r"[,，、\s]", lead)
    )


def _first(values: dict[str, str], keys: tuple[str, ...]) -> str | None:
    return next((values[key] for key in keys if values.get(key)), None)


def ends_sentence(text: str) -> bool:
    """Whether `text` ends as a sentence or a quotation does."""
    return text != "" and text[-1] in ENDS_OF_SENTENCES + "”』」）):：》】"
