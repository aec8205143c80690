"""The report of the learning curves: a JSON file and a page with plots."""

import html
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

STYLE = (
    "body{font:16px/1.5 system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:right}"
    "td:first-child,th:first-child{text-align:left}svg{width:100%;max-width:46rem;height:auto}"
)


@dataclass(frozen=True, slots=True)
class Point:
    """One training: micro-F1 of a system at so many labels a topic, drawn by a seed.

    Where classes exclude each other, micro-F1 is accuracy.
    """

    task: str
    system: str
    n_a_topic: int
    seed: int
    f1: float

    def __str__(self) -> str:
        return f"{self.task} | {self.system} | {self.n_a_topic} | {self.seed} | {self.f1:.4f}"


def write_report(folder: Path, points: Sequence[Point]) -> None:
    """Write learning.json and learning.html."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = json.dumps([asdict(point) for point in points], ensure_ascii=False, indent=1)
    (folder / "learning.json").write_text(shown + "\n", encoding="utf-8")
    tasks = list(dict.fromkeys(point.task for point in points))
    sections = "".join(_section(task, [p for p in points if p.task == task]) for task in tasks)
    page = (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Learning curves</title>'
        f"<style>{STYLE}</style><h1>Learning curves</h1><p>Micro-F1, mean over the draws; in "
        "brackets the least and the greatest. Where classes exclude each other it is accuracy.</p>"
        f"{sections}</html>"
    )
    (folder / "learning.html").write_text(page, encoding="utf-8")


def table(points: Sequence[Point]) -> list[list[str]]:
    """Return a row a system of one task, a column a size, the head first."""
    sizes = sorted({point.n_a_topic for point in points})
    rows = [["labels a topic", *map(str, sizes)]]
    for system in dict.fromkeys(point.system for point in points):
        row = [system]
        for size in sizes:
            found = [p.f1 for p in points if p.system == system and p.n_a_topic == size]
            row.append(_spread(found) if found else "")
        rows.append(row)
    return rows


def _spread(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.3f}"
    return f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def _section(task: str, points: Sequence[Point]) -> str:
    head, *rows = table(points)
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<h2>{html.escape(task)}</h2>{_plot(points)}<table><tr>{cells}</tr>{body}</table>"


def _plot(points: Sequence[Point]) -> str:
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    for system in dict.fromkeys(point.system for point in points):
        own = [point for point in points if point.system == system]
        sizes = sorted({point.n_a_topic for point in own})
        values = [[p.f1 for p in own if p.n_a_topic == size] for size in sizes]
        if sizes == [0]:
            axes.axhline(values[0][0], linestyle="--", color="grey", label=system)
            continue
        (line,) = axes.plot(sizes, [np.mean(found) for found in values], marker="o", label=system)
        low, high = [min(found) for found in values], [max(found) for found in values]
        axes.fill_between(sizes, low, high, alpha=0.2, color=line.get_color())
    axes.set_xscale("log")
    ticks = sorted({point.n_a_topic for point in points} - {0})
    axes.set_xticks(ticks, [str(size) for size in ticks])
    axes.minorticks_off()
    axes.set_xlabel("labelled texts a topic")
    axes.set_ylabel("micro-F1")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    out = io.StringIO()
    figure.savefig(out, format="svg")
    plt.close(figure)
    return "<svg" + out.getvalue().partition("<svg")[2]
