"""Topic classifiers as artefacts: save, load."""

import json
import math
import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from classifier.artefact.folder import Arrays, Folder, damage_in, read_folder, write_folder
from classifier.artefact.shipped import find
from classifier.choosing import Calibration
from classifier.features import TfidfFeatures, Vocabulary, WordLines
from classifier.linear import LinearWeights
from classifier.metrics import Curve, Thresholds
from classifier.model import TopicClassifier
from classifier.taxonomy import Topic
from classifier.tokens import Segmenter, SegmenterSettings

KIND = "topic-classifier"
DEFAULT_MODEL = "public-affairs"

# Entries of model.json that `save` writes itself; all others are the model's metadata.
_OWN_KEYS = frozenset(
    {
        "format",
        "kind",
        "files",
        "name",
        "version",
        "exclusive",
        "topics",
        "normalizer",
        "segmenter",
        "features",
        "curve",
        "rivalry",
    }
)


def save(
    model: TopicClassifier,
    path: str | os.PathLike[str],
    *,
    force: bool = False,
    card: str = "",
    report: Mapping[str, Any] | None = None,
) -> None:
    """Write a model to a folder: aside first, then renamed, so no half of one is ever seen.

    Parameters
    ----------
    path : a folder that does not exist yet, or an empty one
    force : replace what is there
    card : text of the model card, by default a short one
    report : plain data that becomes ``report.json``, which loading has no use for

    Raises
    ------
    OutputExistsError
        Something is there already; with `force`, a file, or a folder that holds other things than
        a model.
    """
    features, segmenter = model.features, model.features.segmenter.settings
    texts = {
        "words.txt": "".join(word + "\n" for word in features.vocabulary.words),
        "characters.txt": features.vocabulary.characters + "\n",
    }
    if report is not None:
        texts["report.json"] = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    manifest = {
        "name": model.name,
        "version": model.version,
        "exclusive": model.exclusive,
        "topics": list(_topic_entries(model)),
        "normalizer": {"unicode": "NFKC", "case": "lower", "traditional": "opencc t2s"},
        "segmenter": {
            "dictionary": "jieba",
            "dictionary_sha256": segmenter.dictionary_sha256,
            "hmm": False,
            "user_words": list(segmenter.user_words),
        },
        "curve": {"x": model.calibration.curve.x.tolist(), "y": model.calibration.curve.y.tolist()},
        "rivalry": model.calibration.rivalry,
        "features": {
            "sublinear_tf": features.sublinear_tf,
            "punctuation": features.punctuation,
            "ignored_words": list(features.ignored_words),
            "n_terms": features.n_terms,
        },
        **{key: value for key, value in model.metadata.items() if key not in _OWN_KEYS},
    }
    write_folder(
        path,
        kind=KIND,
        manifest=manifest,
        texts=texts,
        arrays={
            "grams": features.vocabulary.grams,
            "idf": features.idf,
            "weights": model.weights.codes,
            "scales": model.weights.scales,
            "intercept": model.weights.intercept,
        },
        card=card or f"# {model.name} {model.version}\n\nTopics: {len(model.topics)}.\n",
        force=force,
    )


def load(model: str | os.PathLike[str] = DEFAULT_MODEL) -> TopicClassifier:
    """Return the model of a folder, every file checked against its hash.

    Parameters
    ----------
    model : path of a folder, or the name of a shipped model

    Raises
    ------
    ModelNotFoundError
        No such path and no such name.
    ArtefactTooNewError, ArtefactTooOldError
        Written by another version of this package.
    ArtefactIncompleteError, ArtefactDamagedError
        A file is missing, or is not what ``model.json`` says.
    """
    path = find(model)
    folder = read_folder(path, KIND)
    with damage_in(path):
        return _build(folder)


