"""A model that others trained, changed as far as one's own labels ask for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Corpus
from classifier.documents import headline_core
from classifier.errors import DataError, counted
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
from classifier.metrics.scores import as_weights
from classifier.model import TopicClassifier
from classifier.taxonomy import Taxonomy
from classifier.trainer.evaluation import evaluate_probabilities, labels_in_columns
from classifier.trainer.priors import Priors, shipped_vectors
from classifier.trainer.record import Clock, Progress, essence, library_versions
from classifier.vectors import WordVectors

if TYPE_CHECKING:
    import scipy.sparse

# Calibration and thresholds are the base model's, so a change must stay small where labels are few.
# With 1, neither 50 nor 5,000 labels took a step too far on sources left out.
C = 1.0
VECTOR_WEIGHT = 0.4
N_FOLDS = 5
# No probability is taken for surer than this.
_SURE = 1e-6, 1 - 1e-6


@dataclass(frozen=True, slots=True)
class AdaptationReport:
    """What a model was changed by, and what that gained on texts held out.

    Attributes
    ----------
    n_texts, n_terms : texts that were learned from, terms of the model
    corpus_sha256, taxonomy_sha256 : fingerprints
    settings : name and version of the model, the base model's, and every setting
    evaluation : scores out of fold, with intervals by reprint group
    base_evaluation : the base model's, on the same texts. It flatters if that model was trained on
        some of them
    gain : the base model and the adapted one compared on these texts, micro-F1
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
    topics: Collection[str] = (),
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
    topics : ids of the topics that the labels speak of, if not of all; the others stay as they are
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
        The corpus has no text, fewer different ones than folds, or a topic that the model does not
        have; or a text with no topic or two where the model's topics exclude each other.
    UnknownTopicError
        The model does not have one of `topics`.
    ArtefactError
        The shipped word vectors cannot be read.
    ValueError
        `sample_weight` is not one number a text, of at least 0 and not all 0; `C` or `n_folds` is
        too small.

    Notes
    -----
    What is learned is added to the log odds that the model gives (`fit_with_offset`), and folds
    into its weights. The scores come from texts held out, reprints kept together: each part is
    scored by the model as the other parts change it. Words that the model does not know stay
    unknown.

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
    if not C > 0:
        raise ValueError(f"C must be above 0, got {C!r}")
    Y = _labels(base, corpus)
    taxonomy = Taxonomy(base.topics)
    learned = np.isin(taxonomy.ids, [taxonomy.resolve(topic) for topic in topics or taxonomy.ids])
    weight = np.ones(len(corpus)) if sample_weight is None else as_weights(sample_weight, len(Y))
    clock = Clock(progress, n_folds + 3)
    clock.start("finding reprints")
    folds = corpus.folds(n_folds, seed=seed)
    # What is tagged of a text is what is learned from.
    rows = base.features.transform([text[slice(*headline_core(text))] for text in corpus.texts])
    vectors = vectors or shipped_vectors()
    priors = Priors(vectors=vectors, vector_weight=VECTOR_WEIGHT)
    design = priors.design(base.features, base.topics, rows)
    before = base.weights.margins(rows)
    scores = _Scores(base, learned, corpus, Y, rows.known, seed)
    change = _Change(base, learned, design.matrix(rows), Y, scores.probabilities(before), C)
    margins = before.copy()
    for fold in range(n_folds):
        clock.start(f"cross-validation, part {fold + 1} of {n_folds}")
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        coef, intercept = change.fit(inside, weight[inside])
        margins[outside] += change.X[outside] @ coef + intercept
    clock.start("comparing with the base model")
    outcomes = scores.outcomes(before), scores.outcomes(margins)
    gain = paired_test(micro_f1, *outcomes, corpus.groups(), seed=seed)
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
        "topics": [
            topic for topic, is_learned in zip(taxonomy.ids, learned, strict=True) if is_learned
        ],
        "seed": seed,
        "C": C,
        "n_folds": n_folds,
        "vector_weight": 0.0 if vectors is None else VECTOR_WEIGHT,
    }
    report = AdaptationReport(
        n_texts=len(corpus),
        n_terms=base.features.n_terms,
        corpus_sha256=corpus.fingerprint(),
        taxonomy_sha256=corpus.taxonomy.fingerprint(),
        settings=settings,
        evaluation=scores.evaluate(margins),
        base_evaluation=scores.evaluate(before),
        gain=gain,
        seconds=clock.stop(),
        libraries=library_versions(),
    )
    metadata = essence(report.to_dict(), report.evaluation)
    return AdaptationResult(replace(model, metadata=metadata), report)


