"""Files in and out: what is pasted or dropped on the page, what is downloaded from it."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from classifier.service import files
from classifier.service.settings import MAX_CHARS, MAX_ROWS, Settings
from classifier.tables import open_table, open_writer
from tests.service_kit import BINARY, FRAUD, WATER, serving

HEADLINES = [WATER, FRAUD, "人物故事"]
# Not UTF-8 any more after the first megabyte, by which the encoding is found.
LATE = b"text\n" + ("修通水渠" * 5 + "\n").encode() * 20_000 + b"\x81 \n"
ROW = {
    "text": WATER,
    "topics": ["water", "health"],
    "topic_names": ["水利", "医疗"],
    "probabilities": [0.97, 0.5],
    "decision": "accept",
}


@pytest.fixture(scope="module")
def client(model_folder: Path) -> Iterator[TestClient]:
    with serving(model_folder) as client:
        yield client


def read(client: TestClient, content: bytes, name: str = "", **query: str) -> httpx.Response:
    return client.post("/v1/read", content=content, headers=BINARY, params={"name": name} | query)


def texts_of(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    texts: list[str] = response.json()["texts"]
    return texts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_list_is_read_in_any_encoding(client: TestClient, encoding: str) -> None:
    content = "\r\n".join([*HEADLINES, "", ""]).encode(encoding)
    response = read(client, content, "标题.txt")
    assert texts_of(response) == HEADLINES
    assert response.json()["kind"] == "headlines"


def test_a_paste_is_one_headline_a_list_or_an_article(client: TestClient) -> None:
    article = "春灌开闸放水\n2021-03-05 来源：沙湖日报\n今天上午，干渠开闸放水，惠及群众。"
    for text, kind in ((WATER, "headline"), ("\n".join(HEADLINES), "headlines")):
        assert read(client, text.encode()).json()["kind"] == kind
    assert read(client, article.encode()).json() == {
        "kind": "article",
        "texts": [article],
        "encoding": "utf-8",
        "column": None,
    }


def test_html_is_an_article(client: TestClient) -> None:
    page = '<html><meta charset="gbk"><body><p>今天上午，干渠开闸放水。</p></body></html>'
    response = read(client, page.encode("gbk"), "page.html")
    assert response.json()["kind"] == "article"
    assert texts_of(response) == [page]


def test_the_kind_can_be_said(client: TestClient) -> None:
    content = "\n".join(HEADLINES).encode()
    assert texts_of(read(client, content, kind="article")) == ["\n".join(HEADLINES)]
    assert texts_of(read(client, f"  {WATER} \n".encode(), kind="headline")) == [WATER]
    assert texts_of(read(client, WATER.encode(), kind="headlines")) == [WATER]
    assert read(client, content, kind="poem").status_code == 422


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx", ".jsonl"])
def test_a_table_is_read_by_its_suffix(client: TestClient, tmp_path: Path, suffix: str) -> None:
    from classifier.tables import Chunk, Row, place_results, result_columns

    path = tmp_path / ("list" + suffix)
    placement = place_results(["编号", "标题"], nested=suffix == ".jsonl")
    rows = [Row(n, {"编号": n, "标题": text}, text) for n, text in enumerate(HEADLINES, 1)]
    with open_writer(path, columns=placement.columns) as writer:
        results: dict[str, list[object]] = {
            name: [[] if name == "topics" else "none"] * 3
            for name in result_columns(nested=suffix == ".jsonl")
        }
        writer.write_chunk(Chunk(rows), results, placement)
    response = read(client, path.read_bytes(), path.name)
    assert texts_of(response) == HEADLINES
    assert response.json()["kind"] == "headlines"
    assert response.json()["column"] == "标题"


@pytest.mark.parametrize(
    ("content", "name", "status", "says"),
    [
        (b"%PDF-1.7", "a.pdf", 415, ".pdf is not read here"),
        (b"%PDF-1.7", "a.txt", 415, "not read here"),
        (gzip.compress(b"x" * 1000), "a.csv", 415, "unpack the file first"),
        (gzip.compress(b"x" * 1000), "a.txt", 415, "not read here"),
        (b"PK\x03\x04" + b"x" * 50, "a.xlsx", 422, "xlsx"),
        (b"\xff\xff\xff\x81\x00\xfe" * 20, "a.txt", 422, "a.txt"),
    ],
)
def test_what_cannot_be_read_is_told(
    client: TestClient, content: bytes, name: str, status: int, says: str
) -> None:
    response = read(client, content, name)
    assert response.status_code == status
    assert says in response.json()["detail"]


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (
            "编号,内容\n1,修通水渠\n".encode(),
            "a.csv",
            "; rename the column of headlines to 标题 or",
        ),
        (b"\xff\xff\xff\x81\x00\xfe" * 20, "a.csv", "; save it in UTF-8"),
        (b"\xff\xff\xff\x81\x00\xfe" * 20, "a.txt", "; save it in UTF-8"),
        (LATE, "a.csv", "; save it in UTF-8, or mend the file"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 50, "a.csv", ", not text; name it .xlsx"),
        (b"PAR1" + b"x" * 50, "a.csv", ", not text; save it as CSV"),
        (b"\x89PNG\r\n\x1a\n", "a.txt", "is a picture (PNG), not text; save what it says as text"),
    ],
)
def test_advice_is_for_one_who_has_a_browser(
    client: TestClient, content: bytes, name: str, says: str
) -> None:
    response = read(client, content, name)
    assert response.status_code == 422
    assert says in response.json()["detail"]
    assert "--" not in response.json()["detail"]


def test_a_message_names_no_path_of_the_machine(client: TestClient) -> None:
    assert "/tmp" not in read(client, b"PK\x03\x04" + b"x" * 50, "a.xlsx").text  # noqa: S108


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(client: TestClient) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.xml", b"\0" * (70 << 20))
    assert len(bomb.getvalue()) < 1 << 20
    response = read(client, bomb.getvalue(), "a.xlsx")
    assert response.status_code == 413
    assert "once unpacked" in response.json()["detail"]


def test_too_many_rows_and_too_long_texts_are_413(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_ROWS", 2)
    monkeypatch.setattr(files, "MAX_PAGE_CHARS", 10)
    for name in ("a.txt", "a.csv"):
        response = read(client, "\n".join(["标题", *HEADLINES]).encode(), name, kind="headlines")
        assert response.status_code == 413
        assert "classifier tag" in response.json()["detail"]
    assert read(client, ("字" * 11).encode(), kind="article").status_code == 413


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("joint", ["\t", ","])
def test_a_table_copied_from_a_sheet_is_read_as_one(
    client: TestClient, joint: str, encoding: str
) -> None:
    lines = [["日期", "标题"], ["1月2日", WATER], ["1月3日", "人物故事"]]
    pasted = "\r\n".join(map(joint.join, lines)).encode(encoding)
    for name in ("", "a.txt"):
        found = read(client, pasted, name).json()
        assert (found["kind"], found["texts"]) == ("headlines", [WATER, "人物故事"])
        assert (found["column"], found["encoding"]) == ("标题", encoding)
    assert len(read(client, pasted, kind="article").json()["texts"]) == 1


def test_a_cell_too_long_is_refused_rather_than_cut(client: TestClient) -> None:
    longest = "字" * MAX_CHARS
    assert read(client, f"标题\n{longest}\n".encode(), "a.csv").json()["texts"] == [longest]
    response = read(client, f"标题\n短\n{longest}字\n".encode(), "a.csv")
    assert response.status_code == 413
    assert "has a text of 10,001 characters, and one has at most" in response.json()["detail"]


def export(client: TestClient, write_as: str, *rows: dict[str, Any]) -> bytes:
    response = client.post("/v1/export", json={"format": write_as, "rows": list(rows)})
    assert response.status_code == 200, response.text
    assert f'filename="topics.{write_as}"' in response.headers["content-disposition"]
    return response.content


def test_results_to_write_may_be_longer_than_what_is_sent_to_be_tagged(model_folder: Path) -> None:
    rows = [ROW] * 50
    with serving(model_folder, max_body_bytes=2000) as client:
        assert len(export(client, "csv", *rows)) > 2000
        limits = client.get("/v1/models").json()["limits"]
        response = client.post("/v1/export", json={"format": "csv", "rows": rows * 10})
        assert response.status_code == 413
        assert f"{limits['max_export_bytes']:,} bytes" in response.json()["detail"]
        assert client.post("/v1/tag", json={"texts": [WATER] * 50}).status_code == 413


def test_as_many_rows_as_a_dropped_file_may_have_can_be_written() -> None:
    row = ROW | {"text": WATER * 4}
    n_bytes = len(json.dumps(row, ensure_ascii=False).encode())
    assert n_bytes * MAX_ROWS < Settings().max_export_bytes


@pytest.mark.parametrize("write_as", ["csv", "xlsx"])
def test_an_exported_file_holds_the_rows(client: TestClient, tmp_path: Path, write_as: str) -> None:
    path = tmp_path / f"topics.{write_as}"
    path.write_bytes(export(client, write_as, ROW, ROW | {"text": "", "topics": []}))
    with open_table(path, text_column="text") as table:
        first, second = (row.values for row in table)
    assert first["text"] == WATER
    assert first["topics"] == "water|health"
    assert first["topic_names"] == "水利|医疗"
    assert first["decision"] == "accept"
    assert not second["topics"]


def test_an_exported_csv_opens_in_a_spreadsheet_and_runs_nothing(client: TestClient) -> None:
    content = export(client, "csv", ROW | {"text": "=HYPERLINK(1)"})
    assert content.startswith(b"\xef\xbb\xbf")
    assert "'=HYPERLINK(1)" in content.decode("utf-8-sig")


def test_a_format_that_is_not_written_is_422(client: TestClient) -> None:
    response = client.post("/v1/export", json={"format": "parquet", "rows": []})
    assert response.status_code == 422


def test_a_misspelt_question_is_refused(client: TestClient) -> None:
    response = client.post("/v1/read?nmae=a.txt", content=b"a", headers=BINARY)
    assert response.status_code == 422
    assert "nmae" in response.text
