"""The shell door: one file a verb.

A verb reads its options, calls a public function and prints. To add one, write
``classifier/cli/<verb>.py`` with a `click.Command` called ``command`` and name it in ``VERBS``. The
head of each file is run for ``--help``, so what a verb needs is imported in its function.
Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 our error
in one plain message, 2 wrong usage.
"""

import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import click

from classifier.errors import ClassifierError

VERBS = (
    "tag",
    "article",
    "split",
    "explain",
    "train",
    "evaluate",
    "check",
    "topics",
    "models",
    "serve",
    "bench",
)


class _Verbs(click.Group):
    """The verbs, each module imported when its verb is called, or its help shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"classifier.cli.{cmd_name}").command
        return command

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        with _errors_told():  # the group's own --help and --version print here
            return super().make_context(*args, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        with _errors_told():
            return super().invoke(ctx)


@contextmanager
def _errors_told() -> Iterator[None]:
    """Turn our errors, and those of files and streams, into one plain message."""
    try:
        yield
    except ClassifierError as error:
        raise click.ClickException(str(error)) from error
    except SystemExit as end:
        # rich ends the program with 1 where it meets a closed pipe.
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        raise click.exceptions.Exit(0) from end
    except BrokenPipeError as error:
        # The reader, `head` say, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(0) from error
    except OSError as error:
        # Standard output that is full has no name.
        where = error.filename or "a file or stream cannot be read or written"
        raise click.ClickException(f"{where}: {error.strerror or error}") from error


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from classifier import __version__

        click.echo(f"classifier {__version__}")
        ctx.exit()


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Topics for Chinese public-affairs headlines and paragraphs.

    \b
    Example:
      echo 女子轻信刷单返利损失八千元 | classifier tag -

    Tab completion: see "Shell completion" in the README.
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        _speak_utf8(stream)
    cli.main(args=args, prog_name="classifier")


def _speak_utf8(stream: TextIO) -> None:
    """Write UTF-8 whatever the machine's own code page is; a lone surrogate as JSON escapes it."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")
