"""What the rebuild puts together, and the texts it keeps apart to be measured on."""

import gzip
import json
import lzma
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.artefact import load_vectors
from classifier.corpus import Corpus, Example, read_corpus
from classifier.metrics import Evaluation
from classifier.metrics import evaluate as evaluate_scores
from classifier.model import TopicClassifier
from classifier.taxonomy import Taxonomy
from classifier.trainer import Lexicon, Recipe
from classifier.trainer.fitting import Run
from classifier.trainer.priors import Priors
from training.benchmarks.ablation import PARTS, Scores, held_out_sets, seen_in
from training.benchmarks.adapting import is_wrong, parted
from training.benchmarks.readers import (
    DRAWN,
    HARD,
    LOCAL,
    READERS,
    Reading,
    agreement,
    origin,
    part,
    read_readings,
)
from training.benchmarks.sets import SETS
from training.cards import alone_section
from training.rebuild import (
    authored,
    labelled_by_hash,
    read_labels,
    relabelled,
    text_key,
    texts_without_topics,
)
from training.sources import weights

TAXONOMY = Taxonomy.default()
CANAL, SCHOOL, CLINIC = "村里的水渠修好了", "乡镇小学新学期开学", "卫生院晚上也看病"


def test_a_later_reading_takes_the_place_of_a_label() -> None:
    corpus = Corpus((Example(CANAL, ("water",)), Example(SCHOOL, ())), TAXONOMY)
    labels = {text_key(CANAL): ("headline", ("water", "agriculture"))}
    assert [example.topics for example in relabelled(corpus, labels).examples] == [
        ("water", "agriculture"),
        (),
    ]


def test_labels_find_their_texts_by_hash(tmp_path: Path) -> None:
    rows = {"raw.jsonl.gz": [CANAL, SCHOOL], "paragraphs.jsonl.gz": []}
    for name, texts in rows.items():
        with gzip.open(tmp_path / name, "wt", encoding="utf-8") as file:
            for text in texts:
                print(json.dumps({"text": text, "source": "a/b:c"}), file=file)
    titles = {one.folder: "" for one in SETS.values()} | {"thucnews_title10": f"{CLINIC}\tsociety"}
    for folder, title in titles.items():
        (tmp_path / folder).mkdir()
        with lzma.open(tmp_path / folder / "train.tsv.xz", "wt", encoding="utf-8") as file:
            print("text\tlabel", title, sep="\n", file=file)
    labels = {
        text_key(SCHOOL): ("headline", ("education",)),
        text_key(CLINIC): ("headline", ("health",)),
    }
    found = labelled_by_hash(texts_without_topics(tmp_path, tmp_path), labels)
    assert found.examples == (
        Example(SCHOOL, ("education",), "headline", {"source": "a/b:c"}),
        Example(CLINIC, ("health",), "headline", {"source": "thucnews_title10/train"}),
    )
    assert labelled_by_hash(texts_without_topics(None, tmp_path), labels).texts == (CLINIC,)


def test_every_label_and_reading_is_of_the_taxonomy() -> None:
    known = set(TAXONOMY.ids)
    for kind, topics in read_labels().values():
        assert kind in ("headline", "paragraph")
        assert set(topics) <= known
        assert len(topics) <= 3
    for reading in read_readings(READERS).values():
        assert set().union(*reading.readers) <= known


def test_what_is_measured_on_is_trained_on_in_no_wording(tmp_path: Path) -> None:
    reprint = CANAL + "。"
    corpus = Corpus((Example(CANAL, ()), Example(reprint, ()), Example(SCHOOL, ())), TAXONOMY)
    file = tmp_path / "readers.tsv"
    file.write_text(
        f"sha256_16\tfirst\tsecond\tthird\tdrawn\n{text_key(CANAL)}\twater\twater\t\tsource\n"
    )
    held_out, others = part(corpus, read_readings(file))
    assert [(example.text, example.topics) for example in held_out.examples] == [
        (CANAL, ("water",))
    ]
    assert others.texts == (SCHOOL,)


def test_readers_agree_with_what_two_of_three_say(tmp_path: Path) -> None:
    file = tmp_path / "readers.tsv"
    file.write_text(
        "sha256_16\tfirst\tsecond\tthird\tdrawn\n"
        "0\twater\twater energy\t\tsource\n"
        "1\t\t\twater\tsource\n"
    )
    # True is water alone, then nothing: the first is right, the others have one more or none.
    assert agreement(list(read_readings(file).values())) == {
        "first with the majority": 1.0,
        "second with the majority": 0.6667,
        "third with the majority": 0.0,
        "first with second": 0.6667,
    }


def test_the_authored_texts_that_were_read_have_the_labels_of_the_majority() -> None:
    readings = read_readings(READERS)
    examples = [example for example in authored().examples if text_key(example.text) in readings]
    assert len(examples) == 500
    for example in examples:
        assert set(example.topics) == readings[text_key(example.text)].majority


@pytest.mark.parametrize(
    ("file", "drawn", "n_texts"), [(HARD, "hard", 422), (LOCAL, "local", 1068)]
)
def test_what_was_authored_to_be_scored_on_is_trained_on_nowhere(
    file: Path, drawn: str, n_texts: int
) -> None:
    scored = read_corpus(file, taxonomy=TAXONOMY)
    readings = read_readings(READERS)
    own = {text_key(text) for text in authored().texts} | set(read_labels())
    assert len(scored.texts) == n_texts
    for example in scored.examples:
        reading = readings[text_key(example.text)]
        assert reading.drawn == drawn
        assert set(example.topics) == reading.majority
        assert text_key(example.text) not in own


