"""How fast it is, beside what a user could pick instead.

    python training/benchmarks/speed.py --data …/headlines [--out report] [--texts 100000] [--cores]

``--data`` names a folder with raw.jsonl.gz. The peers are trained on training/data and tag the same
headlines in turn with this package; medians and spreads are quoted. With ``--benchmarks``, the
folder of the public sets, training is timed too. Writes report.json and report.html into ``--out``.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from joblib.externals.loky import get_reusable_executor

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import classifier
from classifier.corpus import read_corpus
from classifier.taxonomy import Taxonomy
from classifier.trainer import Recipe, train
from training.benchmarks import growth, peers
from training.benchmarks.accuracy import Ours, own_process
from training.benchmarks.sets import SETS
from training.benchmarks.speed_report import Goal, write_report
from training.benchmarks.timing import Spread, command, in_turn, ratios
from training.rebuild import authored, read_texts

ROOT = Path(__file__).parent.parent.parent
CHUNK = 5_000  # headlines a turn
ROUNDS = 5
MANY = 500_000  # headlines tagged on both cores


def main() -> None:
    """Measure everything and write the report."""
    parser = argparse.ArgumentParser(description="How fast it is, beside its peers.")
    parser.add_argument("--data", type=Path, required=True, help="folder with raw.jsonl.gz")
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=Path("speed-report"))
    parser.add_argument("--skip-growth", action="store_true")
    parser.add_argument("--cores", action="store_true", help="goal 2 too, which takes minutes")
    parser.add_argument("--benchmarks", type=Path, help="folder of thucnews: goal 7 too")
    arguments = parser.parse_args()
    texts = read_headlines(arguments.data, arguments.texts)
    goals = [*throughput(texts), *latency(texts), *starts(), *memory(texts, arguments.data)]
    if arguments.cores:
        goals += cores(arguments.data)
    if arguments.benchmarks:
        goals += training(arguments.benchmarks)
    curves = {} if arguments.skip_growth else growth.curves(classifier.load(), texts)
    for goal in goals:
        print(goal)
    write_report(arguments.out, goals, curves, machine())


def read_headlines(folder: Path, n_texts: int) -> list[str]:
    """Return the first `n_texts` headlines of raw.jsonl.gz, repeated if there are fewer."""
    texts = itertools.islice(read_texts(folder / "raw.jsonl.gz"), n_texts)
    return list(itertools.islice(itertools.cycle(texts), n_texts))


def throughput(texts: Sequence[str]) -> list[Goal]:
    """Compare headlines a second in batches, one thread, in turn on the same headlines."""
    model = classifier.load()
    corpus = read_corpus(ROOT / "training" / "data" / "authored.jsonl", taxonomy=Taxonomy.default())
    Y = corpus.labels()
    plain = peers.jieba_words(corpus.texts, Y)
    union = peers.rjieba_union(corpus.texts, Y)
    fast = peers.fasttext_predict(peers.fasttext_model(corpus.texts, Y, segment=peers.joined_words))
    parts = [texts[i : i + CHUNK] for i in range(0, len(texts) - CHUNK + 1, CHUNK)]
    segmented = [[peers.joined_words(text) for text in part] for part in parts]
    times: dict[str, list[float]] = {}
    for part, lines in zip(parts, segmented, strict=True):
        runs: dict[str, Callable[[], object]] = {
            "ours": partial(model.predict, part),
            "jieba + TfidfVectorizer + OneVsRest(LinearSVC)": partial(plain, part),
            "rjieba words and characters, scikit-learn": partial(union, part),
            "fastText, text segmented before": partial(fast, lines),
        }
        for name, seconds in in_turn(runs, 1).items():
            times.setdefault(name, []).extend(seconds)
    rates = {name: Spread.of([CHUNK / s for s in seconds]) for name, seconds in times.items()}
    note = "; ".join(f"{name} {rate} headlines/s" for name, rate in rates.items())
    names = list(times)
    return [
        Goal("1a", "batches, against jieba + TfidfVectorizer + LinearSVC", 6, "times", True,
             ratios(times[names[1]], times["ours"]), note),
        Goal("1b", "batches, against fastText on text segmented before", 1.5, "times", True,
             ratios(times[names[3]], times["ours"]), note),
        Goal("1c", "batches, against rjieba words and characters in scikit-learn", 0, "times", True,
             ratios(times[names[2]], times["ours"]), "no goal was set"),
    ]  # fmt: skip


def cores(data: Path) -> list[Goal]:
    """Compare two processes with one, on a list as long as an archive's."""
    script = str(ROOT / "training" / "benchmarks" / "cores.py")
    seconds = json.loads(_output(sys.executable, script, "--data", str(data), "--texts", str(MANY)))
    one, two = (Spread.of([MANY / s for s in seconds[name]]) for name in ("one", "jobs"))
    apart = ratios(seconds["one"], seconds["apart"])
    note = (
        f"the command on a text file, starts, reading and writing included; the machine itself "
        f"allows {apart} times, two commands with half of the file each; headlines/s: one {one}, "
        f"two {two}"
    )
    return [
        Goal("2", f"both cores, {MANY:,} headlines, against one process", 1.8, "times", True,
             ratios(seconds["one"], seconds["jobs"]), note),
    ]  # fmt: skip


