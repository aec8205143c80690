"""A scikit-learn estimator of the same features and linear models, for pipelines and searches."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from classifier.features import TermRows
from classifier.linear import Estimator
from classifier.taxonomy import Topic
from classifier.trainer.fitting import Run
from classifier.trainer.priors import Lexicon, Priors, resolve_vectors
from classifier.trainer.recipe import Recipe


class TopicEstimator(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """TF-IDF over words and characters, and one linear model a topic.

    Works where scikit-learn's estimators do: ``clone``, ``GridSearchCV``, ``cross_val_predict``,
    the last step of a ``Pipeline``. It neither calibrates nor chooses thresholds;
    `classifier.train` does.

    Parameters
    ----------
    estimator, C, naive_bayes, word_ngram_max, char_ngram_max, min_df, sublinear_tf, random_state :
        as `Recipe` says (``random_state`` is its ``seed``)
    lexicon : mapping of a word to ``{label: weight}``, labels as in `classes_`, or None
    lexicon_weight : how far the lexicon counts
    vectors, vector_weight : as `Recipe` says; by default no vectors
    n_jobs : topics fitted at a time, by default one a core

    Attributes
    ----------
    classes_ : the labels; for an indicator matrix the numbers of its columns
    n_terms_ : number of terms
    coef_ : ``(n_terms, n_topics)`` float64
    intercept_ : ``(n_topics,)`` float64

    Examples
    --------
    >>> texts = ["村民种下枸杞", "枸杞丰收在望", "学校开学", "学校招生"] * 3
    >>> model = TopicEstimator(min_df=1).fit(texts, ["farm", "farm", "school", "school"] * 3)
    >>> model.predict(["枸杞收购价上涨", "学校放假"]).tolist()
    ['farm', 'school']
    """

    def __init__(
        self,
        *,
        estimator: Estimator = "svc",
        C: float = 0.25,
        naive_bayes: bool = False,
        word_ngram_max: int = 2,
        char_ngram_max: int = 2,
        min_df: int = 2,
        sublinear_tf: bool = True,
        lexicon: dict[str, dict[Any, float]] | None = None,
        lexicon_weight: float = 0.5,
        vectors: str = "",
        vector_weight: float = 0.4,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.C = C
        self.naive_bayes = naive_bayes
        self.word_ngram_max = word_ngram_max
        self.char_ngram_max = char_ngram_max
        self.min_df = min_df
        self.sublinear_tf = sublinear_tf
        self.lexicon = lexicon
        self.lexicon_weight = lexicon_weight
        self.vectors = vectors
        self.vector_weight = vector_weight
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Iterable[str], y: Any, sample_weight: NDArray[Any] | None = None) -> Self:
        """Fit on texts `X` and labels `y`.

        Parameters
        ----------
        X : texts, n_texts of them
        y : ``(n_texts,)`` labels of any kind that exclude each other, or an indicator matrix
            ``(n_texts, n_topics)``
        sample_weight : ``(n_texts,)``, by default all 1

        Raises
        ------
        TypeError
            `X` is a bare string, or holds something else than strings.
        ValueError
            `X` is empty, or `X` and `y` differ in length, or `y` has one class only.
        """
        texts = _as_texts(X)
        if not texts:
            raise ValueError("X holds no text; fit needs at least one")
        labels = np.asarray(y)
        if len(labels) != len(texts):
            raise ValueError(f"X has {len(texts)} texts and y {len(labels)} rows; give one a text")
        self.multilabel_ = labels.ndim == 2
        if self.multilabel_:
            self.classes_ = np.arange(labels.shape[1])
            Y = labels
        else:
            kind = type_of_target(labels)
            if kind.startswith("continuous"):
                raise ValueError(f"Unknown label type: {kind}; y must be classes or indicators")
            self.classes_ = np.unique(labels)
            if len(self.classes_) < 2:
                raise ValueError(f"y has one class only, {str(self.classes_[0])!r}; it needs two")
            Y = labels[:, None] == self.classes_[None, :]
        fitted = self._run(Y).fit(texts, Y, sample_weight)
        self.features_, self.coef_, self.intercept_ = (
            fitted.features,
            fitted.coef,
            fitted.intercept,
        )
        self.n_terms_ = fitted.features.n_terms
        return self

    def _run(self, Y: NDArray[Any]) -> Run:
        recipe = Recipe(
            estimator=self.estimator,
            C=self.C,
            naive_bayes=self.naive_bayes,
            word_ngram_max=self.word_ngram_max,
            char_ngram_max=self.char_ngram_max,
            min_df=self.min_df,
            sublinear_tf=self.sublinear_tf,
            lexicon_weight=self.lexicon_weight,
            vectors=self.vectors,
            vector_weight=self.vector_weight,
            seed=self.random_state,
        )
        recipe, vectors = resolve_vectors(recipe, Y, None)
        topics = tuple(Topic(str(label), str(label)) for label in self.classes_)
        lexicon = Lexicon(
            {
                word: {str(label): weight for label, weight in targets.items()}
                for word, targets in (self.lexicon or {}).items()
            }
        )
        priors = Priors(lexicon, self.lexicon_weight, vectors, self.vector_weight)
        return Run(recipe, topics, priors, self.n_jobs)

    def decision_function(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Return margins: ``(n_texts, n_topics)``, or ``(n_texts,)`` for two classes."""
        check_is_fitted(self)
        return self._margins(self.features_.transform(_as_texts(X)))

    def _margins(self, rows: TermRows) -> NDArray[np.float64]:
        margins: NDArray[np.float64] = rows.to_scipy() @ self.coef_ + self.intercept_
        binary = not self.multilabel_ and len(self.classes_) == 2
        if binary:
            margins = margins[:, 1]
        return margins

    def predict(self, X: Iterable[str]) -> NDArray[Any]:
        """Return a label a text, or an indicator matrix ``(n_texts, n_topics)`` int64.

        A text without a known term has no topic where several are possible.
        """
        check_is_fitted(self)
        rows = self.features_.transform(_as_texts(X))
        margins = self._margins(rows)
        if self.multilabel_:
            return ((margins > 0) & rows.known[:, None]).astype(np.int64)
        best = (margins > 0).astype(np.int64) if margins.ndim == 1 else margins.argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels


def _as_texts(X: object) -> Sequence[str]:
    if isinstance(X, (str, bytes)):
        raise TypeError("X must be many texts, got one; pass [text]")
    texts: list[str] = list(X)  # type: ignore[call-overload]  # a caller may pass anything
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"X[{index}] must be a str, got {type(text).__name__}")
    return texts
