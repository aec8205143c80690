"""Models on disk: save, load, verify. Alone knows where shipped models lie."""

import os

from classifier.artefact.folder import Folder, read_folder, write_folder
from classifier.artefact.shipped import ModelInfo, find, info, list_models, models_folder
from classifier.artefact.splitter import (
    SPLITTER_KIND,
    load_splitter,
    save_splitter,
    split_headlines,
)
from classifier.artefact.topic_model import DEFAULT_MODEL, KIND, load, save
from classifier.artefact.vectors import VECTORS_KIND, load_vectors, save_vectors


def verify(model: str | os.PathLike[str]) -> ModelInfo:
    """Check every file of a model against its hash, and that what it is can be built of it.

    Raises
    ------
    ModelNotFoundError, ArtefactError
        As for `load`.
    """
    found = info(model)
    if found.kind == KIND:
        load(found.path)
    elif found.kind == VECTORS_KIND:
        load_vectors(found.path)
    elif found.kind == SPLITTER_KIND:
        load_splitter(found.path)
    else:
        read_folder(found.path, found.kind)
    return found


__all__ = [
    "DEFAULT_MODEL",
    "SPLITTER_KIND",
    "VECTORS_KIND",
    "Folder",
    "ModelInfo",
    "find",
    "info",
    "list_models",
    "load",
    "load_splitter",
    "load_vectors",
    "models_folder",
    "read_folder",
    "save",
    "save_splitter",
    "save_vectors",
    "split_headlines",
    "verify",
    "write_folder",
]
