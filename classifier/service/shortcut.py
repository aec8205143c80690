"""The short way to an endpoint that needs nothing but the request."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send


class ShortCut:
    """Calls some endpoints straight away, and leaves everything else to FastAPI.

    FastAPI describes these endpoints as well, but what it does on the way to one (seven layers,
    a search through the routes and for parameters) takes longer than to tag a headline.

    Parameters
    ----------
    app : the application, whose error handlers serve here too; one of them takes any `Exception`
    routes : of endpoints that take the request alone and return the response; fixed paths
    """

    def __init__(self, app: FastAPI, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._routes = {
            (method, route.path): route
            for route in routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        route = scope["type"] == "http" and self._routes.get((scope["method"], scope["path"]))
        if not route:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        request = Request(scope, receive, send)
        try:
            response = await route.endpoint(request)
        except Exception as error:
            handlers = self._app.exception_handlers
            handler: Any = next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)
            response = await handler(request, error)
        await response(scope, receive, send)
