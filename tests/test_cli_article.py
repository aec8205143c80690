"""Articles rolled up, and ``classifier article`` and ``split`` as a person types them."""

import gzip
import io
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import classifier
import classifier.batch.pages as pages_module
from classifier.articles import ArticlePrediction, choose_topics, decide_article, roll_up
from classifier.batch import Tagger, article_object, classify_pages
from classifier.cli import cli
from classifier.documents import Article
from classifier.model import Options, Prediction, TopicClassifier

PAGES = Path(__file__).parent / "pages"
PAGE = (
    "首页 > 民生关注 > 正文\n沙湖镇修通水渠惠及群众\n"
    "2021-03-05 09:30来源：沙湖日报 作者：马小山\n\n"
    "　　沙湖镇清淤河道，修通水渠，引黄灌溉取得进展。\n\n"
    "　　当天，医院义诊接种疫苗，家庭医生签约。\n\n"
    "　　检修泵站、铺设供水管网本周启动。\n\n责任编辑：王小河\n"
)


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.txt").write_text(PAGE, encoding="utf-8")


Run = Callable[..., Result]


@pytest.fixture
def run(model_folder: Path) -> Run:
    def run(*args: str, stdin: str | bytes | None = None) -> Result:
        model = ["--model", str(model_folder)]
        return CliRunner().invoke(cli, ["article", *model, *args], input=stdin)

    return run


# ---- the whole from its parts ----


def rolled(*parts: float) -> float:
    return float(roll_up(np.array(parts)[:, None])[0])


def test_the_formula_by_hand() -> None:
    expected = 1 - (1 - 0.9 * 0.6**2) * (1 - 0.4 * 0.9**2) * (1 - 0.4 * 0.5**2)
    assert rolled(0.6, 0.9, 0.5) == pytest.approx(expected)


def test_one_passing_mention_is_no_topic_of_the_article_two_paragraphs_or_the_title_are() -> None:
    assert rolled(0, 1, 0, 0) < 0.5
    assert rolled(0, 1, 1, 0) > 0.5
    assert rolled(1, 0, 0, 0) > 0.5


def test_many_small_doubts_make_no_topic() -> None:
    assert rolled(*[0.1] * 60) < 0.3


def test_a_page_of_one_part_has_that_parts_probabilities() -> None:
    assert rolled(0.77) == 0.77


@pytest.mark.parametrize("part", range(4))
def test_a_surer_part_never_lowers_the_whole(part: int) -> None:
    draw = np.random.default_rng(0)
    for _ in range(50):
        parts = draw.random(4)
        surer = parts.copy()
        surer[part] += (1 - surer[part]) * draw.random()
        assert rolled(*surer) >= rolled(*parts)


def test_the_order_of_the_paragraphs_does_not_matter() -> None:
    assert rolled(0.3, 0.2, 0.9, 0.5) == pytest.approx(rolled(0.3, 0.9, 0.5, 0.2))


def test_topics_are_chosen_by_threshold_number_and_exclusion() -> None:
    whole = np.array([0.6, 0.4, 0.9, 0.0])
    assert choose_topics(whole) == [2, 0]
    assert choose_topics(whole, max_topics=1) == [2]
    assert choose_topics(whole, max_topics=0) == []
    assert choose_topics(whole, min_probability=0.7) == [2]
    assert choose_topics(whole, exclusive=True) == [2]
    assert choose_topics(whole * 0.1, exclusive=True) == [2]
    assert choose_topics(whole * 0, exclusive=True) == []


def test_an_article_is_decided_by_its_least_sure_topic() -> None:
    part = Prediction("甲", (), "none")
    unknown = Prediction("xyz", (), "review")
    for whole, columns, parts, decision in (
        ([0.9, 0.85], [0, 1], [part], "accept"),
        ([0.9, 0.7], [0, 1], [part], "review"),
        ([0.45, 0.1], [], [part], "review"),
        ([0.3, 0.1], [], [part], "none"),
        ([0.0, 0.0], [], [unknown, unknown], "review"),
        ([0.0, 0.0], [], [unknown, part], "none"),
    ):
        assert decide_article(np.array(whole), columns, parts) == decision


