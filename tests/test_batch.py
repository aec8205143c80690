"""Whole files: chunks, processes, interruptions and what is written beside the output."""

import errno
import gzip
import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from classifier.batch import (
    FileReport,
    Job,
    Tagger,
    as_object,
    expand_inputs,
    outputs_in,
    partial_folder,
    predict_file,
    refuse_clashes,
    tag_file,
)
from classifier.batch.journal import Journal
from classifier.batch.lock import lock
from classifier.batch.passage import Passage
from classifier.batch.side import Repeats
from classifier.batch.workers import _CHUNKS_WAITING, WORTH_PROCESSES
from classifier.errors import ClassifierError, DataError, ModelNotFoundError, OutputExistsError
from classifier.model import Options, Prediction, TopicClassifier
from classifier.tables import open_table, open_writer
from classifier.tables.sinks import Sink
from tests.conftest import ODD_TEXTS, make_texts

ROOT = Path(__file__).parent.parent
CHUNK = 64
TEXTS = [text for text, _ in make_texts(CHUNK * 8 + 5, seed=7)]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Passage, "chunk_rows", CHUNK)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tagger(model_folder: Path) -> Iterator[Tagger]:
    with Tagger(model_folder) as made:
        yield made


def write_list(path: str, texts: list[str] = TEXTS) -> str:
    """Write texts as any format, with a column before and one after them."""
    with open_writer(path, columns=("编号", "标题", "日期"), plain=True) as writer:
        writer.write(
            {"编号": number, "标题": text, "日期": "2021-03-05"}
            for number, text in enumerate(texts, start=1)
        )
    return path


def read_rows(path: str) -> list[dict[str, Any]]:
    with open_table(path, text_column=None) as table:
        return [row.values for row in table]


# ---- what is written ----


def test_a_list_becomes_objects_in_the_shape_of_the_design(
    tagger: Tagger, model: TopicClassifier
) -> None:
    Path("a.txt").write_text("\n".join(TEXTS[:9]) + "\n", encoding="utf-8")
    report = tag_file(tagger, Job("a.txt", "a.jsonl"))
    expected = [
        {"text": text, **as_object(one)}
        for text, one in zip(TEXTS, model.predict(TEXTS[:9]), strict=False)
    ]
    written = Path("a.jsonl").read_text(encoding="utf-8")
    assert written == "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in expected)
    assert report == FileReport(n_rows=9, encoding="utf-8", n_repeated=report.n_repeated)


@pytest.mark.parametrize("source", ["csv", "tsv", "jsonl", "xlsx", "parquet"])
@pytest.mark.parametrize("target", ["csv", "tsv", "jsonl", "xlsx", "parquet"])
def test_every_format_to_every_other_keeps_rows_columns_and_order(
    tagger: Tagger, model: TopicClassifier, source: str, target: str
) -> None:
    texts = [*TEXTS[: CHUNK + 9], "=1+1", "，"]
    write_list(f"in.{source}", texts)
    assert tag_file(tagger, Job(f"in.{source}", f"out.{target}", plain=True)).n_rows == len(texts)
    rows = read_rows(f"out.{target}")
    names = ("topics", "decision")
    if target != "jsonl":
        names = ("topics", "topic_names", "probabilities", "decision")  # type: ignore[assignment]
    assert list(rows[0]) == ["编号", "标题", "日期", *names]
    assert [row["标题"] for row in rows] == texts
    assert [str(row["编号"]) for row in rows] == [str(n + 1) for n in range(len(texts))]
    for row, prediction in zip(rows, model.predict(texts), strict=True):
        assert row["decision"] == prediction.decision
        assert _ids(row["topics"]) == [topic.id for topic in prediction.topics]
        if target != "jsonl":
            shown = row["probabilities"]
            listed = shown if isinstance(shown, list) else str(shown or "").split("|")
            expected = [round(topic.probability, 4) for topic in prediction.topics]
            assert [float(one) for one in listed if one != ""] == expected


def _ids(topics: Any) -> list[str]:
    if isinstance(topics, list):
        return [one["id"] if isinstance(one, dict) else one for one in topics]
    return topics.split("|") if topics else []


def test_plain_text_to_parquet_and_workbook(tagger: Tagger) -> None:
    Path("a.txt").write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    for target in ("a.parquet", "a.xlsx"):
        tag_file(tagger, Job("a.txt", target))
        assert [row["text"] for row in read_rows(target)] == TEXTS


def test_odd_texts_go_through(tagger: Tagger, model: TopicClassifier) -> None:
    texts = [text.replace("\n", " ").replace("\r", " ") for text in ODD_TEXTS]
    with Path("odd.jsonl").open("w", encoding="utf-8") as file:
        for text in texts:
            file.write(json.dumps({"text": text, "n": None}) + "\n")
    tag_file(tagger, Job("odd.jsonl", "out.jsonl"))
    rows = read_rows("out.jsonl")
    assert [row["text"] for row in rows] == texts
    assert [row["decision"] for row in rows] == [one.decision for one in model.predict(texts)]


def test_a_field_of_one_of_our_names_is_kept(tagger: Tagger) -> None:
    write_list("a.jsonl", ["修通水渠"])
    with Path("b.jsonl").open("w", encoding="utf-8") as file:
        file.write('{"text": "修通水渠", "topics": ["water"]}\n')
    tag_file(tagger, Job("b.jsonl", "c.jsonl"))
    (row,) = read_rows("c.jsonl")
    assert list(row) == ["text", "input_topics", "topics", "decision"]
    assert row["input_topics"] == ["water"]


