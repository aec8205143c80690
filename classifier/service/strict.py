"""Bodies: JSON in UTF-8, or an error that says what it is instead."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from classifier.errors import shorten
from classifier.service.problems import Problem

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_NOT_UTF8 = "the body is not UTF-8; send JSON in UTF-8"


class JsonRequest(Request):
    """A request whose JSON is read strictly; Starlette's would guess UTF-16 and take NaN."""

    async def json(self) -> Any:
        """Return the body as Python objects.

        Raises
        ------
        Problem
            415 if it is not declared and written as UTF-8 JSON, 400 if it is no JSON.
        """
        if not hasattr(self, "_json"):
            _check_content_type(self.headers.get("content-type", ""))
            self._json = parse(await self.body())
        return self._json


def parse(body: bytes) -> Any:
    """Return what a JSON body says.

    Raises
    ------
    Problem
        415 if it is not UTF-8, 400 if it is no JSON, or nested too deep.
    """
    try:
        text = body.decode("utf-8-sig")
        content = json.loads(text, parse_constant=_refuse_constant)
        return _without_surrogates(content) if _SURROGATE.search(text) else content
    except UnicodeDecodeError as error:
        raise Problem(415, f"{_NOT_UTF8} (byte {error.start})") from error
    except RecursionError as error:
        raise Problem(400, "the body is JSON nested too deep") from error
    except ValueError as error:  # JSONDecodeError, or a number of thousands of digits
        raise Problem(400, f"the body is no valid JSON: {error}") from error


def _without_surrogates(content: Any) -> Any:
    """Put U+FFFD for half a surrogate pair: valid JSON, but no character that could be answered."""
    text = json.dumps(content, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check_content_type(content_type: str) -> None:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if kind != "application/json":
        raise Problem(
            415,
            f"the body is declared as {shorten(kind)}; send Content-Type: application/json",
        )
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            raise Problem(415, _NOT_UTF8)


class JsonRoute(APIRoute):
    """A route whose body, if it has one, is strict JSON."""

    def get_route_handler(self) -> Handler:
        """Return FastAPI's handler, given a `JsonRequest`."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def strict(request: Request) -> Response:
            checked = JsonRequest(request.scope, request.receive)
            # FastAPI asks for the JSON only where the body is neither empty nor of another type;
            # of those it would say 422, though neither is well-formed.
            await checked.json()
            return await handle(checked)

        return strict
