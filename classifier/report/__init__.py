"""What is shown to people: an evaluation as an HTML page, a model's card as Markdown.

page.py      `evaluation_html`: the page's frame
page.css     its looks, light and dark
sections.py  its sections
charts.py    plots as inline SVG
evidence.py  texts with the reasons for a topic marked
words.py     what it says, in Chinese and in English
card.py      `model_card`, `training_card`, `adaptation_card`
"""

from classifier.report.card import (
    CorpusNote,
    ScoreNote,
    adaptation_card,
    model_card,
    training_card,
)
from classifier.report.page import evaluation_html, mistakes_of

__all__ = [
    "CorpusNote",
    "ScoreNote",
    "adaptation_card",
    "evaluation_html",
    "mistakes_of",
    "model_card",
    "training_card",
]
