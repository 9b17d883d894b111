"""Records until it is killed; every hundred notes it says how many are durable. Run by test_log.py, as a process."""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from gateway.audit.log import AuditLog
from tests.audit.things import NOW, Keys, note


async def main(folder: Path, first: int) -> None:
    log = AuditLog(folder, Keys(), lambda: NOW)
    await log.open()
    for n in count(first, 100):
        log.append(*(note(n + more) for more in range(99)))
        await log.append_durably(note(n + 99))
        sys.stdout.write(f"{n + 100}\n")
        sys.stdout.flush()
        log.append(*(note(n) for _ in range(20)))  # on their way when the end comes


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
