"""The sections of the page: each says in a sentence what its numbers mean, then shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from classifier.metrics import Comparison, Evaluation, Interval
from classifier.metrics.evaluation import Mistake, NamedPair, SliceScores
from classifier.report.charts import accept_chart, bar, percent, reliability_chart, share_bar
from classifier.report.evidence import Piece, marked
from classifier.report.words import NAMES, WORDS, Language

Evidence = Mapping[tuple[int, str], Sequence[Piece]]
"""Pieces that explain a topic of a text, by the text's row and the topic's id."""

Cell = tuple[str, str]
"""CSS class and HTML of a table's cell."""


@dataclass(frozen=True, slots=True, eq=False)
class Sections:
    """The sections of one evaluation's page, each a method that returns HTML.

    Attributes
    ----------
    evaluation : what is shown
    names : of topics, by id
    texts : the evaluated ones, or none
    evidence : pieces that explain mistakes
    language : of the words
    """

    evaluation: Evaluation
    names: Mapping[str, str]
    texts: Sequence[str]
    evidence: Evidence
    language: Language

    def say(self, key: str, **values: object) -> str:
        """Return the words of `key`, placeholders filled with escaped values."""
        shown = {name: escape(str(value)) for name, value in values.items()}
        return WORDS[self.language][key].format(**shown)

    def subtitle(self) -> str:
        """Return on how many texts this was measured."""
        found = self.evaluation
        return self.say(
            "subtitle",
            n_texts=f"{found.n_texts:,}",
            n_groups=f"{found.n_groups:,}",
            level=f"{100 * found.level:g}%",
        )

    def trained_on(self) -> str:
        """Return a warning that the model saw these texts."""
        return f"<p><strong>{self.say('trained_on')}</strong></p>"

    def glance(self) -> str:
        """Return the main scores as cards."""
        found, decisions = self.evaluation, self.evaluation.decisions
        exact = "accuracy" if found.exclusive else "exact"
        cards = [
            self._card(
                "f1",
                found.micro.f1 if found.has_topics else None,
                precision=percent(found.micro.precision.value),
                recall=percent(found.micro.recall.value),
            ),
            self._card("macro", found.macro.f1 if found.has_topics else None),
            self._card(exact, found.exact_match),
            self._card("first", found.first_topic),
            self._card(
                "accept",
                decisions.accept_precision,
                share=percent(decisions.accept_share),
                exact=percent_of(decisions.accept_exact),
            ),
            self._card("none", decisions.none_precision, share=percent(decisions.none_share)),
            self._card("error", found.calibration.error),
        ]
        return f'<h2>{self.say("glance")}</h2>\n<div class="cards">{"".join(cards)}</div>'

    def _card(self, key: str, score: Interval | float | None, **values: str) -> str:
        means = self.say(f"{key}_means", **values) if score is not None else self.say("no_text")
        value = percent_of(score)
        if isinstance(score, Interval):
            value += f" <small>{_range(score)}</small>"
        return (
            f'<div class="card"><h3>{self.say(key)}</h3><div class="value">{value}</div>'
            f"<p>{means}</p></div>"
        )

    def comparison(self, found: Comparison, compared: tuple[str, str]) -> str:
        """Return the scores of two models, and how far the first leads, below 0 where it trails."""
        model, other = compared
        lead = found.lead
        return self._heading(
            "comparison",
            model=model,
            other=other,
            first=percent(found.first),
            second=percent(found.second),
            lead=f"{100 * lead.value:+.1f}",
            low=f"{100 * lead.low:+.1f}",
            high=f"{100 * lead.high:+.1f}",
            p_value=f"{found.p_value:.3f}",
        )

    def decisions(self) -> str:
        """Return how many texts go which way, and what accepting more would bring."""
        scores = self.evaluation.decisions
        shares = [
            (self.say("accept_share"), scores.accept_share),
            (self.say("review_share"), scores.review_share),
            (self.say("none_share"), scores.none_share),
        ]
        precision = scores.accept_precision
        chart = accept_chart(
            self.evaluation.accept_curve,
            (scores.accept_share, precision.value) if precision else None,
            x_name=self.say("curve_x"),
            y_name=self.say("curve_y"),
            now_name=self.say("now"),
        )
        return (
            f"{self._heading('decisions')}{share_bar(shares)}"
            f'<h3>{self.say("curve")}</h3>\n<p class="means">{self.say("curve_means")}</p>{chart}'
        )

    def topics(self) -> str:
        """Return a row a topic, best first, with a bar and its interval.

        Of a topic that no text bears nothing is known; it stands last, with dashes.
        """
        rows = sorted(self.evaluation.topics, key=lambda row: (not row.support, -row.f1.value))
        head = [("", "topic"), ("wide", "blank"), ("number", "f1_short"), ("number", "interval")]
        head += [("number", key) for key in ("precision", "recall", "support", "predicted")]
        cells = (
            [
                ("name", escape(self.names.get(row.topic, row.topic))),
                ("wide", bar(row.f1) if row.support else ""),
                ("number", percent_of(row.f1 if row.support else None)),
                ("number small", _range(row.f1) if row.support else ""),
                ("number", percent_of(row.precision if row.support else None)),
                ("number", percent_of(row.recall if row.support else None)),
                ("number", f"{row.support:,}"),
                ("number", f"{row.predicted:,}"),
            ]
            for row in rows
        )
        return f"{self._heading('topics')}{self._table(head, cells)}"

    def calibration(self) -> str:
        """Return the reliability diagram."""
        found = self.evaluation.calibration
        chart = reliability_chart(
            found.curve,
            x_name=self.say("calibration_x"),
            y_name=self.say("calibration_y"),
            pairs=self.say("pairs"),
        )
        return f"{self._heading('calibration', floor=percent(found.floor))}{chart}"

    def confused(self) -> str:
        """Return the pairs of topics of which one was missed and the other given."""
        head = [("", "missed"), ("", "added"), ("number", "times"), ("", "example")]
        cells = (
            [
                ("name", self._tags((pair.missed,))),
                ("name", self._tags((pair.added,))),
                ("number", f"{pair.n_texts:,}"),
                ("text", self._example(pair)),
            ]
            for pair in self.evaluation.confused
        )
        return f"{self._heading('confused')}{self._table(head, cells)}"

    def _example(self, pair: NamedPair) -> str:
        row = pair.rows[0]
        return escape(self.texts[row]) if self.texts else self.say("row", row=row + 1)

    def mistakes(self, key: str, mistakes: Sequence[Mistake]) -> str:
        """Return mistakes with their texts, in which the reasons are marked."""
        head = [("", "topic"), ("number", "probability"), ("", "text"), ("", "labels_and_given")]
        cells = (
            [
                ("name", self._tags((mistake.topic,))),
                ("number", _probability(mistake.probability)),
                ("text", self._text(mistake)),
                (
                    "small",
                    self._said("labels", mistake.labels) + self._said("given", mistake.given),
                ),
            ]
            for mistake in mistakes
        )
        return f"{self._heading(key)}{self._table(head, cells)}"

    def _said(self, by: str, topics: Sequence[str]) -> str:
        return f'<div class="said">{self.say(by)} {self._tags(topics)}</div>'

    def _text(self, mistake: Mistake) -> str:
        row = self.say("row", row=f"{mistake.row + 1:,}")
        if not self.texts:
            return row
        pieces = self.evidence.get((mistake.row, mistake.topic), ())
        return f'{marked(self.texts[mistake.row], pieces)} <span class="small">{row}</span>'

    def slices(self, name: str, rows: Sequence[SliceScores]) -> str:
        """Return the scores of the texts of each value of a column."""
        head = [("", "value"), ("number", "texts"), ("wide", "blank"), ("number", "f1_short")]
        columns = (
            *("interval", "exact", "first_column"),
            *("accept_column", "accept_precision_column", "accept_exact_column"),
        )
        head += [("number", column) for column in columns]
        cells = (
            [
                ("name", self._value(row.value)),
                ("number", f"{row.n_texts:,}"),
                ("wide", bar(row.f1) if row.f1 else ""),
                ("number", percent_of(row.f1)),
                ("number small", _range(row.f1) if row.f1 else ""),
                ("number", percent(row.exact_match)),
                ("number", percent_of(row.first_topic)),
                ("number", percent(row.accept_share)),
                ("number", percent_of(row.accept_precision)),
                ("number", percent_of(row.accept_exact)),
            ]
            for row in rows
        )
        shown = NAMES[self.language].get(name, name)
        return f"{self._heading('slices', name=shown)}{self._table(head, cells)}"

    def _value(self, value: str | None) -> str:
        if value is None:
            return self.say("rest")
        return escape(NAMES[self.language].get(value, value)) or "–"

    def how(self) -> str:
        """Return how the intervals came about."""
        found = self.evaluation
        return self._heading("how", n_resamples=f"{found.n_resamples:,}", seed=found.seed)

    def _heading(self, key: str, **values: object) -> str:
        means = self.say(f"{key}_means", **values)
        return f'<h2>{self.say(key, **values)}</h2>\n<p class="means">{means}</p>\n'

    def _tags(self, topics: Sequence[str]) -> str:
        if not topics:
            return self.say("no_topic")
        return " ".join(
            f'<span class="tag">{escape(self.names.get(topic, topic))}</span>' for topic in topics
        )

    def _table(self, head: Sequence[tuple[str, str]], rows: Iterable[Sequence[Cell]]) -> str:
        """Return a table of `head`, pairs of CSS class and key of the words, and `rows`."""
        body = ["".join(f'<td class="{css}">{cell}</td>' for css, cell in cells) for cells in rows]
        if not body:
            return f"<p>{self.say('nothing')}</p>"
        titles = "".join(f'<th scope="col" class="{css}">{self.say(key)}</th>' for css, key in head)
        lines = "".join(f"<tr>{line}</tr>\n" for line in body)
        return (
            f'<div class="scroll"><table>\n<thead><tr>{titles}</tr></thead>\n'
            f"<tbody>\n{lines}</tbody>\n</table></div>"
        )


def percent_of(score: Interval | float | None) -> str:
    """Return a score as per cent, or a dash for a share of nothing."""
    if score is None:
        return "–"
    return percent(score.value if isinstance(score, Interval) else score)


def _probability(p: float) -> str:
    """Return a probability as per cent, never as certain."""
    if p < 0.001:
        return "&lt;0.1%"
    return "&gt;99.9%" if p >= 0.9995 else percent(p)


def _range(interval: Interval) -> str:
    return f"{percent(interval.low)} – {percent(interval.high)}"
