"""Deal texts into parts: reprints together, each topic in its due share everywhere."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def deal(
    labels: NDArray[np.int8],
    groups: NDArray[np.int64],
    shares: Sequence[float],
    *,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Return the part of each text.

    Parameters
    ----------
    labels : ``(n_texts, n_topics)``, 0 or 1
    groups : ``(n_texts,)``, from 0; texts of one group come to one part
    shares : how much of the texts each part is to have; they sum to 1
    seed : of the order among equals

    Returns
    -------
    parts : ``(n_texts,)`` int64, from 0

    Notes
    -----
    Iterative stratification (Sechidis, Tsoumakas & Vlahavas 2011) over groups instead of texts:
    those with the rarest topic are dealt first, the largest of them first, each to the part that
    lacks most of that topic, then to the part that lacks most texts. Groups without topic come
    last and even out the sizes.
    """
    n_groups = int(groups.max(initial=-1)) + 1
    counts = np.zeros((n_groups, labels.shape[1]), dtype=np.int64)
    np.add.at(counts, groups, labels)
    sizes = np.bincount(groups, minlength=n_groups)
    totals = counts.sum(axis=0)
    rarest = np.where(counts > 0, totals, len(labels) + 1).min(axis=1, initial=len(labels) + 1)
    luck = np.random.default_rng(seed).permutation(n_groups)
    order = np.lexsort((luck, -sizes, rarest))

    lacking = [[share * total for total in totals.tolist()] for share in shares]
    lacking_texts = [share * len(labels) for share in shares]
    part_of_group = [0] * n_groups
    held = [np.flatnonzero(row).tolist() for row in counts]
    total_of = totals.tolist()
    for group in order.tolist():
        topics = held[group]
        first = min(topics, key=lambda topic: (total_of[topic], topic), default=None)
        part = max(
            range(len(shares)),
            key=lambda part: (
                0.0 if first is None else lacking[part][first],
                lacking_texts[part],
                -part,
            ),
        )
        part_of_group[group] = part
        lacking_texts[part] -= sizes[group]
        for topic in topics:
            lacking[part][topic] -= counts[group, topic]
    return np.array(part_of_group, dtype=np.int64)[groups]
