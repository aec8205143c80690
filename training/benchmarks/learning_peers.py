"""What a user with few labels could pick instead: scikit-learn's TF-IDF, and fastText."""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Corpus
from training.benchmarks.peers import joined_words

Matrix = NDArray[np.int8]
# Trains on labelled texts; gives topics to other texts: ``(n_texts, n_topics)``.
System = Callable[[Corpus, Corpus], Matrix]
# At 20 labels a topic, on a draw that is not reported, C of 0.3 and 3 were within a point of 1, and
# fastText did no better with 300 or 1,000 epochs, or other rates, than with these.
SVC_C = 1.0
EPOCHS = 100

cut = functools.cache(joined_words)


def svc(*, tuned: bool) -> System:
    """Return jieba words, `TfidfVectorizer` and one `LinearSVC` a topic.

    Parameters
    ----------
    tuned : put to the margins one threshold for all topics, that of best micro-F1 in five-fold
        cross-validation, rather than 0
    """

    def give(labelled: Corpus, scored: Corpus) -> Matrix:
        Y, lines = labelled.labels(), [cut(text) for text in labelled.texts]
        threshold = _best_threshold(lines, Y) if tuned else 0.0
        margins = _fit(lines, Y).decision_function([cut(text) for text in scored.texts])
        return chosen(margins, threshold, exclusive=labelled.exclusive)

    return give


def fasttext(labelled: Corpus, scored: Corpus) -> Matrix:
    """Return the topic that fastText finds likeliest; few labels bring none near 0.5."""
    import fasttext

    lines = []
    for text, row in zip(labelled.texts, labelled.labels(), strict=True):
        labels = " ".join(f"__label__{topic}" for topic in np.flatnonzero(row).tolist())
        if labels:
            lines.append(f"{labels} {cut(text)}\n")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        file.write_text("".join(lines), encoding="utf-8")
        model = fasttext.train_supervised(
            str(file), wordNgrams=2, epoch=EPOCHS, lr=0.5, thread=1, verbose=0
        )
    n_topics = len(labelled.taxonomy)
    found, shares = model.predict([cut(text) for text in scored.texts], k=n_topics)
    proba = np.zeros((len(scored), n_topics))
    for row, (labels, values) in enumerate(zip(found, shares, strict=True)):
        proba[row, [int(label.removeprefix("__label__")) for label in labels]] = values
    return chosen(proba, 0.0, exclusive=True)


def chosen(scores: NDArray[Any], threshold: float, *, exclusive: bool) -> Matrix:
    """Return the topics above a threshold, or the highest alone."""
    if exclusive:
        best = scores.argmax(axis=1)[:, None] == np.arange(scores.shape[1])
        highest: Matrix = best.astype(np.int8)
        return highest
    given: Matrix = (scores > threshold).astype(np.int8)
    return given


def _fit(lines: list[str], Y: Matrix) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    pipeline = make_pipeline(
        TfidfVectorizer(analyzer=str.split, sublinear_tf=True),
        OneVsRestClassifier(LinearSVC(C=SVC_C)),
    )
    return pipeline.fit(lines, Y)


def _best_threshold(lines: list[str], Y: Matrix) -> float:
    folds = np.random.default_rng(0).integers(0, 5, len(lines))
    margins = np.zeros(Y.shape)
    for fold in range(5):
        inside, outside = (np.flatnonzero(part).tolist() for part in (folds != fold, folds == fold))
        model = _fit([lines[i] for i in inside], Y[inside])
        margins[outside] = model.decision_function([lines[i] for i in outside])
    tried = np.quantile(margins, np.linspace(0.8, 0.999, 100))
    right = np.array([((margins > t) & (Y > 0)).sum() for t in tried])
    given = np.array([(margins > t).sum() for t in tried])
    return float(tried[(2 * right / (given + Y.sum())).argmax()])
