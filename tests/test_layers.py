"""A file imports only from files of a lower layer, heavy packages only inside functions."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "classifier"

LAYERS = {
    "errors": 0,
    "lazy": 0,
    "taxonomy": 1,
    "text": 1,
    "predictions": 2,
    "tokens": 2,
    "tables": 2,
    "documents": 2,
    "vectors": 3,
    "corpus": 3,
    "metrics": 3,
    "features": 3,
    "linear": 4,
    "articles": 4,
    "choosing": 4,
    "model": 5,
    "splitter": 5,
    "report": 5,
    "artefact": 6,
    "trainer": 7,
    "batch": 7,
    "speed": 7,
    "service": 8,
    "cli": 9,
}
# Subjects that must not meet, whatever their layers.
NEVER = {("model", "artefact"), ("service", "trainer")}
LIGHT = {"numpy", "click", "rjieba", "jieba", "opencc"}


def modules() -> list[Path]:
    return sorted(
        path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem[:2] != "__"
    )


def subject(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    """Return the modules that a tree imports anywhere, functions and typing blocks included."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_lower_layers(path: Path) -> None:
    here = subject(path)
    assert here in LAYERS, f"give {here} a layer"
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        parts = name.split(".")
        if parts[0] in ("training", "tests"):
            pytest.fail(f"{path.name} imports {name}")
        if parts[0] != "classifier" or len(parts) < 2 or parts[1] not in LAYERS:
            continue
        assert parts[1] == here or LAYERS[parts[1]] < LAYERS[here], f"{path.name} imports {name}"
        assert (here, parts[1]) not in NEVER, f"{path.name} imports {name}"


def test_tagging_imports_numpy_rjieba_and_opencc_alone() -> None:
    code = (
        "import sys, classifier\n"
        "classifier.load().predict(['修通水渠', '臺灣鄉村', 'ＡＢＣ'])\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    loaded = set(_run(code).split())
    assert "rjieba" in loaded
    heavy = {
        "sklearn",
        "scipy",
        "jieba",
        "joblib",
        "pyarrow",
        "rich",
        "click",
        "fastapi",
        "matplotlib",
    }
    assert not loaded & heavy


def test_importing_the_package_loads_nothing_and_says_nothing() -> None:
    loaded = _run("import sys, classifier; print(*sys.modules)").split()
    assert {name for name in loaded if name.startswith("classifier")} == {
        "classifier",
        "classifier.lazy",
    }
    assert not {"numpy", "rjieba", "logging"} & set(loaded)


def test_help_imports_neither_numpy_nor_a_dictionary() -> None:
    code = (
        "import sys\nfrom classifier.cli import cli\n"
        "cli.main(['--help'], standalone_mode=False)\nprint(*sys.modules)"
    )
    assert not {"numpy", "rjieba", "sklearn", "rich"} & set(_run(code).split())


@pytest.mark.parametrize("module", ["fcntl", "resource", "termios", "pwd", "grp"])
def test_tagging_works_without_what_only_posix_has(module: str) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from classifier.cli import cli\n"
        "cli.main(['tag', '-', '--to', 'jsonl', '--quiet'], standalone_mode=False)"
    )
    assert '"fraud-prevention"' in _run(code, stdin="女子轻信刷单返利损失八千元\n")


def _run(code: str, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout
