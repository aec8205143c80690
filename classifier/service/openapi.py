"""The published description of the API."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from classifier.service.registry import Registry
from classifier.service.schemas import BODIES, ProblemDetails
from classifier.service.settings import Settings

_DESCRIPTION = (
    "Topics for Chinese public-affairs headlines and paragraphs. Errors are "
    "`application/problem+json`; every answer has an `X-Request-ID`."
)


def describe(app: FastAPI, settings: Settings, registry: Registry) -> None:
    """Have `app` publish its description, with the names of the models and topics served."""

    def openapi() -> dict[str, Any]:
        document = get_openapi(
            title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes
        )
        schemas = document["components"]["schemas"]
        schemas.update(_own_schemas())
        _name_choices(document, registry)
        if settings.token is not None:
            _ask_for_token(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _own_schemas() -> dict[str, Any]:
    """Return the schemas of what FastAPI does not read or write itself: bodies and problems."""
    _, found = models_json_schema(
        [(kind, "validation") for kind in (*BODIES, ProblemDetails)],
        ref_template="#/components/schemas/{model}",
    )
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def _ask_for_token(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, operations in document["paths"].items():
        if path.startswith(("/v1/", "/metrics")):
            for operation in operations.values():
                operation["security"] = [{"token": []}]


def _name_choices(document: dict[str, Any], registry: Registry) -> None:
    """Say which names of models and topics there are: those of any model served."""
    if not registry.ready:
        return
    models = [served.name for served in registry.all()]
    topics = [
        name
        for served in registry.all()
        for topic in served.taxonomy
        for name in (topic.id, topic.name, topic.name_en)
        if name
    ]
    choices = {"model": models, "topics": list(dict.fromkeys(topics))}
    choices["exclude_topics"] = choices["predicted"] = choices["topics"]
    schemas = document["components"]["schemas"]
    for schema, properties in _CHOICES.items():
        for name in properties:
            _restrict(schemas[schema]["properties"][name], choices[name])
    for parameter in document["paths"]["/v1/topics"]["get"]["parameters"]:
        _restrict(parameter["schema"], models)


_OPTIONS = ("model", "topics", "exclude_topics")
_CHOICES = {
    "TagRequest": _OPTIONS,
    "ArticleRequest": _OPTIONS,
    "ExplainRequest": _OPTIONS,
    "CorrectionsRequest": ("model",),
    "CorrectionRequest": ("topics", "predicted"),
}


def _restrict(schema: dict[str, Any], names: list[str]) -> None:
    """Put an enum where the schema, an alternative of it or its items are a string."""
    for one in (schema, *schema.get("anyOf", ())):
        target = one.get("items", one)
        if target.get("type") == "string":
            target["enum"] = names
