"""Spreadsheets and Parquet."""

import builtins
import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError, MissingExtraError
from classifier.tables import open_table, open_writer, place_results, reach
from classifier.tables import parquet as parquet_module
from classifier.tables import spreadsheet as spreadsheet_module

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
xlsxwriter = pytest.importorskip("xlsxwriter")
pytest.importorskip("python_calamine")

ROWS: list[dict[str, Any]] = [{"text": "甲"}, {"text": "乙"}]


def make_book(path: Path, sheets: dict[str, list[list[Any]]], at: tuple[int, int] = (0, 0)) -> Path:
    book = xlsxwriter.Workbook(str(path))
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    time = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows, start=at[0]):
            for position, value in enumerate(row, start=at[1]):
                if isinstance(value, dt.datetime):
                    sheet.write_datetime(number, position, value, time)
                elif isinstance(value, dt.date):
                    sheet.write_datetime(number, position, value, date)
                elif value is not None:
                    sheet.write(number, position, value)
    book.close()
    return path


def parts_of(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


# Spreadsheets


def test_a_sheet_gives_values_of_their_own_kinds(tmp_path: Path) -> None:
    path = make_book(
        tmp_path / "a.xlsx",
        {
            "一": [
                ["标题", "日期", "时刻", "数", "真"],
                ["甲", dt.date(2024, 5, 6), dt.datetime(2024, 5, 6, 7, 8), 3, True],
                [None, None, None, 2.5, False],
                [2024, None, None, 4, None],
            ]
        },
    )
    with open_table(path) as table:
        assert table.name.endswith("a.xlsx sheet '一'")
        assert table.columns == ("标题", "日期", "时刻", "数", "真")
        rows = list(table)
        assert table.share_read == 1.0
    assert [(row.number, row.text) for row in rows] == [(2, "甲"), (3, ""), (4, "2024")]
    assert list(rows[0].values.values()) == [
        *("甲", dt.date(2024, 5, 6), dt.datetime(2024, 5, 6, 7, 8), 3, True)
    ]
    assert type(rows[0].values["数"]) is int
    assert rows[1].values == {"标题": None, "日期": None, "时刻": None, "数": 2.5, "真": False}


def test_a_table_may_stand_anywhere_on_its_sheet(tmp_path: Path) -> None:
    path = make_book(tmp_path / "a.xlsx", {"一": [["标题"], ["甲"], [None], ["乙"]]}, at=(3, 2))
    with open_table(path) as table:
        assert [(row.number, row.text) for row in table] == [(5, "甲"), (6, ""), (7, "乙")]


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    sheets = {"一": [["标题"], ["甲"]], "二": [["标题"], ["乙"]]}
    path = make_book(tmp_path / "a.xlsx", sheets)
    with open_table(path, sheet="二") as table:
        assert [row.text for row in table] == ["乙"]
    with pytest.raises(DataError, match=r"a\.xlsx: has no sheet '三'; its sheets are '一', '二'"):
        open_table(path, sheet="三")


def test_an_empty_sheet_and_no_spreadsheet_are_told(tmp_path: Path) -> None:
    path = make_book(tmp_path / "a.xlsx", {"一": []})
    with pytest.raises(DataError, match=r"a\.xlsx sheet '一': is empty; its first row must name"):
        open_table(path)
    path.write_bytes(b"text\n")
    with pytest.raises(DataError, match=r"a\.xlsx: is no spreadsheet that can be read: .* anew"):
        open_table(path)
    with pytest.raises(DataError, match=r"b\.xlsx sheet '一': no column is named text"):
        open_table(make_book(tmp_path / "b.xlsx", {"一": [["编号"], [1]]}))


def test_a_protected_book_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import python_calamine

    def refuse(data: io.BytesIO) -> None:
        raise python_calamine.PasswordError("password protected")

    path = make_book(tmp_path / "a.xlsx", {"一": []})
    monkeypatch.setattr(python_calamine, "load_workbook", refuse)
    with pytest.raises(DataError, match=r"a\.xlsx: is protected by a password; save it without"):
        open_table(path)


def with_rows(path: Path, rows: str, *, sheet: int = 1, prefix: str = "") -> Path:
    """Write a book of two sheets, of which one has rows of this XML after its header."""
    make_book(path, {"一": [["标题"]], "二": [["标题"]]})
    parts = parts_of(path)
    part = f"xl/worksheets/sheet{sheet}.xml"
    parts[part] = parts[part].replace("</sheetData>", f"{rows}</sheetData>")
    if prefix:
        parts[part] = re.sub(r"(</?)(?=\w)", rf"\1{prefix}:", parts[part])
        parts[part] = parts[part].replace("xmlns=", f"xmlns:{prefix}=")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return path


FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
NEAR = '<row r="2"><c r="A2" t="inlineStr"><is><t>甲</t></is></c></row>'


@pytest.mark.parametrize("piece", [40, 1 << 20])
@pytest.mark.parametrize(
    ("rows", "prefix", "last", "n_cells"),
    [
        (FAR, "", "XFD1048576", "17,179,869,184"),
        (FAR, "x", "XFD1048576", "17,179,869,184"),
        (FAR.replace("<c r", '<c s="1" r'), "", "XFD1048576", "17,179,869,184"),
        (FAR.replace('"', "'"), "", "XFD1048576", "17,179,869,184"),
        (FAR.replace("<c r", '<c\n x=">" r'), "", "XFD1048576", "17,179,869,184"),
        (FAR + NEAR * 3, "", "XFD1048576", "17,179,869,184"),
        ('<row r="1000000"><c><v>1</v></c>' + "<c/>" * 59 + "<c><v>1</v></c></row>", "",
         "BI1000000", "61,000,000"),
        ('<row><c r="A4294967295"><v>1</v></c></row>', "", "A4294967295", "4,294,967,295"),
    ],
)  # fmt: skip
def test_a_cell_that_stands_far_out_is_refused_before_room_is_made_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, prefix: str, last: str,
    n_cells: str, piece: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(reach, "_PIECE", piece)
    message = (
        rf"a\.xlsx: xl/worksheets/sheet1\.xml reaches to cell {last}, {n_cells} cells, of which "
        "50,000,000 can be read; delete the rows and columns that stand far out"
    )
    with pytest.raises(DataError, match=message):
        open_table(with_rows(tmp_path / "a.xlsx", rows, prefix=prefix))
    with pytest.raises(DataError, match=r"sheet2\.xml reaches to cell"):
        open_table(with_rows(tmp_path / "b.xlsx", rows, prefix=prefix, sheet=2), sheet="二")


@pytest.mark.parametrize("piece", [40, 1 << 20])
@pytest.mark.parametrize(
    "rows",
    [
        NEAR,
        NEAR + '<row r="1048576"><c r="XFD1048576" s="0"/></row>',  # formatted, and empty
        NEAR + '<row r="3"><c r="XFD3"><v>1</v></c></row>',
        NEAR + '<row r="40000"><c r="B40000"><v>1</v></c></row>',
        NEAR.replace(' r="A2"', ""),
        NEAR + "<!-- <c r='XFD1048576'><v>1</v></c> -->",
    ],
)
def test_a_sheet_that_reaches_less_far_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, piece: int
) -> None:
    monkeypatch.setattr(reach, "_PIECE", piece)
    with open_table(with_rows(tmp_path / "a.xlsx", rows)) as table:
        assert next(iter(table)).text == "甲"


