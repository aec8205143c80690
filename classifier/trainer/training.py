"""A labelled corpus in, a model and a report out. Saves nothing."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version as version_of
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Corpus
from classifier.errors import TrainingError
from classifier.features import TermRows, TfidfFeatures, fit_features
from classifier.linear import LinearWeights, fit_linear
from classifier.metrics import (
    Evaluation,
    Thresholds,
    choose_thresholds,
    decide,
    evaluate,
    fit_sigmoid,
)
from classifier.model import Calibration, TopicClassifier
from classifier.taxonomy import Topic
from classifier.tokens import Segmenter, SegmenterSettings, dictionary_sha256
from classifier.trainer.priors import Lexicon, Priors
from classifier.trainer.recipe import Recipe
from classifier.vectors import WordVectors

FEW_TEXTS = 10  # a topic with fewer positives is warned about
LIBRARIES = ("numpy", "scipy", "scikit-learn", "jieba", "rjieba", "opencc")

# Called with the steps done, all steps, and what is being done now.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What was trained from what, and how well it does on texts held out.

    Attributes
    ----------
    n_texts, n_terms : texts trained on, terms of the model
    corpus_sha256, taxonomy_sha256 : fingerprints
    recipe : every setting
    evaluation : scores out of fold, with intervals by reprint group; the thresholds were chosen on
        the same out-of-fold probabilities, so they flatter slightly
    warnings : what a person should know, a sentence each
    seconds : wall time of each step
    libraries : versions of Python and of the libraries that had a say
    """

    n_texts: int
    n_terms: int
    corpus_sha256: str
    taxonomy_sha256: str
    recipe: Recipe
    evaluation: Evaluation
    warnings: tuple[str, ...]
    seconds: dict[str, float]
    libraries: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the report, ready for JSON. Holds no date; `seconds` alone varies between runs."""
        return {
            "n_texts": self.n_texts,
            "n_terms": self.n_terms,
            "corpus_sha256": self.corpus_sha256,
            "taxonomy_sha256": self.taxonomy_sha256,
            "recipe": self.recipe.to_dict(),
            "evaluation": self.evaluation.to_dict(),
            "warnings": list(self.warnings),
            "seconds": self.seconds,
            "libraries": self.libraries,
        }


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A trained model and its report."""

    model: TopicClassifier
    report: TrainingReport


