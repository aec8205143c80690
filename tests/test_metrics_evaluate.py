"""One evaluation of everything: what it holds, checked against a small case worked by hand."""

import json

import numpy as np
import pytest

from classifier.metrics import ACCEPT, NONE, REVIEW, Evaluation, evaluate, length_bands
from classifier.metrics.evaluation import AcceptPoint, Mistake, NamedPair
from classifier.metrics.intervals import Interval

TOPICS = ["agriculture", "water", "sports"]
Y = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]])
PROBA = np.array(
    [
        [0.95, 0.02, 0.01],
        [0.90, 0.30, 0.01],  # water missed
        [0.80, 0.40, 0.03],  # agriculture in place of water
        [0.03, 0.02, 0.97],
        [0.04, 0.01, 0.02],
        [0.10, 0.70, 0.04],  # water where there is nothing
    ]
)
PREDICTED = PROBA >= 0.5
DECISIONS = np.array([ACCEPT, ACCEPT, REVIEW, ACCEPT, NONE, REVIEW])


def evaluated(**settings: object) -> Evaluation:
    return evaluate(Y, PROBA, PREDICTED, DECISIONS, topics=TOPICS, **settings)  # type: ignore[arg-type]  # settings of several types


def test_scores_equal_a_case_worked_by_hand() -> None:
    got = evaluated()
    assert (got.n_texts, got.n_groups, got.n_labels, got.n_predicted) == (6, 6, 5, 5)
    assert got.micro.precision.value == pytest.approx(3 / 5)
    assert got.micro.recall.value == pytest.approx(3 / 5)
    assert got.macro.f1.value == pytest.approx((4 / 5 + 0 + 1) / 3)
    assert got.exact_match.value == pytest.approx(3 / 6)
    assert got.first_topic is not None
    assert got.first_topic.value == pytest.approx(3 / 4)
    assert [(row.topic, row.support, row.predicted) for row in got.topics] == [
        ("agriculture", 2, 3),
        ("water", 2, 1),
        ("sports", 1, 1),
    ]
    assert got.topics[0].precision == pytest.approx(2 / 3)
    assert got.topics[0].recall == 1
    assert got.topics[0].f1.value == pytest.approx(4 / 5)


def test_decisions_are_scored_by_what_they_let_pass() -> None:
    scores = evaluated().decisions
    assert (scores.accept_share, scores.review_share, scores.none_share) == (3 / 6, 2 / 6, 1 / 6)
    assert scores.accept_precision is not None
    assert scores.accept_precision.value == 1
    assert scores.accept_exact is not None
    assert scores.accept_exact.value == pytest.approx(2 / 3)  # water is missing from one
    assert scores.none_precision is not None
    assert scores.none_precision.value == 1


def test_shares_of_nothing_are_none() -> None:
    review = np.full(6, REVIEW)
    got = evaluate(np.zeros_like(Y), PROBA, PREDICTED & False, review, topics=TOPICS)
    assert got.decisions.accept_precision is None
    assert got.decisions.accept_exact is None
    assert got.decisions.none_precision is None
    assert got.first_topic is None
    assert got.accept_curve == ()
    assert got.micro.f1.value == 0


def accepted(labels: np.ndarray, n_accepted: int, **settings: object) -> Interval:
    """Return how often one topic, given to every text, is right in the first texts."""
    codes = np.where(np.arange(len(labels)) < n_accepted, ACCEPT, REVIEW)
    given = np.ones_like(labels)
    found = evaluate(labels, given * 0.9, given, codes, topics=["a"], **settings)  # type: ignore[arg-type]  # settings of several types
    assert found.decisions.accept_precision is not None
    return found.decisions.accept_precision


@pytest.mark.parametrize(("n_accepted", "bound"), [(4, 0.3976), (20, 0.8316)])
def test_few_answers_that_are_all_right_or_wrong_prove_little(
    n_accepted: int, bound: float
) -> None:
    right = np.ones((60, 1), dtype=np.int8)
    got = accepted(right, n_accepted)
    assert (got.value, got.high) == (1, 1)
    assert got.low == pytest.approx(bound, abs=1e-4)
    got = accepted(1 - right, n_accepted)
    assert (got.value, got.low) == (0, 0)
    assert got.high == pytest.approx(1 - bound, abs=1e-4)
    # Of two stories, told over and over, no more is known than of two texts.
    got = accepted(right, n_accepted, groups=np.arange(60) % 2)
    assert got.low == pytest.approx(0.025**0.5)


