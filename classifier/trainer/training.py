"""A labelled corpus in, a model and a report out. Saves nothing."""

import platform
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version as version_of
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.choosing import Calibration
from classifier.corpus import Corpus
from classifier.errors import TrainingError
from classifier.features import TfidfFeatures, fit_features
from classifier.linear import LinearWeights, fit_linear
from classifier.metrics import Evaluation, as_plain, choose_thresholds, fit_curve, fit_sigmoids
from classifier.model import TopicClassifier
from classifier.taxonomy import Topic
from classifier.tokens import Segmenter, SegmenterSettings, dictionary_sha256
from classifier.trainer.evaluation import evaluate_probabilities
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
    folds = _folds(corpus, recipe)
    margins, known = _out_of_fold(run, corpus.texts, Y, folds, sample_weight, clock)
    clock.start("choosing thresholds")
    lines = Calibration(*fit_sigmoids(margins, Y))
    calibration = replace(lines, curve=fit_curve(lines.lines(margins), Y))
    probabilities = calibration.of_texts(margins, known, exclusive=corpus.exclusive)
    thresholds = choose_thresholds(
        probabilities,
        Y,
        known=known,
        groups=groups,
        target=recipe.accept_precision,
        none_target=recipe.none_precision,
        borrow=recipe.borrow,
        exclusive=corpus.exclusive,
    )
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
    evaluation = evaluate_probabilities(
        corpus,
        Y,
        probabilities,
        thresholds,
        topics=corpus.taxonomy.ids,
        groups=groups,
        exclusive=corpus.exclusive,
        seed=recipe.seed,
    )
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
        """Fit features and linear models."""
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
        if recipe.max_terms and features.n_terms > recipe.max_terms:
            rows = features.transform(texts)
            coef, _ = self._fit_linear(rows.to_scipy(), Y, sample_weight)
            features = features.keep(self._strongest(features, coef))
        design = self.priors.design(features, self.topics)
        X = design.matrix(features.transform(texts))
        coef, intercept = self._fit_linear(X, Y, sample_weight)
        return Fitted(features, design.fold(coef), intercept)

    def _fit_linear(
        self, X: Any, Y: NDArray[Any], sample_weight: NDArray[Any] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return fit_linear(
            X,
            Y,
            estimator=self.recipe.estimator,
            C=self.recipe.C,
            naive_bayes=self.recipe.naive_bayes,
            sample_weight=sample_weight,
            seed=self.recipe.seed,
            n_jobs=self.n_jobs,
        )

    def _strongest(self, features: TfidfFeatures, coef: NDArray[np.float64]) -> NDArray[np.bool]:
        """Mark the `max_terms` terms to keep: those of the priors, then by weight.

        A term's weight is the largest that a fit without priors gives it for any topic, times its
        idf, which is how a text feels it.
        """
        weight = np.abs(coef).max(axis=1) * features.idf
        place = features.vocabulary.word_terms()
        known_before = [" ".join(term) for term in self.priors.terms(features.segmenter)]
        weight[[place[term] for term in known_before if term in place]] = np.inf
        wanted = np.zeros(len(weight), dtype=np.bool)
        wanted[np.argsort(-weight, kind="stable")[: self.recipe.max_terms]] = True
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
        inside, outside = (
            np.flatnonzero(folds != fold).tolist(),
            np.flatnonzero(folds == fold).tolist(),
        )
        weight = None if sample_weight is None else sample_weight[inside]
        fitted = run.fit([texts[i] for i in inside], Y[inside], weight)
        margins[outside], known[outside] = fitted.margins([texts[i] for i in outside])
    return margins, known


def _folds(corpus: Corpus, recipe: Recipe) -> NDArray[np.int64]:
    """Return each text's fold: drawn, reprints together, or by the values of a field."""
    if not recipe.fold_by:
        return corpus.folds(recipe.n_folds, seed=recipe.seed)
    values = [str(example.extra.get(recipe.fold_by, "")) for example in corpus.examples]
    sizes = Counter(values)
    if len(sizes) < recipe.n_folds:
        raise TrainingError(
            f"the field {recipe.fold_by!r} has {len(sizes)} values, fewer than the recipe's "
            f"{recipe.n_folds} folds; lower n_folds, or leave fold_by out"
        )
    filled, fold_of = [0] * recipe.n_folds, {}
    for value, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        fold_of[value] = filled.index(min(filled))
        filled[fold_of[value]] += size
    return np.array([fold_of[value] for value in values], dtype=np.int64)


def _with_metadata(model: TopicClassifier, report: TrainingReport) -> TopicClassifier:
    """Put the report's essence into the model, less the timings, which differ between runs."""
    found = report.evaluation
    scores = {
        "on": f"{report.recipe.n_folds}-fold cross-validation, reprints kept together",
        "n_texts": found.n_texts,
        "micro_f1": as_plain(found.micro.f1),
        "macro_f1": as_plain(found.macro.f1),
        "exact_match": as_plain(found.exact_match),
        "first_topic": as_plain(found.first_topic),
        "decisions": as_plain(found.decisions),
        "topics": {row.topic: round(row.f1.value, 4) for row in found.topics},
    }
    metadata = {
        "seed": report.recipe.seed,
        "recipe": report.recipe.to_dict(),
        "n_texts": report.n_texts,
        "corpus_sha256": report.corpus_sha256,
        "taxonomy_sha256": report.taxonomy_sha256,
        "libraries": report.libraries,
        "scores": scores,
    }
    return replace(model, metadata=metadata)
