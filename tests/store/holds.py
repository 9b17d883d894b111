"""A process to be killed: it puts batch after batch into the outbox, and says of each when the store has it.

python -m tests.store.holds STORE FOLDER
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.store.acknowledges import optouts
from tests.store.people import held_for, number

BATCH = 20


async def main(where: str, folder: Path) -> None:
    house = optouts(where, folder)
    await house.open()
    for first in range(0, sys.maxsize, BATCH):
        batch = [held_for(number(first + place)) for place in range(BATCH)]
        await house.hold(batch)
        sys.stdout.write(" ".join(held.minted for held in batch) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
