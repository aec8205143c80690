"""A model that others trained, changed as far as one's own labels ask for it."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Corpus
from classifier.documents import headline_core
from classifier.errors import DataError, TrainingError, counted
from classifier.linear import LinearWeights, fit_with_offset
from classifier.metrics import (
    Comparison,
    Evaluation,
    as_plain,
    assign_topics,
    micro_f1,
    outcome_counts,
    paired_test,
)
from classifier.metrics.scores import as_weights, share_of
from classifier.model import TopicClassifier
from classifier.taxonomy import Taxonomy, Topic
from classifier.trainer.bywords import spread
from classifier.trainer.evaluation import evaluate_probabilities, labels_in_columns
from classifier.trainer.priors import SHIPPED, Priors, shipped_vectors
from classifier.trainer.record import Clock, Progress, essence, library_versions
from classifier.vectors import WordVectors

if TYPE_CHECKING:
    import scipy.sparse

# Chosen on titles of portals that a model never saw: more fits the labelled texts better, and
# others worse.
C = 5.0
VECTOR_WEIGHT = 0.4
N_FOLDS = 5
# Fewer texts show little of how good a model is.
_FEW_TEXTS = 30
# Share of the texts that may say "no topic" where the model is sure of one, before that is told.
_DOUBTFUL = 0.2


@dataclass(frozen=True, slots=True)
class AdaptationReport:
    """What a model was changed by, and what that gained on texts held out.

    Attributes
    ----------
    n_texts, n_terms : texts that were learned from, terms of the model
    corpus_sha256, taxonomy_sha256 : fingerprints
    settings : name and version of the model, the base model's, and every setting
    evaluation : scores out of fold, with intervals by reprint group, on the topics learned
    base_evaluation : the base model's, on the same texts
    gain : the base model and the adapted one compared on these texts out of fold: by micro-F1, or
        by the share of texts all right if no label names a topic
    n_right : texts all of whose topics are right, by the base model and, once it has seen them, by
        the adapted one
    warnings : what a person should know, a sentence each
    seconds : wall time of each step
    libraries : versions of Python and of the libraries that had a say
    """

    n_texts: int
    n_terms: int
    corpus_sha256: str
    taxonomy_sha256: str
    settings: Mapping[str, Any]
    evaluation: Evaluation
    base_evaluation: Evaluation
    gain: Comparison
    n_right: tuple[int, int]
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
            "recipe": dict(self.settings),
            "evaluation": self.evaluation.to_dict(),
            "base_evaluation": self.base_evaluation.to_dict(),
            "gain": as_plain(self.gain),
            "n_right": list(self.n_right),
            "warnings": list(self.warnings),
            "seconds": self.seconds,
            "libraries": self.libraries,
        }


@dataclass(frozen=True, slots=True)
class AdaptationResult:
    """An adapted model and its report."""

    model: TopicClassifier
    report: AdaptationReport


def adapt(
    base: TopicClassifier,
    corpus: Corpus,
    *,
    topics: Collection[str] | None = None,
    name: str = "",
    C: float = C,
    n_folds: int = N_FOLDS,
    seed: int = 0,
    vectors: WordVectors | None = None,
    sample_weight: NDArray[Any] | None = None,
    progress: Progress | None = None,
) -> AdaptationResult:
    """Change a model as far as labelled texts ask for it: one's own labels, or corrections.

    Parameters
    ----------
    base : the model to start from; its topics, terms, calibration and thresholds stay
    corpus : texts with topics, all of them the model's; a text is taken to have none but those
    topics : ids or names of the topics that the labels speak of, by default all of the model's;
        nothing is learned of the others
    name : of the new model, by default the old one's with ``-adapted`` behind
    C : how far the model may be changed, above 0: the inverse of the strength of the penalty
    n_folds : parts of the cross-validation that the change is scored by, 2 or more
    seed : of whatever draws lots
    vectors : word vectors, through which a change reaches words used alike; by default the shipped
        ones
    sample_weight : ``(n_texts,)``, by default all 1; the report's scores count each text once
    progress : called before each step

    Returns
    -------
    result : ``result.model`` and ``result.report``

    Raises
    ------
    DataError
        The corpus has fewer different texts than folds, or a topic that the model does not have; or
        a text with no topic or two where the model's topics exclude each other.
    UnknownTopicError
        The model does not have one of `topics`.
    TrainingError
        `topics` is empty, or names some of topics that exclude each other.
    ArtefactError
        The shipped word vectors cannot be read.
    ValueError
        `sample_weight` is not one number a text, of at least 0 and not all 0; `C` is not a number
        above 0, or `n_folds` less than 2.
    TypeError
        `topics` is a bare string.

    Notes
    -----
    What is learned is added to the log odds that the model gives each topic by itself
    (`fit_with_offset`), and folds into its weights. The scores come from texts held out, reprints
    kept together: each part is scored by the model as the other parts change it. From texts
    without a word that the model knows nothing is learned.

    Examples
    --------
    >>> import classifier
    >>> from classifier import Corpus, Example, Taxonomy
    >>> model = classifier.load()
    >>> texts = ("骑手驿站添了热水", "十座驿站迎来外卖骑手", "骑手在驿站歇脚充电")
    >>> labelled = tuple(Example(text, ("community-governance",)) for text in texts)
    >>> corpus = Corpus(labelled, Taxonomy(model.topics))
    >>> adapted = classifier.adapt(model, corpus, n_folds=2).model
    >>> text = "写字楼里开了骑手驿站"
    >>> [topic.name for topic in model.classify(text).topics]
    ['就业创业']
    >>> [topic.name for topic in adapted.classify(text).topics]
    ['就业创业', '基层治理']
    """
    if not (C > 0 and math.isfinite(C)):
        raise ValueError(f"C must be a number above 0, got {C!r}")
    Y = _labels(base, corpus, n_folds)
    learned = _columns(base, topics)
    weight = np.ones(len(Y)) if sample_weight is None else as_weights(sample_weight, len(Y))
    clock = Clock(progress, n_folds + 3)
    clock.start("finding reprints")
    folds = corpus.folds(n_folds, seed=seed)
    # What is tagged of a text is what is learned from.
    rows = base.features.transform([text[slice(*headline_core(text))] for text in corpus.texts])
    given, vectors = vectors is not None, vectors or shipped_vectors()
    priors = Priors(vectors=vectors, vector_weight=VECTOR_WEIGHT)
    design = priors.design(base.features, base.topics, rows)
    margins = base.weights.margins(rows)
    weight = np.where(rows.known, weight, 0.0)
    change = _Change(base, learned, design.matrix(rows), Y, base.calibration.lines(margins), C)

    def probabilities(margins: NDArray[np.float32]) -> NDArray[np.float32]:
        return base.calibration.of_texts(margins, rows.known, exclusive=base.exclusive)

    before = probabilities(margins)
    for fold in range(n_folds):
        clock.start(f"cross-validation, part {fold + 1} of {n_folds}")
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        coef, intercept = change.fit(inside, weight[inside])
        margins[outside] += change.X[outside] @ coef + intercept
    clock.start("comparing with the base model")
    scores = _Scores(base, learned, corpus, Y, rows.known, seed)
    after = probabilities(margins)
    evaluation, gain = scores.evaluate(after), scores.compare(before, after)
    clock.start("learning from all texts")
    coef, intercept = change.fit(np.arange(len(Y)), weight)
    model = replace(
        base,
        weights=LinearWeights.of(
            base.weights.coef + design.fold(coef),
            base.weights.intercept + intercept,
            quantize=base.weights.codes.itemsize == 1,
        ),
        name=name or f"{base.name}-adapted",
        version="1",
        digest="",
    )
    settings = {
        "name": model.name,
        "version": model.version,
        "base": base.name,
        "base_version": base.version,
        "base_digest": base.digest,
        "topics": [topic.id for topic in scores.topics],
        "seed": int(seed),
        "C": float(C),
        "n_folds": int(n_folds),
        "vectors": "" if vectors is None else "given" if given else SHIPPED,
        "vector_weight": 0.0 if vectors is None else VECTOR_WEIGHT,
    }
    report = AdaptationReport(
        n_texts=len(corpus),
        n_terms=base.features.n_terms,
        corpus_sha256=corpus.fingerprint(),
        taxonomy_sha256=Taxonomy(base.topics).fingerprint(),
        settings=settings,
        evaluation=evaluation,
        base_evaluation=scores.evaluate(before),
        gain=gain,
        n_right=(
            scores.n_right(before),
            scores.n_right(probabilities(model.weights.margins(rows))),
        ),
        warnings=tuple(scores.warnings(before, gain)),
        seconds=clock.stop(),
        libraries=library_versions(),
    )
    metadata = essence(report.to_dict(), evaluation) | {"base_corpora": trained_on(base)}
    return AdaptationResult(replace(model, metadata=metadata), report)


def check_adaptable(base: TopicClassifier, corpus: Corpus, *, n_folds: int = N_FOLDS) -> None:
    """Raise what `adapt` would say of a corpus, without learning from it.

    Raises
    ------
    DataError
        As for `adapt`.
    """
    _labels(base, corpus, n_folds)


def trained_on(model: TopicClassifier) -> list[str]:
    """Return the fingerprints of the corpora that a model learned from, its base's among them."""
    own, earlier = model.metadata.get("corpus_sha256"), model.metadata.get("base_corpora", [])
    return [str(one) for one in (own, *(earlier if isinstance(earlier, list) else ())) if one]


