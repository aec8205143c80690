"""What a user could pick instead, built as a user would build it, trained on the same texts."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Predict = Callable[[Sequence[str]], object]
# For classes that exclude each other: a label a text.
Classify = Callable[[Sequence[str]], list[str]]


def jieba_words(texts: Sequence[str], Y: NDArray[Any]) -> Predict:
    """Return jieba words, `TfidfVectorizer` and one `LinearSVC` a topic, in a pipeline."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    pipeline = make_pipeline(
        TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, min_df=2, sublinear_tf=True),
        OneVsRestClassifier(LinearSVC(C=0.3)),
    )
    pipeline.fit(texts, Y)
    predict: Predict = pipeline.predict
    return predict


def rjieba_union(texts: Sequence[str], Y: NDArray[Any]) -> Predict:
    """Return rjieba words 1-2 and characters 1-2 in scikit-learn's `FeatureUnion`."""
    import rjieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    def cut(text: str) -> list[str]:
        tokens: list[str] = rjieba.cut(text, hmm=False)
        return tokens

    settings = {"ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True}
    pipeline = make_pipeline(
        make_union(
            TfidfVectorizer(tokenizer=cut, token_pattern=None, **settings),
            TfidfVectorizer(analyzer="char", **settings),
        ),
        OneVsRestClassifier(LinearSVC(C=0.3)),
    )
    pipeline.fit(texts, Y)
    predict: Predict = pipeline.predict
    return predict


def fasttext_model(texts: Sequence[str], Y: NDArray[Any], *, segment: Callable[[str], str]) -> Any:
    """Return a fastText model of words and pairs, one logistic loss a topic."""
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        lines = []
        for text, row in zip(texts, Y, strict=True):
            labels = " ".join(f"__label__{topic}" for topic in np.flatnonzero(row))
            if labels:
                lines.append(f"{labels} {segment(text)}\n")
        file.write_text("".join(lines), encoding="utf-8")
        return fasttext.train_supervised(
            str(file), loss="ova", wordNgrams=2, minCount=2, epoch=15, lr=0.5, thread=2, verbose=0
        )


def fasttext_predict(model: Any) -> Predict:
    """Return fastText's prediction of texts that are cut into words already."""

    def predict(lines: Sequence[str]) -> object:
        # A list, since a single string fails on numpy 2.
        return model.predict(list(lines), k=3, threshold=0.5)

    return predict


def joined_words(text: str) -> str:
    """Cut a text by jieba, as fastText wants it."""
    import jieba

    return " ".join(jieba.lcut(text)).replace("\n", " ")


def jieba_classes(texts: Sequence[str], labels: Sequence[str]) -> Classify:
    """Return jieba words, `TfidfVectorizer` and `LinearSVC`, one class a text."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    pipeline = make_pipeline(
        TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, min_df=2, sublinear_tf=True),
        LinearSVC(C=0.3),
    )
    pipeline.fit(texts, labels)

    def predict(texts: Sequence[str]) -> list[str]:
        answers: list[str] = pipeline.predict(texts).tolist()
        return answers

    return predict


def fasttext_classes(texts: Sequence[str], labels: Sequence[str]) -> Classify:
    """Return fastText of jieba's words and pairs, softmax loss, one class a text.

    Its training is not deterministic: threads write to the same weights. The texts are shuffled, as
    its tutorial says, since it learns from one after the other and some sets come class by class.
    """
    import fasttext

    classes = sorted(set(labels))
    number = {label: place for place, label in enumerate(classes)}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        with file.open("w", encoding="utf-8") as lines:
            for at in np.random.default_rng(0).permutation(len(texts)).tolist():
                lines.write(f"__label__{number[labels[at]]} {joined_words(texts[at])}\n")
        model = fasttext.train_supervised(
            str(file), wordNgrams=2, minCount=2, epoch=5, lr=0.5, thread=2, verbose=0
        )

    def predict(texts: Sequence[str]) -> list[str]:
        found, _ = model.predict([joined_words(text) for text in texts])
        return [classes[int(best[0].removeprefix("__label__"))] for best in found]

    return predict
