"""For those who watch the service: alive, ready, figures."""

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from classifier.service.answers import json_response
from classifier.service.api import problems
from classifier.service.problems import Problem
from classifier.service.schemas import Health
from classifier.service.services import services_of

_HOST = problems(s400="A host name that is not ours")
router = APIRouter(tags=["operation"])


@router.get("/livez", response_model=Health, responses=_HOST)
async def livez() -> Response:
    """Say that the service runs."""
    return json_response({"status": "alive"})


@router.get(
    "/readyz", response_model=Health, responses=_HOST | problems(s503="No model is loaded yet")
)
async def readyz(request: Request) -> Response:
    """Say whether the models are loaded."""
    if not services_of(request).registry.ready:
        raise Problem(503, "the model is not loaded yet")
    return json_response({"status": "ready"})


@router.get(
    "/metrics",
    response_class=Response,
    responses=_HOST
    | problems(s401="No token, or a wrong one, where one is set")
    | {200: {"description": "Figures for Prometheus", "content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """Return the figures in Prometheus's text format."""
    services = services_of(request)
    return Response(
        services.monitor.show(services.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )
