"""An artefact as a folder of inert files, whatever it is a model of.

``model.json`` holds the format number, the kind, the settings and the SHA-256 of every other file;
word lists are text, arrays are ``.npy``, ``README.md`` is the card. Nothing in it is ever run, and
no pickle is read. To change the layout, raise `FORMAT`; read the older one too, or raise `OLDEST`.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import (
    ArtefactDamagedError,
    ArtefactError,
    ArtefactIncompleteError,
    ArtefactTooNewError,
    ArtefactTooOldError,
    OutputExistsError,
    shorten,
)

FORMAT = 2
OLDEST = 1
MANIFEST = "model.json"
CARD = "README.md"
_LEFT_BY_DESKTOPS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # in any folder that was looked at

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """The contents of an artefact, checked: `texts` by file name, `arrays` by name."""

    manifest: Mapping[str, Any]
    texts: Mapping[str, str]
    arrays: Arrays
    digest: str


def write_folder(
    path: str | os.PathLike[str],
    *,
    kind: str,
    manifest: Mapping[str, Any],
    texts: Mapping[str, str],
    arrays: Arrays,
    card: str,
    force: bool = False,
) -> None:
    """Write an artefact aside, then rename it, so that no half of one is ever seen.

    Parameters
    ----------
    kind : what it is, checked when it is read
    manifest : further entries of ``model.json``
    texts : contents of text files by file name
    arrays : arrays by name; ``idf`` becomes ``idf.npy``
    card : the contents of ``README.md``
    force : replace the artefact at `path`

    Raises
    ------
    OutputExistsError
        Something is there already; with `force`, a file, or a folder that holds other things than
        an artefact.
    """
    path = Path(path)
    refuse_overwriting(path, force=force)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        for name, text in {**texts, CARD: card}.items():
            (aside / name).write_bytes(text.encode("utf-8"))
        for name, array in arrays.items():
            np.save(aside / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
        files = {
            file.name: {
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "bytes": file.stat().st_size,
            }
            for file in sorted(aside.iterdir())
        }
        whole = {"format": FORMAT, "kind": kind, **manifest, "files": files}
        shown = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
        (aside / MANIFEST).write_bytes(shown.encode("utf-8"))
        aside.chmod(0o755)
        _put_in_place(aside, path)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def refuse_overwriting(path: Path, *, force: bool) -> None:
    """Refuse a path where an artefact may not be written, as `write_folder` does.

    Raises
    ------
    OutputExistsError
        As for `write_folder`.
    """
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputExistsError(f"{path}: is a file, and a model is a folder; choose another path")
    there = {file.name for file in path.iterdir()}
    if not there:
        return
    if not force:
        raise OutputExistsError(f"{path}: exists already; choose another path, or use force")
    if MANIFEST not in there:
        raise OutputExistsError(
            f"{path}: holds files and no {MANIFEST}, so it is no model that may be replaced; "
            "choose another path"
        )
    if others := sorted(there - own_files(path) - _LEFT_BY_DESKTOPS):
        raise OutputExistsError(
            f"{path}: holds {others[0]!r}, which {MANIFEST} does not name as a file of the model, "
            "and which would be lost; move it elsewhere, or choose another path"
        )


def own_files(path: Path) -> set[str]:
    """Return the names of a folder's files that belong to the artefact in it, of any format."""
    try:
        return {MANIFEST, *json.loads((path / MANIFEST).read_bytes())["files"]}
    except (OSError, ValueError, KeyError, TypeError):  # no artefact, or a damaged one
        return {MANIFEST}


def _put_in_place(aside: Path, path: Path) -> None:
    """Rename `aside` to `path`; what was at `path` goes only once the new one is there."""
    if not path.exists():
        aside.rename(path)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}-old-", dir=path.parent)) / path.name
    path.rename(old)
    try:
        aside.rename(path)
    except BaseException:
        old.rename(path)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)


