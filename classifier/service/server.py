"""The application on uvicorn."""

import functools
import logging
import socket

import uvicorn

from classifier.errors import ClassifierError, DataError
from classifier.service.app import create_app
from classifier.service.protocol import TimedProtocol
from classifier.service.settings import Settings

_GRACE_S = 30  # for requests under way once the service is told to stop
_LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished.

    Raises
    ------
    ClassifierError
        A model cannot be loaded, the corrections cannot be opened, or the port cannot be used.
    """
    failures: list[ClassifierError] = []

    def stop(error: ClassifierError) -> None:
        failures.append(error)
        server.should_exit = True

    app = create_app(settings, on_failure=stop)
    listener = _listen(host, port)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=functools.partial(  # type: ignore[arg-type]  # uvicorn calls it, a class or not
                TimedProtocol, head_timeout_s=settings.timeout_s
            ),
            access_log=False,  # the guard logs each request with its id
            server_header=False,
            lifespan="on",
            log_config=None,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    _log_to_stderr()
    server.run(sockets=[listener])
    if failures:
        raise failures[0]


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; uvicorn would end the process over a port that is taken."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise DataError(
            f"cannot serve on {host} port {port}: {error.strerror or error}; "
            "name another with --host or --port"
        ) from error


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(_LOG_FORMAT))
    for name in ("classifier.service", "uvicorn"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    # A line a request: it need not ask for what the format does not show.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
