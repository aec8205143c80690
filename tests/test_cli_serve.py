"""``classifier serve``: its options, up to the point where it would serve."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from classifier.cli import cli
from classifier.service import server as server_module
from classifier.service.settings import LOOPBACK, Settings


class Served:
    """What the verb asked for."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.address: dict[str, Any] = {}

    def __call__(
        self, settings: Settings, on_listening: Callable[[int], None], **address: Any
    ) -> None:
        self.settings, self.address = settings, address
        on_listening(address["port"] or 50123)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Served:
    found = Served()
    monkeypatch.setattr(server_module, "serve", found)
    monkeypatch.delenv("CLASSIFIER_TOKEN", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return found


def run(*options: str) -> Result:
    return CliRunner().invoke(cli, ["serve", *options])


def test_by_default_it_serves_the_shipped_model_on_this_machine_alone(served: Served) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert served.address == {"host": "127.0.0.1", "port": 8000}
    assert served.settings.models == (("public-affairs", "public-affairs"),)
    assert served.settings.hosts is not None
    assert set(LOOPBACK) <= set(served.settings.hosts)
    assert served.settings.corrections is not None
    assert served.settings.corrections.name == "corrections.sqlite"
    assert result.stdout == ""
    assert "http://127.0.0.1:8000/" in result.stderr
    assert "warning" not in result.stderr


def test_the_address_that_is_told_has_the_port_that_was_bound(served: Served) -> None:
    assert "page: http://127.0.0.1:50123/ " in run("--port", "0").stderr
    assert served.address["port"] == 0


def test_help_has_an_example_a_line() -> None:
    text = run("--help").stdout
    assert "  Examples:\n    classifier serve\n    classifier serve --model" in text


def test_other_hosts_without_a_token_bring_a_warning(served: Served) -> None:
    assert "warning: 0.0.0.0 can be reached by others" in run("--host", "0.0.0.0").stderr
    assert served.settings.hosts is None


def test_of_all_addresses_one_is_told_that_others_can_open(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "office-pc")
    for host in ("0.0.0.0", "::"):
        stderr = run("--host", host).stderr
        assert "listening on all addresses of this machine, office-pc among them\n" in stderr
        assert "page: http://office-pc:8000/ " in stderr
    # The only name besides this machine's own by which it may then be called.
    assert "http://tags.lan:8000/" in run("--host", "0.0.0.0", "--allow-host", "tags.lan").stderr


def test_other_hosts_with_a_token_bring_none(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLASSIFIER_TOKEN", "sixteen-letters-and-more")
    assert "warning" not in run("--host", "0.0.0.0").stderr
    assert served.settings.token == "sixteen-letters-and-more"


def test_the_file_of_the_token_goes_before_the_environment(
    served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLASSIFIER_TOKEN", "from-the-environment")
    # As Notepad writes it.
    (tmp_path / "token").write_text("from-the-token-file\r\n", encoding="utf-8-sig")
    run("--token-file", str(tmp_path / "token"))
    assert served.settings.token == "from-the-token-file"


def test_allowed_hosts_are_kept_beside_the_address(served: Served) -> None:
    run("--host", "::1", "--allow-host", "Tags.Example")
    assert served.settings.hosts is not None
    assert {"[::1]", "tags.example", "localhost"} <= set(served.settings.hosts)


def test_models_are_named_or_named_after_their_folder(served: Served) -> None:
    run("--model", "own=models/x", "--model", "models/other", "--no-corrections")
    assert served.settings.models == (("own", "models/x"), ("other", "models/other"))
    assert served.settings.corrections is None


def test_limits_are_taken_over(served: Served, tmp_path: Path) -> None:
    run("--max-body-mb", "2", "--timeout", "1.5", "--corrections", str(tmp_path / "c.sqlite"))
    assert served.settings.max_body_bytes == 2 << 20
    assert served.settings.timeout_s == 1.5
    assert served.settings.corrections == tmp_path / "c.sqlite"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--model", "a=x", "--model", "a=y"), "a name of its own"),
        (("--model", "=x"), "a name of its own"),
        (("--corrections", "c.sqlite", "--no-corrections"), "not both"),
        (("--port", "70000"), "70000"),
        (("--timeout", "0"), "0"),
        (("--timeout", "nan"), "nan"),
    ],
)
def test_wrong_usage_is_exit_2(served: Served, options: tuple[str, ...], says: str) -> None:
    result = run(*options)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_data_folder_that_cannot_be_written_is_exit_1_in_one_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    result = run("--port", "0")
    assert result.exit_code == 1
    (message,) = result.stderr.splitlines()
    assert message.startswith(f"Error: {tmp_path / 'file'}")
    assert message.endswith("name another with --corrections, or none with --no-corrections")


def test_a_weak_token_is_exit_1(served: Served, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("weak", encoding="utf-8")
    result = run("--token-file", str(tmp_path / "token"))
    assert result.exit_code == 1
    assert "openssl rand -hex 32" in result.stderr
