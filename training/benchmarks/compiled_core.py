"""What a compiled core would bring: the path after segmentation in C, measured beside numpy's.

    python training/benchmarks/compiled_core.py --data …/headlines

The package has no compiled code of its own. compiled_core.c beside this file does what comes after
segmentation (look up, count, weigh, multiply); it is compiled on the spot into a temporary folder
and called through ctypes, and everything before and after is the package's. Its margins are
compared with the model's; exit 1 if one differs by more than 0.0001.
"""

import argparse
import ctypes
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import classifier
from classifier.documents import headline_core
from classifier.model import Prediction, TopicClassifier
from classifier.speed import BATCH, in_turn, time_stages
from classifier.speed.stages import set_up_once
from classifier.text import FoldedTexts, code_points_of
from training.benchmarks.speed import read_headlines
from training.benchmarks.timing import Spread, ratios

SOURCE = Path(__file__).with_suffix(".c")
LARGEST_DIFFERENCE = 1e-4
ROUNDS = 7
ONE_BY_ONE = 1_000
REPLACED = ("look up terms", "count and weigh", "margins")


def compile_library(folder: Path) -> ctypes.CDLL:
    """Compile the C beside this file and load it.

    Raises
    ------
    SystemExit
        There is no C compiler, or it fails.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise SystemExit("cc, a C compiler, is not installed; this measurement needs one")
    target = folder / "compiled_core.so"
    command: list[str | Path] = [compiler, "-O3", "-shared", "-fPIC", "-o", target, SOURCE, "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{SOURCE.name} does not compile:\n{done.stderr}")
    library = ctypes.CDLL(str(target))
    whole, pointer, wide = ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64
    library.core_new.restype = pointer
    library.core_new.argtypes = [
        pointer, pointer, whole, whole, pointer, whole, pointer, whole, pointer, pointer, pointer,
        pointer, whole, whole, whole,
    ]  # fmt: skip
    library.core_margins.restype = None
    library.core_margins.argtypes = [pointer, pointer, wide, pointer, wide, pointer, pointer]
    library.core_free.restype = None
    library.core_free.argtypes = [pointer]
    return library


class CompiledCore:
    """A model with everything after segmentation compiled, for one thread.

    Parameters
    ----------
    model : with weights of one byte each
    library : by `compile_library`
    """

    def __init__(self, model: TopicClassifier, library: ctypes.CDLL) -> None:
        if model.weights.codes.dtype != np.int8:
            raise ValueError(f"{model.name}: its weights are {model.weights.codes.dtype}, not int8")
        self.model, self._library = model, library
        self._chooser = set_up_once(model)
        features, vocabulary, weights = model.features, model.features.vocabulary, model.weights
        words = [*vocabulary.words, *features.ignored_words]
        lengths = np.fromiter(map(len, words), np.int64, len(words))
        arrays: list[NDArray[Any]] = [
            code_points_of("".join(words)),
            np.concatenate(([0], lengths.cumsum())).astype(np.int64),
            code_points_of(vocabulary.characters),
            np.ascontiguousarray(vocabulary.grams, dtype=np.int32),
            np.ascontiguousarray(features.idf, dtype=np.float32),
            np.ascontiguousarray(weights.codes),
            np.ascontiguousarray(weights.scales, dtype=np.float32),
            np.ascontiguousarray(weights.intercept, dtype=np.float32),
        ]
        points, starts, characters, grams, idf, codes, scales, intercept = (
            array.ctypes.data for array in arrays
        )
        self._core = library.core_new(
            points, starts, len(vocabulary.words), len(features.ignored_words), characters,
            len(vocabulary.characters), grams, len(vocabulary.grams), idf, codes, scales, intercept,
            weights.n_topics, vocabulary.ngram_max, features.sublinear_tf,
        )  # fmt: skip

    def close(self) -> None:
        """Free what the C holds."""
        self._library.core_free(self._core)
        self._core = None

    def margins(
        self, folded: FoldedTexts, lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool]]:
        """Return the margins ``(n_texts, n_topics)`` of texts, and whether a term is known."""
        margins = np.empty((folded.n_texts, len(self.model.topics)), dtype=np.float32)
        known = np.empty(folded.n_texts, dtype=np.bool)
        points = folded.code_points
        self._library.core_margins(
            self._core, points.ctypes.data, len(points), lengths.ctypes.data, len(lengths),
            margins.ctypes.data, known.ctypes.data,
        )  # fmt: skip
        return margins, known

    def decision_function(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what `TopicClassifier.decision_function` does."""
        starts = range(0, len(texts), BATCH)
        return np.concatenate(
            [self.margins(*self.segmented(texts[at : at + BATCH]))[0] for at in starts]
        )

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return what `TopicClassifier.predict` does."""
        predictions: list[Prediction] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            margins, known = self.margins(*self.segmented(batch))
            tags = self._chooser.choose(margins, known, batch)
            predictions += tags.predictions(batch, self.model.topics)
        return predictions

    def segmented(self, texts: Sequence[str]) -> tuple[FoldedTexts, NDArray[np.int64]]:
        """Return texts folded, and the lengths of their tokens, as the package does it."""
        folded = self.model.features.fold([text[slice(*headline_core(text))] for text in texts])
        return folded, self.model.features.cut(folded.joined)


def compare(compiled: CompiledCore, texts: Sequence[str]) -> float:
    """Return the largest difference between margins; tell it, and how many predictions differ."""
    model = compiled.model
    wanted, found = model.decision_function(texts), compiled.decision_function(texts)
    largest = float(np.abs(wanted - found).max(initial=0))
    pairs = zip(model.predict(texts), compiled.predict(texts), strict=True)
    differ = sum(
        (one.decision, [topic.id for topic in one.topics])
        != (other.decision, [topic.id for topic in other.topics])
        for one, other in pairs
    )
    print(f"{len(texts):,} texts: margins differ by {largest:.1e} at most; ", end="")
    print(f"topics or decision differ in {differ}")
    return largest


def measure(compiled: CompiledCore, texts: Sequence[str]) -> None:
    """Print microseconds a headline of both paths, in batches and one at a time."""
    model, few = compiled.model, texts[:ONE_BY_ONE]
    batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    _compare_paths(
        f"in batches of {BATCH:,}", compiled, batches, partial(_each, model.predict, batches)
    )
    alone = [[text] for text in few]
    _compare_paths("one at a time", compiled, alone, partial(_each, model.classify, few))


def _compare_paths(
    what: str,
    compiled: CompiledCore,
    groups: Sequence[Sequence[str]],
    today: Callable[[], object],
) -> None:
    texts = [text for group in groups for text in group]
    segmented = [compiled.segmented(group) for group in groups]
    seconds = in_turn(
        {
            "whole path, today": today,
            "whole path, compiled core": partial(_each, compiled.predict, groups),
            "the compiled core alone": lambda: [compiled.margins(*one) for one in segmented],
        },
        ROUNDS,
    )
    stages = time_stages(compiled.model, texts, size=len(groups[0]), rounds=ROUNDS)
    print(f"\n{what}: µs a headline, {len(texts):,} headlines")
    for name, of_path in seconds.items():
        print(f"  {Spread.of([s / len(texts) * 1e6 for s in of_path])}  {name}")
    print(f"  {sum(stages[name] for name in REPLACED):.4g}  what it takes the place of, today")
    whole_today, whole_compiled, _ = seconds.values()
    print(f"  {ratios(whole_today, whole_compiled)}  times as fast, the whole path")


def _each(function: Callable[[Any], object], arguments: Iterable[object]) -> None:
    for argument in arguments:
        function(argument)


def main() -> None:
    """Compile, compare, measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with raw.jsonl.gz")
    parser.add_argument("--model", default="public-affairs")
    parser.add_argument("--texts", type=int, default=40_960)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = compile_library(Path(folder))
        compiled = CompiledCore(classifier.load(arguments.model), library)
        texts = read_headlines(arguments.data, arguments.texts)
        largest = compare(compiled, texts)
        if largest > LARGEST_DIFFERENCE:
            raise SystemExit(f"margins differ by more than {LARGEST_DIFFERENCE}")
        measure(compiled, texts)
        compiled.close()


if __name__ == "__main__":
    main()
