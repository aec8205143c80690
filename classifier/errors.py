"""The errors that the package raises, one tree.

    ClassifierError
    ├── DataError (ValueError)          a file or a row that cannot be used
    │   ├── DecodingError               bytes that are text in none of the encodings tried
    │   └── OutputExistsError           an output that would be overwritten
    ├── TaxonomyError (ValueError)      a taxonomy file that breaks its own rules
    │   └── UnknownTopicError           a topic that the taxonomy does not have
    ├── RecipeError (ValueError)        a setting that is unknown or out of range
    ├── TrainingError (ValueError)      a corpus from which no model can be trained
    ├── ModelNotFoundError (LookupError)  no such model, by path or by name
    ├── ArtefactError                   a model on disk that cannot be loaded
    │   ├── ArtefactTooNewError         written by a newer version: upgrade
    │   ├── ArtefactTooOldError         written by an older version: train again
    │   ├── ArtefactIncompleteError     a file is missing
    │   └── ArtefactDamagedError        a file is not what model.json says it is
    └── MissingExtraError (ImportError) an optional package is not installed

Every message says what is wrong, where, what was got and what to do. A caller's mistake in an
argument (a bare string where many texts are wanted, a negative number) stays a plain
``TypeError`` or ``ValueError``.
"""

from collections.abc import Iterable


class ClassifierError(Exception):
    """Root of the errors that this package raises on purpose."""


class DataError(ClassifierError, ValueError):
    """A file or a row of data cannot be used."""


class UnknownLabelsError(DataError):
    """Texts have labels that are no topics of the taxonomy."""


class DecodingError(DataError):
    """Bytes are text in none of the encodings tried."""


class OutputExistsError(DataError):
    """An output stands there already and would be overwritten."""


class TaxonomyError(ClassifierError, ValueError):
    """A taxonomy breaks its own rules."""


class UnknownTopicError(TaxonomyError):
    """A topic is named that the taxonomy does not have."""


class RecipeError(ClassifierError, ValueError):
    """A training setting is unknown, of the wrong type or out of range."""


class TrainingError(ClassifierError, ValueError):
    """No model can be trained from this corpus."""


class ModelNotFoundError(ClassifierError, LookupError):
    """No model has this path or name."""


class ArtefactError(ClassifierError):
    """A model on disk cannot be loaded."""


class ArtefactTooNewError(ArtefactError):
    """The artefact was written by a newer version of the package."""


class ArtefactTooOldError(ArtefactError):
    """The artefact was written by an older version of the package."""


class ArtefactIncompleteError(ArtefactError):
    """A file of the artefact is missing."""


class ArtefactDamagedError(ArtefactError):
    """A file of the artefact is not what its ``model.json`` says it is."""


class MissingExtraError(ClassifierError, ImportError):
    """An optional package is needed and not installed.

    Parameters
    ----------
    package : name of the package on PyPI
    extra : extra of this distribution that brings it
    purpose : what it is needed for, as the object of "needed for"

    Examples
    --------
    >>> raise MissingExtraError("pyarrow", extra="tables", purpose="Parquet files")
    Traceback (most recent call last):
    classifier.errors.MissingExtraError: pyarrow is needed for Parquet files and is not \
installed; run: pip install "headline-classifier[tables]"
    """

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        super().__init__(
            f"{package} is needed for {purpose} and is not installed; "
            f'run: pip install "headline-classifier[{extra}]"'
        )


def shorten(value: object, width: int = 60) -> str:
    """Return ``repr(value)`` cut to `width` characters, for use in a message.

    Examples
    --------
    >>> shorten("农" * 100, width=12)
    "'农农农农农农农农农农…"
    """
    shown = repr(value)
    return shown if len(shown) <= width else shown[: width - 1] + "…"


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number and what it counts, for use in a message.

    Parameters
    ----------
    n : the number
    one : what follows a 1
    many : what follows any other; by default `one` with an s

    Examples
    --------
    >>> counted(1, "text"), counted(1200, "text"), counted(2, "story is", "stories are")
    ('1 text', '1,200 texts', '2 stories are')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def near_miss(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known word closest to `word`, or ``""``.

    Examples
    --------
    >>> near_miss("sprots", ["sports", "water"])
    "; did you mean 'sports'?"
    >>> near_miss("xyz", ["sports", "water"])
    ''
    >>> near_miss("教肓", ["教育", "金融"])
    "; did you mean '教育'?"
    """
    from difflib import get_close_matches  # only a failure needs it

    # A slip in a word of two characters leaves it half of what it was.
    cutoff = 0.5 if len(word) == 2 else 0.6
    close = get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f"; did you mean {close[0]!r}?" if close else ""
