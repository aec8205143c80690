"""What README and the recipes promise: its code runs, its commands run, its files are there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

from classifier.cli import VERBS
from tests.conftest import make_texts

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def blocks(readme: Path, language: str) -> list[str]:
    text = readme.read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def command_lines(readme: Path) -> list[str]:
    lines = [
        line.partition("   #")[0].strip()
        for block in blocks(readme, "sh")
        for line in block.splitlines()
    ]
    return [line for line in lines if re.match(r"(echo .*\| )?classifier ", line)]


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.name)
def test_its_python_runs(readme: Path) -> None:
    found = blocks(readme, "python")
    assert found
    for block in found:
        exec(compile(block, str(readme), "exec"), {})  # noqa: S102 - our own page


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that README's commands name."""
    folder = tmp_path_factory.mktemp("office")
    headlines = [text for text, _ in make_texts(30)]
    for name in ("headlines.txt", "list.txt"):
        (folder / name).write_text("\n".join(headlines) + "\n", encoding="utf-8")
    (folder / "frontpage.txt").write_text(" ".join(headlines) + "\n", encoding="utf-8")
    page = "你当前位置:首页 >要闻 >\n修通水渠惠及千亩田\n2021-01-13 19:03:43来源:县融媒体中心\n"
    (folder / "page.txt").write_text(
        f"{page}\n　　水渠修通了，灌区农户放心了。\n", encoding="utf-8"
    )
    for name, seed in (("labelled.csv", 1), ("held-out.csv", 2)):
        rows = [f"{text},{'|'.join(topics)}" for text, topics in make_texts(200, seed)]
        (folder / name).write_text("\n".join(["text,topics", *rows]) + "\n", encoding="utf-8")
    corrections = [
        {"text": text, "topics": list(topics), "model": "public-affairs"}
        for text, topics in make_texts(20, seed=3)
    ]
    (folder / "corrections.jsonl").write_text("\n".join(map(json.dumps, corrections)), "utf-8")
    with xlsxwriter.Workbook(str(folder / "list.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_column(0, 0, ["标题", *headlines])
    return folder


def test_its_commands_run_in_order(office: Path) -> None:
    lines = command_lines(READMES[0])
    assert len(lines) > 6
    for line in lines:
        if line.startswith("classifier serve"):
            continue
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(  # noqa: S602 - our own page, pipes and all
            line,
            shell=True,
            cwd=office,
            capture_output=True,
            encoding="utf-8",
            check=False,
            env={**os.environ, "PATH": path},
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert done.stdout or done.stderr


def test_every_verb_is_in_readme() -> None:
    text = READMES[0].read_text(encoding="utf-8")
    for verb in VERBS:
        assert f"classifier {verb}" in text, verb


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.name)
def test_every_file_that_readme_names_is_there(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    for name in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"`((?:training|classifier|models)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), name


def test_no_page_or_code_names_a_path_of_one_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    ).stdout.split()
    for name in listed:
        if name.endswith((".py", ".md", ".toml", ".html", ".js", "Makefile")):
            text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
            assert not re.search(r"/(?:home|root|work|Users)/\w", text), name
