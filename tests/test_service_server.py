"""The service as a process of its own: hostile bodies, crowds, reloading, stopping."""

import asyncio
import contextlib
import json
import logging
import os
import re
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient

from classifier.errors import ArtefactIncompleteError, DataError, ModelNotFoundError
from classifier.model import TopicClassifier
from classifier.service.app import reload_on_hangup
from classifier.service.registry import Registry
from classifier.service.server import serve
from classifier.service.settings import Settings
from tests.service_kit import FRAUD, WATER, Server, raw_post, save_renamed

BODY = json.dumps({"texts": [WATER]}, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def server(model_folder: Path) -> Iterator[Server]:
    with Server(
        model_folder, "--no-corrections", "--max-body-mb", "1", "--timeout", "15"
    ) as server:
        yield server


SLOW = {
    "a body that stops": raw_post("/v1/tag", BODY[:5], length=len(BODY)),
    "a body by drops": raw_post("/v1/tag", b"", length=1_000_000),
    "a head by drops": b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Drops: ",
    "a head by drops after a request": b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nG",
    "a body by drops that was answered": (
        b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    ),
    "nothing": b"",
}


@pytest.fixture(scope="module", autouse=True)
def slow(server: Server) -> Iterator[dict[str, socket.socket]]:
    """Begin requests and do not end them; the last test asks what became of each."""
    with contextlib.ExitStack() as stack:
        connections = {
            name: stack.enter_context(
                socket.create_connection(("127.0.0.1", server.port), timeout=60)
            )
            for name in SLOW
        }
        for name, begun in SLOW.items():
            connections[name].sendall(begun)
            if "drops" in name:
                threading.Thread(target=drip, args=(connections[name],), daemon=True).start()
        yield connections


def drip(connection: socket.socket) -> None:
    """Send a byte a second until the other side has hung up."""
    with contextlib.suppress(OSError):
        while True:
            connection.send(b"x")
            time.sleep(1)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def alive(server: Server) -> bool:
    response = httpx.post(server.url + "/v1/tag", json={"texts": [FRAUD]})
    return bool(response.json()["results"][0]["topics"][0]["id"] == "fraud-prevention")


def test_a_plain_request_over_a_socket_is_answered(server: Server) -> None:
    answer = server.send(raw_post("/v1/tag", BODY))
    assert status(answer) == 200
    assert WATER.encode() in answer


def test_the_server_does_not_say_what_it_runs_on(server: Server) -> None:
    assert b"\r\nserver:" not in server.send(raw_post("/v1/tag", BODY)).lower()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xff\xfe\xfd", 415),
        (b'{"texts": ["\xc0\xaf"]}', 415),
        (b"[" * 500_000, 400),
        (b'{"texts":' * 50_000, 400),
        (b"\x00" * 1000, 400),
        (b'{"texts": ["\x00"]}', 400),
        (b'{"texts": ["\\u0000"]}', 200),
        (b'{"texts": [], "texts": [1]}', 422),
        (b'{"texts": [' + b'"",' * 100_000 + b'""]}', 422),
    ],
)
def test_hostile_bodies_are_refused_and_the_service_lives(
    server: Server, body: bytes, expected: int
) -> None:
    answer = server.send(raw_post("/v1/tag", body))
    assert status(answer) == expected, answer
    assert b"Traceback" not in answer
    assert alive(server)


def test_a_huge_body_is_refused_before_it_is_sent(server: Server) -> None:
    """Nothing of it is sent: only a service that judges by the head can answer."""
    assert status(server.send(raw_post("/v1/tag", b"", length=50_000_000_000))) == 413


def test_a_huge_body_of_unknown_length_is_refused_while_it_comes(server: Server) -> None:
    head = b"POST /v1/tag HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    chunk = b"%x\r\n" % 65536 + b" " * 65536 + b"\r\n"
    pieces = [head + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 18]
    assert status(server.send(pieces)) == 413
    assert alive(server)


def test_what_is_no_http_is_refused(server: Server) -> None:
    answer = server.send(b"\x16\x03\x01\x02\x00 not http\r\n\r\n")
    assert status(answer) == 400
    assert b"application/problem+json" in answer
    assert b"x-request-id: " in answer
    assert alive(server)


def test_a_client_that_goes_away_leaves_no_harm(server: Server) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(raw_post("/v1/tag", BODY)[:-3])
    assert alive(server)
    assert 'status="499"' in httpx.get(server.url + "/metrics").text


