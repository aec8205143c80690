"""uvicorn's side of a connection, and what no middleware sees: heads that do not become a request.

uvicorn waits for ever for a head that comes drop by drop, and for the rest of a body that nobody
reads any more, since the answer has gone out.
"""

import asyncio
import logging
import secrets
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from classifier.service.guard import add_headers
from classifier.service.problems import problem_response

log = logging.getLogger("classifier.service")


class TimedProtocol(H11Protocol):
    """HTTP/1.1 whose clients have a time limit for what the guard does not time.

    Parameters
    ----------
    head_timeout_s : seconds for the head of a request, from the connection's start or the head's
        first byte
    """

    def __init__(self, *args: Any, head_timeout_s: float, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_timeout_s = head_timeout_s
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        self._stop_waiting()

    def data_received(self, data: bytes) -> None:
        """Take what came; go on waiting if it brought the application no request."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._deadline is None:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP with problem details and an id, as everything else is."""
        self._refuse(400, msg)

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(self._head_timeout_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self.transport.is_closing():
            return
        begun, _ = self.conn.trailing_data
        if self.conn.our_state is h11.IDLE and begun:
            self._refuse(408, f"the head did not arrive within {self._head_timeout_s:g} s")
        else:  # nothing was asked, or it was answered already
            self.transport.close()

    def _refuse(self, status: int, detail: str) -> None:
        request_id = secrets.token_hex(16)
        response = problem_response(status, detail, headers={"Connection": "close"})
        add_headers(response.raw_headers, request_id)
        for event in (
            h11.Response(status_code=status, headers=response.raw_headers),
            h11.Data(data=bytes(response.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
        log.info("%s no request %d %s", request_id, status, detail)
