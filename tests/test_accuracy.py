import json
import lzma
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from classifier.trainer import Recipe
from tests.conftest import make_texts
from training.benchmarks.accuracy import Ours, never_seen, parts
from training.benchmarks.accuracy_report import Outcome, Report, score, write_report
from training.benchmarks.sets import (
    SETS,
    BenchmarkSet,
    as_corpus,
    training_titles,
    without,
)

RECIPES = Path(__file__).parent.parent / "training" / "recipes"
TITLES = [(text, topics[0]) for text, topics in make_texts(150, seed=12) if len(topics) == 1]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for split in ("train", "dev", "test"):
        rows = [f"{text} {split}\t{label}" for text, label in TITLES]
        path = tmp_path / "thucnews_title10" / f"{split}.tsv.xz"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(lzma.compress("\n".join(["text\tlabel", *rows, ""]).encode("utf-8")))
    return tmp_path


@pytest.fixture
def tested() -> BenchmarkSet:
    return SETS["thucnews"]


@pytest.fixture
def tested_on_dev() -> BenchmarkSet:
    return replace(SETS["thucnews"], final="dev")


def test_the_test_split_is_read_for_the_final_score_only(data: Path, tested: BenchmarkSet) -> None:
    split, train, held_out = parts(tested, data, final=False)
    assert (split, len(train[0])) == ("dev", len(TITLES))
    assert all(text.endswith(" dev") for text in held_out[0])
    split, train, held_out = parts(tested, data, final=True)
    assert split == "test"
    assert all(text.endswith(" train") for text in train[0])
    assert all(text.endswith(" test") for text in held_out[0])


def test_where_dev_is_final_a_fifth_of_train_is_held_out_for_choosing(
    data: Path, tested_on_dev: BenchmarkSet
) -> None:
    split, train, held_out = parts(tested_on_dev, data, final=False)
    assert split == "a fifth of train"
    assert len(held_out[0]) == len(held_out[1]) == len(TITLES) // 5
    whole = tested_on_dev.read(data, "train")
    assert sorted([*train[0], *held_out[0]]) == sorted(whole[0])
    assert dict(zip(*held_out, strict=True)).items() <= dict(zip(*whole, strict=True)).items()
    assert parts(tested_on_dev, data, final=True)[0] == "dev"


def test_no_scored_title_is_among_the_unlabelled_however_it_is_spelt(
    data: Path, tested: BenchmarkSet
) -> None:
    title = f"{TITLES[0][0]} ｔｅｓｔ"
    tree = "村口的老槐树又开花"
    scored = never_seen(tested, data, [])
    assert without([title, tree, title.replace(" ", "\u3000"), tree], scored) == ([tree], 2)


def test_titles_of_other_sets_are_those_of_their_training_splits(data: Path) -> None:
    others = (SETS["tnews"].folder, SETS["nlpcc"].folder)
    for folder in others:
        shutil.copytree(data / SETS["thucnews"].folder, data / folder)
    titles = training_titles(data, but="thucnews")
    assert titles == 2 * [f"{text} train" for text, _ in TITLES]
    assert len(training_titles(data)) == 3 * len(TITLES)


def test_scores_are_accuracy_and_macro_f1() -> None:
    accuracy, macro = score(["a", "a", "a", "b"], ["a", "a", "b", "b"])
    assert accuracy.value == 0.75
    assert macro.value == pytest.approx((0.8 + 2 / 3) / 2)
    assert accuracy.low <= accuracy.value <= accuracy.high


def test_our_model_learns_the_classes_and_is_measured() -> None:
    texts, labels = zip(*TITLES, strict=True)
    answers, seconds, _ = Ours(Recipe(vectors="", blend_naive_bayes=0.5), [])(texts, labels, texts)
    assert score(labels, answers)[0].value > 0.95
    assert seconds > 0


def test_our_model_can_be_trained_on_dev_too() -> None:
    texts, labels = zip(*TITLES, strict=True)
    last = max(labels)
    inside = [i for i, label in enumerate(labels) if label != last]
    dev = [i for i, label in enumerate(labels) if label == last]
    train, beside = (
        ([texts[i] for i in part], [labels[i] for i in part]) for part in (inside, dev)
    )
    ours = Ours(Recipe(vectors=""), [], beside)
    assert last in ours(*train, beside[0])[0]


def test_the_report_shows_both_tables_and_is_kept_as_json(
    tmp_path: Path, tested: BenchmarkSet
) -> None:
    outcome = Outcome("ours", *score(["a", "b"], ["a", "b"]), 12.0, 1_500_000_000)
    write_report(tmp_path, Report(tested, "test", 2, 2, Recipe(), 7, [outcome]))
    shown = (tmp_path / "thucnews-test.md").read_text(encoding="utf-8")
    assert "| ours | 100.00 (100.00 to 100.00) | 100.00 (100.00 to 100.00) | 12 | 1.50 |" in shown
    assert "| BERT | 94.83 | README of 649453932/" in shown
    assert "7 titles left out" in shown
    kept = json.loads((tmp_path / "thucnews-test.json").read_text(encoding="utf-8"))
    assert kept["outcomes"][0]["accuracy"]["value"] == 1.0


def test_classes_come_in_the_order_of_their_names() -> None:
    corpus = as_corpus(["修渠", "开学"], ["water", "school"])
    assert corpus.exclusive
    assert corpus.taxonomy.ids == ("school", "water")


@pytest.mark.parametrize("name", sorted(SETS))
def test_each_set_has_a_recipe_of_its_name(name: str) -> None:
    assert Recipe.from_toml(RECIPES / f"{name}.toml").name == name
