"""The report of the speed benchmark: a JSON file and a page with plots."""

import html
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from training.benchmarks.growth import Curve
from training.benchmarks.timing import Spread


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal and what was reached.

    Attributes
    ----------
    number, what : which
    goal : number to reach, 0 where none was set
    unit : ``"times"``, ``"µs"``, ``"ms"`` or ``"MB"``
    more_is_better : whether reaching means at least or at most
    reached : what was measured
    note : what else a reader should know
    """

    number: str
    what: str
    goal: float
    unit: str
    more_is_better: bool
    reached: Spread
    note: str

    @property
    def is_met(self) -> bool:
        """Whether the median reaches the goal."""
        if self.more_is_better:
            return self.reached.median >= self.goal
        return self.reached.median <= self.goal

    def __str__(self) -> str:
        sign = "≥" if self.more_is_better else "≤"
        verdict = "met" if self.is_met else "NOT met"
        return (
            f"{self.number:3} {self.what}: {self.reached} {self.unit}, "
            f"goal {sign} {self.goal:g}: {verdict}"
        )


def write_report(
    folder: Path, goals: Sequence[Goal], curves: Mapping[str, Curve], machine: Mapping[str, str]
) -> None:
    """Write report.json and report.html."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {
        "machine": dict(machine),
        "goals": [{**asdict(goal), "is_met": goal.is_met} for goal in goals],
        "curves": {name: [list(point) for point in curve] for name, curve in curves.items()},
    }
    shown = json.dumps(whole, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(shown + "\n", encoding="utf-8")
    rows = "".join(
        f"<tr><td>{goal.number}</td><td>{html.escape(goal.what)}</td>"
        f"<td>{'≥' if goal.more_is_better else '≤'} {goal.goal:g} {goal.unit}</td>"
        f"<td>{goal.reached}</td><td>{'met' if goal.is_met else 'not met'}</td>"
        f"<td>{html.escape(goal.note)}</td></tr>"
        for goal in goals
    )
    facts = "".join(f"<li>{html.escape(f'{k}: {v}')}</li>" for k, v in machine.items())
    plots = "".join(_plot(name, curve) for name, curve in curves.items())
    page = (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Speed</title>'
        "<style>body{font:16px/1.5 system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem}"
        "td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}"
        "svg{width:48%;height:auto}</style><h1>Speed</h1>"
        "<p>Things compared ran in turn in one run; medians, least and greatest in brackets.</p>"
        "<table><tr><th>goal</th><th>what</th><th>wanted</th><th>reached</th><th></th>"
        f"<th>note</th></tr>{rows}</table>{plots}<h2>Machine</h2><ul>{facts}</ul></html>"
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def _plot(name: str, curve: Curve) -> str:
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 3.2))
    axes.loglog([size for size, _ in curve], [rate for _, rate in curve], marker="o")
    axes.set_xlabel(name)
    axes.set_ylabel("headlines a second")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    out = io.StringIO()
    figure.savefig(out, format="svg")
    plt.close(figure)
    return out.getvalue().partition("<svg")[1] + out.getvalue().partition("<svg")[2]
