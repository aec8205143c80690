"""The report of the accuracy benchmark: scores with intervals, as JSON and Markdown."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.metrics import (
    Interval,
    as_plain,
    bootstrap_interval,
    macro_f1,
    outcome_counts,
    share_of,
)
from classifier.trainer import Recipe
from training.benchmarks.sets import BenchmarkSet


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one system did: scores with 95 % bootstrap intervals, and what training took."""

    system: str
    accuracy: Interval
    macro_f1: Interval
    seconds: float
    peak_bytes: int

    def __str__(self) -> str:
        return " | ".join(
            (
                self.system,
                _percent(self.accuracy),
                _percent(self.macro_f1),
                f"{self.seconds:.0f}",
                f"{self.peak_bytes / 1e9:.2f}",
            )
        )


def score(labels: Sequence[str], answers: Sequence[str]) -> tuple[Interval, Interval]:
    """Return accuracy and macro-F1, each with its interval over 1,000 resamples of the texts."""
    classes = np.array(sorted({*labels, *answers}))
    Y, P = (np.array(given)[:, None] == classes for given in (labels, answers))
    hits = (np.array(labels) == np.array(answers)).astype(np.int8)
    accuracy = bootstrap_interval(share_of, np.stack([hits, np.ones_like(hits)], axis=1))
    return accuracy[0], bootstrap_interval(macro_f1, outcome_counts(Y, P))[0]


@dataclass(frozen=True, slots=True)
class Report:
    """A run of the benchmark.

    Attributes
    ----------
    benchmark, split : what was scored
    n_train, n_scored : texts
    recipe : of our model
    left_out : titles that word vectors were not learned from since they are scored; None where
        they were learned from nothing but the training titles, or there are none
    outcomes : ours first
    """

    benchmark: BenchmarkSet
    split: str
    n_train: int
    n_scored: int
    recipe: Recipe
    left_out: int | None
    outcomes: Sequence[Outcome]

    def to_dict(self) -> dict[str, Any]:
        """Return the report, ready for JSON."""
        return {
            "set": self.benchmark.name,
            "split": self.split,
            "n_train": self.n_train,
            "n_scored": self.n_scored,
            "goal": self.benchmark.goal,
            "recipe": self.recipe.to_dict(),
            "titles_left_out": self.left_out,
            "outcomes": [
                {
                    "system": one.system,
                    "accuracy": as_plain(one.accuracy),
                    "macro_f1": as_plain(one.macro_f1),
                    "seconds": round(one.seconds, 1),
                    "peak_bytes": one.peak_bytes,
                }
                for one in self.outcomes
            ],
            "published": [asdict(one) for one in self.benchmark.published],
        }

    def to_markdown(self) -> str:
        """Return the report as two tables."""
        numbers = f"Trained on {self.n_train:,} titles, scored on {self.n_scored:,}"
        lines = [
            f"## {self.benchmark.title}: {self.split}",
            "",
            f"{numbers}; 95 % bootstrap intervals in brackets. Seconds and GB: training.",
            "",
            "| trained in this run | accuracy | macro-F1 | seconds | GB |",
            "|---|---:|---:|---:|---:|",
            *(f"| {one} |" for one in self.outcomes),
            "",
            f"| published, on {self.benchmark.final} | accuracy | read in |",
            "|---|---:|---|",
            *(f"| {p.model} | {p.accuracy:.2f} | {p.source} |" for p in self.benchmark.published),
            "",
        ]
        if self.left_out is not None:
            lines += [f"Word vectors: {self.left_out:,} titles left out, which are scored.", ""]
        return "\n".join(lines)


def write_report(folder: Path, report: Report) -> None:
    """Write NAME.json and NAME.md, named for the set and the split."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{report.benchmark.name}-{report.split.split()[-1]}"
    shown = json.dumps(report.to_dict(), ensure_ascii=False, indent=1)
    (folder / f"{name}.json").write_text(shown + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(report.to_markdown(), encoding="utf-8")


def _percent(score: Interval) -> str:
    return f"{100 * score.value:.2f} ({100 * score.low:.2f} to {100 * score.high:.2f})"
