"""One fit: texts and labels to features and coefficients, with what is known beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.features import TermRows, TfidfFeatures, fit_features, may_be_extra
from classifier.linear import fit_linear
from classifier.taxonomy import Topic
from classifier.text import fold
from classifier.tokens import Segmenter, SegmenterSettings, dictionary_sha256
from classifier.trainer.blending import blend
from classifier.trainer.bywords import MEASURED, WordLine, line_for, word_weights
from classifier.trainer.priors import Priors
from classifier.trainer.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Features and coefficients ``(n_terms, n_topics)`` of one fit, priors folded in."""

    features: TfidfFeatures
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]

    def margins(self, rows: TermRows) -> NDArray[np.float32]:
        """Return the margins of texts that `features` transformed: ``(n_texts, n_topics)``."""
        margins: NDArray[np.float64] = rows.to_scipy() @ self.coef + self.intercept
        return margins.astype(np.float32)


def segmenter_of(recipe: Recipe) -> Segmenter:
    """Return what cuts texts by a recipe."""
    return Segmenter(SegmenterSettings(_folded(recipe.user_words), dictionary_sha256()))


def _folded(words: Sequence[str]) -> tuple[str, ...]:
    """Return words in the form that texts are cut in, each once."""
    return tuple(filter(None, dict.fromkeys(fold(word).strip() for word in words)))


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
        recipe, segmenter = self.recipe, segmenter_of(self.recipe)
        known = self.priors.terms(segmenter)
        features = fit_features(
            texts,
            segmenter=segmenter,
            word_ngram_max=recipe.word_ngram_max,
            char_ngram_max=recipe.char_ngram_max,
            min_df=recipe.min_df,
            sublinear_tf=recipe.sublinear_tf,
            punctuation=recipe.punctuation,
            ignored_words=_folded(recipe.ignored_words),
            extra_terms=known,
        )
        if recipe.max_terms and features.n_terms > recipe.max_terms:
            rows = features.transform(texts)
            coef, _ = self._fit_linear(rows.to_scipy(), Y, sample_weight)
            features = features.keep(self._strongest(features, coef, known))
        rows = features.transform(texts)
        design = self.priors.design(features, self.topics, rows)
        # The priors' features are no counts, so that a log-count ratio has nothing to say of them.
        coef, intercept = self._fit_linear(
            design.matrix(rows), Y, sample_weight, n_counted=features.n_terms
        )
        plain = design.fold(coef), intercept
        if not recipe.blend_naive_bayes:
            return Fitted(features, *plain)
        X = rows.to_scipy()
        scaled = self._fit_linear(X, Y, sample_weight, naive_bayes=True)
        return Fitted(features, *blend(X, plain, scaled, recipe.blend_naive_bayes))

    def has_words(self) -> NDArray[np.bool]:
        """Say which topics have a word that can be a term: ``(n_topics,)``."""
        words: set[str] = set()
        if self.priors.lexicon_weight and self.recipe.word_ngram_max:
            ignored = frozenset(_folded(self.recipe.ignored_words))
            for term, targets in self.priors.lexicon.terms(segmenter_of(self.recipe)).items():
                if may_be_extra(term, self.recipe.word_ngram_max, ignored):
                    words.update(targets)
        return np.array([topic.id in words for topic in self.topics])

    def word_sums(self, features: TfidfFeatures, rows: TermRows) -> NDArray[np.float64]:
        """Return what the words of texts say before any label: ``(n_texts, n_topics)``.

        Parameters
        ----------
        rows : texts that `features` transformed
        """
        weights = word_weights(self.priors.with_descriptions(), features, self.topics)
        sums: NDArray[np.float64] = rows.to_scipy() @ weights
        return sums

    def with_words(self, fitted: Fitted, share: float) -> Fitted:
        """Add the words' weights so many times to those that were learned."""
        weights = word_weights(self.priors.with_descriptions(), fitted.features, self.topics)
        return Fitted(fitted.features, fitted.coef + share * weights, fitted.intercept)

    def fit_words(self) -> Fitted:
        """Return features of the words known beforehand, with weights of zero.

        No text is there to learn an idf from; one for all cancels out when rows get length 1.
        """
        segmenter = segmenter_of(self.recipe)
        features = fit_features(
            ("",),
            segmenter=segmenter,
            word_ngram_max=self.recipe.word_ngram_max,
            char_ngram_max=0,
            sublinear_tf=self.recipe.sublinear_tf,
            punctuation=self.recipe.punctuation,
            ignored_words=_folded(self.recipe.ignored_words),
            extra_terms=self.priors.terms(segmenter),
        )
        n_topics = len(self.topics)
        return Fitted(features, np.zeros((features.n_terms, n_topics)), np.zeros(n_topics))

    def add_words(
        self, fitted: Fitted, texts: Sequence[str], Y: NDArray[Any]
    ) -> tuple[Fitted, WordLine]:
        """Give topics without labels the weights of their words.

        Returns
        -------
        fitted : with those topics' columns replaced
        line : from their margins to log odds
        """
        bare = ~Y.any(axis=0)
        weights = word_weights(self.priors, fitted.features, self.topics)
        line = MEASURED
        if not bare.all():
            line = line_for(weights, fitted.features.transform(texts).to_scipy(), Y)
        coef = np.where(bare, weights, fitted.coef)
        return Fitted(fitted.features, coef, np.where(bare, 0.0, fitted.intercept)), line

    def _fit_linear(
        self,
        X: Any,
        Y: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        *,
        naive_bayes: bool = False,
        n_counted: int | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        recipe = self.recipe
        return fit_linear(
            X,
            Y,
            estimator=recipe.estimator,
            C=recipe.C_naive_bayes if naive_bayes else recipe.C,
            naive_bayes=naive_bayes or recipe.naive_bayes,
            n_counted=n_counted,
            sample_weight=sample_weight,
            seed=recipe.seed,
            n_jobs=self.n_jobs,
        )

    def _strongest(
        self, features: TfidfFeatures, coef: NDArray[np.float64], known: Sequence[tuple[str, ...]]
    ) -> NDArray[np.bool]:
        """Mark the `max_terms` terms to keep: those known before any label, then by weight.

        A term's weight is the largest that a fit without priors gives it for any topic, times its
        idf, which is how a text feels it.
        """
        weight = np.abs(coef).max(axis=1) * features.idf
        place = features.vocabulary.word_terms()
        weight[[place[" ".join(term)] for term in known if " ".join(term) in place]] = np.inf
        wanted = np.zeros(len(weight), dtype=np.bool)
        wanted[np.argsort(-weight, kind="stable")[: self.recipe.max_terms]] = True
        return wanted
