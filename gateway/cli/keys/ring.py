"""`smsgate keys create` and `rotate`: new keys, in a new file or beside those that are there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from gateway.config import Config
from gateway.store import keyring
from gateway.store.keyring import USES
from gateway.words.errors import GatewayError

LEAD = 300  # seconds: every gateway that sees the file, or asks a vault each minute, knows the new keys by then
LEAST = 5  # seconds, for one host

CONFIG = click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), default=Path("config/gateway.yaml"), show_default=True
)
FILE = click.option(
    "--file",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A keys file, where those of the configuration come from elsewhere (a vault).",
)


class NoFile(GatewayError):
    """The keys of the configuration are in no file."""


def file_of(path: Path, file: Path | None) -> Path:
    """Raises NoFile, BadFile."""
    if file:
        return file
    source = Config.load(path).keys
    if isinstance(source, Path):
        return source
    raise NoFile(f"the keys come from {source}: fetch them into a file, name it with --file, and put it back there")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def create(file: Path) -> None:
    """New keys in FILE, which only its owner may read. What is there is never written over.

    \b
      smsgate keys create my-site/keys.yaml
    """
    keyring.create(file)
    click.echo(f"{file}: keep a copy apart from the data; without them nothing can be read")


@click.command()
@click.option("--use", "uses", type=click.Choice(USES), multiple=True, help="Which; without it, all three.")
@click.option(
    "--in",
    "lead",
    type=click.IntRange(LEAST),
    default=LEAD,
    show_default=True,
    help="Seconds until the new keys take over: as long as the file takes to reach every host, and more.",
)
@FILE
@CONFIG
def rotate(uses: tuple[str, ...], lead: int, file: Path | None, path: Path) -> None:
    """New keys beside the old ones. Gateways that run take them up by themselves; nothing is refused meanwhile.

    \b
      smsgate keys rotate
      smsgate keys rotate --use sealing --in 3600

    A new key is known at once, and takes over later, at an instant that is written beside it: by then every gateway
    can read what it writes. Older keys stay; what they hold goes under the new ones in the background.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    chosen = [use for use in USES if use in (uses or USES)]
    found = file_of(path, file)
    ring = keyring.rewrite(found, lambda ring: ring.rotated(chosen, now, timedelta(seconds=lead)))
    for use in chosen:
        [id_] = ring.coming(use, now)
        click.echo(f"{id_}  {use}: takes over at {ring.begins[id_]:%Y-%m-%dT%H:%M:%SZ}")
    click.echo(f"{found} holds them: bring it to every host before then, and copy it to where its backup is")
