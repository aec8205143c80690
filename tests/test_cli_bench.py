"""``classifier bench``: what it tells, never how fast this machine is."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import classifier.speed.machine as machine_module
import classifier.speed.measuring as measuring
from classifier import __version__
from classifier.cli import cli
from classifier.model import TopicClassifier
from classifier.speed import (
    N_TEXTS,
    STAGES,
    Machine,
    Spread,
    in_turn,
    made_texts,
    measure_speed,
    resident_mb,
    time_stages,
)
from classifier.speed.stages import _Way, set_up_once
from tests.conftest import ODD_TEXTS, make_texts

SPREADS = {
    "load_ms", "one_us", "batch_per_s", "segment_us", "loop_us", "batch_in_segments",
    "one_in_loops",
}  # fmt: skip


def bench(folder: Path, *args: object, stdin: str | None = None, code: int = 0) -> Result:
    words = ["bench", "--model", str(folder), *map(str, args)]
    result = CliRunner().invoke(cli, words, input=stdin)
    assert result.exit_code == code, result.output
    return result


def figures(folder: Path, *args: object, stdin: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bench(folder, *args, "--to", "json", stdin=stdin).stdout)
    return found


def test_json_has_every_figure_and_all_are_positive(model_folder: Path) -> None:
    found = figures(model_folder, "--texts", 20)
    assert set(found) == SPREADS | {
        "model", "version", "digest", "n_terms", "n_topics", "texts", "machine", "memory_mb",
        "stages", "segmenter",
    }  # fmt: skip
    assert found["model"] == "small"
    assert found["n_topics"] == 4
    for name in SPREADS:
        assert 0 < found[name]["low"] <= found[name]["median"] <= found[name]["high"], name
    assert found["segmenter"] in ("rjieba", "jieba")
    assert {"numpy", "rjieba"} <= set(found["machine"]["libraries"])
    assert found["machine"]["package"] == __version__
    assert found["machine"]["cores"] == os.cpu_count()


def test_stages_are_named_in_the_order_of_a_texts_way_and_positive(model_folder: Path) -> None:
    stages = figures(model_folder, "--texts", 3)["stages"]
    names = [stage["name"] for stage in stages]
    assert names == list(STAGES)
    assert names.index("fold") < names.index("segment") < names.index("margins")
    for stage in stages:
        assert stage["batch_us"] > 0
        assert stage["one_us"] > 0


def test_made_texts_are_said_to_be_made(model_folder: Path) -> None:
    assert figures(model_folder, "--texts", 5)["texts"]["seed"] == 0
    assert "they are no headlines" in " ".join(bench(model_folder, "--texts", 5).stdout.split())


def test_a_list_of_any_format_is_measured_with(model_folder: Path, tmp_path: Path) -> None:
    lines, table = tmp_path / "list.txt", tmp_path / "list.csv"
    lines.write_text("1. 修通水渠\n\n2. 医院义诊\n3. 开学\n", encoding="utf-8")
    table.write_text("编号,标题\n1,修通水渠\n2,\n3,医院义诊\n", encoding="gb18030")
    found = figures(model_folder, lines)["texts"]
    assert found == {"n_texts": 3, "mean_characters": pytest.approx(10 / 3, abs=1e-3), "seed": None}
    found = figures(model_folder, table)["texts"]
    assert found == {"n_texts": 2, "mean_characters": 4, "seed": None}
    assert figures(model_folder, "-", stdin="修通水渠\n医院义诊\n")["texts"]["n_texts"] == 2
    assert figures(model_folder, lines, "--texts", 2)["texts"]["n_texts"] == 2
    assert "from " + str(lines) in "".join(bench(model_folder, lines).stdout.split("\n"))


def test_tables_name_every_stage_and_both_references(model_folder: Path) -> None:
    shown = bench(model_folder, "--texts", 5).stdout
    for what in (*STAGES, "segmenting alone", "a loop in Python", "headlines/s", "numpy"):
        assert what in shown, what


def test_quiet_says_nothing_on_standard_error(model_folder: Path) -> None:
    assert bench(model_folder, "--texts", 2, "--quiet").stderr == ""
    assert "some seconds" in bench(model_folder, "--texts", 2).stderr


def test_wrong_usage_and_our_errors(model_folder: Path, tmp_path: Path) -> None:
    bench(model_folder, "--texts", 0, code=2)
    bench(model_folder, "--to", "jsonl", code=2)
    empty = tmp_path / "empty.txt"
    empty.write_text("\n \n", encoding="utf-8")
    assert "has no text to measure with" in bench(model_folder, empty, code=1).stderr
    assert "none.txt" in bench(model_folder, tmp_path / "none.txt", code=1).stderr
    bench(tmp_path / "no-model", code=1)


def test_the_default_of_the_shell_is_that_of_python() -> None:
    parameter = inspect.signature(measure_speed).parameters["n_texts"]
    command = cli.get_command(None, "bench")  # type: ignore[arg-type]  # it takes no context
    assert command is not None
    (option,) = (one for one in command.params if one.name == "n_texts")
    assert option.default == parameter.default == N_TEXTS


@pytest.mark.parametrize("module", ["fcntl", "resource"])
def test_it_works_without_what_only_posix_has(module: str, model_folder: Path) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from classifier.cli import cli\n"
        "cli.main(['bench', '--model', sys.argv[1], '--texts', '2', '--to', 'json', '--quiet'],"
        " standalone_mode=False)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, model_folder], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["batch_per_s"]["median"] > 0


# classifier.speed


def test_the_steps_together_are_what_predict_does(model: TopicClassifier) -> None:
    ends = "[视频] 修通水渠（记者 马小山） 2021-03-05 [详细]"
    texts = [ends, *(text for text, _ in make_texts(50, seed=5)), *ODD_TEXTS]
    way = _Way(model, set_up_once(model), texts)
    for step in STAGES.values():
        step(way)
    assert way.predictions == model.predict(texts)
    assert set(time_stages(model, texts[:3], size=1, rounds=1)) == set(STAGES)


def test_made_texts_are_of_known_words_and_the_same_each_time(model: TopicClassifier) -> None:
    texts = made_texts(model, 30)
    assert texts == made_texts(model, 30)
    assert len(set(texts)) > 20
    assert model.features.transform(texts).known.all()
    assert set("".join(texts)) <= {" ", *"".join(model.features.vocabulary.words)}


def test_too_few_texts_or_rounds_are_refused(model_folder: Path) -> None:
    with pytest.raises(ValueError, match="at least 1, got 0 and 5"):
        measure_speed(model_folder, n_texts=0)
    with pytest.raises(ValueError, match="at least 1, got 1 and 0"):
        measure_speed(model_folder, n_texts=1, rounds=0)
    with pytest.raises(ValueError, match="there is no text to measure with"):
        measure_speed(model_folder, [])


def test_headlines_of_the_first_round_do_not_count(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = iter([9.0, 1.0, 2.0, 3.0])

    def each(_: object, texts: list[str]) -> list[float]:
        return [next(rounds)] * len(texts)

    monkeypatch.setattr(measuring, "_each", each)
    found = measure_speed(model_folder, ["修通水渠"], rounds=3).one_us
    assert found == Spread(2e6, 1e6, 3e6)


def test_runs_take_turns_and_the_first_round_does_not_count() -> None:
    done: list[str] = []
    seconds = in_turn({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, 2)
    assert done == ["a", "b"] * 3
    assert [len(of_one) for of_one in seconds.values()] == [2, 2]


def test_spreads() -> None:
    assert Spread.of([3, 1, 2]) == Spread(2, 1, 3)
    assert Spread.of_middle([*range(1, 101)]) == Spread(50.5, 6, 95)
    assert Spread.of_middle([7]) == Spread(7, 7, 7)


def test_memory_is_told_where_the_system_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = resident_mb()
    if now is not None:
        assert 1 < now < 1e5

    class Nowhere:
        def __init__(self, path: str) -> None:
            self.path = path

        def read_text(self, **_: str) -> str:
            raise FileNotFoundError(self.path)

    monkeypatch.setattr(machine_module, "Path", Nowhere)
    most = resident_mb()
    assert most is None or most > 1
    assert Machine.here().processor
    monkeypatch.setitem(sys.modules, "resource", None)
    assert resident_mb() is None


def test_a_library_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_module, "_LIBRARIES", ("numpy", "no-such-library"))
    assert list(Machine.here().libraries) == ["numpy"]


def test_a_report_as_plain_data_survives_json(model_folder: Path) -> None:
    whole = measure_speed(model_folder, ["修通水渠"], rounds=1).to_dict()
    assert json.loads(json.dumps(whole)) == whole