def test_a_thousand_connections_at_once_are_all_answered(server: Server) -> None:
    request = raw_post("/v1/tag", BODY)
    together = asyncio.Event()

    async def one() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await together.wait()
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer

    async def crowd() -> list[bytes]:
        connections = [asyncio.create_task(one()) for _ in range(1000)]
        await asyncio.sleep(0.5)
        together.set()
        return await asyncio.gather(*connections)

    answers = asyncio.run(crowd())
    assert [status(answer) for answer in answers] == [200] * 1000
    assert len({answer.split(b"\r\n\r\n")[1] for answer in answers}) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_hangup_reloads_the_model_without_a_dropped_request(
    model: TopicClassifier, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    first = save_renamed(model, folder, "1")
    seen: list[str] = []
    stop = threading.Event()

    def keep_asking(url: str) -> None:
        with httpx.Client(base_url=url) as client:
            while not stop.is_set():
                response = client.post("/v1/tag", json={"texts": [WATER]})
                seen.append(response.json()["model"]["digest"])

    with Server(folder, "--no-corrections") as server:
        asking = threading.Thread(target=keep_asking, args=(server.url,))
        asking.start()
        try:
            wait_until(lambda: len(seen) > 5)
            second = save_renamed(model, folder, "2")
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: seen[-1] == second)
            # Now a broken one: it is refused, and the second goes on.
            (folder / "weights.npy").write_bytes(b"broken")
            manifest = (folder / "model.json").read_text(encoding="utf-8")
            (folder / "model.json").write_text(manifest + " ", encoding="utf-8")
            server.process.send_signal(signal.SIGHUP)
            refused = 'classifier_model_reloads{outcome="refused"} 1.0'
            wait_until(lambda: refused in httpx.get(server.url + "/metrics").text)
            n_seen = len(seen)
            wait_until(lambda: len(seen) > n_seen + 5)
        finally:
            stop.set()
            asking.join()
    assert set(seen) == {first, second}
    assert seen == sorted(seen, key=[first, second].index)
    assert "the new one is refused, the old one goes on" in server.log


