"""The recipe: every setting of a training run, with its default."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from classifier.errors import RecipeError, near_miss, shorten
from classifier.linear import ESTIMATORS, Estimator

AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Settings of a training run. The same recipe, corpus and seed give the same model.

    Attributes
    ----------
    name, version : of the model
    seed : of everything that draws lots, 0 to 2**32 - 1, as scikit-learn wants it
    word_ngram_max, char_ngram_max : longest n-gram of words and of characters, 0 to 4; 0 leaves the
        kind out
    min_df : texts that a term must stand in, at least 1
    max_terms : most terms kept, those with the largest weights; 0 is no limit
    sublinear_tf : whether a term that stands n times counts 1 + ln n rather than n
    punctuation : whether punctuation, spaces, the ends and the length of a text count as characters
        and words; it helps where classes are written in different manners, and makes tags depend on
        how a text is written
    user_words : words added to the segmenter's dictionary, in whatever form they are written
    ignored_words : words that say nothing of a topic (names of places, say) and are read over like
        a space, so that putting another for them changes no tag; in whatever form
    estimator : ``"svc"``, ``"logistic"``, or ``"sgd"`` for corpora too large for either
    C : inverse of the strength of the L2 penalty, above 0
    naive_bayes : scale terms by each topic's log-count ratio before fitting
    blend_naive_bayes : share of a second model in the mean of the two, in [0, 1); the second is
        fitted on terms scaled by each topic's log-count ratio. 0 leaves it out; 0.5 often helps,
        and takes twice the time to train and none to predict
    C_naive_bayes : ``C`` of that second model, above 0
    quantize : keep weights in one byte each; off, in four
    lexicon_weight : how far words known to point to a topic count as a prior; 0 leaves them out
    vectors : word vectors whose neighbours share what is learned: a name, a path, ``""`` for none,
        or ``"auto"``: the shipped ones where labels are few, see `classifier.train`
    vector_weight : how far the word vectors count; 0 leaves them out
    context_weight : how far other terms count by the texts that they stand in, in the space of the
        word vectors; 0 leaves them out. A quarter of `vector_weight` helps a little where texts are
        many
    n_folds : parts of the cross-validation that calibration and thresholds are chosen by, 2 to 20
    fold_by : field of the corpus whose values are kept in one fold each (``"source"``, say), so
        that thresholds are chosen for texts from elsewhere; a reprint goes with the first of its
        story. ``""`` draws the folds
    accept_precision : precision that an accepted text's topics must reach, in (0.5, 1)
    none_precision : share of ``none`` texts that must truly have no topic, in (0.5, 1)
    borrow : positive texts of all topics pooled that count beside a topic's own when its threshold
        is chosen; a rare topic so borrows the pooled one

    Examples
    --------
    >>> Recipe(C=0.5).C
    0.5
    >>> Recipe(C=0)
    Traceback (most recent call last):
    classifier.errors.RecipeError: recipe: C must be above 0, got 0
    """

    name: str = "unnamed"
    version: str = "1"
    seed: int = 0
    word_ngram_max: int = 2
    char_ngram_max: int = 2
    min_df: int = 2
    max_terms: int = 0
    sublinear_tf: bool = True
    punctuation: bool = False
    user_words: tuple[str, ...] = ()
    ignored_words: tuple[str, ...] = ()
    estimator: Estimator = "svc"
    C: float = 0.25
    naive_bayes: bool = False
    blend_naive_bayes: float = 0.0
    C_naive_bayes: float = 0.1
    quantize: bool = True
    lexicon_weight: float = 0.5
    vectors: str = AUTO
    vector_weight: float = 0.4
    context_weight: float = 0.0
    n_folds: int = 5
    fold_by: str = ""
    accept_precision: float = 0.95
    none_precision: float = 0.95
    borrow: float = 300.0

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for setting in fields(self):
            _check_type(setting.name, getattr(self, setting.name), hints[setting.name])
        for name, is_right, wanted in (
            ("name", self.name.strip() != "", "not empty"),
            ("seed", 0 <= self.seed < 2**32, "from 0 to 4294967295"),
            ("word_ngram_max", 0 <= self.word_ngram_max <= 4, "from 0 to 4"),
            ("char_ngram_max", 0 <= self.char_ngram_max <= 4, "from 0 to 4"),
            ("min_df", self.min_df >= 1, "at least 1"),
            ("max_terms", self.max_terms >= 0, "at least 0"),
            ("C", self.C > 0, "above 0"),
            ("blend_naive_bayes", 0 <= self.blend_naive_bayes < 1, "at least 0 and below 1"),
            ("C_naive_bayes", self.C_naive_bayes > 0, "above 0"),
            ("lexicon_weight", self.lexicon_weight >= 0, "at least 0"),
            ("vector_weight", self.vector_weight >= 0, "at least 0"),
            ("context_weight", self.context_weight >= 0, "at least 0"),
            ("n_folds", 2 <= self.n_folds <= 20, "from 2 to 20"),
            ("accept_precision", 0.5 < self.accept_precision < 1, "between 0.5 and 1"),
            ("none_precision", 0.5 < self.none_precision < 1, "between 0.5 and 1"),
            ("borrow", self.borrow >= 0, "at least 0"),
        ):
            if not is_right:
                got = shorten(getattr(self, name))
                raise RecipeError(f"recipe: {name} must be {wanted}, got {got}")
        if self.word_ngram_max == self.char_ngram_max == 0:
            raise RecipeError(
                "recipe: word_ngram_max and char_ngram_max are both 0; nothing is left"
            )

    @classmethod
    def from_toml(cls, path: str | Path) -> "Recipe":
        """Return the recipe of a TOML file; what it does not name keeps its default.

        Raises
        ------
        RecipeError
            The file is missing or no TOML, or a setting is unknown, of the wrong type or out of
            range; the message names file and setting.
        """
        try:
            settings = tomllib.loads(Path(path).read_bytes().decode("utf-8-sig"))
        except OSError as error:
            raise RecipeError(f"{path}: cannot be read: {error.strerror}") from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise RecipeError(f"{path}: is no TOML file in UTF-8: {error}") from error
        return cls.from_dict(settings, where=str(path))

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any], *, where: str = "recipe") -> "Recipe":
        """Return the recipe of a dictionary, as `to_dict` gives it."""
        known = [setting.name for setting in fields(cls)]
        for name in settings:
            if name not in known:
                raise RecipeError(
                    f"{where}: {name!r} is no setting{near_miss(name, known)}; "
                    f"there are: {', '.join(known)}"
                )
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in settings.items()
        }
        try:
            return cls(**values)
        except RecipeError as error:
            raise RecipeError(str(error).replace("recipe", where, 1)) from error

    def to_dict(self) -> dict[str, Any]:
        """Return all settings, ready for JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


def _check_type(name: str, value: object, hint: Any) -> None:
    if hint is Estimator:
        if value not in ESTIMATORS:
            raise RecipeError(
                f"recipe: {name} must be one of {', '.join(ESTIMATORS)}, got {shorten(value)}"
            )
        return
    if get_origin(hint) is tuple:
        if not isinstance(value, tuple) or not all(isinstance(v, get_args(hint)[0]) for v in value):
            raise RecipeError(f"recipe: {name} must be a list of strings, got {shorten(value)}")
        return
    wanted = (int, float) if hint is float else hint
    if not isinstance(value, wanted) or (isinstance(value, bool) and hint is not bool):
        kinds = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}
        raise RecipeError(f"recipe: {name} must be {kinds[hint]}, got {shorten(value)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise RecipeError(f"recipe: {name} must be a finite number, got {value}")
