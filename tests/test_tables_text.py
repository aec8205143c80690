"""Text formats: lines, CSV, TSV, JSON, their encodings and what is broken in them."""

import csv
import gzip
import json
import lzma
import random
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError, DecodingError
from classifier.tables import BadRow, open_table, open_writer
from classifier.tables.cells import as_json, as_text, defuse

SIMPLIFIED = "县里的老年人在社区食堂吃上了热饭，大家都说这个办法好"
TRADITIONAL = "縣裡的老年人在社區食堂吃上了熱飯，大家都說這個辦法好"


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def texts_of(path: Path, **options: Any) -> list[str]:
    with open_table(path, **options) as table:
        return [row.text for row in table]


# Plain text


def test_lines_keep_their_numbers_and_blank_ones_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "\n　甲 \r\n\u3000\t\n乙\u2028丙\r丁")
    with open_table(path) as table:
        assert table.columns == ()
        assert table.text_column == "text"
        rows = list(table)
        assert table.blank_lines == 2
    assert [(row.number, row.text) for row in rows] == [(2, "　甲 "), (4, "乙\u2028丙"), (5, "丁")]
    assert rows[0].values == {"text": "　甲 "}


def test_plain_text_has_no_column_to_choose(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "甲")
    assert texts_of(path, text_column="text") == ["甲"]
    with pytest.raises(DataError, match="plain text has no columns; leave out --text-column"):
        open_table(path, text_column="标题")


def test_plain_text_is_written_as_one_column_without_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with open_writer(path, columns=["text"]) as writer:
        writer.write(iter([{"text": "甲"}, {"text": "乙"}]))
        assert writer.n_rows == 2
    assert path.read_bytes() == "甲\n乙\n".encode()
    with pytest.raises(DataError, match="plain text holds one column, not 2; write CSV"):
        open_writer(tmp_path / "b.txt", columns=["text", "topics"])
    writer = open_writer(tmp_path / "b.txt", columns=["text"])
    with pytest.raises(DataError, match=r"'甲\\n乙' holds a line break"):
        writer.write([{"text": "甲\n乙"}])
    writer.abort()


# Encodings


@pytest.mark.parametrize(
    ("encoding", "text", "named"),
    [
        ("utf-8", SIMPLIFIED, "utf-8"),
        ("utf-8-sig", SIMPLIFIED, "utf-8-sig"),
        ("utf-16", SIMPLIFIED, "utf-16"),
        ("gb18030", SIMPLIFIED, "gb18030"),
        ("big5", TRADITIONAL, "big5"),
    ],
)
@pytest.mark.parametrize("n_lines", [1, 20_000])
def test_the_encoding_is_found_and_the_file_streamed(
    tmp_path: Path, encoding: str, text: str, named: str, n_lines: int
) -> None:
    # The longer file is some megabytes, of which the first decides.
    lines = [f"{n}{text}" for n in range(n_lines)]
    for name, header in (("a.txt", ""), ("a.csv", "text\n")):
        path = write(tmp_path / name, header + "\n".join(lines), encoding)
        with open_table(path) as table:
            assert [row.text for row in table] == lines
            assert table.encoding == named


def test_a_line_longer_than_the_sample_is_read_whole(tmp_path: Path) -> None:
    blob = SIMPLIFIED * 30_000
    for encoding in ("utf-8", "gb18030", "utf-16"):
        path = write(tmp_path / "a.txt", f"{blob}\n乙", encoding)
        assert texts_of(path) == [blob, "乙"]


