"""Scores, intervals, calibration, thresholds and decisions, all on numpy arrays.

scores.py       F1s, exact sets, first topics, confused pairs
intervals.py    bootstrap intervals and paired tests over reprint groups
curve.py        log odds to probabilities
calibration.py  fit margins to probabilities
reliability.py  how far probabilities can be taken at their word
decisions.py    thresholds at work: topics, and accept, review or none
thresholds.py   choose a model's thresholds, and `tag`'s for best F1
promises.py     choose `accept` and `possible`, which promise something of unseen texts
bounds.py       one-sided bounds of a proportion
evaluation.py   what an evaluation holds
evaluating.py   `evaluate`, from samples.py
plain.py        results as dicts and lists for JSON
"""

from typing import TYPE_CHECKING

from classifier.lazy import fetch_on_use
from classifier.metrics.curve import Curve, sigmoid
from classifier.metrics.decisions import (
    ACCEPT,
    DECISIONS,
    NONE,
    REVIEW,
    Thresholds,
    assign_topics,
    decide,
)

if TYPE_CHECKING:
    from classifier.metrics.calibration import fit_curve as fit_curve
    from classifier.metrics.calibration import fit_sigmoid as fit_sigmoid
    from classifier.metrics.calibration import fit_sigmoids as fit_sigmoids
    from classifier.metrics.evaluating import evaluate as evaluate
    from classifier.metrics.evaluating import length_bands as length_bands
    from classifier.metrics.evaluation import Evaluation as Evaluation
    from classifier.metrics.intervals import Comparison as Comparison
    from classifier.metrics.intervals import Interval as Interval
    from classifier.metrics.intervals import bootstrap_interval as bootstrap_interval
    from classifier.metrics.intervals import paired_test as paired_test
    from classifier.metrics.plain import as_plain as as_plain
    from classifier.metrics.promises import accept_thresholds as accept_thresholds
    from classifier.metrics.promises import possible_threshold as possible_threshold
    from classifier.metrics.reliability import (
        expected_calibration_error as expected_calibration_error,
    )
    from classifier.metrics.reliability import reliability_curve as reliability_curve
    from classifier.metrics.scores import class_scores as class_scores
    from classifier.metrics.scores import confused_pairs as confused_pairs
    from classifier.metrics.scores import exact_matches as exact_matches
    from classifier.metrics.scores import f1_of as f1_of
    from classifier.metrics.scores import first_topic_hits as first_topic_hits
    from classifier.metrics.scores import macro_f1 as macro_f1
    from classifier.metrics.scores import macro_scores as macro_scores
    from classifier.metrics.scores import micro_f1 as micro_f1
    from classifier.metrics.scores import micro_scores as micro_scores
    from classifier.metrics.scores import outcome_counts as outcome_counts
    from classifier.metrics.scores import share_of as share_of
    from classifier.metrics.scores import topic_scores as topic_scores
    from classifier.metrics.thresholds import best_f1_threshold as best_f1_threshold
    from classifier.metrics.thresholds import choose_thresholds as choose_thresholds
    from classifier.metrics.thresholds import none_share_weights as none_share_weights
    from classifier.metrics.thresholds import tag_thresholds as tag_thresholds

# Tagging needs what is imported above; the rest is fetched on first use, for a quick start.
_HOME = {
    "calibration": (
        "fit_curve",
        "fit_sigmoid",
        "fit_sigmoids",
    ),
    "evaluating": (
        "evaluate",
        "length_bands",
    ),
    "evaluation": ("Evaluation",),
    "intervals": (
        "Comparison",
        "Interval",
        "bootstrap_interval",
        "paired_test",
    ),
    "plain": ("as_plain",),
    "promises": (
        "accept_thresholds",
        "possible_threshold",
    ),
    "reliability": (
        "expected_calibration_error",
        "reliability_curve",
    ),
    "scores": (
        "class_scores",
        "confused_pairs",
        "exact_matches",
        "f1_of",
        "first_topic_hits",
        "macro_f1",
        "macro_scores",
        "micro_f1",
        "micro_scores",
        "outcome_counts",
        "share_of",
        "topic_scores",
    ),
    "thresholds": (
        "best_f1_threshold",
        "choose_thresholds",
        "none_share_weights",
        "tag_thresholds",
    ),
}
__getattr__ = fetch_on_use(__name__, _HOME)

__all__ = [
    "ACCEPT",
    "DECISIONS",
    "NONE",
    "REVIEW",
    "Comparison",
    "Curve",
    "Evaluation",
    "Interval",
    "Thresholds",
    "accept_thresholds",
    "as_plain",
    "assign_topics",
    "best_f1_threshold",
    "bootstrap_interval",
    "choose_thresholds",
    "class_scores",
    "confused_pairs",
    "decide",
    "evaluate",
    "exact_matches",
    "expected_calibration_error",
    "f1_of",
    "first_topic_hits",
    "fit_curve",
    "fit_sigmoid",
    "fit_sigmoids",
    "length_bands",
    "macro_f1",
    "macro_scores",
    "micro_f1",
    "micro_scores",
    "none_share_weights",
    "outcome_counts",
    "paired_test",
    "possible_threshold",
    "reliability_curve",
    "share_of",
    "sigmoid",
    "tag_thresholds",
    "topic_scores",
]
