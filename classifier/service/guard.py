"""Around every request: id, host, token, sizes, time, headers, log.

Plain ASGI: Starlette's BaseHTTPMiddleware costs a task a request.
"""

import asyncio
import hmac
import logging
import re
import secrets
import time

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classifier.service.monitor import Monitor
from classifier.service.problems import Problem, problem_response
from classifier.service.settings import Settings

log = logging.getLogger("classifier.service")

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Scripts, styles and requests of our own host only; nothing inline, no frame around us.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_EVERYWHERE = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
# A browser draws no JSON, and each header costs a short answer a hundredth of its time.
_WHERE_DRAWN = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_JSON = (b"content-type", b"application/json")
_CLIENT_LEFT = 499  # nginx's number, in log and figures alone: nobody is there to be answered
_PROTECTED = ("/v1/", "/metrics")
_EXPORT = "/v1/export"


class Guard:
    """Middleware that stands before everything else.

    Parameters
    ----------
    app : the application
    settings : token, hosts and limits
    monitor : where answered requests are counted
    """

    def __init__(self, app: ASGIApp, settings: Settings, monitor: Monitor) -> None:
        self._app = app
        self._settings = settings
        self._monitor = monitor
        self._token = None if settings.token is None else settings.token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exporting = scope["path"] == _EXPORT
        max_bytes = self._settings.max_export_bytes if exporting else self._settings.max_body_bytes
        exchange = _Exchange(scope, receive, send, max_bytes)
        try:
            problem = self._refusal(exchange)
            if problem is None:
                async with asyncio.timeout(self._settings.timeout_s):
                    await self._app(scope, exchange.receive, exchange.send)
            else:
                await exchange.refuse(problem)
        except TimeoutError:
            await exchange.refuse(self._too_late(exchange))
        except ClientDisconnect:
            exchange.status = _CLIENT_LEFT
        except Exception:
            log.exception("%s: unforeseen", exchange.id)
            await exchange.refuse(
                Problem(500, f"something unforeseen; the log has more under {exchange.id}")
            )
        finally:
            self._note(exchange)

    def _refusal(self, exchange: "_Exchange") -> Problem | None:
        hosts = self._settings.hosts
        if hosts is not None and _host_name(exchange.headers.get("host", "")) not in hosts:
            return Problem(
                400, "the service is not called by this host name; name it with --allow-host"
            )
        if self._token is not None and exchange.path.startswith(_PROTECTED):
            scheme, _, token = exchange.headers.get("authorization", "").partition(" ")
            given = token.strip().encode("utf-8", "replace")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given, self._token):
                return Problem(
                    401,
                    "a token is needed: send Authorization: Bearer TOKEN",
                    {"WWW-Authenticate": "Bearer"},
                )
        return exchange.too_large() if exchange.says_too_large() else None

    def _too_late(self, exchange: "_Exchange") -> Problem:
        limit = f"{self._settings.timeout_s:g} s"
        if not exchange.body_read:
            return Problem(408, f"the body did not arrive within {limit}", {"Connection": "close"})
        return Problem(503, f"the work took longer than {limit}; send fewer texts at a time")

    def _note(self, exchange: "_Exchange") -> None:
        seconds = time.perf_counter() - exchange.began
        route = getattr(exchange.scope.get("route"), "path", "other")
        self._monitor.count(route, exchange.method, exchange.status, seconds)
        if log.isEnabledFor(logging.INFO):
            log.info(
                "%s %s %s %d %.1f ms",
                exchange.id,
                exchange.method,
                # A path may hold line ends, percent-encoded: no log line of its own making.
                exchange.path.encode("unicode_escape").decode(),
                exchange.status,
                seconds * 1000,
            )


def _host_name(host: str) -> str:
    """Return a Host header without its port; an IPv6 address keeps its brackets."""
    host = host.lower()
    return host.rpartition("]")[0] + "]" if "]" in host else host.partition(":")[0]


def add_headers(headers: list[tuple[bytes, bytes]], request_id: str) -> None:
    """Add to an answer's headers what every answer carries."""
    headers.append((b"x-request-id", request_id.encode()))
    headers.extend(_EVERYWHERE)
    if _JSON not in headers:
        headers.extend(_WHERE_DRAWN)
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"no-store"))


class _Exchange:
    """A request and its answer, as they go by."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_body_bytes: int) -> None:
        self.scope = scope
        self.headers = Headers(scope=scope)
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        given = self.headers.get("x-request-id", "")
        self.id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(16)
        self.began = time.perf_counter()
        self.status = 500
        self.started = False
        self.body_read = False
        self._n_bytes = 0
        self._max_body_bytes = max_body_bytes
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        """Pass a piece of the body on, unless it makes the body too large."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._n_bytes += len(message.get("body", b""))
            if self._n_bytes > self._max_body_bytes:
                raise self.too_large()
            self.body_read = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass the answer on, with our headers."""
        if message["type"] == "http.response.start":
            self.started, self.status = True, message["status"]
            add_headers(message.setdefault("headers", []), self.id)
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem, if no answer has begun."""
        if not self.started:
            response = problem_response(
                problem.status_code, str(problem.detail), headers=problem.headers
            )
            await response(self.scope, self.receive, self.send)

    def says_too_large(self) -> bool:
        """Whether the head announces a body that is too large."""
        length = self.headers.get("content-length", "0")
        return length.isdecimal() and int(length) > self._max_body_bytes

    def too_large(self) -> Problem:
        """Return the problem of a body that is too large; the rest of it is not read."""
        return Problem(
            413,
            f"the body is larger than {self._max_body_bytes:,} bytes; send fewer texts at a time",
            {"Connection": "close"},
        )