def test_a_model_classifies_an_article(model: TopicClassifier) -> None:
    article = classifier.read_article(PAGE)
    found = model.classify_article(article)
    assert [topic.id for topic in found.topics] == ["water"]
    assert found.carriers == {"water": (0, 2)}
    assert found.title is not None
    assert found.title.text == article.title
    assert found.paragraphs == tuple(model.predict(article.paragraphs))
    assert [topic.id for topic in found.paragraphs[1].topics] == ["health"]


def test_what_stands_at_the_end_of_a_title_has_no_say(model: TopicClassifier) -> None:
    one = model.classify_article(Article("修通水渠惠及群众", paragraphs=("医院义诊。",)))
    other = model.classify_article(Article("修通水渠惠及群众（组图）", paragraphs=("医院义诊。",)))
    assert other.topics == one.topics
    assert other.title is not None
    assert other.title.text == "修通水渠惠及群众（组图）"


def test_odd_articles_are_classified(model: TopicClassifier) -> None:
    nothing = ArticlePrediction((), "none", None, ())
    assert model.classify_article(Article()) == nothing
    for article in (Article("修通水渠"), Article(paragraphs=("修通水渠",))):
        (alone,) = model.predict(["修通水渠"])
        found = model.classify_article(article)
        assert (found.topics, found.decision) == (alone.topics, alone.decision)


def test_options_hold_for_the_whole_and_its_parts(model: TopicClassifier) -> None:
    article = classifier.read_article(PAGE)
    found = model.classify_article(article, Options(exclude_topics=("water",)))
    assert {topic.id for one in found.paragraphs for topic in one.topics} == {"health"}
    assert "water" not in {topic.id for topic in found.topics}
    with pytest.raises(ValueError, match="has no topic 'watr'; did you mean 'water'"):
        model.classify_article(article, Options(topics=("watr",)))


# ---- the verb ----


def test_a_page_in_the_shape_of_the_design(run: Run) -> None:
    result = run("page.txt")
    assert (result.exit_code, result.stderr) == (0, "")
    page = json.loads(result.stdout)
    assert list(page) == [
        *("title", "published", "source", "topics", "decision"),
        *("author", "section", "title_topics", "paragraphs", "left_out"),
    ]
    assert page["title"] == "沙湖镇修通水渠惠及群众"
    assert page["published"] == "2021-03-05T09:30"
    assert (page["source"], page["author"], page["section"]) == ("沙湖日报", "马小山", "民生关注")
    assert [topic["id"] for topic in page["topics"]] == ["water"]
    assert list(page["topics"][0]) == ["id", "name", "probability"]
    assert [topic["id"] for topic in page["title_topics"]] == ["water"]
    assert [list(one) for one in page["paragraphs"]] == [["text", "topics", "decision"]] * 3
    assert {"text": "责任编辑：王小河", "reason": "editor"} in page["left_out"]


def test_every_fixture_page_goes_through_both_outputs(run: Run) -> None:
    files = sorted(PAGES.glob("*.txt"))
    pattern = str(PAGES / "*.txt")
    lines = run(pattern, "--to", "jsonl").stdout.splitlines()
    assert len(lines) == len(files) >= 20
    for file, line in zip(files, lines, strict=True):
        expected = classifier.read_article(file)
        page: dict[str, Any] = json.loads(line)
        assert page["title"] == expected.title
        assert [one["text"] for one in page["paragraphs"]] == list(expected.paragraphs)
    assert run(pattern, "--to", "table", "--quiet").exit_code == 0


def test_the_view_for_people(run: Run) -> None:
    result = run(
        "page.txt", "page.txt", "-", "--to", "table", stdin="[b]县里\n\n　　甲。\n\n　　乙。\n"
    )
    shown = result.stdout
    for part in (
        "沙湖镇修通水渠惠及群众",
        "2021-03-05T09:30  沙湖日报  马小山  民生关注",
        "水利",
        "title 标题, ¶1, ¶3",
        "沙湖镇清淤河道，修通水渠，引黄灌溉取得进展",
        "left out 略去: breadcrumb (1), date and source (1), editor (1)",
        "[b]县里",
        "no topic 无主题",
    ):
        assert part in shown
    assert shown.count("left out") == 1  # each input comes once


