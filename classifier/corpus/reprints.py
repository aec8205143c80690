"""Find reprints: texts that are the same story in nearly the same words.

Two texts are of one group if they are equal in letters and digits, or share at least seven tenths
of their character pairs, or are linked by such texts. Pairs to compare are found by MinHash with
banding (Broder 1997; Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, section 3.4), so the
time grows with the number of texts and not with its square.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.text import FoldedTexts

MIN_SHARED = 0.7  # of the pairs that either text has: the Jaccard index
_BANDS, _ROWS = 24, 4  # a pair of texts at 0.7 is compared with probability 0.998
_SURELY = 0.15  # three standard errors of the estimate, by which an exact count is spared
_NEIGHBOURS = 8  # in a bucket; more texts in one are linked by their neighbours
_COMPARED = 1 << 16  # pairs at a time
_NEWLINE = 0x0A


def group_reprints(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return the group of each text, numbered in the order in which they come up.

    Returns
    -------
    groups : ``(n_texts,)`` int64, from 0

    Examples
    --------
    >>> group_reprints(["石桥乡三千亩旱地今年用上滴灌", "【快讯】石桥乡三千亩旱地今年用上滴灌",
    ...                 "社区里开了共享书房", "石桥乡三千亩旱地，今年用上滴灌！"]).tolist()
    [0, 0, 1, 0]
    """
    numbers: dict[str, int] = {}
    key_of_text = [numbers.setdefault(key, len(numbers)) for key in letters_of(texts)]
    first_key = _link(list(numbers))[np.array(key_of_text, dtype=np.int64)]
    # Keys are numbered as they come up, so the order of their numbers is that of the groups.
    return np.unique(first_key, return_inverse=True)[1].astype(np.int64).ravel()


def letters_of(texts: Sequence[str]) -> list[str]:
    """Return the letters and digits of each text, in their normal form."""
    return FoldedTexts.of(texts).joined.replace(" ", "").split("\n") if texts else []


def _link(keys: Sequence[str]) -> NDArray[np.int64]:
    """Return a label for each key: the first key of its group."""
    parents = list(range(len(keys)))
    for left, right in _alike(keys):
        a, b = _root(parents, left), _root(parents, right)
        parents[max(a, b)] = min(a, b)
    return np.array([_root(parents, number) for number in range(len(keys))], dtype=np.int64)


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def _alike(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield pairs of keys that share enough; not each pair of a group, but enough to link it."""
    signatures, numbers = _signatures(keys)
    candidates = _candidates(signatures)
    for start in range(0, len(candidates), _COMPARED):
        pairs = candidates[start : start + _COMPARED]
        estimate = (signatures[pairs[:, 0]] == signatures[pairs[:, 1]]).mean(axis=1)
        surely = estimate >= MIN_SHARED + _SURELY
        perhaps = ~surely & (estimate >= MIN_SHARED - _SURELY)
        yield from map(tuple, numbers[pairs[surely]].tolist())
        for left, right in numbers[pairs[perhaps]].tolist():
            if _shared(keys[left], keys[right]) >= MIN_SHARED:
                yield left, right


def _shared(left: str, right: str) -> float:
    """Return the Jaccard index of the character pairs of two texts."""
    a, b = ({key[at : at + 2] for at in range(len(key) - 1)} for key in (left, right))
    return len(a & b) / len(a | b)


def _signatures(keys: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the MinHash signatures of the keys that have a character pair at all.

    Returns
    -------
    signatures : ``(n_keys, 96)`` uint32; two agree in a share of about their Jaccard index
    numbers : ``(n_keys,)`` int64, the position of each in `keys`
    """
    code_points = np.frombuffer("\n".join(keys).encode("utf-32-le"), dtype=np.uint32)
    is_end = code_points == _NEWLINE
    key_of_char = np.cumsum(is_end)
    is_pair = ~(is_end[:-1] | is_end[1:])
    pairs = _mix(code_points[:-1] * np.uint32(0x9E3779B1) + code_points[1:])[is_pair]
    numbers, starts = np.unique(key_of_char[:-1][is_pair], return_index=True)
    signatures = np.empty((len(numbers), _BANDS * _ROWS), dtype=np.uint32)
    if len(numbers):
        draws = np.random.default_rng(0).integers(0, 2**32, (2, _BANDS * _ROWS), dtype=np.uint32)
        for column, (factor, mask) in enumerate(draws.T):
            hashed = _mix((pairs ^ mask) * (factor | np.uint32(1)))
            signatures[:, column] = np.minimum.reduceat(hashed, starts)
    return signatures, numbers.astype(np.int64)


def _mix(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Scatter values over 32 bits, so that minima of different draws are independent.

    The finaliser of MurmurHash3, cut short.
    """
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    return values ^ (values >> np.uint32(13))


def _candidates(signatures: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return pairs of rows that agree in a band: ``(n_pairs, 2)`` int64, no pair twice."""
    n_keys = len(signatures)
    found: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    for band in range(_BANDS):
        rows = signatures[:, band * _ROWS : (band + 1) * _ROWS]
        contents = np.ascontiguousarray(rows).view(np.dtype((np.void, 4 * _ROWS))).ravel()
        buckets = np.unique(contents, return_inverse=True)[1].ravel()
        order = np.argsort(buckets, kind="stable")
        ordered = buckets[order]
        for distance in range(1, min(_NEIGHBOURS, n_keys - 1) + 1):
            together = np.flatnonzero(ordered[distance:] == ordered[:-distance])
            if not len(together):
                break
            found.append(order[together] * n_keys + order[together + distance])
    pairs = np.unique(np.concatenate(found))
    return np.stack([pairs // max(n_keys, 1), pairs % max(n_keys, 1)], axis=1)