def read_folder(path: str | os.PathLike[str], kind: str) -> Folder:
    """Read an artefact of any kind and check every file against its hash.

    Raises
    ------
    ArtefactTooNewError, ArtefactTooOldError
        Written by another version of this package.
    ArtefactIncompleteError, ArtefactDamagedError
        A file is missing, or is not what ``model.json`` says.
    ArtefactError
        It is no artefact, or one of another kind, or a file cannot be read.
    """
    path = Path(path)
    data, manifest = read_manifest(path)
    if manifest.get("kind") != kind:
        raise ArtefactError(f"{path}: is a {manifest.get('kind')!r}, wanted a {kind!r}")
    texts: dict[str, str] = {}
    arrays: dict[str, NDArray[Any]] = {}
    with damage_in(path):
        for name, wanted in manifest["files"].items():
            if name != Path(name).name:  # nothing outside of the folder is looked at
                raise ValueError(f"{name!r} is no file name")
            file = path / name
            contents = _checked(file, wanted)
            if file.suffix == ".npy":
                # From the bytes just checked, not mapped: a file that is overwritten while it is
                # mapped ends the process that reads it.
                arrays[file.stem] = _array(contents)
            else:
                texts[name] = contents.decode("utf-8")
    return Folder(manifest, texts, arrays, hashlib.sha256(data).hexdigest())


def read_manifest(path: Path) -> tuple[bytes, dict[str, Any]]:
    """Return ``model.json`` as it stands and as a dictionary, its format number checked.

    Raises
    ------
    ArtefactError
        As for `read_folder`.
    """
    if not path.is_dir():
        raise ArtefactError(f"{path}: is no model; a model is a folder with a {MANIFEST}")
    data = _contents(path / MANIFEST, "is this a model's folder? Copy it again, whole")
    try:
        manifest = json.loads(data)
        number = manifest["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtefactDamagedError(
            f"{path}: {MANIFEST} cannot be read ({error}); copy the model again"
        ) from error
    if type(number) is not int:
        raise ArtefactDamagedError(
            f"{path}: {MANIFEST} cannot be read (its format is {shorten(number)}, no whole "
            "number); copy the model again"
        )
    if number > FORMAT:
        raise ArtefactTooNewError(
            f"{path}: has format {number}, this version reads up to {FORMAT}; "
            "run: pip install --upgrade headline-classifier"
        )
    if number < OLDEST:
        raise ArtefactTooOldError(
            f"{path}: has format {number}, this version reads from {OLDEST} on; "
            "train the model again"
        )
    return data, manifest


def _array(contents: bytes) -> NDArray[Any]:
    """Return the array of a ``.npy`` file, a view of its bytes, of version 1.0 as numpy writes it.

    https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    """
    file = io.BytesIO(contents)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("an array is not in version 1.0 of numpy's format")
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ValueError("an array holds objects, and no pickle is ever loaded")
    flat = np.frombuffer(contents, dtype=dtype, offset=file.tell())
    return flat.reshape(shape, order="F" if by_columns else "C")


def _contents(file: Path, if_missing: str) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise ArtefactIncompleteError(
            f"{file.parent}: {file.name} is missing; {if_missing}"
        ) from error
    except OSError as error:
        raise ArtefactError(
            f"{file}: cannot be read: {error.strerror}; check its permissions, "
            "or copy the model again"
        ) from error


def _checked(file: Path, wanted: Mapping[str, Any]) -> bytes:
    contents = _contents(file, "copy the model again, whole")
    if len(contents) != wanted["bytes"]:
        raise ArtefactDamagedError(
            f"{file}: has {len(contents):,} bytes, {MANIFEST} says {wanted['bytes']:,}; "
            "copy the model again"
        )
    if hashlib.sha256(contents).hexdigest() != wanted["sha256"]:
        raise ArtefactDamagedError(
            f"{file}: its contents are not those that {MANIFEST} has the SHA-256 of; "
            "copy the model again"
        )
    return contents


@contextlib.contextmanager
def damage_in(path: Path) -> Iterator[None]:
    """Turn what a ``model.json`` that does not fit its files brings about into one plain error."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ArtefactDamagedError(
            f"{path}: {MANIFEST} does not fit its files ({type(error).__name__}: {error}); "
            "copy the model again"
        ) from error