def test_an_encoding_that_is_named_is_taken_at_its_word(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", SIMPLIFIED, "gb18030")
    assert texts_of(path, encoding="gbk") == [SIMPLIFIED]
    broken = tmp_path / "b.txt"
    broken.write_bytes("甲\n".encode() * 300_000 + b"\xff\n")
    with pytest.raises(DecodingError, match=r"b\.txt: byte 1200000 is not utf-8, in which"):
        texts_of(broken)
    marked = write(tmp_path / "c.txt", "甲", "utf-8-sig")
    assert texts_of(marked, encoding="UTF8") == ["甲"]
    with pytest.raises(DecodingError, match="'utf-88' is no encoding of texts"):
        open_table(path, encoding="utf-88")


@pytest.mark.parametrize(
    ("data", "encoding", "what"),
    [
        ("甲乙\n".encode("gb18030"), "utf-8", "byte 0"),
        ("ab甲\n".encode("utf-8-sig")[:-2], "utf-8", "byte 5"),
        ("甲乙\n".encode(), "ascii", "byte 0"),
        ("甲\n".encode() * 300_000 + b"\xff\n", "utf-8", "byte 1200000"),
        ("甲\n".encode("utf-16-le"), "utf-16", "the beginning"),
    ],
    ids=["other", "cut off", "ascii", "late", "no mark"],
)
def test_bytes_that_are_not_in_the_encoding_named_are_told_and_never_replaced(
    tmp_path: Path, data: bytes, encoding: str, what: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(
        DecodingError, match=rf"a\.txt: {what} is not {encoding}, as --encoding has it; name"
    ):
        texts_of(path, encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf_8_sig", "gb18030", "big5"])
@pytest.mark.parametrize(
    ("suffix", "header", "row"),
    [
        ("txt", "", "{}"),
        ("csv", "no,text\n", "7,{}"),
        ("csv", "no,text\n", '"7\n8",{}'),
        ("jsonl", "", '{{"text": "{}"}}'),
    ],
    ids=["txt", "csv", "csv of two lines a row", "jsonl"],
)
def test_a_row_with_a_broken_byte_is_a_bad_row_where_bad_rows_are_taken(
    tmp_path: Path, encoding: str, suffix: str, header: str, row: str
) -> None:
    rows = [row.format(text) for text in ("甲", "乙?丙", "丁")]
    data = (header + "\n".join(rows)).encode(encoding).replace(b"?", b"\xff")
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)
    bad: list[BadRow] = []
    assert texts_of(path, encoding=encoding, on_bad_row=bad.append) == ["甲", "丁"]
    (one,) = bad
    assert one.number == 1 + bool(header) + 1 + row.count("\n")
    assert one.reason == (
        f"holds bytes that are not {encoding}, as --encoding has it (0xFF); "
        "mend the row, or name another encoding"
    )
    # Whole: the broken byte too can be had back.
    codec = encoding.replace("_sig", "")
    assert one.content.encode(codec, "surrogateescape") in data


def test_an_encoding_that_most_rows_are_not_in_is_wrongly_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "甲\n乙\nABC", "gb18030")
    with pytest.raises(DecodingError, match=r"a\.txt: byte 0 is not utf-8, as --encoding has it"):
        open_table(path, encoding="utf-8", on_bad_row=lambda _: None)


@pytest.mark.parametrize(
    ("written", "named"), [("utf-16", "utf-8"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le")]
)
def test_broken_bytes_in_utf_16_end_the_file(tmp_path: Path, written: str, named: str) -> None:
    path = tmp_path / "a.txt"
    # Half a pair, and in UTF-8 lines of ASCII between zeros, in which nothing seems broken.
    path.write_bytes("甲\n".encode(written) + b"\x80\xd8" + "\nABC\nABC".encode("utf-16-le"))
    with pytest.raises(DecodingError, match=rf"is not {named}, as --encoding has it"):
        texts_of(path, encoding=named, on_bad_row=lambda _: None)


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.csv", b"t\xffext\n1\n2\n", "the header"),
        ("a.json", b'[{"text": "1"},\n{"text": "2"},\n{"text": "\xff"}]', "byte 41"),
    ],
)
def test_a_broken_byte_outside_all_rows_is_told_though_bad_rows_are_taken(
    tmp_path: Path, name: str, data: bytes, what: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DecodingError, match=rf": {what} is not utf-8, as --encoding has it"):
        texts_of(path, encoding="utf-8", on_bad_row=lambda _: None)


def test_a_broken_row_has_no_say_in_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"te\xffxt": "1"}\n{"text": "2"}\n{"text": "3"}\n')
    with open_table(path, encoding="utf-8", on_bad_row=lambda _: None) as table:
        assert table.columns == ("text",)
    rows = b"1,water,water,0.9000,accept\n"
    tagged = b"text,topics,topic_names,probabilities,decision\n" + rows * 2
    for data in (tagged, tagged + rows.replace(b"accept", b"acc\xffept")):
        (tmp_path / "b.csv").write_bytes(data)
        with open_table(tmp_path / "b.csv", encoding="utf-8", on_bad_row=lambda _: None) as table:
            assert "decision" in table.tagged_columns


