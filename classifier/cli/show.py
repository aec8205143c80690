"""What a person sees in a terminal: tables by rich."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from classifier.model import Prediction, TopicScore

_DECISIONS = {
    "accept": ("✓ accept 通过", "green"),
    "review": ("? review 待人工", "yellow"),
    "none": ("· none 无主题", "dim"),
}
_UNSEEN_WIDTH = 110  # columns where the output is no terminal


def console() -> "Console":
    """Return a console on standard output, wide enough where it is no terminal."""
    from rich.console import Console

    width = shutil.get_terminal_size((_UNSEEN_WIDTH, 24)).columns
    return Console(file=sys.stdout, width=width, highlight=False)


def new_table(*columns: str, right: Sequence[str] = ()) -> "Table":
    """Return an empty table; the columns named in `right` are flush right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        # A Text object: a column may have its name from a file, and that may look like markup.
        name = Text(column)
        table.add_column(name, justify="right" if column in right else "left", overflow="fold")
    return table


def show_topics(topics: Iterable["TopicScore"]) -> str:
    """Return topics as ``name 0.97  name 0.61``."""
    return "  ".join(f"{topic.name} {topic.probability:.2f}" for topic in topics)


def decision_text(decision: str) -> "Text":
    """Return a decision in words and colour."""
    from rich.text import Text

    return Text(*_DECISIONS[decision])


def prediction_table(predictions: Iterable["Prediction"]) -> "Table":
    """Return a table of texts, topics and decisions."""
    from rich.text import Text

    table = new_table("text 文本", "topics 主题", "decision 决定")
    table.columns[0].ratio, table.columns[1].ratio = 5, 4
    table.columns[2].no_wrap = True
    table.expand = True
    for prediction in predictions:
        words, colour = _DECISIONS[prediction.decision]
        # Text objects: a headline may hold what rich would take for markup.
        table.add_row(
            Text(prediction.text), Text(show_topics(prediction.topics)), Text(words, colour)
        )
    return table
