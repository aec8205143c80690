"""The evaluation as a page, and the model card."""

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from classifier.metrics import Evaluation, Interval, evaluate
from classifier.metrics.evaluation import AcceptPoint
from classifier.metrics.reliability import ReliabilityBin
from classifier.report import (
    CorpusNote,
    ScoreNote,
    evaluation_html,
    mistakes_of,
    model_card,
    training_card,
)
from classifier.report.charts import accept_chart, bar, reliability_chart, share_bar
from classifier.report.evidence import marked
from classifier.report.words import WORDS
from classifier.taxonomy import Topic

TOPICS = (
    Topic("agriculture", "现代农业", "Agriculture"),
    Topic("water", "水利<水务>", "Water & works"),
    Topic("sports", "体育"),
)
TEXTS = (
    "新麦开镰 农机手连夜下田",
    "灌区渠道清淤 麦田喝上头茬水",
    "<script>alert('水库')</script>",
    "少年足球联赛开哨",
    "今日有雨",
    '河长巡河"记" & 其他',
)
Y = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]])
PROBA = np.array(
    [
        [0.95, 0.02, 0.01],
        [0.90, 0.0003, 0.01],
        [0.80, 0.40, 0.03],
        [0.03, 0.02, 0.97],
        [0.04, 0.01, 0.02],
        [0.10, 0.9999, 0.04],
    ]
)
DECISIONS = np.array([0, 0, 1, 0, 2, 1])


@dataclass(frozen=True)
class Piece:
    start: int
    end: int
    weight: float


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(
        Y,
        PROBA,
        PROBA >= 0.5,
        DECISIONS,
        topics=[topic.id for topic in TOPICS],
        slices={"kind": ["headline"] * 5 + ["公告<b>"], "栏目": ["要闻"] * 5 + [""]},
        n_resamples=50,
    )


