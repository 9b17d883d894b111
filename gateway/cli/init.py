"""`smsgate init DIR`: a configuration, keys and policies for a site to own."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from gateway.store.vault import Vault
from gateway.words.errors import GatewayError


class NotEmpty(GatewayError):
    """There is something already; it is never written over."""


def shipped(name: str) -> Traversable:
    """A folder that ships with the program: from the package, or from the checkout that it runs in."""
    packed = files("gateway").joinpath("shipped", name)
    if packed.is_dir():
        return packed
    return files("gateway").joinpath("..", name)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--container", is_flag=True, help="For the image: all interfaces, data on a volume, Redis by $REDIS_URL.")
def init(folder: Path, container: bool) -> None:
    """Write a commented starter configuration, keys, and the policies, for a site to own.

    \b
      smsgate init my-site
      smsgate serve -c my-site/gateway.yaml

    Writes over nothing: a folder that has one of the three already is left as it is.
    """
    config = folder / "gateway.yaml"
    for ours in (config, folder / "policies", folder / "keys.yaml"):
        if ours.exists():
            raise NotEmpty(f"{ours} is there already; nothing was changed. Name another folder, or move it away first")
    folder.mkdir(parents=True, exist_ok=True)
    _copy("policies", folder / "policies")
    starter = "container.yaml" if container else "gateway.yaml"
    config.write_bytes(shipped("config").joinpath(starter).read_bytes())
    Vault.create(folder / "keys.yaml")
    click.echo(f"{folder}/gateway.yaml   the configuration: say which carrier, then `smsgate serve -c {config}`")
    click.echo(f"{folder}/policies/      the rules, yours to read and to add to")
    click.echo(f"{folder}/keys.yaml      the keys: keep a copy apart from the data; without them nothing can be read")


def _copy(name: str, to: Path) -> None:
    with as_file(shipped(name)) as source:
        shutil.copytree(source, to)
