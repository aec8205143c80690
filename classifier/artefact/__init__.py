"""Models on disk: save, load, verify. Alone knows where shipped models lie."""

import os
from typing import TYPE_CHECKING

from classifier.artefact.folder import (
    Folder,
    own_files,
    read_folder,
    refuse_overwriting,
    write_folder,
)
from classifier.artefact.shipped import ModelInfo, find, info, list_models, models_folder
from classifier.artefact.topic_model import DEFAULT_MODEL, KIND, load, save
from classifier.lazy import fetch_on_use

if TYPE_CHECKING:
    from classifier.artefact.splitter import load_splitter as load_splitter
    from classifier.artefact.splitter import save_splitter as save_splitter
    from classifier.artefact.splitter import split_headlines as split_headlines
    from classifier.artefact.vectors import load_vectors as load_vectors
    from classifier.artefact.vectors import save_vectors as save_vectors

# Tagging needs neither, so they are fetched on first use.
__getattr__ = fetch_on_use(
    __name__,
    {
        "splitter": ("load_splitter", "save_splitter", "split_headlines"),
        "vectors": ("load_vectors", "save_vectors"),
    },
)


def verify(model: str | os.PathLike[str]) -> ModelInfo:
    """Check every file of a model against its hash, and that what it is can be built of it.

    Raises
    ------
    ModelNotFoundError, ArtefactError
        As for `load`.
    """
    from classifier.artefact import splitter, vectors

    found = info(model)
    if found.kind == KIND:
        load(found.path)
    elif found.kind == vectors.VECTORS_KIND:
        vectors.load_vectors(found.path)
    elif found.kind == splitter.SPLITTER_KIND:
        splitter.load_splitter(found.path)
    else:
        read_folder(found.path, found.kind)
    return found


__all__ = [
    "DEFAULT_MODEL",
    "Folder",
    "ModelInfo",
    "find",
    "info",
    "list_models",
    "load",
    "load_splitter",
    "load_vectors",
    "models_folder",
    "own_files",
    "read_folder",
    "refuse_overwriting",
    "save",
    "save_splitter",
    "save_vectors",
    "split_headlines",
    "verify",
    "write_folder",
]