def wait_until(holds: Callable[[], object], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot ask a process to stop so")
def test_a_request_under_way_is_finished_when_the_service_is_told_to_stop(
    model_folder: Path,
) -> None:
    with Server(model_folder, "--no-corrections") as server:
        request = raw_post("/v1/tag", BODY)
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(request[:-5])
            time.sleep(0.3)  # until the service reads the body
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: not accepts(server.port))
            connection.sendall(request[-5:])
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert status(answer) == 200
        assert server.process.wait(timeout=20) in (0, -signal.SIGTERM)


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_a_model_that_breaks_while_it_loads_ends_the_service_with_its_message(
    model_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(model_folder, folder)
    (folder / "weights.npy").unlink()
    server = Server(folder, "--no-corrections")
    try:
        assert server.process.wait(timeout=60) == 1
    finally:
        server.end()
    assert "Error: " in server.log
    assert "weights.npy is missing" in server.log
    assert "Traceback" not in server.log


def test_a_port_that_is_taken_is_told(model_folder: Path, server: Server) -> None:
    other = Server(model_folder, "--no-corrections", "--port", str(server.port))
    try:
        assert other.process.wait(timeout=60) == 1
    finally:
        other.end()
    assert f"cannot serve on 127.0.0.1 port {server.port}" in other.log
    assert os.linesep + "Traceback" not in other.log


@pytest.mark.parametrize(
    ("name", "statuses", "says"),
    [
        ("a body that stops", [408], b"the body did not arrive within 15 s"),
        ("a body by drops", [408], b"the body did not arrive within 15 s"),
        ("a head by drops", [408], b"the head did not arrive within 15 s"),
        ("a head by drops after a request", [200, 408], b"the head did not arrive within 15 s"),
        ("a body by drops that was answered", [404], b"nothing is served here"),
        ("nothing", [], b""),
    ],
)
def test_a_client_that_is_too_slow_is_given_up(
    server: Server, slow: dict[str, socket.socket], name: str, statuses: list[int], says: bytes
) -> None:
    answer = b""
    with contextlib.suppress(ConnectionResetError):  # its last drop met a closed door
        while piece := slow[name].recv(65536):
            answer += piece
    found = [int(one) for one in re.findall(rb"HTTP/1\.1 (\d+)", answer)]
    assert found == statuses, answer
    assert says in answer
    assert answer.lower().count(b"\r\nx-request-id: ") == len(statuses)
    assert alive(server)


@pytest.fixture
def quiet_loggers() -> Iterator[None]:
    """Put the loggers back as they were."""
    loggers = [logging.getLogger(name) for name in ("classifier.service", "uvicorn")]
    before = [(one.handlers[:], one.level, one.propagate) for one in loggers]
    yield
    for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = True


@pytest.mark.usefixtures("quiet_loggers")
def test_serving_ends_with_the_error_of_a_model_that_cannot_be_loaded(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        with sockets[0], TestClient(server.config.app) as client:  # type: ignore[arg-type]
            while not server.should_exit:
                client.get("/livez")

    monkeypatch.setattr(uvicorn.Server, "run", run)
    copy = Path(shutil.copytree(model_folder, tmp_path / "copy"))
    (copy / "idf.npy").unlink()
    settings = Settings(models=(("small", str(copy)),), hosts=None)
    with pytest.raises(ArtefactIncompleteError, match=r"idf\.npy is missing"):
        serve(settings, host="127.0.0.1", port=0)


def test_a_model_that_is_not_there_is_told_before_anything_is_made_or_told(
    tmp_path: Path,
) -> None:
    told: list[int] = []
    settings = Settings(models=(("nope", "nope"),), corrections=tmp_path / "c.sqlite")
    with pytest.raises(ModelNotFoundError, match="no model 'nope'"):
        serve(settings, host="127.0.0.1", port=0, on_listening=told.append)
    assert told == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("quiet_loggers")
def test_an_answer_does_not_wait_for_the_clients_acknowledgement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nagle's algorithm is off: asyncio's doing, if the listening socket lets it."""
    off: list[int] = []

    class Seen(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connection = transport.get_extra_info("socket")
            off.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    async def connect(listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        async with await loop.create_server(Seen, sock=listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            await reader.read()
            writer.close()

    def run(_: uvicorn.Server, sockets: list[socket.socket]) -> None:
        asyncio.run(connect(sockets[0]))

    monkeypatch.setattr(uvicorn.Server, "run", run)
    serve(Settings(), host="127.0.0.1", port=0)
    assert off
    assert all(off)


def test_the_port_that_was_bound_is_told_before_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []

    def run(_: uvicorn.Server, sockets: list[socket.socket]) -> None:
        assert told == [sockets[0].getsockname()[1]]
        sockets[0].close()

    monkeypatch.setattr(uvicorn.Server, "run", run)
    serve(Settings(), host="127.0.0.1", port=0, on_listening=told.append)
    assert told
    assert told != [0]


def test_serving_on_no_address_of_this_machine_is_told() -> None:
    with pytest.raises(DataError, match=r"cannot serve on 192\.0\.2\.1 port 80.*--host"):
        serve(Settings(), host="192.0.2.1", port=80)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_hangup_reaches_the_registry_and_then_what_was_there_before() -> None:
    class Reloaded(Registry):
        def reload(self) -> None:
            reloaded.set()

    reloaded = threading.Event()
    before = signal.getsignal(signal.SIGHUP)
    with reload_on_hangup(Reloaded((("small", "nowhere"),))):
        os.kill(os.getpid(), signal.SIGHUP)
        assert reloaded.wait(10)
    assert signal.getsignal(signal.SIGHUP) == before


def test_a_reload_takes_what_changed_and_keeps_what_broke(
    model: TopicClassifier, tmp_path: Path
) -> None:
    first = save_renamed(model, tmp_path / "a", "1")
    save_renamed(model, tmp_path / "b", "1")
    registry = Registry((("a", str(tmp_path / "a")), ("b", str(tmp_path / "b"))))
    registry.load()
    unchanged = registry.get("a")
    registry.reload()
    assert registry.get("a") is unchanged
    second = save_renamed(model, tmp_path / "b", "2")
    shutil.rmtree(tmp_path / "a")
    registry.reload()
    assert registry.get("a").identity["digest"] == first
    assert registry.get("b").identity["digest"] == second
    assert registry.get(None).name == "a"
    assert registry.n_reloads == {"done": 3, "refused": 1}