def test_a_late_field_of_one_of_our_names_is_kept(tagger: Tagger) -> None:
    rows: list[dict[str, object]] = [{"text": "修通水渠"}] * 1001
    rows.append({"text": "医院义诊", "decision": "批准"})
    with Path("a.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    tag_file(tagger, Job("a.jsonl", "b.jsonl"))
    assert read_rows("b.jsonl")[-1]["input_decision"] == "批准"


def test_tagging_twice_replaces_the_first_tags(tagger: Tagger) -> None:
    write_list("a.csv", TEXTS[:20])
    assert not tag_file(tagger, Job("a.csv", "b.csv", plain=True)).was_tagged
    assert tag_file(tagger, Job("b.csv", "c.csv", plain=True)).was_tagged
    assert Path("b.csv").read_bytes() == Path("c.csv").read_bytes()


def test_options_reach_the_model(model_folder: Path) -> None:
    write_list("a.csv")
    with Tagger(model_folder, Options(topics=("water",))) as tagger:
        tag_file(tagger, Job("a.csv", "a.jsonl"))
    found = {one["id"] for row in read_rows("a.jsonl") for one in row["topics"]}
    assert found == {"water"}


# ---- lists ----


@pytest.mark.parametrize(
    "tail",
    [
        " 2021-03-05",
        "[详细]",
        " [03-05]",
        "（组图）",
        "_沙湖新闻网",
        "（记者 马小山）",
        " 来源：沙湖日报",
    ],
)
def test_what_stands_at_the_end_of_a_headline_does_not_sway_its_topics(
    model: TopicClassifier, tail: str
) -> None:
    for text in ("沙湖镇修通水渠惠及群众", "反诈宣传进社区受到欢迎"):
        one, other = model.predict([text, text + tail])
        assert (other.topics, other.decision) == (one.topics, one.decision)
        assert other.text == text + tail


@pytest.mark.parametrize("marker", ["1. ", "①", "• ", "（1）", "1、"])
def test_a_number_or_bullet_is_kept_and_does_not_sway_the_topics(
    tagger: Tagger, marker: str
) -> None:
    Path("a.txt").write_text(f"{marker}修通水渠惠及群众\n修通水渠惠及群众\n", encoding="utf-8")
    tag_file(tagger, Job("a.txt", "a.jsonl"))
    marked, plain = read_rows("a.jsonl")
    assert marked.pop("text") == f"{marker}修通水渠惠及群众"
    del plain["text"]
    assert marked == plain


def test_a_numbered_list_counts_on_over_the_end_of_a_chunk(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagged: list[str] = []
    whole = Passage._works

    def works(run: Any) -> Iterator[Any]:
        for work in whole(run):
            tagged.extend(work.texts)
            yield work

    monkeypatch.setattr(Passage, "_works", works)
    for n_before in (CHUNK - 2, CHUNK - 1, CHUNK):
        tagged.clear()
        lines = ["医院义诊"] * n_before + [f"{n} 修通水渠" for n in range(1, CHUNK * 2)]
        Path("a.txt").write_text("\n".join(lines), encoding="utf-8")
        tag_file(tagger, Job("a.txt", "a.jsonl", force=True))
        assert set(tagged) == {"医院义诊", "修通水渠"}
        assert [row["text"] for row in read_rows("a.jsonl")] == lines


def test_blank_lines_and_repeats_are_counted(tagger: Tagger) -> None:
    Path("a.txt").write_text("修通水渠\n\n修通水渠\n医院义诊\n \n修通水渠\n", encoding="utf-8")
    report = tag_file(tagger, Job("a.txt", "a.jsonl"))
    assert (report.n_rows, report.n_blank, report.n_repeated) == (4, 2, 2)


def test_repeats_are_counted_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.batch.side._MOST_REMEMBERED", 2)
    repeats = Repeats()
    for texts in (["甲", "乙", ""], ["丙", "甲", ""], ["丙", "乙"]):
        repeats.count(texts)
    assert repeats.n_repeated == 2
    assert len(repeats._seen) == 2


BLOB = " ".join(["县医院新楼本周启用", "村里办起了直播课堂 老人学会网上卖货"] * 4)


def test_a_front_page_on_one_line_is_told_and_on_request_split(tagger: Tagger) -> None:
    Path("a.txt").write_text(f"修通水渠\n{BLOB}\n", encoding="utf-8")
    assert tag_file(tagger, Job("a.txt", "a.jsonl")).blob == 2
    report = tag_file(tagger, Job("a.txt", "b.jsonl", split=str.split))
    assert (report.blob, report.n_split, report.n_rows) == (None, 1, 13)
    assert [row["text"] for row in read_rows("b.jsonl")] == ["修通水渠", *BLOB.split()]


# ---- processes ----


def test_many_processes_give_the_same_bytes_as_one(model_folder: Path) -> None:
    write_list("a.csv")
    for jobs in (1, 2):
        with Tagger(model_folder, jobs=jobs, rows_alone=CHUNK * 2) as tagger:
            tagger.start()
            tag_file(tagger, Job("a.csv", f"{jobs}.jsonl"))
            processes = {} if tagger._pool is None else tagger._pool._processes
            assert len(processes) == jobs - 1  # the one that runs this is a process, too
    assert Path("1.jsonl").read_bytes() == Path("2.jsonl").read_bytes()


WAYS = """
import sys, threading
from classifier.batch import Tagger
from classifier.batch.workers import Work
from tests.test_batch import TEXTS

if __name__ == "__main__":
    if sys.argv[2] == "spawn":
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    with Tagger(sys.argv[1], jobs=3, rows_alone=0) as tagger:
        tagger.start()
        way = tagger._pool._mp_context.get_start_method()
        works = [Work(at, TEXTS[at : at + 8]) for at in range(0, len(TEXTS), 8)]
        tags = [tags for _, tags in tagger.tag(works)]
        alone = [tagger.model.tags(work.texts) for work in works]
    same = [one.probabilities.tolist() for one in tags] == [
        one.probabilities.tolist() for one in alone
    ]
    print(way, same, len(tagger._under_way) > 0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else tells of all threads")
@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_processes_are_forked_only_where_no_other_thread_lives(
    way: str, model_folder: Path
) -> None:
    Path("ways.py").write_text(WAYS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "ways.py", str(model_folder), way],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{way} True True\n"


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else tells of all threads")
def test_the_command_starts_no_thread_that_would_keep_it_from_forking(model_folder: Path) -> None:
    Path("a.txt").write_text("修通水渠\n", encoding="utf-8")
    code = (
        "import os, sys; from classifier.cli import cli\n"
        "cli(sys.argv[1:], standalone_mode=False)\n"
        "print(len(os.listdir('/proc/self/task')))"
    )
    args = ["tag", "a.txt", "-o", "a.jsonl", "--quiet", "--model", str(model_folder)]
    environment = {key: value for key, value in os.environ.items() if "THREADS" not in key}
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, len(read_rows("a.jsonl"))) == ("1\n", 1)


def test_a_small_input_starts_no_process(model_folder: Path) -> None:
    write_list("a.csv")
    with Tagger(model_folder, jobs=4) as tagger:
        tag_file(tagger, Job("a.csv", "a.jsonl"))
        assert tagger._pool is None


@pytest.mark.parametrize("source", ["csv", "parquet", "xlsx"])
def test_a_file_tells_how_many_texts_are_to_come(
    tagger: Tagger, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(tagger, "expect", told.append)
    # The first megabyte is read in one go, so this is more.
    write_list(f"a.{source}", [text + "。" * 40 for text in TEXTS * 20])
    n_texts, n_chunks = len(TEXTS) * 20, -(-len(TEXTS) * 20 // CHUNK)
    with pytest.raises(KeyboardInterrupt):
        tag_file(tagger, Job(f"a.{source}", "a.jsonl"), on_rows=stop_after(90, KeyboardInterrupt()))
    assert max(told) <= n_texts
    assert told[-1] == pytest.approx(n_texts - 90 * CHUNK, rel=0.1)
    told.clear()
    tag_file(tagger, Job(f"a.{source}", "a.jsonl", resume=True))
    assert len(told) == n_chunks - 90
    assert told[-1] == 0


def test_many_texts_start_processes_before_the_first_is_tagged(model_folder: Path) -> None:
    with Tagger(model_folder, jobs=2) as tagger:
        tagger.expect(WORTH_PROCESSES - 1)
        assert tagger._pool is None
        tagger.expect(WORTH_PROCESSES)
        assert tagger._pool is not None
    with Tagger(model_folder, jobs=1) as tagger:
        tagger.expect(WORTH_PROCESSES)
        assert tagger._pool is None


def test_few_chunks_are_read_ahead(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from classifier.batch.workers import Work

    n_read = 0

    def works() -> Iterator[Work[int]]:
        nonlocal n_read
        for number in range(40):
            n_read += 1
            yield Work(number, TEXTS[:4])

    with Tagger(model_folder, jobs=2, rows_alone=0) as tagger:
        tagger.start()
        for n_done, (work, tags) in enumerate(tagger.tag(works()), start=1):
            assert work.item == n_done - 1
            assert len(tags) == 4
            assert n_read - n_done <= 2 * _CHUNKS_WAITING


def test_a_process_that_dies_is_told_in_plain_words(model_folder: Path) -> None:
    # More chunks than wait at once, so that some are left to begin when the process has died.
    write_list("a.csv", TEXTS * 2)
    with Tagger(model_folder, jobs=2, rows_alone=0) as tagger:
        tagger.start()

        def kill(_: int, __: float | None) -> None:
            assert tagger._pool is not None
            for process in list(tagger._pool._processes.values()):
                process.kill()

        with pytest.raises(ClassifierError, match=r"ended from outside.*try again with --jobs 1"):
            tag_file(tagger, Job("a.csv", "a.jsonl"), on_rows=kill)
        assert not Path("a.jsonl").exists()
        assert partial_folder("a.jsonl").is_dir()


def test_a_tagger_refuses_no_process_and_no_model(model_folder: Path) -> None:
    with pytest.raises(ValueError, match="jobs must be at least 1, got 0"):
        Tagger(model_folder, jobs=0)
    with pytest.raises(ModelNotFoundError, match="no model 'nowhere'"):
        Tagger("nowhere")


# ---- interruptions ----


def stop_after(n_chunks: int, error: BaseException) -> Callable[[int, float | None], None]:
    def on_rows(n_rows: int, _: float | None) -> None:
        if n_rows >= n_chunks * CHUNK:
            raise error

    return on_rows


@pytest.mark.parametrize("target", ["jsonl", "csv", "tsv", "jsonl.gz", "csv.xz", "parquet", "xlsx"])
@pytest.mark.parametrize("source", ["csv", "parquet"])
def test_a_resumed_run_gives_the_file_of_a_run_in_one_go(
    tagger: Tagger, source: str, target: str
) -> None:
    write_list(f"in.{source}")
    whole, out = Job(f"in.{source}", f"whole.{target}"), Job(f"in.{source}", f"out.{target}")
    tag_file(tagger, whole)
    for n_chunks in (2, 5):
        with pytest.raises(KeyboardInterrupt):
            tag_file(
                tagger, replace(out, resume=True), on_rows=stop_after(n_chunks, KeyboardInterrupt())
            )
        assert not Path(out.target).exists()
    report = tag_file(tagger, replace(out, resume=True))
    assert (report.n_rows, report.n_resumed) == (len(TEXTS), 5 * CHUNK)
    if target in ("parquet", "xlsx"):
        assert read_rows(out.target) == read_rows(whole.target)
    else:
        assert Path(out.target).read_bytes() == Path(whole.target).read_bytes()
    assert sorted(path.name for path in Path().iterdir()) == sorted(
        [f"in.{source}", whole.target, out.target]
    )


KILLED = """
import sys, time
from classifier.batch import Job, Tagger, tag_file
from classifier.batch.passage import Passage
Passage.chunk_rows = 64
if __name__ == "__main__":
    with Tagger(sys.argv[1]) as tagger:
        job = Job("in.csv", "out.jsonl", resume=True, errors="skip")
        tag_file(tagger, job, on_rows=lambda n_rows, share: time.sleep(0.01))
"""


def test_a_run_killed_at_five_random_moments_is_resumed_each_time(
    tagger: Tagger, model_folder: Path
) -> None:
    write_list("in.csv", TEXTS * 8)
    with Path("in.csv").open("a", encoding="utf-8") as file:
        file.write("坏,行\n9999,末行修通水渠,2021-03-05\n")
    whole = tag_file(tagger, Job("in.csv", "whole.jsonl", errors="skip"))
    journal = partial_folder("out.jsonl") / "journal"
    draw = random.Random()
    n_killed = 0
    for _ in range(5):
        size = journal.stat().st_size if journal.exists() else 0
        running = subprocess.Popen([sys.executable, "-c", KILLED, str(model_folder)])
        wanted = size + draw.randrange(200, 2500)
        while running.poll() is None:
            if journal.exists() and journal.stat().st_size >= wanted:
                time.sleep(draw.random() / 50)
                running.kill()
                n_killed += 1
                break
            time.sleep(0.001)
        running.wait()
        assert not Path("out.jsonl").exists()
        assert not Path("out.jsonl.errors.jsonl").exists()
    assert n_killed == 5
    report = tag_file(tagger, Job("in.csv", "out.jsonl", errors="skip", resume=True))
    assert report.n_rows == whole.n_rows == len(TEXTS) * 8 + 1
    assert report.n_resumed > 0
    assert Path("out.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert (
        Path("out.jsonl.errors.jsonl").read_bytes() == Path("whole.jsonl.errors.jsonl").read_bytes()
    )
    assert not journal.parent.exists()


def interrupt(tagger: Tagger, job: Job, n_chunks: int = 2) -> None:
    with pytest.raises(KeyboardInterrupt):
        tag_file(tagger, job, on_rows=stop_after(n_chunks, KeyboardInterrupt()))


def test_a_journal_cut_off_anywhere_loses_no_more_than_its_last_chunk(tagger: Tagger) -> None:
    write_list("in.csv", TEXTS[: CHUNK * 3])
    tag_file(tagger, Job("in.csv", "whole.jsonl"))
    interrupt(tagger, Job("in.csv", "out.jsonl"))
    journal = partial_folder("out.jsonl") / "journal"
    data = journal.read_bytes()
    second = data.rindex(b"TAGS")
    for length in (0, 20, data.index(b"TAGS") + 9, second - 1, second, second + 9, len(data) - 1):
        journal.parent.mkdir(exist_ok=True)
        journal.write_bytes(data[:length])
        report = tag_file(tagger, Job("in.csv", "out.jsonl", resume=True))
        assert report.n_resumed == (0 if length < second else CHUNK)
        assert Path("out.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
        Path("out.jsonl").unlink()


def test_a_journal_with_a_bit_turned_is_not_believed(tagger: Tagger) -> None:
    write_list("in.csv", TEXTS[: CHUNK * 3])
    interrupt(tagger, Job("in.csv", "out.jsonl"))
    journal = partial_folder("out.jsonl") / "journal"
    data = bytearray(journal.read_bytes())
    data[-1] ^= 1
    journal.write_bytes(data)
    assert tag_file(tagger, Job("in.csv", "out.jsonl", resume=True)).n_resumed == CHUNK


def test_an_interrupted_run_is_not_dropped_in_silence(tagger: Tagger) -> None:
    write_list("in.csv")
    job = Job("in.csv", "out.jsonl")
    interrupt(tagger, job)
    message = "out.jsonl: an earlier run was interrupted.*--resume, or begin anew with --force"
    with pytest.raises(OutputExistsError, match=message):
        tag_file(tagger, job)
    assert tag_file(tagger, replace(job, force=True)).n_resumed == 0


@pytest.mark.parametrize("how", [{}, {"force": True}, {"resume": True}])
def test_a_second_run_to_the_same_output_is_refused_and_the_first_one_writes_it_whole(
    tagger: Tagger, how: dict[str, bool]
) -> None:
    write_list("in.csv")
    tag_file(tagger, Job("in.csv", "whole.jsonl"))
    refused: list[DataError] = []
    message = (
        "out.jsonl: another run is writing it, and .out.jsonl.partial beside it is locked; "
        "wait until it ends, or name another output"
    )

    def run_another(n_rows: int, _: float | None) -> None:
        if n_rows == 2 * CHUNK:
            with pytest.raises(DataError) as told:
                tag_file(tagger, Job("in.csv", "out.jsonl", **how))  # type: ignore[arg-type]
            refused.append(told.value)

    report = tag_file(tagger, Job("in.csv", "out.jsonl"), on_rows=run_another)
    assert [str(error) for error in refused] == [message]
    assert report.n_rows == len(TEXTS)
    assert Path("out.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert not partial_folder("out.jsonl").exists()


def test_a_run_that_opened_the_journal_as_another_removed_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def remove_and_lock(file: int, path: Path) -> bool:
        path.unlink()
        return lock(file, path)

    monkeypatch.setattr("classifier.batch.journal.lock", remove_and_lock)
    with pytest.raises(DataError, match=r"out.jsonl: another run is writing it"):
        Journal("out.jsonl", {})


def test_an_interrupted_run_is_gone_on_with_while_its_processes_live(model_folder: Path) -> None:
    write_list("in.csv")
    job = Job("in.csv", "out.jsonl", resume=True)
    with Tagger(model_folder, jobs=2, rows_alone=CHUNK) as tagger:  # forked while it is locked
        interrupt(tagger, job, n_chunks=3)
        assert tagger._pool is not None
        assert tag_file(tagger, job).n_resumed >= 3 * CHUNK


@pytest.mark.skipif(sys.platform == "win32", reason="has another lock")
def test_where_a_file_system_has_no_locks_files_are_tagged_all_the_same(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    write_list("in.csv")
    assert tag_file(tagger, Job("in.csv", "out.jsonl")).n_rows == len(TEXTS)


def test_a_run_stopped_in_its_first_chunk_leaves_nothing(tagger: Tagger) -> None:
    Path("a.csv").write_text("text\n修渠,水\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a.csv line 2: has 2 fields where the header has 1"):
        tag_file(tagger, Job("a.csv", "out.jsonl"))
    assert [path.name for path in Path().iterdir()] == ["a.csv"]


def test_resuming_is_refused_when_something_changed(model_folder: Path, tagger: Tagger) -> None:
    write_list("in.csv")
    job = Job("in.csv", "out.jsonl", resume=True)
    interrupt(tagger, job)
    other = Tagger(model_folder, Options(max_topics=1))
    with pytest.raises(DataError, match=r"since the choice of topics changed: was \{.*, is \{"):
        tag_file(other, job)
    with pytest.raises(DataError, match="since how the input is read changed"):
        tag_file(tagger, replace(job, text_column="日期"))
    tagger.model = replace(tagger.model, digest="another")
    with pytest.raises(DataError, match=r"since the model changed: was '\w+…, is 'another'"):
        tag_file(tagger, job)
    tagger.model = replace(tagger.model, digest=Tagger(model_folder).model.digest)
    data = Path("in.csv").read_bytes()
    Path("in.csv").write_bytes(data + b"\n")
    with pytest.raises(DataError, match="since the size of the input changed"):
        tag_file(tagger, job)
    old = TEXTS[CHUNK + 3].encode("utf-8")
    Path("in.csv").write_bytes(data.replace(old, old[-3:] + old[:-3]))
    message = f"the input changed: the texts after row {CHUNK} are not .* begin anew with --force"
    with pytest.raises(DataError, match=message):
        tag_file(tagger, job)
    Path("in.csv").write_bytes(data)
    assert tag_file(tagger, job).n_resumed >= CHUNK


def test_a_bad_row_may_be_skipped_when_going_on(tagger: Tagger) -> None:
    write_list("in.csv", TEXTS[: CHUNK * 2])
    with Path("in.csv").open("a", encoding="utf-8") as file:
        file.write("坏\n")
    with pytest.raises(DataError, match=f"in.csv line {CHUNK * 2 + 2}: has 1 field"):
        tag_file(tagger, Job("in.csv", "out.csv"))
    report = tag_file(tagger, Job("in.csv", "out.csv", errors="skip", resume=True))
    assert (report.n_resumed, report.n_bad) == (CHUNK * 2, 1)


def test_resuming_leaves_a_finished_output_alone(tagger: Tagger) -> None:
    write_list("in.csv", TEXTS[:3])
    Path("out.jsonl").write_text("完\n", encoding="utf-8")
    report = tag_file(tagger, Job("in.csv", "out.jsonl", resume=True))
    assert report.was_finished
    assert Path("out.jsonl").read_text(encoding="utf-8") == "完\n"


def test_a_forced_run_that_was_interrupted_is_gone_on_with_over_the_old_output(
    tagger: Tagger,
) -> None:
    write_list("in.csv")
    with Path("in.csv").open("a", encoding="utf-8") as file:
        file.write("坏\n")
    job = Job("in.csv", "out.jsonl", errors="skip")
    for path in (job.target, job.side_file):
        Path(path).write_text("旧\n", encoding="utf-8")
    interrupt(tagger, replace(job, force=True))
    for path in (job.target, job.side_file):
        assert Path(path).read_text(encoding="utf-8") == "旧\n"
    interrupt(tagger, replace(job, resume=True), n_chunks=4)
    report = tag_file(tagger, replace(job, resume=True))
    assert (report.n_rows, report.n_resumed, report.n_bad) == (len(TEXTS), 4 * CHUNK, 1)
    assert len(read_rows("out.jsonl")) == len(TEXTS)
    assert len(Path(job.side_file).read_text("utf-8").splitlines()) == 1


def test_force_with_resume_goes_on_and_overwrites(tagger: Tagger) -> None:
    write_list("in.csv")
    job = Job("in.csv", "out.jsonl")
    interrupt(tagger, job)
    Path("out.jsonl").write_text("他人的\n", encoding="utf-8")
    assert tag_file(tagger, replace(job, resume=True, force=True)).n_resumed == 2 * CHUNK
    assert len(read_rows("out.jsonl")) == len(TEXTS)


@pytest.mark.parametrize("which", ["target", "side_file"])
def test_resuming_overwrites_no_file_that_came_in_the_meantime(tagger: Tagger, which: str) -> None:
    write_list("in.csv")
    with Path("in.csv").open("a", encoding="utf-8") as file:
        file.write("坏\n")
    job = Job("in.csv", "out.jsonl", errors="skip", resume=True)
    interrupt(tagger, replace(job, target="before.jsonl", force=True))
    interrupt(tagger, job)
    path = Path(getattr(job, which))
    path.write_text("他人的\n", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=f"{path}: exists already"):
        tag_file(tagger, job)
    assert path.read_text(encoding="utf-8") == "他人的\n"


def test_a_run_that_begins_anew_overwrites_no_more_than_it_is_told_to(tagger: Tagger) -> None:
    write_list("in.csv")
    job = Job("in.csv", "out.jsonl")
    interrupt(tagger, replace(job, force=True))
    (partial_folder("out.jsonl") / "journal").write_bytes(b"")
    interrupt(tagger, job)
    Path("out.jsonl").write_text("他人的\n", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=r"out.jsonl: exists already"):
        tag_file(tagger, replace(job, resume=True))


@pytest.mark.parametrize("named", ["side_file", "target"])
def test_a_run_stopped_between_naming_its_files_is_gone_on_with(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    write_list("in.csv")
    with Path("in.csv").open("a", encoding="utf-8") as file:
        file.write("坏\n")
    job = Job("in.csv", "out.jsonl", errors="skip")
    name = Path.replace

    def name_and_stop(self: Path, target: Path) -> Path:
        name(self, target)
        if target.name == getattr(job, named):
            raise KeyboardInterrupt
        return target

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", name_and_stop)
        with pytest.raises(KeyboardInterrupt):
            tag_file(tagger, job)
    assert Path(getattr(job, named)).exists()
    report = tag_file(tagger, replace(job, resume=True))
    assert (report.n_rows, report.n_bad) == (len(TEXTS), 1)
    assert not partial_folder("out.jsonl").exists()


def test_a_full_disk_is_told_and_keeps_what_was_tagged(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_list("in.csv")
    open_file = Sink._open
    is_full = False

    class Disk(io.FileIO):
        def write(self, data: Any) -> int:
            if is_full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(data)

    def open_on_disk(sink: Sink, **settings: Any) -> BinaryIO:
        with open_file(sink, **settings) as file:
            return cast("BinaryIO", Disk(file.name, "wb"))

    def fill(n_rows: int, _: float | None) -> None:
        nonlocal is_full
        is_full = n_rows >= 3 * CHUNK

    with monkeypatch.context() as patch:
        patch.setattr(Sink, "_open", open_on_disk)
        with pytest.raises(DataError, match=r"out.jsonl: cannot be written: No space left"):
            tag_file(tagger, Job("in.csv", "out.jsonl"), on_rows=fill)
    assert not Path("out.jsonl").exists()
    # The fourth chunk was tagged, but could not be written.
    assert tag_file(tagger, Job("in.csv", "out.jsonl", resume=True)).n_resumed == 4 * CHUNK
    assert [row["标题"] for row in read_rows("out.jsonl")] == TEXTS


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_journal_on_a_full_disk_is_told(tagger: Tagger) -> None:
    journal = Journal("out.jsonl", {})
    journal._file.close()
    journal._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
    tags = tagger.model.tags(["修通水渠"])
    with pytest.raises(DataError, match=r"out.jsonl: cannot be written: No space left on device"):
        journal.append(["修通水渠"], tags)
    journal.close(finished=False)
    assert not journal.folder.exists()


def test_an_output_is_not_overwritten(tagger: Tagger) -> None:
    write_list("in.csv", TEXTS[:3])
    Path("out.jsonl").write_text("旧\n", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=r"out.jsonl: exists already"):
        tag_file(tagger, Job("in.csv", "out.jsonl"))
    assert Path("out.jsonl").read_text(encoding="utf-8") == "旧\n"
    assert tag_file(tagger, Job("in.csv", "out.jsonl", force=True)).n_rows == 3


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl"])
def test_the_input_itself_is_overwritten_if_told_to(tagger: Tagger, name: str) -> None:
    write_list("list.csv", TEXTS[:3])
    tag_file(tagger, Job("list.csv", name))
    with pytest.raises(OutputExistsError, match=f"{name}: is the input itself; choose another"):
        tag_file(tagger, Job(name, f"./{name}"))
    report = tag_file(tagger, Job(name, f"./{name}", force=True))
    assert (report.n_rows, report.was_tagged) == (3, True)


def test_a_workbook_is_never_written_over_itself(tagger: Tagger) -> None:
    pytest.importorskip("xlsxwriter")
    write_list("in.csv", TEXTS[:3])
    tag_file(tagger, Job("in.csv", "in.xlsx"))
    before = Path("in.xlsx").read_bytes()
    message = "is the input itself, and a workbook written anew loses its other sheets, formats and"
    for job in (
        Job("in.xlsx", "in.xlsx"),
        Job("in.xlsx", "in.xlsx", force=True),
        Job("in.xlsx", "in.xlsx", force=True, write_as="csv"),
        Job("in.csv", "./in.csv", force=True, write_as="xlsx"),
    ):
        with pytest.raises(OutputExistsError, match=message):
            tag_file(tagger, job)
    assert Path("in.xlsx").read_bytes() == before
    tag_file(tagger, Job("in.csv", "in.xlsx", force=True))


# ---- bad rows ----


def test_bad_rows_are_written_to_a_side_file(tagger: Tagger) -> None:
    Path("a.jsonl").write_text('{"text": "修通水渠"}\n{坏\n{"text": 5}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"a.jsonl line 2: is no valid JSON"):
        tag_file(tagger, Job("a.jsonl", "b.csv"))
    report = tag_file(tagger, Job("a.jsonl", "b.csv", errors="skip"))
    assert (report.n_rows, report.n_bad) == (1, 2)
    first, second = map(json.loads, Path("b.csv.errors.jsonl").read_text("utf-8").splitlines())
    assert first.pop("reason").startswith("is no valid JSON")
    assert first == {"file": "a.jsonl", "row": 2, "content": "{坏"}
    assert second["reason"] == "the field 'text' must be a text, got 5"


def test_a_side_file_is_not_overwritten_and_not_made_for_nothing(tagger: Tagger) -> None:
    write_list("a.csv", TEXTS[:3])
    job = Job("a.csv", "b.csv", errors="skip")
    tag_file(tagger, job)
    assert not Path("b.csv.errors.jsonl").exists()
    Path("b.csv.errors.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=r"b.csv: exists already"):
        tag_file(tagger, job)
    Path("b.csv").unlink()
    with pytest.raises(OutputExistsError, match=r"b.csv.errors.jsonl: exists already"):
        tag_file(tagger, job)


def test_an_old_side_file_goes_with_the_old_output_and_not_before(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_list("in.csv")
    job = Job("in.csv", "out.csv", errors="skip", force=True)
    side = Path(job.side_file)
    Path(job.target).write_text("旧\n", encoding="utf-8")
    side.write_text("旧\n", encoding="utf-8")
    interrupt(tagger, job)
    assert side.exists()
    unlink = Path.unlink

    def stop(self: Path, missing_ok: bool = False) -> None:
        if self.name == side.name:
            assert Path(job.target).read_text("utf-8-sig") != "旧\n"  # replaced already
            raise KeyboardInterrupt
        unlink(self, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", stop)
        with pytest.raises(KeyboardInterrupt):
            tag_file(tagger, replace(job, resume=True))
    assert side.exists()
    assert tag_file(tagger, replace(job, force=False, resume=True)).n_resumed == len(TEXTS)
    assert not side.exists()
    assert not partial_folder(job.target).exists()
    side.write_text("旧\n", encoding="utf-8")
    tag_file(tagger, replace(job, errors="fail"))
    assert side.exists()  # no file of that run


def test_an_old_side_file_of_rows_shown_goes_as_well(tagger: Tagger) -> None:
    write_list("in.csv", TEXTS[:3])
    job = Job("in.csv", errors="skip", force=True)
    Path(job.side_file).write_text("旧\n", encoding="utf-8")
    predict_file(tagger, job, lambda _: None)
    assert not Path(job.side_file).exists()


def test_a_side_file_that_cannot_be_removed_is_told(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_list("in.csv", TEXTS[:3])
    job = Job("in.csv", errors="skip", force=True)
    Path(job.side_file).write_text("旧\n", encoding="utf-8")

    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "unlink", refuse)
    message = r"in\.csv\.errors\.jsonl: is of an earlier run and cannot be removed: Permission"
    with pytest.raises(DataError, match=message):
        predict_file(tagger, job, lambda _: None)


def test_outputs_of_one_stem_have_a_side_file_each(tagger: Tagger) -> None:
    Path("x.csv").write_text("text\n甲,乙\n修通水渠\n", encoding="utf-8")
    Path("x.jsonl").write_text("{坏\n", encoding="utf-8")
    sources = ["x.csv", "x.jsonl"]
    Path("out").mkdir()
    for source, target in zip(sources, outputs_in("out", sources), strict=True):
        tag_file(tagger, Job(source, target, errors="skip"))
    for source in sources:
        (bad,) = Path("out", f"{source}.errors.jsonl").read_text("utf-8").splitlines()
        assert json.loads(bad)["file"] == source


def test_jobs_that_would_write_one_file_are_refused() -> None:
    jobs = [Job("x/a.csv", errors="skip"), Job("y/a.csv", errors="skip")]
    message = r"x/a.csv and y/a.csv would both write to a.csv.errors.jsonl; tag them one by one"
    with pytest.raises(DataError, match=message):
        refuse_clashes(jobs)
    with pytest.raises(DataError, match=r"would both write to out.a.csv.errors.jsonl"):
        refuse_clashes(
            [
                Job("a.csv", "out/a.csv", errors="skip"),
                Job("a.csv.errors.jsonl", "out/a.csv.errors.jsonl"),
            ]
        )
    rows = Job("out/a.csv.errors.jsonl", "rows.jsonl")
    message = r"out.a\.csv\.errors\.jsonl: is where rows of a\.csv that cannot be used would be"
    with pytest.raises(DataError, match=message):
        refuse_clashes([rows, Job("a.csv", "./out/a.csv", errors="skip")])
    refuse_clashes([replace(job, errors="fail") for job in jobs])
    refuse_clashes([jobs[0], replace(jobs[1], target="out/a.csv")])


def test_many_bad_rows_are_written_as_they_come(tagger: Tagger) -> None:
    Path("a.csv").write_text("text\n" + "甲,乙\n" * 2500, encoding="utf-8")
    assert tag_file(tagger, Job("a.csv", "b.csv", errors="skip")).n_bad == 2500
    assert len(Path("b.csv.errors.jsonl").read_text("utf-8").splitlines()) == 2500


def test_predictions_for_showing_come_chunk_by_chunk(tagger: Tagger) -> None:
    write_list("a.csv", TEXTS[: CHUNK + 1])
    with Path("a.csv").open("a", encoding="utf-8") as file:
        file.write("坏\n")
    shown: list[list[Prediction]] = []
    report = predict_file(tagger, Job("a.csv", errors="skip"), shown.append)
    assert [len(part) for part in shown] == [CHUNK, 1]
    assert (report.n_rows, report.n_bad) == (CHUNK + 1, 1)
    assert Path("a.csv.errors.jsonl").is_file()


# ---- inputs and outputs ----


def test_patterns_are_expanded_in_order_and_each_file_comes_once() -> None:
    Path("列表").mkdir()
    for name in ("b.txt", "a.txt", "c.csv", "[x].txt"):
        Path("列表", name).write_text("甲\n", encoding="utf-8")
    found = expand_inputs(
        ["-", "列表/*.txt", "列表/a.txt", "**/*.csv", "列表/[x].txt", "fehlt.txt"]
    )
    names = [Path(one).name for one in found]
    assert names == ["-", "[x].txt", "a.txt", "b.txt", "c.csv", "fehlt.txt"]


def test_the_lock_file_of_an_open_workbook_is_passed_over_among_others() -> None:
    for name in ("a.xlsx", "~$a.xlsx"):
        Path(name).touch()
    told: list[str] = []
    assert expand_inputs(["*.xlsx"], tell=told.append) == ["a.xlsx"]
    assert told == ["~$a.xlsx: is the lock file of an open workbook, and passed over"]
    assert expand_inputs(["~$a.xlsx", "a.xlsx"]) == ["a.xlsx"]
    message = r"~\$a\.xlsx: is the lock file of an open workbook; name the workbook, 'a\.xlsx'"
    for one in ("~$a.xlsx", "~*.xlsx"):
        with pytest.raises(DataError, match=message):
            expand_inputs([one])


def test_a_pattern_that_nothing_fits_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\*\.tsv: no file fits this pattern"):
        expand_inputs(["*.tsv"])
    with pytest.raises(DataError, match=r"is a folder; name its files, as in '.*\*\.txt'"):
        expand_inputs([str(tmp_path)])


def test_a_folder_gets_one_output_an_input() -> None:
    found = outputs_in("out", ["x/a.txt", "b.csv", "c.xlsx", "d.json", "e.jsonl.gz"])
    names = ["a.jsonl", "b.csv", "c.xlsx", "d.jsonl", "e.jsonl"]
    assert found == [str(Path("out", name)) for name in names]
    assert outputs_in("out", ["b.csv"], "parquet") == [str(Path("out", "b.parquet"))]


def test_outputs_of_one_name_and_of_no_name_are_refused() -> None:
    with pytest.raises(
        DataError, match=r"x/a.txt and y/a.txt would both be written to out.a.jsonl"
    ):
        outputs_in("out", ["x/a.txt", "y/a.txt"])
    with pytest.raises(DataError, match="standard input has no name"):
        outputs_in("out", ["-"])
    Path("a.csv").write_text("text\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a.csv: its output would take its own place"):
        outputs_in(".", ["a.csv"])
    assert outputs_in(".", ["not/there/a.csv"]) == ["a.csv"]


def test_a_compressed_list_is_read_and_written(tagger: Tagger) -> None:
    with gzip.open("a.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(TEXTS))
    assert tag_file(tagger, Job("a.txt.gz", "b.jsonl.gz")).n_rows == len(TEXTS)
    assert len(gzip.decompress(Path("b.jsonl.gz").read_bytes()).splitlines()) == len(TEXTS)