def test_a_share_that_no_resample_holds_is_its_own_interval() -> None:
    labels = np.ones((40, 1), dtype=np.int8)
    labels[0] = 0
    # In some the two accepted texts are drawn, in some they are not.
    found = [accepted(labels, 2, n_resamples=1, seed=seed) for seed in range(30)]
    assert {one.value for one in found} == {0.5}
    assert Interval(0.5, 0.5, 0.5) in found
    assert {one.low for one in found} >= {0, 0.5, 1}


def test_the_accept_curve_takes_in_texts_from_the_surest_down() -> None:
    curve = evaluated().accept_curve
    assert curve[0] == AcceptPoint(0.97, pytest.approx(1 / 6), 1)  # type: ignore[arg-type]  # compares like a float
    assert [point.precision for point in curve] == pytest.approx([1, 1, 1, 3 / 4, 3 / 5])
    assert [point.coverage for point in curve] == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6])


def test_the_accept_curve_of_many_texts_is_short_and_texts_that_tie_come_together() -> None:
    labels = np.ones((500, 1), dtype=np.int8)
    proba = np.linspace(0.5, 1, 500)[:, None]
    codes = np.zeros(500, dtype=np.int8)
    curve = evaluate(labels, proba, labels, codes, topics=["a"], n_resamples=2).accept_curve
    assert len(curve) == 50
    tied = evaluate(labels, proba * 0 + 0.9, labels, codes, topics=["a"], n_resamples=2)
    assert tied.accept_curve == (AcceptPoint(0.9, 1, 1),)


def test_mistakes_come_surest_first() -> None:
    got = evaluated()
    assert got.false_alarms == (
        Mistake(2, "agriculture", 0.8, ("water",), ("agriculture",)),
        Mistake(5, "water", 0.7, (), ("water",)),
    )
    assert got.misses == (
        Mistake(1, "water", 0.3, ("agriculture", "water"), ("agriculture",)),
        Mistake(2, "water", 0.4, ("water",), ("agriculture",)),
    )
    assert got.confused == (NamedPair("water", "agriculture", 1, (2,)),)
    assert evaluated(limit=1).false_alarms == got.false_alarms[:1]


def test_calibration_leaves_out_the_many_pairs_that_nobody_doubts() -> None:
    calibration = evaluated().calibration
    assert calibration.floor == 0.05
    assert sum(bin_.n_pairs for bin_ in calibration.curve) == 8
    assert calibration.error > calibration.error_of_all > 0


def test_a_mean_over_topics_lies_within_its_interval() -> None:
    # Two topics all right, and ten that are given once, wrongly.
    labels, given = np.zeros((100, 12), dtype=bool), np.zeros((100, 12), dtype=bool)
    labels[:50, 0] = labels[50:, 1] = True
    given |= labels
    given[np.arange(10), np.arange(2, 12)] = True
    decisions = np.full(100, ACCEPT, dtype=np.int8)
    names = [f"topic {i}" for i in range(12)]
    macro = evaluate(labels, given.astype(float), given, decisions, topics=names).macro.f1
    assert macro.value == pytest.approx(2 / 12)
    assert macro.low <= macro.value <= macro.high


def test_slices_hold_each_frequent_value_and_the_rest_together() -> None:
    kinds = ["headline", "headline", "paragraph", "headline", "paragraph", "notice"]
    rows = evaluated(slices={"kind": kinds}, limit=2).slices["kind"]
    assert [(row.value, row.n_texts) for row in rows] == [
        ("headline", 3),
        ("paragraph", 2),
        (None, 1),
    ]
    headline, paragraph, rest = rows
    assert headline.f1 is not None
    assert headline.f1.value == pytest.approx(6 / 7)
    assert headline.exact_match == pytest.approx(2 / 3)
    assert headline.first_topic == 1
    assert headline.accept_share == 1
    assert headline.accept_precision == 1
    assert headline.accept_exact == pytest.approx(2 / 3)
    assert paragraph.accept_exact is None
    assert (paragraph.none_share, paragraph.none_precision) == (0.5, 1)
    assert (headline.none_share, headline.none_precision) == (0, None)
    assert (paragraph.precision, paragraph.recall, paragraph.accept_precision) == (0, 0, None)
    assert rest.first_topic is None


@pytest.mark.parametrize("wrong", ["accept", 3])
def test_decisions_are_codes(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"decisions must be codes, 0, 1 or 2; got .* with .*"):
        evaluate(Y, PROBA, PREDICTED, np.array([wrong] * 6), topics=TOPICS)


