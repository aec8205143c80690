"""Plots as inline SVG: coloured by the page's CSS, so that they turn dark with it.

Text stays text, in the reader's own fonts. Positions are rounded: equal numbers draw equal bytes.
"""

from collections.abc import Sequence
from html import escape

from classifier.metrics import Interval
from classifier.metrics.evaluation import AcceptPoint
from classifier.metrics.reliability import ReliabilityBin

_WIDTH, _HEIGHT = 520, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 68, 24, 14, 48


def percent(value: float) -> str:
    """Return a share as per cent.

    Examples
    --------
    >>> percent(0.7114)
    '71.1%'
    """
    return f"{100 * value:.1f}%"


def bar(interval: Interval) -> str:
    """Return a bar from 0 to 1 with the interval as a thin line across its end."""
    value, low, high = (_n(200 * x) for x in (interval.value, interval.low, interval.high))
    title = f"{percent(interval.value)} ({percent(interval.low)}–{percent(interval.high)})"
    return (
        '<svg class="bar" viewBox="0 0 200 16" preserveAspectRatio="none" role="img"'
        f' aria-label="{title}">'
        f"<title>{title}</title>"
        '<rect class="track" width="200" height="16"/>'
        f'<rect class="fill" width="{value}" height="16"/>'
        f'<path class="whisker" d="M{low} 8H{high}M{low} 4V12M{high} 4V12"/></svg>'
    )


def share_bar(shares: Sequence[tuple[str, float]]) -> str:
    """Return one bar cut into named shares that sum to 1, with a key below."""
    parts, key, x = [], [], 0.0
    for number, (name, share) in enumerate(shares):
        label = f"{escape(name)} {percent(share)}"
        parts.append(
            f'<rect class="share{number}" x="{_n(1000 * x)}" width="{_n(1000 * share)}"'
            f' height="28"><title>{label}</title></rect>'
        )
        key.append(f'<span class="key"><i class="share{number}"></i>{label}</span>')
        x += share
    return (
        '<svg class="shares" viewBox="0 0 1000 28" preserveAspectRatio="none" role="img">'
        f"{''.join(parts)}</svg><p>{''.join(key)}</p>"
    )


def accept_chart(
    curve: Sequence[AcceptPoint],
    now: tuple[float, float] | None,
    *,
    x_name: str,
    y_name: str,
    now_name: str,
) -> str:
    """Return how right accepted topics are (up) by how many texts are accepted (across).

    Parameters
    ----------
    curve : points by rising coverage
    now : coverage and precision of the decisions as they are; None if nothing is accepted
    """
    lowest = min([point.precision for point in curve] + ([now[1]] if now else []), default=0.0)
    bottom = max(0.0, min(0.9, int(10 * lowest) / 10))
    place = _Place(bottom)
    line = "L".join(place(point.coverage, point.precision) for point in curve)
    parts = [place.axes(x_name, y_name), f'<path class="line" d="M{line}"/>']
    for point in curve:
        title = (
            f"{percent(point.coverage)} → {percent(point.precision)} (p ≥ {point.probability:.3f})"
        )
        parts.append(place.dot(point.coverage, point.precision, "dot", 3, title))
    if now is not None:
        title = f"{now_name} {percent(now[0])} → {percent(now[1])}"
        parts.append(place.dot(*now, "now", 7, title))
        parts.append(place.label(*now, title))
    return _svg(parts, f"{y_name} / {x_name}")


def reliability_chart(
    curve: Sequence[ReliabilityBin], *, x_name: str, y_name: str, pairs: str
) -> str:
    """Return how often topics came true (up) by the probability given to them (across)."""
    place = _Place(0.0)
    parts = [
        place.axes(x_name, y_name),
        f'<path class="ideal" d="M{place(0, 0)}L{place(1, 1)}"/>',
    ]
    if curve:
        line = "L".join(place(bin_.probability, bin_.share) for bin_ in curve)
        parts.append(f'<path class="line" d="M{line}"/>')
    for bin_ in curve:
        title = f"{percent(bin_.probability)} → {percent(bin_.share)} {pairs} {bin_.n_pairs:,}"
        parts.append(place.dot(bin_.probability, bin_.share, "dot", 5, title))
    return _svg(parts, f"{y_name} / {x_name}")


class _Place:
    """Where shares lie in the drawing: x from 0 to 1, y from `bottom` to 1."""

    def __init__(self, bottom: float) -> None:
        self.bottom = bottom

    def __call__(self, x: float, y: float) -> str:
        return f"{_n(self._x(x))} {_n(self._y(y))}"

    def _x(self, x: float) -> float:
        return _LEFT + x * (_WIDTH - _LEFT - _RIGHT)

    def _y(self, y: float) -> float:
        return _TOP + (1 - y) / (1 - self.bottom) * (_HEIGHT - _TOP - _BOTTOM)

    def axes(self, x_name: str, y_name: str) -> str:
        """Return grid lines with their shares, and the axes' names."""
        parts = []
        for step in range(6):
            share = self.bottom + step / 5 * (1 - self.bottom)
            y = _n(self._y(share))
            parts.append(f'<path class="grid" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>')
            parts.append(
                f'<text x="{_LEFT - 8}" y="{y}" dy="4" text-anchor="end">{100 * share:.0f}%</text>'
            )
            x, below = _n(self._x(step / 5)), _HEIGHT - _BOTTOM + 18
            parts.append(f'<text x="{x}" y="{below}" text-anchor="middle">{20 * step}%</text>')
        middle = (_LEFT + _WIDTH - _RIGHT) // 2
        parts.append(
            f'<text class="axis" x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">'
            f"{escape(x_name)}</text>"
            f'<text class="axis" x="-{(_TOP + _HEIGHT - _BOTTOM) // 2}" y="14" text-anchor="middle"'
            f' transform="rotate(-90)">{escape(y_name)}</text>'
        )
        return "".join(parts)

    def dot(self, x: float, y: float, kind: str, radius: int, title: str) -> str:
        return (
            f'<circle class="{kind}" cx="{_n(self._x(x))}" cy="{_n(self._y(y))}" r="{radius}">'
            f"<title>{escape(title)}</title></circle>"
        )

    def label(self, x: float, y: float, text: str) -> str:
        """Return a label beside a point, on the side where there is room."""
        to_left = x > 0.5
        dx, anchor = (-12, "end") if to_left else (12, "start")
        return (
            f'<text class="label" x="{_n(self._x(x) + dx)}" y="{_n(self._y(y) + 22)}"'
            f' text-anchor="{anchor}">{escape(text)}</text>'
        )


def _svg(parts: Sequence[str], name: str) -> str:
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return f'<svg class="chart" {box} role="img" aria-label="{escape(name)}">{"".join(parts)}</svg>'


def _n(value: float) -> str:
    """Return a coordinate to a tenth, without a needless ``.0``."""
    return f"{value:.1f}".removesuffix(".0")
