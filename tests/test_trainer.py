import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import classifier
from classifier.corpus import Corpus, Example
from classifier.errors import DataError, RecipeError, TrainingError
from classifier.features import fit_features
from classifier.linear import fit_linear
from classifier.model import TopicClassifier
from classifier.taxonomy import Taxonomy, Topic
from classifier.tokens import Segmenter
from classifier.trainer import (
    Lexicon,
    Recipe,
    TopicEstimator,
    TrainingResult,
    WordVectors,
    compare,
    evaluate,
    train,
    training,
)
from classifier.trainer.blending import blend
from classifier.trainer.fitting import Run
from classifier.trainer.priors import Priors, context_block, vector_block
from classifier.trainer.training import _folds
from tests.conftest import SMALL, make_texts

QUICK = Recipe(name="quick", n_folds=2, vectors="")


def test_the_report_says_what_was_done(result: TrainingResult, corpus: Corpus) -> None:
    report = result.report
    assert report.evaluation is not None
    assert report.n_texts == len(corpus)
    assert report.n_terms == result.model.features.n_terms
    assert report.corpus_sha256 == corpus.fingerprint()
    assert report.evaluation.micro.f1.low <= report.evaluation.micro.f1.value <= 1
    assert report.evaluation.micro.f1.value > 0.9
    assert set(report.libraries) >= {"python", "numpy", "scikit-learn", "jieba", "rjieba"}
    assert report.to_dict()["recipe"]["n_folds"] == 3
    assert list(report.seconds) == [
        "finding reprints",
        *(f"cross-validation, part {part} of 3" for part in (1, 2, 3)),
        "choosing thresholds",
        "training on all texts",
    ]


