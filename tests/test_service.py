"""The API in this process: answers, options, errors, limits, token, headers."""

import asyncio
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

import classifier
from classifier.artefact import info
from classifier.batch import article_object, as_object
from classifier.errors import ArtefactDamagedError, ClassifierError
from classifier.model import Options, Prediction, TopicClassifier
from classifier.service import strict
from classifier.service.app import create_app
from classifier.service.registry import Registry, ServedModel
from classifier.service.schemas import Request, TagRequest
from classifier.service.settings import MAX_CHARS, MAX_PAGE_CHARS, MAX_TEXTS, Settings, read_token
from classifier.service.strict import parse
from classifier.service.together import Together
from tests.service_kit import BINARY, FRAUD, JSON, WATER, in_event_loop, save_renamed, serving

TOKEN = "a-token-of-twenty-four-c"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def client(model_folder: Path) -> Iterator[TestClient]:
    with serving(model_folder) as client:
        yield client


def tag(client: TestClient, texts: list[Any], **options: Any) -> Any:
    response = client.post("/v1/tag", json={"texts": texts, **options})
    assert response.status_code == 200, response.text
    return response.json()


def refused(response: httpx.Response, status: int) -> str:
    """Check that this is a problem of this status, and return its detail."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert "Traceback" not in response.text
    return str(problem["detail"])


def test_tagging_answers_what_python_says(client: TestClient, model: TopicClassifier) -> None:
    texts = [WATER, FRAUD, "", "人物故事"]
    predictions = model.predict(texts)
    assert tag(client, texts)["results"] == [
        {"text": one.text, **as_object(one)} for one in predictions
    ]


def test_an_empty_text_has_no_topic_and_no_text_no_result(client: TestClient) -> None:
    assert tag(client, [""])["results"] == [{"text": "", "topics": [], "decision": "none"}]
    assert tag(client, [])["results"] == []


def test_order_and_ids_are_kept(client: TestClient) -> None:
    results = tag(client, [{"id": "b", "text": WATER}, FRAUD, {"id": 7, "text": WATER}])["results"]
    assert [one.get("id") for one in results] == ["b", None, 7]
    assert [one["text"] for one in results] == [WATER, FRAUD, WATER]
    assert "id" not in results[1]


def test_a_long_request_gives_the_same_as_short_ones(client: TestClient) -> None:
    texts = [WATER, FRAUD] * 200  # past what is tagged without a thread
    assert tag(client, texts)["results"] == tag(client, [WATER, FRAUD])["results"] * 200


@pytest.mark.parametrize("path", ["/v1/tag", "/v1/explain", "/v1/article"])
def test_every_answer_carries_the_model(client: TestClient, model_folder: Path, path: str) -> None:
    body = {"texts": [WATER]} if path == "/v1/tag" else {"text": WATER}
    identity = client.post(path, json=body).json()["model"]
    assert identity == client.get("/v1/topics").json()["model"]
    assert identity["name"] == "small"
    assert len(identity["digest"]) == 64


def test_options_are_those_of_python(client: TestClient, model: TopicClassifier) -> None:
    text = WATER + FRAUD
    for options, sent in (
        (Options(topics=("water",)), {"topics": ["water"]}),
        (Options(exclude_topics=("water",)), {"exclude_topics": ["水利"]}),
        (Options(max_topics=1), {"max_topics": 1}),
        (Options(min_probability=0.99), {"min_probability": 0.99}),
    ):
        expected = as_object(model.classify(text, options))
        assert tag(client, [text], **sent)["results"] == [{"text": text, **expected}]


def test_an_explanation_points_into_the_text(client: TestClient) -> None:
    answer = client.post("/v1/explain", json={"text": FRAUD}).json()
    assert answer["topics"][0]["id"] == "fraud-prevention"
    for piece in answer["topics"][0]["pieces"]:
        assert FRAUD[piece["start"] : piece["end"]] == piece["text"]


def test_topics_asked_for_are_explained_though_the_text_lacks_them(client: TestClient) -> None:
    answer = client.post("/v1/explain", json={"text": FRAUD, "topics": ["health"]}).json()
    assert [topic["id"] for topic in answer["topics"]] == ["health"]


def test_a_scraped_line_is_split_and_the_splitter_named(client: TestClient) -> None:
    line = f"{WATER}\n{FRAUD}"  # a line break parts headlines by rule
    answer = client.post("/v1/split", json={"text": line}).json()
    assert answer["headlines"] == [WATER, FRAUD]
    assert answer["model"]["name"] == "headline-splitter"
    assert answer["model"]["digest"] == info("headline-splitter").digest


def test_topics_and_models_are_listed(client: TestClient) -> None:
    topics = client.get("/v1/topics", params={"model": "small"}).json()["topics"]
    assert [topic["id"] for topic in topics] == ["water", "education", "fraud-prevention", "health"]
    served = client.get("/v1/models").json()
    assert [(one["name"], one["default"]) for one in served["models"]] == [("small", True)]
    assert served["limits"]["max_texts"] == MAX_TEXTS
    assert served["corrections"] is False


def test_several_models_answer_by_name(
    model: TopicClassifier, model_folder: Path, tmp_path: Path
) -> None:
    save_renamed(model, tmp_path / "other", "2")
    models = (("first", str(model_folder)), ("second", str(tmp_path / "other")))
    with serving(model_folder, models=models) as client:
        assert tag(client, [WATER])["model"]["name"] == "first"
        assert tag(client, [WATER], model="second")["model"]["version"] == "2"
        assert len(client.get("/v1/models").json()["models"]) == 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"texts": [1]}, "texts.0"),
        ({"texts": "一个标题"}, "valid list"),
        ({}, "Field required"),
        ({"texts": [], "colour": "red"}, "colour"),
        ({"texts": [], "min_probability": 1.5}, "less than or equal to 1"),
        ({"texts": [], "max_topics": "3"}, "valid integer"),
        ({"texts": [], "topics": ["watre"]}, "did you mean 'water'"),
        ({"texts": [], "model": "smal"}, "did you mean 'small'"),
        ({"texts": [{"id": True, "text": ""}]}, "valid"),
        ({"texts": ["字" * (MAX_CHARS + 1)]}, f"at most {MAX_CHARS} characters"),
        ({"texts": [""] * (MAX_TEXTS + 1)}, f"at most {MAX_TEXTS} items"),
        ([], "an object"),
    ],
)
def test_what_is_well_formed_but_invalid_is_422(client: TestClient, body: Any, says: str) -> None:
    assert says in refused(client.post("/v1/tag", json=body), 422)


def test_a_list_of_many_errors_is_cut_short(client: TestClient) -> None:
    response = client.post("/v1/tag", json={"texts": [1] * 1000})
    assert "and 1999 more" in refused(response, 422)
    assert len(response.json()["errors"]) == 10


def test_an_object_of_far_too_many_names_is_refused_for_that_alone(client: TestClient) -> None:
    response = client.post("/v1/tag", json={f"name{n}": 1 for n in range(1000)})
    assert "has 1,000 names" in refused(response, 422)


def test_of_many_wrong_rows_the_first_is_told(client: TestClient) -> None:
    response = client.post("/v1/export", json={"format": "csv", "rows": [{}] * 100_000})
    assert "body.rows.0.text: Field required (and 4 more)" in refused(response, 422)


@pytest.mark.parametrize(
    "body", [{"texts": [WATER] * 2000}, {"texts": [{}] * 2000}], ids=["good", "wrong"]
)
def test_a_long_body_is_read_while_others_are_served(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]
) -> None:
    held_up = []

    def seen(body: bytes) -> Any:
        held_up.append(in_event_loop())
        return parse(body)

    monkeypatch.setattr(strict, "parse", seen)
    client.post("/v1/tag", json=body)
    assert held_up == [False]


@pytest.mark.parametrize(
    ("texts", "errors"),
    [
        (
            [WATER, 1],
            [
                ("body.texts.1", "Input should be a valid string"),
                ("body.texts.1", "Input should be an object"),
            ],
        ),
        (
            [{"id": [], "text": WATER, "Item": 1}],
            [
                ("body.texts.0", "Input should be a valid string"),
                ("body.texts.0.id", "Input should be a valid string"),
                ("body.texts.0.id", "Input should be a valid integer"),
                ("body.texts.0.Item", "Extra inputs are not permitted"),
            ],
        ),
    ],
)
def test_errors_name_fields_and_no_types_of_ours(
    client: TestClient, texts: list[object], errors: list[tuple[str, str]]
) -> None:
    answer = client.post("/v1/tag", json={"texts": texts}).json()
    assert [(one["where"], one["message"]) for one in answer["errors"]] == errors
    assert answer["detail"].startswith(f"{errors[0][0]}: {errors[0][1]} (and ")


@pytest.mark.parametrize(
    ("content", "status", "says"),
    [
        (b"", 400, "no valid JSON"),
        (b"{", 400, "no valid JSON"),
        (b'{"texts": [], "min_probability": NaN}', 400, "NaN is not JSON"),
        (b'{"texts": [], "max_topics": Infinity}', 400, "Infinity is not JSON"),
        (b"[" * 100_000, 400, "nested too deep"),
        (b'{"texts": [' + b"9" * 5000 + b"]}", 400, "no valid JSON"),
        ('{"texts": ["青川县"]}'.encode("gb18030"), 415, "not UTF-8"),
        ('{"texts": ["青川县"]}'.encode("utf-16"), 415, "not UTF-8"),
    ],
)
def test_malformed_bodies_are_told_apart(
    client: TestClient, content: bytes, status: int, says: str
) -> None:
    assert says in refused(client.post("/v1/tag", content=content, headers=JSON), status)


def test_half_a_surrogate_pair_is_taken_for_an_unknown_character(client: TestClient) -> None:
    content = b'{"texts": ["\\ud800\\uD83D\\uDE00"]}'
    response = client.post("/v1/tag", content=content, headers=JSON)
    assert response.json()["results"][0]["text"] == "\ufffd😀"


def test_a_whole_number_may_be_written_with_a_point(client: TestClient) -> None:
    results = tag(client, [{"id": 7.0, "text": WATER + FRAUD}], max_topics=1.0)["results"]
    assert results[0]["id"] == 7
    assert len(results[0]["topics"]) == 1


def test_null_bytes_and_a_byte_order_mark_are_taken(client: TestClient) -> None:
    assert tag(client, ["\x00青川\x00"])["results"][0]["text"] == "\x00青川\x00"
    content = b'\xef\xbb\xbf{"texts": []}'
    assert client.post("/v1/tag", content=content, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "text/json"]
)
def test_only_json_is_taken_as_json(client: TestClient, content_type: str) -> None:
    response = client.post(
        "/v1/tag", content=b'{"texts": []}', headers={"Content-Type": content_type}
    )
    assert "application/json" in refused(response, 415)


def test_a_charset_other_than_utf_8_is_415(client: TestClient) -> None:
    def send(charset: str) -> httpx.Response:
        kind = {"Content-Type": f"application/json; charset={charset}"}
        return client.post("/v1/tag", content=b'{"texts": []}', headers=kind)

    assert send("UTF-8").status_code == 200
    refused(send("gb18030"), 415)


@pytest.mark.parametrize(
    "body",
    [
        '{"texts": [], "texts": ["水"], "max_topics": 2.0}',
        '{"texts": [{"id": 9007199254740991, "text": "\\u6c34\\ud83d\\ude00\\u0000\\/"}]}',
        ' { "min_probability" : 1e-3 , "texts":["A\u2028 ✓"] , "topics":null}\r\n',
        '{"texts": [{"id": -0, "text": ""}, {"text": "", "id": 3e2}], "min_probability": 1}',
        '{"min_probability": 0.12345678901234567, "texts": []}',
    ],
)
def test_the_quick_reader_reads_as_the_careful_one(body: str) -> None:
    careful = TagRequest.model_validate(parse(body.encode()))
    assert TagRequest.model_validate_json(body.encode()) == careful


def test_the_quick_reader_takes_no_nan_either() -> None:
    class Body(Request):
        number: float

    with pytest.raises(ValidationError, match="finite number"):
        Body.model_validate_json(b'{"number": NaN}')


def test_parsing_keeps_plain_json() -> None:
    assert parse('{"a": [1, 2.5, "水", null]}'.encode()) == {"a": [1, 2.5, "水", None]}


def test_unknown_paths_are_404_and_unknown_methods_405(client: TestClient) -> None:
    assert "/docs" in refused(client.get("/v2/tag"), 404)
    response = client.get("/v1/tag")
    assert "allowed: POST" in refused(response, 405)
    assert response.headers["allow"] == "POST"
    assert client.delete("/v1/corrections").headers["allow"] == "GET, POST"


def test_a_body_that_says_it_is_too_large_is_refused_unread(model_folder: Path) -> None:
    with serving(model_folder, max_body_bytes=100) as client:
        assert tag(client, ["短"])
        response = client.post("/v1/tag", json={"texts": ["长" * 100]})
        assert "100 bytes" in refused(response, 413)
        assert response.headers["connection"] == "close"


def test_a_body_that_grows_too_large_is_refused_while_it_is_read(model_folder: Path) -> None:
    pieces_taken = []

    def pieces() -> Iterator[bytes]:
        for number in range(1000):
            pieces_taken.append(number)
            yield b'"' + b"x" * 50

    with serving(model_folder, max_body_bytes=100) as client:
        response = client.post("/v1/tag", content=pieces(), headers=JSON)
    assert "100 bytes" in refused(response, 413)


def test_work_that_takes_too_long_is_503(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> list[object]:
        time.sleep(0.5)
        return []

    with serving(model_folder, timeout_s=0.05) as client:
        monkeypatch.setattr(TopicClassifier, "predict", slow)
        response = client.post("/v1/tag", json={"texts": [WATER * 100]})
        assert "0.05 s" in refused(response, 503)


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/tag"), ("GET", "/v1/topics")])
def test_what_nobody_foresaw_is_500_without_a_trace(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret of the house")

    monkeypatch.setattr(Registry, "get", broken)
    logger = logging.getLogger("classifier.service")
    logger.addHandler(caplog.handler)
    try:
        response = client.request(method, path, json={"texts": [WATER]})
    finally:
        logger.removeHandler(caplog.handler)
    request_id = response.headers["x-request-id"]
    assert request_id in refused(response, 500)
    assert "secret" not in response.text
    assert "secret of the house" in caplog.text


def test_before_the_model_is_loaded_the_service_is_not_ready(model_folder: Path) -> None:
    failures: list[Exception] = []
    settings = Settings(models=(("no", str(model_folder / "model.json")),), hosts=None)
    with TestClient(create_app(settings, on_failure=failures.append)) as client:
        assert client.get("/livez").json() == {"status": "alive"}
        refused(client.get("/readyz"), 503)
        assert "not loaded" in refused(client.post("/v1/tag", json={"texts": []}), 503)
        assert "not loaded" in refused(client.get("/v1/models"), 503)
        assert client.get("/openapi.json").status_code == 200
        assert client.get("/").status_code == 200
        while not failures:
            client.get("/livez")
    assert "is no model" in str(failures[0])


def test_a_model_that_breaks_in_a_way_nobody_foresaw_is_told_as_well(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Registry) -> None:
        raise IsADirectoryError("vocabulary.txt")

    monkeypatch.setattr(Registry, "load", broken)
    monkeypatch.setattr(logging.getLogger("classifier.service"), "propagate", True)
    failures: list[Exception] = []
    with TestClient(create_app(Settings(hosts=None), on_failure=failures.append)) as client:
        for _ in range(1000):
            client.get("/livez")  # a turn of the event loop
            if failures:
                break
    assert [type(one) for one in failures] == [IsADirectoryError]
    assert "the models cannot be loaded" in caplog.text
    assert "vocabulary.txt" in caplog.text


def test_the_service_gets_ready_by_itself(model_folder: Path) -> None:
    settings = Settings(models=(("small", str(model_folder)),), hosts=None)
    with TestClient(create_app(settings)) as client:
        while client.get("/readyz").status_code == 503:
            pass
        assert tag(client, [WATER])["results"]


def test_an_error_of_the_package_tells_its_message_only(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ArtefactDamagedError("weights.npy: is not what model.json says")

    monkeypatch.setattr(TopicClassifier, "predict", broken)
    detail = refused(client.post("/v1/tag", json={"texts": [WATER]}), 503)
    assert detail == "weights.npy: is not what model.json says"


def test_every_answer_has_an_id_and_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/docs", "/v1/topics", "/nothing", "/static/main.js"):
        headers = client.get(path).headers
        assert len(headers["x-request-id"]) == 32
        if headers["content-type"] != "application/json":
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] in ("no-store", "no-cache")


def test_a_clients_own_request_id_is_kept_if_it_is_harmless(client: TestClient) -> None:
    def id_for(given: str) -> str:
        return client.get("/livez", headers={"X-Request-ID": given}).headers["x-request-id"]

    assert id_for("abc-1.2_3") == "abc-1.2_3"
    assert id_for("a b") != "a b"
    assert len(id_for("x" * 65)) == 32


def test_each_request_is_logged_with_its_id_and_no_line_ends(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("classifier.service")
    logger.addHandler(caplog.handler)
    logger.setLevel(logging.INFO)
    try:
        client.get("/nothing%0Aforged", headers={"X-Request-ID": "seen"})
    finally:
        logger.removeHandler(caplog.handler)
        logger.setLevel(logging.NOTSET)
    assert r"seen GET /nothing\nforged 404" in caplog.text


def test_with_a_token_set_the_api_asks_for_it(model_folder: Path) -> None:
    with serving(model_folder, token=TOKEN) as client:
        for wrong in (
            {},
            {"Authorization": f"Bearer {TOKEN}x"},
            {"Authorization": f"Basic {TOKEN}"},
        ):
            response = client.get("/v1/topics", headers=wrong)
            assert "Bearer" in refused(response, 401)
            assert response.headers["www-authenticate"] == "Bearer"
        refused(client.get("/metrics"), 401)
        assert client.get("/v1/topics", headers=AUTHORIZED).status_code == 200
        for open_path in ("/", "/static/main.js", "/livez", "/readyz", "/docs", "/openapi.json"):
            assert client.get(open_path).status_code == 200
        schemes = client.get("/openapi.json").json()["components"]["securitySchemes"]
        assert schemes == {"token": {"type": "http", "scheme": "bearer"}}


def test_a_token_comes_from_its_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLASSIFIER_TOKEN", raising=False)
    assert read_token(None) is None
    monkeypatch.setenv("CLASSIFIER_TOKEN", "from-the-environment")
    assert read_token(None) == "from-the-environment"
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    assert read_token(file) == TOKEN


@pytest.mark.parametrize("token", ["short", "口令口令口令口令口令口令口令口令", ""])
def test_a_weak_token_is_refused(tmp_path: Path, token: str) -> None:
    file = tmp_path / "token"
    file.write_text(token, encoding="utf-8")
    with pytest.raises(ClassifierError, match="at least 16 printable ASCII"):
        read_token(file)


def test_a_token_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match="the token cannot be read"):
        read_token(tmp_path / "none")


def test_the_token_is_not_shown_by_the_settings() -> None:
    assert TOKEN not in repr(Settings(token=TOKEN))


@pytest.mark.parametrize(
    "settings", [{"models": ()}, {"models": (("a", "x"), ("a", "y"))}, {"timeout_s": 0}]
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"models need a name|must be above 0"):
        Settings(**settings)


def test_a_host_name_of_someone_elses_is_refused(model_folder: Path) -> None:
    with serving(model_folder, hosts=("127.0.0.1", "[::1]", "localhost")) as client:
        for host in ("127.0.0.1:8000", "[::1]:8000", "[::1]", "LocalHost"):
            assert client.get("/livez", headers={"Host": host}).status_code == 200
        for host in ("rebound.example", "127.0.0.1.example:80", "[::2]", "]"):
            assert "--allow-host" in refused(client.get("/livez", headers={"Host": host}), 400)


def test_metrics_count_requests_under_their_routes(model_folder: Path) -> None:
    with serving(model_folder) as client:
        tag(client, [WATER, FRAUD])
        client.get("/nothing/1")
        client.get("/nothing/2")
        response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert (
        'classifier_requests_total{method="POST",path="/v1/tag",status="200"} 1.0' in response.text
    )
    assert 'classifier_requests_total{method="GET",path="other",status="404"} 2.0' in response.text
    assert "classifier_texts_total 2.0" in response.text
    assert 'classifier_model{digest="' in response.text


def test_the_documentation_asks_no_outside_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "//" not in page.replace("<!doctype html>", "")
    for asset in ("/docs/assets/swagger-ui-bundle.js", "/docs/assets/swagger-ui.css"):
        assert asset in page
        assert client.get(asset).status_code == 200


def test_the_schema_publishes_the_limits_and_the_names(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    texts = schemas["TagRequest"]["properties"]["texts"]
    assert texts["maxItems"] == MAX_TEXTS
    assert texts["items"]["anyOf"][0]["maxLength"] == MAX_CHARS
    topics = schemas["TagRequest"]["properties"]["topics"]["anyOf"][0]["items"]["enum"]
    assert {"water", "水利"} <= set(topics)


def test_reading_needs_bytes_declared_as_such(client: TestClient) -> None:
    assert "octet-stream" in refused(client.post("/v1/read", content=b"x", headers=JSON), 415)
    assert client.post("/v1/read", content=b"x", headers=BINARY).status_code == 200


def test_answers_are_plain_utf_8(client: TestClient) -> None:
    assert WATER.encode() in client.post("/v1/tag", json={"texts": [WATER]}).content
    assert json.loads(client.post("/v1/tag", json={"texts": [WATER]}).content)


def test_requests_of_one_moment_share_a_call_and_get_their_own_answers(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = ServedModel.load("small", str(model_folder))
    calls: list[int] = []
    predict = TopicClassifier.predict

    def counted(model: TopicClassifier, texts: Any, options: Any = None) -> Any:
        calls.append(len(texts))
        return predict(model, texts, options)

    monkeypatch.setattr(TopicClassifier, "predict", counted)
    asked = [([WATER], Options()), ([FRAUD, ""], Options()), ([WATER], Options(max_topics=0))] * 50

    async def together() -> list[list[Prediction]]:
        gather = Together()
        return await asyncio.gather(*(gather.predict(served, *one) for one in asked))

    found = asyncio.run(together())
    assert found == [predict(served.model, texts, options) for texts, options in asked]
    assert len(calls) == 3  # 64 requests and 36 with the one kind of options, 50 with the other


def test_an_error_of_a_shared_call_reaches_each_request(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = ServedModel.load("small", str(model_folder))

    def broken(*_: object) -> None:
        raise ArtefactDamagedError("broken")

    monkeypatch.setattr(TopicClassifier, "predict", broken)

    async def together() -> list[Any]:
        gather = Together()
        one = (gather.predict(served, [WATER], Options()) for _ in range(3))
        return await asyncio.gather(*one, return_exceptions=True)

    assert [type(one) for one in asyncio.run(together())] == [ArtefactDamagedError] * 3


def test_a_request_that_was_given_up_leaves_the_others_their_answers(model_folder: Path) -> None:
    served = ServedModel.load("small", str(model_folder))

    async def together() -> list[Prediction]:
        gather = Together()
        given_up = asyncio.create_task(gather.predict(served, [FRAUD], Options()))
        kept = asyncio.create_task(gather.predict(served, [WATER], Options()))
        await asyncio.sleep(0)
        given_up.cancel()
        return await kept

    assert [one.text for one in asyncio.run(together())] == [WATER]


def test_methods_that_nobody_knows_are_counted_as_one(model_folder: Path) -> None:
    with serving(model_folder) as client:
        for method in ("BREW", "WHEN"):
            refused(client.request(method, "/v1/tag"), 405)
        assert 'method="other",path="/v1/tag",status="405"} 2.0' in client.get("/metrics").text


def test_an_article_is_answered_as_python_and_the_shell_say(
    client: TestClient, model: TopicClassifier
) -> None:
    page = f"{WATER}\n2021-03-05 来源：沙湖日报\n今天上午，干渠放水。{FRAUD}这是本周的第二次。\n"
    answer = client.post("/v1/article", json={"text": page, "max_topics": 1}).json()
    article = classifier.read_article(page)
    predicted = model.classify_article(article, Options(max_topics=1))
    assert answer.pop("model")["name"] == "small"
    assert answer == article_object(article, predicted)
    assert (answer["title"], answer["source"]) == (WATER, "沙湖日报")


def test_a_date_or_an_outlet_at_the_end_sways_no_tag_as_in_the_shell(client: TestClient) -> None:
    texts = ["修通水渠", "修通水渠 [详细] 2021-03-05"]
    plain, tailed = client.post("/v1/tag", json={"texts": texts}).json()["results"]
    assert plain["topics"] == tailed["topics"] != []
    assert tailed["text"] == texts[1]


@pytest.mark.parametrize("path", ["/v1/article", "/v1/split"])
@pytest.mark.parametrize("body", [{"text": "水" * (MAX_PAGE_CHARS + 1)}, {"text": 1}, {}, []])
def test_a_page_too_long_or_of_another_shape_is_refused(
    client: TestClient, path: str, body: object
) -> None:
    assert refused(client.post(path, json=body), 422)
