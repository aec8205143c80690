import dataclasses
from typing import Any

import numpy as np
import pytest

from classifier.choosing import Calibration
from classifier.corpus import Corpus, Example
from classifier.errors import ModelNotFoundError, TrainingError
from classifier.features import fit_features
from classifier.metrics import Thresholds
from classifier.taxonomy import Taxonomy, Topic
from classifier.tokens import Segmenter
from classifier.trainer import Lexicon, Recipe, TopicEstimator, WordVectors, priors, train
from classifier.trainer.bywords import (
    MEASURED,
    WordLine,
    fill_in,
    line_for,
    spread,
    word_weights,
    worth_of_words,
)
from classifier.trainer.priors import FEW_POSITIVES, Priors, resolve_vectors
from tests.conftest import make_texts

WITHOUT = Recipe(name="words", n_folds=2, vectors="")
BY_WORDS = Taxonomy(
    (
        Topic("sports", "体育", strong=("龙舟", "球赛"), weak=("运动员",)),
        Topic("farming", "农业", strong=("枸杞", "灌区")),
    )
)


def test_words_alone_tag_when_there_is_no_labelled_text() -> None:
    result = train(Corpus((), BY_WORDS), WITHOUT)
    model = result.model
    texts = ["村里举办龙舟球赛", "枸杞进入采收期", "看龙舟 品枸杞", "今日天气晴"]
    given = [{topic.id for topic in one.topics} for one in model.predict(texts)]
    assert given == [{"sports"}, {"farming"}, {"sports", "farming"}, set()]
    assert result.report.n_texts == 0
    assert result.report.evaluation is None
    assert result.report.to_dict()["evaluation"] is None
    assert result.model.metadata["scores"] is None


def test_a_weak_word_says_less_than_a_strong_one() -> None:
    model = train(Corpus((), BY_WORDS), WITHOUT).model
    strong, weak, none = model.predict_proba(["龙舟", "运动员", "枸杞"])[:, 0]
    assert strong > weak > none


def test_without_labels_nothing_is_accepted_and_nothing_is_surely_without_topic() -> None:
    model = train(Corpus((), BY_WORDS), WITHOUT).model
    found = model.predict(["龙舟 龙舟", "枸杞", "今日天气晴", ""])
    assert [one.decision for one in found] == ["review", "review", "review", "none"]


def test_texts_known_to_have_no_topic_are_no_labels() -> None:
    examples = tuple(Example(text, ()) for text in ("人物故事", "今日天气晴"))
    model = train(Corpus(examples, BY_WORDS), WITHOUT).model
    assert model.classify("枸杞进入采收期").topics[0].id == "farming"


def test_classes_that_exclude_each_other_are_told_by_words() -> None:
    model = train(Corpus((), BY_WORDS, exclusive=True), WITHOUT).model
    assert [one.topics[0].id for one in model.predict(["龙舟", "枸杞"])] == ["sports", "farming"]


def test_a_lexicon_stands_in_for_the_words_of_the_taxonomy() -> None:
    topics = Taxonomy((Topic("sports", "体育"), Topic("farming", "农业")))
    lexicon = Lexicon({"龙舟": {"sports": 2.0}, "枸杞": {"farming": 2.0}})
    model = train(Corpus((), topics), WITHOUT, lexicon=lexicon).model
    assert [one.topics[0].id for one in model.predict(["龙舟", "枸杞"])] == ["sports", "farming"]


@pytest.mark.parametrize(
    ("topic", "recipe"),
    [
        (Topic("sports", "体育"), WITHOUT),
        (Topic("sports", "体育", strong=("龙舟",)), dataclasses.replace(WITHOUT, lexicon_weight=0)),
        (Topic("sports", "体育", strong=("龙舟",)), dataclasses.replace(WITHOUT, word_ngram_max=0)),
        (Topic("sports", "体育", strong=("龙舟 比赛 开幕",)), WITHOUT),
    ],
)
def test_a_topic_with_no_word_that_counts_is_refused(topic: Topic, recipe: Recipe) -> None:
    with pytest.raises(TrainingError, match="topic 'sports' has no labelled text and no words"):
        train(Corpus((), Taxonomy((topic,))), recipe)