def latency(texts: Sequence[str]) -> list[Goal]:
    """Time one headline at a time in a warm process, and against a scikit-learn pipeline."""
    model = classifier.load()
    corpus = read_corpus(ROOT / "training" / "data" / "authored.jsonl", taxonomy=Taxonomy.default())
    union = peers.rjieba_union(corpus.texts, corpus.labels())
    sample = texts[:300]
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        ours += [_microseconds(partial(model.classify, text)) for text in sample]
        theirs += [_microseconds(partial(union, [text])) for text in sample[:100]]
    ratio = statistics.median(theirs) / statistics.median(ours)
    return [
        Goal("3a", "one headline, warm process", 60, "µs", False, Spread.of(_middle(ours)), ""),
        Goal("3b", "one headline, against the scikit-learn pipeline of words and characters", 15,
             "times", True, Spread(ratio, ratio, ratio), "ratio of medians"),
    ]  # fmt: skip


def starts() -> list[Goal]:
    """Time whole processes: a headline through the command, its help, and loading the model."""
    tool = str(Path(sys.executable).parent / "classifier")
    python = sys.executable
    tag = command(tool, "tag", "-", "--to", "jsonl", "--quiet", stdin="修通水渠\n")
    times = in_turn(
        {
            "tag": tag,
            "imports": command(python, "-c", "import numpy, rjieba"),
            "help": command(tool, "--help"),
            "pass": command(python, "-c", "pass"),
        },
        9,
    )
    code = (
        "import time, classifier; classifier.load(); t = []\n"
        "for _ in range(9):\n s = time.perf_counter(); classifier.load()\n"
        " t.append((time.perf_counter() - s) * 1e3)\nprint(*t)"
    )
    loads = [float(value) for value in _output(python, "-c", code).split()]
    return [
        Goal("4a", "cold start, one headline by the command, against importing numpy and rjieba",
             2.0, "times", False, ratios(times["tag"], times["imports"]), ""),
        Goal("4b", "classifier --help, against python -c pass", 7, "times", False,
             ratios(times["help"], times["pass"]), ""),
        Goal("6", "loading the shipped model, verified, warm", 40, "ms", False,
             Spread.of(loads), ""),
    ]  # fmt: skip


def memory(texts: Sequence[str], data: Path) -> list[Goal]:
    """Measure resident memory of a process that loads the model, and of one that tags a stream."""
    code = (
        "import sys, psutil, classifier\n"
        "rss = lambda: psutil.Process().memory_info().rss / 1e6\n"
        "model = classifier.load(); model.classify('修通水渠'); loaded = rss()\n"
        "def stream():\n"
        "    import gzip, json\n"
        "    for _ in range(4):\n"
        "        for line in gzip.open(sys.argv[1] + '/raw.jsonl.gz', 'rt', encoding='utf-8'):\n"
        "            yield json.loads(line)['text']\n"
        "peak = loaded\n"
        "for i, _ in enumerate(model.iter_predict(stream())):\n"
        "    if i % 5000 == 0: peak = max(peak, rss())\n"
        "    if i == int(sys.argv[2]): break\n"
        "print(loaded, peak - loaded)"
    )
    loaded_code = (
        "import psutil, classifier; model = classifier.load(); model.classify('修通水渠')\n"
        "print(psutil.Process().memory_info().rss / 1e6)"
    )
    alone = float(_output(sys.executable, "-c", loaded_code))
    counts = [len(texts) // 10, len(texts), 4 * len(texts)]
    added = [
        float(_output(sys.executable, "-c", code, str(data), str(n)).split()[1]) for n in counts
    ]
    note = ", ".join(f"{n:,} headlines {mb:.1f} MB" for n, mb in zip(counts, added, strict=True))
    return [
        Goal("5a", "resident memory, shipped model loaded and used once", 120, "MB", False,
             Spread(alone, alone, alone), ""),
        Goal("5b", "memory that tagging a stream adds", 60, "MB", False, Spread.of(added), note),
    ]  # fmt: skip


def training(benchmarks: Path) -> list[Goal]:
    """Time, once each, a fit of the THUCNews titles and a whole training on 20,000 texts."""
    plain = Recipe(name="speed", vectors="")
    with own_process() as pool:
        titles = SETS["thucnews"].read(benchmarks, "train")
        _, seconds, peak = pool.submit(Ours(plain, ()), *titles, titles[0][:1]).result()
    with own_process() as pool:
        whole = pool.submit(_seconds_of_training, plain, 20_000).result()
    return [
        Goal("7a", f"fitting {len(titles[0]):,} THUCNews titles, 10 classes", 60, "s", False,
             Spread(seconds, seconds, seconds), "one run; cutting into words included"),
        Goal("7b", "most memory held in it, all processes", 3, "GB", False,
             Spread(peak / 1e9, peak / 1e9, peak / 1e9), "what processes share counts for each"),
        Goal("7c", "training on 20,000 texts, 30 topics, thresholds by cross-validation", 180, "s",
             False, Spread(whole, whole, whole), "one run; without word vectors"),
    ]  # fmt: skip


def _seconds_of_training(recipe: Recipe, n_texts: int) -> float:
    corpus = authored()
    some = corpus.subset(np.random.default_rng(0).permutation(len(corpus.texts))[:n_texts])
    start = time.perf_counter()
    train(some, recipe)
    seconds = time.perf_counter() - start
    get_reusable_executor().shutdown(wait=True)  # idle workers would keep this process for minutes
    return seconds


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    names = ("numpy", "rjieba", "jieba", "scikit-learn", "fasttext", "headline-classifier")
    found: dict[str, Any] = {name: version(name) for name in names}
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        **found,
    }


def _microseconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e6


def _middle(values: Sequence[float]) -> list[float]:
    """Return the values between the 5th and the 95th percentile."""
    ordered = sorted(values)
    cut = len(ordered) // 20
    return ordered[cut : len(ordered) - cut]


def _output(*args: str) -> str:
    done = subprocess.run(args, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout


if __name__ == "__main__":
    main()
