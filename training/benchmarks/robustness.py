"""How many headlines change their topics when they are written another way.

    python training/benchmarks/robustness.py            texts of the repository, never learned
    python training/benchmarks/robustness.py --data …   and headlines of raw.jsonl.gz in a folder

A headline in full width, in traditional characters, with an outlet's name behind it or a column's
before it is about the same, and so, nearly always, is one of another town. Each change is made to
texts, and those whose topics are no longer the same are counted. Of the headlines in raw.jsonl.gz,
drawn by lot, the shipped model learned most that were not plain to it, and is surer of them than of
new ones. ``training/hard.jsonl`` and ``training/local.jsonl`` it never saw, but nearly all of these
are hard.
"""

import argparse
import gzip
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import classifier
from classifier.corpus import read_corpus
from classifier.model import Prediction, TopicClassifier
from training.benchmarks.readers import HARD, LOCAL

N_TEXTS = 5000
Change = Callable[[str, random.Random], str]

TAILS = (
    "_新华网",
    "_人民网",
    "-央视网",
    " - 中国新闻网",
    "_宁夏新闻网",
    "｜澎湃新闻",
    "（来源：新华社）",
    " 来源：光明日报",
)
COLUMNS = (
    "【民生】",
    "[视频]",
    "［图文］",
    "【本网讯】",
    "要闻｜",
    "【快讯】",
    "关注丨",
    "【新春走基层】",
)
QUOTES = re.compile(r"[“”‘’\"'《》〈〉「」『』]")
PUNCTUATION = re.compile(r"[^\w\s]")
FULL_TO_HALF = str.maketrans("，。！？：；（）", ",.!?:;()")
# Names that stand for one another: none says more of a topic than the others do.
PROVINCES = """
    河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南
    湖北 湖南 广东 广西 海南 四川 贵州 云南 陕西 甘肃 青海 宁夏 新疆
    内蒙古
""".split()  # noqa: SIM905 - a list to be read
CITIES = """
    石家庄 太原 沈阳 长春 哈尔滨 南京 杭州 合肥 福州 南昌 济南 郑州
    武汉 长沙 广州 南宁 海口 成都 贵阳 昆明 西安 兰州 西宁 银川 苏州
    无锡 宁波 温州 青岛 烟台 洛阳 宜昌 株洲 佛山 桂林 绵阳 遵义 大连
    厦门 泉州 常州 徐州 南通 嘉兴 绍兴 芜湖 赣州 潍坊 襄阳 衡阳 珠海
    汕头 柳州 宝鸡 天水 吴忠 固原
""".split()  # noqa: SIM905 - a list to be read
PLACE_OF = {place: group for group in (PROVINCES, CITIES) for place in group}
PLACE = re.compile("|".join(sorted(PLACE_OF, key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of `n_texts` texts that a change touched, how many got other topics.

    Attributes
    ----------
    change : what was done
    n_texts : texts that were not the same afterwards
    n_other : of those, how many got other topics
    goal : highest share allowed
    """

    change: str
    n_texts: int
    n_other: int
    goal: float

    def __str__(self) -> str:
        share = self.n_other / max(self.n_texts, 1)
        return f"| {self.change} | {self.n_texts:,} | {share:.2%} | {self.goal:.0%} |"


def main() -> None:
    """Draw, change, count, print."""
    parser = argparse.ArgumentParser(description="Count topics that change with the wording.")
    parser.add_argument("--data", type=Path, help="folder with raw.jsonl.gz")
    parser.add_argument("--model", default="public-affairs", help="name or path")
    parser.add_argument("--output", type=Path, help="file for the figures, JSON")
    arguments = parser.parse_args()
    model = classifier.load(arguments.model)
    samples = {"texts that were never learned": never_learned()}
    if arguments.data:
        samples["headlines by lot"] = draw(arguments.data / "raw.jsonl.gz")
    found: dict[str, list[dict[str, object]]] = {}
    for name, texts in samples.items():
        print(f"\n{name}, {len(texts):,}\n")
        print("| change | texts it touches | other topics | goal, at most |")
        print("|---|---:|---:|---:|")
        found[name] = []
        for outcome in measure(model, texts, changes()):
            print(outcome)
            found[name].append(asdict(outcome))
    if arguments.output:
        shown = json.dumps(found, ensure_ascii=False, indent=1)
        arguments.output.write_text(shown + "\n", encoding="utf-8")


def never_learned() -> list[str]:
    """Return the texts of the repository that are scored on and trained on nowhere."""
    return [text for file in (HARD, LOCAL) for text in read_corpus(file).texts]


def draw(path: Path, seed: int = 0) -> list[str]:
    """Return 5,000 headlines of public affairs by lot."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts = [row["text"] for row in rows if row["genre"] == "public_affairs"]
    return random.Random(seed).sample(texts, N_TEXTS)  # noqa: S311 - lots, no keys


def changes() -> dict[str, tuple[Change, float]]:
    """Return what is done to a headline, and the share of topics that may change with it."""
    import opencc

    to_traditional, to_taiwan = opencc.OpenCC("s2t"), opencc.OpenCC("s2tw")
    return {
        "full width": (lambda text, _: _full_width(text), 0.02),
        "half-width punctuation": (lambda text, _: text.translate(FULL_TO_HALF), 0.02),
        "traditional characters": (lambda text, _: str(to_traditional.convert(text)), 0.02),
        "traditional characters, Taiwan": (lambda text, _: str(to_taiwan.convert(text)), 0.02),
        "an outlet behind": (lambda text, lot: text + lot.choice(TAILS), 0.02),
        "a column before": (lambda text, lot: lot.choice(COLUMNS) + text, 0.02),
        "spaces around and doubled": (lambda text, _: f"　{text.replace(' ', '  ')} \t", 0.02),
        "a space after punctuation": (lambda text, _: PUNCTUATION.sub(r"\g<0> ", text), 0.02),
        "quotes dropped": (lambda text, _: QUOTES.sub("", text), 0.02),
        "punctuation to spaces": (lambda text, _: PUNCTUATION.sub(" ", text), 0.02),
        "punctuation dropped": (lambda text, _: PUNCTUATION.sub("", text), 0.02),
        "another place": (_elsewhere, 0.01),
    }


def measure(
    model: TopicClassifier, texts: Sequence[str], made: Mapping[str, tuple[Change, float]]
) -> Iterator[Outcome]:
    """Yield what each change does to the topics of the texts."""
    given = topics_of(model.predict(texts))
    for name, (change, goal) in made.items():
        lot = random.Random(0)  # noqa: S311 - likewise
        pairs = [(i, change(text, lot)) for i, text in enumerate(texts)]
        pairs = [(i, text) for i, text in pairs if text != texts[i]]
        changed = [text for _, text in pairs]
        found = topics_of(model.predict(changed))
        n_other = sum(given[i] != after for (i, _), after in zip(pairs, found, strict=True))
        yield Outcome(name, len(pairs), n_other, goal)


def topics_of(predictions: Sequence[Prediction]) -> list[frozenset[str]]:
    """Return the ids of each prediction's topics."""
    return [frozenset(topic.id for topic in one.topics) for one in predictions]


def _full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _elsewhere(text: str, lot: random.Random) -> str:
    """Put another place of the same kind for each, the same for the same."""
    instead = {
        name: lot.choice([other for other in PLACE_OF[name] if other != name])
        for name in dict.fromkeys(PLACE.findall(text))
    }
    return PLACE.sub(lambda found: instead[found.group()], text)


if __name__ == "__main__":
    main()
