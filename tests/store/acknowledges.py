"""A process to be killed: it is sending, holds a message, suppresses the number, says so, and waits.

python -m tests.store.acknowledges STORE FOLDER
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gateway.store.base import Store
from gateway.store.journal import Journal
from gateway.store.optouts import OptOuts
from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from tests.store.people import ANN, held_for, opt_out, reservation


def optouts(where: str, folder: Path) -> OptOuts:
    """On Redis at this URL, or in this folder."""
    vault = Vault.load(folder / "keys.yaml")
    store: Store = RedisStore(where, vault) if "://" in where else SqliteStore(folder / "store.db", vault)
    return OptOuts(store, Journal(folder / "journal", vault))


async def main(where: str, folder: Path) -> None:
    house = optouts(where, folder)
    await house.open()
    await house.reserve([reservation(ANN, attempt="open when it was killed")], "dead")
    await house.hold([held_for(ANN, body=b"Reply STOP to end")])
    await house.suppress(ANN, opt_out(detail="STOP"))
    sys.stdout.write("acknowledged\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
