"""Options and small things that several verbs share."""

import math
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from classifier.model import Options, TopicClassifier

READ = ("text", "csv", "tsv", "jsonl", "json", "xlsx", "parquet")

Command = TypeVar("Command", bound=Callable[..., object])

model_option = click.option(
    "--model",
    default="public-affairs",
    show_default=True,
    metavar="NAME|PATH",
    help="A shipped model's name, or a model's folder.",
)
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Say nothing on standard error.")
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Processes that tag a long input; by default as many as there are cores.",
)
force_option = click.option("--force", is_flag=True, help="Overwrite an existing output.")
encoding_option = click.option(
    "--encoding",
    metavar="NAME",
    help="Encoding of the input (utf-8, gb18030, big5 …); found by itself by default.",
)


class RealRange(click.FloatRange):
    """A range of real numbers: NaN, which compares with no bound, lies in none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return number


def corpus_options(command: Command) -> Command:
    """Add --from and the options that name the columns of labelled texts."""
    for option in (
        click.option("--label-column", metavar="NAME", help="Column that holds the topics."),
        click.option("--text-column", metavar="NAME", help="Column that holds the texts."),
        click.option("--from", "read_as", type=click.Choice(READ), help="Format of CORPUS."),
    ):
        command = option(command)
    return command


def prediction_options(command: Command) -> Command:
    """Add --model and the options that choose among topics."""
    for option in (
        click.option("--max-topics", type=click.IntRange(min=0), help="Most topics a text gets."),
        click.option(
            "--min-probability",
            type=RealRange(0, 1),
            default=0.0,
            help="Leave out topics below this probability.",
        ),
        click.option("--exclude-topics", metavar="ID,…", help="Topics to leave out."),
        click.option("--topics", metavar="ID,…", help="Consider these topics alone."),
        model_option,
    ):
        command = option(command)
    return command


def load_model(model: str) -> "TopicClassifier":
    """Load the model that --model names."""
    from classifier.artefact import load

    return load(model)


def read_options(
    model: "TopicClassifier",
    topics: str | None,
    exclude_topics: str | None,
    min_probability: float,
    max_topics: int | None,
) -> "Options":
    """Turn the options' values into `classifier.Options`; topics by id or by Chinese name."""
    from classifier.model import Options

    return Options(
        topics=None if topics is None else resolve_topics(model, topics, "--topics"),
        exclude_topics=resolve_topics(model, exclude_topics or "", "--exclude-topics"),
        min_probability=min_probability,
        max_topics=max_topics,
    )


def resolve_topics(model: "TopicClassifier", names: str, option: str) -> tuple[str, ...]:
    """Return the ids of topics that an option names, by id or by Chinese name."""
    from classifier.errors import UnknownTopicError
    from classifier.taxonomy import Taxonomy

    taxonomy = Taxonomy(model.topics)
    wanted = names.replace("，", ",").replace("、", ",").split(",")
    try:
        found = tuple(taxonomy.resolve(name) for name in wanted if name.strip())
    except UnknownTopicError as error:
        raise click.BadParameter(str(error), param_hint=option) from error
    if not found and option == "--topics":
        raise click.BadParameter("names no topic; leave it out for all", param_hint=option)
    return found


def refuse_beside_base(base: str | None, given: Sequence[str]) -> None:
    """Refuse options that have no say where a model is started from."""
    if base is not None and given:
        raise click.UsageError(
            f"{given[0]} has no effect with --base: topics, terms and settings are that model's"
        )


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def keep_threads_out() -> None:
    """Keep numpy's matrix library, which tagging never calls, from starting threads of its own.

    Beside a thread no process can be forked, see `classifier.batch.workers`. To be called before
    numpy is imported; what the user set stays.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def say(message: str, *, quiet: bool = False) -> None:
    """Tell the person something on standard error."""
    if not quiet:
        click.echo(message, err=True)


def inputs_or_stdin(inputs: tuple[str, ...]) -> tuple[str, ...]:
    """Return the inputs, or standard input where none is named and it is no terminal."""
    if inputs:
        return inputs
    if sys.stdin.isatty():
        raise click.UsageError("name an input file, or '-' for standard input")
    return ("-",)
