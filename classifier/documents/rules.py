"""What the rules of this package are made of: named patterns, and the pieces they share."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A named pattern of the text to leave out.

    Attributes
    ----------
    name : what the pattern finds, in a few words
    pattern : matches the stretch to leave out
    """

    name: str
    pattern: re.Pattern[str]


# Outlets known by name, and the endings that only outlets have. A bare "网" or "台" would take
# "织密一张网" for one.
OUTLET = (
    r"(?:(?:新华|人民|央视|央广|中新|中国|光明|环球|求是|法治|新浪|搜狐|网易|腾讯|凤凰|东方|红|中青|中工|大众|荆楚|"
    r"中国经济|中国青年|中国日报|中国政府|中国军)网|国际在线|浙江在线|四川在线|半月谈网?|新华社|中新社|央视新闻|澎湃新闻|"
    r"新京报|人民日报|光明日报|经济日报|观察者网|"
    r"[\w·]{1,12}(?:新闻网|日报|晚报|早报|晨报|时报|都市报|商报|电视台|广播电台|通讯社|客户端|政府网|门户网站|"
    r"新闻中心|融媒体中心|新闻频道|资讯频道)|(?:国内|国际|社会|地方|本地|民生|财经|教育|政务)?(?:新闻|资讯|要闻|频道))"
)

ENDS_OF_SENTENCES = "。！？!?…；;"
