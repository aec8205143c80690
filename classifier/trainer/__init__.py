"""Labelled texts to a model.

recipe.py      the settings
priors.py      what is known beforehand: lexicon, word vectors
blending.py    two linear models made one
bywords.py     what words say of a topic with few labels or none
pooling.py     what pairs of text and topic say, all taken together
fitting.py     one fit: texts and labels to features and coefficients
training.py    cross-validation, calibration, thresholds, the fit
adapting.py    a trained model changed by one's own labels
record.py      what a run notes: times, libraries, what a model keeps of its report
evaluation.py  scores of a model on labelled texts, and of one against another
estimator.py   the same for scikit-learn's pipelines
"""

from typing import TYPE_CHECKING

from classifier.lazy import fetch_on_use
from classifier.trainer.adapting import (
    AdaptationReport,
    AdaptationResult,
    adapt,
    check_adaptable,
    trained_on,
)
from classifier.trainer.evaluation import compare, evaluate
from classifier.trainer.priors import Lexicon
from classifier.trainer.recipe import Recipe
from classifier.trainer.training import (
    TrainingReport,
    TrainingResult,
    check_trainable,
    train,
)
from classifier.vectors import WordVectors

if TYPE_CHECKING:
    from classifier.trainer.estimator import TopicEstimator as TopicEstimator

# scikit-learn takes a second to import, and reading a recipe needs none of it.
__getattr__ = fetch_on_use(__name__, {"estimator": ("TopicEstimator",)})

__all__ = [
    "AdaptationReport",
    "AdaptationResult",
    "Lexicon",
    "Recipe",
    "TopicEstimator",
    "TrainingReport",
    "TrainingResult",
    "WordVectors",
    "adapt",
    "check_adaptable",
    "check_trainable",
    "compare",
    "evaluate",
    "train",
    "trained_on",
]
