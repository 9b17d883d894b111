"""The yardstick for mails: aiosmtpd as it comes, which throws away what it is given."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

import uvloop
from aiosmtpd.smtp import SMTP


class Sink:
    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 the library's name
        return "250 OK"


async def main(port: int) -> None:
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop, sink = asyncio.get_running_loop(), Sink()
    server = await loop.create_server(lambda: SMTP(sink, hostname="localhost", loop=loop), "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
