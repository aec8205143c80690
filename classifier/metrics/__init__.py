"""Scores, intervals, calibration, thresholds and decisions, all on numpy arrays.

scores.py       F1s, exact sets, first topics, confused pairs
intervals.py    bootstrap intervals and paired tests over reprint groups
calibration.py  margins to probabilities
reliability.py  how far probabilities can be taken at their word
decisions.py    thresholds at work: topics, and accept, review or none
thresholds.py   choose a model's thresholds, and `tag`'s for best F1
promises.py     choose `accept` and `possible`, which promise something of unseen texts
bounds.py       one-sided bounds of a proportion
evaluation.py   what an evaluation holds
evaluating.py   `evaluate`, from samples.py
plain.py        results as dicts and lists for JSON
"""

from classifier.metrics.calibration import fit_sigmoid, fit_sigmoids, sigmoid
from classifier.metrics.curve import Curve, fit_curve
from classifier.metrics.decisions import (
    ACCEPT,
    DECISIONS,
    NONE,
    REVIEW,
    Thresholds,
    assign_topics,
    decide,
)
from classifier.metrics.evaluating import evaluate, length_bands
from classifier.metrics.evaluation import Evaluation
from classifier.metrics.intervals import Comparison, Interval, bootstrap_interval, paired_test
from classifier.metrics.plain import as_plain
from classifier.metrics.promises import accept_thresholds, possible_threshold
from classifier.metrics.reliability import expected_calibration_error, reliability_curve
from classifier.metrics.scores import (
    class_scores,
    confused_pairs,
    exact_matches,
    f1_of,
    first_topic_hits,
    macro_f1,
    macro_scores,
    micro_f1,
    micro_scores,
    outcome_counts,
    share_of,
    topic_scores,
)
from classifier.metrics.thresholds import (
    best_f1_threshold,
    choose_thresholds,
    none_share_weights,
    tag_thresholds,
)

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
