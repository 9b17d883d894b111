"""`smsgate keys show`: which keys there are, which count, and what each is still needed for."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.keys.needed import Needed, needed
from gateway.cli.keys.ring import CONFIG, FILE
from gateway.config import Config
from gateway.store.keyring import USES, KeyRing
from gateway.store.vault import Vault


@click.command()
@FILE
@CONFIG
def show(file: Path | None, path: Path) -> None:
    """Each key with its age, whether it is current, and how much still names it. Never a secret.

    \b
      smsgate keys show
      smsgate keys show --file keys.yaml     the file alone

    Of a signing key the public part is shown (Ed25519, base64). What is in the store is counted: that takes a while
    where there is much.
    """
    config = None if file else Config.load(path)
    vault = Vault.load(config.keys if config else file or path)
    found = asyncio.run(needed(config)) if config else None
    for line in told(vault, datetime.now(UTC), found):
        click.echo(line)


def told(vault: Vault, now: datetime, found: Needed | None) -> list[str]:
    """A line for each key; `found`: what names them, where that was counted."""
    lines = []
    for id_, use in vault.ring.uses.items():
        parts = [f"{id_:8} {use:8} {_standing(vault.ring, id_, use, now)}", *_made(vault.ring, id_, now)]
        if found:
            parts.append(", ".join(found.of(id_)) or "nothing names it")
        if use == "signing":
            parts.append(f"public key {b64encode(vault.public_keys[id_].public_bytes_raw()).decode()}")
        lines.append("; ".join(parts))
    lines += [f"{'-':8} {use:8} none: nothing is signed" for use in USES if not vault.ring.current(use, now)]
    return lines


def _standing(ring: KeyRing, id_: str, use: str, now: datetime) -> str:
    begins = ring.begins.get(id_)
    if begins and begins > now:
        return f"takes over at {begins:%Y-%m-%dT%H:%M:%SZ}"
    if id_ != ring.current(use, now):
        return "reads only"
    return f"current since {begins:%Y-%m-%dT%H:%M:%SZ}" if begins else "current"


def _made(ring: KeyRing, id_: str, now: datetime) -> list[str]:
    made = ring.created.get(id_)
    return [f"made {made:%Y-%m-%d} ({(now - made).days} days ago)"] if made else []
