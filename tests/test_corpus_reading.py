"""Labelled files of every format, and what is wrong in them."""

import gzip
import io
import json
import lzma
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from classifier.corpus import Example, check_corpus, read_corpus
from classifier.errors import DataError, UnknownLabelsError
from classifier.tables import open_writer
from classifier.taxonomy import Taxonomy

EXPECTED = [
    ("渠水引到旱塬上", ("water", "agriculture")),
    ("人物故事", ()),
    ("村医上门接种疫苗", ("health",)),
]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_lines(path: Path, rows: Sequence[object]) -> Path:
    return write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    with open_writer(path, columns=list(rows[0])) as writer:
        writer.write(rows)
    return path


def pairs(path: Path, **options: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.text, one.topics) for one in read_corpus(path, **options)]


# Formats


def test_jsonl_rows_keep_kind_and_other_fields(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "a.jsonl",
        [
            {"id": 7, "text": "甲", "topics": ["water"], "kind": "paragraph", "源": [1]},
            {"text": "乙", "topics": [], "kind": None},
        ],
    )
    corpus = read_corpus(path)
    assert corpus.examples == (
        Example("甲", ("water",), "paragraph", {"id": 7, "源": [1]}),
        Example("乙", ()),
    )
    assert corpus.taxonomy == Taxonomy.default()
    assert not corpus.exclusive


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_packed_files_and_other_encodings_are_read(
    tmp_path: Path, pack: Any, encoding: str
) -> None:
    lines = "".join(
        json.dumps({"text": text, "topics": topics}, ensure_ascii=False) + "\n"
        for text, topics in EXPECTED
    )
    path = tmp_path / ("a.jsonl.gz" if pack is gzip.compress else "a.jsonl.xz")
    path.write_bytes(pack(lines.encode(encoding)))
    assert pairs(path) == EXPECTED
    notes = () if encoding == "utf-8" else (f"read as {encoding}",)
    assert read_corpus(path).notes == check_corpus(path).notes == notes
    assert read_corpus(path, encoding=encoding).notes == ()


@pytest.mark.parametrize("suffix", ["csv", "tsv", "xlsx", "parquet", "csv.gz"])
@pytest.mark.parametrize("joint", ["|", ";", "；", "、", " | "])
def test_tables_hold_joined_topics(tmp_path: Path, suffix: str, joint: str) -> None:
    rows = [{"标题": text, "topics": joint.join(topics), "n": "1"} for text, topics in EXPECTED]
    path = write_table(tmp_path / f"a.{suffix}", rows)
    assert pairs(path) == EXPECTED
    assert read_corpus(path).examples[0].extra == {"n": "1"}


@pytest.mark.parametrize("joint", [",", "，", ", ", "｜", "/", "／"])
@pytest.mark.parametrize("taxonomy", [None, Taxonomy.default()])
def test_what_may_stand_in_a_name_joins_known_topics_alone(
    tmp_path: Path, joint: str, taxonomy: Taxonomy | None
) -> None:
    rows = [{"text": text, "topics": joint.join(topics)} for text, topics in EXPECTED]
    rows.append({"text": "又一条", "topics": f"水利水务{joint}health|现代农业{joint}"})
    path = write_table(tmp_path / "a.csv", rows)
    assert pairs(path, taxonomy=taxonomy) == [
        *EXPECTED,
        ("又一条", ("water", "health", "agriculture")),
    ]
    rows.append({"text": "甲", "topics": f"water{joint}天气"})
    with pytest.raises(DataError, match=rf"line 6: topic 'water{joint}天气' is not in the taxo"):
        read_corpus(write_table(tmp_path / "b.csv", rows), taxonomy=taxonomy)


def test_a_class_with_a_separator_in_its_name_stays_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,topics\n甲,A/B\n乙,教育/健身\n丙,A\n丁,教育/体育\n")
    assert read_corpus(path).taxonomy.ids == ("A", "A/B", "教育/体育", "教育/健身")
    path = write(tmp_path / "a.csv", "text,label\n甲,教育/体育\n乙,金融/能源电力\n")
    corpus = read_corpus(path)
    assert (corpus.exclusive, corpus.taxonomy.ids) == (True, ("教育/体育", "金融/能源电力"))
    own = Taxonomy.from_ids(["A", "B", "A/B"])
    path = write(tmp_path / "a.csv", "text,topics\n甲,A/B\n乙,B/A\n")
    assert pairs(path, taxonomy=own) == [("甲", ("A/B",)), ("乙", ("B", "A"))]


