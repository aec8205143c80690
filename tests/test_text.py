from collections.abc import Callable

import numpy as np
import opencc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.errors import DecodingError
from classifier.text import FoldedTexts, decode, fold, fold_with_offsets, normalize
from classifier.text import joined as module
from classifier.text.folding import fold_part

ANY_TEXT = st.text(st.characters(), max_size=30)  # lone surrogates among them
SIMPLIFIED = "电信网络诈骗的案件在全国各地时有发生，民警提醒大家不要轻信陌生来电"
TRADITIONAL = opencc.OpenCC("s2t").convert(SIMPLIFIED)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (SIMPLIFIED.encode(), "utf-8"),
        (SIMPLIFIED.encode("utf-8-sig"), "utf-8-sig"),
        (SIMPLIFIED.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + SIMPLIFIED.encode("utf-16-be"), "utf-16"),
        (SIMPLIFIED.encode("gb18030"), "gb18030"),
        (b"", "utf-8"),
        (b"plain ascii", "utf-8"),
    ],
)
def test_decode_finds_the_encoding(data: bytes, encoding: str) -> None:
    text, found = decode(data)
    assert found == encoding
    assert text == data.decode(encoding)


def test_decode_tells_big5_from_gb18030_though_both_would_do() -> None:
    data = TRADITIONAL.encode("big5")
    assert data.decode("gb18030") != TRADITIONAL  # it is valid, and rubbish
    assert decode(data) == (TRADITIONAL, "big5")


def test_decode_says_where_it_failed_and_what_it_tried() -> None:
    with pytest.raises(
        DecodingError,
        match=r"list\.txt: cannot be read as text; tried utf-8 \(byte 2\), gb18030 \(byte 2\), "
        r"big5 \(byte 2\); name its encoding with --encoding",
    ):
        decode(b"ok\xff\xff\xff", where="list.txt")


def test_decode_after_a_byte_order_mark_tries_nothing_else() -> None:
    with pytest.raises(DecodingError, match=r"tried utf-8-sig \(byte \d+\);"):
        decode(b"\xef\xbb\xbfok\xff")


def test_decode_takes_a_named_encoding_at_its_word() -> None:
    assert decode("水".encode("gbk"), encoding="gbk") == ("水", "gbk")
    with pytest.raises(
        DecodingError,
        match=r"list\.txt: byte 2 is not utf-8, as --encoding has it; name another, leave it out",
    ):
        decode(b"ok\xff!", encoding="utf-8", where="list.txt")


def test_decode_refuses_an_encoding_that_does_not_exist() -> None:
    with pytest.raises(DecodingError, match="'klingon' is no encoding of texts that Python knows"):
        decode(b"", encoding="klingon")


@pytest.mark.parametrize(
    "codec",
    ["hex", "rot13", "zlib", "punycode", "idna", "undefined", "unicode_escape", "a\0", "\udcff"],
)
def test_decode_refuses_a_codec_that_is_no_character_set(codec: str) -> None:
    with pytest.raises(DecodingError, match=r"list\.txt: .* is no encoding of texts"):
        decode(b"6162", encoding=codec, where="list.txt")


@pytest.mark.parametrize(
    "name",
    ["UTF8", "utf-16", "GB2312", "gbk", "gb18030", "hz", "big5", "big5-hkscs", "cp950", "latin-1",
     "iso-8859-15", "windows-1252", "euc-jp", "euc_kr", "shift-jis", "iso-2022-jp", "koi8-r",
     "macroman", "us-ascii"],
)  # fmt: skip
def test_decode_reads_the_character_sets_that_pages_and_files_come_in(name: str) -> None:
    assert decode("abc".encode(name), encoding=name) == ("abc", name)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("", ""),
        ("ＡＩ＋，１２３", "ai+,123"),
        ("鄉村電信詐騙", "乡村电信诈骗"),
        ("  a\u00a0\u3000 b\t\nc ", "a b c"),
        ("零\u200b宽\u200d字\ufeff符\x00\x07", "零宽字符"),
        ("e\u0301\ufb01①", "éfi1"),
        ("\ud800水\udfff", "\ufffd水\ufffd"),
        ("a\x85b\u2028c\x1cd", "a b c d"),
        ("☺\ufe0f", "☺"),
        ("ΑΣ", "ας"),
    ],
)
def test_normalize(text: str, normal: str) -> None:
    assert normalize(text) == normal


def test_normalize_leaves_simplified_text_with_ambiguous_characters_alone() -> None:
    assert normalize("著名作家") == "著名作家"


def test_fold_turns_everything_but_letters_and_digits_into_spaces() -> None:
    assert fold("《水》：5G+，😀_") == " 水  5g    "


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", "⓪"),
        ("a", "①"),
        ("水渠", "②"),
        ("G 水", "②"),
        ("５Ｇ，水渠", "④"),
        ("水" * 90, "㊿"),
    ],
)
def test_where_punctuation_counts_the_length_in_full_widths_is_told(text: str, length: str) -> None:
    assert fold(text, punctuation=True)[-1] == length


