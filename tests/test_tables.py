"""What holds for tables of every format: opening, columns, placing results, writing safely."""

import io
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError, OutputExistsError
from classifier.tables import (
    BadRow,
    Chunk,
    Placement,
    TableFormat,
    find_tagged_columns,
    find_text_column,
    open_table,
    open_writer,
    place_results,
    result_columns,
)
from classifier.tables.columns import unique_columns

TEXTS = ["山村小学添了新图书角", "渠水引到旱塬上", "社区食堂开张首日"]
WRITTEN = ["csv", "tsv", "jsonl", "xlsx", "parquet", "csv.gz", "tsv.xz", "jsonl.gz"]


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], **options: Any) -> Path:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with open_writer(path, columns=columns, **options) as writer:
        writer.write(rows)
    return path


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def read_values(path: Path, **options: Any) -> list[dict[str, Any]]:
    with open_table(path, **options) as table:
        return [row.values for row in table]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "text"),
        ("a.CSV", "csv"),
        ("a.tsv.gz", "tsv"),
        ("a.jsonl.XZ", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.json", "json"),
        ("a.xlsx", "xlsx"),
        ("a.xls", "xlsx"),
        ("a.et", "xlsx"),
        ("a.b.parquet", "parquet"),
        ("-", "text"),
    ],
)
def test_the_suffix_names_the_format(name: str, expected: str) -> None:
    assert TableFormat.of(name) == expected
    assert TableFormat.of(Path(name)) == expected


@pytest.mark.parametrize(("name", "suffix"), [("a.docx", "'.docx'"), ("list", "''")])
def test_an_unknown_suffix_is_told_with_those_known(name: str, suffix: str) -> None:
    with pytest.raises(DataError, match=rf"{name}: the suffix {suffix} names no .* --from$"):
        open_table(name)
    with pytest.raises(DataError, match=r"known are \.txt \.csv .*\.parquet; .* with --to$"):
        open_writer(name, columns=["text"])


def test_a_format_that_is_named_wins_over_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "list.dat"
    path.write_text("标题\n甲\n", encoding="utf-8")
    assert read_values(path, format="csv") == [{"标题": "甲"}]
    with pytest.raises(DataError, match=r"--from 'cvs': is no format known; known are text, csv"):
        open_table(path, format="cvs")
    with pytest.raises(DataError, match=r"--to 'table': is no format known"):
        open_writer(path, format="table", columns=["text"])


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.xlsx", "a.parquet"])
def test_a_missing_file_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=rf"{name}: cannot be read: No such file or directory$"):
        open_table(tmp_path / name)


def test_a_sheet_is_asked_of_spreadsheets_only(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--sheet is for spreadsheets, and this is read as csv"):
        open_table(tmp_path / "a.csv", sheet="一")


@pytest.mark.parametrize("suffix", WRITTEN)
def test_every_format_gives_back_what_was_written(tmp_path: Path, suffix: str) -> None:
    rows = [{"text": text, "来源": f"第{n}版"} for n, text in enumerate(TEXTS)]
    path = write_table(tmp_path / f"list.{suffix}", rows)
    with open_table(path) as table:
        assert table.text_column == "text"
        assert table.columns == ("text", "来源")
        assert table.format == TableFormat.of(path)
        read = list(table)
        assert table.share_read == 1.0
    assert [row.text for row in read] == TEXTS
    assert [row.values for row in read] == rows
    assert names_in(tmp_path) == [f"list.{suffix}"]


@pytest.mark.parametrize("suffix", [*WRITTEN, "txt"])
def test_chunks_hold_all_rows_in_order(tmp_path: Path, suffix: str) -> None:
    path = write_table(tmp_path / f"list.{suffix}", [{"text": f"第{n}条"} for n in range(25)])
    with open_table(path) as table:
        chunks = list(table.chunks(10))
    assert [len(chunk) for chunk in chunks] == [10, 10, 5]
    assert [text for chunk in chunks for text in chunk.texts] == [f"第{n}条" for n in range(25)]
    rows = [row for chunk in chunks for row in chunk.rows]
    assert [row.text for row in rows] == [row.values["text"] for row in rows]
    with open_table(path) as table:
        assert [row.number for row in rows] == [row.number for row in table]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "xlsx", "parquet", "txt"])