@pytest.fixture(scope="module")
def mixed() -> Corpus:
    """Texts of four topics, one of which has no label and one word."""
    names = ("water", "education", "fraud-prevention", "health")
    words = {"water": ("水渠", "灌溉", "河道"), "education": ("高考",), "health": ("疫苗",)}
    topics = tuple(Topic(name, name, strong=words.get(name, ())) for name in names)
    examples = tuple(
        Example(text, tuple(topic for topic in given if topic != "education"))
        for text, given in make_texts(400, seed=5)
    )
    return Corpus(examples, Taxonomy(topics))


def test_a_topic_without_labels_is_tagged_beside_those_with(mixed: Corpus) -> None:
    result = train(mixed, WITHOUT)
    found = result.model.predict(["青川县：高考", "修通水渠", "高考日接种疫苗"])
    assert [{t.id for t in one.topics} for one in found] == [
        {"education"},
        {"water"},
        {"education", "health"},
    ]
    assert found[0].decision == "review"  # nothing shows how often it is right
    assert any("'education' (education) has no labelled text" in w for w in result.report.warnings)


def test_what_is_measured_leaves_topics_without_labels_out(mixed: Corpus) -> None:
    evaluation = train(mixed, WITHOUT).report.evaluation
    assert evaluation is not None
    row = {row.topic: row for row in evaluation.topics}["education"]
    assert (row.support, row.predicted) == (0, 0)  # its texts are in the corpus, unlabelled
    assert evaluation.micro.f1.value > 0.9


def test_topics_with_labels_are_as_they_were_without_the_one_that_has_none(mixed: Corpus) -> None:
    labelled = [topic for topic in mixed.taxonomy if topic.id != "education"]
    alone = train(Corpus(mixed.examples, Taxonomy(tuple(labelled))), WITHOUT).model
    together = train(mixed, dataclasses.replace(WITHOUT, quantize=False)).model
    columns = [topic.id != "education" for topic in together.topics]
    texts = ["修通水渠", "反诈宣传进社区", "接种疫苗"]
    np.testing.assert_allclose(
        together.predict_proba(texts)[:, columns], alone.predict_proba(texts), atol=0.05
    )


def test_neighbours_of_a_topics_words_count_where_the_lexicon_is_silent() -> None:
    vectors = WordVectors.of(
        ("龙舟", "赛艇", "枸杞", "葡萄"),
        np.array([[1.0, 0, 0], [0.9, 0.1, 0], [0, 1.0, 0], [0.1, 0.9, 0.1]]),
    )
    known = Priors(Lexicon.of_topics(BY_WORDS), 0.5, vectors, 0.4)
    features = fit_features(("",), char_ngram_max=0, extra_terms=known.terms(Segmenter()))
    weights = word_weights(known, features, BY_WORDS.topics)
    row = {term: weights[number] for number, term in enumerate(features.vocabulary.terms())}
    assert row["龙舟"].tolist() == [1, 0]
    assert row["运动员"].tolist() == [0.5, 0]
    assert 0 < row["赛艇"][0] < 1
    assert row["赛艇"][1] == 0
    assert row["葡萄"][1] > 0
    plain = word_weights(dataclasses.replace(known, vector_weight=0.0), features, BY_WORDS.topics)
    assert not plain[features.vocabulary.terms().index("赛艇")].any()


