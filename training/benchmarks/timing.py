"""Timing that a noisy machine does not spoil: things compared run in turn, medians are quoted.

`Spread` and `in_turn` are the package's, which `classifier bench` measures by.
"""

import subprocess
from collections.abc import Callable, Sequence

from classifier.speed import Spread, in_turn

__all__ = ["Spread", "command", "in_turn", "ratios"]


def ratios(first: Sequence[float], second: Sequence[float]) -> Spread:
    """Return the spread of ``first / second``, round by round."""
    return Spread.of([a / b for a, b in zip(first, second, strict=True)])


def command(*args: str, stdin: str = "") -> Callable[[], object]:
    """Return a run of a whole process."""

    def run() -> object:
        return subprocess.run(args, input=stdin, text=True, capture_output=True, check=True)

    return run
