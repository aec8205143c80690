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

# Of each list; the page and --json have them all.
_PAIRS = _MISTAKES = 5
_VALUES = 10
_PIECES = 3
_WIDTH = 36  # characters of a text


def show_scores(
    found: "Evaluation",
    model: "TopicClassifier",
    texts: "Sequence[str]",
    evidence: "Evidence",
) -> None:
    """Print an evaluation: scores, topics, slices, and the first of confusions and mistakes.

    Slices of one value, or of values that stand in one text each, say nothing and are left out.

    Parameters
    ----------
    found : scores of `model` on `texts`
    evidence : what carried the topics of mistakes, by row and topic
    """
    from rich.text import Text

    out = console()
    head = f"{counted(found.n_texts, 'text')}, model {model.name} {model.version}"
    out.print(Text(head))
    out.print(_summary(found))
    out.print(_topics(found, model))
    for name, rows in found.slices.items():
        if len(rows) > 1 and any(row.n_texts > 1 for row in rows if row.value is not None):
            out.print(_slice(name, rows))
    if found.confused:
        out.print(_confused(found, texts))
    for title, mistakes in (
        ("given wrongly", found.false_alarms),
        ("missed", found.misses),
    ):
        if mistakes:
            out.print(_mistakes(title, mistakes[:_MISTAKES], texts, evidence))


def _summary(found: "Evaluation") -> "Table":
    table = new_table("score", "value", "95 % interval", right=["value"])
    decisions = found.decisions
    for name, interval in (
        ("accuracy" if found.exclusive else "exact topics", found.exact_match),
        ("micro-F1", found.micro.f1 if found.has_topics else None),
        ("micro precision", found.micro.precision if found.has_topics else None),
        ("micro recall", found.micro.recall if found.has_topics else None),
        ("macro-F1", found.macro.f1 if found.has_topics else None),
        ("first topic right", found.first_topic),
        ("precision of accept", decisions.accept_precision),
        ("exact topics of accept", decisions.accept_exact),
        ("none truly none", decisions.none_precision),
    ):
        table.add_row(name, *_cells(interval))
    table.add_row("share accept", f"{decisions.accept_share:.3f}", "")
    table.add_row("share review", f"{decisions.review_share:.3f}", "")
    table.add_row("calibration error", f"{found.calibration.error:.3f}", "")
    return table


def _topics(found: "Evaluation", model: "TopicClassifier") -> "Table":
    from rich.text import Text

    right = ("precision", "recall", "F1", "texts")
    table = new_table("topic", "name", *right[:3], "95 % interval", "texts", right=right)
    names = {topic.id: topic.name for topic in model.topics}
    for row in found.topics:
        # Of a topic that no text bears nothing is known: 0.000 would read as failure.
        known = bool(row.support)
        table.add_row(
            Text(row.topic),
            Text(names[row.topic]),
            _ratio(row.precision if known else None),
            _ratio(row.recall if known else None),
            *_cells(row.f1 if known else None),
            f"{row.support:,}",
        )
    return table


def _slice(name: str, rows: "Sequence[SliceScores]") -> "Table":
    from rich.text import Text

    # Short, and without `exact_match`, so that the table fits a terminal of 80; the page has it.
    in_accept = ("accept", "accept\nright", "accept\nexact")
    right = ("texts", "F1", "first\ntopic", *in_accept)
    table = new_table(f"by {name}", *right[:2], "95 % interval", *right[2:], right=right)
    for row in rows[:_VALUES]:
        table.add_row(
            Text("the rest" if row.value is None else _start(row.value) or "–"),
            f"{row.n_texts:,}",
            *_cells(row.f1),
            _ratio(row.first_topic),
            f"{row.accept_share:.3f}",
            _ratio(row.accept_precision),
            _ratio(row.accept_exact),
        )
    if len(rows) > _VALUES:
        table.add_row(f"and {len(rows) - _VALUES} more")
    return table


def _confused(found: "Evaluation", texts: "Sequence[str]") -> "Table":
    from rich.text import Text

    table = new_table("missed", "given instead", "texts", "as in", right=["texts"])
    for pair in found.confused[:_PAIRS]:
        example = Text(_start(texts[pair.rows[0]]))
        table.add_row(Text(pair.missed), Text(pair.added), f"{pair.n_texts:,}", example)
    return table


def _mistakes(
    title: str, mistakes: "Sequence[Mistake]", texts: "Sequence[str]", evidence: "Evidence"
) -> "Table":
    from rich.text import Text

    table = new_table(title, "probability", "text", "for + and against −", right=["probability"])
    for mistake in mistakes:
        reasons = " ".join(_reasons(evidence[mistake.row, mistake.topic]))
        table.add_row(
            Text(mistake.topic),
            f"{mistake.probability:.2f}",
            Text(_start(texts[mistake.row])),
            Text(reasons),
        )
    return table


def _reasons(pieces: "Sequence[Piece]") -> "Iterator[str]":
    """Yield the weightiest pieces that can be seen, those against the topic behind a minus."""
    seen = [piece for piece in pieces if piece.weight and piece.text.strip()]
    for piece in sorted(seen, key=lambda piece: -abs(piece.weight))[:_PIECES]:
        yield f"{'+' if piece.weight > 0 else '−'}{_start(piece.text)}"


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