class Balance(HTMLParser):
    """Collects elements, and complains about one that is closed out of turn."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_well_formed_and_loads_nothing(evaluation: Evaluation, language: str) -> None:
    page = evaluation_html(evaluation, TOPICS, TEXTS, language=language)  # type: ignore[arg-type]  # one of two
    parsed = Balance(page)
    tags = {tag for tag, _ in parsed.seen}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    assert not re.search(r"https?:|url\(|@import|\bsrc=|\bhref=|\bon\w+=", page)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"\{[a-z_]+\}", "".join(parsed.text)), "a placeholder was left"


def test_every_text_is_escaped(evaluation: Evaluation) -> None:
    page = evaluation_html(
        evaluation,
        TOPICS,
        TEXTS,
        title="<b>我的</b>",
        details={"<i>": {"<u>": "<s>", "词": ["a", "<"]}},
    )
    assert "&lt;script&gt;alert(&#x27;水库&#x27;)&lt;/script&gt;" in page
    assert "水利&lt;水务&gt;" in page
    assert "公告&lt;b&gt;" in page
    assert "<h1>&lt;b&gt;我的&lt;/b&gt;</h1>" in page
    assert "<h2>&lt;i&gt;</h2>" in page
    assert "<dt>&lt;u&gt;</dt><dd>&lt;s&gt;</dd><dt>词</dt><dd>a, &lt;</dd>" in page


def test_the_page_shows_the_scores_with_intervals_and_what_they_mean(
    evaluation: Evaluation,
) -> None:
    text = "".join(Balance(evaluation_html(evaluation, TOPICS, TEXTS)).text)
    f1 = evaluation.micro.f1
    assert f"{100 * f1.value:.1f}%" in text
    assert f"{100 * f1.low:.1f}% – {100 * f1.high:.1f}%" in text
    assert "标上的有 60.0% 是对的，该标的标出了 60.0%" in text
    assert "不必复核（accept）的占全部文本的 50.0%" in text
    assert "6 条人工标注的文本，转载合并后 6 条；区间为 95% 置信区间" in text
    assert "重抽 50 次，随机种子 0" in text
    assert "体裁" in text  # the slice by kind
    assert "栏目" in text


def test_topics_stand_best_first_under_their_names(evaluation: Evaluation) -> None:
    page = evaluation_html(evaluation, TOPICS, TEXTS)
    section = page.split("<h2>每个主题</h2>")[1].split("<h2>")[0]
    assert re.findall(r'<td class="name">(.*?)</td>', section) == [
        "体育",
        "现代农业",
        "水利&lt;水务&gt;",
    ]
    english = evaluation_html(evaluation, TOPICS, TEXTS, language="en")
    assert '<td class="name">Water &amp; works</td>' in english
    assert '<td class="name">体育</td>' in english  # it has no English name
    assert '<td class="name">sports</td>' in evaluation_html(evaluation)


def test_a_topic_that_no_text_bears_stands_last_with_dashes(evaluation: Evaluation) -> None:
    agriculture, water, sports = evaluation.topics
    zero = Interval(0.0, 0.0, 0.0)
    unseen = replace(agriculture, precision=0.0, recall=0.0, f1=zero, support=0)
    found = replace(evaluation, topics=(unseen, replace(water, f1=zero), sports))
    section = evaluation_html(found, TOPICS).split("<h2>每个主题</h2>")[1].split("<h2>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in section.split("<tr>")[2:]]
    assert [row[0] for row in rows] == ["体育", "水利&lt;水务&gt;", "现代农业"]
    assert rows[1][2] == "0.0%"
    assert rows[2] == ["现代农业", "", "–", "", "–", "–", "0", str(agriculture.predicted)]
    card = training_card(report(found), corpus="labelled.jsonl", topics=TOPICS)
    assert "| `agriculture` | 现代农业 | 0 | – | – | – |  |\n" in card


def test_mistakes_show_their_text_labels_and_evidence(evaluation: Evaluation) -> None:
    assert mistakes_of(evaluation) == [(5, "water"), (2, "agriculture"), (1, "water"), (2, "water")]
    page = evaluation_html(
        evaluation, TOPICS, TEXTS, evidence={(5, "water"): [Piece(0, 2, 1.0), Piece(2, 4, -0.5)]}
    )
    alarms = page.split("<h2>最有把握的误标</h2>")[1].split("<h2>")[0]
    first = alarms.split("<tbody>")[1].split("</tr>")[0]
    assert '<mark class="for4">河长</mark><mark class="against">巡河</mark>&quot;记' in first
    assert "&gt;99.9%" in first
    assert "第 6 条" in first
    assert re.findall(r'<div class="said">(.*?)</div>', first) == [
        "人工 无",
        '模型 <span class="tag">水利&lt;水务&gt;</span>',
    ]
    assert "&lt;0.1%" in page.split("<h2>最没想到的漏标</h2>")[1]


def test_without_texts_mistakes_and_pairs_name_the_row(evaluation: Evaluation) -> None:
    page = evaluation_html(evaluation, TOPICS)
    assert '<td class="text">第 3 条</td>' in page.split("<h2>最易混淆的主题</h2>")[1]


def test_what_there_is_none_of_is_said(evaluation: Evaluation) -> None:
    nothing = np.zeros((6, 3))
    review = np.ones(6)
    empty = evaluate(nothing, nothing, nothing, review, topics=["a", "b", "c"], n_resamples=2)
    page = evaluation_html(empty, language="en")
    Balance(page)
    # F1, macro-F1, first topic, accept, none
    assert page.count("There is no such text.") == 5
    assert page.count("None to list.") == 3  # confused pairs, false alarms, misses


def test_exclusive_classes_have_an_accuracy(evaluation: Evaluation) -> None:
    page = evaluation_html(replace(evaluation, exclusive=True), language="en")
    assert "<h3>Accuracy</h3>" in page
    assert "<h3>All topics right</h3>" not in page


def test_the_rest_and_an_empty_value_of_a_slice_are_named(evaluation: Evaluation) -> None:
    (row, *_) = evaluation.slices["kind"]
    rest = replace(evaluation, slices={"kind": (replace(row, value=None),)})
    assert '<td class="name">the rest</td>' in evaluation_html(rest, language="en")
    assert '<td class="name">–</td>' in evaluation_html(evaluation)


def test_a_slice_without_topics_has_a_dash_for_its_score(evaluation: Evaluation) -> None:
    (row, *_) = evaluation.slices["kind"]
    bare = replace(row, value="x", f1=None)
    page = evaluation_html(replace(evaluation, slices={"kind": (bare,)}), language="en")
    cells = re.search(r'<td class="name">x</td>(.*?)</tr>', page, re.DOTALL)
    assert cells is not None
    assert '<td class="wide"></td><td class="number">–</td>' in cells[1]


def test_a_slice_says_how_many_accepted_texts_are_all_right(evaluation: Evaluation) -> None:
    (row, *_) = evaluation.slices["kind"]
    assert row.accept_exact is not None
    page = evaluation_html(evaluation, language="en")
    cells = re.search(r'<td class="name">headline</td>(.*?)</tr>', page, re.DOTALL)
    assert cells is not None
    assert cells[1].strip().endswith(f'<td class="number">{100 * row.accept_exact:.1f}%</td>')
    assert "All right there</th>" in page


def test_the_page_is_the_same_each_time(evaluation: Evaluation) -> None:
    assert evaluation_html(evaluation, TOPICS, TEXTS) == evaluation_html(evaluation, TOPICS, TEXTS)


def test_the_page_refuses_other_texts_and_languages(evaluation: Evaluation) -> None:
    with pytest.raises(ValueError, match="texts must be the 6 evaluated ones, in order; got 1"):
        evaluation_html(evaluation, TOPICS, TEXTS[:1])
    with pytest.raises(ValueError, match="language must be one of zh, en; got 'fr'"):
        evaluation_html(evaluation, language="fr")  # type: ignore[arg-type]  # a caller's mistake


def test_both_languages_say_the_same_things() -> None:
    chinese, english = WORDS["zh"], WORDS["en"]
    assert chinese.keys() == english.keys()
    for key, words in chinese.items():
        assert set(re.findall(r"\{\w+\}", words)) == set(re.findall(r"\{\w+\}", english[key])), key


# --- charts


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # our own drawing


def test_a_bar_is_as_long_as_its_score_and_carries_its_interval() -> None:
    svg = drawn(bar(Interval(0.5, 0.25, 0.625)))
    assert svg.find("rect[@class='fill']").get("width") == "100"  # type: ignore[union-attr]  # it is there
    assert svg.find("path").get("d") == "M50 8H125M50 4V12M125 4V12"  # type: ignore[union-attr]  # likewise
    assert svg.findtext("title") == "50.0% (25.0%–62.5%)"


def test_shares_fill_the_bar_side_by_side() -> None:
    svg, key = share_bar([("<a>", 0.25), ("b", 0.75)]).split("</svg>")
    parts = drawn(svg + "</svg>").findall("rect")
    assert [(part.get("x"), part.get("width")) for part in parts] == [("0", "250"), ("250", "750")]
    assert "&lt;a&gt; 25.0%" in key


def test_the_accept_curve_falls_to_the_right_and_marks_where_the_model_stands() -> None:
    curve = [AcceptPoint(0.99, 0.1, 1.0), AcceptPoint(0.9, 0.5, 0.96), AcceptPoint(0.5, 0.8, 0.83)]
    svg = drawn(accept_chart(curve, (0.5, 0.96), x_name="x", y_name="y", now_name="now"))
    dots = [(float(c.get("cx", 0)), float(c.get("cy", 0))) for c in svg.findall("circle")]
    assert len(dots) == 4
    assert dots[3] == dots[1]
    assert dots[0][0] < dots[1][0] < dots[2][0]
    assert dots[0][1] < dots[1][1] < dots[2][1]  # down the page
    labels = [text.text for text in svg.findall("text")]
    assert "80%" in labels  # the axis begins below the lowest precision
    assert "now 50.0% → 96.0%" in labels


def test_an_empty_accept_curve_is_an_empty_plot() -> None:
    svg = drawn(accept_chart([], None, x_name="x", y_name="y", now_name="now"))
    assert svg.findall("circle") == []


def test_reliability_dots_lie_on_the_diagonal_where_the_model_keeps_its_word() -> None:
    curve = [ReliabilityBin(0.2, 0.2, 10), ReliabilityBin(0.8, 0.6, 1000)]
    svg = drawn(reliability_chart(curve, x_name="x", y_name="y", pairs="of"))
    (x0, y0), (_, y1) = [
        (float(c.get("cx", 0)), float(c.get("cy", 0))) for c in svg.findall("circle")
    ]
    ideal = svg.find("path[@class='ideal']").get("d", "")  # type: ignore[union-attr]  # it is there
    (ax, ay), (bx, by) = (map(float, point.split()) for point in ideal[1:].split("L"))
    assert (x0 - ax) / (bx - ax) == pytest.approx((y0 - ay) / (by - ay), abs=1e-3)
    assert (y1 - ay) / (by - ay) == pytest.approx(0.6, abs=1e-3)
    assert svg.findall("circle")[1].findtext("title") == "80.0% → 60.0% of 1,000"
    assert "circle" not in reliability_chart([], x_name="x", y_name="y", pairs="of")


# --- evidence


def test_pieces_are_shaded_by_weight_and_overlaps_add_up() -> None:
    got = marked(
        "乡村振兴好", [Piece(0, 2, 1.0), Piece(1, 3, 1.0), Piece(3, 4, 0.1), Piece(4, 5, -2)]
    )
    assert got == (
        '<mark class="for3">乡</mark><mark class="for4">村</mark><mark class="for3">振</mark>'
        '兴<mark class="against">好</mark>'
    )


def test_a_text_without_pieces_or_with_faint_ones_is_plain() -> None:
    assert marked("a<b", []) == "a&lt;b"
    assert marked("", []) == ""
    assert marked("ab", [Piece(0, 1, 1.0), Piece(1, 2, 0.05)]) == '<mark class="for4">a</mark>b'
    assert marked("ab", [Piece(-3, 9, 0.0)]) == "ab"


# --- the card


def report(evaluation: Evaluation) -> dict[str, object]:
    return {
        "n_texts": 6,
        "corpus_sha256": "ab12",
        "recipe": {
            "name": "mine",
            "version": "2",
            "C": 0.25,
            "user_words": [],
            "vectors": "",
            "ignored_words": list("甲乙丙丁戊己庚辛壬癸"),
        },
        "evaluation": evaluation.to_dict(),
        "libraries": {"numpy": "2.1.0"},
        "warnings": ["topic 'sports' (体育) has 1 labelled texts"],
        "seconds": {"training": 1.25},
    }


def test_the_card_says_what_the_model_is_and_how_it_scores(evaluation: Evaluation) -> None:
    card = training_card(
        report(evaluation),
        corpus="labelled.jsonl",
        topics=TOPICS,
        thresholds={"tag": [0.4, 0.3, 0.2], "accept": [0.9, None, 0.8], "possible": [0.1] * 3},
        limits=["Knows local news alone."],
        rebuild="make rebuild",
    )
    assert card.startswith("# mine 2\n\nTopics for Chinese texts, learned from 6 of them.\n")
    headings = [line for line in card.splitlines() if line.startswith("## ")]
    assert [heading[3:] for heading in headings] == [
        *("Use", "Scores", "Topics", "Trained from", "Warnings", "Limits", "Recipe", "Libraries"),
        "Rebuild",
    ]
    f1 = evaluation.micro.f1
    assert f"| micro-F1 | {f1.value:.4f} | {f1.low:.4f} to {f1.high:.4f} |" in card
    assert "| share of `accept` | 0.5000 |  |" in card
    exact = evaluation.decisions.accept_exact
    assert exact is not None
    assert f"| all topics right in `accept` | {exact.value:.4f} | {exact.low:.4f} to" in card
    assert "seed 0:" in card
    assert re.search(r"\| `water` \| 水利&lt;水务> \| 2 \| .* \| 0.300 \| never \| 0.100 \|", card)
    assert "| labelled.jsonl | 6 | `ab12` |  |  |" in card
    assert "- topic 'sports' (体育) has 1 labelled texts" in card
    assert "- user_words: none\n- vectors: none" in card
    assert "- ignored_words: 甲, 乙, 丙, 丁, 戊, 己, 庚, 辛 and 2 more\n" in card
    assert "- numpy: 2.1.0" in card
    assert "```sh\nmake rebuild\n```" in card
    assert "1.25" not in card  # timings differ from run to run


def test_the_card_names_every_corpus_and_scores_measured_elsewhere(evaluation: Evaluation) -> None:
    card = training_card(
        report(evaluation),
        corpus="all",
        corpora=[
            CorpusNote("authored", 5, "aa", "MIT"),
            CorpusNote("a|b\nc", 1, "bb", remark="old"),
        ],
        scores=[ScoreNote("headlines held out", 900, {"micro-F1": 0.85, "accept": None})],
        summary="Ours.",
    )
    assert "| authored | 5 | `aa` | MIT |  |" in card
    assert "| a\\|b c | 1 | `bb` |  | old |" in card
    assert "On 900 headlines held out:\n\n| score | value | interval |" in card
    assert "| micro-F1 | 0.8500 |  |\n| accept | – |  |" in card
    assert card.count("## Scores") == 1
    assert "never" not in card  # no thresholds were given


def test_what_is_not_known_is_left_out_of_the_card() -> None:
    card = model_card(name="m", version="1", summary="A model.")
    assert [line for line in card.splitlines() if line.startswith("#")] == ["# m 1", "## Use"]


def test_the_card_is_the_same_each_time(evaluation: Evaluation) -> None:
    first = training_card(report(evaluation), corpus="c")
    assert first == training_card(report(evaluation), corpus="c")