def test_a_slice_without_topics_has_no_score_of_them() -> None:
    labels, given = np.zeros((4, 2)), np.zeros((4, 2))
    labels[:2], given[1:3] = 1, 1
    decisions = np.array([NONE, REVIEW, REVIEW, NONE])
    kinds = {"kind": list("abcd")}
    found = evaluate(labels, given, given, decisions, topics=["x", "y"], slices=kinds)
    missed, right, wrong, nothing = found.slices["kind"]
    assert (missed.precision, missed.recall) == (None, 0)
    assert (right.precision, right.recall) == (1, 1)
    assert (wrong.precision, wrong.recall) == (0, None)
    assert (nothing.f1, nothing.precision, nothing.recall) == (None, None, None)
    assert nothing.exact_match == 1
    assert all(row.f1 is not None for row in (missed, right, wrong))


def test_groups_count_as_one_in_every_interval() -> None:
    groups = np.array([0, 0, 0, 1, 1, 1])
    got = evaluated(groups=groups, slices={"half": list("aaabbb")})
    assert got.n_groups == 2
    (first, second) = (row.f1 for row in got.slices["half"])  # one group each
    assert first is not None
    assert second is not None
    assert (first.low, second.low) == (first.high, second.high)
    assert got.micro.f1.low < got.micro.f1.value < got.micro.f1.high


def test_exclusive_labels_are_noticed() -> None:
    one_each = np.eye(3)[[0, 1, 2, 0]]
    got = evaluate(one_each, one_each, one_each, np.zeros(4), topics=TOPICS)
    assert got.exclusive
    assert got.exact_match.value == 1
    assert not evaluated().exclusive


def test_an_evaluation_is_the_same_each_time_and_writes_as_json() -> None:
    first = evaluated(slices={"kind": ["a"] * 6}).to_dict()
    assert first == evaluated(slices={"kind": ["a"] * 6}).to_dict()
    assert json.loads(json.dumps(first, allow_nan=False)) == first
    assert first["topics"][0]["f1"]["value"] == pytest.approx(0.8)
    assert first["slices"]["kind"][0]["value"] == "a"


def test_lengths_fall_into_bands() -> None:
    texts = ["农" * length for length in (0, 9, 10, 19, 20, 39, 40, 79, 80, 500)]
    assert length_bands(texts) == [
        *("0-9", "0-9", "10-19", "10-19", "20-39", "20-39", "40-79", "40-79", "80+", "80+")
    ]


def test_evaluation_refuses_what_does_not_fit_together() -> None:
    with pytest.raises(ValueError, match="topics must name 3 columns; got 1 names"):
        evaluate(Y, PROBA, PREDICTED, DECISIONS, topics=["a"])
    with pytest.raises(ValueError, match="nothing to evaluate: got 0 texts and 3 topics"):
        evaluate(Y[:0], PROBA[:0], PREDICTED[:0], DECISIONS[:0], topics=TOPICS)
    with pytest.raises(ValueError, match="slice 'kind' must have one value a text; got 1 for 6"):
        evaluated(slices={"kind": ["a"]})
    with pytest.raises(ValueError, match=r"one code a text, 6 in all; got shape \(5,\)"):
        evaluate(Y, PROBA, PREDICTED, DECISIONS[:5], topics=TOPICS)
    with pytest.raises(ValueError, match="Y and proba must have one shape"):
        evaluate(Y, PROBA[:2], PREDICTED, DECISIONS, topics=TOPICS)
    with pytest.raises(ValueError, match="Y and predicted must have one shape"):
        evaluate(Y, PROBA, PREDICTED[:2], DECISIONS, topics=TOPICS)


def test_the_interval_of_a_mean_over_rare_topics_holds_it_and_has_a_width() -> None:
    for n_texts in (1, 2):
        # Of thirty topics with so many texts each, every other text is missed.
        labels = np.repeat(np.eye(30, dtype=np.int8), n_texts, axis=0)
        given = labels * (np.arange(len(labels)) % 2)[:, None]
        topics = [f"topic {i}" for i in range(30)]
        found = evaluate(labels, given * 0.9, given, np.full(len(labels), REVIEW), topics=topics)
        macro = found.macro.recall
        assert macro.value == pytest.approx(0.5)
        assert macro.low < 0.4
        assert macro.high > 0.6