def test_a_page_from_standard_input_in_an_encoding_named(run: Run) -> None:
    data = PAGE.encode("gb18030")
    for args in (("-",), ("-", "--encoding", "gb18030"), ()):
        assert json.loads(run(*args, stdin=data).stdout)["source"] == "沙湖日报"
    Path("g.txt").write_bytes(data)
    assert json.loads(run("g.txt", "--encoding", "gb18030").stdout)["source"] == "沙湖日报"


def test_an_empty_page_is_said_to_be(run: Run) -> None:
    result = run("-", stdin="")
    assert json.loads(result.stdout)["decision"] == "none"
    assert result.stderr == "standard input: no title and no paragraph was found\n"
    assert run("-", "--quiet", stdin="").stderr == ""


def test_a_missing_page_exits_with_1_and_a_wrong_topic_with_2(run: Run) -> None:
    result = run("missing.txt")
    assert result.exit_code == 1
    assert result.stderr == "Error: missing.txt: cannot be read: No such file or directory\n"
    assert run("page.txt", "--topics", "nosuch").exit_code == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_many_pages_in_many_processes_come_in_order(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(pages_module, "PAGES_ALONE", 2)
    sources = [str(path) for path in sorted(PAGES.glob("*.txt"))]
    with Tagger(model_folder, Options(max_topics=1), jobs=jobs) as tagger:
        found = list(classify_pages(tagger, sources))
        assert (tagger._pool is not None) == (jobs == 2)
    assert [source for source, _, _ in found] == sources
    for source, article, prediction in found:
        assert article == classifier.read_article(Path(source))
        alone = tagger.model.classify_article(article, tagger.options)
        assert article_object(article, prediction) == article_object(article, alone)


def test_a_page_from_standard_input_after_many_others_is_read_in_this_process(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_module, "PAGES_ALONE", 1)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PAGE.encode("gb18030"))))
    with Tagger(model_folder, jobs=2) as tagger:
        tagger.start()
        found = list(classify_pages(tagger, ["page.txt", "-", "page.txt"]))
    assert [source for source, _, _ in found] == ["page.txt", "-", "page.txt"]
    assert [article for _, article, _ in found] == [classifier.read_article(PAGE)] * 3


# ---- split ----


def test_split_gives_one_headline_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "split_headlines", str.split, raising=False)
    result = CliRunner().invoke(cli, ["split"], input="修通水渠 医院义诊\n\n开学第一课\n")
    assert result.stdout == "修通水渠\n医院义诊\n开学第一课\n"
    assert result.stderr == "standard input: 2 lines, 3 headlines\n"
    assert CliRunner().invoke(cli, ["split", "-q"], input="水").stderr == ""
    assert CliRunner().invoke(cli, ["split", "missing.txt"]).exit_code == 1


@pytest.mark.parametrize("verb", ["article", "split"])
def test_a_spreadsheet_is_told_to_be_one_and_who_reads_it(verb: str) -> None:
    Path("list.xlsx").write_bytes(b"PK\x03\x04\x14\x00\xe0\xff\xff")
    result = CliRunner().invoke(cli, [verb, "list.xlsx"])
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: list.xlsx: is a spreadsheet or another zip file, not text; "
        "classifier tag, check, train and evaluate read it with --from xlsx\n"
    )


@pytest.mark.parametrize(("name", "pack"), [("a gzip", gzip.compress), ("an xz", lzma.compress)])
def test_a_page_saved_compressed_is_told_to_be(name: str, pack: Callable[[bytes], bytes]) -> None:
    Path("page.html").write_bytes(pack("<p>修通水渠</p>".encode()))
    result = CliRunner().invoke(cli, ["article", "page.html"])
    assert result.exit_code == 1
    assert result.stderr == f"Error: page.html: is {name} file, not text; unpack it first\n"