def test_the_line_is_learned_where_labels_and_words_meet_often_enough() -> None:
    import scipy.sparse

    draw = np.random.default_rng(0)
    X = scipy.sparse.csr_matrix(draw.integers(0, 4, size=(2000, 3)).astype(float))
    weights = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]])
    Y = 1.5 * X.toarray() - 2 + draw.logistic(size=X.shape) > 0
    Y[:, 2] = False
    line = line_for(weights, X, Y)
    assert line.slope == pytest.approx(1.5, abs=0.2)
    assert line.offset == pytest.approx(-2, abs=0.3)
    assert line.offset < line.tag < 2 * line.slope + line.offset  # two words give the topic
    assert line_for(weights, X[:50], Y[:50]) == MEASURED
    assert line_for(np.zeros((3, 3)), X, Y) == MEASURED
    # Words that are always right make a flat line, which a text without any would reach, too.
    assert line_for(weights, X, X.toarray() > 0) == MEASURED


def test_words_are_worth_what_they_add_to_the_margins() -> None:
    draw = np.random.default_rng(0)
    margins = draw.normal(size=(1500, 4))
    sums = draw.random((1500, 4)) * (draw.random((1500, 4)) < 0.3)
    noise = draw.logistic(size=(1500, 4))
    assert worth_of_words(margins, sums, 3 * (margins + 2 * sums) + noise > 2) == pytest.approx(
        2, abs=0.25
    )
    assert worth_of_words(margins, sums, 3 * margins + noise > 2) == pytest.approx(0, abs=0.25)
    assert worth_of_words(margins, sums, 3 * (margins - sums) + noise > 2) == 0
    # Margins that mislead, and words that no labelled text holds, say nothing of either.
    assert worth_of_words(margins, sums, 3 * (sums - margins) + noise > 2) == 0
    assert worth_of_words(margins, 0 * sums, margins > 0) == 0


@pytest.fixture
def rare() -> Corpus:
    """Texts whose topics show in words that hardly any two of them share."""
    words = [f"{first}{last}" for first in "甲乙丙丁戊己庚辛" for last in "山水木火土金日月"]
    topics = tuple(
        Topic(name, name, strong=tuple(words[number::2])) for number, name in enumerate("ab")
    )
    examples = tuple(
        Example(f"今天{word}的消息", (topics[number % 2].id,))
        for number, word in enumerate(words[:60])
    )
    return Corpus(examples, Taxonomy(topics))


