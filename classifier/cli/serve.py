"""``classifier serve``: the HTTP service and its page."""

from typing import TYPE_CHECKING

import click

from classifier.cli.options import RealRange, say

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address
    from pathlib import Path


@click.command(short_help="Serve the HTTP API and the page.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 for any that is free.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="[NAME=]MODEL",
    help="A model, by name or path, and what requests call it; repeatable, the first is the "
    "default.  [default: public-affairs]",
)
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False),
    help="File of the token that clients must send; else the variable CLASSIFIER_TOKEN.",
)
@click.option(
    "--corrections",
    type=click.Path(dir_okay=False),
    help="SQLite file of corrections; by default in your data folder.",
)
@click.option("--no-corrections", is_flag=True, help="Keep no corrections.")
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name by which the service is called besides its address; repeatable.",
)
@click.option(
    "--max-body-mb",
    type=click.IntRange(1, 1024),
    default=8,
    show_default=True,
    help="Largest body of a request; results for a download may have eight times as much.",
)
@click.option(
    "--timeout",
    type=RealRange(0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Longest time for a request.",
)
def command(
    host: str,
    port: int,
    models: tuple[str, ...],
    token_file: str | None,
    corrections: str | None,
    no_corrections: bool,
    hosts: tuple[str, ...],
    max_body_mb: int,
    timeout: float,
) -> None:
    """Serve the HTTP API and a page for people.

    SIGHUP loads changed models again; SIGTERM and Ctrl+C finish the requests under way.

    \b
    Examples:
      classifier serve
      classifier serve --model public-affairs --model own=models/own
    """
    if corrections is not None and no_corrections:
        raise click.UsageError("give --corrections or --no-corrections, not both")
    import socket
    from pathlib import Path

    try:
        from classifier.service.server import serve
    except ImportError as error:
        from classifier.errors import MissingExtraError

        package = (error.name or "fastapi").partition(".")[0]
        if package == "classifier":
            raise
        raise MissingExtraError(package, extra="serve", purpose="the service") from error
    from classifier.service.settings import Settings, read_token

    token = read_token(None if token_file is None else Path(token_file))
    local = _is_loopback(host)
    if not local and token is None:
        say(
            f"warning: {host} can be reached by others, and no token is set: whoever reaches it "
            "can use it and read its corrections; set one with --token-file or CLASSIFIER_TOKEN"
        )
    settings = Settings(
        models=_models(models),
        token=token,
        corrections=None if no_corrections else _corrections(corrections),
        max_body_bytes=max_body_mb << 20,
        timeout_s=timeout,
        hosts=_hosts(host, hosts) if local or hosts else None,
    )

    def tell(port: int) -> None:
        name = _in_address(host)
        if _is_of_all(host):  # which is no address to go to
            name = hosts[0] if hosts else socket.gethostname()
            say(f"listening on all addresses of this machine, {name} among them")
        say(f"page: http://{name}:{port}/  API: /docs")

    serve(settings, host=host, port=port, on_listening=tell)


def _models(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    from pathlib import Path

    pairs = []
    for one in given or ("public-affairs",):
        name, equals, path = one.partition("=")
        # A path names its model by its last part.
        pairs.append((name, path) if equals else (Path(one).name, one))
    names = [name for name, _ in pairs]
    if "" in names or len(set(names)) < len(names):
        raise click.BadParameter(
            f"each model needs a name of its own, got {', '.join(names)}", param_hint="--model"
        )
    return tuple(pairs)


def _hosts(host: str, given: tuple[str, ...]) -> tuple[str, ...]:
    from classifier.service.settings import LOOPBACK

    return (*LOOPBACK, *(name.lower() for name in (_in_address(host), *given)))


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _corrections(file: str | None) -> "Path":
    if file is not None:
        from pathlib import Path

        return Path(file)
    import platformdirs

    return platformdirs.user_data_path("headline-classifier") / "corrections.sqlite"


def _is_loopback(host: str) -> bool:
    address = _as_ip(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_of_all(host: str) -> bool:
    address = _as_ip(host)
    return host == "" or (address is not None and address.is_unspecified)


def _as_ip(host: str) -> "IPv4Address | IPv6Address | None":
    import ipaddress

    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
