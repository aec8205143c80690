"""A labelled corpus in, a model and a report out. Saves nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from classifier.choosing import Calibration
from classifier.corpus import FEW_TEXTS, Corpus
from classifier.errors import TrainingError, counted
from classifier.linear import LinearWeights
from classifier.metrics import (
    Evaluation,
    Thresholds,
    choose_thresholds,
    fit_curve,
    fit_sigmoids,
)
from classifier.metrics.scores import as_weights
from classifier.model import TopicClassifier
from classifier.trainer.bywords import fill_in, spread, worth_of_words
from classifier.trainer.evaluation import evaluate_probabilities
from classifier.trainer.fitting import Run, segmenter_of
from classifier.trainer.pooling import fit_rivalry, fit_shares
from classifier.trainer.priors import Lexicon, Priors, are_few, resolve_vectors
from classifier.trainer.recipe import Recipe
from classifier.trainer.record import Clock, Progress, essence, library_versions
from classifier.vectors import WordVectors


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What was trained from what, and how well it does on texts held out.

    Attributes
    ----------
    n_texts, n_terms : texts trained on, terms of the model
    corpus_sha256, taxonomy_sha256 : fingerprints
    recipe : every setting
    evaluation : scores out of fold, with intervals by reprint group; the thresholds were chosen on
        the same out-of-fold probabilities, so they flatter slightly. None if no text has a topic;
        topics without labelled text are left out of it
    word_share : how many times the weights of the topics' words were added to what was learned,
        where labels are few; see `classifier.trainer.bywords.worth_of_words`
    warnings : what a person should know, a sentence each
    seconds : wall time of each step
    libraries : versions of Python and of the libraries that had a say
    """

    n_texts: int
    n_terms: int
    corpus_sha256: str
    taxonomy_sha256: str
    recipe: Recipe
    evaluation: Evaluation | None
    word_share: float
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
            "evaluation": None if self.evaluation is None else self.evaluation.to_dict(),
            "word_share": self.word_share,
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
    corpus : texts with topics, and their taxonomy; it may be empty if every topic has words, and
        a topic without texts needs words (`Corpus.with_seen_topics` leaves such topics out)
    recipe : settings, by default ``Recipe()``
    lexicon : words known to point to topics, besides those that the taxonomy lists
    vectors : word vectors, by default those that ``recipe.vectors`` names
    sample_weight : ``(n_texts,)``, by default all 1; the model, its calibration and its thresholds
        heed it; the report's scores, and the log-count ratios of ``blend_naive_bayes`` and
        ``naive_bayes``, count each text once
    progress : called before each step
    n_jobs : topics fitted at a time, by default one a core

    Returns
    -------
    result : ``result.model`` and ``result.report``

    Raises
    ------
    TrainingError
        The corpus is too small for the folds, has a topic with neither labels nor words, or has no
        text that lacks a topic.
    ModelNotFoundError, ArtefactError
        ``recipe.vectors`` names vectors that are not there or cannot be read.
    ValueError
        `sample_weight` is not one number a text, of at least 0 and not all 0.

    Notes
    -----
    The texts are cut into `n_folds` parts, reprints kept together. Each part is scored by a model
    of the others, vocabulary and all; on these out-of-fold margins each topic's probability is
    calibrated (Platt 1999) and lowered where another topic is sure (`fit_rivalry`), or, where
    topics exclude each other, brought to a sum of 1 with the others' (`fit_shares`). Then its
    thresholds are chosen, and the model itself is fitted on all.
    Where labels are few, what the topics' words say is added to the margins as far as it helps on
    those texts; see `classifier.trainer.bywords.worth_of_words`.

    Words that topics list and that would be cut into more than two are added to the recipe's
    `user_words`.

    A topic that has words and no labelled text gets the weights of its words and, with word
    vectors, of their neighbours; see `classifier.trainer.bywords`. Nothing shows how often it is
    right, so its tags are for review.

    With ``vectors="auto"`` the shipped word vectors take part if the middle topic (the median) has
    fewer than 2,000 labelled texts; the report's recipe says what was taken, unless `vectors` did.
    """
    Y = corpus.labels()
    if sample_weight is not None:
        sample_weight = as_weights(sample_weight, len(corpus))
    recipe, vectors = resolve_vectors(recipe or Recipe(), Y, vectors)
    recipe = _knowing_listed_words(recipe, corpus)
    priors = Priors(
        _listed_words(corpus, lexicon),
        recipe.lexicon_weight,
        vectors,
        recipe.vector_weight,
        recipe.context_weight,
    )
    if recipe.lexicon_weight and Y.any() and are_few(Y):
        described = Lexicon.of_descriptions(corpus.taxonomy.topics, segmenter_of(recipe))
        priors = replace(priors, described=described)
    run = Run(recipe, corpus.taxonomy.topics, priors, n_jobs)
    warnings = [*_silent_words(run), *_check(corpus, Y, run)]
    bare: NDArray[np.bool] = Y.sum(axis=0) == 0  # topics known by their words alone
    clock = Clock(progress, 1 if bare.all() else recipe.n_folds + 3)
    if bare.all():
        learned = _Learned.nothing()
        clock.start("weighing words")
        fitted = run.fit_words()
    else:
        learned = _learn(corpus, Y, run, sample_weight, clock)
        clock.start("training on all texts")
        fitted = run.fit(corpus.texts, Y, sample_weight)
        if learned.word_share:
            fitted = run.with_words(fitted, learned.word_share)
    calibration, thresholds = learned.calibration, learned.thresholds
    if bare.any():
        fitted, line = run.add_words(fitted, corpus.texts, Y)
        line = line.sharing(*learned.shares)
        calibration, thresholds = fill_in(line, bare, calibration, thresholds)
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
    report = TrainingReport(
        n_texts=len(corpus.texts),
        n_terms=fitted.features.n_terms,
        corpus_sha256=corpus.fingerprint(),
        taxonomy_sha256=corpus.taxonomy.fingerprint(),
        recipe=recipe,
        evaluation=learned.evaluation,
        word_share=learned.word_share,
        warnings=tuple(warnings),
        seconds=clock.stop(),
        libraries=library_versions(),
    )
    metadata = essence(report.to_dict(), report.evaluation)
    return TrainingResult(replace(model, metadata=metadata), report)


def check_trainable(
    corpus: Corpus, recipe: Recipe | None = None, *, lexicon: Lexicon | None = None
) -> list[str]:
    """Raise what `train` would say of a corpus, without training on it.

    Parameters
    ----------
    corpus, recipe, lexicon : as for `train`

    Returns
    -------
    warnings : what `train` would say of words that it ignores

    Raises
    ------
    TrainingError, DataError
        The corpus is too small for the folds, has a topic with neither labels nor words, or has no
        text that lacks a topic.
    """
    recipe = _knowing_listed_words(recipe or Recipe(), corpus)
    Y = corpus.labels()
    priors = Priors(_listed_words(corpus, lexicon), recipe.lexicon_weight)
    run = Run(recipe, corpus.taxonomy.topics, priors, None)
    _check(corpus, Y, run)
    if Y.any():
        _folds(corpus, recipe)
    return _silent_words(run)


def _knowing_listed_words(recipe: Recipe, corpus: Corpus) -> Recipe:
    """Add to the recipe's words those of the taxonomy that would be cut into more than two.

    A term is two words at most: 刷单返利, cut 刷 单 返利, would say nothing.
    """
    if not (recipe.lexicon_weight and recipe.word_ngram_max):
        return recipe
    long = Lexicon.of_topics(corpus.taxonomy.topics).cut_apart(segmenter_of(recipe))
    return replace(recipe, user_words=(*recipe.user_words, *long))


def _listed_words(corpus: Corpus, lexicon: Lexicon | None) -> Lexicon:
    return Lexicon.of_topics(corpus.taxonomy.topics) | (lexicon or Lexicon())


@dataclass(frozen=True, slots=True)
class _Learned:
    """What texts held out taught of the topics that have labels."""

    calibration: Calibration
    thresholds: Thresholds
    evaluation: Evaluation | None
    word_share: float = 0.0
    shares: tuple[float, float] = (1.0, 0.0)

    @classmethod
    def nothing(cls) -> Self:
        none = np.zeros(0)
        return cls(Calibration(none, none), Thresholds(none, none, none), None)


def _learn(
    corpus: Corpus,
    Y: NDArray[Any],
    run: Run,
    sample_weight: NDArray[Any] | None,
    clock: Clock,
) -> _Learned:
    """Calibrate, choose thresholds and score by cross-validation, over topics with labels."""
    recipe = run.recipe
    clock.start("finding reprints")
    groups = corpus.groups()
    folds = _folds(corpus, recipe)
    margins, known, sums = _out_of_fold(run, corpus.texts, Y, folds, sample_weight, clock)
    clock.start("choosing thresholds")
    some: NDArray[np.bool] = Y.sum(axis=0) > 0
    margins, labels = margins[:, some], Y[:, some]
    share = 0.0
    if sums is not None:
        share = worth_of_words(margins, sums[:, some], labels, sample_weight)
        margins += (share * sums[:, some]).astype(np.float32)
    calibration, shares = _calibrate(margins, labels, sample_weight, exclusive=corpus.exclusive)
    probabilities = calibration.of_texts(margins, known, exclusive=corpus.exclusive)
    thresholds = choose_thresholds(
        probabilities,
        labels,
        known=known,
        weight=sample_weight,
        groups=groups,
        target=recipe.accept_precision,
        none_target=recipe.none_precision,
        borrow=recipe.borrow,
        exclusive=corpus.exclusive,
    )
    # Of topics without labels nothing can be measured: here no text gets them.
    evaluation = evaluate_probabilities(
        corpus,
        Y,
        spread(probabilities, some, 0.0),
        Thresholds(
            tag=spread(thresholds.tag, some, np.inf),
            accept=spread(thresholds.accept, some, np.inf),
            possible=spread(thresholds.possible, some, np.inf),
        ),
        topics=corpus.taxonomy.ids,
        groups=groups,
        exclusive=corpus.exclusive,
        seed=recipe.seed,
    )
    return _Learned(calibration, thresholds, evaluation, share, shares)


def _calibrate(
    margins: NDArray[np.float32],
    Y: NDArray[Any],
    sample_weight: NDArray[Any] | None,
    *,
    exclusive: bool,
) -> tuple[Calibration, tuple[float, float]]:
    """Fit the steps from margins of texts held out to probabilities, one after another.

    Returns
    -------
    calibration : of all steps
    shares : what `fit_shares` found, which is in `calibration`; no change for other topics
    """
    lines = Calibration(*fit_sigmoids(margins, Y, sample_weight))
    if exclusive:
        stretch, shift = fit_shares(lines.lines(margins), Y, sample_weight)
        calibration = Calibration(lines.slope * stretch, lines.offset * stretch + shift)
        return calibration, (stretch, shift)
    rivalry = fit_rivalry(lines.lines(margins), Y, sample_weight)
    rivals = replace(lines, rivalry=rivalry)
    curve = fit_curve(rivals.lines(margins), Y, sample_weight)
    return replace(rivals, curve=curve), (1.0, 0.0)


def _silent_words(run: Run) -> list[str]:
    """Return what to say of words of the lexicon that no term can stand for."""
    lexicon, recipe = run.priors.lexicon, run.recipe
    if not (lexicon.entries and recipe.lexicon_weight):
        return []
    if not recipe.word_ngram_max:
        return ["the recipe counts no words (word_ngram_max = 0), so the lexicon is ignored"]
    most = min(recipe.word_ngram_max, 2)
    silent = lexicon.no_terms(segmenter_of(recipe), most)
    if not silent:
        return []
    ignored = counted(len(silent), "word of the lexicon is", "words of the lexicon are")
    pieces = counted(most, "piece")
    why = f"cut into more than {pieces}, or with a space inside"
    advice = "one without a space counts if the recipe's user_words lists it"
    return [f"{ignored} ignored, such as {silent[0]!r}: {why}; {advice}"]


def _check(corpus: Corpus, Y: NDArray[Any], run: Run) -> list[str]:
    if Y.any() and len(corpus.texts) < run.recipe.n_folds:
        raise TrainingError(
            f"the corpus has {counted(len(corpus.texts), 'text')}, too few for "
            f"{run.recipe.n_folds} folds; "
            "add texts, or lower n_folds in the recipe"
        )
    if Y.size and Y.all():
        named = ", ".join(repr(topic.id) for topic in run.topics[:5])
        raise TrainingError(
            f"all {len(corpus.texts):,} texts have the same labels ({named}), so there is nothing "
            "to tell apart; add texts with other topics, or with none"
        )
    listed = run.has_words()
    warnings = []
    for topic, n_positive, has_words in zip(
        run.topics, Y.sum(axis=0).tolist(), listed.tolist(), strict=True
    ):
        if not n_positive and not has_words:
            raise TrainingError(
                f"topic {topic.id!r} has no labelled text and no words; label some texts, "
                "list words without spaces for it in the taxonomy, or take the topic out"
            )
        if not n_positive:
            warnings.append(
                f"topic {topic.id!r} ({topic.name}) has no labelled text; it is tagged by its "
                "words alone, and no figure of this report speaks of it"
            )
        elif n_positive < FEW_TEXTS:
            warnings.append(
                f"topic {topic.id!r} ({topic.name}) has {counted(n_positive, 'labelled text')}; "
                f"with fewer than {FEW_TEXTS} its tags are guesses"
            )
    return warnings


def _out_of_fold(
    run: Run,
    texts: Sequence[str],
    Y: NDArray[Any],
    folds: NDArray[np.int64],
    sample_weight: NDArray[Any] | None,
    clock: Clock,
) -> tuple[NDArray[np.float32], NDArray[np.bool], NDArray[np.float64] | None]:
    """Return margins, whether a term is known, and, where labels are few, the sums of words."""
    margins = np.zeros(Y.shape, dtype=np.float32)
    known = np.zeros(len(texts), dtype=np.bool)
    sums = None if run.priors.described is None else np.zeros(Y.shape)
    for fold in range(run.recipe.n_folds):
        clock.start(f"cross-validation, part {fold + 1} of {run.recipe.n_folds}")
        inside, outside = (
            np.flatnonzero(folds != fold).tolist(),
            np.flatnonzero(folds == fold).tolist(),
        )
        weight = None if sample_weight is None else sample_weight[inside]
        fitted = run.fit([texts[i] for i in inside], Y[inside], weight)
        rows = fitted.features.transform([texts[i] for i in outside])
        margins[outside], known[outside] = fitted.margins(rows), rows.known
        if sums is not None:
            sums[outside] = run.word_sums(fitted.features, rows)
    return margins, known, sums


def _folds(corpus: Corpus, recipe: Recipe) -> NDArray[np.int64]:
    """Return each text's fold: drawn, or by the values of a field; reprints together."""
    if not recipe.fold_by:
        return corpus.folds(recipe.n_folds, seed=recipe.seed)
    values = [
        example.kind if recipe.fold_by == "kind" else str(example.extra.get(recipe.fold_by, ""))
        for example in corpus.examples
    ]
    sizes = Counter(values)
    if len(sizes) < recipe.n_folds:
        raise TrainingError(
            f"the field {recipe.fold_by!r} has {counted(len(sizes), 'value')}, fewer than the "
            f"recipe's {recipe.n_folds} folds; lower n_folds, or leave fold_by out"
        )
    filled, fold_of = [0] * recipe.n_folds, {}
    for value, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        fold_of[value] = filled.index(min(filled))
        filled[fold_of[value]] += size
    folds = np.array([fold_of[value] for value in values], dtype=np.int64)
    _, first, group = np.unique(corpus.groups(), return_index=True, return_inverse=True)
    by_group: NDArray[np.int64] = folds[first][group]
    n_filled = len(np.unique(by_group))
    if n_filled < recipe.n_folds:
        raise TrainingError(
            f"the values of the field {recipe.fold_by!r} tell the same stories: with reprints kept "
            f"together {n_filled} of the recipe's {recipe.n_folds} folds have texts; "
            "lower n_folds, or leave fold_by out"
        )
    return by_group
