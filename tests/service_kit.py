"""What the tests of the service share: an application on the small model, a server's process."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2 as httpx
from fastapi.testclient import TestClient

from classifier.artefact import info, save
from classifier.model import TopicClassifier
from classifier.service.app import create_app
from classifier.service.registry import Registry
from classifier.service.settings import Settings
from classifier.taxonomy import Taxonomy

WATER = "青川县：修通水渠，受到欢迎"
FRAUD = "东海市：刷单返利骗局，拦下转账汇款！"
BINARY = {"Content-Type": "application/octet-stream"}
JSON = {"Content-Type": "application/json"}


@contextlib.contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[TestClient]:
    """Run the application in this process, its models loaded."""
    wanted = Settings(**{"models": (("small", str(folder)),), "hosts": None} | settings)
    registry = Registry(wanted.models)
    registry.load()
    with TestClient(create_app(wanted, registry=registry)) as client:
        yield client


def in_event_loop() -> bool:
    """Say whether other requests wait for what this thread does."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def save_renamed(model: TopicClassifier, folder: Path, version: str) -> str:
    """Save the model as another version, with the default taxonomy's topics; return the digest."""
    taxonomy = Taxonomy.default()
    topics = tuple(taxonomy[topic.id] for topic in model.topics)
    save(replace(model, version=version, topics=topics), folder, force=True)
    return info(folder).digest


class Server:
    """A process of ``classifier serve``."""

    def __init__(self, folder: Path, *options: str, token: str | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = ""
        self._log_file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        environment = {key: value for key, value in os.environ.items() if key != "CLASSIFIER_TOKEN"}
        if token is not None:
            environment["CLASSIFIER_TOKEN"] = token
        command = [sys.executable, "-m", "classifier", "serve"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--model", f"small={folder}", *options],
            # A file: nobody reads a pipe while the tests run, and a full one would stop the server.
            stderr=self._log_file,
            env=environment,
        )

    def __enter__(self) -> "Server":
        try:
            self._wait_until_ready()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Kill the process and keep what it said."""
        self.process.kill()
        self.process.wait()
        if not self._log_file.closed:
            self._log_file.seek(0)
            self.log = self._log_file.read().decode("utf-8", "replace")
            self._log_file.close()

    def _wait_until_ready(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(self.url + "/readyz").status_code == httpx.codes.OK:
                    return
            time.sleep(0.05)
        raise TimeoutError("the server did not get ready")

    def send(self, data: bytes | Sequence[bytes], *, wait_s: float = 20) -> bytes:
        """Send raw bytes, in pieces if so given, and return all that comes back until it closes."""
        pieces = [data] if isinstance(data, bytes) else data
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait_s) as connection:
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    connection.sendall(piece)
            with contextlib.suppress(ConnectionError):
                while piece := connection.recv(65536):
                    received += piece
        return received


def raw_post(path: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Return a POST as it goes over the wire, closing the connection afterwards."""
    length = len(body) if length is None else length
    head = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        f"Content-Length: {length}",
        *(headers or ("Content-Type: application/json",)),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body
