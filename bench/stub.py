"""A carrier that answers every request with the same 201, at as little cost as Python allows."""

from __future__ import annotations

import asyncio
import sys

import httptools
import uvloop

BODY = (
    b'{"account_sid": "AC00000000000000000000000000000000", "api_version": "2010-04-01", "body": "'
    + b"x" * 300
    + b'", "date_created": "Tue, 24 Nov 2026 02:30:00 +0000", "direction": "outbound-api", "error_code": null, '
    b'"from": "+12025550100", "num_media": "0", "num_segments": "1", "price": null, "price_unit": "USD", '
    b'"sid": "SM11111111111111111111111111111111", "status": "queued", "to": "+12025550123"}'
)
ANSWER = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


class Carrier(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.transport.write(ANSWER)  # type: ignore[attr-defined]


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Carrier, "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
