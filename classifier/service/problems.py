"""Errors as problem details (RFC 9457). No stack trace leaves."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from classifier.errors import (
    ArtefactError,
    ClassifierError,
    MissingExtraError,
    ModelNotFoundError,
)
from classifier.service.corrections import CorrectionsError

MEDIA_TYPE = "application/problem+json"
_UNAVAILABLE = (ArtefactError, ModelNotFoundError, MissingExtraError, CorrectionsError)
_MOST_ERRORS = 10  # of an invalid body; one broken list can bring thousands
_FIELD = re.compile(r"[a-z_]+|\d+")  # as all fields here are named; or a place in a list
log = logging.getLogger("classifier.service")


class Problem(HTTPException):
    """A request that is refused; FastAPI hands it on untouched, even while it reads a body."""


def problem_response(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error as problem details.

    Parameters
    ----------
    detail : what is wrong and what to do, a sentence
    errors : of an invalid body or query, ``where`` and ``message`` of each
    """
    content: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        content["errors"] = list(errors)
    # A lone surrogate in a message is no UTF-8.
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, status, headers, media_type=MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Answer every error of `app` with problem details."""
    allowed: dict[str, set[str]] = {}

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        detail = str(error.detail)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            methods = ", ".join(sorted(_methods(app, allowed).get(request.url.path, ())))
            if methods:  # the router names the methods of one of the path's routes only
                headers["allow"] = methods
            detail = f"{request.method} is not served here; allowed: {headers.get('allow', 'none')}"
        elif error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
            detail = "nothing is served here; see /docs"
        return problem_response(error.status_code, detail, headers=headers)

    async def on_invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        found = error.errors()
        errors = [{"where": _where(one), "message": _message(one)} for one in found[:_MOST_ERRORS]]
        first = f"{errors[0]['where']}: {errors[0]['message']}"
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return problem_response(422, first + more, errors=errors)

    async def on_ours(request: Request, error: Exception) -> Response:
        unavailable = isinstance(error, _UNAVAILABLE)
        if unavailable:  # the service lacks something; nothing the client sent is wrong
            log.error("%s: %s", request.url.path, error)
        return problem_response(503 if unavailable else 422, str(error))

    async def on_unforeseen(_: Request, error: Exception) -> Response:
        raise error  # for the guard, which knows the id; Starlette would answer by itself

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(ClassifierError, on_ours)
    app.add_exception_handler(Exception, on_unforeseen)


def _where(error: Mapping[str, Any]) -> str:
    """Return where an error stands, without the types that pydantic names where it tried several.

    The name of an unknown field is the client's own, and stays whatever it is.
    """
    *above, last = map(str, error["loc"])
    path = list(filter(_FIELD.fullmatch, above))
    if _FIELD.fullmatch(last) or error["type"] == "extra_forbidden":
        path.append(last)
    return ".".join(path)


def _message(error: Mapping[str, Any]) -> str:
    # pydantic's own words for a reader of JSON; for one of Python they name our class.
    return "Input should be an object" if error["type"] == "model_type" else str(error["msg"])


def _methods(app: FastAPI, known: dict[str, set[str]]) -> Mapping[str, set[str]]:
    if not known:
        for path, operations in app.openapi()["paths"].items():
            known[path] = {method.upper() for method in operations}
    return known
