"""What the rebuild puts together, and the texts it keeps apart to be measured on."""

import gzip
import json
from pathlib import Path

from classifier.corpus import Corpus, Example
from classifier.taxonomy import Taxonomy
from training.benchmarks.readers import READERS, agreement, part, read_readings
from training.rebuild import authored, labelled_by_hash, read_labels, relabelled, text_key

TAXONOMY = Taxonomy.default()
CANAL, SCHOOL = "村里的水渠修好了", "乡镇小学新学期开学"


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
    found = labelled_by_hash(tmp_path, {text_key(SCHOOL): ("headline", ("education",))})
    assert found.examples == (Example(SCHOOL, ("education",), "headline", {"source": "a/b:c"}),)


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
    file.write_text(f"sha256_16\tfirst\tsecond\tbefore\n{text_key(CANAL)}\twater\twater\t\n")
    held_out, others = part(corpus, read_readings(file))
    assert [(example.text, example.topics) for example in held_out.examples] == [
        (CANAL, ("water",))
    ]
    assert others.texts == (SCHOOL,)


def test_readers_agree_with_what_two_of_three_say(tmp_path: Path) -> None:
    file = tmp_path / "readers.tsv"
    file.write_text("sha256_16\tfirst\tsecond\tbefore\n0\twater\twater energy\t\n1\t\t\twater\n")
    # True is water alone, then nothing: the first is right, the others have one more or none.
    assert agreement(list(read_readings(file).values())) == {
        "first with the majority": 1.0,
        "second with the majority": 0.6667,
        "label before with the majority": 0.0,
        "first with second": 0.6667,
    }


def test_the_authored_texts_that_were_read_have_the_labels_of_the_majority() -> None:
    readings = read_readings(READERS)
    examples = [example for example in authored().examples if text_key(example.text) in readings]
    assert len(examples) == 500
    for example in examples:
        assert set(example.topics) == readings[text_key(example.text)].majority
