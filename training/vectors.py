"""Learn word vectors from texts without labels.

Words that stand in the same headline or sentence more often than chance would have it are related.
The table of how much more often (positive pointwise mutual information, the second word's frequency
raised to 0.75) is reduced to 200 dimensions by a randomised singular value decomposition: Levy,
Goldberg and Dagan, Improving Distributional Similarity with Lessons Learned from Word Embeddings
(TACL 2015), https://aclanthology.org/Q15-1016/.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from classifier.text import FoldedTexts
from classifier.tokens import Segmenter
from classifier.vectors import WordVectors

N_DIMENSIONS = 200
MIN_DF = 5
CONTEXT_EXPONENT = 0.75
_TEXTS_AT_ONCE = 20_000


def sentences(texts: Iterable[str]) -> list[str]:
    """Cut paragraphs into sentences, so that far-off words do not count as neighbours."""
    return [part for text in texts for part in re.split("[。！？；\n]", text) if len(part) > 5]


def train_vectors(
    texts: Sequence[str],
    *,
    n_dimensions: int = N_DIMENSIONS,
    min_df: int = MIN_DF,
    seed: int = 0,
) -> WordVectors:
    """Return the vectors of every word that stands in `min_df` texts."""
    words, X = _indicators(texts, min_df)
    vectors = _decompose(_positive_pmi(X), n_dimensions, seed)
    return WordVectors.of(words, vectors)


def _indicators(
    texts: Sequence[str], min_df: int
) -> tuple[tuple[str, ...], scipy.sparse.csr_matrix]:
    """Return the frequent words, sorted, and which text holds which: ``(n_texts, n_words)``."""
    segmenter = Segmenter()
    numbers: dict[str, int] = {"\n": 0, " ": 1}
    found = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        folded = FoldedTexts.of(texts[start : start + _TEXTS_AT_ONCE])
        tokens = segmenter.cut(folded.joined + "\n")
        found.append(np.array([numbers.setdefault(token, len(numbers)) for token in tokens]))
    ids = np.concatenate(found)
    rows = np.cumsum(ids == 0)
    is_word = ids > 1
    X = scipy.sparse.csr_matrix(
        (np.ones(is_word.sum(), dtype=np.float32), (rows[is_word], ids[is_word])),
        shape=(len(texts) + 1, len(numbers)),
    )
    X.data[:] = 1  # a word counts once a text
    df = np.asarray(X.sum(axis=0)).ravel()
    names = list(numbers)
    kept = sorted(np.flatnonzero(df >= min_df).tolist(), key=lambda number: names[number])
    return tuple(names[number] for number in kept), X[:, kept]


def _positive_pmi(X: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    together = (X.T @ X).tocoo()
    apart = together.row != together.col
    row, col, count = together.row[apart], together.col[apart], together.data[apart]
    total = np.bincount(row, count, minlength=X.shape[1])
    context = total**CONTEXT_EXPONENT
    context *= total.sum() / context.sum()
    pmi = np.log(count * total.sum() / (total[row] * context[col]))
    kept = pmi > 0
    return scipy.sparse.csr_matrix(
        (pmi[kept].astype(np.float32), (row[kept], col[kept])), shape=together.shape
    )


def _decompose(
    table: scipy.sparse.csr_matrix, n_dimensions: int, seed: int
) -> NDArray[np.floating]:
    # On one thread: on several, sums run in another order, and the last bits depend on how many.
    with threadpool_limits(limits=1, user_api="blas"):
        left, strength, _ = randomized_svd(table, n_dimensions, n_iter=4, random_state=seed)
    vectors: NDArray[np.floating] = left * np.sqrt(strength)
    return vectors