def _topic_entries(model: TopicClassifier) -> Iterator[dict[str, Any]]:
    for column, topic in enumerate(model.topics):
        entry = {
            "id": topic.id,
            "zh": topic.name,
            "en": topic.name_en,
            "group": topic.group,
            "about": topic.about,
            "not": topic.excludes,
        }
        yield {
            **{key: value for key, value in entry.items() if value},
            "calibration": {
                "slope": float(model.calibration.slope[column]),
                "offset": float(model.calibration.offset[column]),
            },
            "thresholds": {
                name: _finite(float(getattr(model.thresholds, name)[column]))
                for name in ("tag", "accept", "possible")
            },
        }


def _finite(value: float) -> float | None:
    """JSON has no infinity; a threshold that is never reached is null."""
    return value if math.isfinite(value) else None


def _build(folder: Folder) -> TopicClassifier:
    manifest, arrays = folder.manifest, folder.arrays
    words = WordLines(folder.texts["words.txt"])
    vocabulary = Vocabulary(words, folder.texts["characters.txt"][:-1], arrays["grams"])
    entries = manifest["topics"]
    _check_shapes(arrays, vocabulary, len(entries))
    segmenter = manifest["segmenter"]
    thresholds = {
        name: np.array(
            [
                math.inf if entry["thresholds"][name] is None else entry["thresholds"][name]
                for entry in entries
            ],
            dtype=np.float64,
        )
        for name in ("tag", "accept", "possible")
    }
    return TopicClassifier(
        topics=tuple(_topic(entry) for entry in entries),
        features=TfidfFeatures(
            vocabulary,
            arrays["idf"],
            Segmenter(
                SegmenterSettings(tuple(segmenter["user_words"]), segmenter["dictionary_sha256"])
            ),
            sublinear_tf=manifest["features"]["sublinear_tf"],
            punctuation=manifest["features"].get("punctuation", False),
            ignored_words=manifest["features"].get("ignored_words", ()),
        ),
        weights=LinearWeights(arrays["weights"], arrays["scales"], arrays["intercept"]),
        calibration=Calibration(
            np.array([entry["calibration"]["slope"] for entry in entries], dtype=np.float64),
            np.array([entry["calibration"]["offset"] for entry in entries], dtype=np.float64),
            Curve(np.array(manifest["curve"]["x"]), np.array(manifest["curve"]["y"])),
            manifest.get("rivalry", 0.0),  # not in format 1
        ),
        thresholds=Thresholds(**thresholds),
        exclusive=manifest["exclusive"],
        name=manifest["name"],
        version=manifest["version"],
        digest=folder.digest,
        metadata={key: value for key, value in manifest.items() if key not in _OWN_KEYS},
    )


def _topic(entry: Mapping[str, Any]) -> Topic:
    return Topic(
        id=entry["id"],
        name=entry["zh"],
        name_en=entry.get("en", ""),
        group=entry.get("group", ""),
        about=entry.get("about", ""),
        excludes=entry.get("not", ""),
    )


def _check_shapes(arrays: Arrays, vocabulary: Vocabulary, n_topics: int) -> None:
    n_terms = len(vocabulary)
    for name, shape, kinds in (
        ("grams", (len(vocabulary.grams), 2), "i"),
        ("idf", (n_terms,), "f"),
        ("weights", (n_terms, n_topics), "if"),
        ("scales", (n_terms,), "f"),
        ("intercept", (n_topics,), "f"),
    ):
        array = arrays[name]
        if array.shape != shape or array.dtype.kind not in kinds:
            raise ValueError(
                f"{name}.npy has shape {array.shape} and dtype {array.dtype}, wanted {shape}"
            )
    grams, own_ids = vocabulary.grams, vocabulary.n_atoms + np.arange(len(vocabulary.grams))
    if len(grams) and not (
        grams.min() >= 0
        and (grams[:, 0] < own_ids).all()
        and grams[:, 1].max() < vocabulary.n_atoms
    ):
        raise ValueError("grams.npy names terms that do not stand before it")