@given(st.lists(ANY_TEXT, max_size=6))
def test_many_texts_fold_as_each_alone(texts: list[str]) -> None:
    folded = FoldedTexts.of(texts)
    lines = folded.joined.split("\n") if texts else []
    assert [line.split() for line in lines] == [fold(text).split() for text in texts]
    assert folded.n_texts == len(texts)
    assert folded.code_points.tolist() == [ord(char) for char in folded.joined]


@given(st.lists(ANY_TEXT, max_size=6))
def test_many_texts_fold_with_punctuation_as_each_alone(texts: list[str]) -> None:
    folded = FoldedTexts.of(texts, punctuation=True)
    lines = folded.joined.split("\n") if texts else []
    assert [line.split("␣") for line in lines] == [
        fold(text, punctuation=True).split("␣") for text in texts
    ]
    assert folded.code_points.tolist() == [ord(char) for char in folded.joined]


# Characters whose form hangs on their neighbours, those that a text is cut at, and some between.
IN_CONTEXT = st.text(
    "鄉鐘瞭里一目然Σσa'.e\u0301\u0338か\u3099ᄀ\u1161㍿\u200b𠮷\ud800=，。、；！？!?;, \u3000\n␂",
    max_size=40,
)


@example(["aΣ.a，aΣ'a", "aΣ，a"], None)
@example(["鄉;瞭然"], None)
@example(["瞭然\n鄉"], None)
@given(st.lists(IN_CONTEXT, min_size=1, max_size=4), st.sampled_from([None, "␣"]))
def test_a_character_folds_by_its_neighbours_in_one_text_of_many(
    texts: list[str], white: str | None
) -> None:
    punctuation = white is not None
    lines = FoldedTexts.of(texts, punctuation=punctuation).joined.split("\n")
    assert [line.split(white) for line in lines] == [
        fold(text, punctuation=punctuation).split(white) for text in texts
    ]


def test_only_the_surroundings_of_a_character_are_folded_by_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = "县里修通水渠，" * 50
    texts = [plain, f"{plain}鄉間，過橋。村里{plain}", f"鐘{plain}"]
    expected = "\n".join(map(fold, texts))
    asked: list[str] = []

    def listening(
        text: str, punctuation: bool, really: Callable[[str, bool], str] = fold_part
    ) -> str:
        asked.append(text)
        return really(text, punctuation)

    monkeypatch.setattr(module, "fold_part", listening)
    assert FoldedTexts.of(texts).joined == expected
    assert [text for text in asked if len(text) > 1] == ["，鄉間，過橋", "鐘县里修通水渠"]


def test_many_odd_texts_fold_with_punctuation_as_each_alone(odd_texts: list[str]) -> None:
    texts = [*odd_texts, "\ud800孤", "…—《水》", "a\u0301！"]
    lines = FoldedTexts.of(texts, punctuation=True).joined.split("\n")
    assert [line.split("␣") for line in lines] == [
        fold(text, punctuation=True).split("␣") for text in texts
    ]


@given(ANY_TEXT)
def test_offsets_lead_back_where_punctuation_counts(text: str) -> None:
    folded, offsets = fold_with_offsets(text, punctuation=True)
    assert folded == fold(text, punctuation=True)
    assert len(offsets) == len(folded) + 1
    assert offsets[0] == 0
    assert offsets[-2:].tolist() == [len(text)] * 2
    assert (np.diff(offsets) >= 0).all()


def test_many_odd_texts_fold_as_each_alone(odd_texts: list[str]) -> None:
    lines = FoldedTexts.of(odd_texts).joined.split("\n")
    assert [line.split() for line in lines] == [fold(text).split() for text in odd_texts]


@given(ANY_TEXT)
def test_offsets_lead_back_to_the_original(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert len(offsets) == len(folded) + 1
    assert offsets[-1] == len(text)
    assert (np.diff(offsets) >= 0).all()
    assert folded.split() == fold(text).split()


def test_offsets_point_at_the_character_that_was_folded() -> None:
    text = "「ＡＩ\u200b」e\u0301㍿鄉村"
    folded, offsets = fold_with_offsets(text)
    for start, end, piece in ((1, 3, "ＡＩ\u200b"), (4, 5, "e\u0301"), (9, 11, "鄉村")):
        assert text[offsets[start] : offsets[end]] == piece, folded


def test_offsets_of_a_letter_with_thousands_of_marks_take_no_time() -> None:
    # Each mark looked at with all those before it would take an hour.
    marked = "渠" + "\u0301\u0323" * 5_000
    folded, offsets = fold_with_offsets(f"水{marked}水")
    assert len(offsets) == len(folded) + 1
    assert offsets[0] == 0
    assert offsets[-2:].tolist() == [len(marked) + 1, len(marked) + 2]
    assert (np.diff(offsets) >= 0).all()


@pytest.mark.parametrize("n_marks", [1, 30])
def test_the_marks_on_one_letter_are_folded_and_found_with_it(n_marks: int) -> None:
    marked = "a" + "\u0323" * (n_marks - 1) + "\u0301"
    folded, offsets = fold_with_offsets(f"水{marked}水")
    assert folded == fold(f"水{marked}水")
    assert set(offsets.tolist()) == {0, 1, len(marked) + 1, len(marked) + 2}


def test_a_megabyte_folds() -> None:
    text = "修通水渠，" * 70_000
    assert len(text.encode()) > 1_000_000
    assert FoldedTexts.of([text]).joined == fold(text)
