"""An article's topics from those of its title and its paragraphs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.predictions import Decision, Prediction, TopicScore

TITLE_WEIGHT = 0.9
PARAGRAPH_WEIGHT = 0.4
TAG, ACCEPT, POSSIBLE = 0.5, 0.8, 0.4


@dataclass(frozen=True, slots=True)
class ArticlePrediction:
    """What the model says of an article.

    Attributes
    ----------
    topics : of the whole, most probable first
    decision : as in `Prediction`
    title : what it says of the title; None where the page has none
    paragraphs : what it says of each, in order
    carriers : for each topic of the whole, the paragraphs that bear it: numbers from 0, in order.
        None does where the title carries it alone, or several paragraphs with a little each
    """

    topics: tuple[TopicScore, ...]
    decision: Decision
    title: Prediction | None
    paragraphs: tuple[Prediction, ...]
    carriers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def roll_up(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """Return an article's probability of each topic.

    Parameters
    ----------
    probabilities : ``(n_parts, n_topics)``, at least one part: the title, then the paragraphs.
        Without a title the first paragraph stands for it, as the one that says what it is about

    Returns
    -------
    ``(n_topics,)`` float64

    Notes
    -----
    A noisy-or, in which each part makes a topic the article's independently of the others, a title
    that surely bears it with a chance of 0.9, a paragraph with one of 0.4::

        P = 1 - (1 - 0.9 p_title²) ∏ (1 - 0.4 p_paragraph²)

    So one paragraph that mentions a topic does not make it the article's; two that surely bear it,
    or the title, do. Squares keep many small probabilities from adding up on a long page. A page of
    one part has that part's own probabilities.

    The weights were chosen on articles put together from labelled headlines and paragraphs, for
    want of real ones with labels: a title, two to five paragraphs of its topic, in a third of them
    two or three of a second topic, up to four without topic, and stray ones of others. Model,
    weights and thresholds saw none of the texts judged. From 0.8 on, 97 % of the topics were right,
    which is where `accept` begins; 0.5 was the best threshold.

    ``training/benchmarks/articles.py`` measures it anew. On the authored texts, 3,000 articles with
    one stray paragraph, micro-F1 is 0.73 (with six: 0.68); of the mean in which a title counts
    three 0.73 (0.65), of the title alone 0.65 (0.67), of a plain noisy-or 0.62 (0.50), of the most
    probable part, which is the union of the parts' topics, 0.52 (0.33), each at its own best
    threshold. Real articles hang together better than these do.

    Examples
    --------
    >>> title, paragraphs = [0.02], [[0.98], [0.03], [0.95]]
    >>> roll_up(np.array([title, *paragraphs])).round(2)
    array([0.61])
    """
    if len(probabilities) == 1:
        return np.asarray(probabilities[0], dtype=np.float64)
    squares = np.asarray(probabilities, dtype=np.float64) ** 2
    squares[0] *= TITLE_WEIGHT
    squares[1:] *= PARAGRAPH_WEIGHT
    rolled: NDArray[np.float64] = 1 - np.prod(1 - squares, axis=0)
    return rolled


def choose_topics(
    rolled: NDArray[np.float64],
    *,
    exclusive: bool = False,
    min_probability: float = 0.0,
    max_topics: int | None = None,
) -> list[int]:
    """Return the columns of an article's topics, most probable first.

    Parameters
    ----------
    rolled : ``(n_topics,)``, from `roll_up`; zero for a topic that is not considered
    exclusive : the article has the most probable topic alone, however low
    min_probability, max_topics : as in `Options`
    """
    order = np.argsort(-rolled, kind="stable")
    lowest = max(min_probability, np.finfo(np.float64).tiny if exclusive else TAG)
    found = [int(column) for column in order if rolled[column] >= lowest]
    return found[: 1 if exclusive else None][:max_topics]


def find_carriers(
    topics: Sequence[TopicScore], paragraphs: Sequence[Prediction]
) -> dict[str, tuple[int, ...]]:
    """Return for each topic the numbers of the paragraphs that bear it."""
    return {
        topic.id: tuple(
            number
            for number, one in enumerate(paragraphs)
            if any(score.id == topic.id for score in one.topics)
        )
        for topic in topics
    }


def decide_article(
    rolled: NDArray[np.float64], columns: Sequence[int], parts: Sequence[Prediction]
) -> Decision:
    """Return whether an article's topics stand, want a second look, or are none."""
    if columns:
        return "accept" if rolled[list(columns)].min() >= ACCEPT else "review"
    unknown = all(part.decision != "none" for part in parts) and not rolled.any()
    return "review" if unknown or (rolled >= POSSIBLE).any() else "none"
