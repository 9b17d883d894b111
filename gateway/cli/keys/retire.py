"""`smsgate keys retire`: a key goes once nothing names it any more."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from gateway.cli.ending import NO
from gateway.cli.keys.needed import needed
from gateway.cli.keys.ring import CONFIG, FILE, file_of
from gateway.config import Config
from gateway.store import keyring
from gateway.store.base import REPEATABLE
from gateway.store.journal import KEEP
from gateway.store.keyring import KeyRing

AFTER = {  # how long after the next key has taken over
    "hashing": (REPEATABLE, "requests that are made again"),
    "sealing": (timedelta(seconds=KEEP), "journals of other hosts"),
}
WAITS = {
    "hashing": "records go under the new key in the background, or when a message to their number comes; what is left "
    "of erased people is found by this key alone: keep it",
    "sealing": "the store's goes under the new key in the background, the journal's after 7 days; the audit's never",
    "signing": "with it the audit is verified: keep it as long as that",
}


@click.command()
@click.argument("id_", metavar="ID")
@FILE
@CONFIG
def retire(id_: str, file: Path | None, path: Path) -> None:
    """Remove a key that writes no more and that nothing names: neither the store, nor the journal, nor the audit.

    \b
      smsgate keys retire s1

    Exit status 3 where something needs it still; it says what. With several hosts, let `smsgate keys show` say of each
    that nothing in its journal and its audit does.
    """
    now = datetime.now(UTC)
    found = file_of(path, file)
    ring = keyring.load(found)
    ring.without(id_, now)  # refused before anything is counted
    use = ring.uses[id_]
    why = [*asyncio.run(needed(Config.load(path))).of(id_), *_too_soon(ring, use, now)]
    if why:
        click.echo(f"{id_} stays: {'; '.join(why)} ({WAITS[use]})")
        sys.exit(NO)
    keyring.rewrite(found, lambda ring: ring.without(id_, now))
    click.echo(f"{id_} is gone from {found}: keep a copy of it as long as there are backups of data from its time")


def _too_soon(ring: KeyRing, use: str, now: datetime) -> list[str]:
    """What names it without saying so, or on another host, is over by then."""
    begins, span = ring.begins.get(ring.current(use, now)), AFTER.get(use)
    if begins is None or span is None or begins + span[0] <= now:
        return []
    return [f"{span[1]} may need it until {begins + span[0]:%Y-%m-%d %H:%M} UTC"]
