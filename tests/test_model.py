import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

import classifier
from classifier import model as model_module
from classifier.artefact import load, save
from classifier.corpus import Corpus
from classifier.errors import UnknownTopicError
from classifier.model import Options, TopicClassifier, TopicScore
from classifier.trainer import Recipe, train
from tests.conftest import ODD_TEXTS, make_texts
from tests.test_features import character_terms, word_terms

TEXTS = [text for text, _ in make_texts(60, seed=5)] + ODD_TEXTS


def reference_margins(model: TopicClassifier, texts: list[str]) -> np.ndarray:
    """Return margins the plain way: scikit-learn's TF-IDF, a dense product, the model's weights."""
    vocabulary = model.features.vocabulary
    terms, blocks = vocabulary.terms(), vocabulary.blocks()
    weights = model.weights.codes.astype(np.float64) * model.weights.scales[:, None]
    margins = np.tile(model.weights.intercept.astype(np.float64), (len(texts), 1))
    for block, analyze in enumerate((word_terms, character_terms)):
        own = np.flatnonzero(blocks == block)
        vectorizer = TfidfVectorizer(
            analyzer=lambda text, analyze=analyze: analyze(text, 2),
            vocabulary={terms[i]: place for place, i in enumerate(own)},
            sublinear_tf=model.features.sublinear_tf,
        )
        vectorizer.idf_ = model.features.idf[own].astype(np.float64)
        margins += vectorizer.transform(texts).toarray() @ weights[own]
    return margins


def test_margins_equal_the_plain_reference(model: TopicClassifier) -> None:
    expected = reference_margins(model, TEXTS)
    np.testing.assert_allclose(model.decision_function(TEXTS), expected, atol=1e-5)
    calibration = model.calibration
    probability = 1 / (1 + np.exp(-(expected * calibration.slope + calibration.offset)))
    probability[[not (word_terms(t, 1) or character_terms(t, 1)) for t in TEXTS]] = 0
    got = {(i, t.id) for i, p in enumerate(model.predict(TEXTS)) for t in p.topics}
    known = np.array([p.any() for p in model.predict_proba(TEXTS)])
    wanted = np.argwhere((probability >= model.thresholds.tag) & known[:, None])
    assert got == {(i, model.topics[k].id) for i, k in wanted.tolist()}


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(st.characters(), max_size=20), min_size=1, max_size=5))
def test_any_text_has_the_reference_margins(model: TopicClassifier, texts: list[str]) -> None:
    np.testing.assert_allclose(
        model.decision_function(texts), reference_margins(model, texts), atol=1e-5
    )


def test_many_equal_one_by_one_and_order_does_not_matter(model: TopicClassifier) -> None:
    together = model.predict(TEXTS)
    assert together == [model.classify(text) for text in TEXTS]
    assert together[::-1] == model.predict(TEXTS[::-1])
    assert [prediction.text for prediction in together] == TEXTS


def test_threads_give_the_same(model: TopicClassifier) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(model.classify, TEXTS * 3)) == model.predict(TEXTS * 3)


def test_full_width_and_traditional_texts_get_the_same_topics(model: TopicClassifier) -> None:
    plain = model.classify("修通水渠，開學第一课 ABC123")
    wide = model.classify("修通水渠，开学第一课　ＡＢＣ１２３")
    assert plain.topics == wide.topics != ()


def test_topics_come_most_probable_first(model: TopicClassifier) -> None:
    for prediction in model.predict(TEXTS):
        found = [topic.probability for topic in prediction.topics]
        assert found == sorted(found, reverse=True)


def test_probabilities_are_float32_in_the_order_of_the_topics(model: TopicClassifier) -> None:
    proba = model.predict_proba(TEXTS)
    assert proba.shape == (len(TEXTS), len(model.topics))
    assert proba.dtype == np.float32
    assert ((proba >= 0) & (proba <= 1)).all()
    columns = [topic.id for topic in model.topics]
    for row, prediction in zip(proba, model.predict(TEXTS), strict=True):
        for topic in prediction.topics:
            assert topic.probability == row[columns.index(topic.id)]


