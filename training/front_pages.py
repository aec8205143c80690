"""Headlines put together to front pages, as the splitter is trained and measured on them.

A page takes its headlines from one source, as a site's front page does, and holds a stated share of
headlines with spaces inside. Pages for training are made more various than the sources are: other
widths of column, spaces set around Latin letters and quotation marks, headlines of two parts made
of one with a comma, column marks. Pages to measure on are the sources' headlines as they stand.
"""

import gzip
import json
import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SHORTEST, LONGEST = 30, 80
"""Headlines on a page."""

# Which repository's headlines make which source. Those of the NLPCC headline task are used for
# words alone: the spaces inside its headlines are lost.
_SOURCES = {
    "china-data/xwlb": "xwlb",
    "DuckBurnIncense/xin-wen-lian-bo": "xwlb",
    "vikiboss/60s-static-host": "60s",
    "01joy/news-search-engine": "chinanews",
    "shenxingy/Chinese_newspaper_crawler": "chinanews",
    "justjavac/weibo-trending-hot-search": "weibo",
    "RuoYe310/NLP_ML": "toutiao",
    "CLUEbenchmark/FewCLUE": "toutiao",
    "tigergeng/TextCNN": "toutiao",
    "zjuneverknow/cuhk_ai_project_3": "thucnews",
    "Mikky-Li/thuc": "thucnews",
    "FudanNLP/nlpcc2017_news_headline_categorization": "nlpcc",
}
SOURCES = ("xwlb", "60s", "chinanews", "weibo", "toutiao", "thucnews", "authored")
"""Sources that pages are made of."""


def read_sources(raw: Path, authored: Iterable[str]) -> dict[str, list[str]]:
    """Return the headlines of each source, in the order of the files.

    Parameters
    ----------
    raw : ``raw.jsonl.gz``, rows with ``text`` and ``source`` ("owner/repository:path")
    authored : the repository's own headlines
    """
    found: dict[str, list[str]] = {"authored": [" ".join(text.split()) for text in authored]}
    with gzip.open(raw, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            repository, _, path = row["source"].partition(":")
            name = _SOURCES.get(repository, "toutiao" if "tnews" in path else "nlpcc")
            found.setdefault(name, []).append(" ".join(row["text"].split()))
    return found


@dataclass(frozen=True, slots=True)
class Variety:
    """How much the pages for training differ from the sources: chances, from 0 to 1.

    Attributes
    ----------
    column : that a page's headlines are all of a similar width
    spaced : that a page is set with spaces around Latin letters and digits
    comma : that some of a page's headlines of two parts are made of one with a comma
    mark : that a headline gets a column mark (``|``) for its colon
    """

    column: float = 0.7
    spaced: float = 0.15
    comma: float = 0.3
    mark: float = 0.02


AS_FOUND = Variety(0, 0, 0, 0)


class Source:
    """The headlines of one source, by whether they hold spaces."""

    def __init__(self, headlines: Sequence[str]) -> None:
        self.plain = sorted((text for text in headlines if " " not in text), key=width)
        self.spaced = sorted((text for text in headlines if " " in text), key=width)
        self.with_comma = [text for text in self.plain if _is_in_two_parts(text)]
        self._widths = {
            id(texts): [width(text) for text in texts] for texts in (self.plain, self.spaced)
        }

    def page(self, share: float, variety: Variety, draw: random.Random) -> list[str]:
        """Return the headlines of one page, `share` of them with spaces inside."""
        n_headlines = draw.randint(SHORTEST, LONGEST)
        n_spaced = round(share * n_headlines)
        plain, spaced = self.plain, self.spaced
        if draw.random() < variety.column:
            plain, spaced = self._column(draw)
        made = self.with_comma if draw.random() < variety.comma else []
        page = [draw.choice(plain) for _ in range(n_headlines - n_spaced)]
        for _ in range(n_spaced):
            from_comma = bool(made) and draw.random() < 0.6
            page.append(_COMMA.sub(" ", draw.choice(made)) if from_comma else draw.choice(spaced))
        page = [_marked(text) if draw.random() < variety.mark else text for text in page]
        if draw.random() < variety.spaced:
            quotes_too = draw.random() < 0.5
            page = [set_with_spaces(text, quotes_too=quotes_too) for text in page]
        draw.shuffle(page)
        return page

    def _column(self, draw: random.Random) -> tuple[list[str], list[str]]:
        """Return headlines of some width drawn from either kind, if there are enough of them."""
        middle = width(draw.choice(draw.choice([self.plain, self.spaced])))
        found = []
        for texts in (self.plain, self.spaced):
            widths = self._widths[id(texts)]
            low, high = bisect_left(widths, 0.7 * middle), bisect_right(widths, 1.35 * middle)
            found.append(texts[low:high])
        plain, spaced = found
        return (
            (plain, spaced) if min(len(plain) / 3, len(spaced)) > 60 else (self.plain, self.spaced)
        )


_COMMA = re.compile(r"\s*[，,]\s*")
_LATIN_MET = re.compile(
    r"(?<=[\u3400-\u9fff])(?=[0-9A-Za-z%+])|(?<=[0-9A-Za-z%])(?=[\u3400-\u9fff])"
)
_QUOTE_MET = re.compile(r"(?<=[\u3400-\u9fff])(?=“)|(?<=”)(?=[\u3400-\u9fff])")
_COLUMN = re.compile(r"^([^\s：:|]{2,6})[：:]")


def width(text: str) -> float:
    """Return the width of a text: 1 a Chinese character, 1/2 a Latin one."""
    return sum(0.5 if char < "\u2000" else 1.0 for char in text)


def set_with_spaces(text: str, *, quotes_too: bool) -> str:
    """Set a space where Chinese meets Latin letters or digits, and quotation marks if wished.

    >>> set_with_spaces("5G进村“云端”卖枣", quotes_too=True)
    '5G 进村 “云端” 卖枣'
    """
    text = _LATIN_MET.sub(" ", text)
    return _QUOTE_MET.sub(" ", text) if quotes_too else text


def _is_in_two_parts(text: str) -> bool:
    parts = _COMMA.split(text)
    return len(parts) == 2 and min(map(len, parts)) >= 4


def _marked(text: str) -> str:
    return _COLUMN.sub(lambda found: f"{found[1]}|", text)


def make_pages(
    source: Source,
    n_pages: int,
    *,
    share: float | tuple[float, float],
    variety: Variety,
    draw: random.Random,
) -> Iterator[list[str]]:
    """Yield pages; `share` of the headlines, or a share drawn from the two, hold spaces."""
    for _ in range(n_pages):
        one = draw.uniform(*share) if isinstance(share, tuple) else share
        yield source.page(one, variety, draw)


def make_short_lines(source: Source, n_lines: int, draw: random.Random) -> Iterator[list[str]]:
    """Yield the headlines of lines that are no front page: one with spaces inside, or a few."""
    for _ in range(n_lines):
        if draw.random() < 0.6:
            yield [draw.choice(source.spaced)]
        else:
            kinds = draw.choices([source.plain, source.spaced], [2, 1], k=draw.randint(2, 4))
            yield [draw.choice(kind) for kind in kinds]