def test_parquet_holds_lists_as_well(tmp_path: Path) -> None:
    rows = [{"text": text, "topics": list(topics)} for text, topics in EXPECTED]
    assert pairs(write_table(tmp_path / "a.parquet", rows)) == EXPECTED


def test_names_resolve_like_ids(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "text,主题\n甲,水利水务、现代农业\n乙,Water; water ;水利水务\n丙,Housing and city\n",
    )
    assert [topics for _, topics in pairs(path)] == [
        ("water", "agriculture"),
        ("water",),
        ("housing-urban",),
    ]


def test_a_name_with_a_separator_in_it_is_not_cut(tmp_path: Path) -> None:
    taxonomy = write(tmp_path / "t.toml", '[[topic]]\nid = "a"\nzh = "水、电"\n')
    path = write(tmp_path / "a.csv", "text,topics\n甲,水、电\n")
    assert pairs(path, taxonomy=Taxonomy.load(taxonomy)) == [("甲", ("a",))]


def test_a_column_label_holds_classes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "text\tlabel\n甲\tstory\n乙\tcar\n丙\tstory\n")
    corpus = read_corpus(path)
    assert corpus.exclusive
    assert corpus.taxonomy.ids == ("car", "story")
    assert corpus.labels().tolist() == [[0, 1], [1, 0], [0, 1]]


def test_quotation_marks_of_a_tsv_benchmark_are_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", 'text\tlabel\n"甲"是这样的\tcar\n乙"丙\tcar\n')
    assert [text for text, _ in pairs(path)] == ['"甲"是这样的', '乙"丙']


@pytest.mark.parametrize("labels", [[3, 11], ["3", "11"]])
def test_classes_may_be_numbers(tmp_path: Path, labels: list[Any]) -> None:
    rows = [{"text": text, "label": label} for text, label in zip("甲乙", labels, strict=True)]
    assert [topics for _, topics in pairs(write_lines(tmp_path / "a.jsonl", rows))] == [
        ("3",),
        ("11",),
    ]
    assert read_corpus(write_table(tmp_path / "a.xlsx", rows)).exclusive


def test_the_column_of_labels_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,topics,栏目\n甲,water,要闻\n乙,,民生\n")
    corpus = read_corpus(path, label_column="栏目")
    assert corpus.exclusive
    assert [one.topics for one in corpus] == [("民生",), ("要闻",)][::-1]
    assert corpus.examples[0].extra == {"topics": "water"}
    assert not read_corpus(path, label_column=" Topics").exclusive


def test_whether_classes_are_exclusive_can_be_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,label\n甲,water;health\n乙,\n")
    assert pairs(path, exclusive=False) == [("甲", ("water", "health")), ("乙", ())]
    single = write(tmp_path / "b.csv", "text,topics\n甲,water\n乙,health\n")
    assert read_corpus(single, exclusive=True).exclusive


def test_fasttext_lines_are_read(tmp_path: Path) -> None:
    lines = ["__label__water __label__agriculture 渠水引到旱塬上", "", "人物故事"]
    path = write(tmp_path / "a.txt", "\n".join([*lines, "__label__health  村医 上门"]))
    assert pairs(path) == [*EXPECTED[:2], ("村医 上门", ("health",))]
    tabs = write(tmp_path / "tabs.txt", "__label__water\t__label__energy\t水电站\t并网\n")
    assert pairs(tabs) == [("水电站\t并网", ("water", "energy"))]
    assert not read_corpus(path).exclusive
    single = write(tmp_path / "b.txt", "__label__car 甲\n__label__story 乙\n")
    assert read_corpus(single, exclusive=True).exclusive
    path = write(tmp_path / "a.txt", "__label__car 甲\n__label__ 乙\n")
    with pytest.raises(DataError, match=r"a\.txt line 2: '' is no label"):
        read_corpus(path)


def test_a_list_of_headlines_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.txt: no line begins with __label__…, so it holds no"):
        read_corpus(write(tmp_path / "a.txt", "甲\n乙\n"))


