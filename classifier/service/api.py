"""What programs call, and the page as well: everything under ``/v1``."""

import itertools
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from classifier.batch import article_object
from classifier.documents import read_article
from classifier.service import files
from classifier.service.answers import explained, json_response, splitter_identity, tagged
from classifier.service.corrections import Correction
from classifier.service.problems import MEDIA_TYPE, Problem
from classifier.service.registry import ServedModel
from classifier.service.schemas import (
    ArticleRequest,
    ArticleResponse,
    CorrectionRequest,
    CorrectionsRequest,
    CorrectionsResponse,
    ExplainRequest,
    ExplainResponse,
    ExportRequest,
    ModelsResponse,
    ReadQuery,
    ReadResponse,
    SplitRequest,
    SplitResponse,
    TagRequest,
    TagResponse,
    TopicsResponse,
)
from classifier.service.services import MANY_TEXTS, read_options, resolve, services_of
from classifier.service.settings import MAX_CHARS, MAX_PAGE_CHARS, MAX_TEXTS
from classifier.service.strict import body_of, read_body

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NDJSON = "application/x-ndjson"
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def problems(**reasons: str) -> dict[int | str, dict[str, Any]]:
    """Return the error answers of an operation for OpenAPI, keyed ``s400`` and so on."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {
        int(status[1:]): {"description": reason, "content": content}
        for status, reason in reasons.items()
    }


_COMMON = problems(
    s400="Malformed: no JSON, or a host name that is not ours",
    s401="No token, or a wrong one, where one is set",
    s408="The body did not arrive in time",
    s422="Well-formed but invalid",
    s503="Not ready, or too slow",
)
_BODY = _COMMON | problems(s413="Too large", s415="Not UTF-8 JSON")

# Endpoints that need nothing but the request, and such as FastAPI gives their parameters.
router = APIRouter(prefix="/v1", tags=["topics"])
with_query = APIRouter(prefix="/v1", tags=["topics"])


@router.post("/tag", responses=_BODY, response_model=TagResponse, openapi_extra=body_of(TagRequest))
async def tag(request: Request) -> Response:
    """Tag texts with topics."""
    body = await read_body(request, TagRequest)
    services = services_of(request)
    served = services.model(body.model)
    options = read_options(served, body)
    texts = [item if isinstance(item, str) else item.text for item in body.texts]

    services.monitor.texts.inc(len(texts))
    predictions = await services.predict(served, texts, options)
    if len(texts) <= MANY_TEXTS:
        return tagged(served, body.texts, predictions)
    return await services.wait(lambda: tagged(served, body.texts, predictions))


@router.post(
    "/article",
    responses=_BODY,
    response_model=ArticleResponse,
    openapi_extra=body_of(ArticleRequest),
)
async def article(request: Request) -> Response:
    """Read an article page and tag its title, its paragraphs and the whole."""
    body = await read_body(request, ArticleRequest)
    services = services_of(request)
    served = services.model(body.model)
    options = read_options(served, body)

    def task() -> Response:
        page = read_article(body.text)
        found = article_object(page, served.model.classify_article(page, options))
        return json_response({"model": served.identity, **found})

    services.monitor.texts.inc()
    return await services.work(len(body.text), task)


@router.post(
    "/explain",
    responses=_BODY,
    response_model=ExplainResponse,
    openapi_extra=body_of(ExplainRequest),
)
async def explain(request: Request) -> Response:
    """Show which pieces of a text carry which topic."""
    body = await read_body(request, ExplainRequest)
    services = services_of(request)
    served = services.model(body.model)
    options = read_options(served, body)

    def task() -> Response:
        return explained(served, body.text, served.model.explain(body.text, options))

    return await services.work(len(body.text), task)


@router.post(
    "/split", responses=_BODY, response_model=SplitResponse, openapi_extra=body_of(SplitRequest)
)
async def split(request: Request) -> Response:
    """Split a scraped line into its headlines."""
    body = await read_body(request, SplitRequest)
    from classifier import split_headlines

    def task() -> Response:
        headlines = split_headlines(body.text)
        return json_response({"model": splitter_identity(), "headlines": headlines})

    return await services_of(request).work(len(body.text), task)


@with_query.get("/topics", responses=_COMMON, response_model=TopicsResponse)
async def topics(request: Request, model: Annotated[str | None, Query()] = None) -> Response:
    """List the topics of a model."""
    served = services_of(request).model(model)
    entries = [
        {
            "id": topic.id,
            "name": topic.name,
            "name_en": topic.name_en,
            "group": topic.group,
            "about": topic.about,
        }
        for topic in served.taxonomy
    ]
    return json_response({"model": served.identity, "topics": entries})


@router.get("/models", responses=_COMMON, response_model=ModelsResponse)
async def models(request: Request) -> Response:
    """List the models served, and the limits."""
    services = services_of(request)
    default = services.model(None)
    entries = [
        {
            **served.identity,
            "default": served.name == default.name,
            "n_topics": len(served.taxonomy),
            "exclusive": served.model.exclusive,
        }
        for served in services.registry.all()
    ]
    limits = {
        "max_texts": MAX_TEXTS,
        "max_chars": MAX_CHARS,
        "max_page_chars": MAX_PAGE_CHARS,
        "max_body_bytes": services.settings.max_body_bytes,
        "max_export_bytes": services.settings.max_export_bytes,
        "timeout_s": services.settings.timeout_s,
    }
    kept = services.corrections is not None
    return json_response({"models": entries, "limits": limits, "corrections": kept})


@router.post(
    "/corrections",
    status_code=201,
    responses=_BODY | problems(s404="Corrections are off"),
    response_model=CorrectionsResponse,
    openapi_extra=body_of(CorrectionsRequest),
)
async def correct(request: Request) -> Response:
    """Keep corrections; answered once they are on the disk."""
    body = await read_body(request, CorrectionsRequest)
    services = services_of(request)
    store = services.corrections
    if store is None:
        raise _corrections_off()
    served = services.model(body.model)

    def task() -> int:
        return store.add([_correction(served, one, n) for n, one in enumerate(body.corrections)])

    count = await services.wait(task)
    services.monitor.corrections.inc(len(body.corrections))
    return json_response({"model": served.identity, "kept": count}, 201)


@router.get(
    "/corrections",
    responses=_COMMON
    | problems(s404="Corrections are off")
    | {200: {"description": "A corpus, a JSON object a line", "content": {_NDJSON: {}}}},
    response_class=StreamingResponse,
)
async def corrections(request: Request) -> Response:
    """Export the corrections as a corpus that `classifier train` takes."""
    services = services_of(request)
    if services.corrections is None:
        raise _corrections_off()
    pages = services.corrections.export()
    # Before the answer begins: once its status is sent, an error could only cut it short.
    first = await services.wait(lambda: list(itertools.islice(pages, 1)))
    return StreamingResponse(
        itertools.chain(first, pages),
        media_type=_NDJSON,
        # A browser saves it under the name that the README's commands have.
        headers={"Content-Disposition": 'attachment; filename="corrections.jsonl"'},
    )


def _correction(served: ServedModel, sent: CorrectionRequest, number: int) -> Correction:
    where = f"corrections.{number}"
    if sent.predicted is None:
        predicted = tuple(score.id for score in served.model.classify(sent.text).topics)
    else:
        predicted = resolve(served, sent.predicted, f"{where}.predicted")
    topics = resolve(served, sent.topics, f"{where}.topics")
    if served.model.exclusive and len(topics) != 1:
        raise Problem(
            422,
            f"{where}.topics: names {len(topics)} topics, where each text has exactly one class",
        )
    return Correction(
        text=sent.text,
        topics=topics,
        predicted=predicted,
        kind=sent.kind,
        model=served.name,
        model_digest=sent.digest or served.identity["digest"],
    )


def _corrections_off() -> Problem:
    return Problem(404, "corrections are off; start the service without --no-corrections")


@router.post(
    "/export",
    responses=_BODY
    | {
        200: {
            "description": "The file",
            "content": {"text/csv": _BINARY, _XLSX: _BINARY},
        }
    },
    response_class=Response,
    openapi_extra=body_of(ExportRequest),
)
async def export(request: Request) -> Response:
    """Write results to a CSV or XLSX file, as `classifier tag -o` does."""
    body = await read_body(request, ExportRequest)
    kinds: Mapping[str, str] = {"csv": "text/csv", "xlsx": _XLSX}

    def task() -> Response:
        content = files.write_file(body.rows, body.format)
        name = f'attachment; filename="topics.{body.format}"'
        return Response(
            content, media_type=kinds[body.format], headers={"Content-Disposition": name}
        )

    return await services_of(request).wait(task)


@with_query.post(
    "/read",
    responses=_COMMON | problems(s413="Too large", s415="Not a kind of file that is read here"),
    response_model=ReadResponse,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}
    },
)
async def read(request: Request, query: Annotated[ReadQuery, Query()]) -> Response:
    """Read a file or a paste: headlines, a scraped line of them, or an article."""
    if request.headers.get("content-type", "") != "application/octet-stream":
        # No form of another site can send this type unasked.
        raise Problem(415, "send the file's bytes with Content-Type: application/octet-stream")
    data = await request.body()

    def task() -> Response:
        found = files.read_file(data, query.name, query.kind)
        return json_response(
            {
                "kind": found.kind,
                "texts": found.texts,
                "encoding": found.encoding,
                "column": found.column,
            }
        )

    return await services_of(request).wait(task)
