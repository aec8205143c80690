"""What a person sees of an evaluation in a terminal."""

from typing import TYPE_CHECKING

from classifier.cli.show import console, new_table
from classifier.errors import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.table import Table

    from classifier.metrics import Evaluation
    from classifier.metrics.evaluation import Mistake, SliceScores
    from classifier.metrics.intervals import Interval
    from classifier.model import TopicClassifier
    from classifier.predictions import Piece

    Evidence = Mapping[tuple[int, str], Sequence[Piece]]

_SHOWN = 5  # of each list; the page and --json have them all
_WIDTH = 36  # characters of a text
_PIECES = 3


def show_scores(
    found: "Evaluation",
    model: "TopicClassifier",
    texts: "Sequence[str]",
    evidence: "Evidence",
) -> None:
    """Print every score of an evaluation, and of its long lists the first rows.

    Parameters
    ----------
    found : scores of `model` on `texts`
    evidence : what carried the topics of mistakes, by row and topic
    """
    out = console()
    out.print(f"{counted(found.n_texts, 'text')}, model {model.name} {model.version}")
    out.print(_summary(found))
    out.print(_topics(found, model))
    for name, rows in found.slices.items():
        if len(rows) > 1:
            out.print(_slice(name, rows))
    if found.confused:
        out.print(_confused(found, texts))
    for title, mistakes in (
        ("given wrongly", found.false_alarms),
        ("missed", found.misses),
    ):
        if mistakes:
            out.print(_mistakes(title, mistakes[:_SHOWN], texts, evidence))


def _summary(found: "Evaluation") -> "Table":
    table = new_table("score", "value", "95 % interval", right=["value"])
    decisions = found.decisions
    for name, interval in (
        ("accuracy" if found.exclusive else "exact topics", found.exact_match),
        ("micro-F1", found.micro.f1),
        ("micro precision", found.micro.precision),
        ("micro recall", found.micro.recall),
        ("macro-F1", found.macro.f1),
        ("first topic right", found.first_topic),
        ("precision of accept", decisions.accept_precision),
        ("none truly none", decisions.none_precision),
    ):
        table.add_row(name, *_cells(interval))
    table.add_row("share accept", f"{decisions.accept_share:.3f}", "")
    table.add_row("share review", f"{decisions.review_share:.3f}", "")
    table.add_row("calibration error", f"{found.calibration.error:.3f}", "")
    return table


def _topics(found: "Evaluation", model: "TopicClassifier") -> "Table":
    right = ("precision", "recall", "F1", "texts")
    table = new_table("topic", "name", *right[:3], "95 % interval", "texts", right=right)
    names = {topic.id: topic.name for topic in model.topics}
    for row in found.topics:
        # Of a topic that no text bears nothing is known: 0.000 would read as failure.
        ratios = [f"{row.precision:.3f}", f"{row.recall:.3f}"] if row.support else ["–", "–"]
        f1 = _cells(row.f1 if row.support else None)
        table.add_row(row.topic, names[row.topic], *ratios, *f1, f"{row.support:,}")
    return table


def _slice(name: str, rows: "Sequence[SliceScores]") -> "Table":
    from rich.text import Text

    right = ("texts", "F1", "exact", "first topic", "accept", "right")
    table = new_table(f"by {name}", *right[:2], "95 % interval", *right[2:], right=right)
    for row in rows:
        table.add_row(
            Text("the rest" if row.value is None else _start(row.value) or "–"),
            f"{row.n_texts:,}",
            *_cells(row.f1),
            f"{row.exact_match:.3f}",
            _ratio(row.first_topic),
            f"{row.accept_share:.3f}",
            _ratio(row.accept_precision),
        )
    return table


def _confused(found: "Evaluation", texts: "Sequence[str]") -> "Table":
    from rich.text import Text

    table = new_table("missed", "given instead", "texts", "as in", right=["texts"])
    for pair in found.confused[:_SHOWN]:
        example = Text(_start(texts[pair.rows[0]]))
        table.add_row(pair.missed, pair.added, f"{pair.n_texts:,}", example)
    return table


def _mistakes(
    title: str, mistakes: "Sequence[Mistake]", texts: "Sequence[str]", evidence: "Evidence"
) -> "Table":
    from rich.text import Text

    table = new_table(title, "probability", "text", "because of", right=["probability"])
    for mistake in mistakes:
        reasons = " ".join(_reasons(evidence[mistake.row, mistake.topic]))
        table.add_row(
            mistake.topic,
            f"{mistake.probability:.2f}",
            Text(_start(texts[mistake.row])),
            Text(reasons),
        )
    return table


def _reasons(pieces: "Sequence[Piece]") -> "Iterator[str]":
    """Yield the weightiest pieces, those that speak against the topic behind a minus."""
    for piece in sorted(pieces, key=lambda piece: -abs(piece.weight))[:_PIECES]:
        yield f"{'+' if piece.weight > 0 else '−'}{piece.text}"


def _start(text: str) -> str:
    """Return the start of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _cells(interval: "Interval | None") -> tuple[str, str]:
    if interval is None:
        return "–", ""
    return f"{interval.value:.3f}", f"{interval.low:.3f} to {interval.high:.3f}"