@pytest.mark.parametrize("field", ["label", "labels"])
def test_doccano_lines_are_read(tmp_path: Path, field: str) -> None:
    rows = [{"id": n, "text": text, field: topics} for n, (text, topics) in enumerate(EXPECTED)]
    path = write_lines(tmp_path / "a.jsonl", rows)
    assert pairs(path) == EXPECTED
    assert not read_corpus(path).exclusive


def annotated(choices: Sequence[str], **more: Any) -> dict[str, Any]:
    result = [{"type": "choices", "from_name": "topic", "value": {"choices": list(choices)}}]
    return {"id": 1, "result": [*result, {"type": "rating", "value": {"rating": 3}}], **more}


def test_label_studio_exports_are_read(tmp_path: Path) -> None:
    items = [
        {
            "id": number,
            "data": {"text": text, "来源": "晚报"},
            "annotations": [annotated(["天气"], was_cancelled=True), annotated(topics)],
        }
        for number, (text, topics) in enumerate(EXPECTED)
    ]
    path = write(tmp_path / "a.json", json.dumps(items))
    assert pairs(path) == EXPECTED
    assert read_corpus(path).examples[0].extra == {"来源": "晚报"}
    old = [{"data": items[0]["data"], "completions": items[0]["annotations"]}]
    assert pairs(write(tmp_path / "b.json", json.dumps(old))) == EXPECTED[:1]


def test_label_studios_short_export_is_read(tmp_path: Path) -> None:
    items = [
        {"id": 1, "text": "甲", "topic": {"choices": ["水利水务", "现代农业"]}},
        {"id": 2, "text": "乙", "topic": "教育"},
    ]
    path = write(tmp_path / "a.json", json.dumps(items))
    assert pairs(path, label_column="topic") == [
        ("甲", ("water", "agriculture")),
        ("乙", ("education",)),
    ]


def test_an_item_without_annotation_is_told(tmp_path: Path) -> None:
    items: list[Any] = [
        {"data": {"text": "甲", "topics": ["water"]}, "annotations": [annotated(["water"])]},
        {"data": {"text": "乙", "topics": ["water"]}, "annotations": []},
        {"data": {"text": "丙"}, "annotations": [annotated([], was_cancelled=True)]},
        {"data": {"text": "丁"}, "annotations": 5},
        {"data": {"text": "戊"}, "annotations": [{"result": 5}, 6]},
        {"data": {"text": "己"}, "annotations": [{"result": [7, {"value": 8}]}]},
        9,
    ]
    path = write(tmp_path / "a.json", json.dumps(items))
    report = check_corpus(path)
    assert [row.number for row in report.bad_rows] == [2, 3, 4, 7]
    assert report.bad_rows[0].reason.startswith("has no field 'topics'; write [] for a text known")
    assert report.n_texts == 3


TAGGED = {
    "text": "甲",
    "topics": [{"id": "water", "name": "水利", "probability": 0.9}],
    "decision": "accept",
}


def test_a_tagged_file_is_read_once_it_was_corrected(tmp_path: Path) -> None:
    corpus = read_corpus(write_lines(tmp_path / "a.jsonl", [TAGGED]))
    assert corpus.examples == (Example("甲", ("water",), "headline", {"decision": "accept"}),)
    (note,) = corpus.notes
    assert note.startswith("the column 'topics' is what tagging writes; unless a person went over")


@pytest.mark.parametrize("column", ["主题", "input_topics"])
def test_a_persons_labels_come_before_what_tagging_wrote(tmp_path: Path, column: str) -> None:
    path = write_lines(tmp_path / "a.jsonl", [TAGGED | {column: ["教育"]}])
    corpus = read_corpus(path)
    assert corpus.examples[0].topics == ("education",)
    assert corpus.notes == ()
    assert pairs(path, label_column="topics") == [("甲", ("water",))]


def test_a_correction_takes_the_place_of_earlier_labels_of_its_text(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "甲", "topics": ["water"]},
        {"text": "乙", "topics": ["water"]},
        {"text": "甲", "topics": ["health"], "corrected_at": "2026-01-01"},
        {"text": "甲", "topics": ["education"], "corrected_at": "2026-01-02"},
        {"text": "乙", "topics": ["sports"], "corrected_at": ""},
    ]
    path = write_lines(tmp_path / "a.jsonl", rows)
    corpus = read_corpus(path)
    assert [(one.text, one.topics) for one in corpus] == [
        ("乙", ("water",)),
        ("甲", ("education",)),
        ("乙", ("sports",)),
    ]
    assert corpus.notes == ("2 lines are corrected further down and left out, such as line 1",)
    assert (corpus + corpus).notes == corpus.notes * 2
    report = check_corpus(path)
    assert (report.n_rows, report.n_texts, report.notes) == (5, 3, corpus.notes)


