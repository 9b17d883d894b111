"""A process to be killed: it has the gateway say a text of its own, as the lines that come in ask for it.

python -m tests.front.says CONFIG      each line: key, upstream, category, sender, recipient, text, as JSON
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

from gateway.config import Config
from gateway.delivery.upstream import Upstream
from gateway.numbering.read import read_number
from gateway.numbering.senders import sender_of
from gateway.opening import open_store
from gateway.own import Own, Said
from gateway.store.vault import Vault
from gateway.words.program import Category

WITHIN = timedelta(minutes=5)


def asked(config: Config, line: str) -> Said:
    key, name, category, sender, to, text = json.loads(line)
    [route] = [route for route in config.routes if route.name == name]
    upstream = Upstream(route.name, route.dialect, None, credentials=route.credentials)  # type: ignore[arg-type]
    recipient = read_number(to)
    assert recipient
    return Said(key, recipient, sender_of(sender), text, config.programs[0], Category(category), upstream, WITHIN)


async def main(path: Path, at: datetime) -> None:
    config = Config.load(path)
    async with AsyncExitStack() as house:
        own = Own(await open_store(house, config, Vault.load(config.keys), lambda: at), lambda: at)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await own.say(asked(config, line))
            print("said", flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