@pytest.mark.parametrize(
    ("rows", "message"),
    [("<c><v></c>", "mismatched tag"), ("<c>" + "\0", "not well-formed")],
)
def test_a_sheet_that_is_no_xml_is_told(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"a\.xlsx: is no spreadsheet that can be read: {message}"):
        open_table(with_rows(tmp_path / "a.xlsx", rows))


def test_a_sheet_that_declares_a_document_type_is_refused(tmp_path: Path) -> None:
    path = with_rows(tmp_path / "a.xlsx", FAR)
    parts = parts_of(path)
    part = "xl/worksheets/sheet1.xml"
    parts[part] = parts[part].replace("<worksheet", "<!DOCTYPE worksheet><worksheet", 1)
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    with pytest.raises(DataError, match=r"a sheet declares a document type, which none may"):
        open_table(path)


def test_values_are_written_as_what_they_are(tmp_path: Path) -> None:
    row: dict[str, Any] = {
        "text": "=SUM(A1)",
        "网址": "https://example.org",
        "日期": dt.date(2024, 5, 6),
        "时刻": dt.datetime(2024, 5, 6, 7, 8, 9),
        "数": -2.5,
        "真": True,
        "表": ["甲", "乙"],
        "空": None,
    }
    path = tmp_path / "a.xlsx"
    with open_writer(path, columns=list(row)) as writer:
        writer.write([row])
    with open_table(path) as table:
        assert [row.values for row in table] == [row | {"表": "甲|乙"}]
    sheet = parts_of(path)["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_what_no_cell_can_hold_is_written_as_text(tmp_path: Path) -> None:
    zone = dt.timezone(dt.timedelta(hours=8))
    row: dict[str, Any] = {
        "text": "甲\ud83d",
        "a": 2**60,
        "b": float("nan"),
        "c": dt.date(1899, 1, 2),
        "d": dt.datetime(2024, 1, 2, 3, 4, tzinfo=zone),
        "e": {"甲": 1},
    }
    path = tmp_path / "a.xlsx"
    with open_writer(path, columns=list(row)) as writer:
        writer.write([row])
    with open_table(path) as table:
        assert list(next(iter(table)).values.values()) == [
            *("甲\ufffd", str(2**60), "nan", "1899-01-02", "2024-01-02 03:04:00+08:00"),
            '{"甲": 1}',
        ]


def test_times_and_durations_keep_their_kind(tmp_path: Path) -> None:
    row = {"text": "甲", "时": dt.time(7, 8), "长": dt.timedelta(hours=30)}
    path = tmp_path / "a.xlsx"
    with open_writer(path, columns=list(row)) as writer:
        writer.write([row])
    with open_table(path) as table:
        assert next(iter(table)).values == row


def test_the_sheet_is_made_to_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    monkeypatch.setattr(spreadsheet_module, "_MEASURED_ROWS", 2)
    with open_writer(path, columns=["text", "decision", "n"]) as writer:
        writer.write(
            [
                {"text": "长" * 100, "decision": "accept", "n": 1},
                {"text": "none", "decision": "review"},
                {"text": "甲", "decision": "none", "n": 10**12},
            ]
        )
    parts = parts_of(path)
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert 'topLeftCell="A2" activePane="bottomLeft" state="frozen"' in sheet
    assert '<autoFilter ref="A1:C4"/>' in sheet
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', sheet)]
    assert widths == pytest.approx([60.7, 13.7, 8.7], abs=0.1)
    styles = re.findall(r'<c r="B[234]" s="(\d+)"', sheet)
    assert len(set(styles)) == 3
    assert '<c r="A3" t=' in sheet  # `none` in another column has no colour
    for colour in ("E2F0D9", "FFF2CC", "EDEDED"):
        assert colour in parts["xl/styles.xml"]


def test_a_sheet_has_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert spreadsheet_module.MAX_ROWS == 1_048_575
    writer = open_writer(tmp_path / "a.xlsx", columns=["text"])
    with pytest.raises(DataError, match=r"row 1 holds a text of 40,000 characters, '长长.* 32,767"):
        writer.write([{"text": "长" * 40_000}])
    writer.abort()
    monkeypatch.setattr(spreadsheet_module, "MAX_ROWS", 3)
    writer = open_writer(tmp_path / "a.xlsx", columns=["text"])
    writer.write(ROWS)
    with pytest.raises(DataError, match=r"a\.xlsx: more than 3 rows, .* write CSV or Parquet"):
        writer.write(ROWS)
    writer.abort()
    assert list(tmp_path.iterdir()) == []


# Parquet


def write_parquet(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    pq.write_table(pa.table(columns), path, **options)
    return path


def copy_tagged(source: Path, target: Path, chunk_rows: int = 100) -> Any:
    with open_table(source) as table:
        placement = place_results(table.columns, tagged=table.tagged_columns)
        with open_writer(
            target, columns=placement.columns, schema=placement.schema(table.schema)
        ) as writer:
            for chunk in table.chunks(chunk_rows):
                n = len(chunk)
                results: dict[str, list[Any]] = {
                    "topics": [["water"]] * n,
                    "topic_names": [["水利水务"]] * n,
                    "probabilities": [[0.9]] * n,
                    "decision": ["accept"] * n,
                }
                writer.write_chunk(chunk, results, placement)
            assert writer.n_rows == table._file.metadata.num_rows  # type: ignore[attr-defined]
    return pq.read_table(target)


def test_a_parquet_file_keeps_its_schema(tmp_path: Path) -> None:
    nanoseconds = pa.array([1, None], pa.timestamp("ns", tz="Asia/Shanghai"))
    source = pa.table(
        {
            "标题": pa.array(["甲", None], pa.large_string()),
            "时刻": nanoseconds,
            "元": pa.array([None, None], pa.decimal128(9, 2)),
            "类": pa.array(["x", "x"]).dictionary_encode(),
            "层": pa.array([{"甲": [1]}, None]),
            "小": pa.array([1, 2], pa.int8()),
        }
    ).replace_schema_metadata({"谁": "我"})
    pq.write_table(source, tmp_path / "a.parquet")
    tagged = copy_tagged(tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert tagged.select(source.column_names).equals(source)
    assert tagged.schema.metadata == source.schema.metadata
    assert tagged.schema.names[6:] == ["topics", "topic_names", "probabilities", "decision"]
    assert [str(kind) for kind in tagged.schema.types[6:]] == [
        *("list<element: string>", "list<element: string>", "list<element: double>", "string")
    ]


def test_a_tagged_parquet_file_is_tagged_again_in_place(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", {"text": ["甲", "乙"], "n": [1, 2]})
    once = copy_tagged(tmp_path / "a.parquet", tmp_path / "b.parquet")
    twice = copy_tagged(tmp_path / "b.parquet", tmp_path / "c.parquet")
    assert twice.equals(once)


def test_joined_topics_of_an_earlier_run_become_lists(tmp_path: Path) -> None:
    old = {"topics": ["a|b"], "topic_names": ["A|B"], "probabilities": ["0.9|0.8"]}
    write_parquet(tmp_path / "a.parquet", {"text": ["甲"], **old, "decision": ["review"]})
    tagged = copy_tagged(tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert tagged.to_pydict() == {
        "text": ["甲"],
        "topics": [["water"]],
        "topic_names": [["水利水务"]],
        "probabilities": [[0.9]],
        "decision": ["accept"],
    }


def test_rows_and_chunks_are_written_in_the_order_given(tmp_path: Path) -> None:
    source = write_parquet(tmp_path / "a.parquet", {"text": ["乙"]})
    with (
        open_table(source) as table,
        open_writer(tmp_path / "b.parquet", columns=["text", "n"]) as writer,
    ):
        writer.write([{"text": "甲", "n": 1}])
        writer.write_chunk(next(table.chunks(5)), {"n": [2]}, place_results(["text"]))
        writer.write([{"text": "丙", "n": 3}])
    assert pq.read_table(tmp_path / "b.parquet").to_pylist() == [
        {"text": "甲", "n": 1},
        {"text": "乙", "n": 2},
        {"text": "丙", "n": 3},
    ]


def test_a_foreign_column_of_our_name_keeps_its_type(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", {"topics": [5, 6], "text": ["甲", "乙"]})
    tagged = copy_tagged(tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert tagged.schema.names[:3] == ["input_topics", "text", "topics"]
    assert tagged.column("input_topics").to_pylist() == [5, 6]
    assert tagged.column("topics").to_pylist() == [["water"], ["water"]]


def test_rows_are_numbered_across_row_groups(tmp_path: Path) -> None:
    texts = [f"第{n}条" for n in range(10)]
    path = write_parquet(tmp_path / "a.parquet", {"text": texts}, row_group_size=3)
    with open_table(path) as table:
        chunks = list(table.chunks(4))
        assert table.share_read == 1.0
    assert [text for chunk in chunks for text in chunk.texts] == texts
    assert [row.number for chunk in chunks for row in chunk.rows] == list(range(1, 11))
    with open_table(path) as table:
        assert [(row.number, row.text) for row in table][9] == (10, "第9条")


def test_times_finer_than_python_has_are_cut(tmp_path: Path) -> None:
    times = pa.array([1_700_000_000_123_456_789], pa.timestamp("ns"))
    path = write_parquet(tmp_path / "a.parquet", {"text": ["甲"], "时刻": times})
    with open_table(path) as table:
        assert table.tagged_columns == ()
        values = next(iter(table)).values
    assert values["时刻"] == dt.datetime(2023, 11, 14, 22, 13, 20, 123456)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": [1, 2]}, "the column 'text' must hold texts, it holds int64; name another"),
        ({"内容": ["甲"]}, "no column is named text"),
    ],
)
def test_a_parquet_file_without_texts_is_told(
    tmp_path: Path, columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=rf"a\.parquet: {message}"):
        open_table(write_parquet(tmp_path / "a.parquet", columns))


def test_texts_may_be_of_any_string_type(tmp_path: Path) -> None:
    for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        texts = pa.array(["甲", None]).cast(kind)
        with open_table(write_parquet(tmp_path / "a.parquet", {"text": texts})) as table:
            assert [row.text for row in table] == ["甲", ""]
    nulls = write_parquet(tmp_path / "a.parquet", {"text": pa.array([None], pa.null())})
    with open_table(nulls) as table:
        assert [row.text for row in table] == [""]


def test_a_column_name_may_not_come_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["甲"])] * 2, names=["text", "text"]), path)
    with pytest.raises(DataError, match=r"a\.parquet: has two columns 'text'; rename one"):
        open_table(path)


def test_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"a\.parquet: is no valid Parquet file"):
        open_table(path)
    write_parquet(path, {"text": [f"第{n}条" for n in range(1000)]}, compression="gzip")
    data = bytearray(path.read_bytes())
    data[200:260] = bytes(60)
    path.write_bytes(data)
    with open_table(path) as table, pytest.raises(DataError, match="is damaged after row 0"):
        list(table)