def pipe_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe_in(monkeypatch, '{"text": "甲", "topics": ["water"]}\n'.encode())
    assert read_corpus("-", format="jsonl").texts == ("甲",)


@pytest.mark.parametrize(
    ("beginning", "format_"),
    [
        ('\n \n{"text": "甲", "topics": ["water"]}\n', "jsonl"),
        ('[\n{"text": "甲", "topics": ["water"]}]\n', "json"),
        ("__label__water 甲\n", "text"),
        ("text,topics\r\n甲,water\r\n", "csv"),
        ('"Topics";"标题"\nwater;甲\n', "csv"),
        ("text\ttopics\n甲\twater\n", "tsv"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_standard_input_shows_its_format(
    monkeypatch: pytest.MonkeyPatch, beginning: str, format_: str, pack: Any, encoding: str
) -> None:
    data = pack(beginning.encode(encoding))
    pipe_in(monkeypatch, data)
    assert [(one.text, one.topics) for one in read_corpus("-")] == [("甲", ("water",))]
    pipe_in(monkeypatch, data)
    assert check_corpus("-").format == format_


def test_a_column_that_is_named_shows_the_format_of_standard_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe_in(monkeypatch, "text,栏目\n甲,民生\n".encode())
    assert read_corpus("-", label_column="栏目").texts == ("甲",)


@pytest.mark.parametrize("first", ["村里修通水渠", "text,栏目", "甲,乙\t丙"])
def test_standard_input_of_no_format_known_is_refused(
    monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    pipe_in(monkeypatch, f"{first}\n{first}\n".encode())
    with pytest.raises(DataError, match=r"^standard input: its first line is no .*got .* --from$"):
        read_corpus("-")


def test_a_missing_file_and_a_folder_are_told_whatever_their_suffix(tmp_path: Path) -> None:
    for name in ("nofile", "a.dat", "a.csv"):
        with pytest.raises(DataError, match=rf"{name}: there is no such file$"):
            check_corpus(tmp_path / name)
    with pytest.raises(DataError, match=r"is a folder; name a file of labelled texts$"):
        read_corpus(tmp_path)


# The taxonomy


def test_labels_outside_the_default_taxonomy_make_their_own(tmp_path: Path) -> None:
    rows = [{"text": "甲", "topics": ["乙 类", "health"]}, {"text": "乙", "topics": ["甲类"]}]
    corpus = read_corpus(write_lines(tmp_path / "a.jsonl", rows))
    assert [(topic.id, topic.name) for topic in corpus.taxonomy] == [
        ("health", "health"),
        ("乙-类", "乙 类"),
        ("甲类", "甲类"),
    ]
    assert corpus.examples[0].topics == ("乙-类", "health")


def test_a_slip_among_the_packages_topics_is_told_not_made_a_topic(tmp_path: Path) -> None:
    labels = ["water", "energy", "sports", "watr"]
    path = write_lines(tmp_path / "a.jsonl", [{"text": "甲", "topics": [one]} for one in labels])
    with pytest.raises(
        DataError,
        match=r"^.*a\.jsonl line 4: topic 'watr' is not in the taxonomy of 30 topics; did you "
        r"mean 'water'\?\nthe labels are taken for the package's own topics, as most are; .*--tax",
    ):
        read_corpus(path)


def test_a_slip_is_told_however_few_topics_are_in_use(tmp_path: Path) -> None:
    labels = ["水利水务"] * 10 + ["现代农业"] * 9 + ["教肓"]
    path = write_lines(tmp_path / "a.jsonl", [{"text": "甲", "topics": [one]} for one in labels])
    with pytest.raises(DataError, match=r"line 20: topic '教肓' is not in the taxonomy of 30"):
        read_corpus(path)


def test_a_given_taxonomy_is_the_only_one(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [{"text": "甲", "topics": ["water", "甲类"]}])
    own = Taxonomy.from_ids(["甲类", "乙类"])
    with pytest.raises(DataError, match=r"line 1: topic 'water' is not in the taxonomy of 2 topi"):
        read_corpus(path, taxonomy=own)
    path = write_lines(tmp_path / "a.jsonl", [{"text": "甲", "topics": ["甲类"]}])
    assert read_corpus(path, taxonomy=own).taxonomy is own


def test_texts_without_any_topic_have_the_default_taxonomy(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [{"text": "甲", "topics": []}])
    assert read_corpus(path).taxonomy == Taxonomy.default()


# What is wrong


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"text": "甲"}, r"has no field 'topics'; write \[\] for a text known to have no topic"),
        ({"text": "甲", "topics": None}, r"has no labels: null; write \[\] for a text known"),
        ({"text": "甲", "topics": 0.5}, r"labels must be texts in a list or joined by \|, got 0.5"),
        ({"text": "甲", "topics": [True]}, r"labels must be texts .* got True"),
        ({"text": "甲", "topics": [["a"]]}, r"labels must be texts .* got \['a'\]"),
        ({"text": "甲", "topics": {"a": 1}}, "labels must be texts .* got None"),
        ({"text": "甲", "topics": [""]}, "'' is no label: one is not empty and holds no"),
        (
            {"text": "甲", "topics": ["water|energy"]},
            r"'water\|energy' is no label: .* a column",
        ),
        ({"text": "甲", "topics": "water;xyz"}, "topic 'xyz' is not in the taxonomy of 30 topics"),
        ({"text": "甲", "topics": ["x1", "y2"]}, "topic 'x1' is .*; topic 'y2' is not in the taxo"),
        ({"text": "甲", "topics": [], "kind": 3}, "kind must be a text, got 3"),
        ({"text": 5, "topics": []}, "the field 'text' must be a text, got 5"),
        ({"topics": []}, "has no field 'text'"),
        (["甲"], "expected an object with the field 'text'"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, row: Any, reason: str) -> None:
    good = [{"text": "好", "topics": list(Taxonomy.default().ids)}]
    path = write_lines(tmp_path / "a.jsonl", [*good, row, *good])
    with pytest.raises(DataError, match=rf"^.*a\.jsonl line 2: {reason}"):
        read_corpus(path)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "has no label, where each text has exactly one class"),
        ("water|health", r"'water\|health' is no label: .* joined by \| belong in a column topics"),
    ],
)
def test_a_bad_class_is_told_with_its_line(tmp_path: Path, cell: str, reason: str) -> None:
    path = write(tmp_path / "a.csv", f"text,label\n好,water\n甲,{cell}\n")
    with pytest.raises(DataError, match=rf"a\.csv line 3: {reason}"):
        read_corpus(path)


