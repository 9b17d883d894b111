"""Redis's protocol: commands as bytes, and what its errors mean for us."""

from __future__ import annotations

import re
from typing import Any, cast

import hiredis

from gateway.words.errors import StoreAway

_IN_SCRIPT = re.compile(r": -([A-Z]+) ")  # what a command in a script was told, before Redis 7

Reply = Any  # bytes, int, None, a list of them, or hiredis.ReplyError


def packed(*parts: str | bytes | int) -> bytes:
    """A command as it goes over the wire."""
    command: bytes = hiredis.pack_command(cast("Any", parts))
    return command


def refused(error: hiredis.ReplyError) -> StoreAway:
    """An error reply as ours. Only its code is told: the rest may quote what was sent."""
    code = found[1] if (found := _IN_SCRIPT.search(str(error))) else str(error).partition(" ")[0]
    return StoreAway(f"Redis refuses ({code}): {_MEANINGS.get(code, 'see its log')}")


_MEANINGS = {
    "NOAUTH": "it wants a password; put it into the store's URL",
    "WRONGPASS": "the user or password in the store's URL is wrong",
    "NOPERM": "its user may not do this; give it +@all on the keys sg:*",
    "READONLY": "it became a replica",
    "LOADING": "it is still loading its data",
    "MISCONF": "it can't write to its disk",
    "OOM": "it is out of memory; raise maxmemory",
    "NOREPLICAS": "too few replicas are connected (min-replicas-to-write)",
    "BUSY": "a script keeps it busy",
    "MASTERDOWN": "its primary is down",
    "WRONGTYPE": "a key sg:* is not ours; give the gateway a database of its own",
}
