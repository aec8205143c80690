"""Requests and answers, as OpenAPI publishes them. Limits stand here, and are kept."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    StringConstraints,
)

from classifier.service.settings import (
    MAX_CHARS,
    MAX_CORRECTIONS,
    MAX_PAGE_CHARS,
    MAX_ROWS,
    MAX_TEXTS,
    MAX_TOPICS,
)

Text = Annotated[str, StringConstraints(max_length=MAX_CHARS)]
Page = Annotated[str, StringConstraints(max_length=MAX_PAGE_CHARS)]
TopicName = Annotated[str, StringConstraints(max_length=200)]


def _as_whole(value: object) -> object:
    """JSON Schema counts 3.0 among the integers, and so do we."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, Field(ge=0, le=MAX_TOPICS), BeforeValidator(_as_whole)]
# What every JSON reader can hold exactly.
Number = Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1), BeforeValidator(_as_whole)]
Decision = Literal["accept", "review", "none"]
Kind = Literal["headline", "headlines", "blob", "article"]
# Of a list of lists: all that can be wrong with one would be millions of errors.
_FIRST_WRONG = FailFast()


class Request(BaseModel):
    """A body: what it does not know it refuses, and a string is no number."""

    # JSON has no NaN, though some readers of JSON do.
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class OptionsRequest(Request):
    """The options of a request."""

    model: Annotated[
        str | None, Field(description="A model of /v1/models; by default the first.")
    ] = None
    topics: Annotated[
        list[TopicName] | None,
        Field(max_length=MAX_TOPICS, description="Ids or names; consider these topics alone."),
    ] = None
    exclude_topics: Annotated[
        list[TopicName],
        Field(max_length=MAX_TOPICS, description="Ids or names; leave these topics out."),
    ] = []
    min_probability: Annotated[
        float, Field(ge=0, le=1, description="Leave out topics below this probability.")
    ] = 0.0
    max_topics: Annotated[Count | None, Field(description="Most topics a text gets.")] = None


class Item(Request):
    """A text with the caller's own id, which its result carries."""

    id: Annotated[str, StringConstraints(max_length=200)] | Number
    text: Text


class TagRequest(OptionsRequest):
    """Texts to tag, in order; an empty text is valid."""

    texts: Annotated[
        list[Text | Item],
        Field(
            max_length=MAX_TEXTS,
            description="Texts, or objects of an id and a text.",
            examples=[["县残联开办直播课堂 听障青年找到新岗位", "女子轻信刷单返利损失八千元"]],
        ),
    ]


class ArticleRequest(OptionsRequest):
    """An article page, as text or HTML."""

    text: Page


class SplitRequest(Request):
    """A scraped line of several headlines."""

    text: Page


class ReadQuery(Request):
    """What is asked of a file that is read."""

    name: Annotated[
        str,
        Field(max_length=255, description="Name of the file; its suffix says how it is read"),
    ] = ""
    kind: Annotated[Kind | None, Field(description="By default it is recognised")] = None


class ExplainRequest(OptionsRequest):
    """A text to explain; the topics named in `topics` are explained whether it has them or not."""

    text: Text