def test_calibration_and_thresholds_heed_the_weights_of_texts(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = np.linspace(1, 2, len(corpus))
    heeded = []

    def watched(name: str) -> Callable[..., Any]:
        function = getattr(training, name)
        place = list(inspect.signature(function).parameters).index("weight")

        def call(*args: Any, **settings: Any) -> Any:
            heeded.append((name, settings.get("weight", (*args, *[None] * 3)[place])))
            return function(*args, **settings)

        return call

    for name in ("fit_sigmoids", "fit_rivalry", "fit_curve", "choose_thresholds"):
        monkeypatch.setattr(training, name, watched(name))
    train(corpus, QUICK, sample_weight=weights)
    assert [name for name, weight in heeded if weight is weights] == [
        "fit_sigmoids",
        "fit_rivalry",
        "fit_curve",
        "choose_thresholds",
    ]


def test_progress_is_told_before_each_step(corpus: Corpus) -> None:
    told: list[tuple[int, int, str]] = []
    train(corpus, QUICK, progress=lambda *step: told.append(step))
    assert [done for done, _, _ in told] == [0, 1, 2, 3, 4, 5]
    assert {steps for _, steps, _ in told} == {5}
    assert told[-1][2] == "done"


def test_out_of_fold_scores_come_from_models_that_never_saw_the_text(taxonomy: Taxonomy) -> None:
    # Every text has a character of its own and topics drawn by lot: to be learned by heart alone.
    draw = np.random.default_rng(0)
    ids = [topic.id for topic in taxonomy.topics]
    examples = tuple(Example(chr(0x4E00 + i) * 3, (ids[draw.integers(4)],)) for i in range(400))
    result = train(Corpus(examples, taxonomy), Recipe(n_folds=4, min_df=1, C=10.0, vectors=""))
    by_heart = evaluate(result.model, Corpus(examples, taxonomy)).first_topic
    assert by_heart is not None
    assert by_heart.value > 0.9
    assert result.report.evaluation is not None
    assert result.report.evaluation.first_topic is not None
    assert result.report.evaluation.first_topic.value < 0.5


def test_few_texts_of_a_topic_are_warned_about_by_name(taxonomy: Taxonomy) -> None:
    examples = [Example(text, topics) for text, topics in make_texts(120, seed=2)]
    few = [e for e in examples if "water" not in e.topics] + [
        e for e in examples if e.topics == ("water",)
    ][:5]
    report = train(Corpus(tuple(few), taxonomy), QUICK).report
    assert report.warnings == (
        "topic 'water' (水利) has 5 labelled texts; with fewer than 10 its tags are guesses",
    )


def test_a_topic_with_neither_labels_nor_words_is_refused(corpus: Corpus) -> None:
    topics = Taxonomy((*corpus.taxonomy.topics, Topic("sports", "体育")))
    with pytest.raises(
        TrainingError, match="topic 'sports' has no labelled text and no words; label"
    ):
        train(Corpus(corpus.examples, topics), QUICK)


def test_too_few_texts_are_refused(taxonomy: Taxonomy) -> None:
    with pytest.raises(TrainingError, match="has 1 text, too few for 2 folds; add texts, or lower"):
        train(Corpus((Example("修通水渠", ("water",)),), taxonomy), QUICK)


def test_words_help_where_labels_are_few(taxonomy: Taxonomy) -> None:
    examples = tuple(Example(text, topics) for text, topics in make_texts(60, seed=3))
    lexicon = Lexicon({"滴灌": {"water": 2.0}, "渠首": {"water": 2.0}, "灌区": {"water": 2.0}})
    corpus = Corpus(examples, taxonomy)
    plain = train(corpus, dataclasses.replace(QUICK, lexicon_weight=0.0), lexicon=lexicon).model
    helped = train(corpus, dataclasses.replace(QUICK, lexicon_weight=1.0), lexicon=lexicon).model
    texts = ["滴灌带铺进果园", "灌区春检"]
    column = [topic.id for topic in plain.topics].index("water")
    assert (helped.predict_proba(texts)[:, column] > plain.predict_proba(texts)[:, column]).all()


def test_words_that_fold_alike_point_to_the_topics_of_all() -> None:
    lexicon = Lexicon({"電信詐騙": {"a": 2.0}, "电信诈骗": {"b": 1.0}})
    assert list(lexicon.terms(Segmenter()).values()) == [{"a": 2.0, "b": 1.0}]


def test_word_vectors_carry_what_is_learned_to_words_used_alike(corpus: Corpus) -> None:
    vectors = WordVectors.of(
        ("水渠", "泉眼", "义诊"), np.array([[1.0, 0, 0], [0.9, 0.1, 0], [0, 0, 1.0]])
    )
    recipe = dataclasses.replace(QUICK, vector_weight=2.0)
    plain, helped = train(corpus, QUICK).model, train(corpus, recipe, vectors=vectors).model
    column = [topic.id for topic in plain.topics].index("water")
    assert not plain.predict_proba(["泉眼"]).any()  # a word never seen says nothing
    assert helped.decision_function(["泉眼"])[0].argmax() == column


def test_folding_the_priors_changes_no_margin(corpus: Corpus) -> None:
    lexicon = Lexicon({"水渠": {"water": 2.0}, "乡村振兴": {"education": 1.0}})
    vectors = WordVectors.of(("水渠", "义诊"), np.array([[1.0, 0.2], [0.1, 1.0]]))
    priors = Priors(lexicon, 0.5, vectors, 0.4, context_weight=0.1)
    features = fit_features(corpus.texts, extra_terms=priors.terms(Segmenter()))
    rows = features.transform(corpus.texts)
    design = priors.design(features, corpus.taxonomy.topics, rows)
    X = design.matrix(rows)
    assert X.shape[1] == features.n_terms + 4 + 2
    coef, _ = fit_linear(X, corpus.labels())
    np.testing.assert_allclose(X @ coef, rows.to_scipy() @ design.fold(coef), atol=1e-5)


def test_a_term_without_a_vector_lies_where_its_texts_lie() -> None:
    texts = ["水渠泉眼"] * 3 + ["义诊泉眼"] * 3 + ["义诊果园"] * 2
    vectors = WordVectors.of(("水渠", "义诊"), np.eye(2))
    features = fit_features(texts, char_ngram_max=0)
    place = features.vocabulary.word_terms()
    of_words = vector_block(vectors, features)
    block = context_block(of_words, features.transform(texts))
    assert not block[[place["水渠"], place["义诊"]]].any()  # they have vectors
    assert not block[[place["果园"], place["义诊 果园"]]].any()  # in two texts only
    water, health, both = (block[place[term]] for term in ("水渠 泉眼", "义诊 泉眼", "泉眼"))
    # The mean of all texts is taken off, so that the two pairs point opposite ways.
    assert water @ health < -0.99
    assert np.linalg.norm(water) == pytest.approx(1)
    np.testing.assert_allclose(both, (water + health) / np.linalg.norm(water + health), rtol=1e-5)


def test_a_text_without_vectors_is_no_context() -> None:
    texts = ["水渠泉眼"] * 3 + ["义诊泉眼"] * 3 + ["果园丰收"] * 3
    vectors = WordVectors.of(("水渠", "义诊"), np.array([[1.0, 0.0], [0.8, 0.6]]))
    features = fit_features(texts, char_ngram_max=0)
    block = context_block(vector_block(vectors, features), features.transform(texts))
    assert not block[features.vocabulary.word_terms()["果园"]].any()


def test_contexts_stand_in_the_space_of_the_vectors(corpus: Corpus) -> None:
    vectors = WordVectors.of(("水渠", "义诊"), np.array([[1.0, -0.2], [-0.1, 1.0]]))
    priors = Priors(vectors=vectors, vector_weight=0.4, context_weight=0.5)
    features = fit_features(corpus.texts, extra_terms=priors.terms(Segmenter()))
    rows = features.transform(corpus.texts)
    of_words = vector_block(vectors, features)
    design = priors.design(features, corpus.taxonomy.topics, rows)
    wanted = 0.4 * of_words + 0.5 * context_block(of_words, rows)
    np.testing.assert_array_equal(design.of_terms, wanted.astype(np.float32))
    run = Run(QUICK, corpus.taxonomy.topics, priors, 1)
    without = Run(QUICK, corpus.taxonomy.topics, dataclasses.replace(priors, context_weight=0), 1)
    Y = corpus.labels()
    assert (run.fit(corpus.texts, Y, None).coef != without.fit(corpus.texts, Y, None).coef).any()


def test_a_blend_has_the_mean_of_both_models_margins_once_of_one_spread(corpus: Corpus) -> None:
    X = fit_features(corpus.texts).transform(corpus.texts).to_scipy()
    draw = np.random.default_rng(0)
    first, second = ((draw.normal(size=(X.shape[1], 4)), draw.normal(size=4)) for _ in range(2))
    one, other = (X @ coef + intercept for coef, intercept in (first, second))
    coef, intercept = blend(X, first, (second[0] * 7, second[1] * 7), 0.25)
    wanted = 0.75 * one + 0.25 * other * one.std() / other.std()
    np.testing.assert_allclose(X @ coef + intercept, wanted, atol=1e-6)


def test_blending_with_a_model_that_never_varies_only_moves_the_intercept(corpus: Corpus) -> None:
    X = fit_features(corpus.texts).transform(corpus.texts).to_scipy()
    n_terms = X.shape[1]
    coef, intercept = blend(
        X, (np.ones((n_terms, 2)), np.ones(2)), (np.zeros((n_terms, 2)), -np.ones(2)), 0.5
    )
    assert (coef == 0.5).all()
    assert (intercept == 0).all()


def test_a_recipe_blends_naive_bayes_in_beside_the_priors(corpus: Corpus) -> None:
    vectors = WordVectors.of(("水渠", "义诊"), np.array([[1.0, -0.2], [-0.1, 1.0]]))
    run = {
        share: Run(
            dataclasses.replace(QUICK, blend_naive_bayes=share, C_naive_bayes=0.05),
            corpus.taxonomy.topics,
            Priors(vectors=vectors, vector_weight=0.4),
            1,
        ).fit(corpus.texts, corpus.labels(), None)
        for share in (0.0, 0.4)
    }
    X = run[0.0].features.transform(corpus.texts).to_scipy()
    scaled = fit_linear(X, corpus.labels(), C=0.05, naive_bayes=True)
    plain = run[0.0].coef, run[0.0].intercept
    for found, wanted in zip(
        (run[0.4].coef, run[0.4].intercept), blend(X, plain, scaled, 0.4), strict=True
    ):
        np.testing.assert_allclose(found, wanted)


def test_max_terms_keeps_the_strongest_and_those_of_the_priors(corpus: Corpus) -> None:
    lexicon = Lexicon({"枸杞": {"water": 1.0}})
    recipe = dataclasses.replace(QUICK, max_terms=120)
    model = train(corpus, recipe, lexicon=lexicon).model
    assert 120 <= model.features.n_terms < 200  # what kept n-grams are made of comes on top
    assert "枸杞" in model.features.vocabulary.words
    assert model.classify("柳河村：修通水渠").topics[0].id == "water"


def test_folds_can_follow_a_field(taxonomy: Taxonomy) -> None:
    examples = tuple(
        Example(text, topics, extra={"source": "abc"[i % 3]})
        for i, (text, topics) in enumerate(make_texts(120, seed=4))
    )
    corpus = Corpus(examples, taxonomy)
    recipe = Recipe(n_folds=3, fold_by="source", vectors="")
    folds, groups = _folds(corpus, recipe), corpus.groups()
    first = np.array([groups.tolist().index(group) for group in groups])
    assert (folds == np.array([0, 1, 2] * 40)[first]).all()
    assert train(corpus, recipe).report.n_texts == 120
    with pytest.raises(
        TrainingError, match=r"'source' has 3 values, fewer than the recipe's 4 folds"
    ):
        train(corpus, dataclasses.replace(recipe, n_folds=4))


def test_folds_can_follow_the_kind(taxonomy: Taxonomy) -> None:
    kinds = ("headline", "paragraph")
    examples = tuple(
        Example(chr(0x4E00 + i) * 12, (("water",), ())[i % 3 == 0], kinds[i % 2]) for i in range(30)
    )
    recipe = Recipe(n_folds=2, fold_by="kind", vectors="")
    assert _folds(Corpus(examples, taxonomy), recipe).tolist() == [0, 1] * 15


def test_folds_that_follow_a_field_keep_reprints_together(taxonomy: Taxonomy) -> None:
    stories = [chr(0x4E00 + i) * 12 for i in range(10)]
    examples = tuple(
        Example(text, ("water",), extra={"source": source})
        for source, texts in (("a", stories), ("b", stories[:4]), ("b", ["果园丰收在望"]))
        for text in texts
    )
    recipe = Recipe(n_folds=2, fold_by="source", vectors="")
    assert _folds(Corpus(examples, taxonomy), recipe).tolist() == [0] * 14 + [1]
    with pytest.raises(TrainingError, match=r"'source' tell the same stories: .* 1 of the"):
        _folds(Corpus(examples[:14], taxonomy), recipe)


def test_words_of_a_recipe_count_in_whatever_form(corpus: Corpus) -> None:
    recipe = dataclasses.replace(
        QUICK, user_words=("AI算力港",), ignored_words=("GDP", "ＧＤＰ", "寧夏")
    )
    texts = [*corpus.texts, "ai算力港开港", "ai算力港扩建", "宁夏gdp", "gdp看宁夏"]
    Y = np.vstack([corpus.labels(), np.zeros((4, 4), dtype=np.int8)])
    fitted = Run(recipe, corpus.taxonomy.topics, Priors(), 1).fit(texts, Y, None)
    words = fitted.features.vocabulary.words
    assert "ai算力港" in words
    assert {"gdp", "宁夏"}.isdisjoint(words)


def test_naive_bayes_scales_the_terms_and_not_the_priors(corpus: Corpus) -> None:
    vectors = WordVectors.of(("水渠", "义诊"), np.array([[-1.0, 0.2], [0.1, -1.0]]))
    recipe = dataclasses.replace(QUICK, naive_bayes=True, vector_weight=0.4)
    model = train(corpus, recipe, vectors=vectors).model
    assert model.classify("柳河村：修通水渠").topics[0].id == "water"


def test_words_that_can_be_no_terms_do_not_make_a_topic(corpus: Corpus) -> None:
    topics = Taxonomy((*corpus.taxonomy.topics, Topic("dam", "水库", strong=("水库大坝",))))
    bare = Corpus(corpus.examples, topics)
    assert train(bare, QUICK).report.warnings  # two words, that make a pair
    for change in ({"word_ngram_max": 1}, {"ignored_words": ("水库",)}):
        with pytest.raises(TrainingError, match="'dam' has no labelled text and no words"):
            train(bare, dataclasses.replace(QUICK, **change))


def test_models_of_different_topics_are_compared(
    taxonomy: Taxonomy, corpus: Corpus, model: TopicClassifier
) -> None:
    wider = Corpus(
        (*corpus.examples, *(Example("龙舟赛开桨", ("sports",)) for _ in range(20))),
        Taxonomy((*taxonomy.topics, Topic("sports", "体育"))),
    )
    found = compare(model, train(wider, QUICK).model, corpus)
    assert found.first == pytest.approx(evaluate(model, corpus).micro.f1.value)


def test_classes_that_exclude_each_other(taxonomy: Taxonomy) -> None:
    examples = tuple(
        Example(text, topics) for text, topics in make_texts(300, seed=6) if len(topics) == 1
    )
    model = train(Corpus(examples, taxonomy, exclusive=True), QUICK).model
    proba = model.predict_proba(["修通水渠", "开学第一课", "Ω"])
    np.testing.assert_allclose(proba.sum(axis=1), [1, 1, 0], atol=1e-5)
    predictions = model.predict(["修通水渠", "修通水渠 开学第一课", "Ω"])
    assert [len(prediction.topics) for prediction in predictions] == [1, 1, 0]


def test_evaluating_needs_the_models_own_topics(model: TopicClassifier) -> None:
    other = Taxonomy((*model.topics, Topic("sports", "体育")))
    corpus = Corpus((Example("赛龙舟", ("sports",)),), other)
    with pytest.raises(DataError, match="has the topic 'sports', which 'small' does not have"):
        evaluate(model, corpus)
    with pytest.raises(DataError, match="the corpus has no text"):
        evaluate(model, Corpus((), other))


def test_evaluation_slices_by_fields_with_few_values(model: TopicClassifier) -> None:
    examples = tuple(
        Example(text, topics, extra={"source": "ab"[i % 2], "number": str(i), **correction})
        for i, (text, topics) in enumerate(make_texts(100, seed=8))
        for correction in (
            {"corrected_at": "2021-03-05"[: 9 + i % 2], "model_digest": "ab"[i % 2]},
        )
    )
    found = evaluate(model, Corpus(examples, Taxonomy(model.topics)))
    assert found.micro.f1.value > 0.9
    assert set(found.slices) == {"kind", "length", "source"}


def test_a_slice_may_have_many_values_none_at_all_or_a_name_of_ours(model: TopicClassifier) -> None:
    examples = tuple(
        Example(text, topics, extra={"source": f"paper {i // 2}", "length": "ab"[i % 2], **empty})
        for i, (text, topics) in enumerate(make_texts(160, seed=8))
        for empty in ({"desk": "x"} if i % 3 == 0 else {"desk": None} if i % 3 == 1 else {},)
    )
    found = evaluate(model, Corpus(examples, Taxonomy(model.topics))).slices
    assert set(found) == {"kind", "length", "length (column)", "source", "desk"}
    assert sum(row.n_texts for row in found["source"]) == 160
    assert {row.value: row.n_texts for row in found["desk"]} == {"": 106, "x": 54}


def test_a_model_is_no_better_than_itself(model: TopicClassifier, corpus: Corpus) -> None:
    comparison = compare(model, model, corpus)
    assert comparison.difference.value == 0
    assert comparison.p_value == 1


# Recipe


def test_a_recipe_survives_toml_and_dictionaries(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(
        'name = "x"\nC = 1\nuser_words = ["算力"]\nquantize = false\n', encoding="utf-8"
    )
    recipe = Recipe.from_toml(path)
    assert (recipe.name, recipe.C, recipe.user_words) == ("x", 1, ("算力",))
    assert Recipe.from_dict(recipe.to_dict()) == recipe


def test_the_recipe_with_all_defaults_has_all_defaults() -> None:
    path = Path(__file__).parent.parent / "training" / "recipes" / "default.toml"
    assert Recipe.from_toml(path) == Recipe()
    text = path.read_text(encoding="utf-8")
    for setting in dataclasses.fields(Recipe):
        assert f"\n{setting.name} = " in f"\n{text}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "min_fd = 2",
            r"r\.toml: 'min_fd' is no setting; did you mean 'min_df'\?; there are: name",
        ),
        ("C = 0", r"r\.toml: C must be above 0, got 0"),
        ("blend_naive_bayes = 1.0", r"blend_naive_bayes must be at least 0 and below 1, got 1\.0"),
        ("C_naive_bayes = 0.0", r"C_naive_bayes must be above 0, got 0\.0"),
        ('C = "big"', r"r\.toml: C must be a number, got 'big'"),
        ("borrow = inf", r"r\.toml: borrow must be a finite number, got inf"),
        ("C = true", r"r\.toml: C must be a number, got True"),
        ("min_df = 1.5", r"r\.toml: min_df must be a whole number, got 1\.5"),
        ("name = 3", r"r\.toml: name must be a string, got 3"),
        ("quantize = 1", r"r\.toml: quantize must be true or false, got 1"),
        ('estimator = "bert"', r"r\.toml: estimator must be one of svc, logistic, sgd, got 'bert'"),
        ("user_words = [1]", r"r\.toml: user_words must be a list of strings"),
        (
            "seed = 99999999999999",
            r"r\.toml: seed must be from 0 to 4294967295, got 99999999999999",
        ),
        ("n_folds = 1", r"r\.toml: n_folds must be from 2 to 20, got 1"),
        ("accept_precision = 1.0", r"accept_precision must be between 0\.5 and 1, got 1\.0"),
        ("word_ngram_max = 0\nchar_ngram_max = 0", "are both 0; nothing is left"),
        ("C = ", r"r\.toml: is no TOML file in UTF-8"),
    ],
)
def test_a_wrong_recipe_is_told_with_file_and_setting(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "r.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=message):
        Recipe.from_toml(tmp_path / "r.toml")


def test_a_missing_recipe_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"none\.toml: cannot be read: No such file"):
        Recipe.from_toml(tmp_path / "none.toml")


