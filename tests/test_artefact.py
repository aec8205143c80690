import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import classifier
from classifier import artefact
from classifier.corpus import Corpus
from classifier.errors import (
    ArtefactDamagedError,
    ArtefactError,
    ArtefactIncompleteError,
    ArtefactTooNewError,
    ArtefactTooOldError,
    ModelNotFoundError,
    OutputExistsError,
)
from classifier.model import TopicClassifier
from classifier.trainer import Recipe, WordVectors, train
from tests.conftest import ODD_TEXTS, make_texts

TEXTS = [text for text, _ in make_texts(60, seed=5)] + ODD_TEXTS


@pytest.fixture
def copy(model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((path / "model.json").read_text(encoding="utf-8"))
    change(manifest)
    (path / "model.json").write_text(json.dumps(manifest), encoding="utf-8")


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


def test_saving_and_loading_give_the_same_answers(
    model: TopicClassifier, model_folder: Path
) -> None:
    loaded = classifier.load(model_folder)
    assert (loaded.predict_proba(TEXTS) == model.predict_proba(TEXTS)).all()
    assert loaded.predict(TEXTS) == model.predict(TEXTS)
    assert [topic.id for topic in loaded.topics] == [topic.id for topic in model.topics]
    assert (loaded.name, loaded.version) == ("small", "1")
    assert len(loaded.digest) == 64
    assert loaded.metadata["recipe"] == Recipe(name="small", n_folds=3, vectors="").to_dict()


def test_the_same_corpus_recipe_and_seed_give_the_same_bytes(
    corpus: Corpus, model_folder: Path, tmp_path: Path
) -> None:
    classifier.save(
        train(corpus, Recipe(name="small", n_folds=3, vectors="")).model, tmp_path / "again"
    )
    assert contents(tmp_path / "again") == contents(model_folder)


def test_a_model_saved_again_has_the_same_bytes(model_folder: Path, tmp_path: Path) -> None:
    classifier.save(classifier.load(model_folder), tmp_path / "again")
    assert contents(tmp_path / "again") == contents(model_folder)


def test_nothing_in_an_artefact_is_a_pickle(model_folder: Path) -> None:
    assert {file.suffix for file in model_folder.iterdir()} == {".json", ".txt", ".npy", ".md"}
    for file in model_folder.glob("*.npy"):
        assert np.load(file, allow_pickle=False).dtype != object


def test_a_model_from_the_future_says_upgrade(copy: Path) -> None:
    edit(copy, lambda manifest: manifest.update(format=99))
    with pytest.raises(
        ArtefactTooNewError, match="has format 99, this version reads up to 2; run: pip"
    ):
        classifier.load(copy)


@pytest.mark.parametrize(
    "contents", ['{"format": Infinity}', '{"format": "2"}', '{"format": true}', "[" * 100_000]
)
def test_a_manifest_that_is_none_is_told(copy: Path, contents: str) -> None:
    (copy / "model.json").write_text(contents, encoding="utf-8")
    with pytest.raises(ArtefactDamagedError, match=r"model\.json cannot be read"):
        classifier.load(copy)


def test_no_model_has_a_name_longer_than_any_file() -> None:
    with pytest.raises(ModelNotFoundError, match="no model '长长长"):
        classifier.load("长" * 300)


def test_rivalry_is_kept_and_a_model_of_format_1_has_none(copy: Path, tmp_path: Path) -> None:
    edit(copy, lambda manifest: manifest.update(rivalry=0.25))
    rivals = classifier.load(copy)
    assert rivals.calibration.rivalry == 0.25
    classifier.save(rivals, tmp_path / "again")
    assert classifier.load(tmp_path / "again").calibration.rivalry == 0.25
    edit(copy, lambda manifest: manifest.pop("rivalry") and manifest.update(format=1))
    assert classifier.load(copy).calibration.rivalry == 0


def test_a_model_from_the_past_says_train_again(copy: Path) -> None:
    edit(copy, lambda manifest: manifest.update(format=0))
    with pytest.raises(
        ArtefactTooOldError, match="has format 0, this version reads from 1 on; train"
    ):
        classifier.load(copy)


@pytest.mark.parametrize("name", ["weights.npy", "words.txt", "README.md"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ArtefactIncompleteError, match=f"{name} is missing; copy the model again"):
        classifier.load(copy)


def test_a_folder_without_its_manifest_is_incomplete(copy: Path) -> None:
    (copy / "model.json").unlink()
    with pytest.raises(ArtefactIncompleteError, match=r"model\.json is missing; is this a model"):
        classifier.load(copy)


def test_a_manifest_that_cannot_be_read_is_told_in_plain_words(copy: Path) -> None:
    (copy / "model.json").unlink()
    (copy / "model.json").mkdir()
    with pytest.raises(ArtefactError, match=r"model\.json: cannot be read: .*; check its permis"):
        classifier.load(copy)


def test_a_file_that_cannot_be_read_is_told_in_plain_words(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.read_bytes

    def refuse(self: Path) -> bytes:
        if self.name == "words.txt":
            raise PermissionError(13, "Permission denied")
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ArtefactError, match=r"words\.txt: cannot be read: Permission denied; chec"):
        classifier.load(copy)


@pytest.mark.parametrize("name", ["weights.npy", "idf.npy", "words.txt", "characters.txt"])
def test_a_flipped_byte_is_found(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[-1] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(ArtefactDamagedError, match=f"{name}: its contents are not those"):
        classifier.load(copy)


def test_a_truncated_file_is_found(copy: Path) -> None:
    data = (copy / "weights.npy").read_bytes()
    (copy / "weights.npy").write_bytes(data[:-100])
    with pytest.raises(
        ArtefactDamagedError, match=r"weights\.npy: has [\d,]+ bytes, model\.json says"
    ):
        classifier.load(copy)


def test_a_broken_manifest_is_damage(copy: Path) -> None:
    (copy / "model.json").write_text('{"format": 1', encoding="utf-8")
    with pytest.raises(ArtefactDamagedError, match=r"model\.json cannot be read"):
        classifier.load(copy)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["topics"].pop(),
        lambda manifest: manifest["topics"][0].pop("thresholds"),
        lambda manifest: manifest.pop("files"),
        lambda manifest: manifest["files"].pop("idf.npy"),
        lambda manifest: manifest["files"].update({"../x": {"sha256": "", "bytes": 0}}),
        lambda manifest: manifest.update(segmenter=None),
    ],
)
def test_a_manifest_that_does_not_fit_its_files_is_damage(
    copy: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    edit(copy, change)
    with pytest.raises(ArtefactDamagedError, match=r"model\.json does not fit its files"):
        classifier.load(copy)


def test_grams_that_name_later_terms_are_damage(
    copy: Path, model: TopicClassifier, tmp_path: Path
) -> None:
    grams = np.load(copy / "grams.npy")
    grams[0, 0] = len(model.features.idf)
    np.save(copy / "grams.npy", grams)
    data = (copy / "grams.npy").read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    edit(copy, lambda manifest: manifest["files"]["grams.npy"].update(sha256=sha256))
    with pytest.raises(ArtefactDamagedError, match="names terms that do not stand before it"):
        classifier.load(copy)


def test_what_is_no_model_is_told(tmp_path: Path, copy: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(ArtefactError, match=r"is no model; a model is a folder with a model\.json"):
        classifier.load(file)
    edit(copy, lambda manifest: manifest.update(kind="word-vectors"))
    with pytest.raises(ArtefactError, match="is a 'word-vectors', wanted a 'topic-classifier'"):
        classifier.load(copy)


def test_an_unknown_name_gets_a_hint() -> None:
    with pytest.raises(ModelNotFoundError, match="no model 'public-afairs': no such path"):
        classifier.load("public-afairs")


def test_an_existing_model_is_never_overwritten_unasked(model: TopicClassifier, copy: Path) -> None:
    before = contents(copy)
    with pytest.raises(
        OutputExistsError, match="exists already; choose another path, or use force"
    ):
        classifier.save(model, copy)
    (copy / "words.txt").write_text("changed", encoding="utf-8")
    classifier.save(model, copy, force=True)
    assert contents(copy) == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_a_folder_of_other_things_is_not_replaced_even_by_force(
    model: TopicClassifier, tmp_path: Path
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("春灌", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=r"notes: holds files and no model\.json"):
        classifier.save(model, tmp_path / "notes", force=True)
    assert contents(tmp_path / "notes") == {"notes.txt": "春灌".encode()}


@pytest.mark.parametrize("force", [False, True])
def test_a_file_is_never_replaced_by_a_model(
    model: TopicClassifier, tmp_path: Path, force: bool
) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text("春灌", encoding="utf-8")
    with pytest.raises(OutputExistsError, match="is a file, and a model is a folder; choose"):
        classifier.save(model, file, force=force)
    assert file.read_text(encoding="utf-8") == "春灌"


def test_a_model_beside_which_other_things_lie_is_not_replaced(
    model: TopicClassifier, copy: Path
) -> None:
    mine = copy / "标注.csv"
    mine.write_text("text,topics\n", encoding="utf-8")
    with pytest.raises(
        OutputExistsError, match=r"holds '标注\.csv', which model\.json does not name"
    ):
        classifier.save(model, copy, force=True)
    assert mine.read_text(encoding="utf-8") == "text,topics\n"
    mine.rename(copy / ".DS_Store")
    classifier.save(model, copy, force=True, report={"n_texts": 1})
    edit(copy, lambda manifest: manifest.update(format=0))
    classifier.save(model, copy, force=True)  # of another format, and with a report of its own
    (copy / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=r"holds 'README\.md', which"):
        classifier.save(model, copy, force=True)


def test_an_empty_folder_may_be_saved_to(model: TopicClassifier, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    classifier.save(model, tmp_path / "empty")
    assert classifier.load(tmp_path / "empty").name == "small"


@pytest.mark.parametrize("exists", [False, True])
def test_a_failed_save_leaves_everything_as_it_was(
    model: TopicClassifier,
    copy: Path,
    tmp_path: Path,
    exists: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = contents(copy)
    calls = iter(range(100))
    real = np.save

    def full_disk(*args: object, **kwargs: object) -> None:
        if next(calls) == 2:
            raise OSError("No space left on device")
        real(*args, **kwargs)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(np, "save", full_disk)
    target = copy if exists else tmp_path / "new"
    with pytest.raises(OSError, match="No space left"):
        classifier.save(model, target, force=True)
    assert contents(copy) == before
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_the_old_model_comes_back_when_the_new_cannot_take_its_place(
    model: TopicClassifier, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(copy)
    real = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.startswith(".copy-") and "old" not in self.name:
            raise PermissionError("in use")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError, match="in use"):
        classifier.save(model, copy, force=True)
    assert contents(copy) == before


def test_verify_checks_every_kind(copy: Path, tmp_path: Path) -> None:
    assert artefact.verify(copy).kind == "topic-classifier"
    vectors = WordVectors.of(("水渠", "灌溉"), np.array([[1.0, 0.0], [0.6, 0.8]]))
    artefact.save_vectors(
        vectors, tmp_path / "v", metadata={"name": "v", "version": "1"}, card="# v\n"
    )
    assert artefact.verify(tmp_path / "v").kind == "word-vectors"
    loaded = artefact.load_vectors(tmp_path / "v")
    np.testing.assert_allclose(loaded.vectors, np.array([[1, 0], [0.6, 0.8]]), atol=0.01)
    edit(tmp_path / "v", lambda manifest: manifest.update(kind="headline-something"))
    assert artefact.verify(tmp_path / "v").kind == "headline-something"


def test_vectors_of_another_shape_are_damage(tmp_path: Path) -> None:
    artefact.write_folder(
        tmp_path / "v",
        kind="word-vectors",
        manifest={"name": "v", "version": "1"},
        texts={"words.txt": "水渠\n"},
        arrays={"vectors": np.zeros((2, 3), dtype=np.int8)},
        card="",
    )
    with pytest.raises(ArtefactDamagedError, match="wanted 1 rows of int8"):
        artefact.load_vectors(tmp_path / "v")


def test_models_are_listed_from_the_package_data_of_a_wheel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model_folder: Path
) -> None:
    shutil.copytree(model_folder, tmp_path / "classifier" / "models" / "small")
    (tmp_path / "classifier" / "models" / "broken").mkdir()
    (tmp_path / "models").mkdir()  # someone else's
    place = tmp_path / "classifier" / "artefact" / "shipped.py"
    monkeypatch.setattr(artefact.shipped, "__file__", str(place))
    assert [info.name for info in artefact.list_models()] == ["small"]
    assert classifier.load("small").name == "small"
