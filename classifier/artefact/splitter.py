"""Headline splitters as artefacts: save, load; and the shipped one, at work."""

import functools
import os
from collections.abc import Mapping
from typing import Any

from classifier.artefact.folder import read_folder, write_folder
from classifier.artefact.shipped import find
from classifier.splitter import HeadlineSplitter

SPLITTER_KIND = "headline-splitter"
DEFAULT_SPLITTER = "headline-splitter"


def save_splitter(
    splitter: HeadlineSplitter,
    path: str | os.PathLike[str],
    *,
    metadata: Mapping[str, Any],
    card: str,
    force: bool = False,
) -> None:
    """Write a headline splitter to a folder, aside first, then renamed.

    Parameters
    ----------
    metadata : ``name``, ``version`` and whatever else ``model.json`` should say of it
    card : text of the model card
    force : replace what is there

    Raises
    ------
    OutputExistsError
        Something is there already.
    """
    settings, arrays = splitter.to_state()
    write_folder(
        path,
        kind=SPLITTER_KIND,
        manifest={**metadata, **settings},
        texts={},
        arrays=arrays,
        card=card,
        force=force,
    )


def load_splitter(model: str | os.PathLike[str] = DEFAULT_SPLITTER) -> HeadlineSplitter:
    """Return the headline splitter of a folder, or the shipped one of this name.

    Raises
    ------
    ModelNotFoundError, ArtefactError
        As for `classifier.load`.
    """
    path = find(model)
    folder = read_folder(path, SPLITTER_KIND)
    return HeadlineSplitter.from_state(folder.manifest, folder.arrays, where=str(path))


@functools.cache
def _shipped() -> HeadlineSplitter:
    return load_splitter()


def split_headlines(blob: str) -> list[str]:
    """Return the headlines of a text in which spaces part them, and stand inside them too.

    The shipped splitter, loaded once; see `HeadlineSplitter.split`.

    Raises
    ------
    TypeError
        `blob` is not a string.
    ModelNotFoundError, ArtefactError
        The shipped splitter is missing or damaged.
    """
    if not isinstance(blob, str):
        raise TypeError(f"split_headlines takes one text, a str, got {type(blob).__name__}")
    return _shipped().split(blob)
