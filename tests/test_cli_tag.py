"""``classifier tag`` as a person types it."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import classifier.artefact
import classifier.cli.progress as progress_module
from classifier.batch import Job, Tagger, partial_folder, tag_file
from classifier.batch.passage import Passage
from classifier.cli import cli
from classifier.cli.progress import RowProgress
from tests.conftest import make_texts

HEADLINE = "县残联开办直播课堂"
TEXTS = [text for text, _ in make_texts(300, seed=3)]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Passage, "chunk_rows", 64)
    Path("a.txt").write_text("修通水渠\n\n医院义诊\n修通水渠\n", encoding="utf-8")
    Path("b.csv").write_text("编号,标题\n1,修通水渠\n2,医院义诊\n", encoding="utf-8")
    Path("page.html").write_text("<p>修通水渠</p>", encoding="utf-8")
    Path("bad.csv").write_text(
        "标题,日期\n修通水渠,春\n医院义诊\n开学第一课,秋\n", encoding="utf-8"
    )


@pytest.fixture
def tag(model_folder: Path) -> "Tag":
    return Tag(str(model_folder))


class Tag:
    def __init__(self, model: str) -> None:
        self.model = model

    def __call__(self, *args: str, stdin: str | bytes | None = None) -> Result:
        runner = CliRunner()
        return runner.invoke(cli, ["tag", "--model", self.model, *args], input=stdin)


def rows_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_standard_input_to_standard_output(tag: Tag) -> None:
    result = tag("-", stdin="修通水渠\n")
    assert result.exit_code == 0
    (row,) = rows_of(result.stdout)
    assert list(row) == ["text", "topics", "decision"]
    assert result.stderr == "standard input: 1 text tagged\n"


def test_what_was_left_out_and_repeated_is_told(tag: Tag) -> None:
    result = tag("a.txt", "-o", "a.jsonl")
    assert result.stdout == ""
    assert result.stderr == ("a.txt: 3 texts tagged; 1 blank line left out; 1 repeated text\n")


def test_rows_without_text_are_not_counted_as_tagged(tag: Tag) -> None:
    Path("e.csv").write_text("编号,标题\n1,修通水渠\n2,\n3,　\n", encoding="utf-8")
    result = tag("e.csv", "-o", "e.jsonl")
    assert result.stderr == "e.csv: 1 text tagged; 2 rows without text\n"
    assert len(Path("e.jsonl").read_text("utf-8").splitlines()) == 3


def test_quiet_says_nothing(tag: Tag) -> None:
    assert tag("a.txt", "-o", "a.jsonl", "--quiet").stderr == ""


def test_a_terminals_table_can_be_had_elsewhere(tag: Tag) -> None:
    result = tag("a.txt", "--to", "table")
    assert "修通水渠" in result.stdout
    assert "水利" in result.stdout
    assert "3 texts tagged" in result.stderr


def test_standard_output_has_neither_mark_nor_quoting(tag: Tag) -> None:
    result = tag("-", "--to", "csv", stdin="=1+1\n")
    assert result.stdout.startswith("text,topics,topic_names,probabilities,decision\n=1+1,")


def test_a_csv_for_a_spreadsheet_has_both_unless_plain(tag: Tag) -> None:
    Path("f.txt").write_text("=1+1\n", encoding="utf-8")
    tag("f.txt", "-o", "f.csv")
    assert Path("f.csv").read_bytes().startswith(b"\xef\xbb\xbftext")
    assert "\n'=1+1," in Path("f.csv").read_text(encoding="utf-8")
    tag("f.txt", "-o", "g.csv", "--plain")
    assert "\n=1+1," in Path("g.csv").read_text(encoding="utf-8")


def test_the_encoding_found_and_the_one_named(tag: Tag) -> None:
    Path("g.txt").write_bytes("修通水渠灌溉农田\n医院义诊接种疫苗\n".encode("gb18030"))
    result = tag("g.txt")
    assert "g.txt: read as gb18030\n" in result.stderr
    assert rows_of(result.stdout)[0]["text"] == "修通水渠灌溉农田"
    Path("b.txt").write_bytes("臺灣鄉村\n".encode("big5"))
    assert rows_of(tag("b.txt", "--encoding", "big5").stdout)[0]["text"] == "臺灣鄉村"


def test_the_text_column_and_the_sheet_named(tag: Tag) -> None:
    pytest.importorskip("xlsxwriter")
    from classifier.tables import open_writer

    with open_writer("w.xlsx", columns=("序", "内容")) as writer:
        writer.write([{"序": 1, "内容": "修通水渠"}])
    result = tag("w.xlsx")
    assert result.exit_code == 1
    assert (
        "its header is '序', '内容'; name the column of texts with --text-column" in result.stderr
    )
    assert tag("w.xlsx", "--text-column", "内容", "--sheet", "Sheet1").exit_code == 0
    result = tag("w.xlsx", "--text-column", "内容", "--sheet", "二")
    assert result.exit_code == 1
    assert "has no sheet '二'; its sheets are 'Sheet1'" in result.stderr
    assert "--sheet is for spreadsheets" in tag("b.csv", "--sheet", "一").stderr


def test_a_workbook_becomes_parquet(tag: Tag) -> None:
    tag("b.csv", "-o", "b.xlsx")
    result = tag("b.xlsx", "-o", "b.parquet")
    assert result.exit_code == 0
    assert "b.xlsx: was tagged before; its topics are replaced" in result.stderr
    from classifier.tables import open_table

    with open_table("b.parquet") as table:
        assert [row.values["编号"] for row in table] == ["1", "2"]


@pytest.mark.parametrize(
    "changed", ["修通水渠,water,水利,0.9,改过了\n", "修通水渠,water|health,水利,0.9,accept\n"]
)
def test_what_somebody_put_in_a_tagged_file_is_not_replaced(tag: Tag, changed: str) -> None:
    Path("t.txt").write_text("修通水渠\n" * 150, encoding="utf-8")
    tag("t.txt", "-o", "t.csv", "--plain")
    with Path("t.csv").open("a", encoding="utf-8") as file:
        file.write(f"{changed}家庭医生签约,,,,\n")
    result = tag("t.csv", "-o", "again.csv")
    assert result.exit_code == 1
    assert "t.csv line 152: the file was tagged before, but this row's topics or" in result.stderr
    assert not Path("again.csv").exists()
    result = tag("t.csv", "-o", "again.csv", "--errors", "skip", "--force")
    assert result.exit_code == 0
    assert "151 texts tagged" in result.stderr
    [bad] = rows_of(Path("again.csv.errors.jsonl").read_text("utf-8"))
    assert json.loads(str(bad["content"]))["decision"] == changed.strip().split(",")[-1]


def test_labels_in_a_late_row_of_a_tagged_jsonl_file_are_not_replaced(tag: Tag) -> None:
    tagged = '{"text": "水", "topics": [], "decision": "none"}\n'
    own = '{"text": "水", "topics": ["water"], "decision": "accept"}\n'
    Path("t.jsonl").write_text(tagged * 1001 + '{"text": "修渠"}\n' + own, encoding="utf-8")
    result = tag("t.jsonl", "-o", "again.jsonl", "--errors", "skip")
    assert "1,002 texts tagged" in result.stderr
    [bad] = rows_of(Path("again.jsonl.errors.jsonl").read_text("utf-8"))
    assert (bad["row"], json.loads(str(bad["content"]))["topics"]) == (1003, ["water"])


def test_topics_are_chosen_by_id_or_name(tag: Tag) -> None:
    result = tag("a.txt", "--topics", "医疗，water", "--exclude-topics", "water")
    found = {topic["id"] for row in rows_of(result.stdout) for topic in row["topics"]}  # type: ignore[attr-defined]
    assert found == {"health"}
    result = tag("a.txt", "--topics", " ,")
    assert result.exit_code == 2
    assert "names no topic; leave it out for all" in result.stderr
    result = tag("a.txt", "--topics", "watr")
    assert result.exit_code == 2
    assert "did you mean 'water'?" in result.stderr


def test_bad_rows_stop_the_run_or_go_to_a_side_file(tag: Tag) -> None:
    result = tag("bad.csv", "-o", "out.jsonl")
    assert result.exit_code == 1
    assert "Error: bad.csv line 3: has 1 field where the header has 2" in result.stderr
    assert not Path("out.jsonl").exists()
    result = tag("bad.csv", "-o", "out.jsonl", "--errors", "skip")
    assert result.exit_code == 0
    assert "bad.csv: 1 row could not be used, see out.jsonl.errors.jsonl\n" in result.stderr
    (bad,) = rows_of(Path("out.jsonl.errors.jsonl").read_text(encoding="utf-8"))
    assert (bad["file"], bad["row"], bad["content"]) == ("bad.csv", 3, "医院义诊")


def test_several_inputs_go_to_a_folder(tag: Tag) -> None:
    result = tag("*.txt", "b.csv", "-o", "out")
    assert result.exit_code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.jsonl", "b.csv"]
    assert tag("a.txt", "-o", "new/", "--to", "tsv").exit_code == 0
    assert Path("new", "a.tsv").is_file()
    Path("c.txt").write_text("修通水渠\n", encoding="utf-8")
    result = tag("c.txt", "a.txt", "b.csv", "-o", "out")
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {Path('out', 'a.jsonl')}: exists already (and 1 more of the outputs); "
        "choose another name or overwrite it with --force\n"
    )
    assert not Path("out", "c.jsonl").exists()  # told before any work
    assert tag("a.txt", "b.csv", "-o", "out", "--force").exit_code == 0


def test_an_unreadable_input_holds_up_no_other(tag: Tag) -> None:
    Path("a-broken.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    inputs = ("a-broken.csv", "b.csv", "a.txt")
    result = tag(*inputs, "-o", "out/", "--errors", "skip")
    assert result.exit_code == 1
    assert result.stderr.startswith("passed over: a-broken.csv: ")
    assert result.stderr.endswith(
        "Error: 1 of 3 inputs could not be tagged, for the reasons above; the others are done\n"
    )
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.jsonl", "b.csv"]
    assert tag(*inputs, "-o", "new/").exit_code == 1
    assert not list(Path("new").iterdir())
    alone = tag("a-broken.csv", "-o", "alone/", "--errors", "skip")
    assert alone.stderr.startswith("Error: a-broken.csv: ")


def test_the_lock_file_of_an_open_workbook_is_passed_over_and_told(tag: Tag) -> None:
    Path("~$b.csv").write_bytes(b"\0")
    result = tag("*.csv", "--errors", "skip")
    assert result.exit_code == 0
    assert result.stderr.startswith("~$b.csv: is the lock file of an open workbook, and passed")
    assert "lock" not in tag("~$b.csv", "b.csv", "--quiet").stderr
    assert tag("~$b.csv").exit_code == 1


def test_several_inputs_to_standard_output_follow_each_other(tag: Tag) -> None:
    rows = rows_of(tag("a.txt", "b.csv").stdout)
    assert [row.get("text", row.get("标题")) for row in rows] == [
        *("修通水渠", "医院义诊", "修通水渠", "修通水渠", "医院义诊")
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ("a.txt", "b.csv", "-o", "c.jsonl"),
            "2 inputs need a folder as output, and c.jsonl is none",
        ),
        (("a.txt", "b.csv", "--to", "csv"), "several inputs make no single csv; name a folder"),
        (("a.txt", "--to", "table", "-o", "c.txt"), "a table is for a terminal"),
        (("a.txt", "-o", "c.json"), "its suffix is that of json, which is not written"),
        (("a.txt", "--resume"), "--resume needs an output file, named with -o"),
        (("a.txt", "--jobs", "0"), "0 is not in the range x>=1"),
        (("a.txt", "--errors", "ignore"), "'ignore' is not one of 'fail', 'skip'"),
    ],
)
def test_wrong_usage_exits_with_2(tag: Tag, args: tuple[str, ...], message: str) -> None:
    result = tag(*args)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert not Path("c.jsonl").exists()


def test_a_page_may_be_read_as_a_list_if_told_to(tag: Tag) -> None:
    assert tag("page.html", "--from", "text").exit_code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("missing.txt",), "Error: missing.txt: there is no such file; for one headline, use:"),
        ((HEADLINE,), f"{HEADLINE}: there is no such file; for one headline, use: classifier expl"),
        ((HEADLINE * 20, "-o", "out/"), "there is no such file; for one headline, use: classifier"),
        (("page.html", "-o", "out/"), "page.html: is a page and no list; articles are read by: cl"),
        (("*.xyz",), "Error: *.xyz: no file fits this pattern\n"),
        (("a.txt", "-o", "out.doc"), "the suffix '.doc' names no known format"),
        (("a.txt", "-o", "b.csv"), "b.csv: exists already"),
        (
            ("bad.csv", "./bad.csv", "--errors", "skip"),
            "bad.csv and ./bad.csv would both write to bad.csv.errors.jsonl; tag them one by one",
        ),
        (("a.txt", "-o", "b.csv/"), "Error: b.csv/: cannot be made a folder: File exists; name"),
        (("a.txt", "-o", "b.csv/out/"), "b.csv/out/: cannot be made a folder: Not a directory"),
        (("a.txt", "-o", "no/where.csv"), "no/where.csv: cannot be written: No such file"),
    ],
)
def test_our_errors_exit_with_1_in_one_line(tag: Tag, args: tuple[str, ...], message: str) -> None:
    result = tag(*args)
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


BLOB = " ".join(["县医院新楼本周启用", "村里办起了直播课堂 老人学会网上卖货"] * 4)


def test_a_front_page_on_one_line_gets_a_hint(tag: Tag) -> None:
    result = tag("-", stdin=f"修通水渠\n{BLOB}\n")
    assert (
        "standard input line 2: looks like a whole front page; --split cuts it into headlines\n"
    ) in result.stderr


def test_split_says_that_it_leaves_the_cells_of_a_table(tag: Tag) -> None:
    Path("t.csv").write_text(f"标题\n{BLOB}\n", encoding="utf-8")
    result = tag("t.csv", "--split")
    assert [row["标题"] for row in rows_of(result.stdout)] == [BLOB]
    assert result.stderr == (
        "t.csv: is a table; --split cuts lines of plain text alone\nt.csv: 1 text tagged\n"
    )


def test_split_cuts_front_pages_and_leaves_other_lines(
    tag: Tag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier, "split_headlines", str.split, raising=False)
    result = tag("-", "--split", stdin=f"修通水渠 灌溉\n{BLOB}\n")
    assert [row["text"] for row in rows_of(result.stdout)] == ["修通水渠 灌溉", *BLOB.split()]
    assert "13 texts tagged" in result.stderr
    assert "1 line cut into headlines" in result.stderr


def test_an_interrupted_run_says_how_to_go_on(tag: Tag, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("l.txt").write_text("\n".join(TEXTS), encoding="utf-8")

    def interrupt(self: RowProgress, n_rows: int, share: float | None) -> None:
        self.n_rows = n_rows
        if n_rows > 100:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RowProgress, "update", interrupt)
        result = tag("l.txt", "-o", "l.jsonl")
    assert result.exit_code == 1
    assert "l.jsonl: what was tagged is kept; --resume goes on from there\n" in result.stderr
    result = tag("l.txt", "-o", "l.jsonl")
    assert result.exit_code == 1
    assert "go on with --resume, or begin anew with --force" in result.stderr
    result = tag("l.txt", "-o", "l.jsonl", "--resume")
    assert "l.txt: 300 texts tagged" in result.stderr
    assert "128 taken over from the interrupted run" in result.stderr
    assert [row["text"] for row in rows_of(Path("l.jsonl").read_text("utf-8"))] == TEXTS
    result = tag("l.txt", "-o", "l.jsonl", "--resume")
    assert (result.exit_code, result.stderr) == (
        0,
        "l.jsonl: exists and has no interrupted run; taken as finished, and left as it is\n",
    )


def test_a_finished_output_older_than_its_input_is_left_and_told(tag: Tag) -> None:
    tag("a.txt", "-o", "a.jsonl")
    before = Path("a.jsonl").read_bytes()
    with Path("a.txt").open("a", encoding="utf-8") as file:
        file.write("开学第一课\n")
    output = Path("a.jsonl").stat().st_mtime_ns
    os.utime("a.txt", ns=(output + 10**9, output + 10**9))
    result = tag("a.txt", "-o", "a.jsonl", "--resume")
    assert result.exit_code == 0
    assert result.stderr == (
        "a.jsonl: exists and has no interrupted run; taken as finished, and left as it is; "
        "a.txt was changed since, --force tags it anew\n"
    )
    assert Path("a.jsonl").read_bytes() == before


def test_a_folder_is_gone_on_with_where_it_stopped(tag: Tag) -> None:
    tag("a.txt", "-o", "out/")
    before = Path("out", "a.jsonl").stat().st_mtime_ns
    result = tag("a.txt", "b.csv", "-o", "out/", "--resume")
    assert result.exit_code == 0
    assert Path("out", "a.jsonl").stat().st_mtime_ns == before
    assert Path("out", "b.csv").is_file()


# ---- progress ----


def test_a_line_now_and_then_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 0.0, 1.0, 12.0, 13.0, 24.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    with RowProgress() as progress:
        progress.begin("a.csv")
        for n_rows, share in ((10, 0.1), (60_000, 0.25), (70_000, 0.3), (120_000, None)):
            progress.update(n_rows, share)
    assert capsys.readouterr().err.splitlines() == [
        "a.csv: 60,000 rows, 25%, 5,000 a second",
        "a.csv: 120,000 rows, 5,000 a second",
    ]


def test_no_line_when_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress_module, "_LINE_EVERY_S", 0.0)
    with RowProgress(quiet=True) as progress:
        progress.begin("a.csv")
        progress.update(5, 0.5)
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "110")
    with RowProgress() as progress:
        for name in ("[a].csv", "b.csv"):
            progress.begin(name)
            progress.update(1_234, 0.5)
            assert progress._bar is not None
            progress._bar.refresh()
        progress.update(2_000, None)
    shown = capsys.readouterr().err
    for part in ("[a].csv", "b.csv", "1,234 rows", "50%", "/s"):
        assert part in shown


def test_the_journal_of_a_run_by_hand_is_the_commands_own(tag: Tag, model_folder: Path) -> None:
    Path("l.txt").write_text("\n".join(TEXTS), encoding="utf-8")

    def stop(n_rows: int, share: float | None) -> None:
        raise KeyboardInterrupt

    with Tagger(model_folder) as tagger, pytest.raises(KeyboardInterrupt):
        tag_file(tagger, Job("l.txt", "l.csv"), on_rows=stop)
    assert partial_folder("l.csv").is_dir()
    result = tag("l.txt", "-o", "l.csv", "--resume", "--max-topics", "1")
    assert result.exit_code == 1
    assert "since the choice of topics changed" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "64 taken over" in tag("l.txt", "-o", "l.csv", "--resume").stderr
