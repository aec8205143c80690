"""What a run notes: the time of its steps, the libraries, and what of its report a model keeps."""

import platform
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from classifier.metrics import Evaluation, as_plain

# Those that have a say in what is learned.
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "jieba", "rjieba", "opencc")

# Called with the steps done, all steps, and what is being done now.
Progress = Callable[[int, int, str], None]


class Clock:
    """Tells a caller which step runs, and remembers how long each took."""

    def __init__(self, progress: Progress | None, n_steps: int) -> None:
        self._progress, self._n_steps, self._done = progress, n_steps, 0
        self._seconds: dict[str, float] = {}
        self._current, self._since = "", time.perf_counter()

    def start(self, step: str) -> None:
        """End the step before, if there was one, and begin this one."""
        self._note()
        if self._progress is not None:
            self._progress(self._done, self._n_steps, step)
        self._done += 1
        self._current, self._since = step, time.perf_counter()

    def stop(self) -> dict[str, float]:
        """End the last step, and return the seconds of each."""
        self._note()
        if self._progress is not None:
            self._progress(self._n_steps, self._n_steps, "done")
        return self._seconds

    def _note(self) -> None:
        if self._current:
            self._seconds[self._current] = round(time.perf_counter() - self._since, 3)


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that have a say in what is learned."""
    found = {name: version(name) for name in _LIBRARIES}
    return {"python": platform.python_version(), **found}


def essence(report: Mapping[str, Any], evaluation: Evaluation | None) -> dict[str, Any]:
    """Return what a model keeps of its report: not the timings, which differ between runs.

    Parameters
    ----------
    report : as a dictionary
    evaluation : its scores out of fold
    """
    recipe = report["recipe"]
    scores = evaluation and {
        "on": f"{recipe['n_folds']}-fold cross-validation, reprints kept together",
        "n_texts": evaluation.n_texts,
        "micro_f1": as_plain(evaluation.micro.f1),
        "macro_f1": as_plain(evaluation.macro.f1),
        "exact_match": as_plain(evaluation.exact_match),
        "first_topic": as_plain(evaluation.first_topic),
        "decisions": as_plain(evaluation.decisions),
        "topics": {row.topic: round(row.f1.value, 4) for row in evaluation.topics},
    }
    kept = ("recipe", "n_texts", "corpus_sha256", "taxonomy_sha256", "libraries")
    return {"seed": recipe["seed"], **{key: report[key] for key in kept}, "scores": scores}
