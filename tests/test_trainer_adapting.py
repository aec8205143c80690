"""A model changed by a few labels: what it learns, what it keeps, and what it says of that."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from classifier.artefact import load, save
from classifier.corpus import Corpus, Example
from classifier.errors import DataError, TrainingError, UnknownTopicError
from classifier.metrics import Thresholds
from classifier.model import TopicClassifier
from classifier.taxonomy import Taxonomy, Topic
from classifier.trainer import (
    AdaptationResult,
    Recipe,
    WordVectors,
    adapt,
    check_adaptable,
    compare,
    evaluate,
    train,
    trained_on,
)
from tests.conftest import make_texts

# What the small model calls by another topic than the house of this test does.
HOUSE = tuple(
    Example(text, tuple({"water": "health"}.get(topic, topic) for topic in topics))
    for text, topics in make_texts(120, seed=5)
)


@pytest.fixture(scope="module")
def house(taxonomy: Taxonomy) -> Corpus:
    return Corpus(HOUSE, taxonomy)


@pytest.fixture(scope="module")
def adapted(model: TopicClassifier, house: Corpus) -> AdaptationResult:
    return adapt(model, house, C=30.0)


def test_labels_that_say_otherwise_change_the_model(
    model: TopicClassifier, adapted: AdaptationResult, taxonomy: Taxonomy
) -> None:
    others = tuple(
        Example(text, tuple({"water": "health"}.get(topic, topic) for topic in topics))
        for text, topics in make_texts(200, seed=11)
    )
    unseen = Corpus(others, taxonomy)
    before, after = evaluate(model, unseen), evaluate(adapted.model, unseen)
    assert before.micro.f1.value < 0.9 < after.micro.f1.value
    assert compare(model, adapted.model, unseen).p_value < 0.01


def test_topics_terms_thresholds_and_calibration_stay(
    model: TopicClassifier, adapted: AdaptationResult
) -> None:
    assert adapted.model.topics == model.topics
    assert adapted.model.features is model.features
    assert adapted.model.thresholds is model.thresholds
    assert adapted.model.calibration is model.calibration
    assert adapted.model.weights.codes.dtype == model.weights.codes.dtype


def test_labels_that_the_model_would_give_change_next_to_nothing(
    model: TopicClassifier, taxonomy: Taxonomy
) -> None:
    texts = [text for text, _ in make_texts(60, seed=9)]
    given = [tuple(topic.id for topic in one.topics) for one in model.predict(texts)]
    same = Corpus(tuple(map(Example, texts, given)), taxonomy)
    changed = adapt(model, same).model
    others = [text for text, _ in make_texts(100, seed=13)]
    moved = changed.predict_proba(others) - model.predict_proba(others)
    assert np.abs(moved).max() < 0.15


def test_a_stronger_penalty_changes_less(model: TopicClassifier, house: Corpus) -> None:
    texts = house.texts
    before = model.decision_function(texts)
    moved = [
        float(np.abs(adapt(model, house, C=C).model.decision_function(texts) - before).mean())
        for C in (0.01, 0.1, 1.0)
    ]
    assert 0 < moved[0] < moved[1] < moved[2]


def test_topics_that_the_labels_do_not_speak_of_stay(model: TopicClassifier, house: Corpus) -> None:
    result = adapt(model, house, topics=("health",))
    learned = [topic.id == "health" for topic in model.topics]
    before, after = (one.weights.coef for one in (model, result.model))
    rounding = model.weights.scales.max() / 2 + result.model.weights.scales.max() / 2
    assert np.abs(after - before)[:, np.invert(learned)].max() <= rounding
    assert np.abs(after - before)[:, learned].max() > rounding
    assert result.report.settings["topics"] == ["health"]
    assert [row.topic for row in result.report.evaluation.topics] == ["health"]


def test_a_topic_that_no_label_names_is_unlearned(
    model: TopicClassifier, taxonomy: Taxonomy
) -> None:
    water = [text for text, topics in make_texts(60, seed=3) if "water" in topics]
    bare = Corpus(tuple(Example(text, ()) for text in water), taxonomy)
    column = taxonomy.index("water")
    after = adapt(model, bare, C=10.0).model.predict_proba(water)[:, column]
    assert after.mean() < model.predict_proba(water)[:, column].mean() - 0.2


def test_the_report_compares_with_the_model_as_it_was(
    model: TopicClassifier, house: Corpus, adapted: AdaptationResult
) -> None:
    report = adapted.report
    before = evaluate(model, house)
    assert report.base_evaluation.micro.f1 == before.micro.f1
    assert report.gain.first == pytest.approx(before.micro.f1.value)
    assert report.gain.second == pytest.approx(report.evaluation.micro.f1.value)
    assert report.gain.difference.low > 0
    json.dumps(report.to_dict(), allow_nan=False)


def test_the_model_moves_where_it_was_sure(
    model: TopicClassifier, house: Corpus, taxonomy: Taxonomy
) -> None:
    # There its curve hardly moves; labels that say otherwise move it all the same.
    water = [one.text for one in house.examples if one.topics == ("health",)]
    sure = [text for text in water if model.predict_proba([text]).max() > 0.9]
    assert len(sure) > 5
    corpus = Corpus(tuple(Example(text, ("health",)) for text in sure), taxonomy)
    changed = adapt(model, corpus).model
    right = [[topic.id for topic in one.topics] == ["health"] for one in changed.predict(sure)]
    assert np.mean(right) > 0.8


def test_texts_without_a_known_word_teach_nothing(
    model: TopicClassifier, house: Corpus, taxonomy: Taxonomy
) -> None:
    unknown = tuple(Example("☂" * n, ("water",)) for n in range(1, 21))
    both = adapt(model, Corpus((*house.examples, *unknown), taxonomy))
    alone = adapt(model, house)
    texts = house.texts
    apart = both.model.decision_function(texts) - alone.model.decision_function(texts)
    assert np.abs(apart).max() < 0.02
    assert "20 texts have no word that 'small' knows; nothing" in both.report.warnings[0]
    assert alone.report.warnings == ()


def test_texts_that_are_all_without_topic_are_scored_by_being_right(
    model: TopicClassifier, taxonomy: Taxonomy
) -> None:
    texts = [text for text, topics in make_texts(200, seed=3) if topics == ("water",)]
    corpus = Corpus(tuple(Example(text, ()) for text in texts), taxonomy)
    report = adapt(model, corpus, C=30.0).report
    assert report.gain.first == report.n_right[0] / len(texts)
    assert report.gain.second > report.gain.first + 0.3
    assert report.n_right[1] > report.n_right[0]
    assert "texts are labelled with no topic where 'small'" in report.warnings[0]


def test_a_topic_that_cannot_be_changed_is_told(model: TopicClassifier, house: Corpus) -> None:
    stuck = dataclasses.replace(model.calibration, slope=model.calibration.slope * [1, 0, 1, 1])
    base = dataclasses.replace(model, calibration=stuck)
    result = adapt(base, house)
    assert "topic 'education' stays: 'small' gives it whatever" in result.report.warnings[0]
    moved = np.abs(result.model.weights.coef - model.weights.coef).max(axis=0)
    assert moved[1] < moved[0] / 5


def test_texts_of_training_are_told_of_all_models_behind(
    model: TopicClassifier, corpus: Corpus, house: Corpus, adapted: AdaptationResult
) -> None:
    assert "'small' was trained on these very texts" in adapt(model, corpus).report.warnings[0]
    assert trained_on(adapted.model) == [house.fingerprint(), corpus.fingerprint()]
    again = adapt(adapted.model, house.subset(np.arange(60)))
    assert len(trained_on(again.model)) == 3
    for one in (house, corpus):
        told = adapt(again.model, one).report.warnings
        assert any("was trained on these very texts" in warning for warning in told)


def test_few_texts_are_told(model: TopicClassifier, house: Corpus) -> None:
    few = adapt(model, house.subset(np.arange(20))).report.warnings
    assert few[-1] == "20 texts say little of how good the new model is"


def test_scores_come_from_texts_held_out(model: TopicClassifier, taxonomy: Taxonomy) -> None:
    # Labels drawn by lot cannot be learned, but for those of the texts themselves.
    draw = np.random.default_rng(0)
    texts = [text for text, _ in make_texts(80, seed=21)]
    topics = [(str(draw.choice(taxonomy.ids)),) for _ in texts]
    result = adapt(model, Corpus(tuple(map(Example, texts, topics)), taxonomy), C=1e4)
    seen = evaluate(result.model, Corpus(tuple(map(Example, texts, topics)), taxonomy))
    assert seen.micro.f1.value > result.report.evaluation.micro.f1.value + 0.2


def test_weights_of_texts_are_heeded(model: TopicClassifier, house: Corpus) -> None:
    texts = house.texts
    half = np.arange(len(texts)) < len(texts) // 2
    weighed = adapt(model, house, sample_weight=np.where(half, 1.0, 1e-9)).model
    alone = adapt(model, house.subset(np.flatnonzero(half))).model
    apart = np.abs(weighed.decision_function(texts) - alone.decision_function(texts))
    assert apart.max() < 0.02
    whole = adapt(model, house).model
    assert np.abs(weighed.decision_function(texts) - whole.decision_function(texts)).max() > 0.05


def test_the_same_labels_give_the_same_bytes(
    model: TopicClassifier, house: Corpus, adapted: AdaptationResult, tmp_path: Path
) -> None:
    again = adapt(model, house, C=30.0)
    save(adapted.model, tmp_path / "one")
    save(again.model, tmp_path / "two")
    assert load(tmp_path / "one").digest == load(tmp_path / "two").digest
    recipe = load(tmp_path / "one").metadata["recipe"]
    assert isinstance(recipe, dict)
    assert (recipe["base"], recipe["base_digest"]) == ("small", model.digest)


def test_what_is_no_part_of_a_headline_is_not_learned(
    model: TopicClassifier, house: Corpus, taxonomy: Taxonomy
) -> None:
    tailed = [dataclasses.replace(one, text=f"{one.text}_新华网") for one in house.examples]
    plain, with_tail = (adapt(model, Corpus(tuple(some), taxonomy)) for some in (HOUSE, tailed))
    assert np.array_equal(plain.model.weights.codes, with_tail.model.weights.codes)


def test_classes_that_exclude_each_other_are_changed_too(corpus: Corpus) -> None:
    one_each = tuple(one for one in corpus.examples if len(one.topics) == 1)
    classes = dataclasses.replace(corpus, examples=one_each, exclusive=True)
    base = train(classes, Recipe(n_folds=3, vectors="")).model
    turned = tuple(
        dataclasses.replace(one, topics=("health",) if one.topics == ("water",) else one.topics)
        for one in one_each
    )
    changed = adapt(base, dataclasses.replace(classes, examples=turned)).model
    texts = [one.text for one in one_each if one.topics == ("water",)]
    given = [one.topics[0].id for one in changed.predict(texts)]
    assert given.count("health") > 0.95 * len(texts)
    assert changed.predict_proba(texts).sum(axis=1) == pytest.approx(1, abs=1e-5)
    with pytest.raises(TrainingError, match="whose topics exclude others; leave it out"):
        adapt(base, classes, topics=("water",))
    none = dataclasses.replace(
        classes, examples=(*turned, Example("今日菜价", ())), exclusive=False
    )
    with pytest.raises(
        DataError, match=r"exclude each other, but 1 text .* give each text exactly"
    ):
        adapt(base, none)


def test_what_cannot_be_learned_from_is_refused(
    model: TopicClassifier, house: Corpus, taxonomy: Taxonomy
) -> None:
    few = house.subset(np.arange(3))
    for learn in (adapt, check_adaptable):
        with pytest.raises(DataError, match=r"3 different texts.*; 5 are needed"):
            learn(model, few)
    foreign = Taxonomy((Topic("space", "航天"),))
    with pytest.raises(
        DataError, match="the topic 'space', which 'small' does not have and cannot learn"
    ):
        adapt(model, Corpus((Example("火箭升空", ("space",)),), foreign))
    with pytest.raises(UnknownTopicError, match=r"'wate' is not in the taxonomy.*'water'"):
        adapt(model, house, topics=("wate",))
    with pytest.raises(TrainingError, match="topics names none; leave it out"):
        adapt(model, house, topics=())
    with pytest.raises(TypeError, match="several ids, got the string 'water'"):
        adapt(model, house, topics="water")
    for C in (0.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="C must be a number above 0, got"):
            adapt(model, house, C=C)
    with pytest.raises(ValueError, match="weight"):
        adapt(model, house, sample_weight=np.ones(2))


def test_a_change_reaches_words_used_alike() -> None:
    base = load()
    texts = (
        "骑手驿站添了热水",
        "骑手在驿站歇脚充电",
        "十座驿站迎来骑手",
        "驿站里骑手换电池",
        "骑手进驿站避雨",
    )
    labelled = tuple(Example(text, ("community-governance",)) for text in texts)
    corpus = Corpus(labelled, Taxonomy(base.topics))
    column = Taxonomy(base.topics).index("community-governance")
    unlike = WordVectors.of(("无此词",), np.ones((1, 2)))
    alone, with_vectors = (
        adapt(base, corpus, vectors=vectors).model.decision_function(["快递员"])[0, column]
        for vectors in (unlike, None)
    )
    assert alone < with_vectors


def test_thresholds_of_some_topics() -> None:
    rows = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, np.inf], [0.0, 0.1, 0.2]])
    all_of_them = Thresholds(*rows)
    wanted = {"tag": [0.1, 0.3], "accept": [0.4, None], "possible": [0.0, 0.2]}
    assert all_of_them.of([0, 2]).to_dict() == wanted
    assert all_of_them.of(np.array([True, False, True])).to_dict() == wanted
