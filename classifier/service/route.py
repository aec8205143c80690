"""Routes without FastAPI's search for what an endpoint might want."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send


class PlainRoute(APIRoute):
    """A route whose endpoint takes the request and returns the response, and that is all.

    It is described like any other. What FastAPI does around an endpoint besides (dependencies, what
    they leave to close, bodies, background tasks) takes as long as to tag a short text.
    """

    def __init__(
        self, path: str, endpoint: Callable[[Request], Awaitable[Response]], **options: Any
    ) -> None:
        super().__init__(path, endpoint, **options)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            response = await endpoint(Request(scope, receive, send))
            await response(scope, receive, send)

        self.app = app
