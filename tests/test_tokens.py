import importlib.util
import pickle
import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from classifier import tokens
from classifier.errors import ClassifierError
from classifier.text import fold
from classifier.tokens import Segmenter, SegmenterSettings
from tests.conftest import ENDS, ODD_TEXTS, PLACES, SMALL

WORDS = [*PLACES, *ENDS, *(part for parts in SMALL.values() for part in parts)]


def generated(n_texts: int) -> list[str]:
    """Return texts of Chinese words, random characters, Latin and digit runs, spaces."""
    draw = random.Random(1)
    latin = "abcXYZ019.-+#&%_'@/"
    made = []
    for _ in range(n_texts):
        parts = [
            draw.choice(
                [
                    draw.choice(WORDS),
                    "".join(chr(draw.randint(0x4E00, 0x9FA5)) for _ in range(draw.randint(1, 4))),
                    "".join(draw.choice(latin) for _ in range(draw.randint(1, 8))),
                    draw.choice(
                        ["，", " ", "“", "5G", "3.5", "２０２４", "①", "é", "ひら", "한글"]
                    ),
                ]
            )
            for _ in range(draw.randint(1, 9))
        ]
        made.append("".join(parts))
    return made


@pytest.mark.parametrize("user_words", [(), ("云岭区", "刷单返利", "5g专网")])
def test_both_engines_give_the_same_tokens(user_words: tuple[str, ...]) -> None:
    texts = [fold(text) for text in generated(2_500) + ODD_TEXTS]
    settings = SegmenterSettings(user_words=user_words)
    rust, python = Segmenter(settings, engine="rjieba"), Segmenter(settings, engine="jieba")
    for text in texts:
        assert rust.cut(text) == python.cut(text), text


@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_cutting_joined_texts_equals_cutting_each(engine: tokens.Engine) -> None:
    segmenter = Segmenter(engine=engine)
    texts = [fold(text) for text in generated(300)]
    one_by_one = [segmenter.cut(text) for text in texts]
    joined = segmenter.cut("\n".join(texts))
    lines: list[list[str]] = [[]]
    for token in joined:
        if token == "\n":
            lines.append([])
        else:
            lines[-1].append(token)
    assert lines == one_by_one


def test_tokens_joined_are_the_text_again() -> None:
    segmenter = Segmenter()
    for text in generated(300):
        assert "".join(segmenter.cut(fold(text))) == fold(text)


def test_user_words_stay_whole_in_their_own_segmenter_only() -> None:
    assert "刷单返利" in Segmenter(SegmenterSettings(user_words=("刷单返利",))).cut("新型刷单返利")
    assert "刷单返利" not in Segmenter().cut("新型刷单返利")


def test_jieba_leaves_no_cache_file_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert Segmenter(engine="jieba").cut("乡村振兴") == ["乡村", "振兴"]
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_jieba_is_used_where_rjieba_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "rjieba" else real(name)
    )
    monkeypatch.setattr(tokens, "_rjieba_cut", None)  # would fail if called
    assert Segmenter().cut("乡村振兴") == ["乡村", "振兴"]


def test_another_dictionary_than_the_models_is_refused() -> None:
    segmenter = Segmenter(SegmenterSettings(dictionary_sha256="0" * 64), engine="jieba")
    with pytest.raises(ClassifierError, match=r"other than the one the model was trained with"):
        segmenter.cut("乡村")


def test_the_dictionary_of_an_absent_jieba_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    tokens.dictionary_sha256.cache_clear()
    assert tokens.dictionary_sha256() == ""
    tokens.dictionary_sha256.cache_clear()


def test_threads_share_a_segmenter() -> None:
    segmenter = Segmenter(SegmenterSettings(user_words=("云岭区",)))
    texts = [fold(text) for text in generated(200)]
    with ThreadPoolExecutor(8) as pool:
        in_threads = list(pool.map(segmenter.cut, texts))
    assert in_threads == [segmenter.cut(text) for text in texts]


def test_a_segmenter_can_be_sent_to_another_process() -> None:
    segmenter = Segmenter(SegmenterSettings(user_words=("云岭区",)))
    segmenter.cut("loaded")
    copy = pickle.loads(pickle.dumps(segmenter))
    assert copy.cut("云岭区") == ["云岭区"]
