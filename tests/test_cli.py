"""The shell door, verb by verb, through its own entry point."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

from classifier import __version__
from classifier.artefact import save
from classifier.cli import VERBS, cli
from classifier.model import TopicClassifier
from tests.conftest import TOPICS, make_texts

FRAUD = "女子轻信刷单返利损失八千元"


def run(*args: object, stdin: str | bytes | None = None, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, [str(arg) for arg in args], input=stdin)
    assert result.exit_code == code, result.output
    return result


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return found


@pytest.mark.parametrize("path", commands(cli), ids=" ".join)
def test_every_verb_has_help_with_an_example_that_names_it(path: tuple[str, ...]) -> None:
    text = run(*path, "--help").stdout
    assert "Example" in text
    assert f"classifier {path[0]}" in text


def test_help_lists_every_verb_in_one_line() -> None:
    text = run("--help").stdout
    for verb in VERBS:
        assert f"\n  {verb} " in text


def test_the_version() -> None:
    assert run("--version").stdout == f"classifier {__version__}\n"


def test_an_unknown_verb_is_wrong_usage() -> None:
    assert "No such command 'tga'" in run("tga", code=2).stderr


# explain


def test_explain_gives_the_pieces_in_the_contract_shape(model_folder: Path) -> None:
    text = "沙湖镇：修通水渠"
    one = json.loads(run("explain", text, "--model", model_folder, "--to", "jsonl").stdout)
    assert list(one) == ["text", "topics"]
    assert one["text"] == text
    (topic,) = one["topics"]
    assert list(topic) == ["id", "name", "probability", "pieces"]
    assert topic["id"] == "water"
    for piece in topic["pieces"]:
        assert list(piece) == ["start", "end", "text", "weight"]
        assert text[piece["start"] : piece["end"]] == piece["text"]


def test_explain_reads_standard_input_and_shows_a_table(model_folder: Path) -> None:
    shown = run("explain", "-", "--model", model_folder, "--to", "table", stdin="修通水渠\n").stdout
    assert "水渠" in shown
    assert "water" in shown
    shown = run("explain", "Ω", "--model", model_folder, "--to", "table").stdout
    assert "无主题" in shown


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_explain_reads_standard_input_in_any_encoding(
    model_folder: Path, encoding: str, end: str
) -> None:
    stdin = f"沙湖镇修通水渠灌溉农田{end}".encode(encoding)
    one = json.loads(run("explain", "-", "--model", model_folder, stdin=stdin).stdout)
    assert one["text"] == "沙湖镇修通水渠灌溉农田"
    assert [topic["id"] for topic in one["topics"]] == ["water"]


def test_explain_reads_standard_input_in_the_encoding_that_is_named(model_folder: Path) -> None:
    stdin = "修通水渠".encode("utf-16-le")
    one = json.loads(
        run("explain", "-", "--model", model_folder, "--encoding", "utf-16-le", stdin=stdin).stdout
    )
    assert one["text"] == "修通水渠"
    stdin = "修通水渠".encode("utf-8-sig")
    named = run("explain", "-", "--model", model_folder, "--encoding", "utf-8", stdin=stdin)
    assert json.loads(named.stdout)["text"] == "修通水渠"
    refused = run("explain", "修通水渠", "--encoding", "big5", code=2)
    assert "--encoding is for standard input" in refused.stderr


def test_explain_takes_a_headline_with_spaces_as_one_text(model_folder: Path) -> None:
    one = json.loads(run("explain", "修通水渠", "灌溉农田", "--model", model_folder).stdout)
    assert one["text"] == "修通水渠 灌溉农田"
    assert "Missing argument 'TEXT'" in run("explain", code=2).stderr


def test_explain_says_that_a_files_name_is_read_as_a_text(
    model_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "front.txt"
    file.write_text("修通水渠\n", encoding="utf-8")
    result = run("explain", file, "--model", model_folder)
    assert json.loads(result.stdout)["text"] == str(file)
    assert result.stderr == (
        f"{file}: is read as a text, though a file has this name; classifier tag reads files\n"
    )
    assert run("explain", "修通水渠" * 500, "--model", model_folder).stderr == ""


def test_explain_takes_a_topic_by_its_chinese_name(model_folder: Path) -> None:
    text = "沙湖镇：修通水渠"
    one = json.loads(run("explain", text, "--model", model_folder, "--topics", "教育").stdout)
    assert [topic["id"] for topic in one["topics"]] == ["education"]


def test_an_unknown_topic_is_wrong_usage_with_a_hint(model_folder: Path) -> None:
    stderr = run("explain", "甲", "--model", model_folder, "--topics", "watre", code=2).stderr
    assert "watre" in stderr
    assert "water" in stderr


# topics, models


def test_topics_lists_the_default_taxonomy_a_models_and_a_files(
    model_folder: Path, tmp_path: Path
) -> None:
    assert "残疾人就业" in run("topics").stdout
    assert "反诈" in run("topics", "--model", model_folder).stdout
    file = tmp_path / "t.toml"
    file.write_text('[[topic]]\nid = "a"\nzh = "甲类"\n', encoding="utf-8")
    assert "甲类" in json.dumps(
        json.loads(run("topics", "--taxonomy", file, "--json").stdout), ensure_ascii=False
    )
    assert "not both" in run("topics", "--taxonomy", file, "--model", "x", code=2).stderr


def test_models_are_listed_shown_and_verified(model_folder: Path) -> None:
    assert "public-affairs" in run("models", "list").stdout
    listed = json.loads(run("models", "list", "--json").stdout)
    assert "public-affairs" in [model["name"] for model in listed]
    assert json.loads(run("models", "show", model_folder, "--json").stdout)["name"] == "small"
    assert "# small" in run("models", "show", model_folder).stdout
    assert "small 1: sound" in run("models", "verify", model_folder).stdout


def test_a_damaged_model_is_told_in_one_line(model_folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(model_folder, tmp_path / "copy"))
    data = bytearray((copy / "weights.npy").read_bytes())
    data[-1] ^= 1
    (copy / "weights.npy").write_bytes(data)
    stderr = run("models", "verify", copy, code=1).stderr
    assert stderr.count("\n") == 1
    assert stderr.startswith(f"Error: {copy}")
    assert "copy the model again" in stderr
    assert "no model 'nowhere'" in run("models", "show", "nowhere", code=1).stderr
    # The others are verified as well.
    result = run("models", "verify", copy, model_folder, "nowhere", code=1)
    assert result.stdout.startswith("small 1: sound")
    assert result.stderr.startswith(f"{stderr}Error: no model 'nowhere'")


# train, evaluate, check


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.jsonl"
    rows = [
        json.dumps({"text": text, "topics": topics, "kind": "headline"}, ensure_ascii=False)
        for text, topics in make_texts(200)
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def taxonomy_file(tmp_path: Path) -> Path:
    path = tmp_path / "topics.toml"
    entries = [f'[[topic]]\nid = "{topic.id}"\nzh = "{topic.name}"\n' for topic in TOPICS]
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


def test_train_writes_a_model_that_tags(
    labelled: Path, taxonomy_file: Path, tmp_path: Path
) -> None:
    recipe, lexicon = tmp_path / "r.toml", tmp_path / "l.tsv"
    recipe.write_text('name = "mine"\nn_folds = 2\n', encoding="utf-8")
    lexicon.write_text("滴灌\twater:2\n", encoding="utf-8")
    out = tmp_path / "mine"
    result = run(
        "train", labelled, "-o", out, "--recipe", recipe, "--taxonomy", taxonomy_file,
        "--lexicon", lexicon,
    )  # fmt: skip
    assert result.stdout == ""
    assert "[1/5] cross-validation, part 1 of 2" in result.stderr
    assert "micro-F1 on texts held out" in result.stderr
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "mine" in card
    assert "200" in card
    tagged = run("tag", "-", "--model", out, "--to", "jsonl", "--quiet", stdin="修通水渠\n")
    assert json.loads(tagged.stdout)["topics"][0]["id"] == "water"
    again = run("train", labelled, "-o", out, code=1)
    assert "exists already; choose another folder, or use --force" in again.stderr


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    """Texts about water that a house calls health."""
    path = tmp_path / "corrections.jsonl"
    rows = [
        {"text": text, "topics": ["health"]}
        for text, topics in make_texts(120, seed=5)
        if topics == ("water",)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_train_with_a_base_changes_that_model(
    corrections: Path, model_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    assert "can be trained on" in run("check", corrections, "--base", model_folder).stdout
    assert "aim at 50" not in run("check", corrections, "--base", model_folder).stdout
    result = run("train", corrections, "-o", out, "--base", model_folder)
    assert result.stdout == ""
    told = re.search(
        r"mine: small 1, changed by \d+ labelled texts, of which it had (\d+) right and has (\d+) "
        r"now; of texts held out micro-F1 (0\.\d{3}), before (0\.\d{3}): \+0\.\d{3} \(\+0\.",
        result.stderr,
    )  # fmt: skip
    assert told
    right_before, right, after, before = map(float, told.groups())
    assert right > right_before
    assert after > before
    card = (out / "README.md").read_text(encoding="utf-8")
    assert card.startswith("# small-adapted 1\n\nsmall 1, changed by ")
    assert "texts of the corpus, by small 1, seed 0" in card
    assert "texts of the corpus, by small 1 as the other texts change it, seed 0" in card
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert round(report["gain"]["second"], 3) == after
    assert "seconds" not in report
    run("models", "verify", out)
    text = "修通水渠\n"
    old, new = (
        json.loads(run("tag", "-", "--model", model, "--to", "jsonl", "-q", stdin=text).stdout)
        for model in (model_folder, out)
    )
    assert [topic["id"] for topic in old["topics"]] == ["water"]
    assert "health" in [topic["id"] for topic in new["topics"]]


def test_a_change_that_helps_nobody_is_told(model_folder: Path, tmp_path: Path) -> None:
    path, out = tmp_path / "same.jsonl", tmp_path / "mine"
    rows = [
        json.dumps({"text": text, "topics": list(topics)})
        for text, topics in make_texts(60, seed=9)
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    stderr = run("train", path, "-o", out, "--base", model_folder, "--quiet").stderr
    assert stderr == ""
    stderr = run("train", path, "-o", out, "--base", model_folder, "--force").stderr
    assert "warning: on texts held out it does no better than 'small'; label more" in stderr
    assert "no better than 'small'" in (out / "README.md").read_text(encoding="utf-8")


def test_topics_that_the_labels_speak_of_are_named(
    corrections: Path, model_folder: Path, tmp_path: Path
) -> None:
    options = ("train", corrections, "-o", tmp_path / "mine", "--base", model_folder)
    run(*options, "--topics", "医疗,water", "--quiet")
    report = json.loads((tmp_path / "mine" / "report.json").read_text(encoding="utf-8"))
    assert report["recipe"]["topics"] == ["water", "health"]
    card = (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")
    assert "| `health` |" in card
    assert "| `education` |" not in card
    stderr = run(*options, "--force", "--topics", "wate", code=2).stderr
    assert "--topics" in stderr
    assert "'water'" in stderr


@pytest.mark.parametrize("option", ["--recipe", "--taxonomy", "--lexicon", "--jobs"])
def test_what_a_base_has_decided_is_not_asked_again(
    option: str, corrections: Path, model_folder: Path, tmp_path: Path
) -> None:
    asked = ("--base", model_folder, option, 2)
    stderr = run("train", corrections, "-o", tmp_path / "mine", *asked, code=2).stderr
    assert f"{option} has no effect with --base" in stderr
    if option != "--jobs":
        stderr = run("check", corrections, *asked, code=2).stderr
        assert f"{option} has no effect with --base" in stderr
    assert not (tmp_path / "mine").exists()


def test_topics_go_with_a_base_alone(corrections: Path, tmp_path: Path) -> None:
    asked = ("train", corrections, "-o", tmp_path / "mine", "--topics", "water")
    assert "--topics goes with --base" in run(*asked, code=2).stderr


def test_check_refuses_what_a_base_cannot_learn_from(model_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("text,topics\n修渠,water\n开学,education\n", encoding="utf-8")
    says = "2 different texts, reprints set aside; 5 are needed"
    assert says in run("check", path, "--base", model_folder, code=1).stdout
    train = ("train", path, "-o", tmp_path / "mine", "--base", model_folder)
    assert says in run(*train, code=1).stderr
    path.write_text("text,topics\n修渠,water\n开学,space\n", encoding="utf-8")
    stderr = run(*train, code=1).stderr
    assert "'space'" in stderr
    assert stderr.endswith("its own topics; rename the others, or train without --base\n")
    assert "'space'" in run("check", path, "--base", model_folder, code=1).stdout


def test_train_refuses_a_folder_of_other_things_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("春灌", encoding="utf-8")
    # A corpus that is not there would be the next thing told.
    result = run("train", tmp_path / "none.jsonl", "-o", tmp_path, "--force", code=1)
    assert "holds files and no model.json" in result.stderr


def test_train_leaves_nothing_behind_when_interrupted(
    labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from classifier.trainer import training

    def interrupt(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "choose_thresholds", interrupt)
    before = sorted(tmp_path.iterdir())
    result = CliRunner().invoke(cli, ["train", str(labelled), "-o", str(tmp_path / "new"), "-q"])
    assert result.exit_code == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"text": "甲", "topics": ["watre"]}', "watre"),
        ('{"text": "甲", "topics": ', "line 201"),
    ],
)
def test_train_names_the_row_of_a_bad_label(
    labelled: Path, taxonomy_file: Path, tmp_path: Path, row: str, message: str
) -> None:
    with labelled.open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    stderr = run(
        "train", labelled, "-o", tmp_path / "new", "--taxonomy", taxonomy_file, code=1
    ).stderr
    assert "line 201" in stderr
    assert message in stderr


def test_evaluate_shows_scores_writes_json_and_a_page(
    labelled: Path, model_folder: Path, tmp_path: Path
) -> None:
    shown = run("evaluate", labelled, "--model", model_folder).stdout
    assert "micro-F1" in shown
    assert "水利" in shown
    page = tmp_path / "scores.html"
    scored = run(
        "evaluate", labelled, "--model", model_folder, "--against", model_folder, "--json",
        "--report", page,
    )  # fmt: skip
    assert scored.stderr == f"{page}: the report, for a browser\n"
    found = json.loads(scored.stdout)
    assert found["micro"]["f1"]["value"] > 0.9
    assert found["comparison"]["difference"]["value"] == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    again = run("evaluate", labelled, "--model", model_folder, "--report", page, code=1)
    assert "exists already" in again.stderr


def test_scores_on_the_texts_of_training_are_told_to_flatter(
    labelled: Path, taxonomy_file: Path, tmp_path: Path
) -> None:
    folder, page, fewer = tmp_path / "new", tmp_path / "scores.html", tmp_path / "fewer.jsonl"
    run("train", labelled, "-o", folder, "--taxonomy", taxonomy_file, "-q")
    told = run("evaluate", labelled, "--model", folder, "--report", page).stderr
    assert told.startswith(f"{labelled}: the model was trained on these very texts, so the scores ")
    assert "模型正是用这些文本训练的" in page.read_text(encoding="utf-8")
    assert json.loads(run("evaluate", labelled, "--model", folder, "--json").stdout)["trained_on"]
    fewer.write_text("".join(labelled.read_text("utf-8").splitlines(True)[1:]), "utf-8")
    told = run("evaluate", fewer, "--model", folder, "--report", page, "--force").stderr
    assert told == f"{page}: the report, for a browser\n"
    found = json.loads(run("evaluate", fewer, "--model", folder, "--json").stdout)
    assert found["trained_on"] is False
    assert "模型正是用这些文本训练的" not in page.read_text(encoding="utf-8")


def test_evaluate_shows_dashes_for_a_topic_that_no_text_bears(
    tmp_path: Path, model_folder: Path
) -> None:
    corpus = tmp_path / "water.jsonl"
    corpus.write_text('{"text": "修通水渠", "topics": ["water"]}\n', encoding="utf-8")
    lines = run("evaluate", corpus, "--model", model_folder).stdout.splitlines()
    rows = {line.split()[0]: line.split() for line in lines if line.strip()}
    assert rows["health"] == ["health", "医疗", "–", "–", "–", "0"]
    assert rows["water"] == ["water", "水利", *["1.000"] * 4, "to", "1.000", "1"]
    found = json.loads(run("evaluate", corpus, "--model", model_folder, "--json").stdout)
    assert [row["recall"] for row in found["topics"]] == [1.0, 0.0, 0.0, 0.0]


def test_the_worst_mistakes_stand_with_what_led_to_them(model_folder: Path, tmp_path: Path) -> None:
    corpus, page = tmp_path / "wrong.jsonl", tmp_path / "scores.html"
    rows = [("修通水渠灌溉农田", ["health"]), ("家庭医生签约", ["health"])]
    lines = [json.dumps({"text": text, "topics": topics}) for text, topics in rows]
    corpus.write_text("\n".join(lines), encoding="utf-8")
    asked = ("evaluate", corpus, "--model", model_folder, "--json", "--report", page)
    found = json.loads(run(*asked).stdout)
    [alarm], [miss] = found["false_alarms"], found["misses"]
    assert (alarm["topic"], alarm["text"]) == ("water", "修通水渠灌溉农田")
    most = max(alarm["evidence"], key=lambda piece: piece["weight"])
    assert most["text"] in {"水渠", "灌溉", "修通"}
    assert (miss["topic"], miss["row"]) == ("health", 0)
    assert '<mark class="for4">' in page.read_text(encoding="utf-8")


def test_the_terminal_has_slices_confusions_and_mistakes(
    model_folder: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "wrong.jsonl"
    rows = [("修通水渠灌溉农田", "要闻"), ("家庭医生签约", ""), ("家庭医生签约", "")]
    lines = [json.dumps({"text": text, "topics": ["health"], "page": page}) for text, page in rows]
    corpus.write_text("\n".join(lines), encoding="utf-8")
    shown = run("evaluate", corpus, "--model", model_folder).stdout.splitlines()

    def table(head: str) -> list[list[str]]:
        start = next(i for i, row in enumerate(shown) if " ".join(row.split()).startswith(head))
        below = itertools.dropwhile(lambda row: "─" not in row, shown[start:])
        next(below)
        return [line.split() for line in itertools.takewhile(str.strip, below)]

    by_page = {row[0]: row[1:3] for row in table("by page")}
    assert by_page == {"要闻": ["1", "0.000"], "–": ["2", "1.000"]}
    assert table("missed given instead") == [["health", "water", "1", rows[0][0]]]
    [[topic, _, text, *reasons]] = table("given wrongly")
    assert (topic, text) == ("water", rows[0][0])
    found = json.loads(run("evaluate", corpus, "--model", model_folder, "--json").stdout)
    pieces = {one["text"]: one["weight"] for one in found["false_alarms"][0]["evidence"]}
    strongest = sorted(pieces, key=lambda piece: -abs(pieces[piece]))[:3]
    assert reasons == [f"{'+' if pieces[one] > 0 else '−'}{one}" for one in strongest]
    [[topic, _, text, *_]] = table("missed probability")
    assert (topic, text) == ("health", rows[0][0])


def test_the_terminal_has_no_score_where_there_is_no_topic(
    model_folder: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "none.jsonl"
    corpus.write_text('{"text": "某地", "topics": []}\n', encoding="utf-8")
    shown = run("evaluate", corpus, "--model", model_folder).stdout.splitlines()
    values = {tuple(line.split()[:-1]) for line in shown if line.split()[-1:] == ["–"]}
    assert {("micro-F1",), ("macro-F1",)} <= values
    assert any(line.split()[:3] == ["exact", "topics", "1.000"] for line in shown)


def test_training_and_scoring_say_what_was_seen_in_the_file(
    labelled: Path, model_folder: Path, tmp_path: Path
) -> None:
    lines = labelled.read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    corrected = first | {"corrected_at": "2026-01-01T00:00:00+00:00"}
    corpus = tmp_path / "all.jsonl"
    corpus.write_text("\n".join([*lines, json.dumps(corrected)]), encoding="utf-8")
    says = "warning: 1 line is corrected further down and left out, such as line 1\n"
    assert says in run("train", corpus, "-o", tmp_path / "new").stderr
    assert says in run("evaluate", corpus, "--model", model_folder).stderr


def test_the_terminal_says_how_many_accepted_texts_are_all_right(tmp_path: Path) -> None:
    corpus = tmp_path / "accepted.jsonl"
    labels = {
        "国家反诈中心提醒：谨防刷单返利诈骗": ["fraud-prevention"],
        "警方通报一起电信网络诈骗案": ["fraud-prevention", "transport"],
        "某地": [],
    }
    rows = [
        {"text": text, "topics": topics, "place": "" if topics else "x"}
        for text, topics in labels.items()
    ]
    corpus.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    shown = run("evaluate", corpus, "--model", "public-affairs").stdout
    by_place = shown[shown.index(" by place") :].splitlines()[2:4]
    # accepted, topics right there, all topics right there
    assert [row.split()[-3:] for row in by_place] == [
        ["1.000", "0.667", "0.500"],
        ["0.000", "–", "–"],
    ]


def test_the_terminal_takes_no_name_for_markup_and_shows_the_first_of_many(
    model_folder: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "many.jsonl"
    text = "修通水渠灌溉农田{}" + "渠" * 40
    rows = [
        {
            "text": text.format(n),
            "topics": ["health"],
            "栏 [/a]": f"{n // 2:02}",
            "编号": n,
            "年": 2024,
        }
        for n in range(24)
    ]
    corpus.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    shown = run("evaluate", corpus, "--model", model_folder).stdout
    parts = {part.strip("\n ").split("  ")[0]: part for part in re.split(r"\n\s*\n", shown)}
    # Of 编号 each value stands once, of 年 there is only one.
    assert re.findall(r"^ (by .*?)  ", shown, re.MULTILINE) == ["by 栏 [/a]"]
    assert "and 2 more" in next(part for part in parts.values() if " by 栏" in part)
    assert parts["given wrongly"].count("water") == 5
    assert "…" in parts["given wrongly"]


def test_a_model_compared_with_is_told_to_be_flattered(
    labelled: Path, model_folder: Path, taxonomy_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    run("train", labelled, "-o", folder, "--taxonomy", taxonomy_file, "-q")
    told = run("evaluate", labelled, "--model", model_folder, "--against", folder).stderr
    assert told == f"{folder}: was trained on these very texts, which flatters it here\n"


def test_a_comparison_names_both_models_and_its_sign_goes_by_their_order(
    labelled: Path, model: TopicClassifier, model_folder: Path, tmp_path: Path
) -> None:
    # One that tags nothing is worse than any.
    thresholds = replace(model.thresholds, tag=np.full(len(model.topics), 1.0))
    worse, page = tmp_path / "worse", tmp_path / "scores.html"
    save(replace(model, thresholds=thresholds), worse)
    compare = ("evaluate", labelled, "--model", worse, "--against", model_folder)
    line = run(*compare, "--report", page).stdout.splitlines()[-1]
    assert line.startswith(f"micro-F1: {worse} 0.0000, {model_folder} 1.0000;")
    assert " the first minus the second -1.0000 (-1.0000 to -1.0000), p = 0.001" in line
    shown = page.read_text(encoding="utf-8")
    assert f"{worse} 为 0.0%，{model_folder} 为 100.0%" in shown
    assert "前者减后者 -100.0 个百分点" in shown
    found = json.loads(run(*compare, "--json").stdout)["comparison"]
    assert found["difference"]["value"] == found["second"] - found["first"] > 0


def test_a_report_is_read_by_whom_other_new_files_are(
    labelled: Path, model_folder: Path, tmp_path: Path
) -> None:
    page, other = tmp_path / "scores.html", tmp_path / "other"
    run("evaluate", labelled, "--model", model_folder, "--report", page)
    other.touch()
    assert page.stat().st_mode == other.stat().st_mode


def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    labelled: Path, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(*_: object) -> None:
        pytest.fail("the texts were scored")

    monkeypatch.setattr("classifier.trainer.evaluate", evaluate)
    page = tmp_path / "no" / "scores.html"
    stderr = run("evaluate", labelled, "--model", model_folder, "--report", page, code=1).stderr
    assert stderr == f"Error: {page}: cannot be written: No such file or directory\n"


def test_an_evaluation_that_fails_leaves_no_report(model_folder: Path, tmp_path: Path) -> None:
    missing, page = tmp_path / "missing.csv", tmp_path / "scores.html"
    page.write_text("旧", encoding="utf-8")
    run("evaluate", missing, "--model", model_folder, "--report", page, "--force", code=1)
    assert [path.name for path in tmp_path.iterdir()] == ["scores.html"]
    assert page.read_text(encoding="utf-8") == "旧"


def test_check_tells_everything_at_once(tmp_path: Path, taxonomy_file: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(
        "text,topics\n修通水渠通水了,water\n修通水渠通水了,water\n修通水渠通水了,health\n,water\n"
        "开学第一课,watre\n甲,\n",
        encoding="utf-8",
    )
    shown = run("check", path, "--taxonomy", taxonomy_file, code=1).stdout
    for told in ("watre", "water", "without text", "other labels", "fewer than four", "cannot be"):
        assert told in shown
    found = json.loads(run("check", path, "--taxonomy", taxonomy_file, "--json", code=1).stdout)
    assert found["is_usable"] is False


def test_check_tells_of_a_column_of_labels_that_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("text,topics\n" + "".join(f"第{n}条消息,\n" for n in range(9)), "utf-8")
    shown = run("check", path, code=1).stdout
    assert "\n- the column of labels is empty throughout: 9 texts, none with a topic\n" in shown
    assert "aim at" not in shown
    message = run("train", path, "-o", tmp_path / "new", code=1).stderr.removeprefix("Error: ")
    assert shown.endswith(f"cannot be trained on as it is: {message}")
    path.write_text("text,label\n甲,\n乙, \n", encoding="utf-8")
    for verb in (("check",), ("evaluate",), ("train", "-o", tmp_path / "new")):
        says = f"Error: {path}: the column of labels 'label' is empty throughout, where each text"
        assert run(*verb, path, code=1).stderr.startswith(says)


def test_check_gathers_topics_without_text_and_says_why_it_refuses(
    tmp_path: Path, taxonomy_file: Path
) -> None:
    path = tmp_path / "c.csv"
    path.write_text("text,topics\n甲乙丙丁,water\n,water\n戊己庚辛,watre|energyy\n", "utf-8")
    shown = run("check", path, "--taxonomy", taxonomy_file, code=1).stdout
    assert f"- {len(TOPICS) - 1} topics have no text: " in shown
    assert shown.count("aim at 50") == 2
    assert shown.endswith(
        "cannot be trained on as it is: 2 lines cannot be used; mend or delete what is told above\n"
    )
    path.write_text("text,topics\n", encoding="utf-8")
    assert run("check", path, code=1).stdout.endswith("as it is: it holds no labelled text\n")


def test_check_counts_one_as_one(tmp_path: Path, taxonomy_file: Path) -> None:
    path = tmp_path / "c.csv"
    text = "text,topics\n修通水渠通水了,water\n修通水渠通水了,water\n,\n开学第一课,watre\n甲,\n"
    path.write_text(text, encoding="utf-8")
    shown = run("check", path, "--taxonomy", taxonomy_file, code=1).stdout
    for told in (
        "did you mean 'water'? (line 5)", "1 line without text, left out: 4",
        "1 line with fewer than four characters: 6",
        "1 text comes again with the same labels, such as lines 2, 3", "'water' (水利) has 2 texts",
    ):  # fmt: skip
        assert told in shown
    path.write_text("text,topics\n修通水渠通水了,water\n", encoding="utf-8")
    shown = run("check", path, "--taxonomy", taxonomy_file, code=1).stdout
    assert ": 1 line, 1 of use\n0 without topic, 1 different text\n" in shown
    assert "'water' (水利) has 1 text; aim" in shown


def test_check_passes_good_data(labelled: Path, taxonomy_file: Path) -> None:
    assert "can be trained on" in run("check", labelled, "--taxonomy", taxonomy_file).stdout


@pytest.mark.parametrize(
    ("rows", "topics", "recipe", "says"),
    [
        ("修渠,a 高考,b", "a b", "", "the corpus has 2 texts, too few for 5 folds"),
        (
            "修渠,a 修渠,b " * 3,
            "a b",
            "",
            "1 different text, reprints set aside, too few for 5 folds",
        ),
        (
            "修渠,a 修渠,b " * 3,
            "a b",
            'fold_by = "x"',
            "the field 'x' has 1 value, fewer than the recipe's",
        ),
        ("甲,a 乙,a 丙,a 丁,a 戊,a", "a b", "", "topic 'b' has no labelled text and no words"),
        (
            "甲,a 乙,a 丙,a 丁,a 戊,a",
            "a",
            "",
            "all 5 texts have the same labels ('a'), so there is nothing to tell apart",
        ),
    ],
)
def test_check_refuses_what_train_refuses_in_the_same_words(
    tmp_path: Path, rows: str, topics: str, recipe: str, says: str
) -> None:
    path, settings, taxonomy = tmp_path / "c.csv", tmp_path / "r.toml", tmp_path / "t.toml"
    path.write_text("text,topics\n" + "\n".join(rows.split()), encoding="utf-8")
    settings.write_text(recipe, encoding="utf-8")
    entries = [f'[[topic]]\nid = "{id_}"\nzh = "{id_}"\n' for id_ in topics.split()]
    taxonomy.write_text("".join(entries), encoding="utf-8")
    options = (path, "--taxonomy", taxonomy, "--recipe", settings)
    message = run("train", *options, "-o", tmp_path / "new", "--quiet", code=1).stderr
    message = message.removeprefix("Error: ")
    assert says in message
    assert run("check", *options, code=1).stdout.endswith(f"as it is: {message}")
    found = json.loads(run("check", *options, "--json", code=1).stdout)
    assert (found["is_usable"], found["refusal"]) == (False, message.removesuffix("\n"))


def test_shipped_topics_among_topics_of_ones_own_are_told(tmp_path: Path) -> None:
    path, recipe = tmp_path / "c.csv", tmp_path / "r.toml"
    rows = zip("甲乙丙丁戊己", ["水利水务", "校园", "街谈"] * 2, strict=True)
    path.write_text("text,topics\n" + "".join(f"{text},{one}\n" for text, one in rows), "utf-8")
    recipe.write_text('n_folds = 2\nmin_df = 1\nvectors = ""\n', encoding="utf-8")
    says = "topics of your own, though 1 of the 3 names a shipped topic ('水利水务'); if all are"
    told = run("check", path).stdout
    assert says in told
    assert "give it by --taxonomy" in told
    train = ("train", path, "--recipe", recipe, "--force", "-o", tmp_path / "new")
    assert says in run(*train).stderr
    assert run(*train, "--quiet").stderr == ""
    path.write_text("text,topics\n甲,校园\n乙,街谈\n", encoding="utf-8")
    assert "of your own" not in run("check", path, code=1).stdout


def test_check_counts_the_words_of_a_lexicon_as_train_does(tmp_path: Path) -> None:
    path, topics, words = tmp_path / "c.csv", tmp_path / "t.toml", tmp_path / "l.tsv"
    path.write_text("text,topics\n" + "".join(f"{one},a\n" for one in "甲乙丙丁戊"), "utf-8")
    topics.write_text('[[topic]]\nid = "a"\nzh = "甲"\n[[topic]]\nid = "b"\nzh = "乙"\n', "utf-8")
    words.write_text("滴灌\tb:2\n", encoding="utf-8")
    assert "topic 'b' has no" in run("check", path, "--taxonomy", topics, code=1).stdout
    asked = ("check", path, "--taxonomy", topics, "--lexicon", words)
    shown = run(*asked).stdout
    assert shown.endswith("can be trained on\n")
    assert "ignored" not in shown
    words.write_text("滴灌\tb:2\n刷单返利\tb:2\n", encoding="utf-8")
    assert "- 1 word of the lexicon is ignored, such as '刷单返利'" in run(*asked).stdout
    (warning,) = json.loads(run(*asked, "--json").stdout)["warnings"]
    assert warning.startswith("1 word of the lexicon is ignored")


def test_labelled_texts_come_by_standard_input_too(
    labelled: Path, taxonomy_file: Path, model_folder: Path, tmp_path: Path
) -> None:
    data = labelled.read_bytes()
    shown = run("check", "-", "--taxonomy", taxonomy_file, stdin=data).stdout
    assert shown.startswith("standard input: 200 lines, 200 of use\n")
    found = run("evaluate", "-", "--model", model_folder, "--json", stdin=data).stdout
    assert json.loads(found)["n_texts"] == 200
    recipe = tmp_path / "r.toml"
    recipe.write_text("n_folds = 2\n", encoding="utf-8")
    options = ("--taxonomy", taxonomy_file, "--recipe", recipe, "-o", tmp_path / "new", "--quiet")
    run("train", "-", *options, stdin=data)
    assert "standard input" in (tmp_path / "new" / "README.md").read_text(encoding="utf-8")


def test_the_format_of_labelled_texts_can_be_named(
    labelled: Path, taxonomy_file: Path, model_folder: Path
) -> None:
    path = labelled.rename(labelled.with_suffix(".dat"))
    options = ("--taxonomy", taxonomy_file)
    assert "--from" in run("check", path, *options, code=1).stderr
    assert "can be trained on" in run("check", path, *options, "--from", "jsonl").stdout
    assert "micro-F1" in run("evaluate", path, "--model", model_folder, "--from", "jsonl").stdout
    assert "--from" in run("train", "--help").stdout


def test_no_number_is_no_probability(model_folder: Path) -> None:
    for verb in ("explain", "tag"):
        stderr = run(verb, "-", "--min-probability", "nan", stdin="修渠\n", code=2).stderr
        assert "nan is not in the range 0<=x<=1" in stderr


def test_a_model_that_cannot_be_saved_is_told_before_the_training(
    labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(*_: object, **__: object) -> None:
        pytest.fail("a model was trained")

    monkeypatch.setattr("classifier.trainer.train", train)
    for out in (labelled / "new", labelled / "not" / "there"):
        stderr = run("train", labelled, "-o", out, code=1).stderr
        message = f"{out}: cannot be made in {labelled}: Not a directory; name another folder"
        assert stderr == f"Error: {message} with -o\n"
    assert list(tmp_path.iterdir()) == [labelled]
    before = labelled.read_bytes()
    for force in ([], ["--force"]):
        stderr = run("train", labelled, "-o", labelled, *force, code=1).stderr
        message = f"{labelled}: is a file, and a model is a folder; choose another path"
        assert stderr == f"Error: {message}\n"
    assert labelled.read_bytes() == before


def test_train_writes_its_report_beside_the_model_without_timings(
    labelled: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text('n_folds = 2\nvectors = ""\n', encoding="utf-8")
    for name in ("first", "second"):
        run("train", labelled, "-o", tmp_path / name, "--recipe", recipe, "--quiet")
    file = tmp_path / "first" / "report.json"
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["n_texts"] == 200
    assert report["evaluation"]["micro"]["f1"]["value"] > 0.9
    assert file.read_bytes() == (tmp_path / "second" / "report.json").read_bytes()
    run("models", "verify", tmp_path / "first")
    run("explain", FRAUD, "--model", tmp_path / "first")
    file.write_text("{}", encoding="utf-8")
    assert "report.json" in run("models", "verify", tmp_path / "first", code=1).stderr


def test_the_card_of_a_model_of_ones_own_loads_it_by_path(labelled: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text('n_folds = 2\nvectors = ""\n', encoding="utf-8")
    run("train", labelled, "-o", tmp_path / "县局", "--recipe", recipe, "--quiet")
    card = (tmp_path / "县局" / "README.md").read_text(encoding="utf-8")
    code = card.partition("```python\n")[2].partition("```")[0]
    assert 'classifier.load("path/to/this/folder")' in code
    found: dict[str, TopicClassifier] = {}
    exec(code.replace("path/to/this/folder", str(tmp_path / "县局")), found)  # noqa: S102 - our card
    assert found["model"].name == "unnamed"


def test_a_report_takes_no_folders_place(
    labelled: Path, model_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "pages").mkdir()
    options = ("--model", model_folder, "--report", tmp_path / "pages", "--force")
    stderr = run("evaluate", labelled, *options, code=1).stderr
    assert stderr == f"Error: {tmp_path / 'pages'}: is a folder; name a file\n"


def test_a_report_takes_the_place_of_neither_the_corpus_nor_a_models_file(
    labelled: Path, model_folder: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(model_folder, tmp_path / "model"))
    link = tmp_path / "link.html"
    link.symlink_to(labelled)
    for report, message in (
        (labelled, "is the corpus itself; name another file with --report"),
        (link, "is the corpus itself; name another file with --report"),
        (model / "words.txt", "is a file of the model in its folder; name another one"),
        (model / "model.json", "is a file of the model in its folder; name another one"),
    ):
        before = report.read_bytes()
        options = ("--model", model, "--report", report, "--force")
        stderr = run("evaluate", labelled, *options, code=1).stderr
        assert stderr.startswith(f"Error: {report}: {message}")
        assert report.read_bytes() == before
    run("evaluate", labelled, "--model", model, "--report", model / "scores.html")


def test_a_report_goes_to_standard_output_alone(
    labelled: Path, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = run("evaluate", labelled, "--model", model_folder, "--report", "-").stdout
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert not Path("-").exists()
    for other in ("--json", "--against=public-affairs"):
        stderr = run("evaluate", labelled, "--report", "-", other, code=2).stderr
        assert "leaves no room on standard output" in stderr


# Standard output


PRINTING = [
    ("--help",),
    ("--version",),
    ("topics", "--help"),
    ("topics",),
    ("models", "show"),
    ("explain", FRAUD, "--to", "table"),
    ("explain", FRAUD, "--to", "jsonl"),
    ("split", "-"),
    ("article", "-", "--to", "table"),
    ("tag", "-", "--quiet", "--to", "table"),
    ("tag", "-", "--quiet", "--to", "jsonl"),
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is full")
@pytest.mark.parametrize("args", PRINTING, ids=" ".join)
def test_a_full_standard_output_is_told_in_one_line(args: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "classifier", *args],
            input=FRAUD.encode(), stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    stderr = done.stderr.decode()
    assert (done.returncode, stderr.count("\n")) == (1, 1), stderr
    assert stderr.startswith("Error: ")
    assert stderr.endswith(" written: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no closed pipe")
@pytest.mark.parametrize("args", PRINTING, ids=" ".join)
def test_a_reader_that_has_seen_enough_is_no_error(args: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "classifier", *args],
        input=FRAUD.encode(), stdout=writing, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_a_file_that_fails_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def verify(model: str) -> None:
        raise PermissionError(13, "Permission denied", model)

    monkeypatch.setattr("classifier.artefact.verify", verify)
    stderr = run("models", "verify", "own", code=1).stderr
    assert stderr == "Error: own: Permission denied\n"
