"""Topics for Chinese public-affairs headlines and paragraphs.

    >>> import classifier
    >>> model = classifier.load()
    >>> model.classify("县残联开办直播课堂 听障青年找到新岗位").topics[0].id
    'disability-employment'

Names are fetched on first use: importing this package loads no dictionary, no model and no library.
"""

from typing import TYPE_CHECKING

from classifier.lazy import fetch_on_use

if TYPE_CHECKING:
    from classifier.artefact import list_models as list_models
    from classifier.artefact import load as load
    from classifier.artefact import save as save
    from classifier.artefact import verify as verify
    from classifier.corpus import Corpus as Corpus
    from classifier.corpus import Example as Example
    from classifier.corpus import read_corpus as read_corpus
    from classifier.documents import Article as Article
    from classifier.documents import read_article as read_article
    from classifier.errors import ClassifierError as ClassifierError
    from classifier.model import ArticlePrediction as ArticlePrediction
    from classifier.model import Options as Options
    from classifier.model import Prediction as Prediction
    from classifier.model import TopicClassifier as TopicClassifier
    from classifier.model import TopicScore as TopicScore
    from classifier.taxonomy import Taxonomy as Taxonomy
    from classifier.taxonomy import Topic as Topic
    from classifier.trainer import AdaptationReport as AdaptationReport
    from classifier.trainer import AdaptationResult as AdaptationResult
    from classifier.trainer import Recipe as Recipe
    from classifier.trainer import TopicEstimator as TopicEstimator
    from classifier.trainer import TrainingReport as TrainingReport
    from classifier.trainer import TrainingResult as TrainingResult
    from classifier.trainer import adapt as adapt
    from classifier.trainer import compare as compare
    from classifier.trainer import evaluate as evaluate
    from classifier.trainer import train as train

__version__ = "0.1.0"

_HOME = {
    "artefact": ("list_models", "load", "save", "split_headlines", "verify"),
    "corpus": ("Corpus", "Example", "read_corpus"),
    "documents": ("Article", "read_article"),
    "errors": ("ClassifierError",),
    "model": ("ArticlePrediction", "Options", "Prediction", "TopicClassifier", "TopicScore"),
    "taxonomy": ("Taxonomy", "Topic"),
    "trainer": (
        "AdaptationReport",
        "AdaptationResult",
        "Recipe",
        "TopicEstimator",
        "TrainingReport",
        "TrainingResult",
        "adapt",
        "compare",
        "evaluate",
        "train",
    ),
}
__getattr__ = fetch_on_use(__name__, _HOME)

__all__ = sorted(name for names in _HOME.values() for name in names)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
