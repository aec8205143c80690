"""The lines of a page and what each of them is: text, or one of the things around a text.

Every line is looked at by itself; which text line is the title and which are paragraphs is decided
in `article`.
"""

import re
from dataclasses import dataclass

from classifier.documents.details import SIMPLIFIED, TOOL, read_details
from classifier.documents.rules import Rule

TEXT = "text"
BREADCRUMB = "breadcrumb"
DETAILS = "date and source"
EDITOR = "editor"
TOOLS = "page tools"
COPYRIGHT = "copyright"
RELATED = "related links"
NAVIGATION = "page navigation"

# Longer lines are text whatever they hold.
_LONGEST_RULED = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page, not blank.

    Attributes
    ----------
    text : the line, without white space at its ends
    indented : it began with two full-width spaces or so, as paragraphs do
    after_blank : a blank line, or the start of the page, stood before it
    """

    text: str
    indented: bool
    after_blank: bool

    @property
    def is_sentence(self) -> bool:
        """Whether this is a paragraph by its text: with a full stop, or long."""
        return "。" in self.text or len(self.text) > 60

    @property
    def is_prose(self) -> bool:
        """Whether this is a paragraph by its looks: a sentence, or indented."""
        return self.indented or self.is_sentence


# ---- lines ----

# Paragraphs that were pasted into one line still have their indents.
_PASTED_INDENT = re.compile(
    r"(?<=[^\s])\u3000{2,4}(?=[^\s])|(?<=[。！？”])[ \u00a0]{4,16}(?=[^\s])"
)
_INDENT = re.compile(r"(?:\u3000{1,4}|[\u2003\u00a0]{2,8}| {4}|\t)(?=\S)")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


def split_lines(text: str) -> list[Line]:
    r"""Return the lines of `text` that are not blank.

    Examples
    --------
    >>> lines = split_lines("春灌开始\n\n　　第一段。　　第二段。")
    >>> [(line.text, line.indented) for line in lines]
    [('春灌开始', False), ('第一段。', True), ('第二段。', True)]
    """
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines: list[Line] = []
    after_blank = True
    for raw in text.split("\n"):
        for part in _pasted_apart(raw):
            stripped = part.strip()
            if stripped:
                lines.append(Line(stripped, bool(_INDENT.match(part)), after_blank))
            after_blank = not stripped
    return _with_breadcrumbs_joined(lines)


def _pasted_apart(raw: str) -> list[str]:
    """Return the paragraphs of a line, each with its indent; a line of details is one."""
    if not _PASTED_INDENT.search(raw) or read_details(raw.strip()):
        return [raw]
    return _PASTED_INDENT.sub("\n\u3000\u3000", raw).split("\n")


def _with_breadcrumbs_joined(lines: list[Line]) -> list[Line]:
    """Join the steps of a breadcrumb that was copied one step a line, with lone ``>`` between."""
    joined: list[Line] = []
    open_step = False
    for line in lines:
        lone = not line.text.strip(">＞»› ")
        if joined and (lone or open_step) and len(joined[-1].text) < _LONGEST_RULED:
            last = joined.pop()
            line = Line(f"{last.text} {line.text}", last.indented, last.after_blank)
        joined.append(line)
        open_step = lone
    return joined


# ---- what a line is ----

_HOME = ("首页", "网站首页", "主页", "返回首页", "首 页")
_LEAF = ("正文", "内容", "详情", "文章", "详细内容", "信息内容", "文章内容", "查看详情", "浏览文章")
_HERE = re.compile(
    r"(?:[您你]?(?:现在|目前|当前)?的?(?:所在|所处)?(?:的?位置)(?:是|为|在)?|当前页面?)\s*[:：]?\s*"
)
_STEP = re.compile(r"\s*(?:>+|＞+|»|›|→|&gt;)\s*|\s/\s")

_NOTHING = re.compile(r"[\s\d|｜丨【】\[\]［］()（）〔〕:：,，、.·•/+\-—_<>=#*！!。]*")

_TITLE_OF_LIST = (
    r"(?:相关(?:链接|新闻|阅读|报道|文章|推荐|资讯|信息|附件|稿件|专题|内容|热词|搜索)|延伸阅读|推荐阅读|推荐(?:新闻|文章)|"
    r"(?:更多|热门|热点|最新|精彩|图片)(?:新闻|文章|推荐|排行|资讯|图文|阅读|内容|评论)|猜你喜欢|大家都在看|大家爱看|"
    r"往期(?:回顾|推荐|精选)|今日推荐|(?:新闻|点击|阅读|一周|24小时)排行榜?|热门标签|友情链接|为你推荐|编辑推荐)"
)

LINE_RULES: tuple[Rule, ...] = (
    Rule(
        RELATED,
        re.compile(rf"[【\[◆■▶●>]*\s*{_TITLE_OF_LIST}\s*+[】\]]?\s*+(?:[:：>»].*|更多\s*[>»]*)?$"),
    ),
    Rule(RELATED, re.compile(r"[【\[]?\s*[上下前后]一[篇条则]\s*+[】\]]?\s*+(?:[:：].*)?$")),
    Rule(
        COPYRIGHT,
        re.compile(
            r"(?:版权(?:所有|声明|归)|免责声明|Copyright|©|&copy;|All Rights Reserved|"
            r"(?:郑重|特别)?声明\s*[:：].{0,100}(?:版权|转载|授权|侵权|不代表)|"
            r".{0,60}转载(?:请|须|需|务必).{0,10}(?:注明|标明|联系)|"
            r"(?:单位|联系|通讯)?地址\s*[:：].{0,60}(?:邮编|邮政编码|电话|传真)|"
            r"(?:投稿邮箱|新闻热线|.{0,8}不良信息举报)|"
            r"未经.{0,20}(?:授权|许可|同意).{0,40}(?:转载|使用|复制|摘编)|"
            r"(?:主办|承办|主管)(?:单位)?\s*[:：]|技术支持\s*[:：]|网站标识码|"
            r"(?:本文|本站|文中|图文|以上).{0,30}(?:不代表|侵权|如有侵|版权归))",
            re.IGNORECASE,
        ),
    ),
    Rule(
        COPYRIGHT,
        re.compile(
            r".{0,200}?(?:ICP[备证]|公网安备|All Rights Reserved|版权所有|"
            r"许可证(?:编?号)?\s*[:：])",
            re.IGNORECASE,
        ),
    ),
    Rule(
        NAVIGATION,
        re.compile(
            # No token can be read as two, nor hold the space behind it: a long number would be cut
            # up in exponentially many ways.
            r"(?:(?:上一页|下一页|首页|尾页|末页|全文阅读|阅读全文|余下全文|共\s*\d+\s*页|第\s*\d+\s*页|"
            r"[\[(]?\d{1,3}(?!\d)[\])]?|[<>«»|.…/])\s*)+$"
        ),
    ),
    Rule(NAVIGATION, re.compile(r"今天是.{0,40}$")),
    Rule(
        NAVIGATION,
        re.compile(
            r"(?:返回|回到)(?:顶部|首页|列表|上一?级|上页|栏目)|(?:网站)?首页(?:[\s|｜·]+[\w]{2,6}){3,}$|"
            r"(?:网站地图|设为首页|加入收藏|联系我们|关于我们|无障碍(?:浏览|阅读)?|长者(?:模式|版|专区)|关怀版|繁體|繁体|English|EN|客户端|"
            r"手机版|RSS|[\s|｜·\-])+$"
        ),
    ),
)
"""What the lines around a text look like, by the reason for leaving them out; see `kind_of_line`
for those that need more than a pattern."""


def kind_of_line(line: Line) -> str:
    r"""Return ``TEXT``, or why a line of this look is left out.

    Examples
    --------
    >>> [kind_of_line(line) for line in split_lines("首页 > 民生\n【打印】 【关闭】\n村里通了水")]
    ['breadcrumb', 'page tools', 'text']
    """
    text = line.text.translate(SIMPLIFIED)
    if len(text) > _LONGEST_RULED:
        return TEXT
    if read_breadcrumb(text) is not None:
        return BREADCRUMB
    for rule in LINE_RULES:
        if rule.pattern.match(text):
            return rule.name
    if len(text) <= 120 and TOOL.search(text) and _NOTHING.fullmatch(TOOL.sub("", text)):
        return TOOLS
    details = read_details(line.text)
    if details is None:
        return TEXT
    return EDITOR if details.edited and not (details.source or details.published) else DETAILS


def read_breadcrumb(text: str) -> tuple[str, ...] | None:
    """Return the steps of a breadcrumb line, home and leaf left out; None for another line.

    Examples
    --------
    >>> read_breadcrumb("你当前位置:首页 >民生关注 >正文")
    ('民生关注',)
    >>> read_breadcrumb("产量 > 去年") is None
    True
    """
    if len(text) > _LONGEST_RULED:
        return None
    here = _HERE.match(text.translate(SIMPLIFIED))
    steps = [step.strip() for step in _STEP.split(text[here.end() :] if here else text)]
    steps = [step for step in steps if step]
    ends = {step: step.translate(SIMPLIFIED) for step in steps}
    if here:
        known = len(steps) > 1 or here.group().rstrip().endswith((":", "："))
    else:
        known = len(steps) > 1 and (ends[steps[0]] in _HOME or ends[steps[-1]] in _LEAF)
    if not known:
        return None
    return tuple(step for step in steps if ends[step] not in (*_HOME, *_LEAF))