def test_half_a_surrogate_pair_that_json_escapes_is_no_broken_byte(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", r'{"text": "\udcff"}', "utf-8")
    assert texts_of(path, encoding="utf-8", on_bad_row=lambda _: None) == ["\udcff"]


def test_an_encoding_named_may_cut_the_first_megabyte_within_a_character(tmp_path: Path) -> None:
    lines = ["甲乙"] * 200_000
    path = write(tmp_path / "a.txt", "\n".join(lines), "utf-16-le")
    assert texts_of(path, encoding="utf-16-le") == lines


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig", "utf-16"])
def test_a_late_failure_names_the_byte(tmp_path: Path, encoding: str) -> None:
    good = (SIMPLIFIED + "\n") * 20_000
    # Alone each is no character: an end byte of UTF-8, half a pair of GB18030, of UTF-16.
    bad = {"utf-16": "甲\n".encode("utf-16-le") + b"\x00\xd8\n\x00"}.get(encoding, b"\x81 \n")
    path = tmp_path / "a.txt"
    path.write_bytes(good.encode(encoding) + bad)
    byte = path.read_bytes().index(bad) + (4 if encoding == "utf-16" else 0)
    with (
        open_table(path) as table,
        pytest.raises(DecodingError, match=rf"a\.txt: byte {byte} is not {encoding}, in which"),
    ):
        list(table)


def test_bytes_in_no_encoding_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text\n\xff\xff\xff\n")
    with pytest.raises(DecodingError, match=r"a\.csv: cannot be read as text; tried utf-8 \(byte"):
        open_table(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04...", "is a spreadsheet or another zip file, not text; .* --from xlsx"),
        (b"\xd0\xcf\x11\xe0...", "is an old Excel or WPS file, not text"),
        (b"PAR1...", "is a Parquet file, not text; classifier tag, .* read it with --from parquet"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF, not text; save what it says as text$"),
        (b"\x89PNG\r\n\x1a\n", r"is a picture \(PNG\), not text; save what it says as text$"),
        (b"\xff\xd8\xff\xe0", r"is a picture \(JPEG\), not text"),
        (b"GIF89a", r"is a picture \(GIF\), not text"),
    ],
)
def test_a_binary_file_is_not_taken_for_text(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(DecodingError, match=rf"a\.csv: {message}"):
        open_table(path)
    with pytest.raises(DecodingError, match=rf"a\.csv: {message}"):
        open_table(path, encoding="gb18030")


# Compression


def test_compression_is_recognised_whatever_the_name(tmp_path: Path) -> None:
    data = f"{SIMPLIFIED}\n".encode("gb18030") * 20_000
    for name, packed in (("a.txt.gz", gzip.compress(data)), ("a.txt", lzma.compress(data))):
        path = tmp_path / name
        path.write_bytes(packed)
        with open_table(path) as table:
            assert next(iter(table)).text == SIMPLIFIED
            assert table.share_read is not None
            assert 0 < table.share_read <= 1
            assert len(list(table)) == 19_999


@pytest.mark.parametrize("n_lines", [10, 70_000])
@pytest.mark.parametrize(
    "compress", [partial(gzip.compress, compresslevel=1), partial(lzma.compress, preset=0)]
)
def test_damaged_compression_is_told(tmp_path: Path, compress: Any, n_lines: int) -> None:
    rng = random.Random(0)
    data = "".join(f"{rng.random()}\n" for _ in range(n_lines)).encode()
    path = tmp_path / "a.txt.gz"
    path.write_bytes(compress(data)[:-20])
    with pytest.raises(DataError, match=r"a\.txt\.gz: the compressed data is damaged or cut off"):
        texts_of(path)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no such file")
def test_a_file_that_cannot_be_read_on_is_told() -> None:
    with pytest.raises(DataError, match="/proc/self/mem: cannot be read: Input/output error"):
        open_table("/proc/self/mem", format="text")


# CSV and TSV


def test_fields_may_hold_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", '编号,标题\r\n1,"甲,""乙""\r\n丙"\r\n2,丁\r\n')
    with open_table(path) as table:
        rows = list(table)
    assert [(row.number, row.text) for row in rows] == [(2, '甲,"乙"\r\n丙'), (4, "丁")]
    assert rows[0].values == {"编号": "1", "标题": '甲,"乙"\r\n丙'}


def test_a_header_may_follow_blank_lines_and_repeat_a_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "\n标题,来源,来源,\n甲,乙,丙,\n")
    with open_table(path) as table:
        assert table.columns == ("标题", "来源", "来源_2", "column_4")
        assert [row.number for row in table] == [3]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "1",
            "has 1 field where the header has 2; a field that holds ',' must stand in quotation",
        ),
        ("1,甲,乙", "has 3 fields where the header has 2"),
        ('1,"甲"乙', r'a quotation mark stands where none may: in a .* written twice \(""\)'),
        ('1,"甲', "a quotation mark is opened and never closed"),
    ],
)
def test_a_bad_row_stops_or_is_passed_over(tmp_path: Path, row: str, reason: str) -> None:
    path = write(tmp_path / "a.csv", f"id,text\n0,好\n{row}\n")
    with open_table(path) as table, pytest.raises(DataError, match=rf"a\.csv line 3: {reason}"):
        list(table)
    bad: list[BadRow] = []
    with open_table(path, on_bad_row=bad.append) as table:
        assert [row.text for row in table] == ["好"]
        assert table.bad_rows == 1
    assert (bad[0].number, bad[0].content) == (3, row)