def test_a_text_with_no_known_term_gets_no_topic_and_a_second_look(model: TopicClassifier) -> None:
    for text in ("Ω", "😀😀"):
        assert model.classify(text).topics == ()
        assert model.classify(text).decision == "review"
        assert not model.predict_proba([text]).any()


@pytest.mark.parametrize("text", ["", " \t\u3000\n", "\u200b"])
def test_an_empty_text_is_none(model: TopicClassifier, text: str) -> None:
    assert model.classify(text) == model.classify("")._replace(text=text)
    assert model.classify(text).decision == "none"


def test_no_texts_give_no_predictions(model: TopicClassifier) -> None:
    assert model.predict([]) == []
    assert model.predict_proba([]).shape == (0, 4)
    assert model.decision_function([]).shape == (0, 4)


def test_predict_reads_an_iterator_no_further_than_a_chunk(model: TopicClassifier) -> None:
    taken = 0

    def stream() -> Iterator[str]:
        nonlocal taken
        for _ in range(100_000):
            taken += 1
            yield "修通水渠"

    first = next(model.iter_predict(stream()))
    assert first.topics[0].id == "water"
    assert taken < 10_000


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_a_bare_string_is_refused(model: TopicClassifier, method: str) -> None:
    with pytest.raises(TypeError, match=rf"{method} takes many texts, got one str; call classify"):
        getattr(model, method)("修通水渠")


def test_classify_refuses_what_is_no_string(model: TopicClassifier) -> None:
    with pytest.raises(TypeError, match="classify takes one text, a str, got list; predict takes"):
        model.classify(["修通水渠"])  # type: ignore[arg-type]  # wrong on purpose


@pytest.fixture(scope="module")
def punctuated(corpus: Corpus) -> TopicClassifier:
    recipe = Recipe(n_folds=2, vectors="", punctuation=True, ignored_words=("沙湖镇",))
    return train(corpus, recipe).model


def test_where_punctuation_counts_the_pieces_sum_to_the_margin(
    punctuated: TopicClassifier,
) -> None:
    text = " 修通——水渠！ "
    everything = Options(topics=tuple(topic.id for topic in punctuated.topics))
    (margins,) = punctuated.decision_function([text])
    for explanation, margin in zip(punctuated.explain(text, everything), margins, strict=True):
        total = explanation.base + sum(piece.weight for piece in explanation.pieces)
        assert total == pytest.approx(margin, abs=1e-4)
        for piece in explanation.pieces:
            assert piece.text == text[piece.start : piece.end]
        empty = [piece for piece in explanation.pieces if not piece.text]
        assert {piece.start for piece in empty} <= {1, 8}  # where the text begins and ends


