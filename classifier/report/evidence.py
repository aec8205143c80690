"""Where in a text the reasons for a topic lie, as marked HTML."""

from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Protocol

_STEPS = 4
# Weights below a tenth of the largest are not worth a reader's eye.
_FAINT = 0.1


class Piece(Protocol):
    """A piece ``text[start:end]`` and what it added to a topic's margin."""

    @property
    def start(self) -> int:
        """First code point of the piece."""
        ...

    @property
    def end(self) -> int:
        """Code point after the piece."""
        ...

    @property
    def weight(self) -> float:
        """What it added; negative where it speaks against the topic."""
        ...


def marked(text: str, pieces: Sequence[Piece]) -> str:
    """Return `text` as HTML in which pieces are shaded by weight.

    Parameters
    ----------
    text : the original text
    pieces : of the explanation of one topic; where two overlap their weights add up

    Returns
    -------
    Escaped text with ``<mark class="for1">`` to ``for4`` for pieces that speak for the topic, and
    ``<mark class="against">`` for those that speak against it.
    """
    weights = [0.0] * len(text)
    for piece in pieces:
        for at in range(max(piece.start, 0), min(piece.end, len(text))):
            weights[at] += piece.weight
    most = max((abs(weight) for weight in weights), default=0.0)
    classes = [_class_of(weight, most) for weight in weights]
    parts = []
    for name, run in groupby(zip(classes, text, strict=True), key=lambda pair: pair[0]):
        piece_of_text = escape("".join(character for _, character in run))
        parts.append(f'<mark class="{name}">{piece_of_text}</mark>' if name else piece_of_text)
    return "".join(parts)


def _class_of(weight: float, most: float) -> str:
    if not most or abs(weight) < _FAINT * most:
        return ""
    if weight < 0:
        return "against"
    return f"for{min(_STEPS, 1 + int(_STEPS * weight / most))}"
