"""The models in ``models/``: sound, small, and giving the answers recorded here."""

from pathlib import Path

import pytest

import classifier
from classifier import artefact
from classifier.model import TopicClassifier

MODELS = artefact.list_models()
EXAMPLES = Path(__file__).parent.parent / "training" / "examples" / "headlines.txt"

# The first topic of each example, in the order of the file; "" where there is none.
FIRST_TOPICS = [
    "digital-economy",
    "digital-economy",
    "digital-economy",
    "fraud-prevention",
    "fraud-prevention",
    "fraud-prevention",
    "rural-revitalisation",
    "rural-revitalisation",
    "rural-revitalisation",
    "disability-employment",
    "disability-employment",
    "disability-employment",
    "agriculture",
    "education",
    "culture",
    "public-safety",
    "ethnic-unity",
    "drug-control",
    "sports",
    "social-security",
    "housing-urban",
]


@pytest.fixture(scope="module")
def shipped() -> TopicClassifier:
    return classifier.load()


def test_the_models_that_should_be_there_are_there() -> None:
    assert {"public-affairs", "word-vectors"} <= {info.name for info in MODELS}


@pytest.mark.parametrize("info", MODELS, ids=lambda info: info.name)
def test_each_model_is_sound_and_has_a_card(info: artefact.ModelInfo) -> None:
    assert artefact.verify(info.path).digest == info.digest
    assert (info.path / "README.md").read_text(encoding="utf-8").startswith(f"# {info.name}")
    assert info.path.name == info.name
    assert info.size_bytes < 12_000_000


def test_the_shipped_model_knows_the_default_taxonomy(shipped: TopicClassifier) -> None:
    taxonomy = classifier.Taxonomy.default()
    assert [topic.id for topic in shipped.topics] == list(taxonomy.ids)
    assert [topic.name for topic in shipped.topics] == [topic.name for topic in taxonomy]


def test_the_examples_get_the_topics_recorded(shipped: TopicClassifier) -> None:
    texts = EXAMPLES.read_text(encoding="utf-8").splitlines()
    predictions = shipped.predict(texts)
    first = [prediction.topics[0].id if prediction.topics else "" for prediction in predictions]
    assert first == [*FIRST_TOPICS, ""]
    assert sum(prediction.decision == "accept" for prediction in predictions) >= len(texts) // 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("宁夏引黄灌区春灌开闸", "甘肃引黄灌区春灌开闸"),
        ("银川市残联举办直播带货培训", "遵义市残联举办直播带货培训"),
        ("女子在黑龙江轻信刷单返利损失八千元", "女子在云南轻信刷单返利损失八千元"),
    ],
)
def test_another_place_does_not_change_the_topics(
    shipped: TopicClassifier, one: str, other: str
) -> None:
    assert shipped.classify(one).topics
    assert shipped.classify(one).topics == shipped.classify(other).topics


@pytest.mark.parametrize(
    "written", ["{}_新华网", "要闻｜{}", "【快讯】{}", "{} [详细]", "{}（组图）"]
)
def test_what_stands_around_a_headline_does_not_change_its_topics(
    shipped: TopicClassifier, written: str
) -> None:
    for text in EXAMPLES.read_text(encoding="utf-8").splitlines():
        assert shipped.classify(written.format(text)).topics == shipped.classify(text).topics


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("引黄灌区春灌开闸", "引黄灌區春灌開閘"),
        ("全省高考报名2024年启动", "全省高考报名２０２４年启动"),
        ("医保异地就医 直接结算", "医保异地就医　直接结算"),
    ],
)
def test_writing_does_not_change_the_topics(
    shipped: TopicClassifier, plain: str, other: str
) -> None:
    assert shipped.classify(plain).topics == shipped.classify(other).topics != ()
