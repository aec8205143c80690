"""Thresholds at work: probabilities to topics and to accept, review or none. numpy alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DECISIONS = ("accept", "review", "none")
"""Names of the decisions, at the index that is their code."""

ACCEPT, REVIEW, NONE = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """Three thresholds a topic, float64 arrays in column order.

    Attributes
    ----------
    tag : (n_topics,), a text at or above it gets the topic
    accept : (n_topics,), at or above it the topic needs no second look; infinite: always does
    possible : (n_topics,), at or above it an untagged topic sends the text to review

    Raises
    ------
    ValueError
        If the three differ in shape, or one is not a number.

    Examples
    --------
    >>> Thresholds(tag=[0.4, 0.3], accept=[0.9, np.inf], possible=[0.1, 0.1]).to_dict()
    {'tag': [0.4, 0.3], 'accept': [0.9, None], 'possible': [0.1, 0.1]}
    """

    tag: NDArray[np.float64]
    accept: NDArray[np.float64]
    possible: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("tag", "accept", "possible"):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, values)
            if values.ndim != 1 or values.shape != self.tag.shape or np.isnan(values).any():
                raise ValueError(
                    f"thresholds {name!r} must be one number a topic, {len(self.tag)} in all; "
                    f"got {values.tolist()!r}"
                )

    def to_dict(self) -> dict[str, list[float | None]]:
        """Return lists for JSON, in which an infinite threshold (never) is None."""
        return {
            name: [float(v) if np.isfinite(v) else None for v in getattr(self, name)]
            for name in ("tag", "accept", "possible")
        }

    def of(self, columns: NDArray[Any] | Sequence[int]) -> "Thresholds":
        """Return those of some topics: column numbers, or a mask of all."""
        return Thresholds(self.tag[columns], self.accept[columns], self.possible[columns])

    @classmethod
    def from_dict(cls, data: Mapping[str, Sequence[float | None]]) -> "Thresholds":
        """Return the thresholds that `to_dict` wrote.

        Raises
        ------
        KeyError
            If one of the three is missing.
        """
        return cls(*(_never_for_none(data[name]) for name in ("tag", "accept", "possible")))


def _never_for_none(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.inf if value is None else value for value in values], dtype=np.float64)


def assign_topics(
    proba: NDArray[Any],
    known: NDArray[np.bool_] | None,
    thresholds: Thresholds,
    *,
    exclusive: bool = False,
) -> NDArray[np.int8]:
    """Return which topics each text gets.

    Parameters
    ----------
    proba : (n_texts, n_topics), probabilities
    known : (n_texts,), whether the text has a term of the vocabulary; None: all have
    thresholds : of `n_topics` topics
    exclusive : the topics exclude each other: a text gets the most probable one, whatever its `tag`

    Returns
    -------
    (n_texts, n_topics), int8, 0 or 1. A text with no known term gets nothing.

    Examples
    --------
    >>> thresholds = Thresholds(tag=[0.5, 0.5], accept=[0.9, 0.9], possible=[0.1, 0.1])
    >>> assign_topics(np.array([[0.7, 0.6], [0.7, 0.2]]), np.array([True, False]), thresholds)
    array([[1, 1], [0, 0]], dtype=int8)
    """
    _check_topics(proba, thresholds)
    if exclusive:
        tagged = np.arange(proba.shape[1]) == proba.argmax(axis=1)[:, None]
    else:
        tagged = np.greater_equal(proba, thresholds.tag)
    if known is not None:
        tagged &= np.asarray(known, dtype=np.bool_)[:, None]
    given: NDArray[np.int8] = tagged.astype(np.int8)
    return given


def decide(
    proba: NDArray[Any],
    known: NDArray[np.bool_] | None,
    thresholds: Thresholds,
    *,
    tagged: NDArray[Any] | None = None,
    empty: NDArray[np.bool_] | None = None,
) -> NDArray[np.int8]:
    """Return for each text whether its topics stand, want a second look, or are none.

    Parameters
    ----------
    proba : (n_texts, n_topics), probabilities
    known : (n_texts,), whether the text has a term of the vocabulary; None: all have
    thresholds : of `n_topics` topics
    tagged : (n_texts, n_topics), the topics given; None: those of `assign_topics`
    empty : (n_texts,), texts that are empty; None: none is

    Returns
    -------
    (n_texts,), int8, an index of `DECISIONS`. ``accept``: there are topics and each reaches its
    `accept`. ``review``: a topic does not; or there is none, and one reaches its `possible` or the
    text has no known term. ``none``: the rest, and an empty text.

    Examples
    --------
    >>> thresholds = Thresholds(tag=[0.5, 0.5], accept=[0.9, 0.9], possible=[0.1, 0.1])
    >>> proba = np.array([[0.95, 0.02], [0.95, 0.6], [0.3, 0.02], [0.01, 0.02]])
    >>> [DECISIONS[code] for code in decide(proba, None, thresholds)]
    ['accept', 'review', 'review', 'none']
    """
    _check_topics(proba, thresholds)
    has = assign_topics(proba, known, thresholds) if tagged is None else np.asarray(tagged)
    has = has.astype(np.bool_)
    any_topic = has.any(axis=1)
    doubtful_topic = (has & (proba < thresholds.accept)).any(axis=1)
    near_miss = (proba >= thresholds.possible).any(axis=1)
    if known is not None:
        near_miss |= ~np.asarray(known, dtype=np.bool_)
    review = np.where(any_topic, doubtful_topic, near_miss)
    codes = np.where(review, REVIEW, np.where(any_topic, ACCEPT, NONE)).astype(np.int8)
    if empty is not None:
        codes[np.asarray(empty, dtype=np.bool_)] = NONE
    return codes


def _check_topics(proba: NDArray[Any], thresholds: Thresholds) -> None:
    if proba.ndim != 2 or proba.shape[1] != len(thresholds.tag):
        raise ValueError(
            f"proba must be (n_texts, {len(thresholds.tag)}), a column for each topic with "
            f"thresholds; got shape {proba.shape}"
        )
