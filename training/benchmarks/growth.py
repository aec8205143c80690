"""How speed grows with batch size, topics, terms and length of text, on models made for it."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from classifier.choosing import Calibration
from classifier.features import TfidfFeatures, Vocabulary, fit_features
from classifier.linear import LinearWeights
from classifier.metrics import Thresholds
from classifier.model import TopicClassifier
from classifier.taxonomy import Topic

Curve = list[tuple[int, float]]  # size, headlines a second


def curves(model: TopicClassifier, texts: Sequence[str]) -> dict[str, Curve]:
    """Return headlines a second over batch size, topics, terms and characters a text."""
    return {
        "texts in a batch": [
            (size, _rate(lambda part: model.predict(part), texts, size))
            for size in (1, 10, 100, 1_000, 10_000, 100_000)
            if size <= len(texts)
        ],
        "topics": [
            (n, _rate(_model(model.features, n).predict, texts, 10_000))
            for n in (1, 3, 10, 30, 100, 300, 1_000)
        ],
        "terms": [
            (n, _rate(_model(_features(texts, n), 30).predict, texts, 10_000))
            for n in (1_000, 10_000, 100_000, 1_000_000)
        ],
        "characters in a text": [
            (length, _rate(model.predict, _of_length(texts, length), 10_000))
            for length in (5, 20, 100, 1_000, 10_000)
        ],
    }


def _rate(predict: Callable[[Sequence[str]], object], texts: Sequence[str], size: int) -> float:
    """Return texts a second in batches of `size`, for about a second."""
    predict(texts[:size])
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < 1 or not done:
        at = done % max(len(texts) - size, 1)
        done += len(texts[at : at + size])
        predict(texts[at : at + size])
    return done / (time.perf_counter() - start)


def _of_length(texts: Sequence[str], length: int) -> list[str]:
    joined = "，".join(texts)
    n_texts = max(20, min(10_000, 2_000_000 // length, len(joined) // length))
    return [joined[i * length : (i + 1) * length] for i in range(n_texts)]


def _features(texts: Sequence[str], n_terms: int) -> TfidfFeatures:
    """Return features of `n_terms` terms: real ones, made-up n-grams where there are too few."""
    real = fit_features(texts[:100_000], min_df=1)
    if real.n_terms > n_terms:
        wanted = np.zeros(real.n_terms, dtype=np.bool)
        wanted[np.argsort(real.idf, kind="stable")[:n_terms]] = True
        return real.keep(wanted)
    vocabulary = real.vocabulary
    missing = n_terms - real.n_terms
    draw = np.random.default_rng(0)
    made_up = draw.integers(0, len(vocabulary.words), (2 * missing, 2)).astype(np.int32)
    grams = np.unique(np.concatenate([vocabulary.grams, made_up]), axis=0)
    grams = grams[grams[:, 0] < vocabulary.n_atoms][: n_terms - vocabulary.n_atoms]
    larger = Vocabulary(vocabulary.words, vocabulary.characters, grams)
    return TfidfFeatures(larger, np.full(len(larger), 5, dtype=np.float32), real.segmenter)


def _model(features: TfidfFeatures, n_topics: int) -> TopicClassifier:
    draw = np.random.default_rng(0)
    codes = draw.integers(-127, 128, (features.n_terms, n_topics)).astype(np.int8)
    scales = np.full(features.n_terms, 0.005, dtype=np.float32)
    intercept = np.full(n_topics, -1, dtype=np.float32)
    return TopicClassifier(
        topics=tuple(Topic(f"t{i}", f"主题{i}") for i in range(n_topics)),
        features=features,
        weights=LinearWeights(codes, scales, intercept),
        calibration=Calibration(np.full(n_topics, 2.0), np.zeros(n_topics)),
        thresholds=Thresholds(
            np.full(n_topics, 0.5), np.full(n_topics, 0.9), np.full(n_topics, 0.2)
        ),
    )