def test_a_text_of_several_classes_is_told(tmp_path: Path) -> None:
    rows = [{"text": "甲", "topics": ["water"]}, {"text": "乙", "topics": ["water", "energy"]}]
    path = write_lines(tmp_path / "a.jsonl", rows)
    with pytest.raises(DataError, match=r"line 2: has 2 labels, where each text has exactly one"):
        read_corpus(path, exclusive=True)
    assert [row.number for row in check_corpus(path, exclusive=True).bad_rows] == [2]


def test_the_first_ten_errors_are_shown_in_order(tmp_path: Path) -> None:
    lines = ["{broken" if number % 2 else '{"text": "甲"}' for number in range(1, 15)]
    path = write(tmp_path / "a.jsonl", "\n".join(['{"text": "甲", "topics": []}', *lines]))
    with pytest.raises(DataError) as caught:
        read_corpus(path)
    shown = str(caught.value).split("\n")
    assert [line.split(":")[0].rpartition(" ")[2] for line in shown[:10]] == [
        str(number) for number in range(2, 12)
    ]
    assert shown[10:] == ["and 4 more rows that cannot be used"]


def test_errors_of_every_kind_are_told_by_line(tmp_path: Path) -> None:
    rows = ['{"text": "甲", "topics": ["watr"]}', "{broken", '{"text": "乙"}']
    good = '{"text": "丙", "topics": ["water", "energy", "sports", "health"]}'
    with pytest.raises(DataError, match=r"(?s)line 1: topic 'watr'.* line 2: is no.* line 3: has"):
        read_corpus(write(tmp_path / "a.jsonl", "\n".join([*rows, good])))