def test_reading_goes_on_after_bad_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id,text\n1,"甲"乙\n2,丙\n3\n\n4,丁\n"5"5,戊\n6,己\n')
    numbers: list[int] = []
    with open_table(path, on_bad_row=lambda bad: numbers.append(bad.number)) as table:
        assert [(row.number, row.text) for row in table] == [(3, "丙"), (6, "丁"), (8, "己")]
        assert table.blank_lines == 1
    assert numbers == [2, 4, 7]


STRAY = {
    "to the end": ("", "句4999", r"is opened and never closed \(its row runs on to line 5001\)"),
    "to the next mark": (
        '0,"甲，""乙"""\n',
        '甲，"乙"',
        r"stands where none may \(its row runs on to line 5002\)",
    ),
    "too far": ("0,甲\n" * 6_000, "甲", "is opened and not closed within 10,000 lines"),
}


@pytest.mark.parametrize(("end", "last", "reason"), STRAY.values(), ids=STRAY)
def test_a_stray_quotation_mark_costs_its_own_row_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, last: str, reason: str
) -> None:
    rows = [f"{n},句{n}\n" for n in range(5000)]
    rows[3] = '3,"句3\n'
    path = write(tmp_path / "a.csv", "id,text\n" + "".join(rows) + end)
    with pytest.raises(DataError, match=rf"a\.csv line 5: a quotation mark {reason}"):
        texts_of(path)
    with path.open(encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        bad: list[BadRow] = []
        with open_table("-", format="csv", on_bad_row=bad.append) as table:
            found = list(table)
    assert [(one.number, one.content) for one in bad] == [(5, '3,"句3')]
    assert len(found) == 4999 + end.count("\n")
    assert all(row.text == f"句{row.number - 2}" for row in found[:4999])
    assert found[-1].text == last


def test_rows_that_all_run_on_too_far_end_the_run(tmp_path: Path) -> None:
    """The mark that closes a field opens the next: each line would be read 10,000 times."""
    path = write(tmp_path / "a.csv", "id,text\n" + '甲","\n' * 300_000)
    with (
        open_table(path, on_bad_row=lambda _: None) as table,
        pytest.raises(DataError, match=r"not closed within 10,000 lines; too many rows are like"),
    ):
        list(table)


def test_an_empty_cell_keeps_its_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,text\n1,\n,\n")
    assert texts_of(path) == ["", ""]
    single = write(tmp_path / "b.csv", "标题\n甲\n\n乙\n")
    assert texts_of(single) == ["甲", "", "乙"]


def test_a_field_of_a_hundred_million_characters_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = csv.field_size_limit()
    try:
        path = write(tmp_path / "a.csv", f"id,text\n1,{'长' * 200_000}\n")
        assert len(texts_of(path)[0]) == 200_000
        assert csv.field_size_limit() == 100_000_000
        with open_table(path) as table:
            csv.field_size_limit(1000)  # the same with less paper
            with pytest.raises(DataError, match="line 2: a field is longer than 100,000,000 char"):
                list(table)
    finally:
        csv.field_size_limit(before)


def test_a_table_without_a_header_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv: is empty; its first line must name the columns"):
        open_table(write(tmp_path / "a.csv", "\n"))
    with pytest.raises(DataError, match=r"a\.csv line 1: a quotation mark stands where none may"):
        open_table(write(tmp_path / "a.csv", '"text"x,id\n'))
    with pytest.raises(DataError, match="its header is '山村通了公路', '2024'; name the column"):
        open_table(write(tmp_path / "a.csv", "山村通了公路,2024\n"))


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_csv_of_another_delimiter_is_read(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path / "a.csv", f"编号{delimiter}标题\n1{delimiter}甲,乙\n")
    assert texts_of(path) == ["甲,乙"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('"甲""乙"\t1\n', ['甲"乙']),
        ('"甲\n乙"\t1\n丙\t2\n', ["甲\n乙", "丙"]),
        ('"甲"乙\t1\n"丙\t2\n丁\t3\n', ['"甲"乙', '"丙', "丁"]),
        ('"甲"乙\t1\n', ['"甲"乙']),
        ('他说"好"\t1\n', ['他说"好"']),
    ],
)
def test_quotation_marks_in_tsv_quote_only_where_they_can(
    tmp_path: Path, body: str, expected: list[str]
) -> None:
    assert texts_of(write(tmp_path / "a.tsv", "text\tlabel\n" + body)) == expected


