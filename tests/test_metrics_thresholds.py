"""Thresholds: how they are chosen, what they promise, and the decisions made with them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from classifier.metrics import (
    ACCEPT,
    DECISIONS,
    NONE,
    REVIEW,
    Thresholds,
    accept_thresholds,
    assign_topics,
    best_f1_threshold,
    choose_thresholds,
    decide,
    none_share_weights,
    possible_threshold,
    sigmoid,
    tag_thresholds,
)
from classifier.metrics.bounds import fewest_for, lower_bound, upper_bound
from classifier.metrics.promises import _effective_size

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def draw(n_texts: int, n_topics: int = 5, seed: int = 0) -> tuple[Floats, Bools]:
    """Return probabilities and labels that they predict, a fifth of the pairs positive."""
    rng = np.random.default_rng(seed)
    p = sigmoid(rng.normal(-6, 7, (n_texts, n_topics)))
    return p, rng.random(p.shape) < p


# --- bounds


@pytest.mark.parametrize(("right", "total"), [(58, 60), (95, 100), (1, 3), (3, 3)])
def test_bounds_equal_scipys_exact_ones(right: int, total: int) -> None:
    test = binomtest(right, total)
    interval = test.proportion_ci(confidence_level=0.9, method="exact")  # 5 % on either side
    assert lower_bound(np.array(right), np.array(total)) == pytest.approx(interval.low)
    assert upper_bound(np.array(right), np.array(total)) == pytest.approx(interval.high)


def test_the_fewest_texts_that_can_show_a_target_are_just_enough() -> None:
    n = fewest_for(0.95)
    assert lower_bound(np.array([n - 1, n]), np.array([n - 1, n])).tolist() == pytest.approx(
        [0.05 ** (1 / (n - 1)), 0.05 ** (1 / n)]
    )
    assert 0.05 ** (1 / (n - 1)) < 0.95 <= 0.05 ** (1 / n)


def test_the_effective_size_is_the_number_of_texts_where_each_counts_once() -> None:
    k, ones = np.array([1.0, 1, 0, 1, 1]), np.ones(5)
    share, size = _effective_size(k, ones, ones)
    assert share.tolist() == pytest.approx([1, 1, 2 / 3, 3 / 4, 4 / 5])
    assert size.tolist() == pytest.approx([1, 2, 3, 4, 5])


def test_unequal_weights_and_topics_of_one_text_lower_the_effective_size() -> None:
    n = 400
    right = (np.arange(n) % 10 > 0).astype(float)
    _, even = _effective_size(right, np.ones(n), np.ones(n))
    _, uneven = _effective_size(right, np.ones(n), np.where(np.arange(n) % 7 == 0, 10.0, 1.0))
    assert uneven[-1] < 0.5 * even[-1]
    # two topics of a text, both right or both wrong, are one answer
    _, pairs = _effective_size(2 * right, np.full(n, 2.0), np.ones(n))
    assert pairs[-1] == pytest.approx(n)


# --- tag


def test_the_best_f1_threshold_is_the_best_of_all_by_trying() -> None:
    p, y = draw(300, 1, seed=4)
    got = best_f1_threshold(p[:, 0], y[:, 0])
    every = [f1_score(y[:, 0], p[:, 0] >= t) for t in np.unique(p)]
    assert f1_score(y[:, 0], p[:, 0] >= got) == pytest.approx(max(every))


def test_texts_of_weight_two_move_the_threshold_like_copies() -> None:
    p, y = draw(200, 1, seed=5)
    weight = np.random.default_rng(0).integers(1, 3, 200)
    copies = best_f1_threshold(np.repeat(p[:, 0], weight), np.repeat(y[:, 0], weight))
    assert best_f1_threshold(p[:, 0], y[:, 0], weight) == copies


def test_a_topic_without_a_positive_text_takes_the_common_threshold() -> None:
    p, y = draw(2000, 4)
    y[:, 0] = False
    p[:, 0] = p[:, 1]
    common = best_f1_threshold(p.ravel(), y.ravel())
    assert tag_thresholds(p, y, borrow=1e6)[0] == pytest.approx(common)
    assert common <= tag_thresholds(p, y)[0] < 1
    assert tag_thresholds(p[:, :1], y[:, :1]).tolist() == [0.5]


def test_borrowing_draws_topics_thresholds_together() -> None:
    p, y = draw(300, 12)
    spread = [np.ptp(tag_thresholds(p, y, borrow=borrow)) for borrow in (0, 30, 3000)]
    assert spread[0] > spread[1] > spread[2]


def test_a_borrowed_threshold_holds_better_on_other_texts_than_one_from_few() -> None:
    def f1_elsewhere(borrow: float) -> float:
        scores = []
        for seed in range(10):
            p, y = draw(2000, 10, seed=seed)
            thresholds = tag_thresholds(p[:100], y[:100], borrow=borrow)
            scores.append(f1_score(y[100:], p[100:] >= thresholds, average="micro"))
        return float(np.mean(scores))

    assert f1_elsewhere(300) > f1_elsewhere(0) + 0.005


def test_many_positive_texts_are_tried_at_fewer_thresholds_with_like_results(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    p, y = draw(3000, 2)
    every = tag_thresholds(p, y)
    monkeypatch.setattr("classifier.metrics.thresholds._MOST_CANDIDATES", 100)
    assert tag_thresholds(p, y) == pytest.approx(every, abs=0.05)


def test_where_few_texts_are_without_topic_the_threshold_sinks() -> None:
    p, y = draw(4000, 1)
    rare = tag_thresholds(p, y, none_share_weights(y, 0.9))
    common = tag_thresholds(p, y, none_share_weights(y, 0.3))
    assert common[0] < rare[0] - 0.1


def test_none_share_weights_make_the_share_and_leave_one_sided_corpora_alone() -> None:
    Y = np.array([[1, 0], [0, 0], [0, 0], [0, 1], [0, 0]])
    weights = none_share_weights(Y, 0.25)
    assert weights.mean() == pytest.approx(1)
    assert weights[[1, 2, 4]].sum() / weights.sum() == pytest.approx(0.25)
    assert none_share_weights(Y[[0, 3]], 0.25).tolist() == [1, 1]
    assert none_share_weights(Y[[1, 2]], 0.25).tolist() == [1, 1]
    with pytest.raises(ValueError, match="share must be at least 0 and below 1; got 1"):
        none_share_weights(Y, 1)


# --- accept and possible


def broken_promises(n_texts: int, seeds: range) -> tuple[float, float]:
    """Return the share of fresh samples in which accepted topics miss 0.95, and mean coverage."""
    broken, coverage = [], []
    for seed in seeds:
        p, y = draw(2 * n_texts, 3, seed=seed)
        p = p**0.7  # claims more than it holds: the labels have the last word
        thresholds = choose_thresholds(p[:n_texts], y[:n_texts])
        q, truth = p[n_texts:], y[n_texts:]
        accepted = decide(q, None, thresholds) == ACCEPT
        given_topics = assign_topics(q, None, thresholds).astype(bool)
        right = (given_topics & truth)[accepted].sum()
        broken.append(right < 0.95 * given_topics[accepted].sum())
        coverage.append(accepted.mean())
    return float(np.mean(broken)), float(np.mean(coverage))


def test_accepted_topics_of_other_texts_keep_the_promise_in_95_of_100_cases() -> None:
    broken, coverage = broken_promises(2000, range(200))
    assert broken <= 0.05
    assert coverage > 0.15


def test_texts_of_topics_too_rare_to_be_accepted_prove_nothing_of_the_others() -> None:
    def sample(seed: int) -> tuple[Floats, Bools, Bools]:
        """Return 40 topics of 50 texts, nearly all right, and one of 1,000, right in 93 %."""
        rng = np.random.default_rng(seed)
        topic = np.concatenate([np.repeat(np.arange(40), 50), np.full(1000, 40)])
        given = np.arange(41) == topic[:, None]
        right = rng.random(len(topic)) < np.where(topic < 40, 0.995, 0.93)
        return np.where(given, 0.9, 0.0), given & right[:, None], given

    broken = []
    for seed in range(20):
        p, y, given = sample(2 * seed)
        thresholds = accept_thresholds(p, y, given)
        q, truth, tagged = sample(2 * seed + 1)
        accepted = tagged & (q >= thresholds)
        broken.append((truth & accepted).sum() < 0.95 * accepted.sum())
    assert np.mean(broken) <= 0.05


def test_the_promise_holds_over_random_halves_of_one_sample() -> None:
    p, y = draw(6000, 4, seed=11)
    rng = np.random.default_rng(0)
    kept = []
    for _ in range(200):
        chosen = rng.permutation(len(p)) < len(p) // 2
        thresholds = choose_thresholds(p[chosen], y[chosen])
        q, truth = p[~chosen], y[~chosen]
        accepted = decide(q, None, thresholds) == ACCEPT
        topics = assign_topics(q, None, thresholds).astype(bool)[accepted]
        assert accepted.any()
        kept.append((topics & truth[accepted]).sum() >= 0.95 * topics.sum())
    assert np.mean(kept) >= 0.95


def test_a_plain_confidence_bound_would_break_the_promise_more_often() -> None:
    """One topic by its own plain bound: the reason for the stricter one."""
    broken = []
    for seed in range(200):
        p, y = draw(4000, 1, seed=seed)
        tagged = p >= 0.4
        (threshold,) = accept_thresholds(p[:2000], y[:2000], tagged[:2000], by="topic")
        accepted = p[2000:] >= threshold
        broken.append(y[2000:][accepted].sum() < 0.95 * accepted.sum())
    assert np.mean(broken) > 0.05


def test_none_texts_keep_their_promise_too() -> None:
    broken = []
    for seed in range(100):
        p, y = draw(6000, 3, seed=seed)
        thresholds = choose_thresholds(p[:3000], y[:3000])
        bare = decide(p[3000:], None, thresholds) == NONE
        broken.append((~y[3000:][bare].any(axis=1)).sum() < 0.95 * bare.sum())
        assert bare.any()
    assert np.mean(broken) <= 0.05


def test_a_topic_with_too_few_texts_never_accepts() -> None:
    p, y = draw(3000, 3)
    p[58:, 2], y[58:, 2] = 0.01, False
    p[:58, 2], y[:58, 2] = 0.9999, True
    few = choose_thresholds(p, y)
    assert few.accept[2] == np.inf
    assert np.isfinite(few.accept[:2]).all()
    p[58, 2], y[58, 2] = 0.9999, True
    assert np.isfinite(choose_thresholds(p, y).accept[2])


def test_a_topic_that_its_own_texts_speak_against_is_raised() -> None:
    p, y = draw(8000, 4, seed=1)
    rng = np.random.default_rng(1)
    y[:, 3] &= rng.random(len(y)) < np.where(p[:, 3] > 0.995, 1, 0.7)
    accept = choose_thresholds(p, y).accept
    assert accept[3] > accept[:3].max()


def test_nothing_is_accepted_where_nothing_is_sure() -> None:
    rng = np.random.default_rng(0)
    p = rng.random((500, 2))
    y = rng.random((500, 2)) < 0.5
    thresholds = choose_thresholds(p, y)
    assert np.isinf(thresholds.accept).all()
    assert (thresholds.possible == 0).all()


def test_everything_is_accepted_where_all_is_right() -> None:
    p = np.where(np.arange(400)[:, None] % 2 == np.arange(2), 0.9, 0.1)
    thresholds = choose_thresholds(p, p > 0.5)
    assert thresholds.accept.tolist() == thresholds.tag.tolist()
    assert (decide(p, None, thresholds) == ACCEPT).all()


def test_without_untagged_texts_every_text_without_topic_is_reviewed() -> None:
    assert possible_threshold(np.zeros((0, 3)), np.zeros((0, 3))) == 0


def test_where_no_untagged_text_has_a_topic_none_needs_review() -> None:
    p = np.linspace(0.01, 0.3, 400)[:, None]
    assert possible_threshold(p, np.zeros((400, 1))) == np.inf


def test_by_topic_each_topic_has_its_own_threshold() -> None:
    p, y = draw(8000, 3)
    tagged = p >= 0.4
    own = accept_thresholds(p, y, tagged, by="topic")
    assert len(set(own.tolist())) == 3
    for topic in range(3):
        accepted = p[:, topic] >= own[topic]
        n = accepted.sum()
        assert lower_bound(y[accepted, topic].sum(), n) >= 0.95
    with pytest.raises(ValueError, match="accept is chosen by 'text' or by 'topic'; got 'word'"):
        accept_thresholds(p, y, tagged, by="word")  # type: ignore[arg-type]  # a caller's mistake


def test_a_topic_that_no_accepted_text_has_is_never_accepted() -> None:
    # 300 texts of a sure topic, and 200 of another, all right, none of them sure.
    p = np.zeros((500, 2))
    p[:300, 0], p[300:, 1] = np.linspace(0.6, 0.99, 300), 0.55
    y = p > 0
    y[:40, 0] = False
    common, never = accept_thresholds(p, y, p > 0)
    assert 0.6 < common < 0.99
    assert never == np.inf


def test_accept_refuses_what_does_not_fit_together() -> None:
    p, y = draw(80)
    with pytest.raises(ValueError, match="Y and proba must have one shape"):
        accept_thresholds(p[:40], y, y)
    with pytest.raises(ValueError, match="weights must be at least 0"):
        accept_thresholds(p, y, y, -np.ones(80))


def test_a_stricter_target_accepts_fewer_texts() -> None:
    p, y = draw(6000, 3)
    shares = [
        (decide(p, None, choose_thresholds(p, y, target=target)) == ACCEPT).mean()
        for target in (0.8, 0.9, 0.95, 0.98)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]


# --- all three together


def test_thresholds_are_in_order_for_every_topic() -> None:
    thresholds = choose_thresholds(*draw(3000))
    assert (thresholds.possible <= thresholds.tag).all()
    assert (thresholds.tag <= thresholds.accept).all()


def test_reprints_count_once() -> None:
    p, y = draw(600, 3)
    once = choose_thresholds(p, y)
    groups = np.repeat(np.arange(600), 5)
    many = choose_thresholds(np.repeat(p, 5, axis=0), np.repeat(y, 5, axis=0), groups=groups)
    assert many.to_dict() == once.to_dict()
    with pytest.raises(ValueError, match="groups must have one value a text; got 600 for 3000"):
        choose_thresholds(np.repeat(p, 5, axis=0), np.repeat(y, 5, axis=0), groups=groups[:600])


def test_a_text_without_known_term_is_never_counted_as_tagged() -> None:
    p, y = draw(2000, 3)
    known = np.arange(2000) % 2 == 0
    silent = choose_thresholds(np.where(known[:, None], p, 0.0), y, known=known)
    assert choose_thresholds(p, y, known=known).to_dict() == silent.to_dict()


def test_exclusive_topics_have_a_threshold_for_accept_alone() -> None:
    rng = np.random.default_rng(0)
    scores = rng.dirichlet(np.full(4, 0.15), 4000)
    y = np.arange(4) == (scores.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)[:, None]
    thresholds = choose_thresholds(scores, y, exclusive=True)
    assert (thresholds.tag == 0).all()
    tagged = assign_topics(scores, None, thresholds, exclusive=True)
    assert (tagged.sum(axis=1) == 1).all()
    accepted = decide(scores, None, thresholds, tagged=tagged) == ACCEPT
    assert 0.2 < accepted.mean() < 1
    assert (tagged.astype(bool) & y)[accepted].any(axis=1).mean() >= 0.95


def test_weights_may_change_every_threshold() -> None:
    p, y = draw(3000, 2)
    even, weighted = (
        choose_thresholds(p, y),
        choose_thresholds(p, y, weight=np.where(y.any(axis=1), 10, 1)),
    )
    assert (weighted.tag < even.tag).all()
    assert (weighted.possible < even.possible).all()


@pytest.mark.parametrize("name", ["target", "none_target", "confidence"])
def test_shares_must_lie_between_0_and_1(name: str) -> None:
    p, y = draw(20)
    with pytest.raises(
        ValueError, match=rf"{name} must lie between 0 and 1, as 0\.95 does; got 95"
    ):
        choose_thresholds(p, y, **{name: 95})  # type: ignore[arg-type]  # one name among several
    with pytest.raises(ValueError, match="Y and proba must have one shape"):
        choose_thresholds(p[:5], y)
    for weight, says in ((np.ones(21), r"got shape \(21,\) for 20"), (-np.ones(20), "at least 0")):
        with pytest.raises(ValueError, match=says):
            choose_thresholds(p, y, weight=weight)


# --- decisions

THREE = Thresholds(
    tag=np.array([0.5, 0.4]), accept=np.array([0.9, np.inf]), possible=np.array([0.1, 0.2])
)


@pytest.mark.parametrize(
    ("proba", "topics", "decision"),
    [
        ([0.95, 0.05], [1, 0], "accept"),
        ([0.95, 0.39], [1, 0], "accept"),  # an untagged topic matters where there is none tagged
        ([0.95, 0.45], [1, 1], "review"),  # one tag below its accept
        ([0.05, 0.99], [0, 1], "review"),  # a topic that never accepts
        ([0.50, 0.05], [1, 0], "review"),  # a threshold is reached at its value
        ([0.49, 0.05], [0, 0], "review"),
        ([0.10, 0.05], [0, 0], "review"),
        ([0.09, 0.19], [0, 0], "none"),
        ([0.00, 0.00], [0, 0], "none"),
    ],
)
def test_decisions_follow_the_three_thresholds(
    proba: list[float], topics: list[int], decision: str
) -> None:
    p = np.array([proba])
    assert assign_topics(p, None, THREE).tolist() == [topics]
    assert DECISIONS[decide(p, None, THREE)[0]] == decision
    assert (
        DECISIONS[decide(p.astype(np.float32) * 1, None, THREE)[0]] == decision or proba[0] == 0.1
    )


def test_a_text_with_no_known_term_is_reviewed_and_an_empty_one_is_none() -> None:
    p = np.array([[0.95, 0.05]] * 3)
    known, empty = np.array([True, False, False]), np.array([False, False, True])
    assert assign_topics(p, known, THREE).tolist() == [[1, 0], [0, 0], [0, 0]]
    assert decide(p, known, THREE, empty=empty).tolist() == [ACCEPT, REVIEW, NONE]


def test_given_topics_decide_in_place_of_the_thresholds() -> None:
    p = np.array([[0.95, 0.45]])
    assert decide(p, None, THREE).tolist() == [REVIEW]
    assert decide(p, None, THREE, tagged=np.array([[1, 0]])).tolist() == [ACCEPT]


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_higher_threshold_never_adds_a_topic_or_an_accepted_text(seed: int, step: float) -> None:
    p, _ = draw(60, 3, seed=seed)
    low = Thresholds(np.full(3, 0.4), np.full(3, 0.8), np.full(3, 0.1))
    higher = Thresholds(low.tag + step, low.accept, low.possible)
    stricter = Thresholds(low.tag, low.accept + step, low.possible)
    assert (assign_topics(p, None, higher) <= assign_topics(p, None, low)).all()
    accepted = decide(p, None, low) == ACCEPT
    assert not (~accepted & (decide(p, None, stricter) == ACCEPT)).any()


@given(st.integers(0, 10_000))
def test_many_texts_decide_as_one_by_one(seed: int) -> None:
    p, _ = draw(20, 2, seed=seed)
    known = np.random.default_rng(seed).random(20) < 0.8
    together = decide(p, known, THREE)
    alone = [decide(p[i : i + 1], known[i : i + 1], THREE)[0] for i in range(20)]
    assert together.tolist() == alone
    assert together.dtype == np.int8


def test_no_text_is_decided_without_complaint() -> None:
    assert decide(np.zeros((0, 2)), None, THREE).shape == (0,)
    assert assign_topics(np.zeros((0, 2)), None, THREE, exclusive=True).shape == (0, 2)


def test_decisions_refuse_another_number_of_topics() -> None:
    with pytest.raises(ValueError, match=r"proba must be \(n_texts, 2\), .* got shape \(1, 3\)"):
        decide(np.zeros((1, 3)), None, THREE)
    with pytest.raises(ValueError, match=r"got shape \(2,\)"):
        assign_topics(np.zeros(2), None, THREE)


def test_thresholds_survive_a_dictionary_and_never_stays_never() -> None:
    data = THREE.to_dict()
    assert data == {"tag": [0.5, 0.4], "accept": [0.9, None], "possible": [0.1, 0.2]}
    again = Thresholds.from_dict(data)
    assert again.accept.tolist() == [0.9, np.inf]
    assert again.to_dict() == data
    with pytest.raises(KeyError, match="possible"):
        Thresholds.from_dict({"tag": [0.5], "accept": [0.9]})


def test_thresholds_refuse_gaps() -> None:
    with pytest.raises(ValueError, match="'accept' must be one number a topic, 2 in all; got"):
        Thresholds(np.zeros(2), np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match=r"'possible' must be .* got \[0.0, nan\]"):
        Thresholds(np.zeros(2), np.zeros(2), np.array([0, np.nan]))