def test_a_file_without_columns_of_labels_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,日期\n甲,六月\n")
    with pytest.raises(
        DataError,
        match=r"a\.csv: no column holds labels: topics \(joined by \|\), or label .*; its header "
        r"is 'text', '日期'; name the column of labels with --label-column",
    ):
        read_corpus(path)
    with pytest.raises(DataError, match=r"a\.csv: has no column '栏目'; its header is 'text'"):
        read_corpus(path, label_column="栏目")


@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", ""), ("a.csv", "text,topics\n"), ("a.txt", "\n")]
)
def test_a_file_without_texts_is_told(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(DataError, match=rf"{name}: holds no labelled text"):
        read_corpus(write(tmp_path / name, content))


def test_a_file_of_broken_lines_alone_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl line 1: is no valid JSON"):
        read_corpus(write(tmp_path / "a.jsonl", "{broken\n"))


@pytest.mark.parametrize("text", ["", " \u3000"])
def test_a_label_without_text_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "a.csv", f"text,topics\n甲乙丙丁,water\n{text},water\n{text},\n")
    with pytest.raises(DataError, match=r"^.*a\.csv line 3: has labels without text; write"):
        read_corpus(path)
    report = check_corpus(path)
    assert (report.n_rows, report.n_texts, report.n_without_topic) == (3, 1, 0)
    assert (report.empty, [row.number for row in report.bad_rows]) == ((3, 4), [3])
    assert {topic.id: topic.n_texts for topic in report.topics}["water"] == 1


def test_a_row_with_neither_text_nor_label_is_left_out(tmp_path: Path) -> None:
    rows = [{"text": "甲乙丙丁", "topics": "water"}, {"text": "", "topics": ""}]
    path = write_table(tmp_path / "a.csv", [*rows, {"text": "戊己庚辛", "topics": ""}, *rows])
    assert pairs(path) == [("甲乙丙丁", ("water",)), ("戊己庚辛", ()), ("甲乙丙丁", ("water",))]
    report = check_corpus(path)
    assert (report.n_rows, report.n_texts, report.empty) == (5, 3, (3, 6))
    assert report.corpus == read_corpus(path)
    assert [one.rows for one in report.duplicates] == [(2, 5)]
    with pytest.raises(DataError, match="holds no labelled text"):
        read_corpus(write_table(tmp_path / "b.csv", rows[1:]))
    assert not check_corpus(tmp_path / "b.csv").is_usable


# Checking


def test_a_report_tells_all_that_is_wrong(tmp_path: Path) -> None:
    long = "长" * 2001
    rows: list[Any] = [
        {"text": "石桥乡三千亩旱地今年用上滴灌", "topics": ["water", "agriculture"]},
        {"text": "石桥乡三千亩旱地今年用上滴灌 ", "topics": ["agriculture", "water"]},
        {"text": "石桥乡三千亩旱地，今年用上滴灌", "topics": ["water"]},
        {"text": "社区里开了共享书房", "topics": ["culture"]},
        {"text": "社区里开了共享书房", "topics": []},
        {"text": " ", "topics": []},
        {"text": "水渠", "topics": ["water"], "kind": "paragraph"},
        {"text": long, "topics": ["watr"]},
        {"text": "村医上门", "topics": ["watr", "天气预报"]},
        {"text": "没有标签"},
        "broken",
        {"text": "村里开了小卖部", "topics": [5.5]},
    ]
    report = check_corpus(write_lines(tmp_path / "a.jsonl", rows), taxonomy=Taxonomy.default())
    assert (report.unit, report.format, report.encoding) == ("line", "jsonl", "utf-8")
    assert report.name.endswith("a.jsonl")
    assert (report.taxonomy, report.exclusive, report.is_usable) == ("given", False, False)
    assert (report.n_rows, report.n_texts, report.n_without_topic) == (12, 6, 1)
    assert report.kinds == {"headline": 5, "paragraph": 1}
    counts = {topic.id: topic.n_texts for topic in report.topics}
    assert len(counts) == 30
    assert (counts["water"], counts["agriculture"], counts["culture"]) == (4, 2, 1)
    assert len(report.few) == 30
    assert [(one.label, one.rows) for one in report.unknown_topics] == [
        ("watr", (8, 9)),
        ("天气预报", (9,)),
    ]
    assert report.unknown_topics[0].problem.endswith("did you mean 'water'?")
    assert [row.number for row in report.bad_rows] == [10, 11, 12]
    assert (report.empty, report.short, report.long) == ((6,), (7,), (8,))
    assert [(one.rows, one.labels) for one in report.duplicates] == [
        ((1, 2), (("water", "agriculture"), ("agriculture", "water")))
    ]
    assert [(one.text, one.rows) for one in report.conflicts] == [("社区里开了共享书房", (4, 5))]
    assert report.reprints == ((1, 2, 3),)
    assert report.n_distinct == 3


