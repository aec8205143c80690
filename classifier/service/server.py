"""The application on uvicorn."""

import contextlib
import functools
import logging
import socket
import time
from collections.abc import Callable

import uvicorn

from classifier.artefact import info
from classifier.errors import DataError
from classifier.service.app import create_app
from classifier.service.corrections import Corrections
from classifier.service.protocol import TimedProtocol
from classifier.service.settings import Settings

_GRACE_S = 30  # for requests under way once the service is told to stop
_LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"


def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    on_listening: Callable[[int], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished.

    Parameters
    ----------
    port : port to listen on; 0 for any that is free
    on_listening : called with the port once it is this service's

    Raises
    ------
    ClassifierError
        A model cannot be loaded, the corrections cannot be opened, or the port cannot be used. What
        nobody foresaw while a model was loaded is raised as it is.
    """
    failures: list[Exception] = []

    def stop(error: Exception) -> None:
        failures.append(error)
        server.should_exit = True

    for _, path in settings.models:
        info(path)  # before anything is made or told; the rest of a model is read while serving
    if settings.corrections is not None:
        # An error while the application starts would come with uvicorn's traces around it.
        Corrections(settings.corrections).close()
    app = create_app(settings, on_failure=stop)
    listener = _listen(host, port)
    if on_listening is not None:
        on_listening(listener.getsockname()[1])
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=functools.partial(  # type: ignore[arg-type]  # uvicorn calls it, a class or not
                TimedProtocol, head_timeout_s=settings.timeout_s
            ),
            proxy_headers=False,  # nothing here asks where a client sits
            access_log=False,  # the guard logs each request with its id
            server_header=False,
            lifespan="on",
            log_config=None,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    _log_to_stderr()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is how a person ends it
        server.run(sockets=[listener])
    if failures:
        raise failures[0]


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; uvicorn would end the process over a port that is taken."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise DataError(
            f"cannot serve on {host} port {port}: {error.strerror or error}; "
            "name another with --host or --port"
        ) from error
    # asyncio turns Nagle's algorithm off where the socket names its protocol. Left on, an answer's
    # body would wait for the client's acknowledgement of its head: 40 ms.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, listener.detach())


class _Formatter(logging.Formatter):
    """A formatter that spells out a second once; to do so takes longer than the rest of a line."""

    _second: tuple[int, str] = (-1, "")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002
        """Return the time of a record."""
        second, spelled = self._second
        if second != int(record.created):
            spelled = time.strftime(self.default_time_format, self.converter(record.created))
            self._second = int(record.created), spelled
        return f"{spelled},{int(record.msecs):03d}"


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter(_LOG_FORMAT))
    for name in ("classifier.service", "uvicorn"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    # A line a request: it need not ask for what the format does not show.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
