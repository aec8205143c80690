"""Predictions to answers, in the command line's shapes."""

import functools
from collections.abc import Sequence

from fastapi import Response
from pydantic_core import to_json

from classifier.artefact import info
from classifier.batch import as_object, explanation_object
from classifier.model import Prediction, TopicExplanation
from classifier.service.registry import ServedModel
from classifier.service.schemas import Item


@functools.cache
def splitter_identity() -> dict[str, str]:
    """Return name, version and digest of the shipped headline splitter."""
    found = info("headline-splitter")
    return {"name": found.name, "version": found.version, "digest": found.digest}


def json_response(content: object, status: int = 200) -> Response:
    """Return JSON; FastAPI would validate once more what we have just made."""
    return Response(to_json(content), status, media_type="application/json")


def tagged(
    served: ServedModel, items: Sequence[str | Item], predictions: Sequence[Prediction]
) -> Response:
    """Return results in the order of the texts, each with the id that it came with."""
    results = []
    for item, prediction in zip(items, predictions, strict=True):
        result: dict[str, object] = {} if isinstance(item, str) else {"id": item.id}
        result["text"] = prediction.text
        result.update(as_object(prediction))
        results.append(result)
    return json_response({"model": served.identity, "results": results})


def explained(served: ServedModel, text: str, explanations: Sequence[TopicExplanation]) -> Response:
    """Return which pieces carried which topic."""
    return json_response({"model": served.identity, **explanation_object(text, explanations)})