def test_a_report_is_plain_data(tmp_path: Path) -> None:
    rows = [{"text": f"第{n}条水利消息", "topics": ["water"]} for n in range(10)] + ["broken"]
    report = check_corpus(write_lines(tmp_path / "a.jsonl", rows))
    data = json.loads(json.dumps(report.to_dict()))
    assert data["n_rows"] == 11
    assert data["is_usable"] is False
    assert data["bad_rows"][0]["number"] == 11
    assert {"id": "water", "name": "水利水务", "n_texts": 10} in data["topics"]
    assert "water" not in [topic["id"] for topic in data["few"]]


def test_a_clean_file_is_usable_and_an_empty_one_is_not(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [{"text": "甲乙丙丁", "topics": ["甲类"]}])
    report = check_corpus(path)
    assert report.is_usable
    assert report.taxonomy == "labels"
    assert report.n_distinct == 1
    empty = check_corpus(write(tmp_path / "b.jsonl", ""))
    assert (empty.is_usable, empty.n_rows, empty.n_distinct) == (False, 0, 0)


def test_a_check_stops_at_a_file_that_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column is named text"):
        check_corpus(write(tmp_path / "a.csv", "甲,乙\n1,2\n"))


@pytest.mark.parametrize(
    ("row", "topics", "names"),
    [
        ("开学第一课,water,教育,0.9,review", "water", "教育"),
        ("开学第一课,,教育,,none", "nothing", "教育"),
        ("开学第一课,education,,0.9,accept", "education", "nothing"),
        ("水渠进校园,water,水利水务，教育,0.9,accept", "water", "水利水务，教育"),
        ("水渠进校园,water|education,水利水务,0.9,accept", "water|education", "水利水务"),
    ],
)
def test_names_set_right_beside_ids_are_told(
    tmp_path: Path, row: str, topics: str, names: str
) -> None:
    path = tmp_path / "tagged.csv"
    same = "修通水渠,water|energy,水利水务|能源电力,0.9|0.8,accept\n人物故事,,,,none\n"
    for head in ("topics,topic_names", "Topics,Topic_Names"):
        if names == "nothing" and head != "topics,topic_names":
            continue  # a column of one's own may be filled in part
        path.write_text(f"标题,{head},probabilities,decision\n{same}{row}\n", encoding="utf-8")
        says = f"line 4: topics says {topics}, topic_names says {names}; put what is right under"
        with pytest.raises(DataError, match=re.escape(says)):
            read_corpus(path)
    right = {"topics": topics, "topic_names": names}
    for column, written in right.items():
        (*_, last) = read_corpus(path, label_column=column).examples
        wanted = [name for name in re.split(r"[|，]", written) if name != "nothing"]
        assert last.topics == tuple(map(Taxonomy.default().resolve, wanted))


def test_names_beside_ids_that_say_no_topic_are_let_be(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    for row in ("开学第一课,education,栏目一", "开学第一课,education,"):
        path.write_text(f"text,topics,topic_names\n{row}\n修通水渠,water,水利水务\n", "utf-8")
        assert read_corpus(path).examples[0].topics == ("education",)
    path.write_text(
        "text,label,topic_names\n修通水渠,water,教育\n开学,education,水利水务\n", "utf-8"
    )
    assert len(read_corpus(path)) == 2


@pytest.mark.parametrize("joined", ["文化艺术、教育", "文化艺术，教育", "文化艺术/教育"])
def test_several_topics_in_a_column_of_one_class_are_told(tmp_path: Path, joined: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text(f"text,分类\n修渠,水利水务\n剪纸进校园,{joined}\n", encoding="utf-8")
    says = f"line 3: '{joined}' names several topics"
    with pytest.raises(DataError, match=f"{says}.*'主题'$") as told:
        read_corpus(path, taxonomy=Taxonomy.default())
    assert not isinstance(told.value, UnknownLabelsError)