def check_adaptable(base: TopicClassifier, corpus: Corpus, *, n_folds: int = N_FOLDS) -> None:
    """Raise what `adapt` would say of a corpus, without learning from it.

    Raises
    ------
    DataError
        As for `adapt`.
    """
    _labels(base, corpus)
    corpus.folds(n_folds)


def _labels(base: TopicClassifier, corpus: Corpus) -> NDArray[np.int8]:
    Y = labels_in_columns(corpus, base)
    wrong = int((Y.sum(axis=1) != 1).sum())
    if base.exclusive and wrong:
        raise DataError(
            f"the topics of {base.name!r} exclude each other, but {counted(wrong, 'text')} of the "
            "corpus with no topic or several; give each text exactly one"
        )
    return Y


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """What is to be learned beside a model's margins.

    Attributes
    ----------
    base : the model
    learned : ``(n_topics,)``, whether the labels speak of the topic
    X : ``(n_texts, n_features)``, terms and what they share
    Y : ``(n_texts, n_topics)``, labels
    probabilities : ``(n_texts, n_topics)``, the model's
    C : of the penalty
    """

    base: TopicClassifier
    learned: NDArray[np.bool]
    X: "scipy.sparse.csr_matrix"
    Y: NDArray[Any]
    probabilities: NDArray[np.float32]
    C: float

    def fit(
        self, texts: NDArray[np.int64], weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what some texts add to the margins: coefficients of `X`, and intercepts.

        What the other topics of a text have to do with its log odds is taken for what it was.
        """
        slope = self.base.calibration.slope
        # A topic whose probability does not follow its margin cannot be changed by it.
        some = self.learned & (slope > 0)
        known = np.clip(self.probabilities[texts][:, some].astype(np.float64), *_SURE)
        coef, intercept = fit_with_offset(
            self.X[texts],
            self.Y[texts][:, some],
            np.log(known) - np.log1p(-known),
            C=self.C,
            sample_weight=weight,
        )
        # From log odds to margins, of which they are a straight line.
        of_all = np.zeros((self.X.shape[1], len(some))), np.zeros(len(some))
        of_all[0][:, some], of_all[1][some] = coef / slope[some], intercept / slope[some]
        return of_all


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """Scores margins with the calibration and the thresholds of a model, on the learned topics."""

    base: TopicClassifier
    learned: NDArray[np.bool]
    corpus: Corpus
    Y: NDArray[Any]
    known: NDArray[np.bool]
    seed: int

    def evaluate(self, margins: NDArray[np.float32]) -> Evaluation:
        return evaluate_probabilities(
            self.corpus,
            self.Y[:, self.learned],
            self.probabilities(margins)[:, self.learned],
            self.base.thresholds.of(self.learned),
            topics=[
                topic.id
                for topic, is_learned in zip(self.base.topics, self.learned, strict=True)
                if is_learned
            ],
            groups=self.corpus.groups(),
            exclusive=self.base.exclusive,
            seed=self.seed,
        )

    def outcomes(self, margins: NDArray[np.float32]) -> NDArray[Any]:
        """Return true and false answers of each text, as `outcome_counts` does."""
        given = assign_topics(
            self.probabilities(margins)[:, self.learned],
            self.known,
            self.base.thresholds.of(self.learned),
            exclusive=self.base.exclusive,
        )
        return outcome_counts(self.Y[:, self.learned], given)

    def probabilities(self, margins: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probabilities of all topics: ``(n_texts, n_topics)`` float32."""
        base = self.base
        return base.calibration.of_texts(margins, self.known, exclusive=base.exclusive)