def test_a_csv_file_is_for_spreadsheets_unless_plain(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "=1+1", "n": -3},
        {"text": "+甲", "n": "-3.5"},
        {"text": "@甲", "n": "-甲"},
    ]
    for suffix, delimiter in (("csv", ","), ("tsv", "\t")):
        path = tmp_path / f"a.{suffix}"
        with open_writer(path, columns=["text", "n"]) as writer:
            writer.write(rows)
        expected = "text,n\n'=1+1,-3\n'+甲,-3.5\n'@甲,'-甲\n".replace(",", delimiter)
        assert path.read_bytes() == b"\xef\xbb\xbf" + expected.encode()
        with open_writer(path, columns=["text", "n"], plain=True, force=True) as writer:
            writer.write(rows)
        assert path.read_bytes() == expected.replace("'", "").encode()


def test_standard_output_is_plain(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    with open_writer("-", format="csv", columns=["=text"]) as writer:
        writer.write([{"=text": "=甲"}])
    assert capsysbinary.readouterr().out == "=text\n=甲\n".encode()


def test_a_header_is_no_formula_either(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with open_writer(path, columns=["=text"]):
        pass
    assert path.read_text(encoding="utf-8-sig") == "'=text\n"


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_any_field_is_read_back_as_it_was(tmp_path: Path, suffix: str) -> None:
    texts = ["甲\t乙", "甲,乙", '"甲"', "甲\n乙", "甲\r乙", "甲\r\n乙", "", " 甲 ", "甲|乙", "'甲"]
    path = tmp_path / f"a.{suffix}"
    with open_writer(path, columns=["text", "id"]) as writer:
        writer.write([{"text": text, "id": "0"} for text in texts])
    assert texts_of(path) == texts


def test_half_a_surrogate_pair_becomes_the_replacement_character(tmp_path: Path) -> None:
    for suffix in ("csv", "txt"):
        with open_writer(tmp_path / f"a.{suffix}", columns=["text"]) as writer:
            writer.write([{"text": "甲\ud83d"}])
        assert texts_of(tmp_path / f"a.{suffix}") == ["甲\ufffd"]


# JSONL and JSON


def test_objects_keep_their_fields_and_values(tmp_path: Path) -> None:
    line = '{"id": 7, "text": "甲\u2028乙", "meta": {"版": [1, null]}, "share": 1.5}'
    path = write(tmp_path / "a.jsonl", f"{line}\n\n{line}")
    with open_table(path) as table:
        rows = list(table)
        assert table.columns == ("id", "text", "meta", "share")
        assert table.blank_lines == 1
    assert [row.number for row in rows] == [1, 3]
    copy = tmp_path / "b.jsonl"
    with open_writer(copy, columns=[]) as writer:
        writer.write([row.values for row in rows])
    assert copy.read_text(encoding="utf-8").split("\n") == [line, line, ""]


def test_columns_are_those_of_the_first_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"text": "甲"}\n{broken\n[]\n{"来源": 1, "text": "乙"}\n')
    bad: list[BadRow] = []
    with open_table(path, on_bad_row=bad.append) as table:
        assert table.columns == ("text", "来源")
        assert [row.text for row in table] == ["甲", "乙"]
    assert [row.number for row in bad] == [2, 3]


def test_null_is_an_empty_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"text": null}\n')
    with open_table(path) as table:
        assert [(row.text, row.values) for row in table] == [("", {"text": None})]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "甲"', "is no valid JSON: Expecting ',' delimiter"),
        ('["甲"]', r"expected an object with the field 'text', got \['甲'\]"),
        ('{"txt": "甲"}', r"has no field 'text'; its fields are \['txt'\]"),
        ('{"text": 5}', "the field 'text' must be a text, got 5"),
        ('{"text": ["甲"]}', r"the field 'text' must be a text, got \['甲'\]"),
        ("[" * 100_000, "is no valid JSON: maximum recursion depth exceeded"),
    ],
)
def test_a_bad_line_stops_or_is_passed_over(tmp_path: Path, line: str, reason: str) -> None:
    path = write(tmp_path / "a.jsonl", f'{{"text": "好"}}\n{line}\n{{"text": "也好"}}\n')
    with open_table(path) as table, pytest.raises(DataError, match=rf"a\.jsonl line 2: {reason}"):
        list(table)
    bad: list[BadRow] = []
    with open_table(path, on_bad_row=bad.append) as table:
        assert [row.text for row in table] == ["好", "也好"]
        assert table.bad_rows == 1
    assert [(row.number, row.content) for row in bad] == [(2, line)]


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "")
    assert texts_of(path) == []
    assert texts_of(path, text_column="标题") == []


