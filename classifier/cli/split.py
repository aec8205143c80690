"""``classifier split``: a scraped front page to one headline a line."""

from functools import partial

import click

from classifier.cli.options import encoding_option, inputs_or_stdin, quiet_option, say


@click.command(short_help="Cut a scraped line into headlines.")
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@encoding_option
@quiet_option
def command(inputs: tuple[str, ...], encoding: str | None, quiet: bool) -> None:
    """Cut lines that hold a whole front page into its headlines, one a line.

    INPUT is a text file; '-' is standard input. In a scraped page headlines are parted by spaces,
    and many hold spaces themselves; which is which is told by what stands around each. A line with
    one headline stays as it is.

    \b
    Example:
      classifier split front-page.txt | classifier tag -
    """
    from classifier import split_headlines
    from classifier.batch import expand_inputs
    from classifier.errors import counted
    from classifier.tables import open_table

    for source in expand_inputs(inputs_or_stdin(inputs), tell=partial(say, quiet=quiet)):
        n_lines = n_headlines = 0
        with open_table(source, format="text", encoding=encoding) as lines:
            for row in lines:
                headlines = split_headlines(row.text)
                n_lines += 1
                n_headlines += len(headlines)
                click.echo("".join(f"{headline}\n" for headline in headlines), nl=False)
            say(
                f"{lines.name}: {counted(n_lines, 'line')}, {counted(n_headlines, 'headline')}",
                quiet=quiet,
            )
