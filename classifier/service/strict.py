"""Bodies: JSON in UTF-8, or an error that says what it is instead."""

import contextlib
import json
import re
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from classifier.errors import shorten
from classifier.service.problems import Problem
from classifier.service.services import services_of

Body = TypeVar("Body", bound=BaseModel)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_NOT_UTF8 = "the body is not UTF-8; send JSON in UTF-8"
_INLINE_BYTES = 16 << 10  # to read more would hold up other requests
_MOST_NAMES = 20  # of an object; no schema has as many, and each unknown one is an error


async def read_body(request: Request, kind: type[Body]) -> Body:
    """Return the body of a request, checked.

    FastAPI would take UTF-16 and NaN for JSON, say 422 of what is no JSON at all, and spend on a
    short body more than the model does. What pydantic's quick reader refuses is read once more for
    what is wrong with it. For a long body the careful reader is as quick.

    Raises
    ------
    Problem
        415 if it is not declared and written as UTF-8 JSON, 400 if it is no JSON, 422 if an object
        has more names than any here.
    RequestValidationError
        It is JSON of another shape; the answer is 422.
    """
    _check_content_type(request.headers.get("content-type", ""))
    body = await request.body()
    if len(body) <= _INLINE_BYTES:
        with contextlib.suppress(ValidationError):
            return kind.model_validate_json(body)
    return await services_of(request).wait(lambda: _read_carefully(body, kind))


def _read_carefully(body: bytes, kind: type[Body]) -> Body:
    try:
        return kind.model_validate(parse(body))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError(
            [one | {"loc": ("body", *one["loc"])} for one in found]
        ) from error


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI says of an operation with such a body; `openapi` adds the schema."""
    schema = {"$ref": f"#/components/schemas/{kind.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def parse(body: bytes) -> Any:
    """Return what a JSON body says.

    Raises
    ------
    Problem
        415 if it is not UTF-8, 400 if it is no JSON, or nested too deep, 422 if an object has more
        names than any here.
    """
    try:
        text = body.decode("utf-8-sig")
        content = json.loads(
            text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_many_names
        )
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


def _refuse_many_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > _MOST_NAMES:
        raise Problem(
            422, f"an object of the body has {len(pairs):,} names; none here has over {_MOST_NAMES}"
        )
    return dict(pairs)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check_content_type(content_type: str) -> None:
    if content_type == "application/json":
        return
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
