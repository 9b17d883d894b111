"""`smsgate audit`: the record of every decision."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from gateway.audit.files import chains_in, read_head
from gateway.audit.signed import Head
from gateway.audit.verify import verify as verified
from gateway.cli.ending import NO
from gateway.config import Config
from gateway.store.vault import Vault
from gateway.words.errors import GatewayError

CONFIG = click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), default=Path("config/gateway.yaml"), show_default=True
)


class NoHeads(GatewayError):
    """A file is none that `smsgate audit head` has printed."""


@click.group()
def audit() -> None:
    """The record of every decision and of what became of it.

    \b
      smsgate audit verify
      smsgate audit head > head-2026-11-24.txt      to be kept elsewhere, or published
      smsgate audit verify --head head-2026-11-24.txt
    """


@audit.command()
@click.option(
    "--head",
    "noted",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What `smsgate audit head` printed once.",
)
@CONFIG
def verify(path: Path, noted: Path | None) -> None:
    """Whether the record is whole: each line is chained to the one before, and the last one is signed.

    With --head, also whether it is the record that it was then: one that was written anew is found, even where whoever
    did it has the keys. Exit status 3 where a line was removed, edited, moved or added; the place is named.
    """
    config = Config.load(path)
    published = _heads(noted) if noted else {}
    report = verified(config.data_dir / "audit", checker=Vault.load(config.keys), published=published)
    for broken in report.breaks:
        click.echo(str(broken))
    click.echo(f"{report.lines} lines in {report.chains} chains; {len(report.breaks) or 'none'} broken")
    sys.exit(NO if report.breaks else 0)


@audit.command()
@CONFIG
def head(path: Path) -> None:
    """The end of each chain, signed: a line for each. Keep it where nobody who can write the record can write."""
    folder = Config.load(path).data_dir / "audit"
    for chain in chains_in(folder):
        if found := read_head(folder, chain):
            click.echo(f"{chain} {found.written()}", nl=False)


def _heads(path: Path) -> Mapping[str, Head]:
    """Raises NoHeads."""
    heads = {}
    for number, line in enumerate(path.read_text().splitlines(keepends=True), 1):
        chain, _, written = line.partition(" ")
        try:
            heads[chain] = Head.read(written)
        except ValueError:
            raise NoHeads(f"{path}:{number}: this is no line that `smsgate audit head` prints") from None
    return heads