def train(
    corpus: Corpus,
    recipe: Recipe | None = None,
    *,
    lexicon: Lexicon | None = None,
    vectors: WordVectors | None = None,
    sample_weight: NDArray[Any] | None = None,
    progress: Progress | None = None,
    n_jobs: int | None = None,
) -> TrainingResult:
    """Train a model on labelled texts.

    Parameters
    ----------
    corpus : texts with topics, and their taxonomy
    recipe : settings, by default ``Recipe()``
    lexicon : words known to point to topics, besides those that the taxonomy lists
    vectors : word vectors; needed if ``recipe.vectors`` names some
    sample_weight : ``(n_texts,)``, by default all 1
    progress : called before each step
    n_jobs : topics fitted at a time, by default one a core

    Returns
    -------
    result : ``result.model`` and ``result.report``

    Raises
    ------
    TrainingError
        The corpus is empty, too small for the folds, or has a topic with neither labels nor words.

    Notes
    -----
    The texts are cut into `n_folds` parts, reprints kept together. Each part is scored by a model
    of the others, vocabulary and all; on these out-of-fold margins each topic's probability is
    calibrated (Platt 1999) and its thresholds are chosen. The model itself is then fitted on all.
    """
    recipe = recipe or Recipe()
    run = Run(
        recipe,
        corpus.taxonomy.topics,
        Priors(
            Lexicon.of_topics(corpus.taxonomy.topics) | (lexicon or Lexicon()),
            recipe.lexicon_weight,
            vectors,
            recipe.vector_weight,
        ),
        n_jobs,
    )
    Y = corpus.labels()
    warnings = _check(corpus, Y, run)
    clock = _Clock(progress, recipe.n_folds + 3)
    clock.start("finding reprints")
    groups = corpus.groups()
    folds = corpus.folds(recipe.n_folds, seed=recipe.seed)
    margins, known = _out_of_fold(run, corpus.texts, Y, folds, sample_weight, clock)
    clock.start("choosing thresholds")
    calibration = _calibrate(margins, Y)
    probabilities = calibration.probabilities(margins)
    probabilities[~known] = 0
    thresholds = _thresholds(recipe, probabilities, Y, groups)
    clock.start("training on all texts")
    fitted = run.fit(corpus.texts, Y, sample_weight)
    model = TopicClassifier(
        topics=corpus.taxonomy.topics,
        features=fitted.features,
        weights=LinearWeights.of(fitted.coef, fitted.intercept, quantize=recipe.quantize),
        calibration=calibration,
        thresholds=thresholds,
        exclusive=corpus.exclusive,
        name=recipe.name,
        version=recipe.version,
    )
    evaluation = _evaluate(model, corpus, Y, probabilities, groups, recipe.seed)
    report = TrainingReport(
        n_texts=len(corpus.texts),
        n_terms=fitted.features.n_terms,
        corpus_sha256=corpus.fingerprint(),
        taxonomy_sha256=corpus.taxonomy.fingerprint(),
        recipe=recipe,
        evaluation=evaluation,
        warnings=tuple(warnings),
        seconds=clock.stop(),
        libraries={
            "python": platform.python_version(),
            **{name: version_of(name) for name in LIBRARIES},
        },
    )
    return TrainingResult(_with_metadata(model, report), report)


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Features and coefficients ``(n_terms, n_topics)`` of one fit, priors folded in."""

    features: TfidfFeatures
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]

    def margins(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.bool]]:
        """Return the margins of texts and which of them hold a known term."""
        rows = self.features.transform(texts)
        margins = rows.to_scipy() @ self.coef + self.intercept
        return margins.astype(np.float32), np.diff(rows.starts) > 0


@dataclass(frozen=True, slots=True)
class Run:
    """What stays the same over all fits of a training run."""

    recipe: Recipe
    topics: tuple[Topic, ...]
    priors: Priors
    n_jobs: int | None

    def fit(
        self, texts: Sequence[str], Y: NDArray[Any], sample_weight: NDArray[Any] | None
    ) -> Fitted:
        """Fit features and linear models; with `max_terms`, twice, the second time on the best."""
        recipe = self.recipe
        segmenter = Segmenter(SegmenterSettings(recipe.user_words, dictionary_sha256()))
        features = fit_features(
            texts,
            segmenter=segmenter,
            word_ngram_max=recipe.word_ngram_max,
            char_ngram_max=recipe.char_ngram_max,
            min_df=recipe.min_df,
            sublinear_tf=recipe.sublinear_tf,
            extra_terms=self.priors.terms(segmenter),
        )
        fitted = self._fit_linear(features, features.transform(texts), Y, sample_weight)
        if recipe.max_terms and features.n_terms > recipe.max_terms:
            features = features.keep(_strongest(fitted, recipe.max_terms))
            fitted = self._fit_linear(features, features.transform(texts), Y, sample_weight)
        return fitted

    def _fit_linear(
        self,
        features: TfidfFeatures,
        rows: TermRows,
        Y: NDArray[Any],
        sample_weight: NDArray[Any] | None,
    ) -> Fitted:
        design = self.priors.design(features, self.topics)
        coef, intercept = fit_linear(
            design.matrix(rows),
            Y,
            estimator=self.recipe.estimator,
            C=self.recipe.C,
            naive_bayes=self.recipe.naive_bayes,
            sample_weight=sample_weight,
            seed=self.recipe.seed,
            n_jobs=self.n_jobs,
        )
        return Fitted(features, design.fold(coef), intercept)


def _strongest(fitted: Fitted, max_terms: int) -> NDArray[np.bool]:
    """Mark the terms with the largest weight for any topic, as their TF-IDF makes it felt."""
    felt = np.abs(fitted.coef).max(axis=1) * fitted.features.idf
    wanted = np.zeros(len(felt), dtype=np.bool)
    wanted[np.argsort(-felt, kind="stable")[:max_terms]] = True
    return wanted


class _Clock:
    """Tells a caller which step runs, and remembers how long each took."""

    def __init__(self, progress: Progress | None, n_steps: int) -> None:
        self._progress, self._n_steps, self._done = progress, n_steps, 0
        self._seconds: dict[str, float] = {}
        self._current, self._since = "", time.perf_counter()

    def start(self, step: str) -> None:
        self._note()
        if self._progress is not None:
            self._progress(self._done, self._n_steps, step)
        self._done += 1
        self._current, self._since = step, time.perf_counter()

    def stop(self) -> dict[str, float]:
        self._note()
        if self._progress is not None:
            self._progress(self._n_steps, self._n_steps, "done")
        return self._seconds

    def _note(self) -> None:
        if self._current:
            self._seconds[self._current] = round(time.perf_counter() - self._since, 3)


def _check(corpus: Corpus, Y: NDArray[Any], run: Run) -> list[str]:
    if len(corpus.texts) < run.recipe.n_folds:
        raise TrainingError(
            f"the corpus has {len(corpus.texts)} texts, too few for {run.recipe.n_folds} folds; "
            "add texts, or lower n_folds in the recipe"
        )
    worded = {topic for targets in run.priors.lexicon.entries.values() for topic in targets}
    warnings = []
    for topic, n_positive in zip(run.topics, Y.sum(axis=0).tolist(), strict=True):
        if not n_positive and not (topic.id in worded and run.recipe.lexicon_weight):
            raise TrainingError(
                f"topic {topic.id!r} has no labelled text and no words; label some texts, "
                "list words in the taxonomy, or take the topic out of it"
            )
        if n_positive < FEW_TEXTS:
            warnings.append(
                f"topic {topic.id!r} ({topic.name}) has {n_positive} labelled texts; "
                f"with fewer than {FEW_TEXTS} its tags are guesses"
            )
    return warnings


def _out_of_fold(
    run: Run,
    texts: Sequence[str],
    Y: NDArray[Any],
    folds: NDArray[np.int64],
    sample_weight: NDArray[Any] | None,
    clock: _Clock,
) -> tuple[NDArray[np.float32], NDArray[np.bool]]:
    margins = np.zeros(Y.shape, dtype=np.float32)
    known = np.zeros(len(texts), dtype=np.bool)
    for fold in range(run.recipe.n_folds):
        clock.start(f"cross-validation, part {fold + 1} of {run.recipe.n_folds}")
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        weight = None if sample_weight is None else sample_weight[inside]
        fitted = run.fit([texts[i] for i in inside], Y[inside], weight)
        margins[outside], known[outside] = fitted.margins([texts[i] for i in outside])
    return margins, known


def _calibrate(margins: NDArray[np.float32], Y: NDArray[Any]) -> Calibration:
    pairs = [fit_sigmoid(margins[:, k], Y[:, k]) for k in range(Y.shape[1])]
    slope, offset = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    return Calibration(slope, offset)


def _with_metadata(model: TopicClassifier, report: TrainingReport) -> TopicClassifier:
    kept = {name: value for name, value in report.to_dict().items() if name != "seconds"}
    return replace(model, metadata=kept)
