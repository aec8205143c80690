"""What a second core brings when a long list is tagged by the command: one job beside two.

    python training/benchmarks/cores.py --data …/headlines [--texts 500000]

Prints one JSON object: seconds a round, in turn, of ``classifier tag`` on a text file with one job;
with two, as a user has it, starts included; and of two commands of one job each at the same time,
each with half of the file, which is what the machine itself allows.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from training.benchmarks.timing import in_turn


def measure(
    model: str, texts: Sequence[str], folder: Path, *, rounds: int, jobs: int = 2
) -> dict[str, list[float]]:
    """Return seconds a round that tagging takes: by ``one``, by ``jobs``, and ``apart``.

    Parameters
    ----------
    texts : without line breaks
    folder : where lists and outputs are written
    """
    whole = _write(folder / "whole.txt", texts)
    parts = [_write(folder / f"{part}.txt", texts[part::jobs]) for part in range(jobs)]

    def tag(lists: Sequence[Path], jobs: int) -> None:
        running = [_begin(model, file, jobs) for file in lists]
        # All are waited for before one is spoken of: none is left behind.
        failed = [code for code in [process.wait() for process in running] if code]
        if failed:
            raise RuntimeError(f"the command ended with exit code {failed[0]}")

    return in_turn(
        {
            "one": lambda: tag([whole], 1),
            "jobs": lambda: tag([whole], jobs),
            "apart": lambda: tag(parts, 1),
        },
        rounds,
    )


def _write(file: Path, texts: Sequence[str]) -> Path:
    file.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return file


def _begin(model: str, file: Path, jobs: int) -> "subprocess.Popen[bytes]":
    tool = [sys.executable, "-m", "classifier", "tag", "--quiet", "--force", "--model", model]
    output = file.with_suffix(".jsonl")
    return subprocess.Popen([*tool, str(file), "-o", str(output), "--jobs", str(jobs)])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with raw.jsonl.gz")
    parser.add_argument("--texts", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="public-affairs")
    arguments = parser.parse_args()
    from training.benchmarks.speed import read_headlines

    texts = read_headlines(arguments.data, arguments.texts)
    lines = [" ".join(text.split()) for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        seconds = measure(arguments.model, lines, Path(folder), rounds=arguments.rounds)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