# Lexicon


def test_a_lexicon_is_read_from_tsv(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = tmp_path / "l.tsv"
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text("term\ttopics\n水渠\twater:2 education:1\n义诊\t医疗:2\n", encoding)
        assert Lexicon.load(path, taxonomy).entries == {
            "水渠": {"water": 2.0, "education": 1.0},
            "义诊": {"health": 2.0},
        }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("水渠", r"l\.tsv line 1: wanted word<TAB>topic:weight, got '水渠"),
        ("水渠\twater:x", r"l\.tsv line 1: could not convert"),
        ("水渠\twater", r"l\.tsv line 1: wanted word<TAB>topic:weight, got '水渠"),
        ("水渠\twater:2 健康", r"l\.tsv line 1: wanted word<TAB>topic:weight, got '水渠"),
        ("水渠\twatre:2", r"l\.tsv line 1: topic 'watre' is not .* mean 'water'"),
    ],
)
def test_a_wrong_line_of_a_lexicon_is_told(
    tmp_path: Path, taxonomy: Taxonomy, line: str, message: str
) -> None:
    (tmp_path / "l.tsv").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        Lexicon.load(tmp_path / "l.tsv", taxonomy)


def test_words_of_a_taxonomy_are_a_lexicon_and_later_words_win() -> None:
    topics = [Topic("water", "水利", strong=("水渠",), weak=("河",))]
    lexicon = Lexicon.of_topics(topics)
    assert lexicon.entries == {"河": {"water": 1.0}, "水渠": {"water": 2.0}}
    assert (lexicon | Lexicon({"河": {"water": 2.0}})).entries["河"] == {"water": 2.0}