class CorrectionRequest(Request):
    """What a person says of a text, `topics` being right."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHARS, pattern=r"\S")]
    topics: Annotated[
        list[TopicName],
        Field(max_length=MAX_TOPICS, description="Ids or names; [] is a text without topic."),
    ]
    predicted: Annotated[
        list[TopicName] | None,
        Field(max_length=MAX_TOPICS, description="What was shown; by default predicted anew."),
    ] = None
    digest: Annotated[
        str | None,
        StringConstraints(pattern=r"^[0-9a-f]{64}$"),
        Field(description="Of the model that predicted; by default of the one served now."),
    ] = None
    kind: Literal["headline", "paragraph"] = "headline"


class CorrectionsRequest(Request):
    """Corrections to keep; answered once they are on the disk."""

    model: str | None = None
    corrections: Annotated[
        list[CorrectionRequest], Field(min_length=1, max_length=MAX_CORRECTIONS), _FIRST_WRONG
    ]


class ExportRow(Request):
    """A row of results to write."""

    text: Page
    topics: Annotated[list[TopicName], Field(max_length=MAX_TOPICS)]
    topic_names: Annotated[list[TopicName], Field(max_length=MAX_TOPICS)]
    probabilities: Annotated[
        list[Annotated[float, Field(ge=0, le=1)]], Field(max_length=MAX_TOPICS)
    ]
    decision: Decision


def _give_way(row: ExportRow) -> ExportRow:
    """Call Python between rows: only then does pydantic let other threads have a turn."""
    return row


class ExportRequest(Request):
    """Results to write to a file."""

    format: Literal["csv", "xlsx"]
    rows: Annotated[
        list[Annotated[ExportRow, AfterValidator(_give_way)]],
        Field(max_length=MAX_ROWS),
        _FIRST_WRONG,
    ]


BODIES = (
    TagRequest,
    ArticleRequest,
    SplitRequest,
    ExplainRequest,
    CorrectionsRequest,
    ExportRequest,
)


class ModelIdentity(BaseModel):
    """Which model answered."""

    name: str
    version: str
    digest: str


class TopicScore(BaseModel):
    """A topic of a text."""

    id: str
    name: str
    probability: Annotated[float, Field(ge=0, le=1)]


class Tags(BaseModel):
    """Topics, most probable first, and what to do with the text."""

    topics: list[TopicScore]
    decision: Decision


class TaggedText(Tags):
    """A text and its topics; `id` if the request gave one."""

    id: str | int | None = None
    text: str


class TagResponse(BaseModel):
    """Results in the order of the texts."""

    model: ModelIdentity
    results: list[TaggedText]


class Paragraph(Tags):
    """A paragraph of an article."""

    text: str


class LeftOut(BaseModel):
    """A part of the page that is no part of the article."""

    text: str
    reason: str


class ArticleResponse(Tags):
    """An article: what the page says of itself, its topics, its paragraphs'."""

    model: ModelIdentity
    title: str | None
    published: str | None
    source: str | None
    author: str | None
    section: str | None
    title_topics: list[TopicScore]
    paragraphs: list[Paragraph]
    left_out: list[LeftOut]


class SplitResponse(BaseModel):
    """The headlines of a scraped line, in order."""

    model: ModelIdentity
    headlines: list[str]


class Piece(BaseModel):
    """A piece of the text, in code points, and what it added to the topic's margin."""

    start: int
    end: int
    text: str
    weight: float


class TopicExplanation(TopicScore):
    """Which pieces carried a topic."""

    pieces: list[Piece]


class ExplainResponse(BaseModel):
    """Why a text has its topics."""

    model: ModelIdentity
    text: str
    topics: list[TopicExplanation]


class TopicEntry(BaseModel):
    """A topic of the taxonomy."""

    id: str
    name: str
    name_en: str
    group: str
    about: str


class TopicsResponse(BaseModel):
    """The topics of a model, in its order."""

    model: ModelIdentity
    topics: list[TopicEntry]


class ModelEntry(ModelIdentity):
    """A model served."""

    default: bool
    n_topics: int
    exclusive: bool


class Limits(BaseModel):
    """What a request may hold."""

    max_texts: int
    max_chars: int
    max_page_chars: int
    max_body_bytes: int
    max_export_bytes: int
    timeout_s: float


class ModelsResponse(BaseModel):
    """The models served, the default first, and what the service does."""

    models: list[ModelEntry]
    limits: Limits
    corrections: Annotated[bool, Field(description="Whether corrections are kept.")]


class ReadResponse(BaseModel):
    """A file's or a paste's texts, and what kind it was taken for."""

    kind: Kind
    texts: Annotated[list[str], Field(description="Of headlines; of a blob or article, one.")]
    encoding: str | None
    column: Annotated[str | None, Field(description="Column that the texts were taken from.")]


class CorrectionsResponse(BaseModel):
    """How many corrections are on the disk now."""

    model: ModelIdentity
    kept: int


class Health(BaseModel):
    """The state of the service."""

    status: Literal["alive", "ready"]


class ErrorPlace(BaseModel):
    """One of the things wrong with a request."""

    where: str
    message: str


class ProblemDetails(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ErrorPlace] | None = None
