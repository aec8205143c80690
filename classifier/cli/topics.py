"""``classifier topics``: the taxonomy."""

import json

import click


@click.command(short_help="List the topics.")
@click.option("--model", metavar="NAME|PATH", help="The topics of this model.")
@click.option("--taxonomy", metavar="FILE", help="The topics of this taxonomy file.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(model: str | None, taxonomy: str | None, as_json: bool) -> None:
    """List the topics of the default taxonomy, of a model or of a taxonomy file.

    \b
    Example:
      classifier topics
    """
    from classifier.taxonomy import Taxonomy

    if model is not None and taxonomy is not None:
        raise click.UsageError("give --model or --taxonomy, not both")
    if model is not None:
        from classifier.cli.options import load_model

        found = Taxonomy(load_model(model).topics)
    else:
        found = Taxonomy.default() if taxonomy is None else Taxonomy.load(taxonomy)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return
    from classifier.cli.show import console, new_table

    table = new_table("id", "name 名称", "English", "group 类", "about 范围")
    for topic in found:
        table.add_row(topic.id, topic.name, topic.name_en, topic.group, topic.about)
    console().print(table)
