"""Where models lie: the shipped ones by name, any other by path."""

import contextlib
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier.artefact.folder import read_manifest
from classifier.errors import ArtefactError, ModelNotFoundError, near_miss, shorten


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What ``model.json`` says of an artefact, without loading the rest.

    Attributes
    ----------
    path : its folder
    kind : ``"topic-classifier"``, ``"headline-splitter"`` or ``"word-vectors"``
    name, version : its own
    digest : SHA-256 of its ``model.json``
    size_bytes : of all its files
    manifest : the whole of ``model.json``
    """

    path: Path
    kind: str
    name: str
    version: str
    digest: str
    size_bytes: int
    manifest: Mapping[str, Any]


def models_folder() -> Path:
    """Return the folder of the shipped models.

    In a checkout it is ``models/`` beside the package, so that a model rebuilt there is the one in
    use; in an installed package, the package's own data.
    """
    package = Path(__file__).parent.parent
    beside = package.parent / "models"
    if beside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    return package / "models"


def find(model: str | os.PathLike[str]) -> Path:
    """Return the folder of a model: `model` itself if it is a path, else the shipped one so named.

    Raises
    ------
    ModelNotFoundError
        There is neither.
    """
    with contextlib.suppress(OSError):  # a name too long for any file
        if Path(model).exists():
            return Path(model)
        shipped = models_folder() / str(model)
        if os.sep not in str(model) and shipped.is_dir():
            return shipped
    names = [info.name for info in list_models()]
    raise ModelNotFoundError(
        f"no model {shorten(str(model))}: no such path, and none of the shipped models "
        f"({', '.join(names) or 'there are none'}) has this name{near_miss(str(model), names)}"
    )


def list_models() -> tuple[ModelInfo, ...]:
    """Return the shipped models by name, those that cannot be read left out."""
    folder = models_folder()
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            found.append(info(path))
        except ArtefactError:
            continue
    return tuple(found)


def info(model: str | os.PathLike[str]) -> ModelInfo:
    """Return what a model says of itself.

    Raises
    ------
    ModelNotFoundError, ArtefactError
        As for `load`.
    """
    path = find(model)
    data, manifest = read_manifest(path)
    return ModelInfo(
        path=path,
        kind=str(manifest.get("kind")),
        name=str(manifest.get("name")),
        version=str(manifest.get("version")),
        digest=hashlib.sha256(data).hexdigest(),
        size_bytes=sum(file.stat().st_size for file in path.iterdir() if file.is_file()),
        manifest=manifest,
    )
