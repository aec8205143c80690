import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.errors import TrainingError
from classifier.features import GramIndex, KeyTable, TfidfFeatures, WordIndex, fit_features
from classifier.text import fold
from classifier.tokens import Segmenter, SegmenterSettings
from tests.conftest import ODD_TEXTS, make_texts

SEGMENTER = Segmenter()


def word_terms(text: str, longest: int) -> list[str]:
    """Return n-grams of words the plain way: within runs of letters and digits."""
    runs: list[list[str]] = [[]]
    for token in SEGMENTER.cut(fold(text)):
        if token == " ":
            runs.append([])
        else:
            runs[-1].append(token)
    return [
        " ".join(run[i : i + n])
        for run in runs
        for n in range(1, longest + 1)
        for i in range(len(run) - n + 1)
    ]


def character_terms(text: str, longest: int) -> list[str]:
    return [
        run[i : i + n]
        for run in fold(text).split()
        for n in range(1, longest + 1)
        for i in range(len(run) - n + 1)
    ]


def by_scikit_learn(
    features: TfidfFeatures, texts: list[str], unseen: list[str], **settings: int
) -> csr_matrix:
    """Return what scikit-learn makes of `unseen`, its columns in the order of `features`."""
    sublinear, min_df = features.sublinear_tf, settings["min_df"]
    blocks, columns, offset = [], {}, 0
    for block, (terms, longest) in enumerate(
        ((word_terms, settings["words"]), (character_terms, settings["characters"]))
    ):
        if not longest:
            continue
        vectorizer = TfidfVectorizer(
            analyzer=lambda text, f=terms, n=longest: f(text, n),
            sublinear_tf=sublinear,
            min_df=min_df,
        )
        vectorizer.fit(texts)
        blocks.append(vectorizer.transform(unseen))
        for term, column in vectorizer.vocabulary_.items():
            columns[block, term] = offset + column
        offset += len(vectorizer.vocabulary_)
    kinds = features.vocabulary.blocks().tolist()
    order = [columns[key] for key in zip(kinds, features.vocabulary.terms(), strict=True)]
    assert len(order) == offset
    return hstack(blocks).tocsr()[:, order]


@pytest.mark.parametrize(
    ("words", "characters", "min_df", "sublinear"),
    [
        (2, 2, 1, True),
        (2, 2, 2, True),
        (1, 3, 2, True),
        (3, 1, 1, False),
        (2, 0, 1, True),
        (0, 3, 3, True),
    ],
)
def test_rows_equal_scikit_learns(
    small_texts: list[str], words: int, characters: int, min_df: int, sublinear: bool
) -> None:
    features = fit_features(
        small_texts,
        word_ngram_max=words,
        char_ngram_max=characters,
        min_df=min_df,
        sublinear_tf=sublinear,
    )
    unseen = [text for text, _ in make_texts(100, seed=7)] + ODD_TEXTS
    expected = by_scikit_learn(
        features, small_texts, unseen, words=words, characters=characters, min_df=min_df
    )
    difference = features.transform(unseen).to_scipy() - expected
    assert abs(difference).max() < 1e-6


def test_rows_with_punctuation_equal_scikit_learns(small_texts: list[str]) -> None:
    features = fit_features(small_texts, punctuation=True, char_ngram_max=3)
    unseen = [text for text, _ in make_texts(50, seed=7)] + ["修通——水渠！", "。"]

    def written(text: str) -> str:
        return fold(text, punctuation=True)

    words = TfidfVectorizer(
        analyzer=lambda text: [
            " ".join(ngram) for n in (1, 2) for ngram in ngrams(SEGMENTER.cut(written(text)), n)
        ],
        min_df=2,
        sublinear_tf=True,
    )
    characters = TfidfVectorizer(
        analyzer=lambda text: [
            "".join(ngram) for n in (1, 2, 3) for ngram in ngrams(list(written(text)), n)
        ],
        min_df=2,
        sublinear_tf=True,
    )
    expected = hstack(
        [block.fit(small_texts).transform(unseen) for block in (words, characters)]
    ).tocsr()
    names = [*words.get_feature_names_out(), *characters.get_feature_names_out()]
    kinds = [0] * len(words.vocabulary_) + [1] * len(characters.vocabulary_)
    columns = {key: column for column, key in enumerate(zip(kinds, names, strict=True))}
    order = [
        columns[key]
        for key in zip(
            features.vocabulary.blocks().tolist(), features.vocabulary.terms(), strict=True
        )
    ]
    assert len(order) == len(columns)
    assert "␂" in features.vocabulary.characters
    difference = features.transform(unseen).to_scipy() - expected[:, order]
    assert abs(difference).max() < 1e-6


