"""Article pages: read, tagged, rolled up, in the command line's shape."""

from classifier.batch import as_object
from classifier.documents import Article, read_article
from classifier.model import Options, Prediction, TopicClassifier, TopicScore


def classify_page(model: TopicClassifier, page: str, options: Options) -> dict[str, object]:
    """Return the article of a page with its topics, its title's and its paragraphs'."""
    article = read_article(page)
    title, *paragraphs = model.predict([article.title or "", *article.paragraphs], options)
    whole = _roll_up(title, paragraphs)
    return {
        "title": article.title,
        "published": article.published,
        "source": article.source,
        **as_object(whole),
        "author": article.author,
        "section": article.section,
        "title_topics": as_object(title)["topics"],
        "paragraphs": [{"text": one.text, **as_object(one)} for one in paragraphs],
        "left_out": _left_out(article),
    }


def _roll_up(title: Prediction, paragraphs: list[Prediction]) -> Prediction:
    """Give the whole each topic of its parts, with the highest probability that it has in one."""
    best: dict[str, TopicScore] = {}
    for part in (title, *paragraphs):
        for score in part.topics:
            if score.id not in best or best[score.id].probability < score.probability:
                best[score.id] = score
    topics = tuple(sorted(best.values(), key=lambda score: -score.probability))
    parts = [part.decision for part in (title, *paragraphs)]
    if "review" in parts or not parts:
        return Prediction(title.text, topics, "review")
    return Prediction(title.text, topics, "accept" if topics else "none")


def _left_out(article: Article) -> list[dict[str, str]]:
    return [{"text": one.text, "reason": one.reason} for one in article.left_out]
