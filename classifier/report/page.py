"""An evaluation as one HTML page that an editor can read: no script, no outside host."""

from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources

from classifier.metrics import Comparison, Evaluation
from classifier.report.sections import Evidence, Sections
from classifier.report.words import WORDS, Language
from classifier.taxonomy import Topic

# Nothing but the page's own styles may be loaded or run, whatever a text smuggles in.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def evaluation_html(
    evaluation: Evaluation,
    topics: Sequence[Topic] = (),
    texts: Sequence[str] = (),
    *,
    evidence: Evidence | None = None,
    details: Mapping[str, Mapping[str, object]] | None = None,
    comparison: Comparison | None = None,
    compared: tuple[str, str] = ("", ""),
    trained_on: bool = False,
    title: str | None = None,
    language: Language = "zh",
) -> str:
    """Return an evaluation as one self-contained HTML page.

    Parameters
    ----------
    evaluation : as from `classifier.metrics.evaluate`
    topics : those evaluated, for their names; a topic without entry is called by its id
    texts : those evaluated, in the same order; without them mistakes show the row alone
    evidence : pieces of text that explain mistakes, by row and topic; `mistakes_of` lists what is
        wanted, and a mistake without is shown plain
    details : further tables of names and values at the end, by heading: the model, its recipe
    comparison : of the evaluated model with another, as from `classifier.trainer.compare`
    compared : what the two are called, the evaluated one first
    trained_on : say that the model learned from these very texts
    title : heading of the page
    language : "zh" or "en"

    Returns
    -------
    HTML with inline CSS and SVG, light or dark as the reader's system is. Every text is escaped,
    and a content security policy forbids scripts and outside hosts. The same evaluation gives the
    same page.

    Raises
    ------
    ValueError
        If `language` is another, or there is not one text for each evaluated one.
    """
    if language not in WORDS:
        raise ValueError(f"language must be one of {', '.join(WORDS)}; got {language!r}")
    if texts and len(texts) != evaluation.n_texts:
        raise ValueError(
            f"texts must be the {evaluation.n_texts} evaluated ones, in order; got {len(texts)}"
        )
    names = {
        topic.id: topic.name if language == "zh" else topic.name_en or topic.name
        for topic in topics
    }
    sections = Sections(evaluation, names, texts, evidence or {}, language)
    body = [
        *([sections.trained_on()] if trained_on else []),
        sections.glance(),
        *([sections.comparison(comparison, compared)] if comparison else []),
        sections.decisions(),
        sections.topics(),
        sections.calibration(),
        sections.confused(),
        sections.mistakes("false_alarms", evaluation.false_alarms),
        sections.mistakes("misses", evaluation.misses),
        *(sections.slices(name, rows) for name, rows in evaluation.slices.items()),
        *(_details(name, values) for name, values in (details or {}).items()),
        sections.how(),
    ]
    return _document(title or sections.say("title"), sections.subtitle(), body, language)


def mistakes_of(evaluation: Evaluation) -> list[tuple[int, str]]:
    """Return row and topic of the mistakes that the page shows, each once: explain these."""
    shown = (*evaluation.false_alarms, *evaluation.misses)
    return list(dict.fromkeys((mistake.row, mistake.topic) for mistake in shown))


def _details(name: str, values: Mapping[str, object]) -> str:
    pairs = (
        f"<dt>{escape(str(key))}</dt><dd>{escape(_plain(value))}</dd>"
        for key, value in values.items()
    )
    return f"<h2>{escape(name)}</h2>\n<dl>{''.join(pairs)}</dl>"


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _document(title: str, subtitle: str, body: Sequence[str], language: Language) -> str:
    css = resources.files("classifier.report").joinpath("page.css").read_text(encoding="utf-8")
    return f"""<!DOCTYPE html>
<html lang="{"zh-Hans" if language == "zh" else "en"}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{css}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p class="lead">{subtitle}</p>
{chr(10).join(body)}
</body>
</html>
"""
