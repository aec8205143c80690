"""Word vectors as artefacts: save, load."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from classifier.artefact.folder import damage_in, read_folder, write_folder
from classifier.artefact.shipped import find
from classifier.vectors import WordVectors

VECTORS_KIND = "word-vectors"


def save_vectors(
    vectors: WordVectors,
    path: str | os.PathLike[str],
    *,
    metadata: Mapping[str, Any],
    card: str,
    force: bool = False,
) -> None:
    """Write word vectors to a folder, aside first, then renamed.

    Parameters
    ----------
    metadata : ``name``, ``version`` and whatever else ``model.json`` should say of them
    card : text of the model card
    force : replace what is there

    Raises
    ------
    OutputExistsError
        Something is there already.
    """
    write_folder(
        path,
        kind=VECTORS_KIND,
        manifest=metadata,
        texts={"words.txt": "".join(word + "\n" for word in vectors.words)},
        arrays={"vectors": vectors.codes},
        card=card,
        force=force,
    )


def load_vectors(model: str | os.PathLike[str] = "word-vectors") -> WordVectors:
    """Return the word vectors of a folder, or the shipped ones of this name.

    Raises
    ------
    ModelNotFoundError, ArtefactError
        As for `classifier.load`.
    """
    path = find(model)
    folder = read_folder(path, VECTORS_KIND)
    with damage_in(path):
        words = tuple(folder.texts["words.txt"].split("\n")[:-1])
        codes = folder.arrays["vectors"]
        if codes.ndim != 2 or len(codes) != len(words) or codes.dtype != np.int8:
            raise ValueError(
                f"vectors.npy has shape {codes.shape} and dtype {codes.dtype}, "
                f"wanted {len(words)} rows of int8"
            )
        return WordVectors(words, codes)