def test_columns_take_the_type_of_their_values(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "甲", "整": 1, "杂": 1, "层": {"甲": 1}, "表": ["a"], "日": dt.date(2024, 1, 2)},
        {"text": "乙\ud83d", "整": None, "杂": "x", "层": None, "表": [], "日": None, "大": 2**70},
    ]
    columns = ["text", "整", "杂", "层", "表", "日", "空", "大"]
    with open_writer(tmp_path / "a.parquet", columns=columns) as writer:
        writer.write(rows)
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.to_pydict() == {
        "text": ["甲", "乙\ufffd"],
        "整": [1, None],
        "杂": ["1", "x"],
        "层": ['{"甲": 1}', None],
        "表": [["a"], []],
        "日": [dt.date(2024, 1, 2), None],
        "空": [None, None],
        "大": [None, str(2**70)],
    }


def test_a_value_of_another_type_than_settled_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_module, "ROW_GROUP_ROWS", 2)
    writer = open_writer(tmp_path / "a.parquet", columns=["text", "n"])
    writer.write([{"text": "甲", "n": 1}, {"text": "乙", "n": 2}])
    with pytest.raises(
        DataError,
        match=r"the column 'n' holds int64 and cannot take 'x', which a row up to 4 has; write",
    ):
        writer.write([{"text": "丙", "n": 3}, {"text": "丁", "n": "x"}])
    writer.abort()
    assert list(tmp_path.iterdir()) == []