def test_a_json_file_holds_a_list_or_lines(tmp_path: Path) -> None:
    items = [{"text": "甲", "n": 1}, {"text": None}, {"text": 5}, 6]
    path = write(tmp_path / "a.json", "\n " + json.dumps(items, indent=1))
    bad: list[BadRow] = []
    with open_table(path, on_bad_row=bad.append) as table:
        assert table.columns == ("text", "n")
        assert table.format == "json"
        assert [(row.number, row.text) for row in table] == [(1, "甲"), (2, "")]
        assert table.share_read == 1.0
    assert [row.message.partition("a.json ")[2] for row in bad] == [
        "row 3: the field 'text' must be a text, got 5",
        "row 4: expected an object with the field 'text', got 6",
    ]
    assert [row.content for row in bad] == ['{"text": 5}', "6"]
    lines = write(tmp_path / "b.json", '{"text": "甲"}\n{"text": "乙"}\n')
    assert texts_of(lines) == ["甲", "乙"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"text": "甲"},\n{"text" "乙"}]', r"a\.json line 2: is no valid JSON: Expecting ':'"),
        ("[" * 100_000, r"a\.json: cannot be read as JSON: maximum recursion"),
    ],
)
def test_a_broken_json_file_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        open_table(write(tmp_path / "a.json", text))