def test_an_ignored_word_is_read_over_like_a_space(small_texts: list[str]) -> None:
    ignored = ("柳河村", "沙湖镇", "水渠")
    features = fit_features(
        small_texts,
        ignored_words=ignored,
        extra_terms=[("水渠",), ("修通", "水渠"), ("灌溉",)],
        segmenter=Segmenter(SegmenterSettings(user_words=ignored)),
    )
    words = features.vocabulary.word_terms()
    assert "灌溉" in words
    assert not any(name in term.split() for term in words for name in ignored)
    for text in ("沙湖镇修通水渠惠及群众", "水渠", "开学第一课沙湖镇"):
        spaced = text
        for name in ignored:
            spaced = spaced.replace(name, " ")
        one, other = features.transform([text]), features.transform([spaced])
        assert one.terms.tolist() == other.terms.tolist()
        assert one.values.tolist() == other.values.tolist()
    seen = features.transform(["沙湖镇修通水渠", "柳河村修通水渠"])
    half = int(seen.starts[1])
    assert half > 0
    assert seen.terms[:half].tolist() == seen.terms[half:].tolist()


def ngrams(atoms: list[str], n: int) -> list[list[str]]:
    return [atoms[i : i + n] for i in range(len(atoms) - n + 1)]


def test_many_texts_at_once_equal_one_by_one(small_texts: list[str]) -> None:
    features = fit_features(small_texts)
    texts = small_texts[:50] + ODD_TEXTS
    together = features.transform(texts)
    for index, text in enumerate(texts):
        alone = features.transform([text])
        span = slice(together.starts[index], together.starts[index + 1])
        assert alone.terms.tolist() == together.terms[span].tolist()
        assert alone.values.tolist() == together.values[span].tolist()  # to the last bit


def test_no_ngram_reaches_over_punctuation_or_a_space() -> None:
    features = fit_features(["修通，水渠 渠首"], min_df=1)
    assert "修通 水渠" not in features.vocabulary.terms()
    assert "通水" not in features.vocabulary.terms()
    assert "渠渠" not in features.vocabulary.terms()
    assert "水渠" in features.vocabulary.terms()


def test_a_character_beyond_plane_two_is_no_term() -> None:
    features = fit_features(["\U00030edd\U00030edd面", "\U00030000面"], min_df=1, word_ngram_max=0)
    assert features.vocabulary.terms() == ["面"]
    assert features.transform(["\U00030edd\U00031000"]).known.tolist() == [False]


def test_a_text_without_a_known_term_has_an_empty_row(small_texts: list[str]) -> None:
    rows = fit_features(small_texts).transform(["Ω", "", "修通水渠"])
    assert np.diff(rows.starts).tolist()[:2] == [0, 0]
    assert rows.starts[3] > 0


def test_no_texts_give_no_rows(small_texts: list[str]) -> None:
    rows = fit_features(small_texts).transform([])
    assert rows.n_texts == 0
    assert rows.to_scipy().shape == (0, rows.n_terms)


def test_extra_terms_are_in_the_vocabulary_though_never_seen() -> None:
    features = fit_features(
        ["修通水渠"] * 3, extra_terms=[("枸杞",), ("乡村", "振兴"), ("一", "二", "三")]
    )
    terms = features.vocabulary.terms()
    assert {"枸杞", "乡村", "乡村 振兴"} <= set(terms)
    assert "一" not in terms
    found = {terms[i] for i in features.transform(["枸杞与乡村振兴"]).terms}
    assert found == {"枸杞", "乡村", "振兴", "乡村 振兴"}


def test_an_extra_term_counts_the_texts_it_stands_in() -> None:
    texts = ["乡村振兴", "乡村振兴 乡村振兴", "修通水渠", "修通水渠"]
    features = fit_features(texts, extra_terms=[("乡村", "振兴"), ("绿色", "乡村")])
    idf = dict(zip(features.vocabulary.terms(), features.idf.tolist(), strict=True))
    assert idf["乡村 振兴"] == idf["乡村"] == pytest.approx(np.log(5 / 3) + 1)
    assert idf["绿色 乡村"] == pytest.approx(np.log(5) + 1)


