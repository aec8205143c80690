"""``classifier models``: the models there are."""

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from classifier.artefact import ModelInfo


@click.group(short_help="List, show and verify models.")
def command() -> None:
    """List, show and verify models.

    \b
    Example:
      classifier models list
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def list_command(as_json: bool) -> None:
    """List the shipped models.

    \b
    Example:
      classifier models list
    """
    from classifier.artefact import list_models

    found = list_models()
    if as_json:
        click.echo(json.dumps([_as_object(info) for info in found], ensure_ascii=False, indent=2))
        return
    from classifier.cli.show import console, new_table

    table = new_table("name", "version", "kind", "size", "digest", right=["size"])
    for info in found:
        size = f"{info.size_bytes / 1e6:.1f} MB"
        table.add_row(info.name, info.version, info.kind, size, info.digest[:12])
    console().print(table)


@command.command("show")
@click.argument("model", default="public-affairs")
@click.option("--json", "as_json", is_flag=True, help="Write the whole of model.json.")
def show_command(model: str, as_json: bool) -> None:
    """Show a model's card, or its model.json.

    \b
    Example:
      classifier models show public-affairs
    """
    from classifier.artefact import info

    found = info(model)
    if as_json:
        click.echo(json.dumps(found.manifest, ensure_ascii=False, indent=2))
        return
    card = found.path / "README.md"
    click.echo(card.read_text(encoding="utf-8") if card.is_file() else f"{found.name}: has no card")


@command.command("verify")
@click.argument("models", nargs=-1)
def verify_command(models: tuple[str, ...]) -> None:
    """Check every file of a model against its hash; all shipped models by default.

    \b
    Example:
      classifier models verify public-affairs
    """
    from classifier.artefact import models_folder, verify
    from classifier.errors import ClassifierError

    folder = models_folder()
    shipped = sorted(str(path) for path in folder.iterdir() if path.is_dir())
    all_sound = True
    for model in models or shipped:
        try:
            found = verify(model)
        except ClassifierError as error:
            click.ClickException(str(error)).show()
            all_sound = False
            continue
        click.echo(f"{found.name} {found.version}: sound ({found.digest[:12]}, {found.path})")
    if not all_sound:
        click.get_current_context().exit(1)


def _as_object(info: "ModelInfo") -> dict[str, Any]:
    return {
        "name": info.name,
        "version": info.version,
        "kind": info.kind,
        "digest": info.digest,
        "size_bytes": info.size_bytes,
        "path": str(info.path),
    }
