"""Corrections: kept, exported as a corpus, never lost once acknowledged."""

import concurrent.futures
import json
import sqlite3
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

import classifier
from classifier.artefact import save
from classifier.model import Prediction, TopicClassifier
from classifier.service.corrections import Correction, Corrections, CorrectionsError
from tests.service_kit import FRAUD, WATER, Server, in_event_loop, serving


def correction(text: str, *topics: str) -> Correction:
    return Correction(text, topics, ("water",), "headline", "small", "0" * 64)


def lines(store: Corrections) -> list[dict[str, Any]]:
    return [json.loads(line) for line in "".join(store.export()).splitlines()]


def post(client: httpx.Client, *corrections: dict[str, Any], **body: Any) -> httpx.Response:
    return client.post("/v1/corrections", json={"corrections": list(corrections), **body})


def test_a_correction_comes_back_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    store = Corrections(tmp_path / "new" / "corrections.sqlite")
    assert store.add([correction(WATER, "health", "water")]) == 1
    (found,) = lines(store)
    assert found.pop("corrected_at").endswith("+00:00")
    assert found == {
        "text": WATER,
        "topics": ["health", "water"],
        "kind": "headline",
        "predicted": ["water"],
        "model": "small",
        "model_digest": "0" * 64,
    }
    store.close()


def test_of_a_text_corrected_twice_the_last_time_counts(tmp_path: Path) -> None:
    store = Corrections(tmp_path / "c.sqlite")
    store.add([correction(WATER, "water"), correction(FRAUD)])
    assert store.add([correction(WATER, "health")]) == 3
    assert [(one["text"], one["topics"]) for one in lines(store)] == [
        (FRAUD, []),
        (WATER, ["health"]),
    ]
    store.close()


def test_corrections_of_one_model_leave_those_of_another(tmp_path: Path) -> None:
    store = Corrections(tmp_path / "c.sqlite")
    store.add([correction(WATER, "water"), replace(correction(WATER, "canal"), model="own")])
    assert [(one["model"], one["topics"]) for one in lines(store)] == [
        ("small", ["water"]),
        ("own", ["canal"]),
    ]
    store.close()


def test_a_long_export_comes_whole_and_once(tmp_path: Path) -> None:
    store = Corrections(tmp_path / "c.sqlite")
    store.add([correction(f"标题{number}") for number in range(1201)])
    assert [one["text"] for one in lines(store)] == [f"标题{number}" for number in range(1201)]
    store.close()


def test_corrections_outlive_the_store(tmp_path: Path) -> None:
    for number in range(3):
        store = Corrections(tmp_path / "c.sqlite")
        store.add([correction(f"标题{number}")])
        store.close()
    assert len(lines(Corrections(tmp_path / "c.sqlite"))) == 3


def test_many_threads_may_correct_at_once(tmp_path: Path) -> None:
    store = Corrections(tmp_path / "c.sqlite")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.add([correction(f"标题{n}")]), range(40)))
    assert len(lines(store)) == 40
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_others_cannot_read_the_file(tmp_path: Path) -> None:
    Corrections(tmp_path / "own" / "c.sqlite").close()
    assert stat.S_IMODE((tmp_path / "own" / "c.sqlite").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == 0o700


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("不是数据库" * 1000, encoding="utf-8")
    with pytest.raises(CorrectionsError, match=r"cannot be opened.*--no-corrections"):
        Corrections(path)


@pytest.mark.parametrize(
    ("table", "version"), [("bookmarks", 0), ("bookmarks", 1), ("corrections", 0)]
)
def test_a_database_of_something_else_is_refused_and_left_as_it_was(
    tmp_path: Path, table: str, version: int
) -> None:
    path = tmp_path / "theirs.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE {table} (id INTEGER, text TEXT)")
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(CorrectionsError, match=r"something else.*--no-corrections"):
        Corrections(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["theirs.sqlite"]


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "c.sqlite") as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(CorrectionsError, match=r"format 9.*pip install --upgrade"):
        Corrections(tmp_path / "c.sqlite")