def test_numbers_that_json_lacks_become_null_and_dates_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    row: dict[str, Any] = {
        "text": "甲",
        "x": [float("nan"), (float("inf"), 1.5)],
        "d": {"y": float("-inf")},
    }
    with open_writer(path, columns=[]) as writer:
        writer.write([row, {"text": "甲", "b": b"\xe4\xb9\x99"}])
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines == [
        '{"text": "甲", "x": [null, [null, 1.5]], "d": {"y": null}}',
        '{"text": "甲", "b": "乙"}',
    ]


def test_half_a_surrogate_pair_stays_an_escape_in_json(tmp_path: Path) -> None:
    line = r'{"text": "甲\ud83d乙"}'
    path = write(tmp_path / "a.jsonl", line + "\n")
    with open_table(path) as table:
        rows = [row.values for row in table]
    with open_writer(tmp_path / "b.jsonl", columns=[]) as writer:
        writer.write(rows)
    assert (tmp_path / "b.jsonl").read_text(encoding="utf-8") == line + "\n"


# Cells


def test_values_have_one_text() -> None:
    import datetime as dt
    from decimal import Decimal

    assert [
        as_text(value)
        for value in (
            *(None, "甲", 5, 0.25, True, False, [], [0.5, None, "甲"], ("甲", "乙")),
            *([{"id": 1}], [["甲"]], {"甲": 1}, b"\xe7\x94\xb2", Decimal("1.50")),
            *(dt.date(2024, 1, 2), dt.datetime(2024, 1, 2, 3, 4), dt.time(3, 4)),
        )
    ] == [
        *("", "甲", "5", "0.25", "true", "false", "", "0.5||甲", "甲|乙"),
        *('[{"id": 1}]', '[["甲"]]', '{"甲": 1}', "甲", "1.50"),
        *("2024-01-02", "2024-01-02 03:04:00", "03:04:00"),
    ]
    assert as_json({"at": dt.datetime(2024, 1, 2, 3, 4)}) == '{"at": "2024-01-02T03:04:00"}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1", "'=1"),
        ("-1+cmd|x", "'-1+cmd|x"),
        ("+86 10", "'+86 10"),
        ("-12.5%", "-12.5%"),
        ("+1,200", "+1,200"),
        ("-", "'-"),
        ("甲=乙", "甲=乙"),
        ("", ""),
    ],
)
def test_formulas_are_defused_and_numbers_left_alone(text: str, expected: str) -> None:
    assert defuse(text) == expected


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        ("日期\t标题\t来源", "tsv"),
        ('编号,"标题",日期', "csv"),
        ('{"text": "修渠", "topics": []}', "jsonl"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_list_that_is_a_table_is_told(
    tmp_path: Path, first: str, kind: str, encoding: str
) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"{first}\n修通水渠\n", encoding=encoding)
    with pytest.raises(DataError, match=rf"list.txt: is a table, .* --from {kind}, or with --from"):
        open_table(path)
    with open_table(path, format="text") as table:
        assert [row.text for row in table] == [first, "修通水渠"]


@pytest.mark.parametrize("first", ["标题", "标题党，何时休", '{"a": 1}', "{标题", "水,渠"])
def test_a_list_of_texts_is_no_table(tmp_path: Path, first: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"{first}\n", encoding="utf-8")
    with open_table(path) as table:
        assert [row.text for row in table] == [first]
