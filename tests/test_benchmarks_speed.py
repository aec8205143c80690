"""The speed benchmarks measure the right thing; how fast it is, no test says."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from classifier.corpus import Corpus
from classifier.model import TopicClassifier
from classifier.trainer import Recipe, train
from tests.conftest import ODD_TEXTS
from training.benchmarks import compiled_core, cores, growth
from training.benchmarks.timing import Spread, ratios

needs_compiler = pytest.mark.skipif(
    shutil.which("cc") is None or sys.platform == "win32", reason="needs a C compiler"
)


@needs_compiler
def test_the_compiled_core_gives_the_margins_of_the_model(
    model: TopicClassifier, corpus: Corpus, small_texts: list[str], tmp_path: Path
) -> None:
    library = compiled_core.compile_library(tmp_path)
    longer = Recipe(
        name="longer", n_folds=2, vectors="", sublinear_tf=False, word_ngram_max=3, char_ngram_max=4
    )
    reading_over = Recipe(name="small", n_folds=2, vectors="", ignored_words=("水渠", "新"))
    for one in (model, train(corpus, longer).model, train(corpus, reading_over).model):
        compiled = compiled_core.CompiledCore(one, library)
        texts = [*small_texts[:50], *ODD_TEXTS]
        assert compiled_core.compare(compiled, texts) < compiled_core.LARGEST_DIFFERENCE
        for found, wanted in zip(compiled.predict(texts), one.predict(texts), strict=True):
            assert found.decision == wanted.decision
            assert [topic.id for topic in found.topics] == [topic.id for topic in wanted.topics]
        compiled.close()


@needs_compiler
def test_a_compiled_core_that_differs_is_seen(
    model: TopicClassifier, small_texts: list[str], tmp_path: Path
) -> None:
    compiled = compiled_core.CompiledCore(model, compiled_core.compile_library(tmp_path))
    before = float(model.weights.intercept[0])
    model.weights.intercept[0] += 1
    try:
        assert compiled_core.compare(compiled, small_texts[:5]) == pytest.approx(1, abs=1e-4)
    finally:
        model.weights.intercept[0] = before  # to the last bit: other tests use this model
        compiled.close()


def test_without_a_compiler_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match="a C compiler, is not installed"):
        compiled_core.compile_library(tmp_path)


def test_the_command_tags_the_whole_list_and_both_halves_of_it(
    model_folder: Path, small_texts: list[str], tmp_path: Path
) -> None:
    seconds = cores.measure(str(model_folder), small_texts[:21], tmp_path, rounds=1)
    assert {name: len(of_one) for name, of_one in seconds.items()} == {
        "one": 1, "jobs": 1, "apart": 1,
    }  # fmt: skip
    written = [
        {json.loads(line)["text"] for line in (tmp_path / name).read_text("utf-8").splitlines()}
        for name in ("whole.jsonl", "0.jsonl", "1.jsonl")
    ]
    assert written[0] == set(small_texts[:21]) == written[1] | written[2]
    (tmp_path / "model.json").touch()
    with pytest.raises(RuntimeError, match="exit code 1"):
        cores.measure(str(tmp_path), small_texts, tmp_path, rounds=1)


def test_models_made_to_grow_have_the_size_asked_for(small_texts: list[str]) -> None:
    for n_terms in (50, 5_000):
        features = growth._features(small_texts, n_terms)
        made = growth._model(features, 7)
        assert features.n_terms == pytest.approx(n_terms, rel=0.2)
        assert made.predict_proba(small_texts[:3]).shape == (3, 7)
    assert {len(text) for text in growth._of_length(small_texts, 30)} == {30}


def test_ratios_are_taken_round_by_round() -> None:
    assert ratios([2, 6], [1, 2]) == Spread(2.5, 2, 3)
