"""Measure tagging whole files with the installed command: rows a second, peak memory, resuming.

    python training/benchmarks/batch.py --data headlines.jsonl.gz --rows 1000000

Headlines of ``--data`` are repeated, each with a running number, until there are ``--rows``. The
command ``classifier tag`` runs as a user runs it. Memory is the largest sum over its processes of
what each holds for itself (USS), so that what they share is not counted twice; ``rss`` is the
largest resident size of its first process. One interrupted run is killed when half its rows are
tagged, resumed, and compared row for row with a run in one go.
"""

import argparse
import itertools
import json
import resource
import shutil
import struct
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from training.rebuild import read_texts

GROUP_ROWS = 50_000
WATCH_EVERY_S = 0.2


def headlines(data: Path, n_rows: int) -> Iterator[tuple[int, str]]:
    """Yield numbered headlines, those of the file again and again."""
    texts = itertools.islice(read_texts(data), n_rows)
    return zip(range(1, n_rows + 1), itertools.cycle(texts), strict=False)


def write_parquet(path: Path, rows: Iterator[tuple[int, str]]) -> None:
    """Write rows group by group, in constant memory."""
    schema = pa.schema([("number", pa.int64()), ("title", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        while group := list(itertools.islice(rows, GROUP_ROWS)):
            numbers, titles = zip(*group, strict=True)
            writer.write_table(pa.table([pa.array(numbers), pa.array(titles)], schema=schema))


def write_jsonl(path: Path, rows: Iterator[tuple[int, str]]) -> None:
    """Write rows line by line."""
    with path.open("w", encoding="utf-8") as file:
        for number, title in rows:
            file.write(json.dumps({"number": number, "title": title}, ensure_ascii=False) + "\n")


def command(model: str, source: Path, target: Path, *more: str) -> list[str]:
    """Return the command that tags a file."""
    start = [shutil.which("classifier", path=str(Path(sys.executable).parent)) or "classifier"]
    return [*start, "tag", str(source), "-o", str(target), "--model", model, "--quiet", *more]


def run(args: Sequence[str], *, kill_when: Path | None = None, size: int = 0) -> dict[str, float]:
    """Run a command to its end, or kill it when a file has a size; watch its memory."""
    started, cpu_before = time.perf_counter(), _cpu_seconds()
    process = psutil.Popen(args, stdout=DEVNULL, stderr=PIPE)
    own, rss = 0, 0
    while process.poll() is None:
        family = [process, *_children(process)]
        own = max(own, sum(filter(None, map(_own_memory, family))))
        rss = max(rss, _resident(process))
        if kill_when is not None and kill_when.exists() and kill_when.stat().st_size > size:
            process.kill()
        time.sleep(WATCH_EVERY_S)
    seconds = time.perf_counter() - started
    if process.returncode != 0 and kill_when is None:
        raise SystemExit(process.stderr.read().decode("utf-8", "replace"))
    cpu_seconds = _cpu_seconds() - cpu_before
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "mb": round(own / 1e6),
        "rss_mb": round(rss / 1e6),
    }


def _cpu_seconds() -> float:
    """Return what the processes that ended have used; a busy machine does not change it much."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found


def _own_memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().uss)
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return 0


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return 0


def measure(model: str, source: Path, folder: Path, n_rows: int, jobs: int) -> dict[str, object]:
    """Tag a file to its own format and tell rows a second and memory."""
    target = folder / f"out{source.suffix}"
    found = run(command(model, source, target, "--jobs", str(jobs), "--force"))
    rate = round(n_rows / found["seconds"])
    return {"run": f"{source.suffix[1:]}, {jobs} jobs", "rows_a_second": rate, **found}


def interrupt_and_resume(model: str, source: Path, folder: Path, n_rows: int) -> dict[str, object]:
    """Kill a run when half is tagged, resume it, and compare it with ``out.parquet``."""
    target = folder / "resumed.parquet"
    journal = folder / ".resumed.parquet.partial" / "journal"
    first = run(command(model, source, target), kill_when=journal, size=5 * n_rows)
    if target.exists():
        raise SystemExit("the run ended before it could be killed; use more rows")
    n_resumed = _rows_in(journal)
    second = run(command(model, source, target, "--resume"))
    same = _same_rows(folder / "out.parquet", target)
    return {
        "run": "parquet, killed in the middle and resumed",
        "seconds_until_killed": first["seconds"],
        **second,
        "not_tagged_again": n_resumed,
        "rows": pq.ParquetFile(target).metadata.num_rows,
        "same_rows": same,
    }


def _rows_in(journal: Path) -> int:
    """Count the rows of the records that are whole, as `classifier.batch.journal` writes them."""
    n_rows = 0
    with journal.open("rb") as file:
        file.readline()
        while len(head := file.read(20)) == 20:
            _, n_texts, n_topics, _, _ = struct.unpack("<4sIIII", head)
            length = 3 * n_texts + 6 * n_topics
            n_rows += n_texts if len(file.read(length)) == length else 0
    return n_rows


def _same_rows(one: Path, other: Path) -> bool:
    pairs = itertools.zip_longest(
        pq.ParquetFile(one).iter_batches(GROUP_ROWS), pq.ParquetFile(other).iter_batches(GROUP_ROWS)
    )
    return all(first is not None and first.equals(second) for first, second in pairs)


def main() -> None:
    """Run all and print one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="JSONL of headlines, gzipped")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--model", default="public-affairs")
    parser.add_argument("--folder", type=Path, help="where to write; a temporary one by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        sources = folder / "in.jsonl", folder / "in.parquet"
        write_jsonl(sources[0], headlines(options.data, options.rows))
        write_parquet(sources[1], headlines(options.data, options.rows))
        for source, jobs in itertools.product(sources, (1, 2)):
            print(
                json.dumps(measure(options.model, source, folder, options.rows, jobs)), flush=True
            )
        found = interrupt_and_resume(options.model, sources[1], folder, options.rows)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
