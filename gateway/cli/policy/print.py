"""`smsgate policy print`: the rules in force as a document, and who has signed it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import click
from jinja2 import Environment

from gateway.cli.policy.given import CONFIG, Given
from gateway.cli.policy.signed import sign, signatures
from gateway.policy.checks.examined import Examined
from gateway.policy.document import Sheet, sheet
from gateway.policy.signoff import standing
from gateway.policy.source import load_sources


@click.command("print")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["markdown", "html"]), default="markdown", show_default=True)
@click.option(
    "--sign", "by", metavar='"NAME, ROLE"', help="Sign the policies as they are, in signoff.yaml beside them."
)
@CONFIG
def print_(path: Path | None, form: str, by: str | None, config: Path | None) -> None:
    """Print the rules in force as a document for counsel: in plain sentences, with citations and relaxations.

    \b
      smsgate policy print policies > policies.md
      smsgate policy print --format html > policies.html
      smsgate policy print policies --sign "Ann Example, counsel"

    A signature is of the files' contents: after a change, `check` and `print` say that they changed since.
    """
    given = Given.by(path, config)
    sources = load_sources(given.folder, given.config.packs if given.config else ())
    today = datetime.now(UTC).date()
    examined = Examined(sources, sources.book, today)
    if by is not None:
        click.echo(_signed(given.folder, by, today, sources.digest))
        return
    made = sheet(examined, standing(signatures(given.folder), sources.digest))
    click.echo(made.markdown() if form == "markdown" else _html(made))


def _signed(folder: Path, by: str, on: date, digest: str) -> str:
    if not by.strip():
        raise click.UsageError('nobody signs; write --sign "Name, role"')
    return f"{folder}: signed by {sign(folder, by.strip(), on, digest)}"


def _html(made: Sheet) -> str:
    template = files(__package__).joinpath("document.html").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(template).render(sheet=made)
