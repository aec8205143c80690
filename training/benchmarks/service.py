"""How much the service costs beside what it stands on: FastAPI without work, Python without HTTP.

Loopback only. Each comparison is taken in turn in one run, so that a busy machine slows both; the
ratios are what is quoted. Run: python -m training.benchmarks.service [--only memory]
"""

import argparse
import asyncio
import contextlib
import io
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

import classifier
from training.benchmarks.timing import Spread, in_turn, ratios

PARTS = ("single", "batches", "memory")
CONNECTIONS = 16
BATCH = 1_000
EMPTY = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.post("/v1/tag")
async def empty() -> dict[str, str]:
    return {"status": "alive"}
@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {"status": "ready"}
uvicorn.run(app, http="h11", port=int(sys.argv[1]), access_log=False, log_level="error")
"""


def main() -> None:
    """Run the comparisons and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="public-affairs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round")
    parser.add_argument("--memory-requests", type=int, default=200_000)
    parser.add_argument("--only", choices=PARTS, action="append", help="repeatable")
    args = parser.parse_args()
    parts = args.only or PARTS
    texts = headlines()
    serve = ["-m", "classifier", "serve", "--no-corrections", "--model", f"m={args.model}"]
    with server([*serve, "--port"]) as ours:
        if "single" in parts:
            with server(["-c", EMPTY]) as empty:
                single_requests(ours, empty, texts, args.rounds, args.seconds)
        if "batches" in parts:
            batches(ours, args.model, texts, args.rounds)
        if "memory" in parts:
            memory(ours, texts, args.memory_requests)


def headlines() -> list[str]:
    """Return the repository's own headlines."""
    path = Path(__file__).parent.parent / "data" / "authored.jsonl"
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [row["text"] for row in rows if row.get("kind", "headline") == "headline"]


class Served:
    """A server's process and where it listens."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process = psutil.Process(process.pid)
        self.port = port


@contextlib.contextmanager
def server(arguments: Sequence[str]) -> Iterator[Served]:
    """Run a server on a free port, given as the last argument, until it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, *arguments, str(port)], stderr=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz")
                break
            time.sleep(0.1)
        yield Served(process, port)
    finally:
        process.terminate()
        process.wait()


def request(texts: Sequence[str]) -> bytes:
    """Return a request to tag, as it goes over the wire."""
    body = json.dumps({"texts": list(texts)}, ensure_ascii=False).encode()
    head = (
        "POST /v1/tag HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def ask(
    port: int, requests: Sequence[bytes], seconds: float, n_most: int | None = None
) -> list[float]:
    """Ask over several connections, each one request after the other; return seconds a request."""
    until = time.perf_counter() + seconds
    taken: list[float] = []

    async def one(first: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        at = first
        while time.perf_counter() < until and (n_most is None or len(taken) < n_most):
            began = time.perf_counter()
            writer.write(requests[at % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            taken.append(time.perf_counter() - began)
            at += CONNECTIONS
        writer.close()

    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    return taken


def single_requests(
    ours: Served, empty: Served, texts: Sequence[str], rounds: int, seconds: float
) -> None:
    """One headline a request, against an endpoint that does nothing on the same kind of server."""
    requests = [request([text]) for text in texts]
    rates: dict[str, list[float]] = {"ours": [], "empty": []}
    latencies: list[float] = []
    for number in range(rounds + 1):
        for name, served in (("ours", ours), ("empty", empty)):
            taken = asyncio.run(ask(served.port, requests, seconds))
            if number:
                rates[name].append(len(taken) / seconds)
                latencies += taken if name == "ours" else []
    latencies.sort()
    p50, p99 = (latencies[int(len(latencies) * share)] * 1000 for share in (0.5, 0.99))
    print(f"single headlines, requests a second: {Spread.of(rates['ours'])}")
    print(f"empty endpoint, requests a second:   {Spread.of(rates['empty'])}")
    print(f"ratio: {ratios(rates['ours'], rates['empty'])} (wanted: at least 0.6)")
    print(f"with {CONNECTIONS} connections always asking: p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def batches(ours: Served, model: str, texts: Sequence[str], rounds: int) -> None:
    """Batches of 1,000 headlines over HTTP, against the Python API on the same texts."""
    loaded = classifier.load(model)
    chunks = [list(texts[start : start + BATCH]) for start in range(0, len(texts) - BATCH, BATCH)]
    requests = [request(chunk) for chunk in chunks]

    def over_http() -> None:
        with socket.create_connection(("127.0.0.1", ours.port)) as connection:
            stream = connection.makefile("rb")
            for one in requests:
                connection.sendall(one)
                read_answer(stream)

    def in_python() -> None:
        for chunk in chunks:
            loaded.predict(chunk)

    seconds = in_turn({"http": over_http, "python": in_python}, rounds)
    n_texts = BATCH * len(chunks)
    for name, taken in seconds.items():
        print(f"batches of {BATCH:,}, {name}: {Spread.of([n_texts / s for s in taken])} texts/s")
    print(f"ratio: {ratios(seconds['python'], seconds['http'])} (wanted: at least 0.5)")


def read_answer(stream: io.BufferedIOBase) -> None:
    """Read one answer to its end."""
    length = 0
    while (line := stream.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    stream.read(length)


def memory(ours: Served, texts: Sequence[str], n_requests: int) -> None:
    """Resident memory over many requests."""
    requests = [request([text]) for text in texts]
    sizes = []
    for _ in range(11):
        sizes.append(ours.process.memory_info().rss / 1e6)
        if len(sizes) <= 10:
            asyncio.run(ask(ours.port, requests, 600, n_requests // 10))
        print(f"{sizes[-1]:.1f} MB", file=sys.stderr, flush=True)
    shown = " ".join(f"{size:.1f}" for size in sizes)
    print(f"resident MB after each tenth of {n_requests:,} requests: {shown}")


if __name__ == "__main__":
    main()