def test_a_table_without_rows_is_read_and_written(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"list.{suffix}"
    with open_writer(path, columns=["text"]):
        pass
    with open_table(path) as table:
        assert list(table) == []
        assert table.tagged_columns == ()
        assert table.share_read in (0.0, 1.0, None)


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_a_column_that_a_row_lacks_stays_empty(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"list.{suffix}"
    with open_writer(path, columns=["text", "来源"]) as writer:
        writer.write([{"text": "甲"}, {"来源": "晚报", "text": "乙"}])
    assert [values["来源"] or "" for values in read_values(path)] == ["", "晚报"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_a_field_that_comes_up_late_is_refused_not_lost(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"list.{suffix}"
    writer = open_writer(path, columns=["text"])
    writer.write([{"text": "甲"}])
    with pytest.raises(DataError, match=r"the field '来源' comes up in row 2 or later .*JSONL"):
        writer.write([{"text": "乙", "来源": "晚报"}])
    writer.abort()
    assert names_in(tmp_path) == []


# Columns


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["id", "text"], "text"),
        (["title", "text"], "text"),
        (["id", "Headline"], "Headline"),
        (["编号", " 标题"], " 标题"),
        (["新闻标题", "题目"], "题目"),
        (["TITLE", "标题"], "TITLE"),
    ],
)
def test_the_text_column_is_found_by_its_name(columns: list[str], expected: str) -> None:
    assert find_text_column(columns) == expected


def test_a_header_without_a_known_name_is_shown() -> None:
    with pytest.raises(
        DataError,
        match=r"^a\.csv: no column is named text, title, headline, 标题, 题目 or 新闻标题; its "
        r"header is '编号', '内容'; name the column of texts with --text-column; "
        r"where the first row is no header, put one above it, .* 标题 for the texts; "
        r"where it is a title, delete it$",
    ):
        find_text_column(["编号", "内容"], where="a.csv")
    with pytest.raises(DataError, match=r"'c11' and 3 more; name"):
        find_text_column([f"c{n}" for n in range(15)])


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx", "parquet"])
def test_the_text_column_can_be_named(tmp_path: Path, suffix: str) -> None:
    path = write_table(tmp_path / f"list.{suffix}", [{"title": "甲", "Body": "乙"}])
    for name in ("Body", " body"):
        with open_table(path, text_column=name) as table:
            assert table.text_column == "Body"
            assert [row.text for row in table] == ["乙"]
    with pytest.raises(
        DataError,
        match=r"has no column 'Bady'; did you mean 'Body'\?; its header is 'title', 'Body'",
    ):
        open_table(path, text_column="Bady")


def test_a_header_is_made_unique_and_whole() -> None:
    assert unique_columns(["a", "a", None, " ", "a_2", "a"]) == (
        "a",
        "a_2",
        "column_3",
        "column_4",
        "a_2_2",
        "a_3",
    )


# Placing results

NESTED = [{"id": "water", "name": "水利水务", "probability": 0.91}]
FLAT = {"topics": "water", "topic_names": "水利水务", "probabilities": "0.91", "decision": "accept"}


def test_results_follow_the_columns_of_the_input() -> None:
    assert result_columns() == ("topics", "topic_names", "probabilities", "decision")
    assert result_columns(nested=True) == ("topics", "decision")
    assert place_results([]).columns == ("text", *result_columns())
    assert place_results(["标题"], nested=True) == Placement(("标题", "topics", "decision"))


@pytest.mark.parametrize(
    ("columns", "row", "expected"),
    [
        (["text", *FLAT], FLAT, tuple(FLAT)),
        (
            ["decision", *FLAT],
            FLAT | {"topics": "", "topic_names": "", "probabilities": None},
            None,
        ),
        (["text", *FLAT], FLAT | {"topics": ["a", "b"], "topic_names": "A|B"}, ()),
        (["text", *FLAT], FLAT | {"decision": "yes"}, ()),
        (["text", "topics", "topic_names", "decision"], FLAT, ()),
        (["text", "topics", "decision"], {"topics": NESTED, "decision": "none"}, "nested"),
        (["text", "topics", "decision"], {"topics": [], "decision": "none"}, "nested"),
        (["text", "topics", "decision"], {"topics": ["water"], "decision": "none"}, ()),
        (["text", "topics", "decision"], {"topics": NESTED, "decision": "通过"}, ()),
        (["text", "topics", "decision"], {"topics": [{"id": "water"}], "decision": "none"}, ()),
        (["text", "topics", "decision"], {"decision": "none"}, ()),
        (["text", "topics"], {"topics": NESTED}, ()),
    ],
)
def test_our_columns_are_known_by_names_and_shapes(
    columns: list[str], row: dict[str, Any], expected: Any
) -> None:
    if expected is None:
        expected = result_columns()
    if expected == "nested":
        expected = ("topics", "decision")
    assert find_tagged_columns(columns, [row]) == expected


def test_one_row_of_another_shape_makes_the_columns_the_users() -> None:
    rows = [FLAT, FLAT | {"decision": "?"}]
    assert find_tagged_columns(list(FLAT), rows) == ()
    assert find_tagged_columns(list(FLAT), []) == result_columns()
    assert find_tagged_columns(["topics", "decision"], []) == ()


def test_columns_of_an_earlier_run_are_replaced_where_they_stand() -> None:
    columns = ["decision", "text", "topics", "日期", "topic_names", "probabilities"]
    placement = place_results(columns, tagged=result_columns())
    assert placement.columns == tuple(columns)
    assert placement.replaced == result_columns()
    row = dict.fromkeys(columns, "旧")
    new = dict.fromkeys(result_columns(), "新")
    merged = placement.merge(row, new)
    assert list(merged) == columns
    assert {name for name, value in merged.items() if value == "旧"} == {"text", "日期"}


def test_columns_of_the_other_shape_give_way_where_the_first_of_them_stood() -> None:
    nested = place_results(
        ["topics", "text", *result_columns()[1:]], tagged=list(FLAT), nested=True
    )
    assert nested.columns == ("topics", "decision", "text")
    merged = nested.merge({"text": "甲", **FLAT}, {"topics": [], "decision": "none"})
    assert merged == {"text": "甲", "topics": [], "decision": "none"}
    flat = place_results(["text", "decision", "topics", "日期"], tagged=["topics", "decision"])
    assert flat.columns == ("text", *result_columns(), "日期")


def test_columns_of_the_user_with_our_names_are_kept_under_another() -> None:
    columns = ["text", "topics", "decision", "input_decision"]
    placement = place_results(columns)
    assert placement.columns == (
        *("text", "input_topics", "input_decision_2", "input_decision"),
        *result_columns(),
    )
    merged = placement.merge(dict.fromkeys(columns, "旧"), dict.fromkeys(FLAT, "新"))
    assert tuple(merged) == placement.columns
    assert merged["input_topics"] == merged["input_decision_2"] == "旧"
    assert merged["topics"] == "新"


def test_a_field_with_our_name_that_comes_up_late_is_kept_as_well() -> None:
    placement = place_results(["text"], nested=True)
    merged = placement.merge({"text": "甲", "decision": "通过"}, {"topics": [], "decision": "none"})
    assert merged == {"text": "甲", "input_decision": "通过", "topics": [], "decision": "none"}


@pytest.mark.parametrize("columns", [["text"], ["text", "topics"]])
def test_a_field_of_the_other_name_that_comes_up_late_takes_nothing_away(
    columns: list[str],
) -> None:
    placement = place_results(columns, nested=True)
    ours = {"topics": [], "decision": "none"}
    late = {"topics": ["水利"], "input_topics": ["三农"]}
    kept = {"input_topics_2": ["水利"], "input_topics": ["三农"]}
    assert placement.merge({"text": "甲", **late}, ours) == {"text": "甲", **kept, **ours}
    swapped = dict(reversed(late.items()))
    assert placement.merge({"text": "甲", **swapped}, ours) == {"text": "甲", **kept, **ours}


def test_merging_many_rows_equals_merging_each() -> None:
    placement = place_results(["text"], nested=True)
    rows = [{"text": text} for text in TEXTS]
    results: dict[str, Sequence[Any]] = {"topics": [[], NESTED, []], "decision": ["none"] * 3}
    assert placement.merge_all(rows, results) == [
        placement.merge(row, {"topics": topics, "decision": "none"})
        for row, topics in zip(rows, results["topics"], strict=True)
    ]
    with pytest.raises(ValueError, match="shorter"):
        placement.merge_all(rows, {"topics": [[]]})


@pytest.mark.parametrize("suffix", ["csv", "tsv", "xlsx", "parquet", "jsonl"])
def test_a_file_tagged_twice_has_the_columns_of_a_file_tagged_once(
    tmp_path: Path, suffix: str
) -> None:
    nested = suffix == "jsonl"
    source = write_table(tmp_path / f"0.{suffix}", [{"text": t, "日期": "六月"} for t in TEXTS])
    headers: list[tuple[str, ...]] = []
    for run in (1, 2):
        with open_table(tmp_path / f"{run - 1}.{suffix}") as table:
            placement = place_results(table.columns, tagged=table.tagged_columns, nested=nested)
            assert placement.replaced == (() if run == 1 else result_columns(nested=nested))
            with open_writer(
                tmp_path / f"{run}.{suffix}",
                columns=placement.columns,
                schema=placement.schema(table.schema),
            ) as writer:
                for chunk in table.chunks(2):
                    writer.write_chunk(chunk, results_of(chunk, run, nested=nested), placement)
        with open_table(tmp_path / f"{run}.{suffix}") as table:
            headers.append(table.columns)
            decisions = [row.values["decision"] for row in table]
        assert decisions == (["review"] * 3 if run == 1 else ["accept"] * 3)
    assert headers[0] == headers[1] == ("text", "日期", *result_columns(nested=nested))
    assert source.exists()


def results_of(chunk: Chunk, run: int, *, nested: bool) -> dict[str, list[Any]]:
    decision = ["review", "accept"][run - 1]
    if nested:
        return {"topics": [NESTED] * len(chunk), "decision": [decision] * len(chunk)}
    return {
        "topics": [["water"]] * len(chunk),
        "topic_names": [["水利水务"]] * len(chunk),
        "probabilities": [[0.91]] * len(chunk),
        "decision": [decision] * len(chunk),
    }


# Writing safely


def test_an_existing_file_is_kept_unless_force_is_given(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("旧", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=r"list\.csv: exists already; .* --force$"):
        open_writer(path, columns=["text"])
    writer = open_writer(path, columns=["text"], force=True)
    writer.write([{"text": "新"}])
    assert path.read_text(encoding="utf-8") == "旧"
    writer.close()
    assert read_values(path) == [{"text": "新"}]
    assert names_in(tmp_path) == ["list.csv"]


@pytest.mark.parametrize("suffix", [*WRITTEN, "txt"])
def test_an_error_leaves_nothing_behind(tmp_path: Path, suffix: str) -> None:
    with (  # noqa: PT012
        pytest.raises(RuntimeError, match="stop"),
        open_writer(tmp_path / f"list.{suffix}", columns=["text"]) as writer,
    ):
        writer.write([{"text": "甲"}])
        raise RuntimeError("stop")
    assert names_in(tmp_path) == []


def test_closing_twice_and_aborting_after_closing_do_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    writer = open_writer(path, columns=["text"])
    writer.close()
    content = path.read_bytes()
    writer.close()
    writer.abort()
    assert path.read_bytes() == content
    late = open_writer(tmp_path / "other.csv", columns=["text"])
    late.abort()
    late.abort()
    late.close()
    assert names_in(tmp_path) == ["list.xlsx"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_the_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    path = write_table(tmp_path / "list.csv", [{"text": "甲"}])
    other = tmp_path / "other"
    other.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_stays_a_link_to_the_file_written(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.touch()
    link.symlink_to(real)
    write_table(link, [{"text": "甲"}], force=True)
    assert link.is_symlink()
    assert read_values(real) == [{"text": "甲"}]


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no such device")
def test_a_device_is_written_to_and_never_replaced() -> None:
    with open_writer("/dev/null", format="csv", columns=["text"]) as writer:
        writer.write([{"text": "甲"}])
    assert not Path("/dev/null").is_file()


def test_a_target_that_cannot_be_created_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"list\.csv: cannot be written: No such file"):
        open_writer(tmp_path / "none" / "list.csv", columns=["text"])
    with pytest.raises(DataError, match="is a folder; name a file"):
        open_writer(tmp_path, format="csv", columns=["text"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
@pytest.mark.parametrize("name", ["csv", "jsonl", "xlsx", "parquet"])
def test_a_full_disk_is_told(name: str) -> None:
    with (
        pytest.raises(DataError, match="/dev/full: cannot be written: No space left on device"),
        open_writer("/dev/full", format=name, columns=["text"]) as writer,
    ):
        writer.write([{"text": "长" * 1000}] * 100)


@pytest.mark.parametrize("suffix", ["csv", "jsonl.gz", "xlsx", "parquet"])
def test_a_disk_that_fills_up_at_the_end_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    writer = open_writer(tmp_path / f"list.{suffix}", columns=["text"])
    writer.write([{"text": "甲"}])
    with pytest.raises(DataError, match=rf"list\.{suffix}: cannot be written: No space left"):
        writer.close()
    assert names_in(tmp_path) == []


def test_a_closed_pipe_stays_a_broken_pipe(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "list.csv", columns=["text"])
    with pytest.raises(BrokenPipeError), writer._sink.errors_told():
        raise BrokenPipeError
    writer.abort()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.json", r"a\.json: JSON is read, not written; write JSONL"),
        ("a.xls", r"a\.xls: of spreadsheets only XLSX is written; name it \.xlsx"),
        ("a.xlsx.gz", r"a\.xlsx\.gz: xlsx is compressed in itself; leave the last suffix out"),
        ("a.parquet.xz", r"a\.parquet\.xz: parquet is compressed in itself"),
    ],
)
def test_what_is_never_written_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        open_writer(tmp_path / name, columns=["text"])


def test_same_rows_give_same_bytes(tmp_path: Path) -> None:
    rows = [{"text": text, "topics": ["water"]} for text in TEXTS]
    for suffix in ("csv", "jsonl", "csv.gz", "jsonl.xz", "parquet"):
        first, second = (write_table(tmp_path / f"{n}.{suffix}", rows).read_bytes() for n in (1, 2))
        assert first == second
    assert (tmp_path / "1.csv.gz").read_bytes()[4:8] == bytes(4)  # no time of writing


# Standard input and output


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> io.BytesIO:
    stream = io.BytesIO(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream, encoding="utf-8"))
    return stream


@pytest.mark.parametrize("name", ["text", "csv", "jsonl", "xlsx", "parquet"])
def test_a_dash_is_standard_input_and_output(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    name: str,
) -> None:
    with open_writer("-", format=name, columns=["text"]) as writer:
        writer.write([{"text": text} for text in TEXTS])
    written = capsysbinary.readouterr().out
    assert not sys.stdout.closed
    stream = feed(monkeypatch, written)
    with open_table("-", format=name) as table:
        assert table.name.startswith("standard input")
        assert [row.text for row in table] == TEXTS
    assert not stream.closed
    assert names_in(tmp_path) == []


def test_standard_input_is_text_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, "标题\n甲\n".encode("gb18030"))
    with open_table("-") as table:
        assert [row.text for row in table] == ["标题", "甲"]
        assert table.share_read is None
        assert table.encoding == "gb18030"


def test_compressed_standard_input_is_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(monkeypatch, write_table(tmp_path / "a.txt.gz", [{"text": "甲"}]).read_bytes())
    with open_table("-") as table:
        assert [row.text for row in table] == ["甲"]


def test_a_bad_row_has_a_message_and_its_content() -> None:
    bad = BadRow("a.csv", "line", 3, "is wrong", "甲,乙")
    assert bad.message == "a.csv line 3: is wrong"
    assert bad.content == "甲,乙"
