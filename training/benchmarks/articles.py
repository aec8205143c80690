"""Choose and measure how an article's topics follow from its parts, on composed articles.

    python training/benchmarks/articles.py training/data/authored*.jsonl

Real articles with labels there are none. So a model is trained without any paragraph and without a
third of the headlines, and articles are put together from those: a title of the first topic, a few
paragraphs of one or two topics, stray ones of none or another. Thresholds are chosen on one half
of the held-out texts and judged on the other.
"""

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.articles import roll_up
from classifier.corpus import Corpus, Example, read_corpus
from classifier.model import TopicClassifier
from classifier.taxonomy import Taxonomy
from classifier.trainer import Recipe, train

N_ARTICLES = 3000
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Composed:
    """An article put together, and the topics that it is about."""

    parts: tuple[str, ...]
    topics: frozenset[str]


def compose(held: Sequence[Example], seed: int, n_stray: int) -> list[Composed]:
    """Return articles made of every other held-out text."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    titles: dict[str, list[Example]] = defaultdict(list)
    bodies: dict[str, list[Example]] = defaultdict(list)
    for example in held[seed % 2 :: 2]:
        for topic in example.topics or ("",):
            (titles if example.kind == "headline" else bodies)[topic].append(example)
    known = [topic for topic in titles if topic and len(bodies[topic]) > 8]
    return [_compose_one(draw, titles, bodies, known, n_stray) for _ in range(N_ARTICLES)]


def _compose_one(
    draw: random.Random,
    titles: dict[str, list[Example]],
    bodies: dict[str, list[Example]],
    known: list[str],
    n_stray: int,
) -> Composed:
    topics = draw.sample(known, draw.choices([0, 1, 2], [1, 6, 3])[0])
    body = draw.sample(bodies[""], draw.randint(0, 4) if topics else 4)
    for number, topic in enumerate(topics):
        body += draw.sample(bodies[topic], draw.randint(2, 3 if number else 5))
    for topic in draw.sample([one for one in known if one not in topics], n_stray):
        body.append(draw.choice(bodies[topic]))
    draw.shuffle(body)
    title = draw.choice(titles[topics[0] if topics else ""])
    counts = Counter(topic for one in body for topic in one.topics)
    often = {topic for topic, n in counts.items() if n >= max(2, len(body) / 3)}
    parts = (title.text, *(one.text for one in body))
    return Composed(parts, frozenset({*topics, *title.topics, *often}))


METHODS: dict[str, Callable[[Array], Array]] = {
    "ours": lambda parts: roll_up(parts),
    "most probable part": lambda parts: parts.max(axis=0),
    "mean": lambda parts: parts.mean(axis=0),
    "mean, title counts three": lambda parts: (2 * parts[0] + parts.sum(0)) / (len(parts) + 2),
    "noisy-or": lambda parts: 1 - np.prod(1 - parts, axis=0),
    "title alone": lambda parts: parts[0],
    "mean of the two surest": lambda parts: np.sort(parts, axis=0)[-2:].mean(axis=0),
}


def score(
    model: TopicClassifier, articles: Sequence[Composed]
) -> tuple[list[Array], NDArray[np.bool]]:
    """Return the probabilities of each article's parts, and its topics as an indicator."""
    found = model.predict_proba([part for one in articles for part in one.parts])
    ends = np.cumsum([len(one.parts) for one in articles])
    parts = [part.astype(np.float64) for part in np.split(found, ends[:-1])]
    truth = [[topic.id in one.topics for topic in model.topics] for one in articles]
    return parts, np.array(truth)


def f1(rolled: Array, truth: NDArray[np.bool], threshold: float) -> float:
    """Return micro-F1 over all articles and topics."""
    given = rolled >= threshold
    return float(2 * (given & truth).sum() / (given.sum() + truth.sum()))


def main() -> None:
    """Train, compose, score, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", nargs="+", help="labelled texts with kind headline or paragraph")
    names = parser.parse_args().data
    taxonomy = Taxonomy.default()
    examples = [
        example for name in names for example in read_corpus(name, taxonomy=taxonomy).examples
    ]
    random.Random(0).shuffle(examples)  # noqa: S311 - no secret
    headlines = [one for one in examples if one.kind == "headline"]
    held = [one for one in examples if one.kind != "headline"] + headlines[::3]
    learned = [one for index, one in enumerate(headlines) if index % 3]
    corpus = Corpus(tuple(learned), taxonomy)
    model = train(corpus, Recipe(n_folds=3)).model
    for n_stray in (1, 6):
        chosen = score(model, compose(held, 0, n_stray))
        judged = score(model, compose(held, 1, n_stray))
        for name, method in METHODS.items():
            first, second = (
                np.array([method(one) for one in parts]) for parts, _ in (chosen, judged)
            )
            steps = np.quantile(first, np.linspace(0.8, 0.999, 200))
            best = max(steps, key=lambda step: f1(first, chosen[1], step))
            print(f"{n_stray} stray, {name}: F1 {f1(second, judged[1], best):.3f} at {best:.2f}")


if __name__ == "__main__":
    main()
