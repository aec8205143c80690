"""Texts of a list to tags.

Numbers and bullets are looked for in plain text alone: in a table's cell ``1.`` is more likely the
user's own. Dates, outlets and ``[详细]`` at the ends are set aside in every format.
"""

from collections.abc import Sequence

from classifier.documents import headline_core
from classifier.model import Options, Prediction, Tags, TopicClassifier


def tag_texts(model: TopicClassifier, texts: Sequence[str], options: Options | None = None) -> Tags:
    """Return the tags of headlines or paragraphs, by what `headline_core` leaves of each."""
    return model.tags([_core(text) for text in texts], options)


def predict_headlines(
    model: TopicClassifier, texts: Sequence[str], options: Options | None = None
) -> list[Prediction]:
    """Return a prediction for each headline, by the part of it that is about something.

    The prediction holds the text as it was given. What a trailing date, outlet or ``[详细]`` says
    has no part in it; see `classifier.documents.headline_core`. Otherwise as
    `TopicClassifier.predict`.

    Examples
    --------
    >>> import classifier
    >>> model = classifier.load()
    >>> texts = ["女子轻信刷单返利损失八千元", "女子轻信刷单返利损失八千元 [详细] 2021-03-05"]
    >>> one, other = predict_headlines(model, texts)
    >>> one.topics == other.topics, other.text
    (True, '女子轻信刷单返利损失八千元 [详细] 2021-03-05')
    """
    names = [(topic.id, topic.name) for topic in model.topics]
    return list(tag_texts(model, texts, options).predictions(texts, names))


def _core(text: str) -> str:
    start, end = headline_core(text)
    return text[start:end]