def test_where_labels_are_few_words_that_no_text_held_still_count(
    rare: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = dataclasses.replace(WITHOUT, char_ngram_max=0, quantize=False)
    few = train(rare, recipe)
    assert few.report.word_share > 0
    assert few.report.to_dict()["word_share"] == few.report.word_share
    texts = [f"今天{word}的消息" for word in ("辛土", "辛金", "辛日", "辛月")]
    assert [[t.id for t in one.topics] for one in few.model.predict(texts)] == 2 * [["a"], ["b"]]
    monkeypatch.setattr(priors, "FEW_POSITIVES", 0)
    many = train(rare, recipe)
    assert many.report.word_share == 0
    known = Priors(Lexicon.of_topics(rare.taxonomy.topics), recipe.lexicon_weight)
    weights = word_weights(known, many.model.features, rare.taxonomy.topics)
    np.testing.assert_allclose(
        few.model.weights.codes,
        many.model.weights.codes + few.report.word_share * weights,
        atol=1e-6,
    )


def test_names_and_descriptions_count_where_no_words_are_listed(rare: Corpus) -> None:
    named = tuple(
        Topic(topic.id, f"{topic.id}类", about="、".join(topic.strong)) for topic in rare.taxonomy
    )
    described = Corpus(rare.examples, Taxonomy(named))
    # The segmenter knows none of these made-up words: as user words they stay whole.
    words = tuple(word for topic in rare.taxonomy for word in topic.strong)
    recipe = dataclasses.replace(WITHOUT, char_ngram_max=0, min_df=1, user_words=words)
    assert train(described, recipe).report.word_share > 0
    assert train(described, dataclasses.replace(recipe, lexicon_weight=0)).report.word_share == 0


def test_a_listed_word_that_would_be_cut_to_pieces_is_kept_whole() -> None:
    assert len(Segmenter().cut("刷单返利")) > 2
    topics = (Topic("fraud", "反诈", strong=("刷单返利", "转账")), Topic("water", "水利"))
    texts = tuple(Example(f"修通水渠{i}", ("water",)) for i in range(20))
    others = tuple(Example(f"开学第{i}课", ()) for i in range(20))
    result = train(Corpus(texts + others, Taxonomy(topics)), Recipe(n_folds=2, vectors=""))
    assert result.report.recipe.user_words == ("刷单返利",)
    assert "fraud" in {topic.id for topic in result.model.classify("她轻信刷单返利").topics}
    without = dataclasses.replace(Recipe(n_folds=2, vectors=""), lexicon_weight=0)
    labelled = (*texts, *others, *(Example("刷单返利", ("fraud",)) for _ in range(4)))
    result = train(Corpus(labelled, Taxonomy(topics)), without)
    assert result.report.recipe.user_words == ()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "2 words of the lexicon are ignored, such as '刷單返利': cut into more than 2 pieces"),
        ({"user_words": ("刷单返利",)}, "1 word of the lexicon is ignored, such as '5G 水网'"),
        ({"word_ngram_max": 1}, "3 words of the lexicon are ignored, such as '刷單返利'"),
        ({"word_ngram_max": 0}, "so the lexicon is ignored"),
        ({"lexicon_weight": 0.0}, None),
    ],
)
def test_words_of_the_lexicon_that_say_nothing_are_told(
    settings: dict[str, Any], told: str | None
) -> None:
    texts = tuple(Example(f"修通水渠{i}", ("water",)) for i in range(20))
    others = tuple(Example(f"开学第{i}课", ()) for i in range(20))
    corpus = Corpus(texts + others, Taxonomy.from_ids(["water"]))
    assert len(Segmenter().cut("修通水渠")) == 2
    words = ("刷單返利", "水渠", "修通水渠", "5G 水网")
    lexicon = Lexicon({word: {"water": 1.0} for word in words})
    recipe = dataclasses.replace(Recipe(n_folds=2, vectors=""), **settings)
    warnings = train(corpus, recipe, lexicon=lexicon).report.warnings
    found = [warning for warning in warnings if "lexicon" in warning]
    assert len(found) == (told is not None)
    assert told is None or told in found[0]


def test_words_of_a_description_have_two_characters_at_least() -> None:
    topics = (Topic("sports", "体育", about="龙舟和球赛"), Topic("farming", "农业体育"))
    assert Lexicon.of_descriptions(topics, Segmenter()).entries == {
        "体育": {"sports": 1.0, "farming": 1.0},
        "龙舟": {"sports": 1.0},
        "球赛": {"sports": 1.0},
        "农业": {"farming": 1.0},
    }


def test_topics_without_labels_take_the_line_and_are_never_accepted() -> None:
    bare = np.array([False, True])
    learned = Calibration(np.array([2.0]), np.array([-1.0]), rivalry=0.25)
    thresholds = Thresholds(np.array([0.4]), np.array([0.9]), np.array([0.1]))
    calibration, filled = fill_in(WordLine(5.0, -3.0, 0.0), bare, learned, thresholds)
    assert calibration.slope.tolist() == [2, 5]
    assert calibration.offset.tolist() == [-1, -3]
    assert calibration.rivalry == 0.25
    assert filled.to_dict() == {"tag": [0.4, 0.5], "accept": [0.9, None], "possible": [0.1, 0.1]}


def test_without_any_label_no_text_is_surely_without_topic() -> None:
    none = np.zeros(0)
    nothing = Calibration(none, none), Thresholds(none, none, none)
    _, filled = fill_in(MEASURED, np.array([True, True]), *nothing)
    assert filled.possible.tolist() == [0, 0]
    assert (filled.tag > 0).all()


