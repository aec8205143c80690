import numpy as np
import pytest

from classifier.choosing import Calibration, Chooser
from classifier.metrics import NONE, Curve, Thresholds, assign_topics, decide
from classifier.predictions import Options, Tags

N_TEXTS, N_TOPICS = 500, 6
DRAW = np.random.default_rng(0)
MARGINS = DRAW.normal(-1, 1.5, (N_TEXTS, N_TOPICS)).astype(np.float32)
KNOWN = DRAW.random(N_TEXTS) > 0.1
CALIBRATION = Calibration(
    np.linspace(0.7, 1.4, N_TOPICS),
    np.linspace(-0.3, 0.3, N_TOPICS),
    Curve(np.array([-3.0, 0.0, 2.0]), np.array([-4.0, -0.5, 3.0])),
    rivalry=0.2,
)
TEXTS = ["修通水渠"] * (N_TEXTS - 1) + [" "]
THRESHOLDS = Thresholds(
    tag=np.linspace(0.2, 0.6, N_TOPICS),
    accept=np.array([0.7, 0.8, 0.9, np.inf, 0.6, 0.95]),
    possible=np.linspace(0.15, 0.3, N_TOPICS),
)


def chooser_of(options: Options, considered: np.ndarray, *, exclusive: bool) -> Chooser:
    return Chooser.of(CALIBRATION, THRESHOLDS, considered, options, exclusive=exclusive)


def choose(options: Options | None = None, *, exclusive: bool = False) -> Tags:
    considered = np.ones(N_TOPICS, dtype=np.bool)
    chooser = chooser_of(options or Options(), considered, exclusive=exclusive)
    return chooser.choose(MARGINS, KNOWN, TEXTS)


def as_indicator(tags: Tags) -> np.ndarray:
    matrix = np.zeros((N_TEXTS, N_TOPICS), dtype=np.int8)
    matrix[np.repeat(np.arange(N_TEXTS), tags.counts), tags.columns] = 1
    return matrix


def test_a_topic_loses_by_the_surest_other_one() -> None:
    plain, unit = np.zeros(3), np.ones(3)
    margins = np.array([[2.0, 1.0, -4.0], [3.0, 3.0, 0.0]], dtype=np.float32)
    lines = Calibration(unit, plain, rivalry=0.5).lines(margins)
    assert lines.tolist() == [[1.5, 0.0, -5.0], [1.5, 1.5, -1.5]]
    assert Calibration(unit, plain).lines(margins).tolist() == margins.tolist()
    alone = Calibration(unit[:1], plain[:1], rivalry=0.5)
    assert alone.lines(margins[:, :1]).tolist() == margins[:, :1].tolist()


@pytest.mark.parametrize("exclusive", [False, True])
def test_it_gives_what_the_plain_functions_give(exclusive: bool) -> None:
    tags = choose(exclusive=exclusive)
    probabilities = CALIBRATION.of_texts(MARGINS, KNOWN, exclusive=exclusive)
    expected = assign_topics(probabilities, KNOWN, THRESHOLDS, exclusive=exclusive)
    assert (as_indicator(tags) == expected).all()
    decisions = decide(probabilities, KNOWN, THRESHOLDS, tagged=expected)
    if not KNOWN[-1]:
        decisions[-1] = NONE  # the last text is empty
    assert tags.decisions.tolist() == decisions.tolist()


def test_a_text_of_a_class_that_is_left_out_gets_no_other() -> None:
    everything = as_indicator(choose(exclusive=True))
    considered = np.arange(N_TOPICS) != 1
    some = chooser_of(Options(), considered, exclusive=True).choose(MARGINS, KNOWN, TEXTS)
    assert everything[:, 1].any()
    assert (as_indicator(some) == everything * considered).all()


def test_topics_stand_by_probability_and_are_cut_there() -> None:
    everything, two = choose(), choose(Options(max_topics=2))
    start = 0
    cut = []
    for count in everything.counts.tolist():
        own = everything.probabilities[start : start + count]
        assert (np.diff(own) <= 0).all()
        cut += everything.columns[start : start + count][:2].tolist()
        start += count
    assert two.columns.tolist() == cut
    assert two.counts.tolist() == np.minimum(everything.counts, 2).tolist()


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize(
    "options",
    [Options(), Options(max_topics=1), Options(max_topics=0), Options(min_probability=0.6)],
)
def test_one_text_alone_gets_what_it_gets_among_many(options: Options, exclusive: bool) -> None:
    considered = np.arange(N_TOPICS) != 1
    chooser = chooser_of(options, considered, exclusive=exclusive)
    tags = chooser.choose(MARGINS, KNOWN, TEXTS)
    topics = list(zip(tags.columns.tolist(), tags.probabilities.tolist(), strict=True))
    ends = np.cumsum(tags.counts)
    assert set(tags.decisions.tolist()) == {0, 1, 2} or exclusive or options != Options()
    for i, (text, end) in enumerate(zip(TEXTS, ends.tolist(), strict=True)):
        alone, decision = chooser.choose_one(MARGINS[i : i + 1], text, known=bool(KNOWN[i]))
        assert alone == topics[end - len(alone) : end]
        assert len(alone) == tags.counts[i]
        assert decision == tags.decisions[i]


def test_an_empty_text_is_none_and_an_unknown_one_wants_a_look() -> None:
    known = np.zeros(2, dtype=np.bool)
    considered = np.ones(N_TOPICS, dtype=np.bool)
    chooser = Chooser.of(CALIBRATION, THRESHOLDS, considered, Options(), exclusive=False)
    high = np.full((2, N_TOPICS), 9, dtype=np.float32)
    names = ("accept", "review", "none")
    tags = chooser.choose(high, known, ["Ω", "\u3000"])
    assert [names[code] for code in tags.decisions] == ["review", "none"]


def test_a_probability_leads_back_to_its_log_odds() -> None:
    probability = np.array([0.001, 0.2, 0.5, 0.9, 0.9999])
    before = CALIBRATION.line_of(probability)
    np.testing.assert_allclose(
        CALIBRATION.after_lines(before.astype(np.float32)), probability, rtol=1e-4
    )
    assert CALIBRATION.line_of(np.array([0.0, 1.0])).tolist() == [-np.inf, np.inf]


def test_one_number_becomes_the_same_probability_as_many() -> None:
    logits = np.concatenate([DRAW.normal(0, 4, 2_000), CALIBRATION.curve.x, [-800.0, 0.0, 800.0]])
    logits = logits.astype(np.float32)
    alone = [CALIBRATION.after_line(logit) for logit in logits.tolist()]
    assert alone == CALIBRATION.after_lines(logits).tolist()