# TopicEstimator, by scikit-learn's rules


def test_a_lexicon_that_cannot_be_read_is_told(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with pytest.raises(DataError, match=r"none\.tsv: cannot be read: No such file or directory$"):
        Lexicon.load(tmp_path / "none.tsv", taxonomy)
    with pytest.raises(DataError, match=r": cannot be read: Is a directory$"):
        Lexicon.load(tmp_path, taxonomy)
    (tmp_path / "l.tsv").write_bytes("水渠\twater:2\n".encode("gb18030"))
    with pytest.raises(DataError, match=r"l\.tsv: is no TSV file in UTF-8: "):
        Lexicon.load(tmp_path / "l.tsv", taxonomy)


TEXTS, TOPICS = map(list, zip(*make_texts(200, seed=9), strict=True))
Y = np.array([[topic in topics for topic in SMALL] for topics in TOPICS], dtype=np.int64)
ONE = [topics[0] if topics else "none" for topics in TOPICS]


@pytest.mark.parametrize("labels", [[0, 1] * 6, ["farm", "school"] * 6, np.eye(2)[[0, 1] * 6]])
def test_words_point_to_labels_of_any_kind(labels: object) -> None:
    texts = ["村民种下枸杞", "学校开学"] * 6
    second = "school" if isinstance(labels, list) and labels[0] == "farm" else 1
    plain = TopicEstimator(min_df=1).fit(texts, labels)
    helped = TopicEstimator(min_df=1, lexicon={"支教": {second: 2.0}, "开学": {second: 2.0}})
    margins = [model.fit(texts, labels).decision_function(["支教"]) for model in (plain, helped)]
    assert margins[1].ravel()[-1] > margins[0].ravel()[-1]


def test_the_constructor_only_stores() -> None:
    parameters = TopicEstimator().get_params()
    assert TopicEstimator(**parameters).get_params() == parameters
    assert vars(TopicEstimator(C=0)) == parameters | {"C": 0}  # checked in fit, not here


def test_clone_gives_an_unfitted_copy_with_the_same_parameters() -> None:
    fitted = TopicEstimator(C=0.7, min_df=1).fit(TEXTS, Y)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(TEXTS)


def test_set_params_changes_one_and_refuses_the_unknown() -> None:
    assert TopicEstimator().set_params(C=3.0).C == 3.0
    with pytest.raises(ValueError, match="Invalid parameter 'D' for estimator"):
        TopicEstimator().set_params(D=1)


@pytest.mark.parametrize("method", ["predict", "decision_function"])
def test_unfitted_use_is_told(method: str) -> None:
    with pytest.raises(NotFittedError, match="This TopicEstimator instance is not fitted yet"):
        getattr(TopicEstimator(), method)(["修通水渠"])


def test_fit_returns_itself_and_changes_no_parameter_and_no_input() -> None:
    model, labels = TopicEstimator(), Y.copy()
    before = model.get_params()
    assert model.fit(TEXTS, labels) is model
    assert model.get_params() == before
    assert (labels == Y).all()


def test_fitting_twice_gives_the_same_as_once() -> None:
    model = TopicEstimator().fit(TEXTS, Y)
    once = model.decision_function(TEXTS)
    assert (model.fit(TEXTS, Y).decision_function(TEXTS) == once).all()
    model.fit(TEXTS[:100], ONE[:100])
    assert (model.fit(TEXTS, Y).decision_function(TEXTS) == once).all()


def test_indicators_in_indicators_out() -> None:
    model = TopicEstimator().fit(TEXTS, Y)
    predicted = model.predict(TEXTS)
    assert predicted.shape == Y.shape
    assert (predicted == Y).mean() > 0.97
    assert model.classes_.tolist() == [0, 1, 2, 3]
    assert model.coef_.shape == (model.n_terms_, 4)


def test_a_text_without_a_known_term_gets_no_topic() -> None:
    model = TopicEstimator(min_df=1).fit(["修通水渠", "开学"] * 8, np.array([[1, 0], [1, 1]] * 8))
    assert model.predict(["", "zzz", "修通水渠"]).tolist() == [[0, 0], [0, 0], [1, 0]]


def test_labels_in_labels_out() -> None:
    model = TopicEstimator().fit(TEXTS, ONE)
    assert set(model.predict(TEXTS)) <= set(ONE)
    assert model.score(TEXTS, ONE) > 0.9
    assert model.decision_function(TEXTS).shape == (200, len(set(ONE)))


def test_two_classes_have_one_margin_as_everywhere_in_scikit_learn() -> None:
    two = ["water" if "water" in topics else "other" for topics in TOPICS]
    model = TopicEstimator().fit(TEXTS, two)
    assert model.decision_function(TEXTS).shape == (200,)
    assert model.score(TEXTS, two) > 0.95


def test_it_works_in_searches_cross_validation_and_pipelines() -> None:
    search = GridSearchCV(TopicEstimator(), {"C": [0.05, 1.0]}, cv=2).fit(TEXTS, ONE)
    assert search.best_score_ > 0.8
    assert cross_val_predict(TopicEstimator(), TEXTS, Y, cv=2).shape == Y.shape
    pipeline = make_pipeline(FunctionTransformer(lambda texts: list(texts)), TopicEstimator())
    assert pipeline.fit(TEXTS, ONE).score(TEXTS, ONE) > 0.9


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        ("修通水渠", ["a"], TypeError, "X must be many texts, got one"),
        ([1, 2], ["a", "b"], TypeError, r"X\[0\] must be a str, got int"),
        ([], [], ValueError, "X holds no text"),
        (["甲"], ["a", "b"], ValueError, "X has 1 texts and y 2 rows"),
        (["甲", "乙"], ["a", "a"], ValueError, "y has one class only, 'a'"),
        (["甲", "乙"], [0.5, 1.5], ValueError, "Unknown label type: continuous"),
    ],
)
def test_wrong_input_is_refused(X: object, y: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TopicEstimator().fit(X, y)  # type: ignore[arg-type]  # wrong on purpose


def test_a_wrong_parameter_is_refused_in_fit() -> None:
    with pytest.raises(RecipeError, match="C must be above 0, got 0"):
        TopicEstimator(C=0).fit(TEXTS, Y)


def test_the_face_gives_the_estimator() -> None:
    assert classifier.TopicEstimator is TopicEstimator


def test_a_lexicon_counts_in_the_estimator() -> None:
    labels = ["water" if "water" in topics else "other" for topics in TOPICS]
    plain = TopicEstimator().fit(TEXTS, labels)
    helped = TopicEstimator(lexicon={"滴灌": {"water": 2.0}, "水渠": {"water": 2.0}})
    helped.set_params(lexicon_weight=2.0).fit(TEXTS, labels)
    text = ["滴灌带铺进果园"]
    assert helped.decision_function(text)[0] > plain.decision_function(text)[0]
