"""A small corpus of invented texts, and models trained on it once for all tests."""

import random
from pathlib import Path

import pytest

from classifier.artefact import save
from classifier.corpus import Corpus, Example
from classifier.model import TopicClassifier
from classifier.taxonomy import Taxonomy, Topic
from classifier.trainer import Recipe, TrainingResult, train

SMALL = {
    "water": ["修通水渠", "引黄灌溉", "清淤河道", "检修泵站", "铺设供水管网", "加固水库大坝"],
    "education": ["开学第一课", "教师节表彰", "高考报名", "课后服务", "校车接送学生", "研学夏令营"],
    "fraud-prevention": [
        "刷单返利骗局",
        "冒充客服诈骗",
        "反诈宣传进社区",
        "拦下转账汇款",
        "杀猪盘",
        "虚假投资",
    ],
    "health": ["医院义诊", "接种疫苗", "家庭医生签约", "体检车下乡", "控烟门诊", "儿童近视防控"],
}
PLACES = ["青川县", "沙湖镇", "北山街道", "柳河村", "东海市", "石桥乡", "云岭区", "白塔社区"]
ENDS = ["受到欢迎", "取得进展", "本周启动", "惠及群众", "现场见闻", "记者走访", "再添新举措"]


def make_texts(n_texts: int, seed: int = 0) -> list[tuple[str, tuple[str, ...]]]:
    """Return invented headlines with the topics they were made from: none, one or two."""
    draw = random.Random(seed)
    made = []
    for _ in range(n_texts):
        topics = draw.sample(sorted(SMALL), draw.choice([0, 1, 1, 1, 1, 2]))
        parts = [draw.choice(SMALL[topic]) for topic in topics] or ["人物故事"]
        text = draw.choice(PLACES) + "：" + " ".join(parts) + draw.choice(["，", " ", "", "！"])
        made.append((text + draw.choice(ENDS), tuple(topics)))
    return made


ODD_TEXTS = [
    "",
    " ",
    "\n\t\u3000\u00a0",
    "水",
    "😀👨‍👩‍👧‍👦🇨🇳",
    "English only, no Chinese at all 2024",
    "ＡＢＣ１２３　全角",
    "臺灣鄉村電信詐騙",
    "乾隆年間 後來 著名",
    "\ud800孤立\udfff代理",
    "零\u200b宽\u200d字\ufeff符",
    "e\u0301te\u0301 ﬁ ㍿ ①②③ ℃ Ⅷ",
    "İstanbul ΣΑΣ ß",
    "각 한글 \u1100\u1161\u11a8",
    "\U00020000\U0002a6d6扩展汉字",
    "……——《》“”‘’【】｜丨|",
    "\x00\x01\x07控制\x1f符\x85行\u2028分隔\u2029段",
    "水" * 5000,
    "修通水渠 " * 1000,
]


@pytest.fixture(scope="session")
def odd_texts() -> list[str]:
    return ODD_TEXTS


@pytest.fixture(scope="session")
def small_texts() -> list[str]:
    return [text for text, _ in make_texts(400)]


TOPICS = tuple(
    Topic(topic, name, strong=strong)
    for topic, name, strong in (
        ("water", "水利", ("灌溉",)),
        ("education", "教育", ()),
        ("fraud-prevention", "反诈", ()),
        ("health", "医疗", ()),
    )
)


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return Taxonomy(TOPICS)


@pytest.fixture(scope="session")
def corpus(taxonomy: Taxonomy) -> Corpus:
    return Corpus(tuple(Example(text, topics) for text, topics in make_texts(400)), taxonomy)


@pytest.fixture(scope="session")
def result(corpus: Corpus) -> TrainingResult:
    return train(corpus, Recipe(name="small", n_folds=3, vectors=""))


@pytest.fixture(scope="session")
def model(result: TrainingResult) -> TopicClassifier:
    return result.model


@pytest.fixture(scope="session")
def model_folder(model: TopicClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model, saved. Copy it before changing it."""
    folder = tmp_path_factory.mktemp("models") / "small"
    save(model, folder)
    return folder