def test_what_was_authored_from_round_seven_on_counts_twice() -> None:
    corpus = authored()
    rounds = np.array([example.extra["round"] for example in corpus.examples])
    found = weights(corpus)
    assert set(found[rounds >= 7]) == {2.0}
    assert set(found[rounds < 7]) == {1.0}
    real = Corpus((Example(CANAL, ("water",), extra={"source": "a/b:c"}),), TAXONOMY)
    assert weights(real).tolist() == [1.0]


def test_a_word_that_only_scored_texts_contain_is_left_out_of_the_lexicon() -> None:
    words = ("稻田", "粮仓", "馬鈴薯", "渔港", "《麦田》")
    lexicon = Lexicon({word: {"agriculture": 2.0} for word in words})
    kept = seen_in(lexicon, ["稻田旁的粮仓", "马铃薯", "大麦田里"], ["新粮仓", "又一年"])
    assert list(kept.entries) == ["粮仓", "渔港"]


def test_order_is_scored_at_the_best_threshold() -> None:
    Y = np.array([[1, 0], [0, 1]])
    # In order: right, wrong, wrong, right; so at the best threshold the first alone is given.
    assert Scores.of(Y, np.array([[2.0, 1.0], [0.5, 0.0]])) == Scores(0.6667, 0.75, 0.5)
    ones = np.array([[1], [0], [0], [0], [0], [0]])
    for rows in (ones, ones[::-1]):  # no threshold parts what is equal
        assert Scores.of(rows, np.zeros((6, 1))).f1 == 0.2857


def test_what_the_parts_are_measured_on_is_trained_on_in_no_wording() -> None:
    digest = Example(CANAL, ("water",), "headline", {"source": "vikiboss/60s:a"})
    reprint = Example(CANAL + "。", ("water",))
    own = Example(SCHOOL, ("education",))
    held_out, inside = held_out_sets(Corpus((digest, reprint, own), TAXONOMY))
    assert [corpus.texts for corpus in held_out.values()] == [(CANAL,), ()]
    assert inside.texts == (SCHOOL,)


def test_each_part_leaves_something_out() -> None:
    vectors = load_vectors("word-vectors")
    lexicon = Lexicon({"水渠": {"water": 2.0}})
    shipped = Run(
        Recipe(blend_naive_bayes=0.3),
        TAXONOMY.topics,
        Priors(lexicon, 0.5, vectors, 0.4, 0.1),
        None,
    )
    sources = ("justjavac/a:b", "china-data/a:b", "thucnews_title10/train")
    texts = tuple(
        Example(f"{SCHOOL}{n}", (), "headline", {"source": source})
        for n, source in enumerate(sources)
    )
    inside = Corpus((*texts, Example(CLINIC, ("health",))), TAXONOMY)
    for name, leave in PARTS.items():
        same = leave(shipped, inside, (CANAL,)) == (shipped, inside)
        assert same == (name == "nothing"), name


def test_regional_and_daily_news_are_told_from_the_other_sources() -> None:
    reading = Reading((frozenset(), frozenset(), frozenset()), "regional")
    example = Example(CANAL, (), "headline", {"source": "tnews_clue/train"})
    assert origin(example, reading) == "regional news, headlines"
    assert origin(example, replace(reading, drawn="daily")) == "daily news, headlines"
    assert origin(example, replace(reading, drawn="hard")) == "hard headlines"
    assert origin(example, replace(reading, drawn="local")) == "manner of local papers, headlines"
    assert origin(example, replace(reading, drawn="source")) == (
        "portal and news-app titles, headlines"
    )
    assert {one.drawn for one in read_readings(READERS).values()} == set(DRAWN)


def test_the_card_compares_rounds_in_their_order() -> None:
    def scored(*rounds: str, right: bool) -> Evaluation:
        Y = np.array([[value != "7"] for value in rounds], dtype=float)
        given = Y if right else np.ones_like(Y)
        decisions = np.full(len(rounds), 1)  # for review
        found = {"round": list(rounds)}
        return evaluate_scores(Y, given, given, decisions, topics=["water"], slices=found)

    # Round 7 has no topic, and "" stands for texts of no round.
    alone = scored("10", "2", "10", "", "7", right=True)
    shipped = scored("2", "10", "5", "", right=False)
    lines = [line for line in alone_section(alone, shipped).splitlines() if line.startswith("| ")]
    assert lines[2:] == ["| 2 | 1 | 1.0000 | 1.0000 |", "| 10 | 2 | 1.0000 | 1.0000 |"]


def test_labels_are_drawn_from_no_story_that_is_scored() -> None:
    groups = np.array([0, 1, 1, 2, 3, 3, 4, 5, 6, 7])
    own = np.arange(1, 10)
    scored, drawn_from = parted(own, groups)
    assert len(scored) == len(own) // 2
    assert set(scored) | set(drawn_from) <= set(own)
    assert not set(groups[scored]) & set(groups[drawn_from])


def test_what_a_model_gets_wrong_is_what_has_other_topics(model: TopicClassifier) -> None:
    texts = "修通水渠", "修通水渠", "修通水渠"
    topics = ("water",), (), ("water", "health")
    corpus = Corpus(tuple(map(Example, texts, topics)), Taxonomy(model.topics))
    assert is_wrong(model, corpus).tolist() == [False, True, True]
