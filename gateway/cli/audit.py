"""`smsgate audit`: the record of every decision."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.audit.verify import verify as verified
from gateway.cli.ending import NO
from gateway.config import Config


@click.group()
def audit() -> None:
    """The record of every decision and of what became of it."""


@audit.command()
@click.option("-c", "--config", "path", type=click.Path(path_type=Path), default=Path("config/gateway.yaml"))
def verify(path: Path) -> None:
    """Whether the record is whole: each line is chained to the one before.

    Exit status 3 where a line was removed, edited, moved or added; the place is named.
    """
    report = verified(Config.load(path).data_dir / "audit")
    for broken in report.breaks:
        click.echo(str(broken))
    click.echo(f"{report.lines} lines in {report.chains} chains; {len(report.breaks) or 'none'} broken")
    sys.exit(NO if report.breaks else 0)