def test_joined_topics_stay_texts_and_are_no_lists_of_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    with open_writer(path, columns=["text", "topics"]) as writer:
        writer.write([{"text": "甲", "topics": "water|energy"}, {"text": "乙", "topics": ""}])
    assert pq.read_table(path).column("topics").to_pylist() == ["water|energy", ""]
    monkeypatch.setattr(parquet_module, "ROW_GROUP_ROWS", 1)
    writer = open_writer(tmp_path / "b.parquet", columns=["topics"])
    writer.write([{"topics": ["water"]}])
    with pytest.raises(DataError, match=r"'topics' holds list<.*> and cannot take 'energy'"):
        writer.write([{"topics": "energy"}])
    writer.abort()


def test_row_groups_are_as_large_as_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_module, "ROW_GROUP_ROWS", 4)
    with open_writer(tmp_path / "a.parquet", columns=["text"]) as writer:
        for _ in range(5):
            writer.write(ROWS)
    metadata = pq.ParquetFile(tmp_path / "a.parquet").metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [4, 4, 2]


def test_other_formats_become_parquet_with_lists(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("标题,n\n甲,1\n", encoding="utf-8")
    with open_table(tmp_path / "a.csv") as table:
        placement = place_results(table.columns)
        with open_writer(tmp_path / "b.parquet", columns=placement.columns) as writer:
            for chunk in table.chunks(10):
                results: dict[str, list[Any]] = {
                    "topics": [["water"]],
                    "topic_names": [["水利水务"]],
                    "probabilities": [[0.9]],
                    "decision": ["accept"],
                }
                writer.write_chunk(chunk, results, placement)
    assert pq.read_table(tmp_path / "b.parquet").to_pylist() == [
        {
            "标题": "甲",
            "n": "1",
            "topics": ["water"],
            "topic_names": ["水利水务"],
            "probabilities": [0.9],
            "decision": "accept",
        }
    ]


# Extras


@pytest.mark.parametrize(
    ("package", "name", "write"),
    [
        ("pyarrow", "a.parquet", False),
        ("pyarrow", "a.parquet", True),
        ("python_calamine", "a.xlsx", False),
        ("xlsxwriter", "a.xlsx", True),
    ],
)
def test_a_missing_package_is_told_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, name: str, write: bool
) -> None:
    real_import = builtins.__import__

    def fail(module: str, *args: Any, **kwargs: Any) -> Any:
        if module.startswith(package):
            raise ImportError(module)
        return real_import(module, *args, **kwargs)

    (tmp_path / name).touch()
    monkeypatch.setattr(builtins, "__import__", fail)
    message = r'is not installed; run: pip install "headline-classifier\[tables\]"'
    with pytest.raises(MissingExtraError, match=message):
        _ = (
            open_writer(tmp_path / f"new-{name}", columns=["text"])
            if write
            else open_table(tmp_path / name)
        )
    assert [path.name for path in tmp_path.iterdir()] == [name]