def _labels(base: TopicClassifier, corpus: Corpus, n_folds: int) -> NDArray[np.int8]:
    """Return the labels in the model's columns, or say why they cannot be learned."""
    named = {topic for example in corpus.examples for topic in example.topics}
    if unknown := sorted(named - {topic.id for topic in base.topics}):
        raise DataError(
            f"the corpus has the topic {unknown[0]!r}, which {base.name!r} does not have and "
            "cannot learn; rename it to one of that model's, or train a model of its own"
        )
    n_stories = len(set(corpus.groups().tolist()))
    if n_stories < n_folds:
        raise DataError(
            f"the corpus has {counted(n_stories, 'different text')}, reprints set aside; "
            f"{n_folds} are needed, and a few dozen are better"
        )
    Y = labels_in_columns(corpus, base)
    wrong = int((Y.sum(axis=1) != 1).sum())
    if base.exclusive and wrong:
        raise DataError(
            f"the topics of {base.name!r} exclude each other, but {counted(wrong, 'text')} of the "
            "corpus with no topic or several; give each text exactly one"
        )
    return Y


def _columns(base: TopicClassifier, topics: Collection[str] | None) -> NDArray[np.bool]:
    """Say which of the model's topics are learned: ``(n_topics,)``."""
    if topics is None:
        return np.ones(len(base.topics), dtype=np.bool)
    if isinstance(topics, str):
        raise TypeError(f"topics takes several ids, got the string {topics!r}")
    if base.exclusive or not topics:
        why = (
            "names none" if not topics else f"is not for {base.name!r}, whose topics exclude others"
        )
        raise TrainingError(f"topics {why}; leave it out, so that the labels speak of all")
    taxonomy = Taxonomy(base.topics)
    return np.isin(taxonomy.ids, [taxonomy.resolve(topic) for topic in topics])


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """What is to be learned beside a model's margins.

    Attributes
    ----------
    base : the model
    learned : ``(n_topics,)``, whether the labels speak of the topic
    X : ``(n_texts, n_features)``, terms and what they share
    Y : ``(n_texts, n_topics)``, labels
    lines : ``(n_texts, n_topics)``, the log odds that the model gives, before its curve and before
        classes are divided by their sum: where the model is sure those hardly move, and a label
        that says otherwise could move them as little
    C : of the penalty
    """

    base: TopicClassifier
    learned: NDArray[np.bool]
    X: "scipy.sparse.csr_matrix"
    Y: NDArray[Any]
    lines: NDArray[np.float32]
    C: float

    def fit(
        self, texts: NDArray[np.int64], weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what some texts add to the margins: coefficients of `X`, and intercepts.

        What the other topics of a text have to do with its log odds is taken for what it was.
        """
        some = self.learned & _can_change(self.base)
        coef, intercept = fit_with_offset(
            self.X[texts],
            self.Y[texts][:, some],
            self.lines[texts][:, some],
            C=self.C,
            sample_weight=weight,
        )
        # From log odds to margins, of which they are a straight line.
        slope = self.base.calibration.slope[some]
        return spread(coef / slope, some, 0.0), spread(intercept / slope, some, 0.0)


def _can_change(base: TopicClassifier) -> NDArray[np.bool]:
    """Say which topics have a probability that follows their margin: ``(n_topics,)``."""
    follows: NDArray[np.bool] = base.calibration.slope > 0
    return follows


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """Scores probabilities ``(n_texts, n_topics)`` of all topics, on those that are learned."""

    base: TopicClassifier
    learned: NDArray[np.bool]
    corpus: Corpus
    Y: NDArray[Any]
    known: NDArray[np.bool]
    seed: int

    @property
    def topics(self) -> list[Topic]:
        """The topics learned."""
        return [self.base.topics[column] for column in np.flatnonzero(self.learned).tolist()]

    def evaluate(self, probabilities: NDArray[np.float32]) -> Evaluation:
        return evaluate_probabilities(
            self.corpus,
            self.Y[:, self.learned],
            probabilities[:, self.learned],
            self.base.thresholds.of(self.learned),
            topics=[topic.id for topic in self.topics],
            groups=self.corpus.groups(),
            exclusive=self.base.exclusive,
            seed=self.seed,
        )

    def compare(self, before: NDArray[np.float32], after: NDArray[np.float32]) -> Comparison:
        """Compare two models by micro-F1, or by texts all right if no label names a topic."""
        groups, labels = self.corpus.groups(), self.Y[:, self.learned]
        if labels.any():
            first, second = (outcome_counts(labels, self._given(p)) for p in (before, after))
            return paired_test(micro_f1, first, second, groups, seed=self.seed)
        first, second = (
            np.stack([self._right(p), np.ones(len(labels))], axis=1) for p in (before, after)
        )
        return paired_test(share_of, first, second, groups, seed=self.seed)

    def n_right(self, probabilities: NDArray[np.float32]) -> int:
        """Return how many texts have all the topics learned right."""
        return int(self._right(probabilities).sum())

    def warnings(self, before: NDArray[np.float32], gain: Comparison) -> Iterator[str]:
        """Yield what a person should know of a change."""
        base, name = self.base, repr(self.base.name)
        if self.corpus.fingerprint() in trained_on(base):
            yield f"{name} was trained on these very texts, so that its scores flatter"
        n_unknown = int((~self.known).sum())
        if n_unknown:
            texts = counted(n_unknown, "text has", "texts have")
            yield f"{texts} no word that {name} knows; nothing was learned from such"
        for topic, is_stuck in zip(base.topics, self.learned & ~_can_change(base), strict=True):
            if is_stuck:
                yield f"topic {topic.id!r} stays: {name} gives it whatever words a text has"
        unsaid = ~self.Y[:, self.learned].any(axis=1)
        sure = before[:, self.learned] >= base.thresholds.accept[self.learned]
        n_doubtful = int((unsaid & sure.any(axis=1)).sum())
        if n_doubtful > _DOUBTFUL * len(self.Y):
            texts = counted(n_doubtful, "text is", "texts are")
            yield (
                f"{texts} labelled with no topic where {name} is sure of one; if that was not "
                "meant, leave out texts that nobody labelled, or name the topics that were labelled"
            )
        if len(self.Y) < _FEW_TEXTS:
            texts = counted(len(self.Y), "text says", "texts say")
            yield f"{texts} little of how good the new model is"
        elif gain.difference.value <= 0:
            yield f"on texts held out it does no better than {name}; label more, or keep that"
        elif gain.difference.low <= 0:
            yield f"that it does better than {name} may be chance; more texts would tell"

    def _given(self, probabilities: NDArray[np.float32]) -> NDArray[np.int8]:
        base = self.base
        given = assign_topics(probabilities, self.known, base.thresholds, exclusive=base.exclusive)
        return given[:, self.learned]

    def _right(self, probabilities: NDArray[np.float32]) -> NDArray[np.bool]:
        given = self._given(probabilities)
        right: NDArray[np.bool] = (given == self.Y[:, self.learned]).all(axis=1)
        return right