def test_spread_fills_what_is_missing() -> None:
    some = np.array([True, False, True])
    assert spread(np.array([[1.0, 2.0]]), some, 9.0).tolist() == [[1, 9, 2]]


def test_words_are_cut_as_texts_are_and_those_of_more_than_two_are_left_out() -> None:
    words = {
        "　龍舟 ": 1.0,
        "“灌区”": 2.0,
        "球赛开幕": 1.5,
        "龙舟比赛开幕仪式": 1.0,
        "龙 舟": 1.0,
        "": 1.0,
        "！": 1.0,
    }
    lexicon = Lexicon({word: {"x": weight} for word, weight in words.items()})
    assert lexicon.terms(Segmenter()) == {
        ("龙舟",): {"x": 1.0},
        ("灌区",): {"x": 2.0},
        ("球赛", "开幕"): {"x": 1.5},
    }
    assert Lexicon().terms(Segmenter()) == {}


# Word vectors where labels are few


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> WordVectors:
    """Stand in for the shipped vectors."""
    vectors = WordVectors.of(("水渠", "泉眼"), np.array([[1.0, 0], [0.9, 0.1]]))
    monkeypatch.setattr(priors, "load_vectors", {"word-vectors": vectors}.__getitem__)
    return vectors


def labels(n_positive: int) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    return np.ones((n_positive, 1), dtype=np.int8)


def test_auto_takes_the_shipped_vectors_where_labels_are_few(shipped: WordVectors) -> None:
    recipe, vectors = resolve_vectors(Recipe(), labels(FEW_POSITIVES - 1), None)
    assert vectors is shipped
    assert recipe.vectors == "word-vectors"
    assert resolve_vectors(Recipe(), labels(FEW_POSITIVES), None) == (Recipe(vectors=""), None)
    assert resolve_vectors(Recipe(vector_weight=0), labels(1), None)[1] is None


def test_the_middle_topic_decides(shipped: WordVectors) -> None:
    Y = np.zeros((FEW_POSITIVES, 3), dtype=np.int8)
    Y[:, 0] = Y[:3, 1] = Y[:3, 2] = 1
    assert resolve_vectors(Recipe(), Y, None)[1] is shipped
    Y[:, 1] = 1
    assert resolve_vectors(Recipe(), Y, None)[1] is None


def test_vectors_that_the_caller_brings_win(shipped: WordVectors) -> None:
    own = WordVectors.of(("泉眼",), np.array([[1.0]]))
    for setting in ("auto", "", "word-vectors"):
        recipe = Recipe(vectors=setting)
        assert resolve_vectors(recipe, labels(1), own) == (recipe, own)


def test_auto_does_without_where_none_are_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> WordVectors:
        raise ModelNotFoundError(f"no model {name!r}")

    monkeypatch.setattr(priors, "load_vectors", nothing)
    assert resolve_vectors(Recipe(), labels(1), None) == (Recipe(vectors=""), None)
    with pytest.raises(ModelNotFoundError, match="no model 'word-vectors'"):
        resolve_vectors(Recipe(vectors="word-vectors"), labels(1), None)


def test_training_reads_the_vectors_that_the_recipe_names(
    shipped: WordVectors, corpus: Corpus
) -> None:
    report = train(corpus, Recipe(n_folds=2)).report
    assert report.recipe.vectors == "word-vectors"
    model = train(corpus, Recipe(n_folds=2, vectors="word-vectors")).model
    assert model.predict_proba(["泉眼"]).any()


def test_the_estimator_takes_vectors_too(shipped: WordVectors) -> None:
    texts = ["修通水渠", "开学第一课"] * 5
    model = TopicEstimator(vectors="auto", min_df=1).fit(texts, ["water", "school"] * 5)
    assert model.predict(["泉眼"]).tolist() == ["water"]
    assert "泉眼" in model.features_.vocabulary.words
    plain = TopicEstimator(min_df=1).fit(texts, ["water", "school"] * 5)
    assert "泉眼" not in plain.features_.vocabulary.words