def test_user_words_are_terms() -> None:
    segmenter = Segmenter(SegmenterSettings(user_words=("刷单返利",)))
    features = fit_features(["新型刷单返利"], segmenter=segmenter, min_df=1)
    assert "刷单返利" in features.vocabulary.words


def test_keeping_terms_keeps_what_they_are_made_of(small_texts: list[str]) -> None:
    features = fit_features(small_texts, word_ngram_max=3, char_ngram_max=3)
    terms = features.vocabulary.terms()
    wanted = np.zeros(len(terms), dtype=np.bool)
    longest = max(range(len(terms)), key=lambda i: (features.vocabulary.blocks()[i], len(terms[i])))
    wanted[longest] = True
    kept = features.keep(wanted)
    characters = terms[longest]
    assert sorted(kept.vocabulary.terms()) == sorted({*characters, characters[:2], characters})
    by_name = dict(zip(terms, features.idf, strict=True))
    assert kept.idf[-1] == by_name[characters]
    assert len(kept.transform([characters]).terms) == len(kept.vocabulary)


def test_occurrences_stand_where_the_text_has_them(small_texts: list[str]) -> None:
    features = fit_features(small_texts)
    folded = fold("柳河村：修通水渠，修通水渠！")
    found = features.occurrences(folded)
    terms = features.vocabulary.terms()
    for term, start, end in zip(found.terms, found.starts, found.ends, strict=True):
        assert folded[start:end] == terms[term].replace(" ", "")
    rows = features.transform([folded])
    assert sorted(set(found.terms.tolist())) == rows.terms.tolist()
    assert [terms[term] for term in found.terms].count("修通 水渠") == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_df": 0}, "min_df must be at least 1 text, got 0"),
        ({"word_ngram_max": -1}, "must be at least 0 and one of them at least 1, got -1 and 2"),
        ({"word_ngram_max": 0, "char_ngram_max": 0}, "got 0 and 0"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit_features(["修通水渠", "开学"], **settings)  # type: ignore[arg-type]  # wrong on purpose


def test_texts_without_a_common_term_are_refused_as_too_few_to_train_on() -> None:
    with pytest.raises(
        TrainingError, match="no term stands in 2 of the 3 texts; add texts, or lower min_df"
    ):
        fit_features(["甲", "乙", "丙"])


def random_grams(n_grams: int, n_atoms: int) -> NDArray[np.int64]:
    draw = np.random.default_rng(0)
    codes = draw.choice(n_atoms**2, size=n_grams, replace=False)
    return np.stack([codes // n_atoms, codes % n_atoms], axis=1)


@pytest.mark.parametrize("n_grams", [0, 1, 5, 1_000, 60_000])
def test_the_gram_index_finds_what_a_dictionary_finds(n_grams: int) -> None:
    grams = random_grams(n_grams, 300)
    rows = {(int(a), int(b)): row for row, (a, b) in enumerate(grams)}
    first, second = np.divmod(np.arange(300 * 300), 300)
    places, found = GramIndex(grams).find(first, second)
    by_place = dict(zip(places.tolist(), found.tolist(), strict=True))
    assert len(by_place) == len(places) == n_grams
    assert all(
        rows[int(first[place]), int(second[place])] == row for place, row in by_place.items()
    )


@given(st.lists(st.text("水渠修ab", min_size=1, max_size=40), unique=True), st.data())
def test_the_word_index_finds_what_a_dictionary_finds(
    words: list[str], data: st.DataObject
) -> None:
    known = st.sampled_from(words) if words else st.nothing()
    tokens = data.draw(st.lists(known | st.text("水渠修ab", min_size=1, max_size=50)))
    place = {word: number for number, word in enumerate(words)}
    code_points = np.array([ord(char) for char in "".join(tokens)], dtype=np.uint32)
    lengths = np.array([len(token) for token in tokens], dtype=np.int64)
    found = WordIndex(words).find(code_points, lengths)
    assert found.tolist() == [place.get(token, -1) for token in tokens]


def test_a_word_too_often_is_refused() -> None:
    with pytest.raises(ValueError, match="3 keys find no place, so some of them repeat"):
        WordIndex(["水渠", "水渠", "水渠"])


def test_a_key_table_of_nothing_finds_nothing() -> None:
    places, rows = KeyTable(np.zeros(0, dtype=np.uint64)).find(np.arange(5, dtype=np.uint64))
    assert len(places) == len(rows) == 0
