import json
import random
from pathlib import Path

import numpy as np
import pytest

from classifier.corpus import Corpus
from classifier.model import TopicClassifier
from tests.conftest import make_texts
from training.benchmarks import learning, robustness
from training.benchmarks.learning_peers import chosen, svc
from training.benchmarks.learning_report import Point, table, write_report
from training.benchmarks.sets import title_key


def test_each_topic_gets_its_labels_and_some_texts_have_none(corpus: Corpus) -> None:
    drawn = learning.draw(corpus, 10, seed=1)
    counts = drawn.labels().sum(axis=0)
    assert (counts >= 10).all()
    assert len(set(drawn.texts)) <= len(drawn) < 50
    assert any(not one.topics for one in drawn)
    assert drawn == learning.draw(corpus, 10, seed=1)
    assert drawn != learning.draw(corpus, 10, seed=2)


def test_texts_seen_without_labels_are_not_scored(corpus: Corpus) -> None:
    seen = [title_key(text) for text in corpus.texts[:390]]
    left = learning.some(corpus, seen)
    assert not {title_key(text) for text in left.texts} & set(seen)


def test_width_and_space_make_no_other_text() -> None:
    assert title_key("ＡＩ 水渠") == title_key("ai水渠")


def test_the_likeliest_class_or_all_above_a_threshold() -> None:
    scores = np.array([[0.2, 0.7], [-0.5, -0.1]])
    assert chosen(scores, 0.1, exclusive=False).tolist() == [[1, 1], [0, 0]]
    assert chosen(scores, 0.1, exclusive=True).tolist() == [[0, 1], [0, 1]]


def test_a_tuned_threshold_finds_more_where_labels_are_few(corpus: Corpus) -> None:
    labelled, scored = corpus.subset(range(60)), corpus.subset(range(60, 400))
    plain, tuned = (
        learning._f1(scored.labels(), svc(tuned=tuned)(labelled, scored)) for tuned in (False, True)
    )
    assert tuned >= plain > 0


POINTS = [
    Point("our topics", "words alone", 0, 0, 0.6),
    *(Point("our topics", "ours", size, seed, 0.7) for size in (10, 20) for seed in (0, 1)),
]


def test_the_report_has_a_row_a_system_and_a_plot_a_task(tmp_path: Path) -> None:
    assert table(POINTS) == [
        ["labels a topic", "0", "10", "20"],
        ["words alone", "0.600", "", ""],
        ["ours", "", "0.700 (0.700 to 0.700)", "0.700 (0.700 to 0.700)"],
    ]
    write_report(tmp_path, POINTS)
    page = (tmp_path / "learning.html").read_text(encoding="utf-8")
    assert page.count("<svg") == page.count("</svg>") == 1
    assert len(json.loads((tmp_path / "learning.json").read_text(encoding="utf-8"))) == 5


# Robustness


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("full width", "AI进村2场!", "ＡＩ进村２场！"),
        ("half-width punctuation", "放水，浇地：好", "放水,浇地:好"),
        ("traditional characters", "乡村学校", "鄉村學校"),
        ("quotes dropped", "“放水”《浇地》", "放水浇地"),
        ("punctuation to spaces", "放水，浇地", "放水 浇地"),
        ("punctuation dropped", "放水，浇地", "放水浇地"),
        ("a space after punctuation", "放水，浇地", "放水， 浇地"),
    ],
)
def test_a_change_does_what_it_is_called(name: str, text: str, wanted: str) -> None:
    assert robustness.changes()[name][0](text, random.Random(0)) == wanted


def test_another_place_is_of_the_same_kind_and_the_same_throughout() -> None:
    change = robustness.changes()["another place"][0]
    changed = change("银川与宁夏：银川修渠", random.Random(0))
    city, rest = changed.split("与")
    assert city in robustness.CITIES
    assert city != "银川"
    assert rest.endswith(f"：{city}修渠")
    assert rest.split("：")[0] in robustness.PROVINCES
    assert change("村里修渠", random.Random(0)) == "村里修渠"


def test_only_texts_that_a_change_touches_and_whose_topics_change_count(
    model: TopicClassifier,
) -> None:
    texts = [text for text, _ in make_texts(20, seed=7)] + ["修通水渠", "人物故事"]
    changes = {
        "nothing": (lambda text, _: text, 0.02),
        "another subject": (lambda text, _: text.replace("修通水渠", "接种疫苗"), 0.02),
        "an outlet": (lambda text, _: text + "_新华网", 0.02),
    }
    nothing, subject, outlet = robustness.measure(model, texts, changes)
    assert (nothing.n_texts, nothing.n_other) == (0, 0)
    assert subject.n_texts == subject.n_other
    assert subject.n_texts == sum("修通水渠" in text for text in texts)
    assert (outlet.n_texts, outlet.n_other) == (len(texts), 0)
    assert str(subject).startswith(f"| another subject | {subject.n_texts} | 100.00% |")
