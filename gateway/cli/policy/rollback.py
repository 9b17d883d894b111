"""`smsgate policy rollback`: the policies as they were."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.policy.given import Given
from gateway.editions import Editions, put_back
from gateway.policy.parse import PolicyFolder


@click.command()
@click.argument("revision", required=False)
@click.option("-c", "--config", type=click.Path(path_type=Path), default=Path("config/gateway.yaml"), show_default=True)
def rollback(revision: str | None, config: Path) -> None:
    """Put the policies of REVISION back into the policies' folder; a running gateway takes them within two seconds.

    \b
      smsgate policy rollback -c gateway.yaml            the sets that are kept
      smsgate policy rollback 7a91abf0 -c gateway.yaml

    Every decision, answer and line of the record names the revision that made it. The last ten sets are kept.
    """
    site = Given.by(None, config).site("a set of policies")
    editions = Editions(site.data_dir / "policies")
    if revision is None:
        for each in editions.listed():
            click.echo(f"{each.revision}  in force from {each.since:%Y-%m-%d %H:%M:%S} UTC  {each.files} files")
        return
    files = editions.files(revision)
    book = PolicyFolder(site.policies, site.packs).load(files)
    put_back(files, site.policies)
    click.echo(f"{site.policies} holds revision {book.revision} again ({len(files)} files)")