def test_a_failed_write_keeps_nothing_and_says_so(tmp_path: Path, model_folder: Path) -> None:
    path = tmp_path / "c.sqlite"
    with serving(model_folder, corrections=path) as client:
        post(client, {"text": WATER, "topics": []})
        with sqlite3.connect(path) as other:
            other.execute(
                "CREATE TRIGGER full BEFORE INSERT ON corrections "
                "WHEN new.text = 'b' BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            )
        other.close()
        response = post(client, {"text": "a", "topics": []}, {"text": "b", "topics": []})
        assert response.status_code == 503
        assert "disk is full" in response.json()["detail"]
        assert [json.loads(line)["text"] for line in exported(client)] == [WATER]


def exported(client: httpx.Client) -> list[str]:
    response = client.get("/v1/corrections")
    assert response.headers["content-type"].startswith("application/x-ndjson")
    return response.text.splitlines()


def test_corrections_that_cannot_be_read_are_503(model_folder: Path, tmp_path: Path) -> None:
    with serving(model_folder, corrections=tmp_path / "c.sqlite") as client:
        with sqlite3.connect(tmp_path / "c.sqlite") as other:
            other.execute("DROP TABLE corrections")
        other.close()
        response = client.get("/v1/corrections")
    assert response.status_code == 503
    assert "cannot be read" in response.json()["detail"]


def test_the_service_keeps_corrections_and_exports_a_corpus(
    model_folder: Path, tmp_path: Path
) -> None:
    with serving(model_folder, corrections=tmp_path / "c.sqlite") as client:
        response = post(
            client,
            {"text": WATER, "topics": ["水利", "health"], "predicted": ["water"]},
            {"text": FRAUD, "topics": []},
            model="small",
        )
        assert response.status_code == 201
        assert response.json()["kept"] == 2
        found = [json.loads(line) for line in exported(client)]
        digest = response.json()["model"]["digest"]
    assert [(one["topics"], one["predicted"]) for one in found] == [
        (["water", "health"], ["water"]),
        # What the service itself would have said, where the client does not say what it showed.
        ([], ["fraud-prevention"]),
    ]
    assert {one["model_digest"] for one in found} == {digest}


def test_the_digest_of_the_model_that_predicted_is_kept(model_folder: Path, tmp_path: Path) -> None:
    with serving(model_folder, corrections=tmp_path / "c.sqlite") as client:
        post(client, {"text": WATER, "topics": [], "digest": "a" * 64})
        assert json.loads(exported(client)[0])["model_digest"] == "a" * 64


def test_corrections_are_predicted_anew_while_others_are_served(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_up = []
    classify = TopicClassifier.classify

    def seen(model: TopicClassifier, text: str) -> Prediction:
        held_up.append(in_event_loop())
        return classify(model, text)

    with serving(model_folder, corrections=tmp_path / "c.sqlite") as client:
        monkeypatch.setattr(TopicClassifier, "classify", seen)
        assert post(client, {"text": WATER, "topics": []}).status_code == 201
    assert held_up == [False]


@pytest.mark.parametrize("wrong", ["topics", "predicted"])
def test_of_many_wrong_corrections_the_first_is_told(
    model_folder: Path, tmp_path: Path, wrong: str
) -> None:
    one = {"text": WATER, "topics": [], wrong: [1] * 10}
    with serving(model_folder, corrections=tmp_path / "c.sqlite") as client:
        response = post(client, *[one] * 1000)
    assert response.status_code == 422
    assert f"body.corrections.0.{wrong}.0: " in response.json()["detail"]
    assert "(and 9 more)" in response.json()["detail"]


def test_training_can_read_the_export(model_folder: Path, tmp_path: Path) -> None:
    with serving(model_folder, corrections=tmp_path / "c.sqlite") as client:
        post(client, {"text": WATER, "topics": ["water"]}, {"text": "人物故事", "topics": []})
        response = client.get("/v1/corrections")
        assert response.headers["Content-Disposition"] == (
            'attachment; filename="corrections.jsonl"'
        )
        file = tmp_path / "corrections.jsonl"
        file.write_bytes(response.content)
    corpus = classifier.read_corpus(file)
    assert [(one.text, tuple(one.topics)) for one in corpus.examples] == [
        (WATER, ("water",)),
        ("人物故事", ()),
    ]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"text": "", "topics": []}, "at least 1 character"),
        ({"text": " \n", "topics": []}, "corrections.0.text"),
        ({"text": WATER, "topics": ["watre"]}, "corrections.0.topics: topic 'watre'"),
        ({"text": WATER, "topics": [], "predicted": ["x"]}, "corrections.0.predicted"),
        ({"text": WATER, "topics": [], "digest": "short"}, "digest"),
        ({"text": WATER}, "Field required"),
    ],
)
def test_what_makes_no_correction_is_refused(
    model_folder: Path, tmp_path: Path, wrong: dict[str, Any], says: str
) -> None:
    with serving(model_folder, corrections=tmp_path / "c.sqlite") as client:
        response = post(client, wrong)
        assert response.status_code == 422
        assert says in response.json()["detail"]
        assert exported(client) == []


@pytest.mark.parametrize("topics", [[], ["water", "health"]])
def test_a_correction_by_classes_that_exclude_each_other_names_one(
    model: TopicClassifier, tmp_path: Path, topics: list[str]
) -> None:
    save(replace(model, exclusive=True), tmp_path / "classes")
    with serving(tmp_path / "classes", corrections=tmp_path / "c.sqlite") as client:
        response = post(client, {"text": WATER, "topics": topics})
        assert response.status_code == 422
        assert f"names {len(topics)} topics, where each text" in response.json()["detail"]
        assert post(client, {"text": WATER, "topics": ["water"]}).status_code == 201


def test_without_corrections_there_is_nothing_to_post_or_get(model_folder: Path) -> None:
    with serving(model_folder) as client:
        for response in (
            post(client, {"text": WATER, "topics": []}),
            client.get("/v1/corrections"),
        ):
            assert response.status_code == 404
            assert "--no-corrections" in response.json()["detail"]


def test_a_kill_under_load_loses_no_acknowledged_correction(
    model_folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "c.sqlite"
    acknowledged: list[str] = []

    def correct(url: str, worker: int) -> None:
        with httpx.Client(base_url=url) as client:
            for number in range(10_000):
                text = f"标题 {worker}-{number}"
                try:
                    response = post(client, {"text": text, "topics": []})
                except httpx.TransportError:
                    return
                if response.status_code == 201:
                    acknowledged.append(text)

    with (
        Server(model_folder, "--corrections", str(path)) as server,
        concurrent.futures.ThreadPoolExecutor(4) as pool,
    ):
        for worker in range(4):
            pool.submit(correct, server.url, worker)
        while len(acknowledged) < 50:
            assert server.process.poll() is None
        server.process.kill()
    with (
        Server(model_folder, "--corrections", str(path)) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        kept = {json.loads(line)["text"] for line in exported(client)}
    assert len(acknowledged) >= 50
    assert set(acknowledged) <= kept