def test_where_punctuation_counts_a_saved_model_says_so(
    punctuated: TopicClassifier, tmp_path: Path
) -> None:
    save(punctuated, tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.features.punctuation
    assert again.features.ignored_words == ("沙湖镇",)
    texts = ["修通水渠！", "修通水渠"]
    assert again.predict_proba(texts).tolist() == punctuated.predict_proba(texts).tolist()
    assert len({*map(tuple, again.predict_proba(texts).tolist())}) == 2


def test_predict_names_the_text_that_is_no_string(model: TopicClassifier) -> None:
    with pytest.raises(TypeError, match="text 1 is no str but NoneType; an empty cell is"):
        model.predict(["修通水渠", None])  # type: ignore[list-item]  # wrong on purpose


def test_predictions_are_frozen(model: TopicClassifier) -> None:
    prediction = model.classify("修通水渠")
    with pytest.raises(AttributeError):
        prediction.decision = "accept"  # type: ignore[misc]  # wrong on purpose
    with pytest.raises(AttributeError):
        prediction.topics[0].probability = 1.0  # type: ignore[misc]  # wrong on purpose


BOTH = "沙湖镇：修通水渠 开学第一课"


def ids(topics: tuple[TopicScore, ...]) -> list[str]:
    return [topic.id for topic in topics]


def test_options_choose_among_topics(model: TopicClassifier) -> None:
    assert set(ids(model.classify(BOTH).topics)) == {"water", "education"}
    assert ids(model.classify(BOTH, Options(topics=("water",))).topics) == ["water"]
    assert ids(model.classify(BOTH, Options(exclude_topics=("water",))).topics) == ["education"]
    assert len(model.classify(BOTH, Options(max_topics=1)).topics) == 1
    assert model.classify(BOTH, Options(max_topics=0)).topics == ()
    assert model.classify(BOTH, Options(min_probability=1)).topics == ()


def test_a_higher_probability_asked_for_never_adds_a_topic(model: TopicClassifier) -> None:
    before = [set(ids(p.topics)) for p in model.predict(TEXTS)]
    for least in (0.2, 0.5, 0.8, 0.95):
        now = [set(ids(p.topics)) for p in model.predict(TEXTS, Options(min_probability=least))]
        assert all(fewer <= more for fewer, more in zip(now, before, strict=True))
        before = now


def test_an_unknown_topic_asked_for_gets_a_hint(model: TopicClassifier) -> None:
    with pytest.raises(ValueError, match="has no topic 'watre'; did you mean 'water'"):
        model.classify(BOTH, Options(topics=("watre",)))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"min_probability": 1.5}, ValueError, "min_probability must be between 0 and 1, got 1.5"),
        ({"max_topics": -1}, ValueError, "max_topics must be at least 0, got -1"),
        ({"topics": "water"}, TypeError, "topics takes several ids, got the string 'water'"),
    ],
)
def test_options_out_of_range_are_refused(
    arguments: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Options(**arguments)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "text", [BOTH, "「修通水渠」，修通水渠！", "零\u200b宽修通水渠㍿", *ODD_TEXTS[:16]]
)
def test_pieces_and_base_sum_to_the_margin(model: TopicClassifier, text: str) -> None:
    everything = Options(topics=tuple(topic.id for topic in model.topics))
    margins = model.decision_function([text])[0]
    for explanation, margin in zip(model.explain(text, everything), margins, strict=True):
        total = explanation.base + sum(piece.weight for piece in explanation.pieces)
        assert math.isclose(total, margin, abs_tol=1e-4)
        for piece in explanation.pieces:
            assert text[piece.start : piece.end] == piece.text != ""


def test_explanations_are_of_the_topics_given(model: TopicClassifier) -> None:
    explained = model.explain(BOTH)
    assert [one.id for one in explained] == ids(model.classify(BOTH).topics)
    water = next(one for one in explained if one.id == "water")
    assert max(water.pieces, key=lambda piece: piece.weight).text in ("修通", "水渠")
    assert model.explain("") == ()


def test_pieces_point_into_the_original_text(model: TopicClassifier) -> None:
    text = "　（快讯）ＡＩ：修\u200b通水渠"
    (water,) = model.explain(text, Options(topics=("water",)))
    assert "修\u200b通" in {piece.text for piece in water.pieces}


def test_long_texts_are_worked_on_few_at_a_time(model: TopicClassifier) -> None:
    long, short = BOTH * 20_000, [BOTH, ""]
    texts = [long, *short, long, *short * 1_100, long]
    chunks = list(model_module._chunks(iter(texts)))
    assert [text for chunk in chunks for text in chunk] == texts
    most = model_module._CHUNK_CHARACTERS
    assert all(len(chunk) == 1 or sum(map(len, chunk)) <= most for chunk in chunks)
    assert len(chunks) < 8
    assert model.predict(texts[:3])[1] == model.classify(BOTH)


def test_options_name_topics_by_name_or_id(model: TopicClassifier) -> None:
    by_name, by_id = (
        model.classify("修通水渠", Options(topics=(one,))) for one in ("水利", "water")
    )
    assert by_name == by_id
    assert [topic.id for topic in by_name.topics] == ["water"]
    with pytest.raises(UnknownTopicError, match="has no topic '水力'"):
        model.classify("修通水渠", Options(topics=("水力",)))


def test_explain_of_many_texts_is_told(model: TopicClassifier) -> None:
    with pytest.raises(TypeError, match="explain takes one text, a str, got list; call it for"):
        model.explain(["修通水渠"])  # type: ignore[arg-type]


def test_a_blob_that_is_no_text_is_told() -> None:
    with pytest.raises(TypeError, match="split_headlines takes one text, a str, got NoneType"):
        classifier.split_headlines(None)
